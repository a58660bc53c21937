"""The main pages of the demo site, for whoever looks at all of them: screenshots, and the accessibility test.

Everybody has a walk of their own: the owner of an enterprise, consultants, a sponsor, platform staff.
"""

from collections.abc import Callable, Iterator

ENTRANCE = {"login": "/accounts/login/", "signup": "/accounts/signup/", "reset": "/accounts/password/reset/"}
PERSONAL = {
    "my-work": "/",
    "found": "/organizations/new/",
    "profile": "/profile/",
    "password": "/accounts/password/change/",
    "e-mail": "/accounts/email/",
    "second-factor": "/accounts/2fa/",
    "second-factor-new": "/accounts/2fa/totp/activate/",
    "sessions": "/accounts/sessions/",
    "editions": "/editions/",
    "library": "/library/",
    "verify": "/verify/",
    "nowhere": "/nowhere/",
}
TENANT = {
    "organization": "",
    "start": "assessments/new/",
    "members": "members/",
    "invite": "members/invite/",
    "departments": "departments/",
    "settings": "settings/",
    "branding": "settings/branding/",
    "trail": "trail/",
    "engagements": "engagements/",
    "engagement-offer": "engagements/offer/",
    "evidence": "evidence/",
    "evidence-new": "evidence/new/",
}
ASSESSMENT = {
    "overview": "",
    "edit": "edit/",
    "item": "items/{item}/",
    "pass-on": "items/{item}/pass-on/",
    "find": "find/",
    "assign": "assign/",
    "board": "board/",
    "proof": "evidence/",
    "kits": "kit/",
    "check": "check/",
    "review": "review/",
    "layers": "layers/",
    "changes": "review/changes/",
    "result": "result/",
    "derivation": "derivation/",
    "gaps": "gaps/",
    "reports": "reports/",
    "compare": "compare/",
    "benchmark": "benchmark/",
    "plan": "plan/",
    "plan-timeline": "plan/timeline/",
    "plan-board": "plan/board/",
    "plan-calendar": "plan/calendar/",
    "plan-settings": "plan/settings/",
    "plan-merge": "plan/merge/",
    "plan-new": "plan/actions/new/",
}
OWNER = "demo@linjiang-bank.example"
HOME = "/o/linjiang-bank/"
THIS_YEAR, ACTIONS = "年度自评", "年度政策行动对标"  # the newest stands first
HALFWAY, BRIDGED = "年年中自评", "换版过渡稿"

FIRM = {  # a consultancy with three clients
    "firm-first": "/",
    "firm-home": "/o/zhicheng-advisory/",
    "firm-engagements": "/o/zhicheng-advisory/engagements/",
    "firm-offer": "/o/zhicheng-advisory/engagements/offer/",
    "portfolio": "/o/zhicheng-advisory/portfolio/",
    "portfolio-grouped": "/o/zhicheng-advisory/portfolio/?group=industry&layer=self",
    "portfolio-map": "/o/zhicheng-advisory/portfolio/?view=heat",
    "portfolio-domain": "/o/zhicheng-advisory/portfolio/?view=heat&domain=DQ",
    "portfolio-reports": "/o/zhicheng-advisory/portfolio/reports/",
    "portfolio-compare": "/o/zhicheng-advisory/portfolio/compare/",
    "team-trail": "/o/zhicheng-advisory/trail/team/",
    "firm-statistics": "/o/zhicheng-advisory/statistics/",
}
REVIEWING = {  # below an assessment in review, as the lead of the team
    "review-overview": "review/",
    "review-item": "review/items/DS1/",
    "review-agree": "review/items/DQ1/agree/",
    "review-changes": "review/changes/",
    "review-return": "return/",
    "review-final": "finalize/",
    "review-layers": "layers/",
    "panels": "panels/",
    "interviews": "interviews/",
    "interview-new": "interviews/new/",
    "guest-overview": "",
    "guest-item": "items/DS1/",
    "guest-result": "result/",
    "guest-compare": "compare/",
}
SPONSOR = {
    "sponsor-first": "/",
    "sponsor-portfolio": "/o/binhai-park/portfolio/",
    "sponsor-map": "/o/binhai-park/portfolio/?view=heat",
    "sponsor-engagements": "/o/binhai-park/engagements/",
}
STAFF_PAGES = {"staff": "/staff/", "staff-organizations": "/staff/organizations/", "staff-isolation": "/staff/isolation/"}
STAFF = "platform@dcmm.example"  # made by whoever walks: the demo has none


def entrance() -> Iterator[tuple[str, str]]:
    yield from ENTRANCE.items()


def pages(page, site: str) -> Iterator[tuple[str, str]]:
    """(name, address) of the pages behind the log-in; ``page`` is signed in as OWNER and is asked which objects there are."""
    yield from PERSONAL.items()
    for name, address in TENANT.items():
        yield name, HOME + address
    page.goto(f"{site}{HOME}engagements/")
    yield "engagement", page.locator("main .engagements li a").first.get_attribute("href")
    page.goto(f"{site}{HOME}evidence/")
    piece = page.locator("main a[href*='/evidence/']:not([href$='/new/'])", has_text="。").or_(
        page.locator("main tbody a[href*='/evidence/']")
    )
    yield "evidence-piece", piece.first.get_attribute("href")
    page.goto(f"{site}{HOME}")
    graded, actions = (
        page.locator("main tbody tr", has_text=title).first.locator("a[href*='/assessments/']").first.get_attribute("href")
        for title in (THIS_YEAR, ACTIONS)
    )
    for kind, base, names in (("", graded, ASSESSMENT), ("-actions", actions, ("overview", "item", "find", "check", "result"))):
        page.goto(f"{site}{base}")
        item = page.locator("main a[href*='/items/']").nth(3).get_attribute("href").split("/items/")[1].split("/")[0]
        for name in names:
            yield f"{name}{kind}", base + ASSESSMENT[name].format(item=item)
    yield "plan-actions", f"{actions}plan/"
    yield from list(plan_pages(page, site, graded))


def plan_pages(page, site: str, base: str) -> Iterator[tuple[str, str]]:
    """One action of every kind: begun, closed, and waiting for somebody to confirm."""
    page.goto(f"{site}{base}plan/board/")
    column = ".plan-board section:has(#column-{}) li > a[href*='/actions/']"
    for state in ("doing", "closed", "closing"):
        yield f"plan-action-{state}", page.locator(column.format(state)).first.get_attribute("href")
    yield "plan-edit", page.locator(column.format("doing")).first.get_attribute("href") + "edit/"
    yield "plan-decide", page.locator("main a[href*='/closings/']").first.get_attribute("href")


def first_link(page, address: str, part: str) -> str:
    """The first link of a page whose address holds ``part`` and goes on behind it."""
    page.goto(address)
    link = f"main a[href*='{part}']:not([href$='{part}']):not([href$='/new/']):not([href$='/offer/'])"
    return page.locator(link).first.get_attribute("href")


def assessment_of(page, site: str, home: str, title: str, place: int = 0) -> str:
    page.goto(site + home)
    link = page.locator(f"main a[href*='{home}assessments/']", has_text=title).nth(place)
    return "/".join(link.get_attribute("href").split("/")[:5]) + "/"


def firm_pages(page, site: str) -> Iterator[tuple[str, str]]:
    yield from FIRM.items()
    yield "portfolio-compare-two", first_comparison(page, site)
    shown = first_link(page, f"{site}{FIRM['firm-engagements']}", "/engagements/")
    yield "firm-engagement", shown
    yield "cockpit", f"/o/linjiang-bank/engagements/{shown.rstrip('/').split('/')[-1]}/cockpit/"


def first_comparison(page, site: str) -> str:
    """This year's assessments of the first two clients, side by side."""
    page.goto(f"{site}{FIRM['portfolio-compare']}")
    values = {}
    for option in page.locator("main select").first.locator("option", has_text=THIS_YEAR).all():
        values.setdefault(option.inner_text().split(" · ")[1], []).append(option.get_attribute("value"))
    first, second = values[max(values)][:2]
    return f"{FIRM['portfolio-compare']}?a={first}&b={second}"


def review_pages(page, site: str) -> Iterator[tuple[str, str]]:
    base = assessment_of(page, site, "/o/dongling-health/", THIS_YEAR)
    for name, address in REVIEWING.items():
        yield name, base + address
    page.goto(f"{site}{base}panels/")
    panels = sorted({link.get_attribute("href") for link in page.locator("main table a[href*='/panels/']").all()})
    yield from zip(("panel-consensus", "panel-rating"), panels, strict=True)
    yield "interview", first_link(page, f"{site}{base}interviews/", "/interviews/")
    yield "submission", first_link(page, f"{site}{base}review/changes/", "/submissions/")
    yield "review-reopen", assessment_of(page, site, "/o/yunfan-logistics/", HALFWAY) + "reopen/"
    yield "panel-statistics", "/o/boyuan-advisory/statistics/"


def client_pages(page, site: str) -> Iterator[tuple[str, str]]:
    """An enterprise whose assessment was returned, which has an offer to answer and a draft in the newer edition."""
    home = "/o/huayue-manufacturing/"
    yield "offer-answer", first_link(page, f"{site}{home}engagements/", "/engagements/")
    drafted = assessment_of(page, site, home, BRIDGED)
    yield "bridge", drafted + "bridge/"
    yield "bridge-item", drafted + "items/DS1/"
    yield "compare-bridged", drafted + "compare/"
    yield "bridge-continue", assessment_of(page, site, home, THIS_YEAR, place=-1) + "continue/"


def sponsor_pages(page, site: str) -> Iterator[tuple[str, str]]:
    yield from SPONSOR.items()


def staff_pages(page, site: str) -> Iterator[tuple[str, str]]:
    yield from STAFF_PAGES.items()
    yield "staff-account", first_link(page, f"{site}/staff/", "/staff/accounts/")


WALKS: dict[str, Callable] = {  # log-in -> the pages of that person, who is signed in and asked which objects there are
    OWNER: pages,
    "demo@zhicheng-advisory.example": firm_pages,
    "demo@boyuan-advisory.example": review_pages,
    "reviewer@boyuan-advisory.example": lambda page, site: iter([("reviewer-first", "/")]),
    "demo@huayue-manufacturing.example": client_pages,
    "demo@binhai-park.example": sponsor_pages,
    STAFF: staff_pages,
}


def sign_in(page, site: str, email: str, password: str) -> bool:
    """Whether the site let them in."""
    page.goto(f"{site}/accounts/login/")
    page.fill("[name=login]", email)
    page.fill("[name=password]", password)
    with page.expect_navigation():
        page.press("[name=password]", "Enter")
    return "/login/" not in page.url
