"""An expert panel and an interview of the furnished example: one item rated and half settled, one being rated, one sheet."""

import random
from datetime import datetime, timedelta

from django.utils import timezone
from django_scopes import scope

from assessments.models import Answer, Assessment, InterviewNote, PanelRater, Verdict
from assessments.operations.interviewing import Meeting, make_sheet, save_interview_note
from assessments.operations.panel import call_panel, finish_rating, save_blind_rating, settle_criterion, settle_unanimous
from assessments.queries.criteria import criteria_by_code
from assessments.queries.interviewing import proposals_of
from assessments.queries.panel import ballots_of, most_disputed_first
from assessments.queries.reviewing import advising_engagements
from organizations.models import Organization, TeamMember
from organizations.permissions import Permission, allows
from questionnaires.schema import rated_codes

NEAR = {
    "full": ("full", "largely"),
    "largely": ("largely", "full", "partly"),
    "partly": ("partly", "largely"),
    "none": ("none", "partly"),
}
NOTES = ("记录只到上半年。", "看过系统，确实在用。", "口径与制度不一致。", "两家子公司未覆盖。")
SAID = (
    (InterviewNote.Outcome.CONFIRMS, "现场演示了流程，最近三个月的记录齐全。"),
    (InterviewNote.Outcome.CONTRADICTS, "受访人表示制度发布后尚未执行，仍按老办法处理。"),
    (InterviewNote.Outcome.PROMISED, "专题会纪要在档案室，承诺本周五前补充上传。"),
)


def furnish_panel(slug: str, *, at: datetime):
    """Into the enterprise's newest assessment, which is in review."""
    organization = Organization.objects.get(slug=slug)
    with scope(organization=organization):
        assessment = Assessment.objects.filter(organization=organization).order_by("-pk").first()
        engagement = next(iter(advising_engagements(assessment)), None)
        if engagement is None:
            return
        team = TeamMember.objects.filter(engagement=engagement).select_related("user").order_by("pk")
        raters = [row.user for row in team if allows(row.role, Permission.REVIEW_WRITE)]
        _panels(assessment, engagement, raters, at)
        _interview(assessment, engagement, raters[0], at)


def _panels(assessment: Assessment, engagement, raters, at: datetime):
    lead, chance = raters[0], random.Random(f"{assessment.organization.slug} panel")
    settled, waiting = call_panel(
        engagement=engagement,
        assessment=assessment,
        item_codes=["DG1", "DQ1"],
        raters=raters,
        by=lead,
        at=at - timedelta(hours=5),
    )
    for rater in raters:
        _rate(settled, rater, chance, at - timedelta(hours=4))
    _rate(waiting, raters[-1], chance, at - timedelta(hours=3))
    settled.refresh_from_db()
    settle_unanimous(panel=settled, by=lead, at=at - timedelta(hours=2))
    disputed = next((row for row in most_disputed_first(ballots_of(assessment, settled)) if not row.is_settled), None)
    if disputed:
        settle_criterion(
            panel=settled,
            criterion=criteria_by_code(assessment.version)[disputed.code],
            rating="partly",
            reason=Verdict.Reason.PARTIAL,
            note="合议：总部已执行，子公司尚无记录，按部分满足。",
            answer_revision=disputed.answer_revision,
            read_revision=disputed.settled.revision if disputed.settled else 0,
            by=lead,
            at=at - timedelta(hours=1),
        )


def _rate(panel, user, chance: random.Random, at: datetime):
    """The whole item; ratings scatter about the enterprise's own, mostly below it."""
    assessment = panel.assessment
    own = dict(Answer.objects.filter(assessment=assessment).values_list("criterion__code", "rating"))
    rater, criteria = PanelRater.objects.get(panel=panel, user=user), criteria_by_code(assessment.version)
    rater.panel = panel
    for code in rated_codes(assessment.questionnaire.item_by_code[panel.item_code]):
        near = NEAR.get(own.get(code), ("partly",))
        rating = near[0] if chance.random() < 0.65 else chance.choice(near)
        note = chance.choice(NOTES) if chance.random() < 0.25 else ""
        save_blind_rating(rater=rater, criterion=criteria[code], rating=rating, note=note, read_revision=0, by=user, at=at)
    finish_rating(rater=rater, by=user, at=at)


def _interview(assessment: Assessment, engagement, by, at: datetime):
    """The role with the most to ask, the first three criteria talked through."""
    proposals = proposals_of(assessment, engagement, timezone.localdate(at))
    if not proposals:
        return
    lead = max(proposals, key=lambda role: len(proposals[role]))
    codes = [row.code for row in proposals[lead][:8]]
    meeting = Meeting("林晓岚（数据管理部）", lead, timezone.localdate(at), "三楼会议室")
    sheet = make_sheet(
        engagement=engagement, assessment=assessment, meeting=meeting, codes=codes, by=by, at=at - timedelta(hours=6)
    )
    for code, (outcome, note) in zip(sorted(codes), SAID, strict=False):
        save_interview_note(
            sheet=sheet,
            criterion=criteria_by_code(assessment.version)[code],
            outcome=outcome,
            note=note,
            read_revision=0,
            by=by,
            at=at - timedelta(hours=5),
        )
