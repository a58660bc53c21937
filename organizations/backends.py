from allauth.account.auth_backends import AuthenticationBackend

from organizations.models import User
from organizations.queries import with_second_factor_need
from organizations.tenancy import by_person


class AccountBackend(AuthenticationBackend):
    """Loads the signed-in person together with whether they need a second factor: one query per request, not two."""

    def get_user(self, user_id):
        with by_person(user_id):
            user = with_second_factor_need(User.objects.filter(pk=user_id)).first()
        return user if user and self.user_can_authenticate(user) else None
