import pytest
from django.urls import reverse

PAGES = {
    "editions": [()],
    "edition": [("gbt36073-2025",), ("gbt36073-2018",), ("policy-actions",)],
    "item": [("gbt36073-2025", "AS1"), ("gbt36073-2018", "ST2"), ("policy-actions", "PA-101")],
    "compare_editions": [()],
    "library": [()],
    "document": [("BDP14",), ("BDP13",)],
    "clause": [("BDP14-5.1-b",), ("BDP14-4.1.1-a",)],
    "conditions": [()],
}
ADDRESSES = [(name, args) for name, rows in PAGES.items() for args in rows]


@pytest.mark.parametrize(("name", "args"), ADDRESSES, ids=lambda value: str(value))
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_pages_answer_in_few_queries(as_alice, name, args, language, django_assert_max_num_queries):
    as_alice.cookies["django_language"] = language

    with django_assert_max_num_queries(20):
        response = as_alice.get(reverse(name, args=args))

    assert response.status_code == 200
    assert f'<html lang="{language}"' in response.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "args"), ADDRESSES, ids=lambda value: str(value))
def test_public_or_signed_in_by_setting(client, settings, name, args):
    assert client.get(reverse(name, args=args)).status_code == 302

    settings.LIBRARY_IS_PUBLIC = True
    assert client.get(reverse(name, args=args)).status_code == 200


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("edition", ("gbt0",)),
        ("edition", ("policies",)),
        ("item", ("gbt36073-2025", "XX1")),
        ("document", ("X",)),
        ("clause", ("X",)),
    ],
)
def test_what_is_not_there_is_not_found(as_alice, name, args):
    assert as_alice.get(reverse(name, args=args)).status_code == 404


def page(client, address, language="en"):
    client.cookies["django_language"] = language
    return client.get(address).content.decode()


def test_the_library_searches_and_marks(as_alice):
    text = page(as_alice, reverse("library") + "?q=首席+数据官", "zh-hans")

    assert "<mark>首席数据官</mark>" in text
    assert 'href="/library/clauses/BDP14-5.1-b/"' in text
    assert "&lt;script" in page(as_alice, reverse("library") + "?q=<script>")


def test_old_plans_are_labelled_on_every_page(as_alice):
    assert "Historical document" in page(as_alice, reverse("document", args=["BDP13"]))
    assert "Plan period ended" in page(as_alice, reverse("document", args=["BDP14"]))
    assert "Historical document" in page(as_alice, reverse("clause", args=["BDP13-5.2-a"]))
    assert "Plan period ended" in page(as_alice, reverse("clause", args=["BDP14-5.1-b"]))
    assert "历史文件" in page(as_alice, reverse("item", args=["gbt36073-2025", "DG1"]), "zh-hans")
    assert "规划期已结束" in page(as_alice, reverse("item", args=["gbt36073-2025", "DG1"]), "zh-hans")


def test_a_clause_for_government_is_no_duty(as_alice, packages):
    for clause in packages[1].clauses:
        if clause.addressee == "government":
            assert "no duty of an enterprise" in page(as_alice, reverse("clause", args=[clause.id]))


def test_an_item_without_a_direct_clause_says_so(as_alice):
    assert "No direct clause exists." in page(as_alice, reverse("item", args=["gbt36073-2025", "DS2"]))
    assert "No direct clause exists." not in page(as_alice, reverse("item", args=["gbt36073-2025", "DS1"]))


def test_inferred_contents_carry_a_mark(as_alice):
    assert "≈" in page(as_alice, reverse("item", args=["gbt36073-2025", "AS1"]))


def test_conditions_list_what_is_missing(as_alice):
    address = reverse("conditions") + "?applicant=owner&level=3&years=2&staff=5000&revenue_cny=abc"

    text = page(as_alice, address)

    assert "missing" in text
    assert "✓" in text


@pytest.mark.parametrize("name", ["import_policy", "accept_link"])
def test_only_platform_staff_meet_the_import(as_alice, client, name):
    args = ["BDP14-5.1-b"] if name == "accept_link" else []

    assert as_alice.get(reverse(name, args=args)).status_code == 404
    assert as_alice.post(reverse(name, args=args)).status_code == 404
