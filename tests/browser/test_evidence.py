"""Evidence by hand: files uploaded with their progress, described, linked under a question, and looked at."""

import re

import pytest
from playwright.sync_api import expect

from tests.assessments.test_file_types import PDF
from tests.browser.chromium import WIDE, browser_page, go
from tests.browser.test_first_assessment import begin_assessment, sign_up

pytestmark = pytest.mark.browser
WORDS = {"evidence": "证据", "new": "添加新证据", "add": "添加并关联", "unlink": "取消关联"}


@pytest.fixture
def files(tmp_path):
    (tmp_path / "数据管理办法.pdf").write_bytes(PDF)
    (tmp_path / "检查记录.txt").write_text("2026-10 检查记录", encoding="utf-8")
    (tmp_path / "安装程序.exe").write_bytes(b"MZ")
    return tmp_path


def test_from_upload_to_proof(site, files):
    with browser_page(WIDE, "zh-CN") as page:
        sign_up(page, site, "evidence@bank.example")
        begin_assessment(page, "证据银行")
        question_page = page.url
        organization = re.match(r"(.*/o/[^/]+/)", question_page).group(1)

        page.goto(f"{organization}evidence/new/")
        page.set_input_files("#id_files", [files / "数据管理办法.pdf", files / "安装程序.exe"])
        page.click(".upload button")
        expect(page.locator("[data-list] .ok")).to_have_count(1)
        expect(page.locator("[data-list] .stop")).to_contain_text("安装程序.exe")
        go(page.locator("[data-next]"))
        page.select_option("select[name$=-kind]", "policy")
        go(page.locator("form .actions button"))
        expect(page.locator(".evidence-table tbody tr")).to_have_count(1)

        page.goto(question_page)
        question = page.locator("[data-question]").first
        question.locator("summary", has_text=WORDS["evidence"]).click()
        panel = question.locator(".criterion-evidence")
        row = panel.locator(".link-row")
        row.locator("[name=place]").fill("第3章")
        row.get_by_role("button").click()
        expect(panel.locator(".linked li")).to_have_count(1)
        expect(panel.locator(".linked")).to_contain_text("第3章")

        panel.locator("summary", has_text=WORDS["new"]).click()
        panel.locator("[name=files]").set_input_files(files / "检查记录.txt")
        panel.get_by_role("button", name=WORDS["add"]).click()
        expect(panel.locator(".linked li")).to_have_count(2)
        expect(question.locator("summary .count").filter(has_text="2")).to_have_count(1)
        panel.get_by_role("button", name=WORDS["unlink"]).first.click()
        expect(panel.locator(".linked li")).to_have_count(1)

        page.goto(f"{organization}evidence/")
        expect(page.locator(".evidence-table tbody tr")).to_have_count(2)
        assert page.foreign == []
        assert page.faults == ["Failed to load resource: the server responded with a status of 422 (Unprocessable Entity)"]
