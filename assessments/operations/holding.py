from django.db import connection

from assessments.models import Assessment
from assessments.states import state_allows
from organizations.permissions import Permission


class Closed(Exception):
    """The assessment's state does not allow this (any more); ``state`` is the one it has."""

    def __init__(self, state: str):
        self.state = state
        super().__init__(state)


# Whoever writes what scores come from also holds the scores (``hold_standings``), from the start: the order in which things are
# held is assessment, standings, answers, trail, on every path.
SCORED = frozenset({Permission.ANSWER_WRITE, Permission.KIT_IMPORT, Permission.REVIEW_WRITE, Permission.REVIEW_LEAD})
STANDINGS = 36073  # the name of this kind of lock


def hold_open(assessment: Assessment, permission: Permission):
    """Keep the assessment's state as it is until the transaction ends. Raises Closed when it does not allow this.

    Many may hold it at once; who changes the state (``select_for_update``) waits for them, and they for it. SQLite has one
    writer at a time, so there the reading is enough.
    """
    table = Assessment._meta.db_table
    if connection.vendor != "postgresql":
        sql = f"SELECT state FROM {table} WHERE organization_id = %s AND id = %s"
    else:  # the inner query is done, and the row held, before the outer one asks for the lock
        lock = f", pg_advisory_xact_lock({STANDINGS}, id::int)" if permission in SCORED else ""
        held = f"SELECT id, state FROM {table} WHERE organization_id = %s AND id = %s FOR SHARE"
        sql = f"SELECT state{lock} FROM ({held}) AS held"
    with connection.cursor() as cursor:
        cursor.execute(sql, [assessment.organization_id, assessment.pk])
        state = cursor.fetchone()[0]
    if not state_allows(state, permission):
        raise Closed(state)


def hold_standings(assessment: Assessment):
    """Nobody else computes the scores of this assessment until the transaction ends. Harmless when it is held already."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [STANDINGS, assessment.pk])
