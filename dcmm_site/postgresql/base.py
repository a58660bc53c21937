"""Django's PostgreSQL engine, which also tells the database the tenant scope before each statement.

The policies of row-level security read it from settings of the connection (organizations/row_security.py). It is sent when it
has changed, and whenever what the connection knows is uncertain: on a connection out of the pool, and after a rollback. In a
transaction it holds until the transaction's end, else for the statements that follow; in either case it is compared with the
scope before every one of them.
"""

from django.db.backends.postgresql import base
from django.db.backends.utils import CursorWrapper
from django_scopes.state import state
from psycopg.pq import TransactionStatus

from organizations.tenancy import SETTINGS, settings_of

TELL = "SELECT " + ", ".join(f"set_config('{name}', %s, %s)" for name in SETTINGS)
UNDOING = ("ROLLBACK", "ABORT", "DISCARD", "RESET")  # statements that may take back what was told
NOTHING_YET = object()


class TellsScope:
    """A cursor that has the scope told before it executes anything."""

    def _execute(self, sql, params, *ignored):
        if not (isinstance(sql, str) and sql.lstrip()[:8].upper().startswith(UNDOING)):
            self.db.tell_scope()
            return super()._execute(sql, params, *ignored)
        try:
            return super()._execute(sql, params, *ignored)
        finally:
            self.db.forget_scope()

    def _executemany(self, sql, param_list, *ignored):
        self.db.tell_scope()
        return super()._executemany(sql, param_list, *ignored)

    def callproc(self, *args, **kwargs):
        self.db.tell_scope()
        return super().callproc(*args, **kwargs)

    def copy(self, *args, **kwargs):
        self.db.tell_scope()
        return self.cursor.copy(*args, **kwargs)

    def stream(self, *args, **kwargs):
        self.db.tell_scope()
        return self.cursor.stream(*args, **kwargs)


class Cursor(TellsScope, CursorWrapper):
    pass


class DebugCursor(TellsScope, base.CursorDebugWrapper):
    pass


class DatabaseWrapper(base.DatabaseWrapper):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.forget_scope()

    def forget_scope(self):
        """What the connection knows is uncertain: tell it again before the next statement."""
        self._scope = NOTHING_YET  # the scope that was looked at last
        self._told = None  # what holds now
        self._told_outside = None  # what holds outside of a transaction

    def tell_scope(self):
        """Make sure that the database knows the scope that is active; a round trip only when it does not."""
        scope = state.get()
        if self._told is not None and scope is self._scope:
            return
        values = settings_of(scope or {})
        if values != self._told:
            if self.connection.info.transaction_status == TransactionStatus.INERROR:
                return  # only a rollback is taken now; everything else fails by itself
            local = not self.connection.autocommit
            self._told = None
            with self.wrap_database_errors, self.connection.cursor() as cursor:
                cursor.execute(TELL, [part for value in values for part in (value, local)])
            self._told = values
            if not local:
                self._told_outside = values
        self._scope = scope

    def get_new_connection(self, conn_params):
        self.forget_scope()
        return super().get_new_connection(conn_params)

    def make_cursor(self, cursor):
        return Cursor(cursor, self)

    def make_debug_cursor(self, cursor):
        return DebugCursor(cursor, self)

    def _commit(self):
        self._end_transaction(super()._commit)

    def _rollback(self):
        self._end_transaction(super()._rollback)

    def _end_transaction(self, end):
        """What was told inside it ends with it."""
        self._told, self._scope = None, NOTHING_YET
        end()
        self._told = self._told_outside
