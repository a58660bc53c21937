"""The trail in the reader's words: verbs, pages, and what an entry is about."""

import re
from collections.abc import Iterable, Mapping

from django.db.models import Q
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from organizations.models import Role, TeamRole
from organizations.models.trail import Result

VERBS = {
    "page.viewed": _("looked at a page"),
    "file.opened": _("opened a file"),
    "file.downloaded": _("downloaded a file"),
    "write.refused": _("tried to change something"),
    "signed.in": _("signed in"),
    "signed.out": _("signed out"),
    "sign_in.failed": _("could not sign in"),
    "trail.pruned": _("old entries of the trail were dropped"),
    "answer.saved": _("saved an answer"),
    "item.passed_on": _("passed an item on"),
    "item.taken_over": _("took over last time's answers"),
    "item.take_over_undone": _("took last time's answers out again"),
    "items.assigned": _("handed out items"),
    "items.released": _("items of somebody who left became free"),
    "items.unassigned": _("took items back"),
    "criterion.marked": _("put the mark for review on a criterion"),
    "criterion.unmarked": _("took the mark for review off a criterion"),
    "comment.written": _("wrote a comment"),
    "question.asked": _("asked a question"),
    "question.settled": _("settled a question"),
    "draft.dismissed": _("put a draft aside"),
    "draft.restored": _("took a draft back"),
    "person.reminded": _("reminded somebody"),
    "assessment.started": _("began an assessment"),
    "assessment.edited": _("changed the assessment's settings"),
    "assessment.bridged": _("continued an assessment in another edition"),
    "assessment.opened": _("opened the assessment for answers"),
    "assessment.submitted": _("submitted the assessment"),
    "assessment.withdrawn": _("withdrew the submission"),
    "assessment.review_begun": _("began the review"),
    "assessment.returned": _("returned the assessment"),
    "assessment.finalized": _("made the assessment final"),
    "assessment.reopened": _("reopened the assessment"),
    "verdict.saved": _("judged an answer"),
    "verdicts.saved_at_once": _("judged several answers at once"),
    "review.signed": _("signed the review"),
    "panel.called": _("called a panel"),
    "panel.rated": _("rated in a panel"),
    "panel.rated_again": _("asked for another round of a panel"),
    "panel.finished": _("finished rating in a panel"),
    "panel.revealed": _("revealed a panel's ratings"),
    "panel.settled": _("settled a panel's rating"),
    "panel.withdrawn": _("withdrew a panel"),
    "interview.planned": _("planned an interview"),
    "interview.changed": _("changed an interview"),
    "interview.noted": _("noted something in an interview"),
    "interview.removed": _("removed an interview"),
    "plan.suggested": _("took improvement actions from the bank into the plan"),
    "plan.switched": _("switched actions of the plan on or off"),
    "plan.exported": _("took the improvement plan along"),
    "plan.settings_changed": _("changed how the plan is reckoned"),
    "action.added": _("added an improvement action"),
    "action.changed": _("changed an improvement action"),
    "action.merged": _("merged improvement actions"),
    "action.removed": _("removed an improvement action"),
    "action.restored": _("brought an improvement action back"),
    "action.commented": _("commented on an improvement action"),
    "action.closing_asked": _("said that an improvement action is done"),
    "action.closing_withdrawn": _("took back that an improvement action is done"),
    "action.closing_refused": _("did not confirm that an improvement action is done"),
    "action.closed": _("closed an improvement action"),
    "action.reopened": _("opened a closed improvement action again"),
    "action.reminded": _("the owner of an improvement action was reminded"),
    "evidence.added": _("added a piece of evidence"),
    "evidence.version_added": _("added a version of a piece of evidence"),
    "evidence.edited": _("described a piece of evidence"),
    "evidence.removed": _("put a piece of evidence into the bin"),
    "evidence.restored": _("took a piece of evidence out of the bin"),
    "evidence.linked": _("linked a piece of evidence"),
    "evidence.unlinked": _("unlinked a piece of evidence"),
    "evidence.viewed": _("looked at a piece of evidence"),
    "evidence.downloaded": _("downloaded a piece of evidence"),
    "kit.issued": _("handed out an offline kit"),
    "kit.downloaded": _("downloaded an offline kit"),
    "kit.returned": _("brought an offline kit back"),
    "kit.applied": _("applied a returned offline kit"),
    "kit.undone": _("undid a returned offline kit"),
    "report.ordered": _("asked for a report"),
    "report.made": _("made a report"),
    "report.cancelled": _("stopped a report"),
    "report.asked_again": _("asked for a report again"),
    "report.expired": _("the files of a report expired"),
    "report.downloaded": _("took a report along in an archive"),
    "branding.edited": _("changed how reports look"),
    "portfolio.exported": _("exported the portfolio"),
    "client.tagged": _("tagged a client"),
    "view.saved": _("saved a view"),
    "view.chosen": _("chose a view as the default"),
    "view.deleted": _("deleted a view"),
    "view.restored": _("restored a view"),
    "organization.founded": _("set up the organization"),
    "organization.edited": _("changed the organization's settings"),
    "organization.contact_code_renewed": _("renewed the contact code"),
    "membership.added": _("became a member"),
    "membership.changed": _("changed a membership"),
    "membership.left": _("left the organization"),
    "membership.removed": _("removed a member"),
    "invitation.made": _("invited somebody"),
    "invitation.resent": _("sent an invitation again"),
    "invitation.link_shown": _("had the link of an invitation shown"),
    "invitation.revoked": _("revoked an invitation"),
    "invitation.accepted": _("accepted an invitation"),
    "department.added": _("added a department"),
    "department.renamed": _("renamed a department"),
    "department.deleted": _("deleted a department"),
    "account.deactivated": _("deactivated an account"),
    "account.reactivated": _("reactivated an account"),
    "account.second_factor_removed": _("removed a second factor"),
    "engagement.offered": _("offered an engagement"),
    "engagement.accepted": _("accepted an engagement"),
    "engagement.declined": _("declined an engagement"),
    "engagement.withdrawn": _("withdrew the offer of an engagement"),
    "engagement.ended": _("ended an engagement"),
    "engagement.prolonged": _("gave an engagement another last day"),
    "engagement.scope_set": _("chose what an engagement covers"),
    "engagement.planned": _("planned the phases of an engagement"),
    "engagement.end_announced": _("both sides were reminded of the end of an engagement"),
    "team.joined": _("put somebody on a team"),
    "team.left": _("took somebody off a team"),
}
VIEWS = ("page.viewed", "file.opened", "evidence.viewed")
FILES = ("file.downloaded", "evidence.downloaded", "kit.downloaded", "portfolio.exported", "plan.exported", "report.downloaded")


def _of(*subjects: str) -> Q:
    return Q(*[("verb__startswith", f"{subject}.") for subject in subjects], _connector=Q.OR)


KINDS = {  # kind of act -> (label, condition)
    "views": (_("Views"), Q(verb__in=VIEWS)),
    "files": (_("Downloads and exports"), Q(verb__in=FILES)),
    "answers": (_("Answers"), _of("answer", "item", "items", "criterion", "comment", "question", "draft", "person")),
    "assessments": (_("Assessments and reports"), _of("assessment", "kit", "report")),
    "review": (_("Review"), _of("verdict", "verdicts", "review", "panel", "interview")),
    "plan": (_("Improvement plan"), _of("plan", "action")),
    "evidence": (_("Evidence"), _of("evidence")),
    "people": (_("Members and engagements"), _of("membership", "invitation", "department", "team", "engagement", "account")),
    "signing": (_("Signing in"), _of("signed", "sign_in")),
    "refused": (_("Refused or failed"), ~Q(result=Result.DONE)),
}
PAGES = {
    "organization": _("assessments"),
    "members": _("members"),
    "departments": _("departments"),
    "organization_settings": _("settings"),
    "engagements": _("engagements"),
    "engagement": _("an engagement"),
    "trail": _("trail"),
    "assessment": _("overview"),
    "answer_item": _("questions of an item"),
    "save_answer": _("an answer"),
    "answer_history": _("history of an answer"),
    "discussion": _("comments"),
    "board": _("board"),
    "find_criteria": _("find questions"),
    "check_assessment": _("check before submitting"),
    "review": _("review"),
    "review_item": _("review of an item"),
    "review_changes": _("what changed since"),
    "review_evidence": _("evidence beside the verdict"),
    "verdict": _("a verdict"),
    "verdict_history": _("history of a verdict"),
    "layers": _("layers side by side"),
    "submission": _("a frozen state"),
    "submission_file": _("a frozen state"),
    "evidence_library": _("library of evidence"),
    "evidence": _("piece of evidence"),
    "evidence_file": _("file of a piece of evidence"),
    "evidence_matrix": _("matrix of evidence"),
    "criterion_evidence": _("evidence for a criterion"),
    "kits": _("offline kits"),
    "download_kit": _("offline kit"),
    "result": _("result"),
    "derivation": _("derivation"),
    "gaps": _("gaps"),
    "download_report": _("a report"),
    "reports": _("reports"),
    "report_batch": _("several reports at once"),
    "branding": _("how reports look"),
    "export_trail": _("trail"),
    "bridge": _("change of edition"),
    "interviews": _("interviews"),
    "plan": _("improvement plan"),
    "plan_timeline": _("improvement plan"),
    "plan_board": _("improvement plan"),
    "plan_calendar": _("improvement plan"),
    "plan_settings": _("start and rates of the plan"),
    "plan_csv": _("improvement plan"),
    "plan_xlsx": _("improvement plan"),
    "plan_ics": _("improvement plan"),
    "action": _("an improvement action"),
    "decide_closing": _("the closing of an improvement action"),
    "panel": _("panel"),
    "cockpit": _("cockpit"),
    "portfolio": _("portfolio"),
    "compare": _("comparison"),
}
THINGS = {  # what an id is of, where nothing by that name is there any more
    "assessment": _("assessment %(id)s"),
    "evidence": _("piece of evidence %(id)s"),
    "user": _("person %(id)s"),
    "department": _("department %(id)s"),
    "invitation": _("invitation %(id)s"),
    "engagement": _("engagement %(id)s"),
    "organization": _("organization %(id)s"),
    "report": _("report %(id)s"),
    "kit": _("offline kit %(id)s"),
    "action": _("improvement action %(id)s"),
    "version": _("version %(id)s"),
}
WORDS = {  # what else entries are made of
    "of": "·",
    "in": "·",
    "from": "←",
    "as": "→",
    "all": _("all assessments"),
    "alone": _("without a second person"),
    "without": "−",
    "open": _("To do"),
    "doing": _("In progress"),
    "closing": _("To be confirmed"),
    "closed": _("Closed"),
    "dropped": _("Not pursued"),
    "preparing": _("Preparing"),
    "answering": _("Answering"),
    "submitted": _("Submitted"),
    "in_review": _("In review"),
    "returned": _("Returned"),
    "final": _("Final"),
}
WORD = re.compile(rf"(?<![\w.-])({'|'.join(WORDS)})(?![\w.-])")
ID = re.compile(rf"\b({'|'.join(THINGS)}) (\d{{1,18}})\b")
PAGE = re.compile(r"^([a-z_]+)(?:: |$)")
AS_ROLE = re.compile(rf"\bas ({'|'.join([*Role.values, *TeamRole.values])})\b")
ROLES = dict(Role.choices) | dict(TeamRole.choices)
WITH_A_PAGE = ("page.viewed", "file.opened", "file.downloaded", "write.refused")

Names = Mapping[str, Mapping[int, str]]  # kind -> id -> name


def act(verb: str) -> str:
    return str(VERBS.get(verb, verb))


def ids_in(abouts: Iterable[str]) -> dict[str, set[int]]:
    """kind -> ids that these entries are about."""
    found: dict[str, set[int]] = {}
    for about in abouts:
        for kind, number in ID.findall(about):
            found.setdefault(kind, set()).add(int(number))
    return found


def about_in_words(verb: str, about: str, names: Names) -> str:
    """What the entry is about, with the names of what is still there."""

    def named(match: re.Match) -> str:
        kind, number = match[1], int(match[2])
        return names.get(kind, {}).get(number) or str(THINGS[kind] % {"id": number})

    page = PAGE.match(about) if verb in WITH_A_PAGE else None
    rest = about[page.end() :] if page else about
    told = AS_ROLE.sub(lambda match: f"· {ROLES[match[1]]}", rest)
    if ID.search(told):
        told = WORD.sub(lambda match: str(WORDS[match[1]]), told)
    words = ID.sub(named, told).strip()
    if not page:
        return words
    label = capfirst(str(PAGES.get(page[1], page[1])))
    return f"{label} · {words}" if words else label
