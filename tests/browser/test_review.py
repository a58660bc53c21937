"""A review from its first verdict to the lock: two consultancies, three enterprises, and the day an engagement ends."""

import json
import subprocess
import sys

import pytest
from playwright.sync_api import expect

from tests.browser.chromium import PHONE, WIDE, browser_pages, go
from tests.browser.tour import sign_in
from tests.live import ROOT

pytestmark = pytest.mark.browser
PASSWORD = "correct horse battery"


@pytest.fixture
def made(site_data):
    command = [sys.executable, "-m", "tests.browser.furnish_reviews"]
    done = subprocess.run(command, env=site_data, cwd=ROOT, check=True, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def test_from_the_first_verdict_to_the_lock_and_the_end(site, made):
    base = f"/o/jiang/assessments/{made['jiang']['assessment']}/"
    people = ("lead@zhi", "reviewer@zhi", "owner@jiang", "lead@bo")
    with browser_pages(WIDE, PHONE, WIDE, WIDE) as pages:
        for page, person in zip(pages, people, strict=True):
            sign_in(page, site, f"{person}.example", PASSWORD)
        lead, reviewer, owner, other = pages

        each_firm_finds_its_own(lead, other, site, made)
        judge_by_key(lead, site, base)
        see_nothing_before_the_return(owner, site, base)
        give_back(lead, site, base)
        rework_and_submit(owner, site, base)
        judge_again(lead, site, base)
        agree_to_several(reviewer, site, base)
        sign_and_lock(reviewer, lead, owner, site, base)
        end(owner, lead, reviewer, site, base, made)

        for page in pages:
            assert page.foreign == []
            assert [fault for fault in page.faults if "404" not in fault] == []


def status(page, address) -> int:
    return page.goto(address).status


def each_firm_finds_its_own(lead, other, site, made):
    seen = {
        (page, slug): status(page, f"{site}/o/{slug}/assessments/{entry['assessment']}/review/")
        for page in (lead, other)
        for slug, entry in made.items()
    }
    assert [seen[lead, slug] for slug in ("jiang", "ling", "shan")] == [200, 200, 404]
    assert [seen[other, slug] for slug in ("jiang", "ling", "shan")] == [404, 404, 200]


def case(page, n):
    return page.locator("[data-case]").nth(n)


def judge_by_key(page, site, base):
    """Agree, adjust and ask, each by its key; the evidence opens beside them."""
    page.goto(f"{site}{base}review/")
    go(page.locator("form[action$='/review/begin/'] button"))
    page.goto(f"{site}{base}review/items/DS1/")
    case(page, 0).locator("[data-side]").first.click()
    expect(page.locator("#side-panel")).to_contain_text("数据战略规划")
    page.keyboard.press("Escape")
    expect(page.locator("#side-panel")).to_be_hidden()
    case(page, 0).focus()
    page.keyboard.press("Shift+A")  # agree and go on
    expect(case(page, 0).locator("[data-judge=agree]")).to_be_visible()
    page.keyboard.press("k")
    page.keyboard.press("j")
    page.keyboard.press("3")
    case(page, 1).locator("[name=reason]").select_option("partial")
    case(page, 1).locator("[name=note]").fill("只覆盖总部。")
    page.keyboard.press("Control+Enter")
    expect(case(page, 1).locator("[data-judge=adjust]")).to_contain_text("部分满足")
    case(page, 2).focus()
    page.keyboard.press("m")
    page.keyboard.type("请补充执行记录。")
    page.reload()
    expect(case(page, 2).locator("[name=question]")).to_have_value("请补充执行记录。")
    case(page, 2).locator("[data-part=more] button").click()
    expect(case(page, 2).locator("[data-judge=more]")).to_be_visible()
    expect(page.locator("#count-DS1")).to_contain_text("3/")


def see_nothing_before_the_return(page, site, base):
    page.goto(f"{site}{base}review/")
    expect(page.locator("main")).to_contain_text("知行咨询")
    expect(page.locator("main")).not_to_contain_text("只覆盖总部。")
    page.goto(f"{site}{base}items/DS1/")
    expect(page.locator("main")).not_to_contain_text("只覆盖总部。")


def give_back(page, site, base):
    page.goto(f"{site}{base}return/")
    offered = page.locator("[name=point]")
    assert offered.count() > 10  # what is claimed without evidence stands there too
    page.locator(".tick-all input").uncheck()
    page.locator("fieldset[data-tick-all] summary").click()
    for box in page.locator("[data-tick-all] [name=point][value^='DS1.']").all():
        box.check()
    page.locator("[name=reason]").fill("请逐条回复。")
    go(page.locator("main form .btn-primary"))
    expect(page.locator(".state-bar [aria-current=step]")).to_contain_text("退回")


def rework_and_submit(page, site, base):
    """The owner finds the list, changes the answer that was agreed to, and sends it in again."""
    page.goto(site + base)
    asked = page.locator(".asked-for")
    expect(asked).to_contain_text("请补充执行记录。")
    page.goto(f"{site}{base}items/DS1/")
    expect(page.locator("main")).to_contain_text("只覆盖总部。")
    first = page.locator("[data-question]").first
    first.locator("label.rating", has=page.locator("input[value=full]")).click()
    expect(first.locator(".saved.now")).to_be_visible()
    page.goto(f"{site}{base}check/")
    page.locator("[name=confirmed]").check()
    go(page.locator(".submit-box .btn-primary"))
    expect(page.locator("main")).to_contain_text("已提交")


def judge_again(page, site, base):
    """The edit has reopened the verdict, and says what was before."""
    page.goto(f"{site}{base}review/changes/")
    expect(page.locator(".found li")).to_have_count(1)
    page.goto(f"{site}{base}review/")
    go(page.locator("form[action$='/review/begin/'] button"))
    expect(page.locator("#again")).to_be_visible()
    page.goto(f"{site}{base}review/items/DS1/")
    expect(case(page, 0).locator(".since")).to_contain_text("大部分满足")
    expect(case(page, 0).locator("[data-judge=again]")).to_be_visible()
    case(page, 0).focus()
    page.keyboard.press("a")
    expect(case(page, 0).locator("[data-judge=agree]")).to_be_visible()


def agree_to_several(page, site, base):
    """On a phone; only what is proven is offered."""
    page.goto(f"{site}{base}review/items/DS1/agree/")
    boxes = page.locator("[name=agree]")
    assert boxes.count() == 3  # six have evidence, three are judged
    go(page.locator("main form .btn-primary"))
    expect(page.locator("[data-judge=agree]")).to_have_count(4)


def sign_and_lock(reviewer, lead, owner, site, base):
    lead.goto(f"{site}{base}finalize/")
    expect(lead.locator("main form .btn-primary")).to_be_disabled()
    reviewer.goto(f"{site}{base}review/#signatures")
    reviewer.locator("#confirmed").check()
    go(reviewer.locator("#signatures form button"))
    expect(reviewer.locator("#signatures")).to_contain_text("何静")
    lead.goto(f"{site}{base}finalize/")
    lead.locator("#leaving").check()
    lead.locator("#confirmed").check()
    go(lead.locator("main form .btn-primary"))
    expect(lead.locator(".state-bar [aria-current=step]")).to_contain_text("稿")
    owner.goto(f"{site}{base}items/DS1/")
    expect(owner.locator("[data-question] fieldset").first).to_have_attribute("disabled", "")
    owner.goto(f"{site}{base}layers/")
    expect(owner.locator(".differences")).to_contain_text("只覆盖总部。")
    lead.goto(f"{site}{base}review/items/DS1/")
    expect(lead.locator("[data-case] form[hx-post]")).to_have_count(0)


def end(owner, lead, reviewer, site, base, made):
    """From one click to the next."""
    lead.goto(f"{site}{base}review/")
    owner.goto(f"{site}/o/jiang/engagements/{made['jiang']['engagement']}/end/")
    go(owner.locator("main form .btn-primary, main form .btn-danger").first)
    with lead.expect_response(lambda response: "/review/items/" in response.url) as clicked:
        lead.locator("main a[href*='/review/items/']").first.click()
    assert clicked.value.status == 404
    assert status(reviewer, site + base) == 404
    assert status(lead, f"{site}/o/ling/assessments/{made['ling']['assessment']}/review/") == 200
