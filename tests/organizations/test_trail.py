"""The chain: how it grows, that nothing gets around it, and what verify_trail finds."""

import json
import stat
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from organizations.models import ActivityEntry, QueuedMail, TrailHead, User
from organizations.models.trail import FIRST, TrailIsFinal
from organizations.operations.trail import TooYoung, prune_trail, record_activity, recorded_together
from organizations.operations.trail_check import look_after_trails
from organizations.verifying import exported_heads, heads_file, verify
from tests.conftest import NOON, everywhere

ENTRIES, HEADS = "organizations_activityentry", "organizations_trailhead"


@pytest.fixture(autouse=True)
def own_files(settings, tmp_path):
    settings.DATA_DIR = tmp_path


@pytest.fixture
def written(in_acme, alice):
    """Acme with twenty entries more than its founding."""
    for n in range(20):
        record_activity("answer.saved", organization=in_acme, about=f"assessment 1 DS1.1.{n}", by=alice, at=NOON)
    return in_acme


def entries(organization):
    return list(ActivityEntry.objects.filter(organization=organization).order_by("number"))


def sql(statement, *values):
    """As somebody with the owner's rights on the database would."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def columns():
    return ", ".join(field.column for field in ActivityEntry._meta.local_fields if field.column not in ("id", "number"))


def fault(organization, exported=None):
    return verify(organization, exported).fault


def verify_command(*arguments):
    out = StringIO()
    call_command("verify_trail", *arguments, stdout=out)
    return out.getvalue().splitlines()


def test_entries_are_numbered_and_each_names_the_hash_before(written):
    rows = entries(written)

    assert [row.number for row in rows] == list(range(1, len(rows) + 1))
    assert [row.previous for row in rows] == [FIRST, *(row.hash for row in rows[:-1])]
    head = TrailHead.objects.get(organization=written)
    assert (head.number, head.hash) == (rows[-1].number, rows[-1].hash)
    assert fault(written) == ""


def test_each_organization_has_a_chain_of_its_own(acme, globex):
    with everywhere():
        assert {row.organization_id for row in ActivityEntry.objects.filter(number=1)} == {acme.pk, globex.pk}


def test_nothing_but_record_activity_writes(written, alice):
    entry = entries(written)[0]
    entry.verb = "nothing.happened"
    rows = ActivityEntry.objects.filter(pk=entry.pk)

    for way in (
        entry.save,
        entry.delete,
        rows.delete,
        lambda: rows.update(verb="x"),
        lambda: ActivityEntry.objects.update(verb="x"),
        lambda: ActivityEntry.objects.all().delete(),
        lambda: ActivityEntry.objects.bulk_update([entry], ["verb"]),
        lambda: ActivityEntry.objects.bulk_create([entry]),
        lambda: ActivityEntry.objects.create(organization=written, verb="x", at=NOON),
        lambda: ActivityEntry.objects.get_or_create(organization=written, verb="x", at=NOON),
        lambda: ActivityEntry(organization=written, verb="x", at=NOON).save(),
    ):
        with pytest.raises(TrailIsFinal):
            way()

    assert fault(written) == ""


def test_erasing_a_person_leaves_the_chain_whole(written, bob, alice):
    record_activity("answer.saved", organization=written, by=bob, at=NOON)
    number = bob.pk
    User.objects.filter(pk=bob.pk).delete()

    assert entries(written)[-1].by_id == number
    assert fault(written) == ""


def test_a_line_takes_three_statements(written, alice):
    with CaptureQueriesContext(connection) as captured:
        record_activity("answer.saved", organization=written, by=alice, at=NOON)

    statements = [query["sql"] for query in captured if query["sql"].startswith(("SELECT number", "UPDATE", "INSERT", "WITH"))]
    assert len(statements) == (2 if connection.vendor == "postgresql" else 3)


def test_entries_of_a_long_act_are_written_at_its_end(written, alice):
    before = len(entries(written))

    with transaction.atomic(), recorded_together():
        for _n in range(1_200):
            record_activity("evidence.linked", organization=written, by=alice, at=NOON)
        assert len(entries(written)) == before

    assert len(entries(written)) == before + 1_200
    assert fault(written) == ""


def test_entries_of_an_act_that_fails_are_dropped(written, alice):
    before = len(entries(written))

    @transaction.atomic
    @recorded_together()
    def fails():
        record_activity("evidence.linked", organization=written, by=alice, at=NOON)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()

    assert len(entries(written)) == before


# The five tamperings, and some more


def test_a_changed_field_is_found(written):
    for column, value in (
        ("verb", "answer.undone"), ("about", "assessment 9"), ("by_id", 99), ("by_id", None), ("at", NOON + timedelta(seconds=1)),
        ("address", "10.0.0.1"), ("result", "refused"), ("acting_for_id", 7),
    ):  # fmt: skip
        with transaction.atomic():
            sql(f"UPDATE {ENTRIES} SET {column} = %s WHERE organization_id = %s AND number = 7", value, written.pk)
            assert fault(written).startswith("entry 7 was changed"), column
            transaction.set_rollback(True)


def test_a_dropped_entry_is_found(written):
    sql(f"DELETE FROM {ENTRIES} WHERE organization_id = %s AND number = 7", written.pk)

    assert fault(written) == "entry 7 is missing; entry 8 follows 6"


def test_an_inserted_entry_is_found(written):
    sql(f"UPDATE {ENTRIES} SET number = number + 1000 WHERE organization_id = %s AND number > 7", written.pk)
    sql(f"UPDATE {ENTRIES} SET number = number - 999 WHERE organization_id = %s AND number > 7", written.pk)
    sql(f"INSERT INTO {ENTRIES} (number, {columns()}) SELECT 8, {columns()} FROM {ENTRIES}"
        " WHERE organization_id = %s AND number = 7", written.pk)  # fmt: skip

    assert fault(written) == "entry 8 does not continue entry 7"


def test_reordered_entries_are_found(written):
    for number, new in ((7, 1007), (8, 7), (1007, 8)):
        sql(f"UPDATE {ENTRIES} SET number = %s WHERE organization_id = %s AND number = %s", new, written.pk, number)

    assert fault(written) == "entry 7 does not continue entry 6"


def test_a_truncated_end_is_found(written):
    last = entries(written)[-1].number
    sql(f"DELETE FROM {ENTRIES} WHERE organization_id = %s AND number >= %s", written.pk, last - 1)

    assert fault(written) == f"entry {last - 1} is missing: the head names {last}"


def test_a_truncated_end_is_found_though_the_head_was_adjusted(written):
    look_after_trails(NOON)
    rows = entries(written)
    last = rows[-1].number
    sql(f"DELETE FROM {ENTRIES} WHERE organization_id = %s AND number >= %s", written.pk, last - 1)
    sql(f"UPDATE {HEADS} SET number = %s, hash = %s WHERE organization_id = %s", last - 2, rows[-3].hash, written.pk)
    assert fault(written) == ""  # within the database all is well

    with pytest.raises(CommandError, match="1 broken"):
        verify_command("acme")
    assert (
        fault(written, exported_heads()[written.pk])
        == f"entry {last - 1} is missing: a head that was written down names {last}"
    )


def test_a_chain_that_was_written_anew_differs_from_the_head_that_was_written_down(written, alice):
    look_after_trails(NOON)
    last = entries(written)[-1].number
    sql(f"DELETE FROM {ENTRIES} WHERE organization_id = %s AND number = %s", written.pk, last)
    sql(
        f"UPDATE {HEADS} SET number = %s, hash = %s WHERE organization_id = %s", last - 1, entries(written)[-1].hash, written.pk
    )
    record_activity("answer.saved", organization=written, about="another story", by=alice, at=NOON)
    assert fault(written) == ""

    assert fault(written, exported_heads()[written.pk]) == f"entry {last} is another one than when the head was written down"


def test_entries_beyond_the_head_or_without_a_place_are_found(written):
    rows = entries(written)
    with transaction.atomic():
        sql(f"UPDATE {HEADS} SET number = %s, hash = %s WHERE organization_id = %s", rows[-2].number, rows[-2].hash, written.pk)
        assert fault(written) == f"entry {rows[-1].number} stands beyond the head"
        transaction.set_rollback(True)
    sql(f"INSERT INTO {ENTRIES} ({columns()}) SELECT {columns()} FROM {ENTRIES}"
        " WHERE organization_id = %s AND number = 7", written.pk)  # fmt: skip
    assert fault(written).endswith("is in no place of the chain")


def test_a_cut_beginning_is_found_unless_pruning_noted_it(written):
    rows = entries(written)
    sql(f"DELETE FROM {ENTRIES} WHERE organization_id = %s AND number <= 5", written.pk)
    assert fault(written) == "entry 1 is missing; entry 6 follows 0"

    sql(f"UPDATE {HEADS} SET first_number = 6, first_previous = %s WHERE organization_id = %s", rows[4].hash, written.pk)

    assert fault(written) == "entry 5 and all before it are gone, and no entry says that they were pruned"


def test_a_lost_head_is_found(written):
    sql(f"DELETE FROM {HEADS} WHERE organization_id = %s", written.pk)

    assert "beyond the head" in fault(written)


def test_verify_trail_names_the_first_broken_entry_of_each_and_the_figures(written, globex):
    lines = verify_command()
    assert lines[-1].endswith("entries verified in 2 trails, 0 broken; 0 heads compared.")

    sql(f"UPDATE {ENTRIES} SET verb = 'x' WHERE number IN (2, 7) AND organization_id = %s", written.pk)
    out = StringIO()
    with pytest.raises(CommandError) as error:
        call_command("verify_trail", stdout=out)

    assert out.getvalue().startswith("acme: entry 2 was changed (x, 2026-11-20 04:00 UTC)")
    assert len(out.getvalue().splitlines()) == 1
    assert str(error.value).endswith("in 2 trails, 1 broken; 0 heads compared.")
    assert verify_command("globex")[-1].endswith("in 1 trails, 0 broken; 0 heads compared.")


def test_verify_trail_says_that_an_organization_is_unknown(db):
    with pytest.raises(CommandError, match="no organization 'nobody'"):
        call_command("verify_trail", "nobody")


# Every day


def test_the_daily_job_writes_the_heads_down_for_the_operator_alone(written, globex):
    look_after_trails(NOON)
    look_after_trails(NOON + timedelta(days=1))

    lines = [json.loads(line) for line in heads_file().read_text().splitlines()]
    head = TrailHead.objects.get(organization=written)
    assert len(lines) == 2
    assert lines[0]["heads"][str(written.pk)] == [head.number, head.hash]
    assert stat.S_IMODE(heads_file().stat().st_mode) == 0o600
    assert (head.checked_at, head.checked_number, head.fault) == (NOON + timedelta(days=1), head.number, "")


def test_half_a_line_in_the_file_of_heads_hides_no_other(written):
    look_after_trails(NOON)
    with heads_file().open("a") as file:
        file.write('{"at": "2026-11-21T04:00:00+00:00", "heads": {"1": [')

    assert exported_heads()[written.pk].number == entries(written)[-1].number


def test_a_broken_chain_mails_platform_staff_and_is_not_written_down(written, alice, charlie, globex):
    User.objects.filter(pk=charlie.pk).update(is_staff=True, language="en")
    sql(f"UPDATE {ENTRIES} SET verb = 'x' WHERE number = 7 AND organization_id = %s", written.pk)

    look_after_trails(NOON)

    mail = QueuedMail.objects.get(to=charlie.email)
    assert f"organization {written.pk}: entry 7 was changed" in mail.text
    assert TrailHead.objects.get(organization=written).fault.startswith("entry 7 was changed")
    assert list(exported_heads()) == [globex.pk]


# Pruning


def aged(organization, alice, days):
    for age in days:
        record_activity("answer.saved", organization=organization, by=alice, at=NOON - timedelta(days=age))


def test_pruning_refuses_what_is_younger_than_three_years(in_acme):
    with pytest.raises(TooYoung):
        prune_trail(organization=in_acme, before=NOON - timedelta(days=3 * 365), at=NOON)
    with pytest.raises(CommandError, match="Entries are kept until"):
        call_command("prune_trail", "--before", timezone.localdate().isoformat())
    with pytest.raises(CommandError, match="is not a day"):
        call_command("prune_trail", "--before", "2026-02-30")


def test_pruning_cuts_the_beginning_only_and_the_rest_verifies(globex, charlie):
    before = NOON - timedelta(days=1200)
    with everywhere():
        sql(f"DELETE FROM {ENTRIES} WHERE organization_id = %s", globex.pk)
        sql(f"DELETE FROM {HEADS} WHERE organization_id = %s", globex.pk)
        aged(globex, charlie, [2000, 1900, 1800, 100, 1700, 50])  # the fifth was noted late: it stays with what it follows

        assert prune_trail(organization=globex, before=before, at=NOON) == 3
        assert prune_trail(organization=globex, before=before, at=NOON) == 0

        assert [row.number for row in entries(globex)] == [4, 5, 6, 7]
        assert (entries(globex)[-1].verb, entries(globex)[-1].about) == ("trail.pruned", "entries up to 3")
        assert fault(globex) == ""
        aged(globex, charlie, [1])
        assert fault(globex) == ""
        sql(f"DELETE FROM {ENTRIES} WHERE organization_id = %s AND number = 4", globex.pk)
        assert fault(globex) == "entry 4 is missing; entry 5 follows 3"


def test_pruning_everything_leaves_a_chain_that_goes_on(globex, charlie, settings):
    settings.TRAIL_KEPT = timedelta(days=180)
    look_after_trails(NOON)

    with everywhere():
        dropped = prune_trail(organization=globex, before=NOON + timedelta(days=1), at=NOON + timedelta(days=400))

        assert dropped == 2
        assert [row.verb for row in entries(globex)] == ["trail.pruned"]
        assert fault(globex, exported_heads()[globex.pk]) == ""
