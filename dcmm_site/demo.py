"""A furnished example to look around in: five enterprises in two cycles, each in another state of its work, with
departments, colleagues, assigned items, evidence and reports; two consultancies that advise them, and a park that sees results.

All names are invented. The password is made once for this machine and printed; nothing here exists unless asked for.
"""

import hashlib
import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django_scopes import scope

from assessments.models import Answer, AnswerRevision, Assessment, Evidence
from assessments.operations.answering import Via
from assessments.operations.assigning import assign_items
from assessments.operations.bridging import bridge_assessment
from assessments.operations.discussing import set_mark, write_comment
from assessments.operations.engagement_scope import set_scope
from assessments.operations.evidence import Address, Description, add_evidence, link_evidence, stored_file
from assessments.operations.lifecycle import (
    finalize_assessment,
    move_assessment,
    start_assessment,
    submit_assessment,
)
from assessments.operations.reviewing import sign_review
from assessments.operations.standings import refresh_standings
from dcmm_site.demo_panel import furnish_panel
from dcmm_site.demo_plan import furnish_plan
from dcmm_site.demo_portfolio import furnish_portfolios
from dcmm_site.demo_reports import furnish_draft, furnish_volume
from dcmm_site.demo_review import furnish_reviews
from dcmm_site.environment import local_secret
from organizations.classes import Industry, Region, Size
from organizations.guests import day_of
from organizations.models import Department, Engagement, Organization, QueuedMail, Role, TeamRole, User
from organizations.operations.engagement import accept_engagement, end_engagement, offer_engagement, put_on_team
from organizations.operations.membership import add_member, found_organization
from organizations.permissions import Permission
from questionnaires.library import current_version, questionnaire_of
from questionnaires.models import Criterion

YEAR = timedelta(days=365)
NOTES = (
    "制度已印发，见附件清单第3项。",
    "归口部门已明确，业务部门尚有两个未签认。",
    "平台上线半年，覆盖核心系统。",
    "上季度抽查发现口径不一致，正在整改。",
    "由集团统一组织，本单位执行。",
)


DEPARTMENTS = ("数据管理部", "信息科技部", "业务管理部", "风险合规部")
PEOPLE = (  # name, place in the log-in, role, department
    ("林晓岚", "coordinator", Role.COORDINATOR, "数据管理部"),
    ("陈志远", "it", Role.RESPONDENT, "信息科技部"),
    ("王若琳", "business", Role.RESPONDENT, "业务管理部"),
    ("赵明哲", "risk", Role.RESPONDENT, "风险合规部"),
)
HELD_BY = {  # domain -> who answers it
    "DS": 0, "DG": 0, "DA": 1, "AS": 2, "AP": 2, "ST": 1, "DQ": 1, "SE": 3, "LC": 1, "AC": 2,
}  # fmt: skip
PIECES = (  # title, kind, months since it was issued, years of validity (0: no end), items (or domains) that it proves
    ("数据战略规划（2025—2027年）", Evidence.Kind.PLAN, 14, 3, ("DS1", "DS2")),
    ("数据战略年度任务分解表", Evidence.Kind.PLAN, 9, 1, ("DS2",)),
    ("数据战略执行评估报告", Evidence.Kind.REPORT, 5, 1, ("DS3",)),
    ("数据管理办法", Evidence.Kind.POLICY, 20, 3, ("DG1", "DG2")),
    ("数据制度发布与宣贯记录", Evidence.Kind.RECORD, 8, 0, ("DG2",)),
    ("数据治理委员会会议纪要汇编", Evidence.Kind.RECORD, 4, 0, ("DG1", "DG3")),
    ("企业数据模型说明书", Evidence.Kind.STANDARD, 9, 0, ("DA1",)),
    ("数据分布与流向台账", Evidence.Kind.RECORD, 6, 0, ("DA2",)),
    ("数据集成与共享平台操作手册", Evidence.Kind.SYSTEM, 11, 0, ("DA3", "DA4")),
    ("数据资产目录", Evidence.Kind.RECORD, 5, 0, ("AS1", "AS3")),
    ("数据资产价值评估报告", Evidence.Kind.REPORT, 7, 1, ("AS2",)),
    ("数据标准管理规范", Evidence.Kind.STANDARD, 16, 2, ("ST1", "ST2", "ST3")),
    ("指标口径手册", Evidence.Kind.STANDARD, 10, 2, ("ST4", "ST5")),
    ("数据质量规则清单", Evidence.Kind.STANDARD, 12, 2, ("DQ1", "DQ2")),
    ("数据质量季度报告", Evidence.Kind.REPORT, 2, 1, ("DQ3", "DQ4")),
    ("数据分类分级清单", Evidence.Kind.RECORD, 7, 0, ("SE1",)),
    ("数据安全应急预案", Evidence.Kind.POLICY, 30, 2, ("SE2",)),
    ("数据安全审计报告", Evidence.Kind.REPORT, 3, 1, ("SE3",)),
    ("数据需求与开发过程文档", Evidence.Kind.RECORD, 6, 0, ("LC1", "LC2")),
    ("数据平台截图与功能说明", Evidence.Kind.SYSTEM, 3, 0, ("LC", "DQ2", "AC1")),
    ("数据应用案例汇编", Evidence.Kind.REPORT, 4, 0, ("AC1", "AC4")),
    ("外部数据采购合同", Evidence.Kind.CONTRACT, 13, 1, ("AC2",)),
    ("岗位说明书与任命文件", Evidence.Kind.CONTRACT, 26, 0, ("DG1",)),
)
TALK = (  # domain, who says it (place among the people), who is asked (None: nobody), the words
    ("DG", 0, None, "制度已在今年三月修订，备注里的清单编号请以新版为准。"),
    ("DQ", 1, 2, "业务侧的抽查结果由谁确认？请补一句，并附上最近一次的记录。"),
    ("SE", 3, None, "应急预案在修订，预计年底前印发，先按现行版本评分。"),
    ("AS", 2, 0, "资产目录已覆盖核心系统，是否可以评为大部分满足？"),
    ("ST", 1, 0, "指标口径手册里还缺风险条线，是否等补齐后再评？"),
)


@dataclass(frozen=True)
class Example:
    """An invented enterprise: how mature it is (1-5) a year ago and now, its weak domain, the part answered now,
    whether it looks at the policy actions too, whether it took stock half a year ago, and the state of its work."""

    slug: str
    name: str
    before: float
    now: float
    weak: str
    target: int
    answered: float = 1.0
    policy: bool = False
    halfway: bool = False
    bridged: bool = False  # continued last year's assessment in the newer edition, as a draft
    state: str = Assessment.State.ANSWERING


ENTERPRISES = (
    Example("linjiang-bank", "临江银行股份有限公司", 2.6, 3.3, "DQ", 4, policy=True),
    Example(
        "huayue-manufacturing", "华岳装备制造集团有限公司", 1.7, 2.4, "AS", 3, state=Assessment.State.RETURNED, bridged=True
    ),
    Example("qinghe-energy", "清河能源投资有限公司", 2.1, 2.7, "ST", 3, state=Assessment.State.SUBMITTED),
    Example("yunfan-logistics", "云帆物流科技有限公司", 1.4, 1.9, "SE", 2, answered=0.6, halfway=True),
    Example("dongling-health", "东陵医疗数据有限公司", 2.9, 3.6, "LC", 4, state=Assessment.State.IN_REVIEW),
)
CLASSES = {
    "linjiang-bank": {"industry": Industry.FINANCE, "size": Size.LARGE, "region": Region.ZHEJIANG},
    "huayue-manufacturing": {"industry": Industry.MANUFACTURING, "size": Size.GIANT, "region": Region.SHAANXI},
    "qinghe-energy": {"industry": Industry.ENERGY, "size": Size.LARGE, "region": Region.HEBEI},
    "yunfan-logistics": {"industry": Industry.TRANSPORT, "size": Size.MEDIUM, "region": Region.ZHEJIANG},
    "dongling-health": {"industry": Industry.HEALTH, "size": Size.MEDIUM, "region": Region.JIANGSU},
}
FIRMS = (  # slug, name, kind, whether a second consultant reviews for it
    ("zhicheng-advisory", "知澄咨询有限公司", Organization.Kind.CONSULTANCY, True),
    ("boyuan-advisory", "博远管理咨询有限公司", Organization.Kind.CONSULTANCY, True),
    ("binhai-park", "滨海数字产业园", Organization.Kind.SPONSOR, False),
)


@dataclass(frozen=True)
class Term:
    """An invented engagement: days from now that it began and that it lasts; ``state``: running, offered or ended."""

    firm: str
    enterprise: str
    purpose: str
    since: int
    until: int
    state: str = "running"
    newest_only: bool = False  # covers this year's assessment alone


TERMS = (
    Term("zhicheng-advisory", "linjiang-bank", "DCMM 2.0 四级就绪辅导与审核", -75, 150),
    Term("zhicheng-advisory", "huayue-manufacturing", "DCMM 2.0 三级就绪辅导", -110, 11),
    Term("zhicheng-advisory", "qinghe-energy", "年度自评独立审核", -20, 70, newest_only=True),
    Term("boyuan-advisory", "yunfan-logistics", "DCMM 2.0 二级就绪辅导", -60, 120),
    Term("boyuan-advisory", "dongling-health", "DCMM 2.0 四级就绪辅导与审核", -45, 90),
    Term("boyuan-advisory", "linjiang-bank", "上一年度自评审核", -330, -30, state="ended"),
    Term("boyuan-advisory", "huayue-manufacturing", "整改方案审核", 3, 120, state="offered"),
    Term("binhai-park", "linjiang-bank", "园区数据管理能力年度汇总", -100, 265),
    Term("binhai-park", "yunfan-logistics", "园区数据管理能力年度汇总", -100, 265),
    Term("binhai-park", "dongling-health", "园区数据管理能力年度汇总", -100, 265),
)


def furnish(*, at: datetime) -> list[str]:
    """Add the example unless it is there already; returns the lines with its log-ins."""
    password = local_secret(settings.DATA_DIR / "demo_password", strength=9)
    if not Organization.objects.filter(slug=ENTERPRISES[0].slug).exists():
        with transaction.atomic():
            _furnish(password, at)
            QueuedMail.objects.filter(queued_at__lte=at).delete()  # nobody reads the mail of invented people
    first = ENTERPRISES[0]
    logins = [(_email(example.slug), example.name) for example in ENTERPRISES]
    for slug, name, _kind, has_reviewer in FIRMS:
        logins.append((_email(slug), name))
        if has_reviewer:
            logins.append((_email(slug, "reviewer"), f"{name} · 审核顾问"))
    logins += [(_email(first.slug, place), f"{first.name} · {part} {name}") for name, place, _role, part in PEOPLE]
    return ["Log-ins of the example:", *(f"  {email}  {password}  ({name})" for email, name in logins)]


def _email(slug: str, place: str = "demo") -> str:
    return f"{place}@{slug}.example"


def _furnish(password: str, at: datetime):
    for example in ENTERPRISES:
        owner = User.objects.create_user(_email(example.slug), password, name="演示负责人", wants_digest=False)
        classes = CLASSES[example.slug]
        organization = found_organization(name=example.name, slug=example.slug, **classes, by=owner, at=at - YEAR)
        with scope(organization=organization):
            _cycles(_team(organization, example, owner, at), example, at)
    for slug, name, kind, has_reviewer in FIRMS:
        _firm(slug, name, kind, has_reviewer, password, at)
    for term in TERMS:
        _engagement(term, at)
    furnish_reviews((("qinghe-energy", False), ("dongling-health", True)), at=at)
    furnish_panel("dongling-health", at=at)
    furnish_draft("linjiang-bank", at=at)
    furnish_plan("linjiang-bank", at=at)
    furnish_volume("linjiang-bank", at=at)
    furnish_portfolios(at=at)


def _firm(slug: str, name: str, kind: str, has_reviewer: bool, password: str, at: datetime):
    owner = User.objects.create_user(_email(slug), password, name="演示顾问" if has_reviewer else "园区数据专员")
    firm = found_organization(name=name, slug=slug, kind=kind, by=owner, at=at - YEAR)
    if has_reviewer:
        reviewer = User.objects.create_user(_email(slug, "reviewer"), password, name="审核顾问")
        with scope(organization=firm):
            add_member(organization=firm, user=reviewer, role=Role.RESPONDENT, by=owner, at=at - YEAR)


def _engagement(term: Term, at: datetime):
    """Offered by the firm and answered by the enterprise, as people would."""
    firm, enterprise = (Organization.objects.get(slug=slug) for slug in (term.firm, term.enterprise))
    lead, owner = (User.objects.get(email=_email(slug)) for slug in (term.firm, term.enterprise))
    began = at + timedelta(days=min(term.since, -2))
    engagement = offer_engagement(
        enterprise=enterprise,
        consultancy=firm,
        offered_by_enterprise=False,
        purpose=term.purpose,
        starts_on=day_of(at + timedelta(days=term.since)),
        ends_on=day_of(at + timedelta(days=term.until)),
        kind=Engagement.Kind.SPONSORSHIP if firm.kind == Organization.Kind.SPONSOR else Engagement.Kind.ADVICE,
        by=lead,
        at=began,
    )
    if term.state == "offered":
        return
    engagement = accept_engagement(engagement=engagement, by=owner, at=began)
    if term.newest_only:
        with scope(organization=enterprise):
            newest = list(Assessment.objects.filter(organization=enterprise).order_by("-pk")[:1])
            set_scope(engagement=engagement, covers_all=False, assessments=newest, by=owner, at=began)
    if firm.kind == Organization.Kind.SPONSOR:
        put_on_team(engagement=engagement, user=lead, role=TeamRole.OBSERVER, by=lead, at=began)
    else:
        reviewer = User.objects.get(email=_email(term.firm, "reviewer"))
        put_on_team(engagement=engagement, user=lead, role=TeamRole.LEAD, by=lead, at=began)
        put_on_team(engagement=engagement, user=reviewer, role=TeamRole.REVIEWER, by=lead, at=began)
    if term.state == "ended":
        end_engagement(engagement=engagement, reason="审核已完成，报告已移交。", by=owner, at=at + timedelta(days=term.until))


@dataclass(frozen=True)
class Team:
    organization: Organization
    owner: User
    departments: dict[str, Department]
    people: tuple[tuple[User, Department], ...]

    def holder_of(self, domain: str) -> tuple[User, Department]:
        return self.people[HELD_BY.get(domain, 0)]


def _team(organization: Organization, example: Example, owner: User, at: datetime) -> Team:
    departments = {name: Department.objects.create(organization=organization, name=name) for name in DEPARTMENTS}
    people = []
    for name, place, role, department in PEOPLE:
        email = _email(example.slug, place)
        person = User.objects.create(email=email, name=name, password=owner.password, wants_digest=False)
        place_in = departments[department]
        add_member(organization=organization, user=person, role=role, department=place_in, by=owner, at=at - YEAR)
        people.append((person, place_in))
    return Team(organization, owner, departments, tuple(people))


def _cycles(team: Team, example: Example, at: datetime):
    last, this = at.year - 1, at.year
    before = _assessment(team, example, "gbt36073-2018", f"{last}年度自评", example.before, 1.0, at - YEAR)
    _bring_to(before, Assessment.State.FINAL, team.owner, at - YEAR)
    if example.bridged:
        version = current_version("gbt36073-2025")
        name = f"{last}年度自评换版过渡稿"
        bridge_assessment(source=before, version=version, name=name, by=team.owner, at=at - timedelta(days=200))
    if example.halfway:
        then = at - timedelta(days=140)
        stock = _assessment(team, example, "gbt36073-2025", f"{then.year}年年中自评", example.before, 1.0, then)
        _bring_to(stock, Assessment.State.FINAL, team.owner, then)
    if example.policy:
        actions = _assessment(team, example, "policy-actions", f"{this}年度政策行动对标", example.now, 0.7, at)
        _hand_out(actions, team, at)
    now = _assessment(team, example, "gbt36073-2025", f"{this}年度自评", example.now, example.answered, at)
    _hand_out(now, team, at)
    _prove(now, team, at)
    _talk(now, team, at)
    _bring_to(now, example.state, team.owner, at - timedelta(hours=22))


def _assessment(team: Team, example: Example, code: str, name: str, maturity: float, part: float, at: datetime) -> Assessment:
    version = current_version(code)
    began = at - timedelta(days=20)
    assessment = start_assessment(
        organization=team.organization, version=version, name=name, target=example.target, by=team.owner, at=began
    )
    invent = _anchor if version.kind == "anchors" else _rating
    chance = random.Random(f"{example.slug} {code}")
    criteria = list(Criterion.objects.filter(version=version).order_by("position"))
    answers = Answer.objects.bulk_create(
        _answer(assessment, criterion, team, invent(criterion.code, example, maturity, chance), chance, at)
        for criterion in criteria[: round(len(criteria) * part)]
    )
    AnswerRevision.objects.bulk_create(_first_revision(answer, team) for answer in answers)
    with transaction.atomic():
        refresh_standings(assessment)
    return assessment


def _answer(assessment: Assessment, criterion: Criterion, team: Team, rating: str, chance: random.Random, at: datetime):
    action = questionnaire_of(assessment.version).item_by_code.get(criterion.code)
    if rating == "na" and action is not None and not getattr(action, "allow_na", True):
        rating = "0"
    na = rating == "na"
    note = "本单位没有此类业务，由集团另一公司承担。" if na else (chance.choice(NOTES) if chance.random() < 0.15 else "")
    return Answer(
        organization=assessment.organization,
        assessment=assessment,
        criterion=criterion,
        rating=rating,
        na_reason=Answer.NaReason.DONE_ELSEWHERE if na else "",
        note=note,
        answered_by=team.holder_of(criterion.code[:2])[0],
        answered_at=_office_hour(at - timedelta(days=chance.randint(1, 18)), chance),
    )


def _office_hour(at: datetime, chance: random.Random) -> datetime:
    return at.astimezone(ZoneInfo("Asia/Shanghai")).replace(hour=chance.randint(9, 16), minute=chance.randint(0, 59))


def _first_revision(answer: Answer, team: Team) -> AnswerRevision:
    return AnswerRevision(
        organization=answer.organization,
        answer=answer,
        revision=1,
        rating=answer.rating,
        na_reason=answer.na_reason,
        note=answer.note,
        via=Via.WEB,
        by=answer.answered_by,
        department=team.holder_of(answer.criterion.code[:2])[1],
        at=answer.answered_at,
    )


def _hand_out(assessment: Assessment, team: Team, at: datetime):
    """Every domain with its department and person, but for the last item, which is still to be given to somebody."""
    domains = assessment.questionnaire.domains
    items = [(HELD_BY.get(domain.code, n % 4), item.code) for n, domain in enumerate(domains) for item in domain.items]
    for place, (person, department) in enumerate(team.people):
        codes = [item for holder, item in items[:-1] if holder == place]
        due_on = day_of(at + timedelta(days=7 * place - 3))
        assign_items(
            assessment=assessment, item_codes=codes, department=department, person=person, due_on=due_on, by=team.owner, at=at
        )


def _talk(assessment: Assessment, team: Team, at: datetime):
    """Contributions, questions to colleagues and marks, on the first criterion of level 3 in some domains."""
    for n, (domain, says, asked, words) in enumerate(TALK):
        criterion = Criterion.objects.get(version=assessment.version, code=f"{domain}1.3.1")
        by, to = team.people[says][0], None if asked is None else team.people[asked][0]
        said_at = at - timedelta(days=5 - n, hours=1)
        write_comment(assessment=assessment, criterion=criterion, text=words, asked=to, by=by, at=said_at)
        if to is not None:
            set_mark(assessment=assessment, criterion=criterion, marked=True, by=by, at=said_at)


def _prove(assessment: Assessment, team: Team, at: datetime):
    """A small library of evidence, linked to criteria that are rated as met; the last piece is announced only."""
    met = Answer.objects.filter(assessment=assessment, rating__in=["full", "largely"]).select_related("criterion")
    criteria = [answer.criterion for answer in met.order_by("criterion__position")]
    for n, (title, kind, months, years, items) in enumerate(PIECES):
        issued = day_of(at - timedelta(days=30 * months))
        until = issued + timedelta(days=365 * years) if years else None
        description = Description(title=title, kind=kind, issued_on=issued, valid_until=until, keeper=DEPARTMENTS[n % 4])
        piece = _piece(assessment.organization, description, n, team.owner, at)
        for criterion in [row for row in criteria if row.code.startswith(items)][:: 1 + n % 2][: 7 * len(items)]:
            place = f"第{1 + criterion.position % 9}章"
            link_evidence(assessment=assessment, criterion=criterion, evidence=piece, place=place, by=team.owner, at=at)


def _piece(organization: Organization, description: Description, n: int, by: User, at: datetime) -> Evidence:
    if n == len(PIECES) - 1:
        return add_evidence(organization=organization, description=description, content=None, by=by, at=at)
    if n % 3 == 2:
        link = Address("https://intranet.example/documents")
        return add_evidence(organization=organization, description=description, content=link, by=by, at=at)
    text = f"{description.title}\n\n本文件为演示内容。\n".encode()
    upload = SimpleUploadedFile(f"{description.title}.txt", text)
    with stored_file(upload, "text/plain", hashlib.sha256(text).hexdigest()) as stored:
        return add_evidence(organization=organization, description=description, content=stored, by=by, at=at)


def _bring_to(assessment: Assessment, state: str, by: User, at: datetime):
    """Through the states in their order, as people would."""
    if state == Assessment.State.ANSWERING:
        return
    submit_assessment(assessment=assessment, by=by, at=at)
    ways = {
        Assessment.State.SUBMITTED: (),
        Assessment.State.IN_REVIEW: (Permission.REVIEW_BEGIN,),
        Assessment.State.RETURNED: (Permission.REVIEW_BEGIN, Permission.REVIEW_RETURN),
        Assessment.State.FINAL: (Permission.REVIEW_BEGIN,),
    }
    for permission in ways[state]:
        note = "请补充数据资产领域的证明材料，并核对四级以上的评分。" if permission == Permission.REVIEW_RETURN else None
        move_assessment(assessment=assessment, permission=permission, note=note, by=by, at=at)
    if state == Assessment.State.FINAL:
        coordinator = assessment.organization.memberships.get(role=Role.COORDINATOR).user
        sign_review(assessment=assessment, engagement=None, note="已核对全部填报和证据。", by=coordinator, at=at)
        finalize_assessment(assessment=assessment, by=by, at=at)


def _rating(code: str, example: Example, maturity: float, chance: random.Random) -> str:
    """Levels well below the maturity are met, those above are not, with some scatter; one domain lags."""
    if chance.random() < 0.008:
        return "na"
    level = int(code.split(".")[1])
    reached = maturity - (0.8 if code.startswith(example.weak) else 0) + chance.gauss(0, 0.35)
    ahead = reached - level
    if ahead > 0.1:
        return "full" if chance.random() < 0.8 else "largely"
    if ahead > -0.6:
        return chance.choice(("full", "largely", "largely", "partly"))
    if ahead > -1.4:
        return chance.choice(("largely", "partly", "partly", "none"))
    return chance.choice(("partly", "none", "none", "none"))


def _anchor(code: str, example: Example, maturity: float, chance: random.Random) -> str:
    return str(max(0, min(4, round(maturity - 0.7 + chance.gauss(0, 0.8)))))
