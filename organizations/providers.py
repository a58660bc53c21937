from allauth.socialaccount.adapter import DefaultSocialAccountAdapter

from organizations.text import FORBIDDEN


class ProviderAdapter(DefaultSocialAccountAdapter):
    def populate_user(self, request, sociallogin, data):
        """People here have one name, in whatever order it is written."""
        user = super().populate_user(request, sociallogin, data)
        parts = (data.get("last_name"), data.get("first_name"))
        name = data.get("name") or " ".join(filter(None, parts)) or data.get("username") or ""
        user.name = " ".join(FORBIDDEN.sub(" ", str(name)).split())[:80]
        return user
