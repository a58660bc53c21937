"""Row-level security on PostgreSQL, with the scoping of the program switched off: what the database itself shows and takes.

Two enterprises with a row of everything. The statements run as the application's role where there are two (in CI there are),
else as the owner, whom the security binds too.
"""

import os
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from django.apps import apps
from django.conf import settings
from django.core.checks import Tags, run_checks
from django.db import ProgrammingError, connection, connections, transaction
from django.db.models import ForeignKey, ManyToManyField
from django_scopes import scope, scopes_disabled

from assessments.models import Answer
from dcmm_site.isolation.world import World, build_world
from organizations.models import ActivityEntry, Engagement, Invitation, Membership, Organization, Role, TeamMember, TeamRole
from organizations.row_security import (
    APPENDED_ONLY,
    SAME,
    CrossTenantReference,
    is_of_tenant,
    keys_of,
    loosen,
    policies_of,
    secure,
    tenant_models,
)
from organizations.tenancy import SETTINGS, by_invitation, by_own_side, by_person

pytestmark = pytest.mark.skipif(connection.vendor != "postgresql", reason="row-level security is PostgreSQL's")
MODELS = tenant_models()
REFERENCES = [
    (model, field) for model in MODELS for field in model._meta.local_fields
    if isinstance(field, ForeignKey) and field.name != "organization" and is_of_tenant(field.related_model)
]  # fmt: skip
OTHER_CONSTRAINTS = """
SELECT conrelid::regclass::text, conname::text FROM pg_constraint
WHERE conrelid::regclass::text = ANY(%s) AND contype IN ('c', 'u') AND conname NOT LIKE 'dcmm%%'
"""
OTHER_INDEXES = """
SELECT indexrelid::regclass::text FROM pg_index LEFT JOIN pg_constraint ON conindid = indexrelid
WHERE indrelid::regclass::text = ANY(%s) AND indisunique AND pg_constraint.oid IS NULL
"""
REFUSED, BROKEN = "42501", "23503"  # insufficient privilege (a policy, too); foreign key violation


@dataclass(frozen=True)
class Two:
    ours: World
    theirs: World

    @property
    def us(self) -> Organization:
        return self.ours.organization

    @property
    def them(self) -> Organization:
        return self.theirs.organization


@pytest.fixture
def two(db):
    made = Two(build_world("rowsecure1"), build_world("otherside2"))
    run("SET CONSTRAINTS ALL IMMEDIATE")
    return made


@pytest.fixture
def worlds(two):
    """Both worlds, and then the application's role."""
    with transaction.atomic():
        if settings.DATABASE_APP_ROLE:
            run(f'SET LOCAL ROLE "{settings.DATABASE_APP_ROLE}"')
        yield two
        transaction.set_rollback(True)


@pytest.fixture
def app_role():
    if not settings.DATABASE_APP_ROLE:
        assert os.environ.get("CI") != "true", "CI must run these tests with two roles"
        pytest.skip("DATABASE_OWNER_URL names no owner: there is one role")
    return settings.DATABASE_APP_ROLE


def run(sql: str, *parameters):
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall() if cursor.description else cursor.rowcount


def tenants_of(world: World) -> list[Organization]:
    return list(world.tenants)


def count(model, where: str = "true", *parameters) -> int:
    return run(f"SELECT count(*) FROM {model._meta.db_table} WHERE {where}", *parameters)[0][0]


@contextmanager
def refused(code: str):
    with pytest.raises(Exception) as caught, transaction.atomic():  # noqa: PT011, PT012 the code is compared below
        yield
        run("SET CONSTRAINTS ALL IMMEDIATE")
    assert getattr(caught.value.__cause__, "sqlstate", None) == code, caught.value


# every model


def test_another_tenants_rows_are_not_read(worlds, subtests):
    for model in MODELS:
        with subtests.test(model.__name__):
            with scope(organization=tenants_of(worlds.theirs)):
                assert count(model) > 0, "the world has no row of this model"
            with scope(organization=tenants_of(worlds.ours)), scopes_disabled():
                ours = [tenant.pk for tenant in tenants_of(worlds.ours)]
                assert count(model) > 0
                assert count(model, "organization_id <> ALL(%s)", ours) == 0
                assert {row.organization_id for row in model.objects.all()} <= set(ours)
                assert not model._base_manager.filter(organization=worlds.them).exists()


def test_another_tenants_rows_are_not_written(worlds, subtests):
    for model in MODELS:
        with subtests.test(model.__name__), scope(organization=tenants_of(worlds.ours)), scopes_disabled():
            table, theirs = model._meta.db_table, worlds.them.pk
            if model._meta.label not in APPENDED_ONLY or not settings.DATABASE_APP_ROLE:
                ours = [tenant.pk for tenant in tenants_of(worlds.ours)]
                assert run(f"UPDATE {table} SET organization_id = organization_id WHERE organization_id <> ALL(%s)", ours) == 0
                assert run(f"DELETE FROM {table} WHERE organization_id <> ALL(%s)", ours) == 0
                with refused(REFUSED):
                    run(f"UPDATE {table} SET organization_id = %s", theirs)
            columns = [f'"{field.column}"' for field in model._meta.local_concrete_fields if not field.primary_key]
            values = ", ".join("%s" if column == '"organization_id"' else column for column in columns)
            with refused(REFUSED):
                run(f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} FROM {table} LIMIT 1", theirs)


def test_without_a_tenant_there_is_nothing(worlds, subtests):
    for model in MODELS:
        with subtests.test(model.__name__):
            with scopes_disabled():
                assert count(model) == 0
                assert not model.objects.exists()
            assert count(model) == 0
            with scope(organization=[]):
                assert count(model) == 0


def test_no_row_refers_to_another_tenants(two, subtests):
    """Whatever else such a row would break is taken away first."""
    for table, name in run(OTHER_CONSTRAINTS, list({model._meta.db_table for model in MODELS})):
        run(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    for (name,) in run(OTHER_INDEXES, list({model._meta.db_table for model in MODELS})):
        run(f"DROP INDEX {name}")
    both = [*tenants_of(two.ours), *tenants_of(two.theirs)]
    for model, field in REFERENCES:
        change = (
            f"UPDATE {model._meta.db_table} SET {field.column} = (SELECT min(id) FROM {field.related_model._meta.db_table} WHERE organization_id = ANY(%s))"
            f" WHERE id = (SELECT min(id) FROM {model._meta.db_table} WHERE organization_id = ANY(%s))"
        )
        ours, theirs = ([tenant.pk for tenant in tenants_of(world)] for world in (two.ours, two.theirs))
        with subtests.test(f"{model.__name__}.{field.name}"), scope(organization=both), refused(BROKEN):
            assert run(change, theirs, ours) == 1


def test_a_place_on_a_team_is_of_the_consultancy_of_its_engagement(worlds):
    assert set(SAME) == {"organizations.TeamMember"}
    with scope(organization=worlds.us), refused(BROKEN):
        TeamMember.objects.update(consultancy=worlds.ours.cast.client)


# the structure


def test_every_table_that_belongs_to_an_organization_has_its_policies(two):
    """A new tenant model without them fails here."""
    named = {model._meta.db_table for model in MODELS}
    found = run("SELECT relname::text FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid"
                " WHERE attname = 'organization_id' AND relkind = 'r' AND relnamespace = current_schema()::regnamespace")  # fmt: skip
    assert {name for (name,) in found} == named
    forced = run("SELECT relname::text FROM pg_class WHERE relrowsecurity AND relforcerowsecurity")
    assert {name for (name,) in forced} == named
    policies = set(run("SELECT tablename::text, policyname::text FROM pg_policies"))
    assert policies == {(made.table, made.name) for model in MODELS for made in policies_of(model)}
    keys = run("SELECT conrelid::regclass::text, conname::text FROM pg_constraint WHERE conname LIKE %s", r"dcmm\_%")
    assert set(keys) == {(made.table, made.name) for made in keys_of(MODELS)}


def test_no_tenant_model_has_a_table_of_pairs_without_an_organization():
    pairs = [
        f"{model.__name__}.{field.name}" for model in MODELS for field in model._meta.local_many_to_many
        if isinstance(field, ManyToManyField) and not is_of_tenant(field.remote_field.through)
    ]  # fmt: skip
    assert pairs == []
    assert len(MODELS) > 20
    assert apps.get_model("assessments.Answer") in MODELS


def test_what_is_made_already_is_not_made_again(two):
    assert [line for line in secure(connection) if not line.startswith(("GRANT", "REVOKE", "ALTER DEFAULT"))] == []


def test_what_migrations_loosen_and_policies_of_another_definition_are_put_right(two):
    with transaction.atomic():
        run("SET CONSTRAINTS ALL IMMEDIATE")
        run("CREATE POLICY dcmm_open ON assessments_answer USING (true)")
        assert "ALTER TABLE assessments_answer NO FORCE ROW LEVEL SECURITY" in loosen(connection)  # as before migrations
        assert count(Answer) > 0
        found = {message.id for message in run_checks(tags=[Tags.database], databases=["default"])}
        assert "organizations.E001" in found

        done = secure(connection)

        assert "DROP POLICY dcmm_open ON assessments_answer" in done
        assert "ALTER TABLE assessments_answer FORCE ROW LEVEL SECURITY" in done
        transaction.set_rollback(True)


def test_references_across_tenants_that_are_there_already_are_named(two):
    (key,) = [made for made in keys_of(MODELS) if made.table == "assessments_answer" and "FOREIGN" in made.sql]
    with transaction.atomic():
        run("SET CONSTRAINTS ALL IMMEDIATE")
        run(f"ALTER TABLE assessments_answer DROP CONSTRAINT {key.name}")
        with scope(organization=[two.us, two.them]):
            Answer.objects.filter(organization=two.us).update(assessment=two.theirs.other)
        run("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises(CrossTenantReference, match="assessments_answer"), transaction.atomic():
            secure(connection)
        transaction.set_rollback(True)


def test_the_roles_are_as_they_should_be(two):
    assert run_checks(tags=[Tags.database], databases=["default"]) == []


# the rights that are not a tenant's


def test_a_person_reads_their_own_places_and_writes_none(worlds):
    reviewer = worlds.ours.people[TeamRole.REVIEWER]
    with by_person(reviewer.pk):
        assert {row.user_id for row in Membership.objects.all()} == {reviewer.pk}
        assert {row.user_id for row in TeamMember.objects.all()} == {reviewer.pk}
        places = set(TeamMember.objects.values_list("engagement_id", flat=True))
        assert set(Engagement.objects.values_list("pk", flat=True)) == places != set()
        assert not Answer.objects.exists()
        assert Membership.objects.update(role=Role.OWNER) == 0
        assert TeamMember.objects.update(role=TeamRole.LEAD) == 0
        assert Engagement.objects.update(purpose="?") == 0
        assert run("DELETE FROM organizations_membership") == 0
        with refused(REFUSED):
            Membership.objects.create(organization=worlds.them, user=reviewer, role=Role.OWNER)


def test_a_consultancy_reads_its_own_side_and_writes_none(worlds):
    firm = worlds.ours.cast.firm
    with by_own_side(firm):
        assert Engagement.objects.filter(organization=worlds.us).exists()
        assert {row.consultancy_id for row in Engagement.objects.all()} == {firm.pk}
        assert {row.consultancy_id for row in TeamMember.objects.all()} == {firm.pk}
        assert not Answer.objects.exists()
        assert not Membership.objects.exclude(organization=firm).exists()
        assert Engagement.objects.filter(organization=worlds.us).update(purpose="?") == 0
        for entry in ActivityEntry.objects.all():
            assert firm.pk in (entry.organization_id, entry.acting_for_id)


def test_an_invitation_is_read_by_its_link_alone(worlds):
    with scope(organization=worlds.us):
        invitation = Invitation.objects.exclude(token_sha256="").first()
    with by_invitation(invitation.token_sha256):
        assert [row.pk for row in Invitation.objects.all()] == [invitation.pk]
        assert Invitation.objects.update(name="?") == 0
        assert not Membership.objects.exists()
    for nothing in ("", "0" * 64):
        with by_invitation(nothing):
            assert not Invitation.objects.exists()


# the connection


def told(on=connection) -> str:
    """What the database was told, asked of it past everything that would tell it anything."""
    with on.connection.cursor() as cursor:
        return cursor.execute("SELECT current_setting(%s, true)", [SETTINGS[0]]).fetchone()[0] or ""


def test_a_rollback_to_a_savepoint_takes_back_what_was_told_after_it(worlds):
    with scope(organization=worlds.us):
        assert count(Answer) > 0
        with pytest.raises(ProgrammingError), transaction.atomic(), scope(organization=worlds.them):  # noqa: PT012
            assert count(Answer) > 0
            run("SELECT nonsense")
        with scope(organization=worlds.them):
            assert {row.organization_id for row in Answer.objects.all()} == {worlds.them.pk}
        assert {row.organization_id for row in Answer.objects.all()} == {worlds.us.pk}
    assert count(Answer) == 0


def test_rows_in_pieces_and_many_at_once_are_of_the_scope(worlds):
    with scope(organization=worlds.us), scopes_disabled():
        rows = list(Answer.objects.order_by("pk").iterator(chunk_size=1))
    assert {row.organization_id for row in rows} == {worlds.us.pk}
    with connection.cursor() as cursor, scope(organization=worlds.us), refused(REFUSED):
        change = "INSERT INTO organizations_department (organization_id, name, created_at) VALUES (%s, %s, now())"
        cursor.executemany(change, [(worlds.us.pk, "one"), (worlds.them.pk, "two")])


def test_nothing_is_sent_while_nothing_changes(worlds, monkeypatch):
    sent = []
    with scope(organization=worlds.us):
        count(Answer)
        cursor = connection.connection.cursor
        monkeypatch.setattr(connection.connection, "cursor", lambda *args, **kw: sent.append(1) or cursor(*args, **kw))
        for _ in range(3):
            with transaction.atomic():
                count(Answer)
        statements = len(sent)
    assert statements == 3 * 3  # savepoint, statement, release


@pytest.fixture
def other(two):
    """A connection of its own, outside of the test's transaction."""
    other = connections.create_connection("default")
    yield other
    other.close()


def pid(on) -> int:
    with on.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return cursor.fetchone()[0]


def test_a_connection_out_of_the_pool_shows_nothing_of_who_had_it_before(other):
    with scope(organization=7):
        first = pid(other)
        assert told(other) == "7"
    for _ in range(50):  # until the pool hands out the same one
        other.close()
        if pid(other) == first:
            break

    assert pid(other) == first
    assert told(other) == ""


def test_outside_a_transaction_each_statement_has_its_scope(other):
    for tenant in (7, 8):
        with scope(organization=tenant):
            pid(other)
            assert told(other) == str(tenant)
    with scope(organization=[8, 9], person=3):
        pid(other)
        assert told(other) == "8,9"
    pid(other)
    assert told(other) == ""


@pytest.mark.parametrize("end", ["commit", "rollback"])
def test_what_a_transaction_was_told_ends_with_it(other, end):
    with scope(organization=7):
        pid(other)
        other.set_autocommit(False)
        with scope(organization=8):
            pid(other)
            assert told(other) == "8"
        getattr(other, end)()
        other.set_autocommit(True)
        assert told(other) == "7"
        pid(other)
        assert told(other) == "7"
    pid(other)
    assert told(other) == ""


# the application's role


def test_the_applications_role_owns_nothing(worlds, app_role):
    assert run("SELECT current_user::text") == [(app_role,)]
    owned = "SELECT count(*) FROM pg_class WHERE pg_has_role(current_user, relowner, 'USAGE')"
    assert run(owned) == [(0,)]


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE mine (id int)",
        "ALTER TABLE assessments_answer DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE assessments_answer NO FORCE ROW LEVEL SECURITY",
        "CREATE POLICY mine ON assessments_answer USING (true)",
        "DROP TABLE assessments_answer",
        "TRUNCATE assessments_answer CASCADE",
        "UPDATE organizations_activityentry SET verb = 'x'",
        "DELETE FROM organizations_activityentry",
        "TRUNCATE organizations_activityentry",
        "UPDATE questionnaires_version SET sha256 = 'x'",
        "DELETE FROM django_migrations",
    ],
)
def test_the_applications_role_is_refused(worlds, app_role, statement):
    with scope(organization=worlds.us), refused(REFUSED):
        run(statement)
