import pytest
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter

from organizations.models import User
from organizations.providers import ProviderAdapter


@pytest.mark.parametrize(
    ("data", "name"),
    [
        ({"name": "李娜"}, "李娜"),
        ({"last_name": "Li", "first_name": "Na"}, "Li Na"),
        ({"name": "Li\r\nBcc: all@acme.example\0\u202e"}, "Li Bcc: all@acme.example"),
        ({"name": "x" * 200}, "x" * 80),
        ({}, ""),
    ],
)
def test_the_name_that_a_provider_gives_is_one_printable_line(monkeypatch, data, name):
    monkeypatch.setattr(DefaultSocialAccountAdapter, "populate_user", lambda *_: User())

    assert ProviderAdapter(None).populate_user(None, None, data).name == name
