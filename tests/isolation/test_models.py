import pytest
from django_scopes import ScopeError, scope

from assessments.models import Assessment
from dcmm_site.isolation.marking import our_models, tenant_models, unmarked
from organizations.models import Organization
from tests.conftest import begin

SHARED = {
    "DailyRun",
    "FormerPassword",
    "QueuedMail",
    "User",
    "Organization",
    "Version",
    "Criterion",
    "ImportedPolicy",
    "BenchmarkGroup",
    "RenderJob",
    "IssuedFile",
}  # people, tenants, content without an owner, figures without a name, a queue of numbers, and hashes


def test_every_model_belongs_to_a_tenant_or_is_known_to_be_shared():
    assert {model.__name__ for model in our_models() if model not in tenant_models()} == SHARED


@pytest.mark.parametrize("model", tenant_models(), ids=lambda model: model.__name__)
def test_a_query_without_a_scope_raises(model):
    field = model._meta.get_field("organization")
    assert field.related_model is Organization
    assert not field.null
    with pytest.raises(ScopeError):
        model.objects.all()


def test_every_text_of_a_world_holds_its_word(world):
    assert unmarked(world) == []


def test_inside_a_scope_only_that_tenants_rows_are_there(acme, globex, alice, charlie):
    begin(acme, alice, name="of Acme")
    begin(globex, charlie, name="of Globex")

    with scope(organization=globex):
        assert [row.name for row in Assessment.objects.all()] == ["of Globex"]
