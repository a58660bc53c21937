"""The improvement plan of the furnished example: suggested, handed out, partly begun, one action closed, one to confirm."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from django.utils import timezone
from django_scopes import scope

from assessments.models import Assessment, Evidence, ImprovementAction
from assessments.operations.planning import (
    add_action,
    add_proof,
    ask_to_close,
    change_action,
    change_settings,
    comment_action,
    confirm_closing,
    set_status,
    suggest_actions,
)
from assessments.queries.evidence import is_expired
from assessments.queries.planning import actions_of, next_monday, preview_closing, reckoning_of, setting_of
from organizations.models import Membership, Organization, Role

LEVELS = "gbt36073-2025"
RATES = {
    "executive": 3000, "data_office": 1600, "business": 1400, "it": 1800, "security": 1900, "legal": 2000, "audit": 1700,
    "hr": 1200, "finance": 1500,
}  # fmt: skip
TALK = (
    "供应商报价已到，下周三评审。",
    "业务侧希望与指标口径一起改，请评估是否合并。",
    "试点放在零售条线，成功后再推广。",
)
LAST_YEAR = (
    ("印发数据管理办法并宣贯", "修订并印发制度，覆盖全部业务条线，留存宣贯记录。", "data_office", 12, "DS1"),
    ("建立数据质量季度通报", "按季度通报问题、责任部门与整改期限。", "data_office", 18, "DQ1"),
)


def furnish_plan(slug: str, *, at: datetime):
    """Into the enterprise's newest assessment by levels, and two actions into that of the cycle before."""
    organization = Organization.objects.get(slug=slug)
    with scope(organization=organization):
        rows = Assessment.objects.filter(organization=organization).select_related("version").order_by("-started_at", "-pk")
        graded = [row for row in rows if row.version.kind == "levels"]
        now = next(row for row in graded if row.version.code == LEVELS)
        _plan(now, at)
        before = next((row for row in graded if row.started_at < now.started_at), None)
        if before is not None:
            _earlier(before, at)


def _people(organization: Organization) -> dict[str, list]:
    rows = Membership.objects.filter(organization=organization).select_related("user", "department").order_by("pk")
    return {role: [row for row in rows if row.role == role] for role in Role}


def _plan(assessment: Assessment, at: datetime):
    people, on = _people(assessment.organization), timezone.localdate(at)
    owner, coordinator = people[Role.OWNER][0].user, people[Role.COORDINATOR][0].user
    began = at - timedelta(days=12)
    change_settings(
        assessment=assessment,
        revision=setting_of(assessment).revision,
        starts_on=next_monday(on - timedelta(days=14)),
        rates={lead: Decimal(rate) for lead, rate in RATES.items()},
        currency="CNY",
        parallel=10,
        by=coordinator,
        at=began,
    )
    made = suggest_actions(
        assessment=assessment, scope="path", merge_by_item=True, language="zh-hans", by=coordinator, at=began
    )
    hands, slots = [*people[Role.RESPONDENT], people[Role.COORDINATOR][0]], reckoning_of(assessment).slots
    for n, action in enumerate(made):
        _hand_out(action, hands[n % len(hands)], slots[action.number].ends_on, coordinator, began)
    shortest = sorted(actions_of(assessment), key=lambda action: (action.weeks, action.number))
    closed, waiting, *begun = shortest[:5]
    for n, action in enumerate(begun):
        _begin(action, hands[n], on + timedelta(days=(-4, 5, 40)[n]), TALK[n], at - timedelta(days=6 - n))
    pieces = [row for row in _pieces(assessment.organization) if not is_expired(row, on)]
    _say_done(closed, pieces[0], "制度已印发，并完成全员宣贯。", hands[0].user, at - timedelta(days=4))
    _confirm(closed, owner, at - timedelta(days=3))
    _say_done(waiting, pieces[1], "平台已上线试运行一个月，见附件。", hands[1].user, at - timedelta(hours=20))
    if len(shortest) > 8:
        set_status(action=shortest[-1], status=ImprovementAction.Status.DROPPED, by=coordinator, at=at - timedelta(days=2))
    add_action(
        assessment=assessment,
        title="聘请外部专家复核整改结果",
        text="在提交正式评估前，由第三方抽查重点能力项。",
        lead="executive",
        owner=owner,
        days=Decimal(5),
        weeks=2,
        due_on=on + timedelta(days=120),
        by=owner,
        at=at - timedelta(days=1),
    )


def _hand_out(action: ImprovementAction, place: Membership, due_on: date, by, at: datetime):
    changes = {"owner": place.user, "department": place.department, "due_on": due_on}
    change_action(action=action, revision=action.revision, changes=changes, by=by, at=at)


def _begin(action: ImprovementAction, place: Membership, due_on: date, words: str, at: datetime):
    changes = {"starts_on": due_on - timedelta(weeks=min(action.weeks, 8)), "due_on": due_on}
    action = change_action(action=action, revision=action.revision, changes=changes, by=place.user, at=at)
    set_status(action=action, status=ImprovementAction.Status.DOING, by=place.user, at=at)
    comment_action(action=action, text=words, by=place.user, at=at + timedelta(days=1))


def _pieces(organization: Organization) -> list[Evidence]:
    rows = Evidence.objects.filter(organization=organization, removed_at=None, versions__isnull=False)
    return list(rows.distinct().order_by("pk"))


def _say_done(action: ImprovementAction, piece: Evidence, note: str, by, at: datetime):
    add_proof(action=action, evidence=piece, place="第2章", by=by, at=at)
    ask_to_close(action=action, note=note, by=by, at=at)


def _confirm(action: ImprovementAction, by, at: datetime):
    closing = action.closings.get(outcome="")
    after = preview_closing(action).after.exact
    confirm_closing(closing=closing, expected_after=after, decision="已核对制度文件和宣贯记录。", by=by, at=at)


def _earlier(assessment: Assessment, at: datetime):
    people = _people(assessment.organization)
    by = people[Role.COORDINATOR][0].user
    for title, text, lead, days, item in LAST_YEAR:
        codes = [code for code in assessment.questionnaire.item_of if code.startswith(f"{item}.3")]
        words = {"title": title, "text": text, "lead": lead, "days": Decimal(days), "weeks": 6, "codes": codes[:2]}
        add_action(assessment=assessment, **words, owner=by, by=by, at=at - timedelta(days=340))
