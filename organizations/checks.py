"""What the roles of PostgreSQL must be for row-level security to hold."""

from django.conf import settings
from django.core.checks import Error, Tags, Warning, register
from django.db import connections

from organizations.row_security import tenant_models

ROLE = "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = coalesce(nullif(%s, ''), current_user)"
OWNED = """
SELECT count(*) FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = current_schema()::regnamespace
    AND pg_has_role(coalesce(nullif(%s, ''), current_user), relowner, 'USAGE')
"""
OPEN = """
SELECT relname::text FROM pg_class WHERE relname = ANY(%s) AND relnamespace = current_schema()::regnamespace
    AND NOT (relrowsecurity AND relforcerowsecurity) ORDER BY relname
"""


@register(Tags.database)
def check_row_security(app_configs, databases=None, **kwargs):
    """The role that serves is bound by the policies, owns nothing in production, and every tenant's table has them."""
    found = []
    for alias in databases or ():
        if connections[alias].vendor == "postgresql":
            with connections[alias].cursor() as cursor:
                found += _faults(cursor)
    return found


def _faults(cursor) -> list:
    role, found = settings.DATABASE_APP_ROLE, []
    if _value(cursor, ROLE, [role]):
        found.append(
            Warning(
                "The role that serves the site is a superuser or has BYPASSRLS: row-level security does not bind it.",
                hint="Make a role of its own for DATABASE_URL, see docs/deployment.md.",
                id="organizations.W002",
            )
        )
    if settings.PRODUCTION and _value(cursor, OWNED, [role]):
        found.append(
            Warning(
                "The role that serves the site owns its tables: it could change them and the trail.",
                hint="Let DATABASE_OWNER_URL name the owner and DATABASE_URL another role, see docs/deployment.md.",
                id="organizations.W001",
            )
        )
    cursor.execute(OPEN, [[model._meta.db_table for model in tenant_models()]])
    tables = [name for (name,) in cursor.fetchall()]
    if tables:
        found.append(
            Error(
                f"Row-level security is not forced on: {', '.join(tables)}.",
                hint="Run manage.py prepare as the owner of the tables.",
                id="organizations.E001",
            )
        )
    return found


def _value(cursor, sql: str, parameters: list):
    cursor.execute(sql, parameters)
    (value,) = cursor.fetchone()
    return value
