"""A throw-away tenant with a row of everything, in which every text, file and address holds a unique word.

The tests of rights walk it, and so does the proof of isolation. **A new model gets a row in ``furnish``; a new part of an
address gets an entry in the ids that ``furnish`` returns.** ``dcmm_site.isolation.marking`` finds the model or field that was
forgotten, ``tests/isolation`` the part of an address.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from django.core.files.base import ContentFile
from django.utils import timezone
from django_scopes import scope

from assessments.kit.reading import ReadRow
from assessments.models import (
    ActionAim,
    ActionClosing,
    ActionComment,
    ActionNeed,
    ActionProof,
    Answer,
    AnswerRevision,
    Assessment,
    Assignment,
    BlindRating,
    Comment,
    DraftAnswer,
    EngagementPhase,
    EngagementScope,
    Evidence,
    EvidenceLink,
    EvidenceVersion,
    ImprovementAction,
    InterviewNote,
    InterviewSheet,
    Kit,
    KitReturn,
    Mark,
    PanelItem,
    PanelRater,
    PlanSetting,
    ReturnPoint,
    SignOff,
    Submission,
    Verdict,
    VerdictRevision,
)
from assessments.operations.lifecycle import start_assessment
from assessments.operations.standings import refresh_standings
from assessments.queries.kit import baseline_of
from assessments.queries.submission import as_canonical_json, content_to_freeze, sha256_of
from dcmm_site.isolation.cast import Cast, Marks, gather, person
from organizations.models import Invitation, Organization, Role, TeamMember, TeamRole, User
from organizations.operations.mail import queue_mail
from organizations.operations.membership import add_member
from organizations.operations.trail import record_activity
from questionnaires.library import current_version
from questionnaires.models import Criterion
from reports.models import Branding, ClientTag, RenderJob, Report, ReportBatch, SavedView

ITEM, CODE, ANOTHER = "DS1", "DS1.1.1", "DS1.2.1"  # ANOTHER has no row of a kind that allows one per criterion


@dataclass(frozen=True)
class World:
    """``ids`` fills every part of an address; ``ids_of`` those of routes where the same part means something else."""

    marks: Marks
    cast: Cast
    assessment: Assessment  # with a row of everything
    other: Assessment  # of the same enterprise, and all that ``cast.partial`` sees
    ids: dict
    ids_of: dict

    @property
    def organization(self) -> Organization:
        return self.cast.enterprise

    @property
    def people(self) -> dict[str, User]:
        return self.cast.people

    @property
    def tenants(self) -> tuple[Organization, ...]:
        return (self.cast.enterprise, self.cast.firm, self.cast.other_firm, self.cast.client)

    def filled(self, name: str, parts: Iterable[str]) -> dict:
        """The parts of the address of a route, with rows of this world. KeyError: a part that nothing fills."""
        ids = self.ids | self.ids_of.get(name, {})
        return {part: ids[part] for part in parts}


def build_world(word: str, at: datetime | None = None) -> World:
    """Everything that the word names, written now. ``word``: ten Latin letters and digits, unique, also read backwards."""
    at = at or timezone.now()
    marks = Marks(word)
    cast = gather(marks, at)
    Organization.objects.filter(pk=cast.enterprise.pk).update(contact_code=word.upper())
    cast.enterprise.refresh_from_db()
    owner = cast.people[Role.OWNER]
    with scope(organization=cast.enterprise):
        other = begin(cast.enterprise, f"Last year {marks.name}", owner, at - timedelta(days=365))
        EngagementScope.objects.create(organization=cast.enterprise, engagement=cast.half, assessment=other)
        older = begin(cast.enterprise, f"Years ago {marks.title}", owner, at - timedelta(days=700), code="gbt36073-2018")
        assessment = begin(cast.enterprise, f"This year {marks.title}", owner, at)
        assessment.derived_from = older
        assessment.save(update_fields=["derived_from"])
        ids = furnish(cast, marks, assessment, at)
        refresh_standings(assessment)
    with scope(organization=cast.client):
        theirs = begin(cast.client, f"Client's {marks.title}", cast.advising.answered_by, at)
        refresh_standings(theirs)
        place = TeamMember.objects.get(engagement=cast.advising, user=owner)
    return World(marks, cast, assessment, other, ids, _ids_of_routes(cast, place, older))


def _ids_of_routes(cast: Cast, place: TeamMember, older: Assessment) -> dict:
    """Where a part of the address means another row: the enterprise as an adviser, the assessment of an older edition."""
    staffing = {"engagement_id": cast.advising.pk, "member_id": place.pk}
    return {"add_to_team": staffing, "take_off_team": staffing, "continue_assessment": {"assessment_id": older.pk}}


def begin(organization: Organization, name: str, by: User, at: datetime, code: str = "gbt36073-2025") -> Assessment:
    version = current_version(code)
    return start_assessment(organization=organization, version=version, name=name, target=1, by=by, at=at)


def furnish(cast: Cast, marks: Marks, assessment: Assessment, at: datetime) -> dict:
    """One row of each kind; the rows that only some may change belong to nobody in particular or to the respondent."""
    desk = Desk(cast, marks, assessment, at)
    return {
        "assessment_id": assessment.pk,
        "item_code": ITEM,
        "criterion_code": CODE,
        "user_id": cast.people[Role.RESPONDENT].pk,
        "department_id": cast.department.pk,
        "engagement_id": cast.engagement.pk,
        "client_slug": cast.client.slug,
        "form": "csv",
        **_organization_rows(desk),
        **_answer_rows(desk),
        **_evidence_rows(desk),
        **_review_rows(desk),
        **_panel_rows(desk),
        **_interview_rows(desk),
        **_plan_rows(desk),
        **_kit_rows(desk),
        **_frozen_rows(desk),
        **_portfolio_rows(desk),
    }


@dataclass(frozen=True)
class Desk:
    """What every row of ``furnish`` takes from."""

    cast: Cast
    marks: Marks
    assessment: Assessment
    at: datetime

    @property
    def tenant(self) -> dict:
        return {"organization": self.cast.enterprise}

    @property
    def here(self) -> dict:
        return {"organization": self.cast.enterprise, "assessment": self.assessment}

    @property
    def owner(self) -> User:
        return self.cast.people[Role.OWNER]

    @property
    def respondent(self) -> User:
        return self.cast.people[Role.RESPONDENT]

    def criterion(self, code: str = CODE) -> Criterion:
        return Criterion.objects.get(version=self.assessment.version, code=code)

    def says(self, word: str) -> str:
        return f"{word} {self.marks.content}"


def _organization_rows(desk: Desk) -> dict:
    name, at, owner = desk.marks.name, desk.at, desk.owner
    colleague = person("colleague", name)
    membership = add_member(**desk.tenant, user=colleague, role=Role.VIEWER, by=owner, at=at)
    invitation = Invitation.objects.create(
        **desk.tenant,
        email=f"new@{name}.example",
        name=f"New {name}",
        role=Role.VIEWER,
        token_sha256=hashlib.sha256(name.encode()).hexdigest(),
        invited_by=owner,
        invited_at=at,
        expires_at=at + timedelta(days=3650),
    )
    queue_mail(to=owner.email, subject=desk.says("Subject"), text=desk.says("Text"), at=at)
    record_activity("assessment.started", **desk.tenant, about=desk.says("about"), by=owner, at=at)
    return {
        "membership_id": membership.pk,
        "invitation_id": invitation.pk,
        "token": invitation.token_sha256,  # what the database holds is not what the link says
    }


def _answer_rows(desk: Desk) -> dict:
    respondent, at, criterion = desk.respondent, desk.at, desk.criterion()
    answer = Answer.objects.create(
        **desk.here, criterion=criterion, rating="full", note=desk.says("Note"), revision=2,
        answered_by=respondent, answered_at=at,
    )  # fmt: skip
    for revision, rating in ((1, "none"), (2, "full")):
        AnswerRevision.objects.create(
            **desk.tenant, answer=answer, revision=revision, rating=rating, note=desk.says("Note"), by=respondent, at=at
        )
    Mark.objects.create(**desk.here, criterion=criterion, marked_by=respondent, marked_at=at)
    comment = Comment.objects.create(
        **desk.here, criterion=criterion, text=desk.says("Who knows?"), is_question=True, asked=respondent,
        written_by=respondent, written_at=at,
    )  # fmt: skip
    Assignment.objects.create(
        **desk.here, item_code="DQ1", department=desk.cast.department, note=desk.says("Passed on"),
        assigned_by=desk.owner, assigned_at=at,
    )  # fmt: skip
    Assessment.objects.filter(pk=desk.assessment.pk).update(state_note=desk.says("Returned"))
    DraftAnswer.objects.create(
        **desk.here, criterion=desk.criterion(ANOTHER), relation="reworded", came_from=["DS1.1.1"], rule="kept",
        rating="partly", note=desk.says("Proposed"),
    )  # fmt: skip
    return {"comment_id": comment.pk}


def _evidence_rows(desk: Desk) -> dict:
    respondent, at = desk.respondent, desk.at
    evidence = Evidence.objects.create(
        **desk.tenant, title=desk.says("Plan"), keeper=desk.says("Keeper"), added_by=respondent, added_at=at
    )
    by = {"evidence": evidence, "added_by": respondent, "added_at": at}
    content = f"%PDF-1.7\n% {desk.says('proof')}".encode()
    version = EvidenceVersion(
        **desk.tenant, **by, number=1, name=f"{desk.says('plan')}.pdf", media_type="application/pdf",
        size=len(content), sha256=hashlib.sha256(content).hexdigest(),
    )  # fmt: skip
    version.file.save(f"plan-{desk.marks.content}", ContentFile(content))
    link = f"https://{desk.marks.content}.example/plan"
    EvidenceVersion.objects.create(**desk.tenant, **by, number=2, url=link, name=desk.says("link"))
    EvidenceLink.objects.create(
        **desk.here, evidence=evidence, criterion=desk.criterion(), place=desk.says("p. 1"), linked_by=respondent, linked_at=at
    )  # fmt: skip
    return {"evidence_id": evidence.pk, "number": 1, "path": version.file.name}


def _review_rows(desk: Desk) -> dict:
    """The consultancy's judgement of the first criterion, and what came of it."""
    at, note, engagement = desk.at, f"Verdict {desk.marks.judged}", desk.cast.engagement
    reviewer, criterion = desk.cast.people[TeamRole.REVIEWER], desk.criterion()
    judged = {"kind": Verdict.Kind.ADJUST, "rating": "partly", "reason": Verdict.Reason.NO_PROOF, "note": note}
    verdict = Verdict.objects.create(
        **desk.here, **judged, engagement=engagement, criterion=criterion, answer_revision=2, decided_by=reviewer, decided_at=at
    )  # fmt: skip
    VerdictRevision.objects.create(**desk.tenant, **judged, verdict=verdict, revision=1, answer_revision=2, by=reviewer, at=at)
    ReturnPoint.objects.create(
        **desk.here, engagement=engagement, criterion=criterion, kind=ReturnPoint.Kind.MORE, text=note, answer_revision=2,
        returned_by=reviewer, returned_at=at,
    )  # fmt: skip
    SignOff.objects.create(**desk.here, engagement=engagement, sha256="0" * 64, note=note, signed_by=reviewer, signed_at=at)
    return {}


def _panel_rows(desk: Desk) -> dict:
    """An item that the reviewer and the lead rate, the reviewer's ratings being there."""
    at, engagement = desk.at, desk.cast.engagement
    lead, reviewer = desk.cast.people[TeamRole.LEAD], desk.cast.people[TeamRole.REVIEWER]
    panel = PanelItem.objects.create(**desk.here, engagement=engagement, item_code=ITEM, called_by=lead, called_at=at)
    PanelRater.objects.create(**desk.tenant, panel=panel, user=lead)
    rater = PanelRater.objects.create(**desk.tenant, panel=panel, user=reviewer)
    BlindRating.objects.create(
        **desk.tenant, rater=rater, criterion=desk.criterion(), rating="partly", note=f"Rated {desk.marks.papers}",
        answer_revision=2, rated_at=at,
    )  # fmt: skip
    return {"panel_id": panel.pk}


def _interview_rows(desk: Desk) -> dict:
    at, says, engagement = desk.at, desk.marks.papers, desk.cast.engagement
    by = desk.cast.people[TeamRole.REVIEWER]
    sheet = InterviewSheet.objects.create(
        **desk.here, engagement=engagement, lead="data_office", interviewee=f"Li Na {says}", held_on=at.date(),
        place=f"Room {says}", made_by=by, made_at=at,
    )  # fmt: skip
    InterviewNote.objects.create(
        **desk.tenant, sheet=sheet, criterion=desk.criterion(), outcome="confirms", note=f"Said {says}", revision=1,
        noted_by=by, noted_at=at,
    )  # fmt: skip
    EngagementPhase.objects.create(
        **desk.tenant, engagement=engagement, phase=EngagementPhase.Phase.TRAINING, planned_on=at.date(), responsible=by,
        note=f"Training {desk.marks.judged}",
    )  # fmt: skip
    return {"sheet_id": sheet.pk, "phase": "training"}


def _plan_rows(desk: Desk) -> dict:
    """An action that waits for a second person, and before it one that was closed and opened again."""
    at, owner, respondent = desk.at, desk.owner, desk.respondent
    PlanSetting.objects.create(**desk.here, starts_on=at.date(), rates={"it": "1500"}, currency=desk.marks.name, revision=1)
    words = {"title": desk.says("Action"), "text": desk.says("To do"), "lead": "it", "owner": respondent, "made_by": owner}
    words |= {"department": desk.cast.department, "days": 5, "due_on": at.date(), "quarter": "2026Q4", "made_at": at}
    first = ImprovementAction.objects.create(**desk.here, **words, number=1, status="doing")
    action = ImprovementAction.objects.create(**desk.here, **words, number=2, status="closing")
    ActionAim.objects.create(**desk.tenant, action=action, criterion=desk.criterion(ANOTHER))
    ActionNeed.objects.create(**desk.tenant, action=action, needs=first)
    ActionComment.objects.create(
        **desk.tenant, action=action, text=desk.says("Why so late?"), written_by=respondent, written_at=at
    )
    evidence = Evidence.objects.create(**desk.tenant, title=desk.says("Minutes"), added_by=respondent, added_at=at)
    link = f"https://{desk.marks.content}.example/minutes"
    EvidenceVersion.objects.create(**desk.tenant, evidence=evidence, number=1, url=link, added_by=respondent, added_at=at)
    for row in (first, action):
        ActionProof.objects.create(**desk.tenant, action=row, evidence=evidence, place=desk.says("p. 2"))
    asked = {"note": desk.says("Done"), "asked_by": respondent, "asked_at": at}
    ActionClosing.objects.create(
        **desk.tenant, **asked, action=first, outcome="undone", decision=desk.says("Confirmed"), decided_by=owner,
        decided_at=at, before="1", after="6/5", level_before=1, level_after=1, undone_by=owner, undone_at=at,
        undone_why=desk.says("Not yet"),
    )  # fmt: skip
    waiting = ActionClosing.objects.create(**desk.tenant, **asked, action=action)
    return {"action_id": action.pk, "closing_id": waiting.pk}


def _portfolio_rows(desk: Desk) -> dict:
    """What the enterprise keeps as the adviser of its client."""
    ClientTag.objects.create(**desk.tenant, client=desk.cast.client, name=f"tag {desk.marks.content}")
    view = SavedView.objects.create(**desk.tenant, user=desk.owner, name=desk.says("View"), query=f"q={desk.marks.content}")
    return {"view_id": view.pk}


def _kit_rows(desk: Desk) -> dict:
    respondent, at = desk.respondent, desk.at
    baseline = {CODE: baseline_of(desk.assessment, frozenset({ITEM}))[CODE]}
    kit = Kit.objects.create(
        **desk.here, number=1, language="en", baseline=baseline, question_count=1, issued_by=respondent, issued_at=at
    )
    row = asdict(ReadRow(code=CODE, sheet="DS", row=5, rating="full", na_reason="", note=desk.says("Back"), evidence=()))
    returned = KitReturn.objects.create(
        **desk.here, kit=kit, file_name=f"{desk.says('kit')}.xlsx", rows={"saved_at": None, "rows": {CODE: row}, "others": []},
        outcome={"note": desk.says("outcome")}, returned_by=respondent, returned_at=at,
    )  # fmt: skip
    return {"kit_id": kit.pk, "return_id": returned.pk}


def _frozen_rows(desk: Desk) -> dict:
    at, frozen = desk.at, as_canonical_json(content_to_freeze(desk.assessment))
    submission = Submission.objects.create(
        **desk.here, frozen=frozen, sha256=sha256_of(frozen), submitted_by=desk.owner, submitted_at=at
    )
    report = Report(
        **desk.here, language="en", snapshot=f'{{"note":"{desk.says("frozen")}"}}', sha256="0" * 64, pages=1,
        department=desk.cast.department, department_name=desk.says("Department"), formats=["pdf", "docx", "xlsx"],
        made_by=desk.owner, made_at=at, ready_at=at,
    )  # fmt: skip
    for field, ending in ((report.file, "pdf"), (report.word, "docx"), (report.workbook, "xlsx")):
        content = f"%PDF-1.7\n% {desk.says('report')}".encode()
        field.save(f"{desk.marks.content}.{ending}", ContentFile(content), save=False)
    report.save()
    RenderJob.objects.create(
        tenant=report.organization_id, asking=report.organization_id, person=desk.owner.pk, report=report.pk, state="done",
        percent=100, queued_at=at, next_try_at=at, ended_at=at,
    )  # fmt: skip
    members = [[report.organization_id, report.pk]]
    batch = ReportBatch.objects.create(
        **desk.tenant, title=desk.says("Volumes"), members=members, made_by=desk.owner, made_at=at, ready_at=at
    )
    Branding.objects.create(**desk.tenant, cover_text=desk.says("Cover"), disclaimer=desk.says("Disclaimer"))
    return {"submission_id": submission.pk, "report_id": report.pk, "batch_id": batch.pk}
