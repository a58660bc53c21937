import pytest
from django.apps import apps
from django_scopes import ScopeError, scope

from assessments.models import Assessment
from organizations.models import Organization
from tests.conftest import begin

OURS = ("organizations", "questionnaires", "assessments", "reports")
SHARED = {
    "DailyRun",
    "FormerPassword",
    "QueuedMail",
    "User",
    "Organization",
    "Version",
    "Criterion",
    "ImportedPolicy",
}  # people, tenants, and content without an owner
MODELS = [model for label in OURS for model in apps.get_app_config(label).get_models()]
TENANT_MODELS = [model for model in MODELS if model.__name__ not in SHARED]


@pytest.mark.parametrize("model", TENANT_MODELS, ids=lambda model: model.__name__)
def test_a_query_without_a_scope_raises(model):
    field = model._meta.get_field("organization")
    assert field.related_model is Organization
    assert not field.null
    with pytest.raises(ScopeError):
        model.objects.all()


def test_inside_a_scope_only_that_tenants_rows_are_there(acme, globex, alice, charlie):
    begin(acme, alice, name="of Acme")
    begin(globex, charlie, name="of Globex")

    with scope(organization=globex):
        assert [row.name for row in Assessment.objects.all()] == ["of Globex"]
