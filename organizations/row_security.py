"""Row-level security on PostgreSQL: the policies, keys and grants, made from the models after every migration.

Each table of a tenant model shows and takes rows of the tenants that the connection was told (``tenancy.settings_of``) and no
others, whoever asks: the security is forced, so it binds the owner of the tables too. Some rows can be read by another right
as well (``READS``); none can be written by one. A foreign key between two tenant models is accompanied by one that holds the
organization too, so that no row refers to another tenant's.

Everything that is made here begins with ``dcmm_`` and ends with a fingerprint of its definition: what is there stays, what
has another definition is replaced.
"""

import hashlib
from dataclasses import dataclass

from django.apps import apps
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import ForeignKey, Model

TENANTS = "(SELECT unnest(string_to_array(current_setting('dcmm.organizations', true), ',')::bigint[]))"
PERSON = "(SELECT nullif(current_setting('dcmm.person', true), '')::bigint)"
INVITATION = "(SELECT nullif(current_setting('dcmm.invitation', true), ''))"
ON_TEAM = f"SELECT engagement_id FROM organizations_teammember WHERE user_id = {PERSON}"
READS = {  # model -> further rows that can be read
    "organizations.Membership": [f"user_id = {PERSON}"],
    "organizations.TeamMember": [f"user_id = {PERSON}", f"consultancy_id IN {TENANTS}"],
    "organizations.Engagement": [f"id IN ({ON_TEAM})", f"consultancy_id IN {TENANTS}"],
    "organizations.Invitation": [f"token_sha256 = {INVITATION}"],
    "organizations.ActivityEntry": [f"acting_for_id IN {TENANTS}"],  # what a firm's own team did
}
SAME = {"organizations.TeamMember": [("engagement", "consultancy")]}  # model -> foreign key, column that both rows must share
APPENDED_ONLY = ("organizations.ActivityEntry",)  # the application's role can neither change nor delete these rows
READ_ONLY = ("questionnaires.Version", "questionnaires.Criterion")  # written by the owner when content is loaded


class CrossTenantReference(Exception):
    """Rows that are there already refer to rows of another tenant."""


@dataclass(frozen=True)
class Made:
    """Something that a table has: its name holds a fingerprint of how it is made."""

    table: str
    name: str
    sql: str
    target: str = ""  # of a foreign key


@dataclass(frozen=True)
class Table:
    is_forced: bool  # row-level security is on, for the owner too
    columns: frozenset[str]


def tenant_models() -> list[type[Model]]:
    """Every model whose rows belong to an organization."""
    return [model for model in apps.get_models(include_auto_created=True) if is_of_tenant(model)]


def is_of_tenant(model: type[Model]) -> bool:
    fields = {field.name: field for field in model._meta.local_fields}
    field = fields.get("organization")
    return isinstance(field, ForeignKey) and field.related_model is apps.get_model("organizations.Organization")


def policies_of(model: type[Model]) -> list[Made]:
    table, own = model._meta.db_table, f"organization_id IN {TENANTS}"
    made = [_made(table, "dcmm_own", "POLICY {name} ON {table} FOR ALL USING ({own}) WITH CHECK ({own})", own=own)]
    for number, condition in enumerate(READS.get(model._meta.label, ()), start=1):
        name = f"dcmm_read{number}"
        made.append(_made(table, name, "POLICY {name} ON {table} FOR SELECT USING ({condition})", condition=condition))
    return made


def keys_of(models: list[type[Model]]) -> list[Made]:
    """For each foreign key between two tenant models: a unique key on its target, and a foreign key that uses it."""
    targets, references = {}, []
    for model in models:
        columns = [(field, "organization_id") for field in model._meta.local_fields if _leads_to_tenant(field)]
        same = SAME.get(model._meta.label, ())
        columns += [(model._meta.get_field(name), model._meta.get_field(shared).column) for name, shared in same]
        for field, shared in columns:
            if field.related_model not in models:
                continue
            target = field.related_model._meta
            form = "CONSTRAINT {name} UNIQUE ({shared}, {key})"
            unique = _made(target.db_table, f"dcmm_unique_{shared}", form, shared=shared, key=target.pk.column)
            targets[unique.table, unique.name] = unique
            form = (
                "CONSTRAINT {name} FOREIGN KEY ({shared}, {column}) REFERENCES {target} ({shared}, {key})"
                " DEFERRABLE INITIALLY DEFERRED"
            )
            parts = {"shared": shared, "column": field.column, "target": target.db_table, "key": target.pk.column}
            references.append(_made(model._meta.db_table, f"dcmm_same_{field.column}", form, **parts))
    return [*targets.values(), *references]


def _leads_to_tenant(field) -> bool:
    return isinstance(field, ForeignKey) and field.name != "organization" and is_of_tenant(field.related_model)


def _made(table: str, name: str, form: str, **parts: str) -> Made:
    definition = f"{table} {form.format(name='', table=table, **parts)}"
    fingerprint = hashlib.sha256(definition.encode()).hexdigest()[:8]
    name = f"{name[:50]}_{fingerprint}"
    return Made(table, name, form.format(name=name, table=table, **parts), parts.get("target", ""))


def secure(connection) -> list[str]:
    """Make what is missing, drop what is no longer wanted; returns the statements. For the owner of the tables alone."""
    if connection.vendor != "postgresql":
        return []
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        there = _tables(cursor)
        models = [model for model in tenant_models() if _is_ready(model, there)]
        if not models:
            return []
        statements = [*_constraints(cursor, models, there), *_policies(cursor, models), *_enabling(models, there)]
        for statement in statements:
            _run(cursor, statement)
        statements += grant(cursor, settings.DATABASE_APP_ROLE, sorted(there))
    return statements


def loosen(connection) -> list[str]:
    """While migrations run, the owner of the tables is not bound: they change all rows. ``secure`` binds it again."""
    if connection.vendor != "postgresql":
        return []
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        tables = sorted(name for name, table in _tables(cursor).items() if table.is_forced)
        statements = [f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY" for table in tables]
        for statement in statements:
            cursor.execute(statement)
    return statements


def _tables(cursor) -> dict[str, "Table"]:
    """The tables that the current role owns."""
    cursor.execute(
        "SELECT relname, relrowsecurity AND relforcerowsecurity, array_agg(attname::text) FROM pg_class"
        " JOIN pg_attribute ON attrelid = pg_class.oid AND attnum > 0 AND NOT attisdropped"
        " WHERE relkind IN ('r', 'p') AND relnamespace = current_schema()::regnamespace"
        " AND pg_has_role(relowner, 'USAGE') GROUP BY relname, relrowsecurity, relforcerowsecurity"
    )
    return {name: Table(forced, frozenset(columns)) for name, forced, columns in cursor.fetchall()}


def _is_ready(model, there) -> bool:
    """The table is there as the model describes it; it isn't in the middle of migrations that were asked for one by one."""
    table = there.get(model._meta.db_table)
    return table is not None and table.columns >= {field.column for field in model._meta.local_concrete_fields}


def _enabling(models, there) -> list[str]:
    wanted = [model._meta.db_table for model in models if not there[model._meta.db_table].is_forced]
    return [f"ALTER TABLE {table} {what} ROW LEVEL SECURITY" for table in wanted for what in ("ENABLE", "FORCE")]


def _policies(cursor, models) -> list[str]:
    cursor.execute("SELECT tablename, policyname FROM pg_policies WHERE schemaname = current_schema()")
    there = set(cursor.fetchall())
    wanted = {(made.table, made.name): made for model in models for made in policies_of(model)}
    tables = {table for table, _name in wanted}
    stale = sorted((table, name) for table, name in there - set(wanted) if table in tables)
    fresh = [f"CREATE {made.sql}" for key, made in wanted.items() if key not in there]
    return [f"DROP POLICY {name} ON {table}" for table, name in stale] + fresh


def _constraints(cursor, models, there) -> list[str]:
    cursor.execute(
        "SELECT relname::text, conname::text FROM pg_constraint JOIN pg_class ON pg_class.oid = conrelid"
        " WHERE connamespace = current_schema()::regnamespace AND conname LIKE %s ORDER BY contype",
        [r"dcmm\_%"],
    )  # foreign keys before the unique keys that they lean on
    made = cursor.fetchall()
    wanted = {(made.table, made.name): made for made in keys_of(models)}
    stale = [f"ALTER TABLE {table} DROP CONSTRAINT {name}" for table, name in made if (table, name) not in wanted]
    fresh = [wanted[key] for key in wanted if key not in made]
    adding = [f"ALTER TABLE {made.table} ADD {made.sql}" for made in fresh]
    # PostgreSQL compares the rows that are there as the owner: forced, it would see none and find nothing amiss
    tables = {table for made in fresh if made.target for table in (made.table, made.target)}
    hidden = sorted(table for table in tables if there[table].is_forced)
    loosen, tighten = ([f"ALTER TABLE {table} {what} ROW LEVEL SECURITY" for table in hidden] for what in ("NO FORCE", "FORCE"))
    return [*stale, *loosen, *adding, *tighten]


def _run(cursor, statement: str):
    try:
        cursor.execute(statement)
    except IntegrityError as error:
        raise CrossTenantReference(
            f"Rows refer to rows of another organization, so row-level security can't be completed. Correct or remove them,"
            f" then migrate again.\n{statement}\n{error}"
        ) from error


def grant(cursor, role: str, tables: list[str]) -> list[str]:
    """What the application's role may do with the owner's tables, where there are two roles."""
    cursor.execute("SELECT current_user, quote_ident(current_schema())")
    owner, schema = cursor.fetchone()
    if not role or role == owner:
        return []
    appended, read = _there(APPENDED_ONLY, tables), _there(READ_ONLY, tables)
    read += [table for table in ("django_migrations",) if table in tables]
    to = '"{}"'.format(role.replace('"', '""'))
    writes = "SELECT, INSERT, UPDATE, DELETE"
    statements = [
        f"GRANT USAGE ON SCHEMA {schema} TO {to}",
        f"GRANT {writes} ON {', '.join(tables)} TO {to}",
        f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {to}",
        f"ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT {writes} ON TABLES TO {to}",
        f"ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT USAGE, SELECT ON SEQUENCES TO {to}",
    ]
    statements += [f"REVOKE UPDATE, DELETE ON {table} FROM {to}" for table in appended]
    statements += [f"REVOKE INSERT, UPDATE, DELETE ON {table} FROM {to}" for table in read]
    for statement in statements:
        cursor.execute(statement)
    return statements


def _there(labels, tables: list[str]) -> list[str]:
    names = [apps.get_model(label)._meta.db_table for label in labels]
    return [name for name in names if name in tables]
