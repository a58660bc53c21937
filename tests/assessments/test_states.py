from pathlib import Path

import pytest

from assessments.states import STATES_OF, TRANSITIONS, State, as_table, state_allows
from organizations.models import Role, TeamRole
from organizations.permissions import Permission, allows

DOCS = Path(__file__).parents[2] / "docs" / "states.md"


def test_the_docs_show_the_table_as_it_is():
    table = "\n".join(line for line in DOCS.read_text().splitlines() if line.startswith("|"))

    assert table == as_table()


def test_each_step_is_allowed_exactly_where_it_begins():
    assert {permission: STATES_OF[permission] for permission in TRANSITIONS} == {
        permission: transition.before for permission, transition in TRANSITIONS.items()
    }


def test_every_state_is_reached_and_left_again():
    reached = {transition.after for transition in TRANSITIONS.values()}
    left = frozenset().union(*(transition.before for transition in TRANSITIONS.values()))

    assert reached == set(State) - {State.PREPARING}
    assert left == set(State)


def test_a_final_assessment_allows_nothing_but_to_be_reopened():
    assert [permission for permission in STATES_OF if state_allows(State.FINAL, permission)] == [Permission.ASSESSMENT_REOPEN]


@pytest.mark.parametrize(
    "permission",
    [
        Permission.ASSESSMENT_SUBMIT,
        Permission.ASSESSMENT_WITHDRAW,
        Permission.ASSESSMENT_FINALIZE,
        Permission.ASSESSMENT_REOPEN,
    ],
)
def test_what_commits_the_organization_is_the_owners(permission):
    assert [role for role in Role if allows(role, permission)] == [Role.OWNER]


@pytest.mark.parametrize("permission", [Permission.REVIEW_WRITE, Permission.REVIEW_LEAD, Permission.INTERVIEW])
def test_judging_is_the_consultancies(permission):
    assert [role for role in Role if allows(role, permission)] == []
    assert not allows(TeamRole.OBSERVER, permission)
