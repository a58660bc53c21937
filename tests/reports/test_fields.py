"""Every field that a person can enter reaches PDF, Word and Excel; those left out are named with the reason."""

import base64
import io
import subprocess
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import openpyxl
import pytest
from django.apps import apps
from PIL import Image

from assessments import models as assessments
from assessments.queries.criteria import code_by_id
from organizations.models import Department, Membership
from questionnaires.models import Criterion
from reports.content.external import secrets, stripped
from reports.content.narrowing import narrowed
from reports.content.snapshot import as_canonical_json, read_snapshot
from reports.models import Branding
from reports.papers.docx_writing import text_of
from reports.papers.pdf import render
from reports.papers.word import render_word
from reports.papers.workbook import render_workbook
from reports.queries import snapshot_of
from tests.conftest import NOON
from tests.reports.conftest import random_answers
from tests.reports.conftest import snapshot_of as snapshot_from

ON = date(2026, 11, 20)


@dataclass(frozen=True)
class Left:
    """A field that no report tells, and why."""

    why: str


KEY = Left("an internal key or link between rows")
CLOCK = Left("a time or revision that the program sets")
WHO = Left("who typed it, kept on the trail; reports name owners and keepers, not typists")

TOLD = {
    "organizations.Organization": {
        "id": KEY, "created_at": CLOCK, "slug": Left("an address"), "name": "Token Organization Ltd",
        "kind": Left("what the organization is on this site"), "contact_code": Left("a secret"),
        "industry": Left("for portfolios and benchmarks"), "size": Left("for portfolios and benchmarks"),
        "region": Left("for portfolios and benchmarks"), "benchmark_since": Left("a consent, not a finding"),
        "requires_second_factor": Left("a rule for signing in"),
    },
    "organizations.Department": {"id": KEY, "organization": KEY, "created_at": CLOCK, "name": "TokenScopeUnit"},
    "assessments.Assessment": {
        "id": KEY, "organization": KEY, "version": "gbt36073-2025", "name": "TokenAssessmentName", "department": "TokenScopeUnit",
        "period_from": "2026-01-03", "period_until": "2026-10-29", "target": ("Level 2 · Managed", "Level 2 · Managed", "|Target|2|"), "targets": ("To prepare for level 4", "To prepare for level 4", "DS1|Data strategy planning|1|4|"),
        "method": "NPLF", "state": ("Final", "Final", "Final"), "state_note": Left("a message between the teams"),
        "state_note_of": KEY, "revision": CLOCK, "derived_from": KEY, "started_by": WHO, "started_at": CLOCK,
    },
    "assessments.Answer": {
        "id": KEY, "organization": KEY, "assessment": KEY, "criterion": "DS1.1.1", "rating": "Largely met",
        "na_reason": "Done elsewhere", "note": "TokenAnswerNote", "revision": CLOCK, "answered_by": WHO, "answered_at": CLOCK,
    },
    "assessments.Evidence": {
        "id": KEY, "organization": KEY, "title": "TokenEvidenceTitle", "kind": "Contract or appointment",
        "confidentiality": "Public", "issued_on": "2025-03-17", "valid_until": "2027-04-18", "keeper": "TokenKeeper",
        "revision": CLOCK, "added_by": WHO, "added_at": CLOCK, "removed_at": CLOCK,
    },
    "assessments.EvidenceVersion": {
        "id": KEY, "organization": KEY, "evidence": KEY, "number": CLOCK, "file": Left("our key of the stored file"),
        "url": "https://token.example/evidence-link", "name": "TokenFileName.pdf", "media_type": Left("found out by the program"),
        "size": Left("found out by the program"), "sha256": "ab" * 32, "added_by": WHO, "added_at": CLOCK,
    },
    "assessments.EvidenceLink": {
        "id": KEY, "organization": KEY, "evidence": KEY, "assessment": KEY, "criterion": KEY, "place": "TokenLinkPlace",
        "linked_by": WHO, "linked_at": CLOCK,
    },
    "assessments.Verdict": {
        "id": KEY, "organization": KEY, "engagement": "Sage 咨询", "assessment": KEY, "layer": "Consultant", "criterion": KEY,
        "kind": "Adjust", "rating": "Partly met", "reason": "Written down but not practised", "note": "TokenVerdictNote",
        "answer_revision": CLOCK, "evidence": KEY, "revision": CLOCK, "decided_by": WHO, "decided_at": CLOCK,
    },
    "assessments.PlanSetting": {
        "id": KEY, "organization": KEY, "assessment": KEY, "starts_on": "2027-01-11", "rates": "1234.56", "currency": "TokCur",
        "parallel": Left("changes the dates of the actions, which are told"), "revision": CLOCK,
    },
    "assessments.ImprovementAction": {
        "id": KEY, "organization": KEY, "assessment": KEY, "number": CLOCK, "title": "TokenActionTitle",
        "text": "TokenActionText", "lead": "IT", "owner": "Dora", "department": "TokenActionUnit", "days": "13.5",
        "weeks": ("17 weeks", "17 weeks", "|17|"), "starts_on": "2027-02-15", "due_on": "2027-06-14", "quarter": "Q3 2027",
        "is_on": ("switched off", "switched off", "|no|"), "status": "In progress", "revision": CLOCK, "made_by": WHO, "made_at": CLOCK,
        "removed_at": CLOCK, "merged_into": KEY,
    },
    "assessments.ActionAim": {"id": KEY, "organization": KEY, "action": KEY, "criterion": "DS1.2.1"},
    "assessments.ActionNeed": {"id": KEY, "organization": KEY, "action": KEY, "needs": ("after 1", "#1", "#1")},
    "assessments.ActionComment": {
        "id": KEY, "organization": KEY, "action": KEY, "text": "TokenActionComment", "written_by": WHO, "written_at": CLOCK,
    },
    "assessments.ActionProof": {
        "id": KEY, "organization": KEY, "action": KEY, "evidence": "TokenProofTitle", "place": "TokenProofPlace",
    },
    "assessments.ActionClosing": {
        "id": KEY, "organization": KEY, "action": KEY, "note": "TokenClosingNote", "asked_by": WHO, "asked_at": CLOCK,
        "outcome": "Closed", "decision": Left("the answer to who asked, kept on the action's page"), "decided_by": WHO,
        "decided_at": "2026-11-20", "before": Left("what was previewed; the plan tells the score as it is now"),
        "after": Left("what was previewed; the plan tells the score as it is now"), "level_before": Left("as before"),
        "level_after": Left("as after"), "undone_by": WHO, "undone_at": CLOCK,
        "undone_why": Left("an undone closing is none; its page tells why"),
    },
    "reports.Branding": {
        "id": KEY, "organization": KEY, "logo": Left("a picture: see the test of the logo"),
        "accent": Left("a colour: see the test of the logo"), "cover_text": "TokenCoverText",
        "disclaimer": "TokenDisclaimer", "revision": CLOCK,
    },
}  # fmt: skip

NOT_TOLD = {
    "organizations": Left("people, places, rights, mail and the trail: who works here, not how mature the data management is"),
    "reports": Left("the reports themselves, portfolios and benchmarks"),
    "assessments.AnswerRevision": Left("earlier states of answers"),
    "assessments.Mark": Left("a note to oneself for a second look"),
    "assessments.Comment": Left("the team's discussion while it answers"),
    "assessments.Submission": Left("a frozen state, told by a report of its own"),
    "assessments.VerdictRevision": Left("earlier states of verdicts"),
    "assessments.ReturnPoint": Left("what a return asked for, answered by then"),
    "assessments.SignOff": Left("a signature on the review; reports are signed by hand"),
    "assessments.EngagementScope": KEY,
    "assessments.Standing": Left("scores kept for portfolios, computed from the same answers"),
}


def entered_models():
    return [model for app in ("organizations", "assessments", "reports") for model in apps.get_app_config(app).get_models()]


def test_every_field_has_a_line():
    for model in entered_models():
        label = model._meta.label
        if label in TOLD:
            fields = {field.name for field in model._meta.concrete_fields}
            assert fields == set(TOLD[label]), f"{label}: name the field, with its token or why no report tells it"


def test_every_model_is_told_or_left_out_for_a_reason():
    # how the work is organized: who answers, when, in which panel, interview or workbook
    working = {
        "Assignment", "DraftAnswer", "InterviewSheet", "InterviewNote", "Kit", "KitReturn", "PanelItem", "PanelRater",
        "BlindRating", "EngagementPhase",
    }  # fmt: skip

    for model in entered_models():
        label, app = model._meta.label, model._meta.app_label
        known = label in TOLD or label in NOT_TOLD or app in NOT_TOLD or model.__name__ in working
        assert known, f"{label}: say what reports tell of it (TOLD), or why they don't (NOT_TOLD)"


@pytest.fixture
def furnished(acme, alice, dora, data_office, engagement, assessment, lena, in_acme):
    """The assessment of Acme with a token in every field."""
    acme.name = "Token Organization Ltd"
    acme.save()
    unit = Department.objects.create(organization=acme, name="TokenScopeUnit")
    doing = Department.objects.create(organization=acme, name="TokenActionUnit")
    Assessments = assessments.Assessment.objects.filter(pk=assessment.pk)
    Assessments.update(
        name="TokenAssessmentName", department=unit, period_from=date(2026, 1, 3), period_until=date(2026, 10, 29),
        target=2, targets={"DS1": 4}, method="nplf", state="final",
    )  # fmt: skip
    assessment = Assessments.select_related("organization", "version", "department").get()
    by_code = {code: pk for pk, code in code_by_id(assessment.version).items()}
    mine = {"organization": acme, "assessment": assessment}
    said = {**mine, "answered_by": alice, "answered_at": NOON}
    first, second = Criterion.objects.get(pk=by_code["DS1.1.1"]), Criterion.objects.get(pk=by_code["DS1.2.1"])
    assessments.Answer.objects.create(criterion=first, rating="largely", note="TokenAnswerNote", **said)
    away = {"rating": "na", "na_reason": "done_elsewhere", "note": "TokenWhyNot"}
    assessments.Answer.objects.create(criterion_id=by_code["DS1.1.2"], **away, **said)
    proof = _pieces(acme, assessment, first, alice)
    assessments.Verdict.objects.create(
        **mine, engagement=engagement, criterion=first, kind="adjust", rating="partly", reason="not_lived",
        note="TokenVerdictNote", answer_revision=1, decided_by=lena, decided_at=NOON,
    )  # fmt: skip
    _plan(mine, second, dora, doing, proof, alice)
    logo = io.BytesIO()
    Image.new("RGB", (60, 20), "#004488").save(logo, "PNG")
    Branding.objects.create(
        organization=acme, logo=base64.b64encode(logo.getvalue()).decode(), accent="#004488", cover_text="TokenCoverText",
        disclaimer="TokenDisclaimer",
    )  # fmt: skip
    place = Membership.objects.select_related("organization", "user").get(user=alice)
    return snapshot_of(assessment, on=ON, language="en", place=place)


def _pieces(acme, assessment, criterion, by):
    added = {"organization": acme, "added_by": by, "added_at": NOON}
    about = {"kind": "contract", "confidentiality": "public", "issued_on": date(2025, 3, 17), "valid_until": date(2027, 4, 18)}
    pieces = [
        assessments.Evidence.objects.create(title="TokenEvidenceTitle", keeper="TokenKeeper", **about, **added),
        assessments.Evidence.objects.create(title="TokenLinkTitle", **added),
        assessments.Evidence.objects.create(title="TokenSecretTitle", keeper="TokenSecretKeeper", confidentiality="confidential", **added),
        assessments.Evidence.objects.create(title="TokenProofTitle", **added),
    ]  # fmt: skip
    contents = [
        {"file": "evidence/1", "name": "TokenFileName.pdf", "sha256": "ab" * 32},
        {"url": "https://token.example/evidence-link"},
        {"file": "evidence/2", "name": "TokenSecretFile.pdf", "sha256": "cd" * 32},
        {"url": "https://token.example/proof"},
    ]
    for piece, content in zip(pieces, contents, strict=True):
        assessments.EvidenceVersion.objects.create(evidence=piece, number=1, **content, **added)
    for piece, place in zip(pieces, ["TokenLinkPlace", "", "TokenSecretPlace"], strict=False):
        assessments.EvidenceLink.objects.create(
            organization=acme, evidence=piece, assessment=assessment, criterion=criterion, place=place, linked_by=by,
            linked_at=NOON,
        )  # fmt: skip
    return pieces[3]


def _plan(mine, criterion, owner, department, proof, by):
    acme = mine["organization"]
    assessments.PlanSetting.objects.create(**mine, starts_on=date(2027, 1, 11), rates={"it": "1234.56"}, currency="TokCur")
    kept = {**mine, "made_by": by, "made_at": NOON}
    done = assessments.ImprovementAction.objects.create(number=1, title="TokenClosedAction", status="closed", **kept)
    action = assessments.ImprovementAction.objects.create(
        number=2, title="TokenActionTitle", text="TokenActionText", lead="it", owner=owner, department=department,
        days=Decimal("13.5"), weeks=17, starts_on=date(2027, 2, 15), due_on=date(2027, 6, 14), status="doing", **kept,
    )  # fmt: skip
    assessments.ImprovementAction.objects.create(number=3, title="TokenOffAction", is_on=False, quarter="2027Q3", **kept)
    assessments.ActionAim.objects.create(organization=acme, action=action, criterion=criterion)
    assessments.ActionNeed.objects.create(organization=acme, action=action, needs=done)
    assessments.ActionComment.objects.create(
        organization=acme, action=action, text="TokenActionComment", written_by=by, written_at=NOON
    )
    assessments.ActionProof.objects.create(organization=acme, action=done, evidence=proof, place="TokenProofPlace")
    assessments.ActionClosing.objects.create(
        organization=acme, action=done, note="TokenClosingNote", asked_by=owner, asked_at=NOON, outcome="confirmed",
        decided_by=by, decided_at=NOON,
    )  # fmt: skip


def told_in_pdf(pdf: bytes, *arguments: str) -> str:
    return subprocess.run(["pdftotext", *arguments, "-", "-"], input=pdf, capture_output=True, check=True).stdout.decode()


def told_in_workbook(xlsx: bytes) -> str:
    book = openpyxl.load_workbook(io.BytesIO(xlsx))
    rows = (row for sheet in book for row in sheet.iter_rows(values_only=True))
    return "\n".join("|" + "|".join(str("" if cell is None else cell) for cell in row) + "|" for row in rows)


def squeezed(text: str) -> str:
    return "".join(text.split())


@pytest.fixture
def outputs(furnished):
    """Each output as text without spaces."""
    texts = [
        told_in_pdf(render([furnished]).content),
        text_of(render_word([furnished])),
        told_in_workbook(render_workbook(furnished)),
    ]
    return dict(zip(("PDF", "Word", "Excel"), map(squeezed, texts), strict=True))


def test_every_entered_field_reaches_every_output(outputs):
    lost = set()
    for label, fields in TOLD.items():
        for name, token in fields.items():
            if not isinstance(token, Left):
                tokens = token if isinstance(token, tuple) else (token,) * len(outputs)
                lost |= {
                    (label, name, output)
                    for (output, text), wanted in zip(outputs.items(), tokens, strict=True)
                    if squeezed(wanted) not in text
                }

    assert lost == set()
    for text in outputs.values():  # of confidential evidence only that there is some
        assert "Confidentialdocument" in text
        assert "TokenSecret" not in text
        assert "cd" * 32 not in text


@pytest.mark.parametrize("code", ["gbt36073-2025", "policy-actions"])
def test_what_is_said_of_an_item_to_which_nothing_applies_is_told(questionnaires, basis, code):
    bank, answers = questionnaires[code], random_answers(questionnaires[code])
    left, other = bank.items[1].code, bank.items[2].code
    mine = [criterion for criterion, item in bank.item_of.items() if item == left]
    for criterion in mine:
        answers.ratings[criterion], answers.na_reasons[criterion] = "na", "done_elsewhere"
        answers.notes[criterion] = f"TokenLeft{criterion}"

    snapshot = read_snapshot(as_canonical_json(snapshot_from(bank, basis, answers, language="en")))

    assert [part.code for part in snapshot.excluded] == [left]
    assert [item.code for item in snapshot.answered_items] == [item.code for item in bank.items]
    department = narrowed(snapshot, (left, other))
    assert [answer["criterion"] for answer in department.answers if answer["note"].startswith("Token")] == mine
    texts = {
        "PDF": told_in_pdf(render([snapshot], variant="department", items=(left, other)).content),
        "Word": text_of(render_word([snapshot])),
        "Excel": told_in_workbook(render_workbook(snapshot)),
    }
    tokens = {*(f"TokenLeft{criterion}" for criterion in mine), "Doneelsewhere"}
    assert {name: {token for token in tokens if token not in squeezed(text)} for name, text in texts.items()} == {
        name: set() for name in texts
    }
    assert {f"TokenLeft{criterion}" for criterion in mine} <= set(secrets(snapshot))
    assert "TokenLeft" not in as_canonical_json(stripped(snapshot))
