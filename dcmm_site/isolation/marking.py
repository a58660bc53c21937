"""Whether every text of a world holds its word: what holds none could leak unseen."""

from collections.abc import Iterator

from django.apps import apps
from django.db import models
from django_scopes import scope

from dcmm_site.isolation.world import World
from organizations.models import Organization

OURS = ("organizations", "questionnaires", "assessments", "reports")
TEXTS = (models.CharField, models.TextField, models.JSONField, models.FileField)
CODED = {  # words of the program: codes, hashes and keys that no person writes
    "address", "after", "before", "came_from", "exact", "hash", "item_code", "kind", "language", "layer", "media_type",
    "method", "na_reason", "part", "previous", "quarter", "rates", "rating", "reason", "relation", "rule", "sha256", "targets",
    "token_sha256", "verb",
}  # fmt: skip
OF_ONE = {  # the same of single models; lists of primary keys
    ("Verdict", "evidence"), ("ReturnPoint", "evidence"), ("TrailHead", "fault"), ("TrailHead", "first_previous"),
    ("InterviewSheet", "lead"), ("Report", "engagements"), ("Report", "assessments"), ("Report", "items"),
    ("Report", "formats"), ("Report", "hashes"), ("ReportBatch", "members"),
    ("ReportBatch", "left_out"), ("Branding", "logo"), ("Branding", "accent"),
}  # fmt: skip
NUMBERED = {"ActivityEntry"}  # most rows are written by the program, about numbers; one holds the word


def tenant_models() -> list[type[models.Model]]:
    return [model for model in our_models() if belongs_to_a_tenant(model)]


def our_models() -> list[type[models.Model]]:
    return [model for label in OURS for model in apps.get_app_config(label).get_models()]


def belongs_to_a_tenant(model: type[models.Model]) -> bool:
    return any(field.name == "organization" and field.related_model is Organization for field in model._meta.fields)


def unmarked(world: World) -> list[str]:
    """What of the world holds no word: models without a row, fields without a text, and texts without the word."""
    with scope(organization=list(world.tenants)):
        return [lack for model in tenant_models() for lack in _unmarked_in(model, world)]


def _unmarked_in(model: type[models.Model], world: World) -> Iterator[str]:
    name = model.__name__
    rows = list(model._base_manager.filter(organization__in=world.tenants))
    if not rows:
        yield f"{name} has no row"
    for field in marked_fields(model):
        texts = [text for row in rows if (text := _text_of(row, field))]
        lacking = [text for text in texts if world.marks.name not in text.casefold()]
        if rows and len(texts) == len(lacking):
            yield f"{name}.{field.name} holds the word in no row"
        elif lacking and name not in NUMBERED:
            yield f"{name}.{field.name} says {lacking[0][:60]!r}"


def marked_fields(model: type[models.Model]) -> list[models.Field]:
    """The fields that hold what a person wrote."""
    fields = [field for field in model._meta.fields if isinstance(field, TEXTS) and not field.choices]
    return [field for field in fields if field.name not in CODED and (model.__name__, field.name) not in OF_ONE]


def _text_of(row: models.Model, field: models.Field) -> str:
    value = field.value_from_object(row)
    if not value:
        return ""
    if isinstance(field, models.FileField):
        with value.open("rb") as file:
            content = file.read().decode(errors="replace")
        return f"{value.name} {content}"
    return str(value)
