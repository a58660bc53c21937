from allauth.account.adapter import DefaultAccountAdapter


class AccountAdapter(DefaultAccountAdapter):
    def is_safe_url(self, url):
        """An address that can't even be parsed is not safe (the library would raise)."""
        try:
            return super().is_safe_url(url)
        except ValueError:
            return False
