import base64
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils.translation import override
from django_scopes import scope
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from organizations.models import ActivityEntry
from reports.forms.branding import contrast_on_white
from reports.models import Branding
from reports.papers.logos import BadLogo, as_png

EN = {"Accept-Language": "en"}
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><rect width="9" height="9"/></svg>'
TEXTS = {"revision": "0", "accent": "#0F3C60", "cover_text": "For the board", "disclaimer": "Ours"}


def picture(size=(1000, 400), kind="PNG", mode="RGBA", **options) -> bytes:
    buffer = io.BytesIO()
    Image.new(mode, size, (200, 0, 0, 0)[: len(mode)]).save(buffer, kind, **options)
    return buffer.getvalue()


def drawn(png: str) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(png)))


@pytest.fixture
def path(acme):
    return reverse("branding", args=["acme"])


def upload(content, name="logo.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_logo_is_drawn_anew_on_white_and_small(kind):
    logo = drawn(as_png(picture(kind=kind, mode="RGB" if kind == "JPEG" else "RGBA")))

    assert (logo.format, logo.mode, logo.size) == ("PNG", "RGB", (750, 300))
    if kind != "JPEG":
        assert logo.getpixel((5, 5)) == (255, 255, 255)


def test_nothing_of_the_file_itself_goes_on():
    words = PngInfo()
    words.add_text("Comment", "secret=token")

    assert b"secret" not in base64.b64decode(as_png(picture(pnginfo=words) + b"secret appended"))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (SVG, "no picture"),
        (b"", "no picture"),
        (picture()[:200], "no picture"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 100, "no picture"),
        (picture(kind="GIF", mode="RGB"), "no picture"),
        (picture(size=(4001, 2), mode="RGB"), "4000 pixels"),
        (picture(mode="RGB") + b"\0" * 2_000_000, "larger than 2 MB"),
    ],
    ids=["svg", "nothing", "cut", "no chunks", "gif", "wide", "heavy"],
)
def test_what_is_no_logo_is_refused_with_words(content, sentence):
    with override("en"), pytest.raises(BadLogo, match=sentence):
        as_png(content)


def test_contrast_is_wcags():
    assert [round(contrast_on_white(colour), 1) for colour in ("#000000", "#ffffff", "#767676", "#b83a26")] == [
        21.0,
        1.0,
        4.5,
        5.7,
    ]


def test_save_look_and_remove(as_alice, acme, path):
    answer = as_alice.post(path, TEXTS | {"logo": upload(picture())}, follow=True, headers=EN)
    page = answer.content.decode()
    with scope(organization=acme):
        saved = Branding.objects.get()
        verbs = list(ActivityEntry.objects.order_by("-number").values_list("verb", flat=True)[:1])
    assert (saved.accent, saved.cover_text, saved.revision, verbs) == ("#0f3c60", "For the board", 1, ["branding.edited"])
    assert f"data:image/png;base64,{saved.logo}" in page
    assert 'fill="#0f3c60"' in page

    as_alice.post(path, TEXTS | {"revision": "1", "remove_logo": "on"})

    with scope(organization=acme):
        assert (Branding.objects.get().logo, Branding.objects.get().revision) == ("", 2)


def test_a_stale_save_is_told_and_both_texts_are_there(as_alice, acme, path):
    as_alice.post(path, TEXTS)
    as_alice.post(path, TEXTS | {"revision": "1", "cover_text": "Theirs"})

    answer = as_alice.post(path, TEXTS | {"revision": "1", "cover_text": "Mine"}, headers=EN)
    page = answer.content.decode()

    assert answer.status_code == 409
    assert ("Theirs" in page, "Mine" in page, 'value="2"' in page) == (True, True, True)
    assert as_alice.post(path, TEXTS | {"revision": "2", "cover_text": "Mine"}).status_code == 302


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"accent": "red"}, "six digits"),
        ({"accent": "#ffee00"}, "Too light"),
        ({"accent": "url(x)"}, "six digits"),
        ({"cover_text": "a\x1bb"}, "control characters"),
        ({"logo": SVG}, "no picture"),
    ],
)
def test_wrong_input_says_what_is_wrong(as_alice, acme, path, wrong, sentence):
    wrong = {name: upload(value) if name == "logo" else value for name, value in wrong.items()}

    answer = as_alice.post(path, TEXTS | wrong, headers=EN)

    assert (answer.status_code, sentence in answer.content.decode()) == (422, True)
    with scope(organization=acme):
        assert not Branding.objects.exists()


def test_only_owners_dress_reports(client, path, dora):
    client.force_login(dora)

    assert client.get(path).status_code == 403
