import pytest
from django.urls import reverse

from assessments.models import Assessment, Comment, Mark
from assessments.operations.discussing import set_mark, settle_question, write_comment
from assessments.operations.holding import Closed
from organizations.models import ActivityEntry, QueuedMail
from questionnaires.models import Criterion
from tests.conftest import NOON

HTMX = {"HX-Request": "true"}


@pytest.fixture
def criterion(assessment):
    return Criterion.objects.get(version=assessment.version, code="DS1.1.1")


@pytest.fixture
def as_eve(client, eve):
    client.force_login(eve)
    client.cookies["django_language"] = "en"
    return client


def address(name, assessment, *more):
    return reverse(name, args=["acme", assessment.pk, "DS1.1.1", *more])


def test_a_question_reaches_the_colleague_by_queued_mail_without_its_words(in_acme, assessment, criterion, alice, eve):
    asked = {"text": "Is the charter signed?", "asked": eve}

    comment = write_comment(assessment=assessment, criterion=criterion, **asked, by=alice, at=NOON)

    assert (comment.is_question, comment.asked, comment.settled_at) == (True, eve, None)
    mail = QueuedMail.objects.get()
    assert mail.to == eve.email
    assert f"/o/acme/assessments/{assessment.pk}/items/DS1/#q-DS1-1-1" in mail.text
    assert "charter" not in mail.text
    assert ActivityEntry.objects.filter(verb="question.asked", by=alice).count() == 1


def test_settle_question_happens_once(in_acme, assessment, criterion, alice, eve):
    comment = write_comment(assessment=assessment, criterion=criterion, text="?", asked=eve, by=alice, at=NOON)

    settle_question(comment=comment, by=eve, at=NOON)
    settle_question(comment=comment, by=alice, at=NOON)

    assert Comment.objects.get().settled_by == eve
    assert ActivityEntry.objects.filter(verb="question.settled").count() == 1


def test_a_mark_set_twice_is_one_mark_and_anyone_may_lift_it(in_acme, assessment, criterion, alice, eve):
    for _ in range(2):
        set_mark(assessment=assessment, criterion=criterion, marked=True, by=alice, at=NOON)
    assert Mark.objects.count() == 1

    set_mark(assessment=assessment, criterion=criterion, marked=False, by=eve, at=NOON)

    assert not Mark.objects.exists()
    verbs = ActivityEntry.objects.filter(about__contains="DS1.1.1").order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["criterion.marked", "criterion.unmarked"]


def test_nothing_is_said_in_a_final_assessment(in_acme, assessment, criterion, alice):
    Assessment.objects.filter(pk=assessment.pk).update(state=Assessment.State.FINAL)

    with pytest.raises(Closed):
        write_comment(assessment=assessment, criterion=criterion, text="late", by=alice, at=NOON)
    with pytest.raises(Closed):
        set_mark(assessment=assessment, criterion=criterion, marked=True, by=alice, at=NOON)


def test_the_panel_says_what_was_said_and_counts_it(as_eve, assessment, alice, in_acme):
    response = as_eve.post(address("discussion", assessment), {"text": "<b>look</b>", "ask": alice.pk}, headers=HTMX)

    body = response.content.decode()
    assert response.status_code == 200
    assert "&lt;b&gt;look&lt;/b&gt;" in body
    assert 'id="talk-DS1-1-1" hx-swap-oob="true"' in body
    assert "1 open question" in body
    assert "1 open question" in as_eve.get(reverse("answer_item", args=["acme", assessment.pk, "DS1"])).content.decode()
    comment = Comment.objects.get()
    assert "settled by Eve" in as_eve.post(address("settle_question", assessment, comment.pk), headers=HTMX).content.decode()


@pytest.mark.parametrize("text", ["", "  ", "x" * 2001, "a\x07b"])
def test_a_bad_contribution_gets_a_sentence(as_eve, assessment, in_acme, text):
    response = as_eve.post(address("discussion", assessment), {"text": text}, headers=HTMX)

    assert response.status_code == 422
    assert 'role="alert"' in response.content.decode()
    assert not Comment.objects.exists()


def test_only_a_colleague_who_answers_can_be_asked(as_eve, assessment, bob, charlie, in_acme):
    for stranger in (bob.pk, charlie.pk, "x"):
        assert as_eve.post(address("discussion", assessment), {"text": "?", "ask": stranger}, headers=HTMX).status_code == 422

    assert not QueuedMail.objects.exists()


def test_a_comment_is_settled_only_through_its_own_criterion(as_eve, assessment, alice, criterion, in_acme):
    comment = write_comment(assessment=assessment, criterion=criterion, text="?", asked=alice, by=alice, at=NOON)
    elsewhere = reverse("settle_question", args=["acme", assessment.pk, "DS1.1.2", comment.pk])

    assert as_eve.post(elsewhere).status_code == 404


def test_without_scripts_each_step_comes_back_to_the_question(as_eve, assessment, in_acme):
    place = reverse("answer_item", args=["acme", assessment.pk, "DS1"]) + "#q-DS1-1-1"

    assert as_eve.post(address("mark_criterion", assessment), {"marked": "1"}).url == place
    assert as_eve.post(address("discussion", assessment), {"text": "so"}).url == place
    assert "<html" in as_eve.get(address("discussion", assessment)).content.decode()
    assert "<html" in as_eve.get(address("answer_history", assessment)).content.decode()


def test_a_viewer_reads_along_only(client, bob, assessment, in_acme):
    client.force_login(bob)

    assert client.get(address("discussion", assessment)).status_code == 200
    assert client.post(address("discussion", assessment), {"text": "x"}).status_code == 403
    assert client.post(address("mark_criterion", assessment), {"marked": "1"}).status_code == 403


def test_a_discussion_costs_the_same_queries_however_long(
    as_eve, assessment, alice, criterion, in_acme, django_assert_num_queries
):
    def read():
        return as_eve.get(address("discussion", assessment), headers=HTMX)

    write_comment(assessment=assessment, criterion=criterion, text="1", asked=alice, by=alice, at=NOON)
    read()
    with django_assert_num_queries(7):
        read()
    for number in range(5):
        write_comment(assessment=assessment, criterion=criterion, text=str(number), by=alice, at=NOON)
    with django_assert_num_queries(7):
        read()
