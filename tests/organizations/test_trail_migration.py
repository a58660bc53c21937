"""The rows that were there before the chain become its beginning."""

from importlib import import_module
from pkgutil import iter_modules

import pytest
from django.apps import apps
from django.db import connection

from organizations import migrations
from organizations.models import ActivityEntry, TrailHead
from organizations.operations.trail import record_activity
from organizations.verifying import verify
from tests.conftest import NOON, everywhere

TABLE = "organizations_activityentry"


class Old:
    """The models as a migration sees them: with managers that hide nothing and refuse nothing."""

    def get_model(self, room, name):
        model = apps.get_model(room, name)
        if name == "Organization":
            return model
        return type(name, (), {"objects": model._base_manager})


@pytest.fixture
def chain():
    name = next(module.name for module in iter_modules(migrations.__path__) if module.name.endswith("_chain_the_trail"))
    return import_module(f"{migrations.__name__}.{name}").chain


def test_what_was_there_is_chained_in_its_order_for_each_organization(acme, globex, alice, chain):
    with everywhere(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE {TABLE} SET number = NULL, previous = '', hash = ''")
        cursor.execute(f"DELETE FROM {TrailHead._meta.db_table}")
        before = list(ActivityEntry.objects.order_by("pk").values_list("pk", "verb"))

        chain(Old(), None)
        chain(Old(), None)  # once more changes nothing

        assert list(ActivityEntry.objects.order_by("pk").values_list("pk", "verb")) == before
        for organization in (acme, globex):
            assert verify(organization).fault == ""
            record_activity("answer.saved", organization=organization, by=alice, at=NOON)
            assert verify(organization).fault == ""
        rows = ActivityEntry.objects.filter(organization=acme).order_by("pk")
        assert [row.number for row in rows] == [1, 2, 3, 4]
