from pathlib import Path

import pytest

from assessments.states import STATES_OF, TRANSITIONS, State, as_table, state_allows
from organizations.models import Role
from organizations.permissions import Permission, allows

DOCS = Path(__file__).parents[2] / "docs" / "states.md"


def test_the_docs_show_the_table_as_it_is():
    table = "\n".join(line for line in DOCS.read_text().splitlines() if line.startswith("|"))

    assert table == as_table()


def test_each_step_is_allowed_exactly_where_it_begins():
    assert {permission: STATES_OF[permission] for permission in TRANSITIONS} == {
        permission: transition.before for permission, transition in TRANSITIONS.items()
    }


def test_every_state_is_reached_and_only_final_is_left_by_nothing():
    reached = {transition.after for transition in TRANSITIONS.values()}
    left = frozenset().union(*(transition.before for transition in TRANSITIONS.values()))

    assert reached == set(State) - {State.PREPARING}
    assert left == set(State) - {State.FINAL}


def test_nothing_that_depends_on_the_state_is_allowed_in_a_final_assessment():
    assert [permission for permission in STATES_OF if state_allows(State.FINAL, permission)] == []


@pytest.mark.parametrize(
    "permission", [Permission.ASSESSMENT_SUBMIT, Permission.ASSESSMENT_WITHDRAW, Permission.ASSESSMENT_FINALIZE]
)
def test_what_commits_the_organization_is_the_owners(permission):
    assert [role for role in Role if allows(role, permission)] == [Role.OWNER]
