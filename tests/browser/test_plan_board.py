"""The board of a plan: cards are dragged, moved by key, and go back when the server refuses."""

import pytest
from playwright.sync_api import expect

from tests.browser.chromium import WIDE, browser_page, go
from tests.browser.test_offline import start

pytestmark = pytest.mark.browser


@pytest.fixture
def board(site):
    """The board of a new plan with two actions to do."""
    with browser_page(WIDE, "en-GB") as page:
        start(page, site)
        plan = page.url.split("/items/")[0] + "/plan/"
        for title in ("Write the strategy", "Train the stewards"):
            page.goto(f"{plan}actions/new/")
            page.get_by_label("Title").fill(title)
            go(page.get_by_role("button", name="Save"))
        page.goto(f"{plan}board/")
        yield page


def column(page, status):
    return page.locator(f"[data-column={status}]")


def card(page, title):
    return page.locator("[data-move]", has_text=title)


def test_a_card_is_dragged_and_stays_where_it_was_put(board):
    card(board, "Write the strategy").drag_to(column(board, "doing"))

    expect(column(board, "doing")).to_contain_text("Write the strategy")
    expect(column(board, "open")).not_to_contain_text("Write the strategy")
    expect(board.get_by_role("status").filter(has_text="Action 1: In progress")).to_be_visible()
    board.reload()
    expect(column(board, "doing")).to_contain_text("Write the strategy")
    assert not board.faults


def test_what_may_not_be_goes_back_with_a_sentence(board):
    card(board, "Train the stewards").drag_to(column(board, "closed"))

    expect(board.get_by_role("alert")).to_contain_text("with proof, and a second person")
    expect(column(board, "open")).to_contain_text("Train the stewards")
    expect(column(board, "closed")).not_to_contain_text("Train the stewards")


def test_a_lost_connection_is_said_and_nothing_moves(board):
    board.context.set_offline(True)
    card(board, "Train the stewards").drag_to(column(board, "doing"))

    expect(board.get_by_role("alert")).to_contain_text("did not reach the server")
    expect(column(board, "open")).to_contain_text("Train the stewards")


def test_a_card_is_moved_by_key_and_keeps_the_focus(board):
    button = board.get_by_role("button", name="Action 2: In progress")
    button.focus()
    board.keyboard.press("Enter")

    expect(column(board, "doing")).to_contain_text("Train the stewards")
    expect(board.get_by_role("link", name="Train the stewards")).to_be_focused()
