"""A furnished example to look around in: five enterprises in two cycles, and two consultancies that look on.

All names are invented. The password is made once for this machine and printed; nothing here exists unless asked for.
"""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django_scopes import scope

from assessments.models import Answer, Assessment
from assessments.operations.lifecycle import start_assessment
from dcmm_site.environment import local_secret
from organizations.models import Organization, Role, User
from organizations.operations.membership import add_member, found_organization
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


@dataclass(frozen=True)
class Example:
    """An invented enterprise: how mature it is (1-5) a year ago and now, its weak domain, and the part answered now."""

    slug: str
    name: str
    before: float
    now: float
    weak: str
    target: int
    answered: float = 1.0
    policy: bool = False


ENTERPRISES = (
    Example("linjiang-bank", "临江银行股份有限公司", 2.6, 3.3, "DQ", 4, policy=True),
    Example("huayue-manufacturing", "华岳装备制造集团有限公司", 1.7, 2.4, "AS", 3),
    Example("qinghe-energy", "清河能源投资有限公司", 2.1, 2.7, "ST", 3),
    Example("yunfan-logistics", "云帆物流科技有限公司", 1.4, 1.9, "SE", 2, answered=0.6),
    Example("dongling-health", "东陵医疗数据有限公司", 2.9, 3.6, "LC", 4),
)
CONSULTANCIES = (
    ("zhicheng-advisory", "知澄咨询有限公司", ("linjiang-bank", "huayue-manufacturing", "qinghe-energy")),
    ("boyuan-advisory", "博远管理咨询有限公司", ("yunfan-logistics", "dongling-health")),
)


def furnish(*, at: datetime) -> list[str]:
    """Add the example unless it is there already; returns the lines with its log-ins."""
    password = local_secret(settings.DATA_DIR / "demo_password", strength=9)
    if not Organization.objects.filter(slug=ENTERPRISES[0].slug).exists():
        with transaction.atomic():
            _furnish(password, at)
    people = [*ENTERPRISES, *CONSULTANCIES]
    emails = [_email(entry.slug if isinstance(entry, Example) else entry[0]) for entry in people]
    names = [entry.name if isinstance(entry, Example) else entry[1] for entry in people]
    return ["Log-ins of the example:", *(f"  {email}  {password}  ({name})" for email, name in zip(emails, names, strict=True))]


def _email(slug: str) -> str:
    return f"demo@{slug}.example"


def _furnish(password: str, at: datetime):
    for example in ENTERPRISES:
        owner = User.objects.create_user(_email(example.slug), password, name="演示协调人")
        organization = found_organization(name=example.name, slug=example.slug, by=owner, at=at - YEAR)
        with scope(organization=organization):
            _cycles(organization, example, owner, at)
    for slug, name, clients in CONSULTANCIES:
        consultant = User.objects.create_user(_email(slug), password, name="演示顾问")
        kind = Organization.Kind.CONSULTANCY
        found_organization(name=name, slug=slug, kind=kind, by=consultant, at=at - YEAR)
        for client in Organization.objects.filter(slug__in=clients):
            with scope(organization=client):
                owner = client.memberships.get(role=Role.OWNER).user
                add_member(organization=client, user=consultant, role=Role.VIEWER, by=owner, at=at)


def _cycles(organization: Organization, example: Example, owner: User, at: datetime):
    last, this = at.year - 1, at.year
    _assessment(organization, example, owner, "gbt36073-2018", f"{last}年度自评", example.before, 1.0, at - YEAR)
    _assessment(organization, example, owner, "gbt36073-2025", f"{this}年度自评", example.now, example.answered, at)
    if example.policy:
        _assessment(organization, example, owner, "policy-actions", f"{this}年度政策行动对标", example.now, 1.0, at)


def _assessment(organization, example: Example, owner: User, code: str, name: str, maturity: float, part: float, at: datetime):
    version = current_version(code)
    assessment = start_assessment(
        organization=organization, version=version, name=name, target=example.target, by=owner, at=at - timedelta(days=20)
    )
    invent = _anchor if version.kind == "anchors" else _rating
    chance = random.Random(f"{example.slug} {code}")
    criteria = list(Criterion.objects.filter(version=version).order_by("position"))
    Answer.objects.bulk_create(
        _answer(assessment, criterion, owner, invent(criterion.code, example, maturity, chance), chance, at)
        for criterion in criteria[: round(len(criteria) * part)]
    )


def _answer(assessment: Assessment, criterion: Criterion, owner: User, rating: str, chance: random.Random, at: datetime):
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
        answered_by=owner,
        answered_at=at - timedelta(days=chance.randint(1, 18), minutes=chance.randint(0, 600)),
    )


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
