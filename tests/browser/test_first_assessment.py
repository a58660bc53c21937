"""A person's first hour: sign up, organization, assessment, one whole domain, result, PDF. In Chinese and in English."""

import io

import pytest
from playwright.sync_api import expect
from pypdf import PdfReader

from tests.browser.chromium import PHONE, WIDE, browser_page, go
from tests.live import manage

pytestmark = pytest.mark.browser
PASSWORD = "correct horse battery"
WORDS = {
    "zh-CN": {
        "saved": "已保存",
        "result": "结果",
        "make": "生成报告",
        "level": "自评等级",
        "language": "English",
        "title": "临江银行",
    },
    "en-GB": {
        "saved": "Saved",
        "result": "Result",
        "make": "Make the report",
        "level": "Self-assessed level",
        "language": "中文",
        "title": "Linjiang Bank",
    },
}


@pytest.mark.parametrize(
    ("locale", "viewport", "items", "variant"),
    [("zh-CN", WIDE, 3, "full"), ("en-GB", PHONE, 1, "chief")],
    ids=["zh wide, a domain", "en phone, an item"],
)
def test_from_sign_up_to_pdf(site, site_data, locale, viewport, items, variant):
    words = WORDS[locale]
    with browser_page(viewport, locale) as page:
        sign_up(page, site, f"{locale}@bank.example")
        begin_assessment(page, words["title"])
        expect(page.locator(".item-list summary")).to_be_visible()

        answer_items(page, words, items)

        page.goto(page.url.split("/items/")[0] + "/result/")
        expect(page.locator("h1")).to_have_text(words["result"])
        expect(page.locator(".verdict .huge").first).not_to_have_text("–")
        assert page.locator("svg.chart text").count() > 30
        if variant != "full":
            page.goto(page.url.replace("/result/", "/reports/"))
            page.select_option("[name=variant]", variant)
        go(page.get_by_role("button", name=words["make"]))
        manage(site_data, "work", "--once")
        with page.expect_download() as download:
            page.click("a[href*='as=pdf']")  # there by itself: the page asks every two seconds
        pdf = PdfReader(io.BytesIO(download.value.path().read_bytes()))
        assert len(pdf.pages) > 50 if variant == "full" else len(pdf.pages) == 2
        assert words["title"] in pdf.metadata.title
        assert words["level"] in "".join(pdf.pages[n].extract_text() for n in range(3 if variant == "full" else 2))
        assert page.foreign == []
        assert page.faults == []


def sign_up(page, site, email):
    page.goto(f"{site}/accounts/signup/")
    page.fill("[name=email]", email)
    page.fill("[name=password1]", PASSWORD)
    page.fill("[name=password2]", PASSWORD)
    go(page.locator("main form button"))


def begin_assessment(page, organization):
    """Found the organization, start an assessment as offered, and open the first item."""
    page.fill("[name=name]", organization)
    for _ in range(2):
        go(page.locator("main [type=submit]"))
        go(page.locator("main a.btn-primary"))


def answer_items(page, words, items):
    """Answer the first items, by click and by key, each saved before the next page."""
    for _ in range(items):
        questions = page.locator("[data-question]")
        for n in range(questions.count()):
            question = questions.nth(n)
            if n % 2:
                question.locator("input[value=largely]").focus()
                page.keyboard.press("1")
            else:
                question.locator("label.rating", has=page.locator("input[value=largely]")).click()
            expect(question.locator(".saved.now")).to_contain_text(words["saved"])
        page.reload()
        expect(page.locator("input[name=rating]:checked")).to_have_count(questions.count())
        go(page.locator("a[rel=next]"))


def test_answers_survive_a_cut_network_and_two_people_never_overwrite_each_other(site):
    with browser_page(WIDE, "en-GB") as page:
        sign_up(page, site, "two@bank.example")
        begin_assessment(page, "Two")
        second = page.context.new_page()
        second.goto(page.url)

        question = page.locator("[data-question]").first
        page.context.set_offline(True)
        question.locator("label.rating", has=page.locator("input[value=partly]")).click()
        expect(question.locator("[data-unsaved]")).to_be_visible()
        page.context.set_offline(False)
        expect(question.locator(".saved.now")).to_be_visible()

        other = second.locator("[data-question]").first
        other.locator("label.rating", has=second.locator("input[value=full]")).click()
        expect(other.locator(".conflict")).to_contain_text("Partly met")
        expect(other.locator(".conflict")).to_contain_text("Fully met")
        other.locator("[data-take=mine]").click()
        expect(other.locator(".saved.now")).to_be_visible()
        page.reload()
        expect(page.locator("[data-question]").first.locator("input:checked")).to_have_value("full")


def test_not_applicable_asks_for_its_reason_and_a_second_click_takes_a_rating_back(site):
    with browser_page(WIDE, "en-GB") as page:
        sign_up(page, site, "na@bank.example")
        begin_assessment(page, "Na")
        question = page.locator("[data-question]").first

        question.locator("label.rating", has=page.locator("input[value=na]")).click()
        expect(question.locator("[name=na_reason]")).to_be_visible()
        question.locator("[name=na_reason]").select_option("done_elsewhere")
        question.locator("[name=note]").fill("The group does it for us.")
        expect(question.locator(".saved.now")).to_be_visible()
        page.reload()
        expect(question.locator("input:checked")).to_have_value("na")
        expect(question.locator("[name=note]")).to_have_value("The group does it for us.")

        question.locator("label.rating", has=page.locator("input[value=none]")).click()
        expect(question.locator(".saved.now")).to_be_visible()
        question.locator("label.rating", has=page.locator("input[value=none]")).click()
        expect(question.locator("input:checked")).to_have_count(0)
        page.wait_for_load_state("networkidle")
        page.reload()
        expect(question.locator("input:checked")).to_have_count(0)
