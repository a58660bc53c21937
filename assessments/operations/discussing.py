"""Talking about a criterion: contributions, questions to a colleague, and the mark for a second look."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from assessments.models import Assessment, Comment, Mark
from assessments.operations.holding import hold_open
from organizations.mail import in_language_of
from organizations.models import Engagement, User
from organizations.operations.mail import queue_mail
from organizations.operations.trail import record_activity
from organizations.permissions import Permission
from questionnaires.models import Criterion


@transaction.atomic
def write_comment(
    *,
    assessment: Assessment,
    criterion: Criterion,
    text: str,
    asked: User | None = None,
    engagement: Engagement | None = None,
    by: User,
    at: datetime,
) -> Comment:
    """Add a contribution; with ``asked`` it is a question to that colleague, who gets a mail. ``engagement``: the writer's, of
    a guest. Raises Closed when final."""
    hold_open(assessment, Permission.DISCUSS)
    comment = Comment.objects.create(
        organization_id=assessment.organization_id,
        assessment=assessment,
        criterion=criterion,
        engagement=engagement,
        text=text,
        asked=asked,
        is_question=asked is not None,
        written_by=by,
        written_at=at,
    )
    _record("question.asked" if asked else "comment.written", assessment, criterion, by, at)
    if asked is not None:
        _tell(comment, asked, at)
    return comment


@transaction.atomic
def settle_question(*, comment: Comment, by: User, at: datetime) -> Comment:
    """Close a question; one that is settled stays as it is. Raises Closed when the assessment is final."""
    assessment = comment.assessment
    hold_open(assessment, Permission.DISCUSS)
    comment = Comment.objects.select_for_update(of=["self"]).select_related("criterion").get(pk=comment.pk)
    if not comment.is_question or comment.settled_at:
        return comment
    comment.settled_by, comment.settled_at = by, at
    comment.save(update_fields=["settled_by", "settled_at"])
    _record("question.settled", assessment, comment.criterion, by, at)
    return comment


@transaction.atomic
def set_mark(*, assessment: Assessment, criterion: Criterion, marked: bool, by: User, at: datetime):
    """Mark a criterion for a second look, or lift the mark; asked again, it does no harm. Raises Closed when final."""
    hold_open(assessment, Permission.DISCUSS)
    if marked:
        values = {"organization_id": assessment.organization_id, "marked_by": by, "marked_at": at}
        _mark, changed = Mark.objects.get_or_create(assessment=assessment, criterion=criterion, defaults=values)
    else:
        changed, _by_model = Mark.objects.filter(assessment=assessment, criterion=criterion).delete()
    if changed:
        _record("criterion.marked" if marked else "criterion.unmarked", assessment, criterion, by, at)


def _tell(comment: Comment, asked: User, at: datetime):
    """Where the question stands; its words stay in the house."""
    assessment, code = comment.assessment, comment.criterion.code
    place = reverse("answer_item", args=[assessment.organization.slug, assessment.pk, comment.criterion.item])
    values = {
        "who": str(comment.written_by),
        "code": code,
        "assessment": assessment.name,
        "organization": assessment.organization.name,
        "link": f"{settings.SITE_URL}{place}#q-{code.replace('.', '-')}",
    }
    with in_language_of(asked):
        subject = _("%(who)s asks you about %(code)s") % values
        text = _("%(who)s asks you about %(code)s in %(assessment)s of %(organization)s:\n\n%(link)s") % values
        queue_mail(to=asked.email, subject=subject, text=text, at=at)


def _record(verb: str, assessment: Assessment, criterion: Criterion, by: User, at: datetime):
    about = f"assessment {assessment.pk} {criterion.code}"
    record_activity(verb, organization=assessment.organization, about=about, by=by, at=at)
