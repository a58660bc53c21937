"""The main pages of the demo site, for whoever looks at all of them: screenshots, and the accessibility test."""

from collections.abc import Iterator

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
    "editions": "/standards/",
    "library": "/library/",
    "nowhere": "/nowhere/",
}
TENANT = {
    "organization": "",
    "start": "assessments/new/",
    "members": "members/",
    "invite": "members/invite/",
    "departments": "departments/",
    "settings": "settings/",
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
    "result": "result/",
    "derivation": "derivation/",
    "gaps": "gaps/",
}
OWNER = "demo@linjiang-bank.example"
HOME = "/o/linjiang-bank/"
THIS_YEAR, ACTIONS = "年度自评", "年度政策行动对标"  # the newest stands first


def entrance() -> Iterator[tuple[str, str]]:
    yield from ENTRANCE.items()


def pages(page, site: str) -> Iterator[tuple[str, str]]:
    """(name, address) of the pages behind the log-in; ``page`` is signed in as OWNER and is asked which objects there are."""
    yield from PERSONAL.items()
    for name, address in TENANT.items():
        yield name, HOME + address
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


def sign_in(page, site: str, email: str, password: str):
    page.goto(f"{site}/accounts/login/")
    page.fill("[name=login]", email)
    page.fill("[name=password]", password)
    page.press("[name=password]", "Enter")
    page.wait_for_url(lambda address: "/login/" not in address)
