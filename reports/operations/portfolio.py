from datetime import datetime

from django.db import transaction

from organizations.acting import circumstances
from organizations.models import Organization, User
from organizations.models.trail import Result
from organizations.operations.trail import Noted, append, record_activity
from reports.models import ClientTag, SavedView

MOST_TAGS = 12  # of one client
MOST_VIEWS = 40  # of one person


class TooMany(Exception):
    """There are as many as anybody needs; remove one first."""


@transaction.atomic
def save_view(*, organization: Organization, name: str, query: str, is_default: bool, by: User, at: datetime) -> SavedView:
    """Keep a way of looking at the portfolio, for this person; one of the same name is replaced. Raises TooMany."""
    _hold(by)
    rows = SavedView.objects.filter(organization=organization, user=by, deleted_at__isnull=True)
    if rows.exclude(name=name).count() >= MOST_VIEWS:
        raise TooMany
    if is_default:
        rows.update(is_default=False)
    values = {"query": query, "is_default": is_default}
    view, _new = rows.update_or_create(
        name=name, defaults=values, create_defaults={**values, "organization": organization, "user": by}
    )
    record_activity("view.saved", organization=organization, about=f"view {view.pk}", by=by, at=at)
    return view


@transaction.atomic
def set_default_view(*, view: SavedView, is_default: bool, by: User, at: datetime):
    """The portfolio opens with this view; with none, as it comes."""
    _hold(by)
    SavedView.objects.filter(organization=view.organization, user=by, deleted_at__isnull=True).update(is_default=False)
    if is_default:
        SavedView.objects.filter(pk=view.pk, user=by, deleted_at__isnull=True).update(is_default=True)
    record_activity("view.chosen", organization=view.organization, about=f"view {view.pk}", by=by, at=at)


@transaction.atomic
def delete_view(*, view: SavedView, by: User, at: datetime):
    """``restore_view`` brings it back."""
    SavedView.objects.filter(pk=view.pk, user=by).update(deleted_at=at, is_default=False)
    record_activity("view.deleted", organization=view.organization, about=f"view {view.pk}", by=by, at=at)


@transaction.atomic
def restore_view(*, view: SavedView, by: User, at: datetime):
    """Bring a deleted view back, in place of another that has its name by now."""
    _hold(by)
    rows = SavedView.objects.filter(organization=view.organization, user=by, name=view.name)
    rows.filter(deleted_at__isnull=True).exclude(pk=view.pk).update(deleted_at=at, is_default=False)
    rows.filter(pk=view.pk).update(deleted_at=None)
    record_activity("view.restored", organization=view.organization, about=f"view {view.pk}", by=by, at=at)


@transaction.atomic
def set_tags(*, organization: Organization, client_id: int, names: list[str], by: User, at: datetime):
    """File a client under these words and no others. Raises TooMany."""
    if len(names) > MOST_TAGS:
        raise TooMany
    Organization.objects.select_for_update(of=("self",)).get(pk=organization.pk)  # one at a time
    rows = ClientTag.objects.filter(organization=organization, client=client_id)
    there = set(rows.values_list("name", flat=True))
    rows.exclude(name__in=names).delete()
    ClientTag.objects.bulk_create(
        ClientTag(organization=organization, client_id=client_id, name=name) for name in names if name not in there
    )
    record_activity("client.tagged", organization=organization, about=f"organization {client_id}", by=by, at=at)


@transaction.atomic
def record_export(*, organization: Organization, clients: list[int], form: str, by: User, at: datetime):
    """Say in the trail who took a portfolio along: in the firm's own, and in that of every enterprise on it."""
    here = circumstances()
    shared = {
        "verb": "portfolio.exported",
        "by": by.pk,
        "at": at,
        "address": here.address if here else "",
        "result": Result.DONE,
    }
    own = Noted(organization=organization.pk, about=f"{form} {len(clients)} clients", acting_for=None, **shared)
    about = f"{form} organization {organization.pk}"
    append([own, *(Noted(organization=pk, about=about, acting_for=organization.pk, **shared) for pk in clients)])


def _hold(person: User):
    User.objects.select_for_update().get(pk=person.pk)
