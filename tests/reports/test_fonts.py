"""What no font draws stands in a PDF as its code point."""

from dataclasses import replace

import pytest

from questionnaires.packages import read_questionnaire
from reports.papers import fonts
from reports.papers.fonts import printable
from reports.papers.pdf import volume_html
from reports.papers.typesetting import typeset
from tests.reports.conftest import random_answers, snapshot_of
from tests.reports.test_pdf import text_of

NOBODY_HAS = "\u0378"  # no character


@pytest.fixture
def plain_fonts(monkeypatch):
    """A machine with a Chinese font and little else."""
    monkeypatch.setattr(fonts, "_covered", lambda: [(0x20, 0x7E), (0x4E00, 0x9FFF), (0x1F600, 0x1F600)])


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("王数 a", "王数 a"),
        ("王\U0002cd0a", "王[U+2CD0A]"),
        ("好\U0001f600", "好\U0001f600\ufe0e"),
        ("\U0001f680\ufe0f", "[U+1F680]"),
        ("\U0001f468\u200d\U0001f469", "[U+1F468]\u200d[U+1F469]"),
        ("一\u3000二\u00a0三\u2060\U000e0100", "一\u3000二\u00a0三\u2060\U000e0100"),
        ("\u0e01", "[U+0E01]"),
    ],
    ids=["plain", "rare name", "emoji as sign", "emoji", "joined emoji", "blanks", "Thai"],
)
@pytest.mark.usefixtures("plain_fonts")
def test_what_no_font_draws_is_spelled_out(text, shown):
    assert printable(text) == shown


def test_the_fonts_of_this_machine_draw_names_in_the_official_table_of_characters():
    assert printable("王䶮\U00020bb7\U0002cd0a①★") == "王䶮\U00020bb7\U0002cd0a①★"
    assert printable(NOBODY_HAS) == "[U+0378]"


def test_a_note_in_a_volume_loses_nothing(basis):
    actions = read_questionnaire("policy-actions")
    snapshot = snapshot_of(actions, basis, random_answers(actions))
    first = replace(snapshot.domains[0].items[0], note=f"王{NOBODY_HAS}签字")
    domain = replace(snapshot.domains[0], items=(first,))

    html = volume_html([replace(snapshot, domains=(domain,))], "full")

    assert "王[U+0378]签字" in html


def test_emoji_give_the_same_bytes_and_can_be_read_back():
    html = "<p>" + printable("完成\u2600\ufe0f\U0001f600") + "</p>"
    pdf = typeset(html, [], seconds=60, megabytes=2048)

    assert typeset(html, [], seconds=60, megabytes=2048) == pdf
    assert "完成" in text_of(pdf)
