"""Looking across tenants, in the few named ways there are.

Code runs inside ``scope(organization=...)``: one tenant, or a list of them that somebody was found to have a right to. What has
to look before the tenant is known says by which right, here. On PostgreSQL the database is told the same and shows no other
rows (docs/adr/0007-row-level-security.md); ``scopes_disabled`` alone opens nothing there.

A new right is a key of the scope here, its value in ``settings_of``, and a policy in ``row_security``.
"""

from contextlib import contextmanager

from django_scopes import scope

SETTINGS = ("dcmm.organizations", "dcmm.person", "dcmm.invitation")  # what the database's policies read


@contextmanager
def by_person(user_id: int):
    """Rows about this person in whatever tenant: their memberships, teams and the engagements of these."""
    with scope(_enabled=False, person=user_id):
        yield


@contextmanager
def by_invitation(token_sha256: str):
    """The one invitation whose link has this hash, in whatever tenant."""
    with scope(_enabled=False, invitation=token_sha256):
        yield


@contextmanager
def by_own_side(organization):
    """What this consultancy or sponsor has at others: its engagements, its teams, and what these did in the trail."""
    with scope(_enabled=False, organization=organization):
        yield


def settings_of(state: dict) -> tuple[str, ...]:
    """What the database has to know of a scope (``django_scopes.get_scope()``): values of ``SETTINGS``, empty for no right.

    It goes by what is in the scope alone: where scoping is switched off, the tenants of the scope around it remain.
    """
    return (
        ",".join(str(_number(tenant)) for tenant in _listed(state.get("organization"))),
        str(_number(state["person"])) if state.get("person") else "",
        str(state.get("invitation") or ""),
    )


def _listed(value) -> list:
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple | set | frozenset) else [value]


def _number(value) -> int:
    """The primary key of a row, or the key itself; 0, which no row has, for a row that is not saved yet."""
    return int(getattr(value, "pk", value) or 0)
