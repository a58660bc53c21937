import pytest
from django.db import transaction
from django.test import override_settings

from dcmm_site.isolation.world import build_world


@pytest.fixture(scope="module")
def furnished(django_db_setup, django_db_blocker, tmp_path_factory):
    """A world, made once for all tests of a module."""
    with (
        django_db_blocker.unblock(),
        override_settings(MEDIA_ROOT=tmp_path_factory.mktemp("media")),
        transaction.atomic(),
    ):
        yield build_world("zqacme2026")
        transaction.set_rollback(True)


@pytest.fixture
def world(furnished, db):
    """The world; whatever a test does to it is taken back."""
    return furnished
