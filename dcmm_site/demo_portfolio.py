"""The plans and tags of the example: where each engagement stands, and how the firms file their clients."""

from datetime import datetime, timedelta

from django_scopes import scope

from assessments.models import EngagementPhase
from assessments.operations.phases import Step, plan_phases
from assessments.queries.cockpit import usual_dates
from organizations.guests import day_of
from organizations.models import Engagement, Organization, User
from organizations.tenancy import by_own_side
from reports.operations.portfolio import set_tags

Phase = EngagementPhase.Phase
DONE = {  # enterprise -> phases that are done
    "linjiang-bank": 4, "huayue-manufacturing": 5, "qinghe-energy": 2, "yunfan-logistics": 3, "dongling-health": 4,
}  # fmt: skip
TAGS = {
    "zhicheng-advisory": {
        "linjiang-bank": ["重点客户", "四级冲刺"],
        "huayue-manufacturing": ["重点客户"],
        "qinghe-energy": ["仅复核"],
    },
    "boyuan-advisory": {"yunfan-logistics": ["首次贯标"], "dongling-health": ["四级冲刺"]},
    "binhai-park": {
        "linjiang-bank": ["入园企业"],
        "yunfan-logistics": ["入园企业", "专项资金"],
        "dongling-health": ["专项资金"],
    },
}


def furnish_portfolios(*, at: datetime):
    for firm in Organization.objects.filter(slug__in=TAGS):
        lead = User.objects.get(email=f"demo@{firm.slug}.example")
        with by_own_side(firm):
            engagements = list(Engagement.objects.filter(consultancy=firm, ended_at=None).select_related("organization"))
        for engagement in engagements:
            if engagement.accepted_at and engagement.kind == Engagement.Kind.ADVICE:
                with scope(organization=engagement.organization):
                    _plan(engagement, lead, at)
        with scope(organization=firm):
            for engagement in engagements:
                names = TAGS[firm.slug].get(engagement.organization.slug, []) if engagement.accepted_at else []
                if names:
                    set_tags(organization=firm, client_id=engagement.organization_id, names=names, by=lead, at=at)


def _plan(engagement: Engagement, lead: User, at: datetime):
    done, steps = DONE[engagement.organization.slug], {}
    for place, (phase, day) in enumerate(usual_dates(engagement).items()):
        done_on = min(day + timedelta(days=place % 3), day_of(at)) if place < done else None
        steps[phase.value] = Step(day, done_on, lead, "线上进行" if phase == Phase.TRAINING else "")
    plan_phases(engagement=engagement, steps=steps, by=lead, at=at)
