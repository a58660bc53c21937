"""A team's weeks in one go: invitation, assignment, answering with a cut network and a conflict, evidence, workbook, submission."""

import io
import re

import openpyxl
import pytest
from playwright.sync_api import expect

from tests.browser.chromium import PHONE, WIDE, browser_pages, go
from tests.live import manage

pytestmark = pytest.mark.browser
PASSWORD = "correct horse battery"
INVITED = """lin@team.example, 林晓岚, 协调人, 数据管理部
chen@team.example, 陈志远, 填报人, 信息科技部
wang@team.example, 王若琳, 填报人, 业务管理部"""


def test_from_invitation_to_submission(site, site_data):
    with browser_pages(WIDE, WIDE, PHONE, WIDE) as (owner, lin, chen, wang):
        found_and_invite(owner, site)
        links = re.findall(r"https?://\S+/invitations/\S+/", manage(site_data, "work", "--once"))
        assert len(links) == 3
        for person, name, link in zip((lin, chen, wang), ("lin", "chen", "wang"), links, strict=True):
            join(person, site, link, f"{name}@team.example")

        base = prepare_and_assign(lin, site)
        answer_on_the_phone_without_network(chen, site, base)
        provoke_a_conflict(chen, lin, site, base)
        prove(chen, site, base)
        pass_on(chen, wang, site, base)
        fill_in_the_workbook(lin, site, base)
        submit(owner, chen, site, base)

        for page in (owner, lin, chen, wang):
            assert page.foreign == []
            assert [fault for fault in page.faults if "ERR_INTERNET_DISCONNECTED" not in fault and "409" not in fault] == []


def found_and_invite(page, site):
    page.goto(f"{site}/accounts/signup/")
    page.fill("[name=email]", "owner@team.example")
    page.fill("[name=password1]", PASSWORD)
    page.fill("[name=password2]", PASSWORD)
    go(page.locator("[name=password2]"), key="Enter")
    page.fill("[name=name]", "同舟银行")
    go(page.locator("[name=name]"), key="Enter")
    expect(page.locator("main")).to_contain_text("评估")
    go(page.get_by_role("link", name="成员", exact=True))
    go(page.get_by_role("link", name="部门", exact=True))
    page.locator("main form textarea").fill("数据管理部\n信息科技部\n业务管理部")
    page.get_by_role("button", name="添加").click()
    expect(page.locator("main tbody tr")).to_have_count(3)
    go(page.get_by_role("link", name="成员", exact=True).first)
    go(page.get_by_role("link", name="邀请成员"))
    page.locator("main form textarea").fill(INVITED)
    go(page.get_by_role("button", name="核对名单"))
    go(page.locator(".plan .btn-primary"))
    expect(page.locator("main")).to_contain_text("lin@team.example")


def join(page, site, link, email):
    page.goto(site + link[link.index("/invitations/") :])
    go(page.locator("main form .btn-primary"))
    expect(page.locator("[name=email]")).to_have_value(email)
    page.fill("[name=password1]", PASSWORD)
    page.fill("[name=password2]", PASSWORD)
    go(page.locator("[name=password2]"), key="Enter")
    if "/invitations/" in page.url:
        go(page.locator("main form .btn-primary"))
    page.wait_for_url(lambda address: "/signup" not in address and "/invitations/" not in address)


def prepare_and_assign(page, site) -> str:
    """The coordinator prepares the assessment, hands out every item, and opens it; its path."""
    page.goto(f"{site}/")
    go(page.get_by_role("link", name="新建评估").or_(page.get_by_role("link", name="开始第一次评估")).first)
    page.locator("[name=prepare_first]").check()
    go(page.locator("main form [type=submit]"))
    base = re.search(r"/o/[^/]+/assessments/\d+/", page.url)[0]
    page.goto(f"{site}{base}assign/")
    page.locator("[name=domain]").first.check()
    choose(page.locator("[name=person]"), "陈志远")
    page.locator("[name=due_on]").fill("2030-12-31")
    go(page.locator("[name=action][value=assign]"))
    page.goto(f"{site}{base}assign/?show=unassigned")
    for box in page.locator("[name=domain]").all():
        box.check()
    page.locator("[name=department]").select_option(label="业务管理部")
    go(page.locator("[name=action][value=assign]"))
    page.goto(f"{site}{base}assign/")
    expect(page.locator("tr.nobody")).to_have_count(0)
    page.goto(site + base)
    go(page.get_by_role("button", name="开放填报"))
    expect(page.locator(".state-bar [aria-current=step]")).to_contain_text("填报中")
    return base


def choose(select, name):
    """The option that names the person; the department may stand beside."""
    select.select_option(value=select.locator("option", has_text=name).first.get_attribute("value"))


def answer_on_the_phone_without_network(page, site, base):
    page.goto(f"{site}/")
    go(page.locator("main a[href*='/items/']").first)
    questions = page.locator("[data-question]")
    questions.nth(0).locator("label.rating", has=page.locator("input[value=full]")).click()
    expect(questions.nth(0).locator(".saved.now")).to_be_visible()
    page.context.set_offline(True)
    for n in (1, 2, 3):
        questions.nth(n).locator("label.rating", has=page.locator("input[value=largely]")).click()
    expect(page.locator("[data-queue]")).to_contain_text("3")
    page.context.set_offline(False)
    for n in (1, 2, 3):
        expect(questions.nth(n).locator(".saved.now")).to_be_visible()
    page.reload()
    expect(page.locator("input[name=rating]:checked")).to_have_count(4)


def provoke_a_conflict(page, other, site, base):
    item = re.search(r"/items/[^/]+/", page.url)[0].lstrip("/")
    other.goto(f"{site}{base}{item}")
    page.locator("[data-question]").nth(4).locator("label.rating", has=page.locator("input[value=partly]")).click()
    expect(page.locator("[data-question]").nth(4).locator(".saved.now")).to_be_visible()
    theirs = other.locator("[data-question]").nth(4)
    theirs.locator("label.rating", has=other.locator("input[value=full]")).click()
    expect(theirs.locator(".conflict")).to_contain_text("部分满足")
    theirs.locator("[data-take=theirs]").click()
    expect(theirs.locator(".conflict")).to_have_count(0)
    other.reload()
    expect(other.locator("[data-question]").nth(4).locator("input:checked")).to_have_value("partly")


def prove(page, site, base):
    """The phone adds a file to the first criterion, and links it in the same step."""
    question = page.locator("[data-question]").first
    question.locator("summary", has_text="证据").first.click()
    page.locator(".criterion-evidence summary", has_text="添加新证据").first.click()
    panel = page.locator(".criterion-evidence").first
    file = {
        "name": "数据战略规划.pdf",
        "mimeType": "application/pdf",
        "buffer": b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n",
    }
    panel.locator("[name=files]").set_input_files(file)
    panel.locator(".new-piece [name=place]").fill("第3章")
    panel.locator(".new-piece button").click()
    expect(page.locator(".criterion-evidence .linked").first).to_contain_text("数据战略规划")


def pass_on(page, colleague, site, base):
    """The last item of the domain goes to a colleague with a note, who finds it on the first page."""
    page.goto(f"{site}{base}items/DS3/pass-on/")
    choose(page.locator("main [name=person]"), "王若琳")
    page.locator("main textarea").fill("这一项请业务部门确认。")
    go(page.locator("main form .btn-primary, main form [type=submit]").first)
    colleague.goto(f"{site}/")
    expect(colleague.locator("main")).to_contain_text("这一项请业务部门确认。")


def fill_in_the_workbook(page, site, base):
    """Everything that is open is answered in Excel, and comes back."""
    page.goto(f"{site}{base}kit/")
    page.locator(".kit-forms form").first.locator("button").click()
    expect(page.locator("a[href*='/kit/'][href$='/file/']")).to_be_visible()
    with page.expect_download() as download:
        page.locator("a[href*='/kit/'][href$='/file/']").first.click()
    book = openpyxl.load_workbook(io.BytesIO(download.value.path().read_bytes()))
    filled = 0
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            code = next((cell for cell in row if re.fullmatch(r"[A-Z]{2}\d\.\d\.\d+", str(cell.value or ""))), None)
            rating = next((cell for cell in row if cell.column_letter == rating_column(sheet)), None) if code else None
            if rating is not None and not rating.value:
                rating.value, filled = "大部分满足", filled + 1
    out = io.BytesIO()
    book.save(out)
    assert filled > 500
    page.set_input_files("[name=file]", {"name": "填报.xlsx", "mimeType": "application/octet-stream", "buffer": out.getvalue()})
    go(page.locator(".kit-forms form").last.locator("button"))
    go(page.locator("button[form=apply]"))
    expect(page.get_by_role("button", name="撤销")).to_be_visible()


def rating_column(sheet) -> str:
    return next(
        cell.column_letter
        for row in sheet.iter_rows(max_row=12)
        for cell in row
        if str(cell.value or "").strip() in ("评分", "评价", "评级")
    )


def submit(owner, respondent, site, base):
    owner.goto(f"{site}{base}check/")
    expect(owner.locator(".tally-none").first).to_contain_text("0")
    owner.locator("[name=confirmed]").check()
    go(owner.locator(".submit-box .btn-primary"))
    owner.goto(site + base)
    expect(owner.locator(".state-bar [aria-current=step]")).to_contain_text("已提交")
    respondent.goto(f"{site}{base}items/DS1/")
    expect(respondent.locator("[data-question] fieldset").first).to_have_attribute("disabled", "")
