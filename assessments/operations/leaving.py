from datetime import datetime

from assessments.models import Assessment, Assignment
from assessments.operations.holding import Closed, hold_open
from assessments.states import STATES_OF
from organizations.models import Membership, User
from organizations.operations.trail import record_activity
from organizations.permissions import Permission


def release_items(*, membership: Membership, by: User, at: datetime):
    """The items of somebody who leaves go to their department where one is named, else to nobody.

    Called in the transaction that ends the membership. Assessments that take no assignments any more keep theirs.
    """
    open_ones = Assessment.objects.filter(organization=membership.organization, state__in=STATES_OF[Permission.ASSIGN])
    for assessment in open_ones.filter(assignments__person=membership.user).distinct().order_by("pk"):
        try:
            hold_open(assessment, Permission.ASSIGN)
        except Closed:  # submitted at this very moment
            continue
        theirs = Assignment.objects.filter(assessment=assessment, person=membership.user)
        codes = " ".join(sorted(theirs.values_list("item_code", flat=True)))
        theirs.filter(department__isnull=True).delete()
        theirs.update(person=None, note="", assigned_by=by, assigned_at=at)
        about = f"assessment {assessment.pk} {codes}"[:120]
        record_activity("items.released", organization=membership.organization, about=about, by=by, at=at)
