import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django_scopes import scope

from organizations.inviting import Defaults, Entry, Outcome, Surroundings, plan_invitations
from organizations.models import ActivityEntry, Department, Invitation, Membership, QueuedMail, Role, User
from organizations.operations.invitations import (
    InvitationGone,
    ListOutdated,
    OtherAddress,
    accept_invitation,
    invite_members,
    resend_invitation,
    revoke_invitation,
    show_invitation_link,
)
from organizations.operations.mail import send_due_mail
from organizations.queries import pending_invitations, sha256_of
from tests.conftest import NOON, PASSWORD
from tests.organizations.test_sheets import workbook

DAY = timedelta(days=1)
FORM = {"role": "respondent", "department": "", "language": "en"}


def url(name, *ids, slug="acme"):
    return reverse(name, args=[slug, *ids])


def invite(organization, by, *emails, role=Role.RESPONDENT, department=None, language="en", at=NOON, name=""):
    entries = [Entry(number, email, name, role, department) for number, email in enumerate(emails, start=1)]
    with scope(organization=organization):
        return invite_members(organization=organization, entries=entries, language=language, by=by, at=at)


def sent_link(at=NOON):
    """The path in the newest mail."""
    send_due_mail(at)
    return re.findall(r"http://127\.0\.0\.1:8000(/invitations/\S+)", mail.outbox[-1].body)[-1]


def token_of(link):
    return link.strip("/").split("/")[-1]


@pytest.fixture
def invitation(acme, alice):
    return invite(acme, alice, "fay@acme.example", at=timezone.now(), name="Fay")[0]


@pytest.fixture
def link(invitation):
    return sent_link(timezone.now())


@pytest.fixture
def fay(db):
    return User.objects.create_user("Fay@acme.example", PASSWORD)


# the list


def plan(text, departments=(), roles=Role.values, members=(), invited=()):
    return plan_invitations(text, Defaults(Role.RESPONDENT), Surroundings(set(members), set(invited), departments, roles))


@pytest.mark.parametrize(
    ("line", "email", "name", "role"),
    [
        ("a@x.example", "a@x.example", "", "respondent"),
        ("A@X.Example, 安, viewer", "a@x.example", "安", "viewer"),
        ("a@x.example，安，查看者", "a@x.example", "安", "viewer"),
        ("a@x.example\t安, 一\tOwner", "a@x.example", "安, 一", "owner"),
        ("a@x.example；安；协调人", "a@x.example", "安", "coordinator"),
        ('a@x.example, "An, A", ', "a@x.example", "An, A", "respondent"),
        ('"An A" <a@x.example>', "a@x.example", "An A", "respondent"),
        ("An <a@x.example>, 安", "a@x.example", "安", "respondent"),
    ],
)
def test_a_line_as_people_write_it(line, email, name, role):
    (entry,) = plan(line).entries

    assert (entry.outcome, entry.email, entry.name, entry.role) == (Outcome.READY, email, name, role)


@pytest.mark.parametrize(
    "line",
    [
        "a", "a@", "@x.example", "安", ",a@x.example", "a@x.example,安,king", "a@x.example,安,,nowhere", "a@x.example,,,,more",
        "a@x.example b@x.example", "a@x.example, b@x.example", "a@x.example," + "n" * 81, "a@x.example,\u202eabc",
        "a@x.example,\x07", "x" * 300 + "@x.example", '"' * 2_000, "a@" + "x." * 600,
    ],
)  # fmt: skip
def test_a_faulty_line_says_why(line):
    (entry,) = plan(line).entries

    assert entry.outcome == Outcome.FAULT
    assert entry.reason != ""


def test_every_line_is_accounted_for():
    text = "\n邮箱,部门,姓名\na@x.example,IT,安\n\nm@x.example\ni@x.example\nnonsense\nA@x.example"

    entries = plan(text, [Department(name="it")], members=["m@x.example"], invited=["i@x.example"]).entries

    assert [(entry.number, entry.outcome.value) for entry in entries] == [
        (3, "ready"), (5, "member"), (6, "invited"), (7, "fault"), (8, "fault"),
    ]  # fmt: skip
    assert (entries[0].department.name, entries[0].name) == ("it", "安")
    assert "3" in entries[-1].reason


def test_a_preview_sends_nothing(as_alice, acme):
    response = as_alice.post(url("invite_members"), {**FORM, "text": "a@x.example\nbob@acme.example"})

    assert response.status_code == 200
    assert [entry.outcome.value for entry in response.context["plan"].entries] == ["ready", "member"]
    assert not QueuedMail.objects.exists()


def test_what_was_previewed_is_sent(as_alice, acme, data_office, alice):
    listed = {**FORM, "text": "a@x.example, 安, viewer\nbob@acme.example\nb@x.example,,,data OFFICE"}
    kept = as_alice.post(url("invite_members"), listed).context["kept"]

    response = as_alice.post(url("invite_members"), {**kept, "send": "1"})

    assert response.status_code == 302
    with scope(organization=acme):
        rows = Invitation.objects.order_by("email").values_list("email", "name", "role", "department__name", "token_sha256")
        assert list(rows) == [
            ("a@x.example", "安", "viewer", None, ""), ("b@x.example", "", "respondent", "Data office", ""),
        ]  # fmt: skip
        assert ActivityEntry.objects.filter(verb="invitation.made", by=alice).count() == 2
    assert sorted(QueuedMail.objects.values_list("to", flat=True)) == ["a@x.example", "b@x.example"]
    assert mail.outbox == []


def test_one_faulty_line_and_nothing_is_sent(as_alice, acme):
    response = as_alice.post(url("invite_members"), {**FORM, "text": "a@x.example\nnonsense", "send": "1"})

    assert response.status_code == 422
    assert "nonsense" in response.content.decode()
    assert not QueuedMail.objects.exists()


@pytest.mark.parametrize("name", ["people.xlsx", "people.csv"])
def test_a_file_is_read_like_a_list(as_alice, acme, name):
    rows = [["姓名", "邮箱"], ["安", "a@x.example"], [], ["贝", "nonsense"]]
    raw = workbook(*rows) if name.endswith("xlsx") else "\n".join(",".join(row) for row in rows).encode("gb18030")

    response = as_alice.post(url("invite_members"), {**FORM, "file": SimpleUploadedFile(name, raw)})

    entries = response.context["plan"].entries
    assert [(entry.number, entry.email, entry.name) for entry in entries] == [(2, "a@x.example", "安"), (4, "nonsense", "贝")]


@pytest.mark.parametrize(
    "values",
    [
        {"text": ""},
        {"text": " \n\n"},
        {"text": "\n".join(f"p{n}@x.example" for n in range(502))},
        {"text": "a@x.example", "role": "king"},
        {"text": "a@x.example", "language": "xx"},
        {"text": "a@x.example", "department": "99999"},
        {"text": "a\0@x.example"},
        {"file": ("a.xlsx", b"PK\x03\x04broken")},
        {"file": ("a.pdf", b"%PDF")},
        {"file": ("a.csv", b"x" * 1_000_001)},
        {"text": "a@x.example", "file": ("a.csv", b"b@x.example")},
    ],
)
def test_a_bad_form_is_shown_again(as_alice, acme, values):
    if "file" in values:
        values = {**values, "file": SimpleUploadedFile(*values["file"])}

    response = as_alice.post(url("invite_members"), {**FORM, **values, "send": "1"})

    assert response.status_code == 422
    assert not QueuedMail.objects.exists()


def test_a_coordinator_invites_respondents_and_viewers_only(client, acme, dora):
    client.force_login(dora)

    page = client.get(url("invite_members"))
    refused = client.post(url("invite_members"), {**FORM, "text": "a@x.example,,owner", "send": "1"})
    chosen = client.post(url("invite_members"), {**FORM, "role": "owner", "text": "a@x.example", "send": "1"})
    allowed = client.post(url("invite_members"), {**FORM, "text": "a@x.example,,viewer", "send": "1"})

    assert [value for value, _label in page.context["form"].fields["role"].choices] == ["respondent", "viewer"]
    assert (refused.status_code, chosen.status_code, allowed.status_code) == (422, 422, 302)


@pytest.mark.parametrize("person", ["eve", "bob"])
def test_others_invite_nobody(client, request, acme, invitation, person):
    client.force_login(request.getfixturevalue(person))

    assert client.get(url("invite_members")).status_code == 403
    assert client.post(url("invite_members"), {**FORM, "text": "a@x.example", "send": "1"}).status_code == 403
    for name in ("resend_invitation", "revoke_invitation", "show_invitation_link"):
        assert client.post(url(name, invitation.pk)).status_code == 403
    assert "fay@acme.example" not in client.get(url("members")).content.decode()


def test_a_coordinator_does_not_touch_invitations_of_owners(client, acme, alice, dora):
    (row,) = invite(acme, alice, "o@x.example", role=Role.OWNER)
    client.force_login(dora)

    for name in ("resend_invitation", "revoke_invitation", "show_invitation_link"):
        assert client.post(url(name, row.pk)).status_code == 404
    assert client.get(url("members")).status_code == 200


@pytest.mark.parametrize("name", ["resend_invitation", "revoke_invitation", "show_invitation_link"])
def test_a_stranger_meets_404(client, globex, charlie, invitation, name):
    client.force_login(charlie)

    assert client.post(url(name, invitation.pk)).status_code == 404
    assert client.post(url(name, invitation.pk, slug="globex")).status_code == 404


def test_a_list_that_was_overtaken_invites_nobody(acme, alice, data_office):
    invite(acme, alice, "a@x.example")
    with pytest.raises(ListOutdated):
        invite(acme, alice, "b@x.example", "a@x.example")
    with pytest.raises(ListOutdated):
        invite(acme, alice, "b@x.example", "bob@acme.example")
    with scope(organization=acme):
        Department.objects.filter(pk=data_office.pk).delete()
    with pytest.raises(ListOutdated):
        invite(acme, alice, "b@x.example", department=data_office)

    assert [row.to for row in QueuedMail.objects.all()] == ["a@x.example"]


def test_the_members_page_takes_the_same_queries_for_few_and_many(as_alice, acme, alice, data_office):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            assert as_alice.get(url("members")).status_code == 200
        return len(captured)

    invite(acme, alice, "a@x.example", department=data_office)
    queries()
    few = queries()
    invite(acme, alice, *(f"p{n}@x.example" for n in range(20)), department=data_office)

    assert queries() == few


# the mail


def test_the_mail_in_the_chosen_language_with_a_link_that_is_stored_nowhere(acme, alice):
    (row,) = invite(acme, alice, "a@x.example", language="zh-hans")
    assert QueuedMail.objects.get().payload == {"invitation": row.pk, "organization": acme.pk}

    token = token_of(sent_link())

    with scope(organization=acme):
        row.refresh_from_db()
    assert row.token_sha256 == sha256_of(token)
    assert row.sent_at == NOON
    assert len(token) >= 43
    assert mail.outbox[0].to == ["a@x.example"]
    assert "Alice" in mail.outbox[0].subject
    assert "填报人" in mail.outbox[0].body
    assert not QueuedMail.objects.exists()


def test_the_mail_in_english(acme, alice):
    invite(acme, alice, "a@x.example")
    send_due_mail(NOON)

    assert mail.outbox[0].subject.endswith("Alice invites you to Acme 数据公司")
    assert "Your role: Respondent." in mail.outbox[0].body


def test_no_mail_for_what_was_revoked_accepted_or_has_expired(acme, alice):
    first, _second = invite(acme, alice, "a@x.example", "b@x.example")
    with scope(organization=acme):
        Invitation.objects.filter(pk=first.pk).update(revoked_at=NOON)

    send_due_mail(NOON + 15 * DAY)

    assert mail.outbox == []
    assert not QueuedMail.objects.exists()


def test_states_on_the_members_page(acme, alice, settings):
    with scope(organization=acme):

        def states(at=NOON):
            return [row.state.value for row in pending_invitations(acme, at)]

        (row,) = invite(acme, alice, "a@x.example")
        assert states() == ["waiting"]
        settings.EMAIL_BACKEND = "no.such.Backend"
        for minutes in (0, 5, 60):
            send_due_mail(NOON + timedelta(minutes=minutes))
        assert states() == ["failed"]
        settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
        resend_invitation(invitation=row, by=alice, at=NOON)
        assert states() == ["waiting"]
        send_due_mail(NOON)
        assert states() == ["sent"]
        show_invitation_link(invitation=row, by=alice, at=NOON)
        assert states() == ["shown"]
        assert states(NOON + 14 * DAY) == ["expired"]
        revoke_invitation(invitation=row, by=alice, at=NOON)
        assert states() == []


def test_sending_again_replaces_the_link(client, acme, alice, invitation, link):
    with scope(organization=acme):
        resend_invitation(invitation=invitation, by=alice, at=timezone.now())
    newer = sent_link(timezone.now())

    assert client.get(link).status_code == 404
    assert client.get(newer).status_code == 200


def test_an_expired_invitation_is_replaced_by_the_next(as_alice, acme, alice):
    invite(acme, alice, "a@x.example", at=NOON - 15 * DAY)

    response = as_alice.post(url("invite_members"), {**FORM, "text": "a@x.example", "send": "1"})

    assert response.status_code == 302
    with scope(organization=acme):
        assert Invitation.objects.filter(revoked_at__isnull=True).count() == 1


def test_a_revoked_invitation_can_not_be_sent_again(as_alice, acme, invitation):
    assert as_alice.post(url("revoke_invitation", invitation.pk)).status_code == 302
    assert as_alice.post(url("resend_invitation", invitation.pk)).status_code == 404
    assert not QueuedMail.objects.exists()
    with scope(organization=acme):
        assert ActivityEntry.objects.exclude(verb="write.refused").first().verb == "invitation.revoked"


# the link


@pytest.mark.parametrize("verification", ["none", "mandatory"])
def test_somebody_new_signs_up_and_arrives(client, acme, invitation, link, settings, verification):
    settings.ACCOUNT_EMAIL_VERIFICATION = verification
    page = client.get(link).content.decode()
    assert "Acme 数据公司" in page
    assert "fay@acme.example" not in page  # masked

    goal = client.post(link).url
    assert "fay@acme.example" in client.get(goal).content.decode()
    data = {"email": "fay@acme.example", "password1": PASSWORD, "password2": PASSWORD, "next": link}
    assert client.post(goal, data).url == link
    assert client.post(link).url == acme.get_absolute_url()

    person = User.objects.get(email="fay@acme.example")
    assert EmailAddress.objects.get(user=person).verified
    assert person.name == "Fay"
    with scope(organization=acme):
        assert Membership.objects.get(user=person).role == Role.RESPONDENT
        verbs = set(ActivityEntry.objects.filter(by=person).values_list("verb", flat=True))
    assert verbs == {"invitation.accepted", "membership.added"}
    assert client.get(acme.get_absolute_url()).status_code == 200


def test_a_link_that_was_shown_proves_no_address(client, acme, alice, invitation, settings):
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    with scope(organization=acme):
        link = show_invitation_link(invitation=invitation, by=alice, at=timezone.now())
    path = link.removeprefix("http://127.0.0.1:8000")

    goal = client.post(path).url
    client.post(goal, {"email": "fay@acme.example", "password1": PASSWORD, "password2": PASSWORD})

    assert not User.objects.get(email="fay@acme.example").last_login
    assert not EmailAddress.objects.get(email="fay@acme.example").verified


def test_signing_up_with_another_address_beside_an_existing_account(client, acme, fay, link):
    goal = client.post(link).url

    response = client.post(goal, {"email": "other@x.example", "password1": PASSWORD, "password2": PASSWORD})

    assert response.status_code == 302
    assert User.objects.filter(email="other@x.example").exists()


def test_somebody_with_an_account_signs_in_and_accepts(client, acme, fay, link):
    sign_in = re.search(r'href="(/accounts/login/\?next=[^"]+)"', client.get(link).content.decode())[1]
    response = client.post(sign_in, {"login": "fay@acme.example", "password": PASSWORD})

    assert response.url == link
    assert client.post(response.url).url == acme.get_absolute_url()
    assert client.get(link).url == acme.get_absolute_url()  # the same person once more


def test_the_link_works_once(acme, fay, invitation, link, charlie):
    accept_invitation(token=token_of(link), by=fay, at=timezone.now())

    with pytest.raises(InvitationGone):
        accept_invitation(token=token_of(link), by=fay, at=timezone.now())
    with scope(organization=acme):
        assert Membership.objects.filter(user=fay).count() == 1


def test_the_link_is_for_one_address(client, acme, charlie, invitation, link):
    client.force_login(charlie)

    page = client.get(link).content.decode()

    assert "f***@acme.example" in page
    assert "fay@acme.example" not in page
    assert client.post(link).url == link
    with pytest.raises(OtherAddress):
        accept_invitation(token=token_of(link), by=charlie, at=timezone.now())
    with scope(organization=acme):
        assert not Membership.objects.filter(user=charlie).exists()


def test_used_revoked_expired_and_unknown_look_the_same(client, acme, alice, fay):
    pages = []
    for change in ({"revoked_at": NOON}, {"accepted_at": NOON}, {"expires_at": NOON}):
        (row,) = invite(acme, alice, "fay@acme.example", at=timezone.now())
        link = sent_link(timezone.now())
        with scope(organization=acme):
            Invitation.objects.filter(pk=row.pk).update(**change)
        pages.append(client.get(link))
        with scope(organization=acme):
            Invitation.objects.all().delete()
    pages.append(client.get(reverse("accept_invitation", args=["x" * 43])))

    assert [page.status_code for page in pages] == [404] * 4
    body = {page.content.decode().split("<main")[1] for page in pages}
    assert len(body) == 1


def test_a_member_stays_what_they_are(acme, alice, bob):
    (row,) = invite(acme, alice, "other@x.example", role=Role.OWNER)
    with scope(organization=acme):
        Invitation.objects.filter(pk=row.pk).update(email=bob.email)

    membership = accept_invitation(token=token_of(sent_link()), by=bob, at=NOON)

    assert membership.role == Role.VIEWER


def test_guessing_is_limited(client, acme, link):
    for number in range(30):
        assert client.get(reverse("accept_invitation", args=[f"guess{number}"])).status_code == 404

    assert client.get(reverse("accept_invitation", args=["one-more"])).status_code == 429


def test_other_methods_are_refused(client, link):
    assert client.delete(link).status_code == 405
    assert client.put(link).status_code == 405


def test_a_shown_link_is_on_the_page_once(as_alice, invitation):
    page = as_alice.post(url("show_invitation_link", invitation.pk)).content.decode()

    assert "http://127.0.0.1:8000/invitations/" in page
    assert "/invitations/x" not in as_alice.get(url("members")).content.decode()
    assert not QueuedMail.objects.exists()
