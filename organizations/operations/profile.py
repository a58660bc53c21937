from datetime import datetime

from django.db import transaction

from organizations.models import User


@transaction.atomic
def change_profile(*, user: User, name: str, language: str, time_zone: str, wants_digest: bool, by: User, at: datetime) -> User:
    """What a person says about themself. It belongs to no organization, so no trail has a line about it."""
    user.name, user.language, user.time_zone, user.wants_digest = name, language, time_zone, wants_digest
    user.save(update_fields=["name", "language", "time_zone", "wants_digest"])
    return user


@transaction.atomic
def choose_language(*, user: User, language: str, by: User, at: datetime) -> None:
    User.objects.filter(pk=user.pk).update(language=language)
