import pytest
from PIL import Image

from tests.reports.pictures import FOLDER, difference, drawings, rendered

MOST = 0.004  # of the pixels: another version of a font draws a little differently


@pytest.mark.parametrize("name", sorted(drawings()))
def test_a_chart_looks_as_it_did(name):
    kept = Image.open(FOLDER / f"{name}.png").convert("L")

    assert difference(rendered(drawings()[name]), kept) <= MOST


def test_another_drawing_is_noticed():
    radar = Image.open(FOLDER / "radar-zh.png").convert("L")

    assert difference(radar, Image.open(FOLDER / "radar-en.png").convert("L")) > MOST
