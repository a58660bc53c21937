"""The reviews of the furnished example: one returned and sent in again, one half done with a verdict that is open again."""

import random
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.utils import timezone
from django_scopes import scope

from assessments.forms.answering import allowed_ratings
from assessments.models import Answer, Assessment, Verdict
from assessments.operations.answering import Said, save_answer
from assessments.operations.lifecycle import move_assessment, return_assessment, submit_assessment
from assessments.operations.reviewing import Judged, save_verdict
from assessments.queries.criteria import criteria_by_code
from assessments.queries.evidence import evidence_counts
from assessments.queries.returning import open_points
from assessments.queries.reviewing import advising_engagements, lacks_proof
from organizations.models import Organization, Role, TeamMember, TeamRole, User
from organizations.permissions import Permission
from questionnaires.schema import rated_codes

Kind, Reason = Verdict.Kind, Verdict.Reason
LOWER = {"full": "largely", "largely": "partly", "partly": "none"}
ADJUSTMENTS = (
    (Reason.PARTIAL, "材料只覆盖总部，两家子公司没有对应的制度和记录。"),
    (Reason.NOT_LIVED, "制度已发布，但访谈的两个部门都没有按流程执行的记录。"),
    (Reason.NO_PROOF, "所附材料是方案，看不出已经执行。"),
    (Reason.OUTDATED, "最近一份记录已超过一年。"),
)
QUESTIONS = (
    "请补充近12个月的执行记录，任选两个部门即可。",
    "系统截图看不到日期，请提供带时间的页面或导出件。",
    "该制度覆盖哪些业务系统？请列出清单。",
)


def furnish_reviews(slugs: Iterable[tuple[str, bool]], *, at: datetime):
    """Bring reviews into the enterprises' newest assessments. With ``goes_on`` the second round has begun and is half done."""
    for slug, goes_on in slugs:
        with scope(organization=Organization.objects.get(slug=slug)):
            assessment = Assessment.objects.filter(organization__slug=slug).order_by("-pk").first()
            engagement = next(iter(advising_engagements(assessment)), None)
            if engagement:
                _Review(assessment, engagement, at).play(goes_on)


class _Review:
    def __init__(self, assessment: Assessment, engagement, at: datetime):
        self.assessment, self.engagement, self.at = assessment, engagement, at
        team = {row.role: row.user for row in TeamMember.objects.filter(engagement=engagement).select_related("user")}
        self.lead = team[TeamRole.LEAD]
        self.reviewer = team.get(TeamRole.REVIEWER, self.lead)
        self.owner = assessment.organization.memberships.get(role=Role.OWNER).user
        self.criteria = criteria_by_code(assessment.version)
        self.chance = random.Random(f"{assessment.organization.slug} review")
        self.proven = evidence_counts(assessment, timezone.localdate(at))

    def play(self, goes_on: bool):
        items = self.assessment.questionnaire.items
        if self.assessment.state == Assessment.State.SUBMITTED:
            self._move(Permission.REVIEW_BEGIN, self.lead, hours=-21)
        self._judge(items[: len(items) // 4], hours=-18)
        self._return(hours=-14)
        self._rework(hours=-8)
        submit_assessment(assessment=self.assessment, by=self.owner, at=self._then(-4))
        if goes_on:
            self._move(Permission.REVIEW_BEGIN, self.lead, hours=-3)
            self._judge(items[len(items) // 4 : len(items) // 2], hours=-2)

    def _then(self, hours: int) -> datetime:
        return self.at + timedelta(hours=hours)

    def _move(self, permission: Permission, by: User, hours: int):
        move_assessment(assessment=self.assessment, permission=permission, by=by, at=self._then(hours))

    def _answers(self) -> dict[str, Answer]:
        rows = Answer.objects.filter(assessment=self.assessment).select_related("criterion")
        return {row.criterion.code: row for row in rows}

    def _judge(self, items, hours: int):
        answers = self._answers()
        for item in items:
            for code in rated_codes(item):
                judged = self._verdict(answers[code])
                save_verdict(
                    engagement=self.engagement,
                    assessment=self.assessment,
                    criterion=self.criteria[code],
                    judged=judged,
                    answer_revision=answers[code].revision,
                    read_revision=0,
                    by=self.chance.choice((self.lead, self.reviewer)),
                    at=self._then(hours),
                )

    def _verdict(self, answer: Answer) -> Judged:
        draw, rating = self.chance.random(), answer.rating
        lower = LOWER.get(rating)
        if lower and (draw < 0.12 or (draw < 0.4 and rating == "full" and lacks_proof(rating, self._valid(answer)))):
            reason, note = self.chance.choice(ADJUSTMENTS)
            return Judged(Kind.ADJUST, lower, reason, note)
        if draw > 0.96:
            return Judged(Kind.MORE, note=self.chance.choice(QUESTIONS))
        return Judged(Kind.AGREE, rating)

    def _valid(self, answer: Answer) -> int:
        return self.proven.get(answer.criterion.code, 0)

    def _return(self, hours: int):
        points = open_points(self.assessment, self.engagement, timezone.localdate(self.at))
        asked = [point for point in points if point.kind != "unproven"]
        note = "请逐条回复审核提问，并核对已调整的评分；其余部分后续继续审核。"
        return_assessment(
            assessment=self.assessment,
            note=note,
            points=asked,
            engagement=self.engagement,
            by=self.lead,
            at=self._then(hours),
        )

    def _rework(self, hours: int):
        """The enterprise answers half of what was asked: it takes over the adjusted rating, or explains itself."""
        answers = self._answers()
        rows = Verdict.objects.filter(assessment=self.assessment).exclude(kind=Kind.AGREE).select_related("criterion")
        for verdict in list(rows.order_by("criterion__position"))[::2]:
            answer = answers[verdict.criterion.code]
            rating = verdict.rating or answer.rating
            if rating not in allowed_ratings(self.assessment.questionnaire, verdict.criterion.code):
                continue
            note = "已按审核意见核对，补充说明：两家子公司计划明年一季度完成。"
            save_answer(
                assessment=self.assessment,
                criterion=verdict.criterion,
                said=Said(rating, answer.na_reason if rating == "na" else "", note),
                read_revision=answer.revision,
                by=self.owner,
                at=self._then(hours),
            )
