"""Two people under a final, what it freezes, that it locks every path, and how it is opened again."""

import ast
import json
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection
from django.urls import reverse

import assessments.operations
from assessments.models import Answer, Assessment, SignOff, Submission, Verdict
from assessments.operations import (
    answering,
    assigning,
    discussing,
    evidence,
    kit,
    lifecycle,
    reviewing,
    taking_over,
)
from assessments.operations.answering import Said
from assessments.operations.discussing import write_comment
from assessments.operations.evidence import Address, Description, add_evidence_version
from assessments.operations.holding import Closed
from assessments.operations.lifecycle import (
    NotSigned,
    VerdictsMissing,
    finalize_assessment,
    reopen_assessment,
)
from assessments.operations.reviewing import Judged, sign_review
from assessments.queries.answers import current_basis
from assessments.queries.layers import layer_ratings
from assessments.queries.reviewing import undecided_codes
from assessments.queries.signing import signatures_of, works_alone
from assessments.queries.submission import sha256_of
from assessments.results import assess, outcome_as_json
from assessments.states import State
from organizations.guests import guest_at
from organizations.models import ActivityEntry, Organization, QueuedMail, TeamRole
from organizations.operations.membership import found_organization
from organizations.permissions import Permission
from tests.assessments.reviews import AGREE, LATER, adjust, criterion_of, judge, say
from tests.assessments.test_checking import prove
from tests.assessments.test_lifecycle import answer_all, put
from tests.conftest import NOON, begin, engage


@pytest.fixture
def reviewed(assessment, alice, engagement, in_acme):
    answer_all(assessment, alice)
    return put(assessment, State.IN_REVIEW)


def sign(assessment, engagement, by, at=NOON):
    return sign_review(assessment=assessment, engagement=engagement, by=by, at=at)


def finalize(assessment, engagement, by, at=NOON):
    leaving = len(undecided_codes(assessment, engagement))
    return finalize_assessment(assessment=assessment, leaving=leaving, engagement=engagement, by=by, at=at)


# the second person


def test_one_signs_and_another_makes_it_final(reviewed, engagement, lena, rita):
    sign(reviewed, engagement, rita)

    finalize(reviewed, engagement, lena)

    reviewed.refresh_from_db()
    entry = ActivityEntry.objects.filter(verb="assessment.finalized").get()
    assert reviewed.state == State.FINAL
    assert entry.about == f"assessment {reviewed.pk} final signed by user {rita.pk}"


@pytest.mark.parametrize("signs", ["nobody", "the one who makes it final"])
def test_without_a_second_person_it_does_not_become_final(reviewed, engagement, lena, signs):
    if signs != "nobody":
        sign(reviewed, engagement, lena)

    with pytest.raises(NotSigned):
        finalize(reviewed, engagement, lena)

    reviewed.refresh_from_db()
    assert reviewed.state == State.IN_REVIEW


CHANGES = {
    "a verdict": lambda the: judge(the["assessment"], the["engagement"], "DS1.1.1", AGREE, the["lena"]),
    "an answer": lambda the: say(the["assessment"], "DS1.1.1", "none", the["alice"]),
    "a link to evidence": lambda the: prove(the["assessment"], "DS1.1.1", the["alice"]),
    "its revision": lambda the: Assessment.objects.filter(pk=the["assessment"].pk).update(revision=2),
}


def test_another_file_undoes_the_signature(reviewed, engagement, alice, rita):
    evidence = prove(reviewed, "DS1.1.1", alice).evidence
    sign(reviewed, engagement, rita)

    add_evidence_version(evidence=evidence, content=Address("https://intranet.example/other"), by=alice, at=LATER)

    assert [entry.counts for entry in signatures_of(reviewed, engagement)] == [False]


@pytest.mark.parametrize("what", CHANGES)
def test_any_change_undoes_the_signature(client, reviewed, engagement, alice, lena, rita, what):
    sign(reviewed, engagement, rita)
    assert [entry.counts for entry in signatures_of(reviewed, engagement)] == [True]

    CHANGES[what]({"assessment": reviewed, "engagement": engagement, "alice": alice, "lena": lena})

    reviewed.refresh_from_db()
    client.force_login(lena)
    page = client.get(reverse("review", args=["acme", reviewed.pk])).content.decode()
    assert [entry.counts for entry in signatures_of(reviewed, engagement)] == [False]
    assert page.count('<span class="stop">') >= 2
    with pytest.raises(NotSigned):
        finalize(reviewed, engagement, lena)


def test_a_comment_leaves_the_signature_alone(reviewed, engagement, alice, lena, rita):
    sign(reviewed, engagement, rita)

    write_comment(assessment=reviewed, criterion=criterion_of(reviewed, "DS1.1.1"), text="Thanks", by=alice, at=NOON)

    finalize(reviewed, engagement, lena)


def test_what_another_firm_does_is_neither_signed_nor_in_the_way(reviewed, engagement, acme, alice, lena, rita, charlie):
    kind = Organization.Kind.CONSULTANCY
    oak = found_organization(name="Oak", slug="oak", kind=kind, by=charlie, at=NOON)
    other = engage(acme, oak, alice, [(charlie, TeamRole.LEAD)])
    sign(reviewed, other, charlie)
    with pytest.raises(NotSigned):
        finalize(reviewed, engagement, lena)
    sign(reviewed, engagement, rita)
    adjust(reviewed, other, "DS1.1.1", "none", charlie)

    assert [entry.row.signed_by for entry in signatures_of(reviewed, engagement) if entry.counts] == [rita]
    finalize(reviewed, engagement, lena)


def test_what_stays_unjudged_is_confirmed_by_its_number(reviewed, engagement, lena, rita):
    judge(reviewed, engagement, "DS1.1.1", AGREE, rita)
    sign(reviewed, engagement, rita)
    total = len(reviewed.questionnaire.item_of)

    with pytest.raises(VerdictsMissing) as refused:
        finalize_assessment(assessment=reviewed, leaving=total, engagement=engagement, by=lena, at=NOON)
    finalize_assessment(assessment=reviewed, leaving=total - 1, engagement=engagement, by=lena, at=NOON)

    assert len(refused.value.codes) == total - 1
    assert len(json.loads(Submission.objects.get().frozen)["unjudged"]) == total - 1


def test_an_enterprise_that_works_alone_finishes_alone_and_the_trail_says_so(assessment, alice, bob, eve, in_acme):
    put(assessment, State.IN_REVIEW)

    assert works_alone(assessment, alice)
    finalize(assessment, None, alice)

    assert ActivityEntry.objects.get(verb="assessment.finalized").about == f"assessment {assessment.pk} final alone"


def test_where_a_coordinator_could_sign_the_owner_is_not_alone(assessment, alice, dora, in_acme):
    put(assessment, State.IN_REVIEW)
    with pytest.raises(NotSigned):
        finalize(assessment, None, alice)

    sign(assessment, None, dora)
    finalize(assessment, None, alice)

    assert Assessment.objects.get(pk=assessment.pk).state == State.FINAL


def test_the_pages_of_signing_and_making_final(client, reviewed, engagement, alice, rita, lena):
    review, final = (reverse(name, args=["acme", reviewed.pk]) for name in ("review", "finalize_assessment"))
    left = len(reviewed.questionnaire.item_of)
    client.force_login(lena)
    early = client.post(final, {"confirmed": "on", "leaving": left})
    client.force_login(rita)
    unsure = client.post(reverse("sign_review", args=["acme", reviewed.pk]), {"note": "x"})
    read = client.get(review).context["judged"]
    all_said = {"note": "looked at all", "confirmed": "on", "read": read}
    signed = client.post(reverse("sign_review", args=["acme", reviewed.pk]), all_said)
    client.force_login(lena)
    page = client.get(final).content.decode()
    wrong = client.post(final, {"confirmed": "on", "leaving": left - 1})
    missing = client.post(final, {"confirmed": "on"})
    done = client.post(final, {"confirmed": "on", "leaving": left})

    assert (early.status_code, unsure.status_code, signed.url) == (422, 422, review)
    assert (SignOff.objects.get().note, SignOff.objects.get().engagement) == ("looked at all", engagement)
    assert f'name="leaving" value="{left}"' in page
    assert (wrong.status_code, missing.status_code, done.status_code) == (422, 422, 302)
    assert Assessment.objects.get(pk=reviewed.pk).state == State.FINAL


def test_nobody_signs_what_changed_since_the_page_was_made(client, reviewed, engagement, rita, lena):
    client.force_login(rita)
    read = client.get(reverse("review", args=["acme", reviewed.pk])).context["judged"]
    adjust(reviewed, engagement, "DS1.1.1", "none", lena)
    sign_path = reverse("sign_review", args=["acme", reviewed.pk])
    late = client.post(sign_path, {"note": "all fine", "confirmed": "on", "read": read})
    blind = client.post(sign_path, {"confirmed": "on"})

    assert (late.status_code, blind.status_code) == (409, 409)
    assert not SignOff.objects.exists()
    assert "all fine" in late.content.decode()

    assert client.post(sign_path, {"confirmed": "on", "read": late.context["judged"]}).status_code == 302


# what is frozen


def test_a_final_freezes_every_layer_with_reasons_scores_and_signatures(reviewed, engagement, alice, lena, rita):
    adjust(reviewed, engagement, "DS1.1.1", "none", rita, note="Nothing is written down.")
    signature = sign(reviewed, engagement, rita)

    submission = finalize(reviewed, engagement, lena)

    frozen = json.loads(submission.frozen)
    (layer,) = frozen["layers"]
    ratings = layer_ratings(reviewed, engagement)
    outcome = assess(reviewed.questionnaire, current_basis(), ratings["consultant"], method=reviewed.method, target=3)
    assert (submission.kind, submission.revision, submission.sha256) == ("final", 1, sha256_of(submission.frozen))
    assert (layer["consultancy"], layer["layer"], layer["ratings"]) == ("Sage 咨询", "consultant", ratings["consultant"])
    assert layer["result"] == json.loads(json.dumps(outcome_as_json(outcome)))
    assert layer["verdicts"]["DS1.1.1"]["note"] == "Nothing is written down."
    assert [(row["by"], row["sha256"]) for row in frozen["signatures"]] == [("Rita", signature.sha256)]
    assert frozen["answers"]["DS1.1.1"]["rating"] == "full"


def test_the_frozen_page_and_its_file(client, reviewed, engagement, alice, lena, rita):
    adjust(reviewed, engagement, "DS1.1.1", "none", rita, note="Nothing is <written> down.")
    sign(reviewed, engagement, rita)
    submission = finalize(reviewed, engagement, lena)
    client.force_login(alice)

    page = client.get(reverse("submission", args=["acme", reviewed.pk, submission.pk])).content.decode()
    file = client.get(reverse("submission_file", args=["acme", reviewed.pk, submission.pk]))

    assert submission.sha256 in page
    assert "Nothing is &lt;written&gt; down." in page
    assert "Sage" in page
    assert sha256_of(file.content.decode()) == submission.sha256
    assert file["Content-Disposition"].startswith("attachment")


def test_a_firm_does_not_find_another_in_what_is_frozen(client, reviewed, engagement, acme, alice, lena, rita, charlie):
    kind = Organization.Kind.CONSULTANCY
    oak = found_organization(name="Oak", slug="oak", kind=kind, by=charlie, at=NOON)
    other = engage(acme, oak, alice, [(charlie, TeamRole.LEAD)])
    adjust(reviewed, engagement, "DS1.1.1", "none", rita, note="Sage says so.")
    adjust(reviewed, other, "DS1.1.1", "partly", charlie, note="Oak says so.")
    sign(reviewed, engagement, rita)
    submission = finalize(reviewed, engagement, lena)
    client.force_login(charlie)

    page = client.get(reverse("submission", args=["acme", reviewed.pk, submission.pk])).content.decode()
    file = client.get(reverse("submission_file", args=["acme", reviewed.pk, submission.pk])).content.decode()

    for text in (page, file):
        assert "Oak says so." in text
        for word in ("Sage", "Rita", submission.sha256):
            assert word not in text


def test_a_submission_of_another_assessment_is_not_found(as_alice, reviewed, acme, alice, engagement, rita, lena):
    sign(reviewed, engagement, rita)
    submission = finalize(reviewed, engagement, lena)
    another = begin(acme, alice, name="Another")

    assert as_alice.get(reverse("submission", args=["acme", another.pk, submission.pk])).status_code == 404
    assert as_alice.get(reverse("submission_file", args=["acme", another.pk, submission.pk])).status_code == 404


# the lock


def locked_writes(the):
    """Every operation that writes to an assessment, called on a final one: name -> call."""
    a, who, c = the["assessment"], {"by": the["alice"], "at": LATER}, criterion_of(the["assessment"], "DS1.1.1")
    here, rita = {"assessment": a, "criterion": c}, {"by": the["rita"], "at": LATER}
    revision = Answer.objects.get(**here).revisions.get()
    piece = the["link"].evidence
    verdict = {"engagement": the["engagement"], "judged": Judged("agree", "full"), "answer_revision": 1, "read_revision": 1}
    return {
        "save_answer": lambda: answering.save_answer(**here, said=Said("none"), read_revision=1, **who),
        "undo_answer": lambda: answering.undo_answer(**here, to=revision, read_revision=1, **who),
        "take_over_item": lambda: taking_over.take_over_item(assessment=a, item_code="DS1", previous={}, allowed={}, **who),
        "undo_take_over": lambda: taking_over.undo_take_over(assessment=a, item_code="DS1", **who),
        "link_evidence": lambda: evidence.link_evidence(**here, evidence=piece, place="p. 9", **who),
        "unlink_evidence": lambda: evidence.unlink_evidence(**here, evidence=piece, **who),
        "add_evidence_for": lambda: evidence.add_evidence_for(
            **here, description=Description("New"), content=Address("https://x.example"), place="", **who
        ),
        "write_comment": lambda: discussing.write_comment(**here, text="Late", **who),
        "settle_question": lambda: discussing.settle_question(comment=the["question"], **who),
        "set_mark": lambda: discussing.set_mark(**here, marked=True, **who),
        "assign_items": lambda: assigning.assign_items(assessment=a, item_codes=["DS1"], person=the["alice"], **who),
        "clear_assignments": lambda: assigning.clear_assignments(assessment=a, item_codes=["DS1"], **who),
        "pass_on": lambda: assigning.pass_on(assessment=a, item_code="DS1", department=None, person=the["alice"], **who),
        "save_verdict": lambda: reviewing.save_verdict(**here, **verdict, **rita),
        "agree_to_several": lambda: reviewing.agree_to_several(
            place=guest_at(the["rita"], "acme"), assessment=a, item_code="DS1", answer_revisions={"DS1.1.2": 1}, **rita
        ),
        "sign_review": lambda: reviewing.sign_review(assessment=a, engagement=the["engagement"], **rita),
        "move_assessment": lambda: lifecycle.move_assessment(assessment=a, permission=Permission.REVIEW_RETURN, **who),
        "submit_assessment": lambda: lifecycle.submit_assessment(assessment=a, **who),
        "return_assessment": lambda: lifecycle.return_assessment(assessment=a, note="x", **rita),
        "finalize_assessment": lambda: lifecycle.finalize_assessment(assessment=a, **rita),
        "issue_kit": lambda: kit.issue_kit(assessment=a, items=frozenset(["DS1"]), language="en", **who),
    }  # fmt: skip


UNHELD = {  # what writes without asking for the assessment's state, and why it may
    "answering.py: write_answer": "for callers that hold it",
    "reviewing.py: write_verdict": "for callers that hold it",
    "lifecycle.py: start_assessment": "makes a new one",
    "bridging.py: bridge_assessment": "makes a new one",
    "telling.py: tell_of_move": "mail only",
    "evidence.py: add_evidence": "the library, beside all assessments; a final keeps title and hash",
    "evidence.py: add_evidence_version": "the library",
    "evidence.py: edit_evidence": "the library",
    "evidence.py: describe_evidence": "the library",
    "evidence.py: remove_evidence": "the library",
    "evidence.py: restore_evidence": "the library",
    "evidence.py: record_opening": "the trail only",
    "kit.py: record_download": "the trail only",
    "engagement_scope.py: set_scope": "who may enter, not what it says",
    "engagement_scope.py: offer_with_scope": "who may enter",
    "engagement_scope.py: accept_with_scope": "who may enter",
    "phases.py: plan_phases": "the plan of the engagement",
    **{
        f"planning.py: {name}": "the improvement plan goes on after the final"
        for name in (
            "add_action", "add_proof", "ask_to_close", "change_action", "change_settings", "comment_action", "confirm_closing",
            "merge_actions", "refuse_closing", "remove_action", "reopen_action", "restore_action", "set_status",
            "suggest_actions", "switch_actions", "take_proof_off", "unmerge", "withdraw_closing",
        )
    },
}  # fmt: skip


@pytest.fixture
def final(assessment, alice, engagement, lena, rita, in_acme):
    answer_all(assessment, alice)
    link = prove(assessment, "DS1.1.1", alice)
    question = write_comment(
        assessment=assessment, criterion=criterion_of(assessment, "DS1.1.1"), text="Who?", asked=alice, by=alice, at=NOON
    )
    put(assessment, State.IN_REVIEW)
    judge(assessment, engagement, "DS1.1.1", AGREE, rita)
    sign(assessment, engagement, rita)
    finalize(assessment, engagement, lena)
    membership = alice.memberships.get()
    return {
        "assessment": assessment, "alice": alice, "rita": rita, "engagement": engagement, "link": link, "question": question,
        "membership": membership,
    }  # fmt: skip


def everything():
    """All rows of every table of ours but the trail, which may note a refusal."""
    tables = [model._meta.db_table for model in apps.get_app_config("assessments").get_models()]
    with connection.cursor() as cursor:
        rows = {}
        for table in tables:
            cursor.execute(f"SELECT * FROM {table} ORDER BY id")
            rows[table] = cursor.fetchall()
        return rows


def test_a_final_assessment_is_locked_on_every_path(final):
    before = everything()

    for name, write in locked_writes(final).items():
        with pytest.raises(Closed):
            write()
        assert everything() == before, name


def test_no_writing_operation_forgets_to_ask_for_the_state():
    """Whatever writes by somebody at a time holds the assessment open first, itself or by what it calls, or is excused above."""
    unheld = set()
    for file in Path(assessments.operations.__file__).parent.glob("*.py"):
        functions = {node.name: node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.FunctionDef)}
        for name, node in functions.items():
            writes = {"by", "at"} <= {argument.arg for argument in [*node.args.kwonlyargs, *node.args.args]}
            if writes and not name.startswith("_") and not _holds(name, functions, set()):
                unheld.add(f"{file.name}: {name}")

    assert unheld == set(UNHELD)


def _holds(name: str, functions: dict, seen: set) -> bool:
    seen.add(name)
    called = {node.id for node in ast.walk(functions[name]) if isinstance(node, ast.Name)}
    if called & {"hold_open", "state_allows", "TRANSITIONS"}:
        return True
    return any(_holds(other, functions, seen) for other in (called & set(functions)) - seen)


WRITES_BY_ADDRESS = {  # route -> (its parts, its body), as somebody whose role allows it
    "save_answer": (["DS1.1.1"], {"rating": "none", "revision": 1}, "alice"),
    "undo_answer": (["DS1.1.1"], {"to": 1, "revision": 1}, "alice"),
    "mark_criterion": (["DS1.1.1"], {"marked": 1}, "alice"),
    "discussion": (["DS1.1.1"], {"text": "Late"}, "rita"),
    "criterion_evidence": (["DS1.1.1"], {"url": "https://x.example", "title": "x"}, "alice"),
    "take_over_item": (["DS1"], {}, "alice"),
    "pass_on": (["DS1"], {}, "alice"),
    "assign": ([], {"action": "clear", "item": ["DS1"]}, "alice"),
    "verdict": (["DS1.1.1"], {"kind": "agree", "answer_revision": 1, "revision": 1}, "rita"),
    "agree_item": (["DS1"], {"agree": ["DS1.1.2:1"]}, "rita"),
    "sign_review": ([], {"confirmed": "on"}, "rita"),
    "return_assessment": ([], {"reason": "x"}, "rita"),
    "begin_review": ([], {}, "rita"),
}


@pytest.mark.parametrize("route", WRITES_BY_ADDRESS)
def test_the_pages_refuse_with_a_sentence(client, final, route):
    parts, body, who = WRITES_BY_ADDRESS[route]
    client.force_login(final[who])
    before = everything()

    response = client.post(reverse(route, args=["acme", final["assessment"].pk, *parts]), body)

    assert response.status_code == 409
    assert everything() == before


# opened again


def test_reopening_begins_the_next_revision_and_keeps_the_final(final, dora, lena, rita):
    assessment, alice = final["assessment"], final["alice"]
    before = list(Submission.objects.values_list("sha256", "frozen"))
    QueuedMail.objects.all().delete()

    reopen_assessment(assessment=assessment, reason="The audit found a new record.", by=alice, at=LATER)

    assessment.refresh_from_db()
    entry = ActivityEntry.objects.get(verb="assessment.reopened")
    assert (assessment.state, assessment.revision) == (State.RETURNED, 2)
    assert assessment.state_note == "The audit found a new record."
    assert list(Submission.objects.values_list("sha256", "frozen")) == before
    assert "audit" not in entry.about
    assert entry.about.endswith("revision 2")
    assert {mail.to for mail in QueuedMail.objects.all()} == {dora.email, lena.email, rita.email}


def test_the_next_final_stands_beside_the_first(final, lena, rita):
    assessment, engagement = final["assessment"], final["engagement"]
    reopen_assessment(assessment=assessment, reason="New proof", by=final["alice"], at=LATER)
    put(assessment, State.IN_REVIEW)
    with pytest.raises(NotSigned):
        finalize(assessment, engagement, lena, at=LATER)  # the signature was for the first revision
    sign(assessment, engagement, rita, at=LATER)

    finalize(assessment, engagement, lena, at=LATER)

    finals = Submission.objects.filter(kind=Submission.Kind.FINAL).order_by("revision")
    assert [row.revision for row in finals] == [1, 2]
    assert Verdict.objects.count() == 1


@pytest.mark.parametrize(("who", "status"), [("alice", 302), ("lena", 302), ("rita", 403), ("dora", 403), ("bob", 403)])
def test_owner_and_lead_reopen_with_a_reason(client, final, request, who, status):
    client.force_login(request.getfixturevalue(who))
    place = reverse("reopen_assessment", args=["acme", final["assessment"].pk])

    empty = client.post(place, {"reason": " "})
    done = client.post(place, {"reason": "New proof"})

    assert empty.status_code == (422 if status == 302 else 403)
    assert done.status_code == status
