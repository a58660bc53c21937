from allauth.socialaccount.adapter import DefaultSocialAccountAdapter


class ProviderAdapter(DefaultSocialAccountAdapter):
    def populate_user(self, request, sociallogin, data):
        """People here have one name, in whatever order it is written."""
        user = super().populate_user(request, sociallogin, data)
        parts = (data.get("last_name"), data.get("first_name"))
        user.name = (data.get("name") or " ".join(filter(None, parts)) or data.get("username") or "")[:80]
        return user
