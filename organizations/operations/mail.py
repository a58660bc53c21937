import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Q
from django.utils.translation import override

from organizations.mail import RENDERERS, Rendered
from organizations.models import QueuedMail, User

logger = logging.getLogger(__name__)
TRIES = 3
LEASE = timedelta(seconds=45)  # longer than one delivery may take (EMAIL_TIMEOUT); a killed worker's mail waits no longer
PAUSE = timedelta(minutes=2)  # before the second try; five times as long before the third


@transaction.atomic
def queue_mail(*, to: str, subject: str, text: str, at: datetime) -> QueuedMail:
    """Put a written mail in the queue; call it inside the transaction of the act that it tells about.

    The subject becomes one line. Write both in the recipient's language (``organizations.mail.in_language_of``).
    """
    subject = " ".join(subject.split())[:200]
    return QueuedMail.objects.create(to=to, subject=subject, text=text, queued_at=at, next_try_at=at)


@transaction.atomic
def queue_rendered_mail(*, kind: str, to: str, payload: dict, language: str = "", at: datetime) -> QueuedMail:
    """Queue a mail that is written when it leaves, by the function registered with ``@renders(kind)``.

    ``payload`` holds ids only. ``language`` is that of the mail; without one, the recipient's own, else the site's.
    """
    return QueuedMail.objects.create(to=to, kind=kind, payload=payload, language=language, queued_at=at, next_try_at=at)


def send_due_mail(at: datetime) -> int:
    """Send what is due and return how many left; the worker calls ``send_next_mail`` with a fresh clock instead."""
    sent = 0
    while (outcome := send_next_mail(at=at)) is not None:
        sent += outcome
    return sent


def send_next_mail(*, at: datetime) -> bool | None:
    """Take one due mail and try it: True sent, False not sent, None if nothing is due.

    Delivered at least once: a worker killed between delivery and noting it leaves the mail to be sent again.
    """
    mail = _take(at)
    if mail is None:
        return None
    try:
        sent = _deliver(mail, at)
    except Exception as error:  # noqa: BLE001  a mail that can't be rendered or delivered must not stop the others
        _note_failure(mail, error, at)
        return False
    QueuedMail.objects.filter(pk=mail.pk, attempts=mail.attempts).delete()
    return sent


def _take(at: datetime) -> QueuedMail | None:
    """The next due mail, leased; of several workers exactly one gets it."""
    free = Q(leased_until__isnull=True) | Q(leased_until__lte=at)
    for mail in QueuedMail.objects.filter(free, failed_at__isnull=True, next_try_at__lte=at)[:10]:
        if mail.attempts >= TRIES:
            _note_failure(mail, TimeoutError(), at)
            continue
        mine = QueuedMail.objects.filter(pk=mail.pk, attempts=mail.attempts, failed_at__isnull=True)
        if mine.update(attempts=mail.attempts + 1, leased_until=at + LEASE):
            mail.attempts += 1
            return mail
    return None


def _deliver(mail: QueuedMail, at: datetime) -> bool:
    written = _written(mail, at)
    if written is None:
        return False
    subject, text = written
    EmailMessage(settings.EMAIL_SUBJECT_PREFIX + " ".join(subject.split()), text, to=[mail.to]).send()
    return True


def _written(mail: QueuedMail, at: datetime) -> Rendered | None:
    if not mail.kind:
        return mail.subject, mail.text
    with override(mail.language or _language_of(mail.to)):
        return RENDERERS[mail.kind](mail.payload, at)


def _language_of(address: str) -> str:
    languages = User.objects.filter(email__iexact=address).values_list("language", flat=True)
    return languages.first() or settings.LANGUAGE_CODE


def _note_failure(mail: QueuedMail, error: Exception, at: datetime):
    """Only the kind of error is kept: its words may quote the mail."""
    failure = f"{type(error).__module__}.{type(error).__name__}"[:200]
    logger.warning("Mail %s was not sent at try %s: %s", mail.pk, mail.attempts, failure)
    mine = QueuedMail.objects.filter(pk=mail.pk, attempts=mail.attempts)
    if mail.attempts >= TRIES:
        mine.update(failed_at=at, leased_until=None, failure=failure, text="")
    else:
        mine.update(next_try_at=at + PAUSE * 5 ** (mail.attempts - 1), leased_until=None, failure=failure)
