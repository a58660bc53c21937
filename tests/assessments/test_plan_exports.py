"""The plan as files: what stands in them, that other programs read them, and that no text becomes a formula."""

import csv
import io
import re
from datetime import date, timedelta

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse
from icalendar import Calendar

from assessments.models import Evidence, ImprovementAction
from assessments.operations.evidence import Address, Description, add_evidence
from assessments.operations.planning import add_action, add_proof, change_action, comment_action, set_status
from assessments.queries.planning import reckoning_of
from organizations.models import ActivityEntry
from tests.conftest import NOON

NASTY = '=HYPERLINK("https://evil.example")'
TITLES = (NASTY, "+1", "-2+3", "@SUM(A1)", "\t=1", "＝1+1", "制度；修订, 版本\\2")


@pytest.fixture
def planned(assessment, in_acme, alice, eve):
    made = [
        add_action(
            assessment=assessment, title=title, text="line one\nline two", codes=["DS1.1.1"], owner=eve, days=3,
            due_on=date(2026, 12, 1) + timedelta(days=n), by=alice, at=NOON,
        )
        for n, title in enumerate(TITLES)
    ]  # fmt: skip
    piece = add_evidence(
        organization=in_acme,
        description=Description(title="Board minutes"),
        content=Address("https://a.example"),
        by=alice,
        at=NOON,
    )
    add_proof(action=made[0], evidence=piece, place="p. 4", by=alice, at=NOON)
    comment_action(action=made[0], text="Wait for the board", by=eve, at=NOON)
    return made


@pytest.fixture
def reader(bob):
    client = Client(headers={"accept-language": "en"})
    client.force_login(bob)
    return client


def taken(reader, assessment, name):
    return reader.get(reverse(name, args=[assessment.organization.slug, assessment.pk]))


def rows_of_csv(content: bytes) -> list[dict]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def unfolded(content: bytes) -> list[str]:
    """The lines of RFC 5545, read without the library that wrote them."""
    return re.sub(rb"\r\n[ \t]", b"", content).decode().split("\r\n")


def test_the_csv_holds_everything_and_no_formula(planned, assessment, reader):
    response = taken(reader, assessment, "plan_csv")

    rows = {row["Number"]: row for row in rows_of_csv(response.content)}
    assert response["Content-Disposition"].startswith("attachment")
    assert rows["1"]["Title"] == f"'{NASTY}"
    assert rows["2"]["Title"] == "'+1"
    assert rows["7"]["Title"] == TITLES[6]
    assert rows["1"]["What is to be done"] == "line one\nline two"
    assert (rows["1"]["Responsible"], rows["1"]["Due on"], rows["1"]["Criteria"]) == ("Eve", "2026-12-01", "DS1.1.1")
    assert (rows["1"]["Proof that it is done"], rows["1"]["Comments"]) == ("Board minutes, p. 4", "Wait for the board")
    assert float(rows["1"]["Gain alone"]) > 0
    assert ActivityEntry.objects.filter(verb="plan.exported").count() == 1


def test_the_workbook_opens_and_its_text_is_text(planned, assessment, reader):
    response = taken(reader, assessment, "plan_xlsx")

    sheet = openpyxl.load_workbook(io.BytesIO(response.content)).worksheets[0]
    heads = [cell.value for cell in sheet[1]]
    by_number = {row[0].value: dict(zip(heads, row, strict=True)) for row in sheet.iter_rows(min_row=2)}
    assert len(by_number) == len(TITLES)
    assert by_number[1]["Title"].value == NASTY
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n"}
    assert by_number[1]["Person-days"].value == 3
    assert sheet.freeze_panes == "A2"


def test_confidential_proof_has_no_title_in_any_file(planned, assessment, reader):
    Evidence.objects.update(confidentiality="confidential")

    rows = rows_of_csv(taken(reader, assessment, "plan_csv").content)
    sheet = openpyxl.load_workbook(io.BytesIO(taken(reader, assessment, "plan_xlsx").content)).worksheets[0]

    assert rows[0]["Proof that it is done"] == "Confidential document"
    assert "Board minutes" not in {str(cell.value) for row in sheet.iter_rows() for cell in row}


def test_the_calendar_file_is_read_by_its_library(planned, assessment, reader):
    response = taken(reader, assessment, "plan_ics")

    calendar = Calendar.from_ical(response.content)
    events = {str(event["UID"]): event for event in calendar.walk("VEVENT")}
    assert response["Content-Type"].startswith("text/calendar")
    assert len(events) == len(TITLES)
    first = next(event for uid, event in events.items() if uid.startswith(f"action-{planned[0].pk}@"))
    assert first.decoded("dtstart") == date(2026, 12, 1)
    assert first.decoded("dtend") == date(2026, 12, 2)
    assert str(first["SUMMARY"]) == f"1 {NASTY}"
    last = next(event for event in events.values() if str(event["SUMMARY"]).startswith("7 "))
    assert str(last["SUMMARY"]) == f"7 {TITLES[6]}"
    assert str(first["URL"]).endswith(reverse("action", args=["acme", assessment.pk, planned[0].pk]))


def test_the_calendar_file_keeps_to_the_standard_without_the_library(planned, assessment, reader):
    content = taken(reader, assessment, "plan_ics").content

    assert all(len(line) <= 75 for line in content.split(b"\r\n"))
    assert b"\n" not in content.replace(b"\r\n", b"")
    lines = unfolded(content)
    assert lines[0] == "BEGIN:VCALENDAR"
    assert lines[-2:] == ["END:VCALENDAR", ""]
    for name in ("VERSION:2.0", "METHOD:PUBLISH"):
        assert name in lines
    blocks = "\n".join(lines).split("BEGIN:VEVENT")[1:]
    for block in blocks:
        names = [re.split("[;:]", line)[0] for line in block.strip().split("\n")]
        assert all(names.count(name) == 1 for name in ("UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "SEQUENCE"))
        assert "DTSTART;VALUE=DATE:2026" in block


def test_the_calendar_file_says_nothing_about_people(planned, assessment, reader):
    said = "\n".join(unfolded(taken(reader, assessment, "plan_ics").content))

    for word in ("Eve", "eve@", "Alice", "Wait for the board", "Board minutes", "line one", "ATTENDEE", "ORGANIZER"):
        assert word not in said


def test_an_entry_keeps_its_identity_and_counts_its_changes(planned, assessment, reader, alice):
    before = {
        str(event["UID"]): event for event in Calendar.from_ical(taken(reader, assessment, "plan_ics").content).walk("VEVENT")
    }
    change_action(action=planned[1], revision=1, changes={"due_on": date(2027, 1, 5)}, by=alice, at=NOON)
    set_status(action=planned[2], status=ImprovementAction.Status.DROPPED, by=alice, at=NOON)

    after = {
        str(event["UID"]): event for event in Calendar.from_ical(taken(reader, assessment, "plan_ics").content).walk("VEVENT")
    }

    assert set(before) - set(after) == {next(uid for uid in before if uid.startswith(f"action-{planned[2].pk}@"))}
    changed = next(uid for uid in after if uid.startswith(f"action-{planned[1].pk}@"))
    assert (before[changed]["SEQUENCE"], after[changed]["SEQUENCE"]) == (1, 2)
    assert after[changed].decoded("dtstart") == date(2027, 1, 5)


@pytest.mark.parametrize("name", ["plan_csv", "plan_xlsx", "plan_ics"])
def test_an_empty_plan_is_an_empty_file(assessment, reader, name):
    assert taken(reader, assessment, name).status_code == 200


def test_the_same_plan_gives_the_same_workbook(planned, assessment, reader):
    assert taken(reader, assessment, "plan_xlsx").content == taken(reader, assessment, "plan_xlsx").content


def test_columns_follow_the_order_of_doing(planned, assessment, reader):
    numbers = [int(row["Number"]) for row in rows_of_csv(taken(reader, assessment, "plan_csv").content)]

    assert numbers == [action.number for action in reckoning_of(assessment).plan.actions]
