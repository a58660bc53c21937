"""A session ends after 30 minutes without a request, and 12 hours after signing in."""

import time

from django.conf import settings

STARTED, SEEN, ENDED = "started_at", "seen_at", "ended_by_limit"
PASSWORD_TOO_OLD = "password_too_old"


def begin_session(session):
    session.pop(ENDED, None)
    session[STARTED] = session[SEEN] = int(time.time())


def is_over(session) -> bool:
    """A session without its times was not begun by signing in here, and is over."""
    now = time.time()
    return now - session.get(STARTED, 0) > settings.SESSION_COOKIE_AGE or now - session.get(SEEN, 0) > settings.SESSION_IDLE_AGE


def note_activity(session):
    """Written every few minutes at most: saving an answer costs nothing extra."""
    now = int(time.time())
    if now - session[SEEN] > settings.SESSION_NOTE_EVERY:
        session[SEEN] = now
