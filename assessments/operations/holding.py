from django.db import connection

from assessments.models import Assessment
from assessments.states import state_allows
from organizations.permissions import Permission


class Closed(Exception):
    """The assessment's state does not allow this (any more); ``state`` is the one it has."""

    def __init__(self, state: str):
        self.state = state
        super().__init__(state)


def hold_open(assessment: Assessment, permission: Permission):
    """Keep the assessment's state as it is until the transaction ends. Raises Closed when it does not allow this.

    Many may hold it at once; who changes the state (``select_for_update``) waits for them, and they for it. SQLite has one
    writer at a time, so there the reading is enough.
    """
    lock = "FOR SHARE" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT state FROM {Assessment._meta.db_table} WHERE id = %s {lock}", [assessment.pk])
        (state,) = cursor.fetchone()
    if not state_allows(state, permission):
        raise Closed(state)
