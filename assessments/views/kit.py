from django.conf import settings
from django.contrib import messages
from django.db.models import Max
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.text import get_valid_filename
from django.utils.translation import get_language, gettext_lazy, ngettext, override
from django.utils.translation import gettext as _

from assessments.forms.kit import RULES, ApplyKitForm, IssueKitForm, KitUploadForm
from assessments.kit.faults import in_words
from assessments.kit.layout import rating_word, reason_word, statement
from assessments.kit.merging import Outcome
from assessments.kit.signature import checksum, sign
from assessments.kit.writing import Handout, write_kit
from assessments.models import Kit
from assessments.operations.kit import (
    AlreadyDone,
    ChangedMeanwhile,
    Undecided,
    apply_return,
    issue_kit,
    receive_kit,
    record_download,
    saved_or_returned,
    undo_return,
)
from assessments.queries.kit import as_shown, compare, kits_of, returns_of
from assessments.views.access import AssessmentView
from organizations.permissions import Permission

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LABELS = {
    Outcome.CONFLICT: gettext_lazy("in conflict"),
    Outcome.CHANGED: gettext_lazy("changed"),
    Outcome.ADDED: gettext_lazy("added"),
    Outcome.SAME: gettext_lazy("the same on both sides"),
    Outcome.UNCHANGED: gettext_lazy("unchanged"),
    Outcome.MISSING: gettext_lazy("not in the file"),
    Outcome.REFUSED: gettext_lazy("not taken over"),
}
PARTS = {
    "rating": gettext_lazy("Rating"),
    "na_reason": gettext_lazy("Reason"),
    "note": gettext_lazy("Note"),
    "evidence": gettext_lazy("Evidence"),
}
HEADS = {
    "base": gettext_lazy("Handed out"),
    "ours": gettext_lazy("There now"),
    "theirs": gettext_lazy("In the workbook"),
}
LANGUAGES = dict(settings.LANGUAGES)
SHOWN = (Outcome.CONFLICT, Outcome.REFUSED, Outcome.CHANGED, Outcome.ADDED)


class Kits(AssessmentView):
    """What was handed out and what came back; hand out another, upload a returned one."""

    permission = Permission.ASSESSMENT_VIEW
    write_permission = Permission.KIT_EXPORT

    def get(self, request):
        return kits_page(self, request)

    def post(self, request):
        form = IssueKitForm(request.POST, assessment=self.assessment, membership=request.membership)
        if not form.is_valid():
            return kits_page(self, request, issue_form=form, status=422)
        values = {name: form.cleaned_data[name] for name in ("items", "language", "department", "person", "due_on")}
        kit = issue_kit(assessment=self.assessment, **values, by=request.user, at=timezone.now())
        messages.success(request, _("Kit %(number)d is ready to be downloaded.") % {"number": kit.number})
        return redirect("kits", request.organization.slug, self.assessment.pk)


class DownloadKit(AssessmentView):
    """The workbook, made from what was kept when it was handed out."""

    permission = Permission.KIT_EXPORT

    def get(self, request, kit_id):
        kit = get_object_or_404(kits_of(self.assessment, request.membership), pk=kit_id)
        content = write_kit(self.questionnaire, handout_of(kit, self.assessment))
        record_download(kit=kit, by=request.user, at=timezone.now())
        name = get_valid_filename(f"{self.assessment.name}-{kit.number}.xlsx")
        return HttpResponse(content, content_type=XLSX, headers={"Content-Disposition": content_disposition_header(True, name)})


class UploadKit(AssessmentView):
    """Take in a returned workbook; its preview comes next, nothing is changed yet."""

    permission = Permission.KIT_IMPORT

    def post(self, request):
        form = KitUploadForm(request.POST, request.FILES, assessment=self.assessment)
        if not form.is_valid():
            return kits_page(self, request, upload_form=form, status=422)
        values = {name: form.cleaned_data[name] for name in ("kit", "read", "file_name")}
        kit_return = receive_kit(**values, by=request.user, at=timezone.now())
        return redirect("kit_return", request.organization.slug, self.assessment.pk, kit_return.pk)


class ReturnedKit(AssessmentView):
    """Preview of a returned kit, then what was done with it; applying it."""

    permission = Permission.KIT_IMPORT

    def get(self, request, return_id):
        return self._page(request, self._return(request, return_id))

    def post(self, request, return_id):
        kit_return = self._return(request, return_id)
        form = ApplyKitForm(request.POST)
        if not form.is_valid():
            return self._page(request, kit_return, error=_("Please choose how conflicts are decided."), status=422)
        values = {"seen": form.cleaned_data["seen"], "rule": form.cleaned_data["rule"], "sides": form.sides}
        membership = request.membership
        try:
            apply_return(kit_return=kit_return, **values, membership=membership, by=request.user, at=timezone.now())
        except ChangedMeanwhile:
            error = _("Answers were changed since this preview, so nothing was applied. Please look again.")
            return self._page(request, kit_return, error=error, chosen=form, status=409)
        except Undecided as undecided:
            number = len(undecided.codes)
            words = ngettext("%(n)d conflict is not decided yet.", "%(n)d conflicts are not decided yet.", number)
            return self._page(request, kit_return, error=words % {"n": number}, chosen=form, status=422)
        except AlreadyDone:
            messages.warning(request, _("This workbook was applied before; nothing was changed again."))
        else:
            messages.success(request, _("The workbook is applied. It can be undone here."))
        return redirect(request.path)

    def _return(self, request, return_id):
        return get_object_or_404(returns_of(self.assessment, request.membership), pk=return_id)

    def _page(self, request, kit_return, error="", chosen=None, status=200):
        kit_return.assessment = self.assessment
        context = return_page(kit_return, request.membership, chosen)
        context |= {"may_import": self.may(Permission.KIT_IMPORT), "error": error}
        return render(request, "assessments/kit/return.html", context, status=status)


class UndoKitReturn(AssessmentView):
    """Put back what applying a kit changed."""

    permission = Permission.KIT_IMPORT

    def post(self, request, return_id):
        kit_return = get_object_or_404(returns_of(self.assessment, request.membership), pk=return_id)
        kit_return.assessment = self.assessment
        try:
            undo_return(kit_return=kit_return, membership=request.membership, by=request.user, at=timezone.now())
        except AlreadyDone:
            messages.warning(request, _("There is nothing to undo: the workbook is not applied, or was undone before."))
        else:
            messages.success(request, _("Undone. What was changed again since is left as it is and listed."))
        return redirect("kit_return", request.organization.slug, self.assessment.pk, return_id)


def kits_page(view: AssessmentView, request, issue_form=None, upload_form=None, status=200):
    """The list with both forms, for those who may use them."""
    forms = {}
    if view.may(Permission.KIT_EXPORT):
        forms["issue_form"] = issue_form or IssueKitForm(assessment=view.assessment, membership=request.membership)
    if view.may(Permission.KIT_IMPORT):
        forms["upload_form"] = upload_form or KitUploadForm(assessment=view.assessment)
    kits = list(kits_of(view.assessment, request.membership).defer("baseline"))
    for kit in kits:
        kit.language_name = LANGUAGES[kit.language]
    returns = returns_of(view.assessment, request.membership).defer("rows", "outcome", "kit__baseline")
    context = {"assessment": view.assessment, "questionnaire": view.questionnaire, "kits": kits, "returns": returns, **forms}
    return render(request, "assessments/kit/kits.html", context, status=status)


def handout_of(kit: Kit, assessment) -> Handout:
    """What the workbook says about itself, in its own language."""
    facts = {
        "kit": kit.pk,
        "number": kit.number,
        "assessment": assessment.pk,
        "organization": assessment.organization.slug,
        "questionnaire": assessment.version.code,
        "version": assessment.version.number,
        "language": kit.language,
        "baseline": checksum(kit.baseline),
    }
    with override(kit.language):
        whom = str(kit.person or kit.department or _("the whole organization"))
    return Handout(
        organization=assessment.organization.name,
        assessment=assessment.name,
        number=kit.number,
        language=kit.language,
        for_whom=whom,
        issued_at=timezone.localtime(kit.issued_at),
        due_on=kit.due_on,
        signature=sign(facts),
        baseline=kit.baseline,
    )


def return_page(kit_return, membership, chosen: ApplyKitForm | None) -> dict:
    """What the page of a returned kit shows: the preview, or what was done."""
    context = {
        "assessment": kit_return.assessment,
        "kit_return": kit_return,
        "kit": kit_return.kit,
        "others": [dict(other, reason=in_words(other["fault"], other["values"])) for other in kit_return.rows["others"]],
        "rules": RULES,
        "heads": list(HEADS.values()),
        "chosen_rule": chosen.data.get("rule", "") if chosen else "",
    }
    if kit_return.applied_at:
        outcome = kit_return.outcome
        context["undone"] = outcome.get("undone")
        return context | _told(kit_return, outcome["rows"], outcome["counts"], outcome["unlinked"], {})
    comparison = compare(kit_return, membership)
    sides = chosen.sides if chosen else {}
    newest = Kit.objects.filter(assessment=kit_return.assessment).aggregate(newest=Max("number"))["newest"]
    context["newer_kit"] = newest if newest > kit_return.kit.number else None
    context["saved_at"] = saved_or_returned(kit_return) if kit_return.rows["saved_at"] else None
    rows = [as_shown(row) for row in comparison.rows]
    return context | {"seen": comparison.fingerprint, **_told(kit_return, rows, comparison.counts, comparison.unlinked, sides)}


def _told(kit_return, rows: list[dict], counts: dict, unlinked: dict, sides: dict) -> dict:
    """Rows by outcome, in words."""
    groups: dict[str, list] = {}
    for row in rows:
        groups.setdefault(row["outcome"], []).append(_row_in_words(kit_return, row, sides))
    counted = [(LABELS[Outcome(name)], name, number) for name, number in counts.items()]
    return {
        "counts": [*counted, (_("other rows"), "others", len(kit_return.rows["others"]))],
        "groups": [(LABELS[outcome], str(outcome), groups[outcome]) for outcome in SHOWN if outcome in groups],
        "missing": [row["code"] for row in groups.get(Outcome.MISSING, ())],
        "unlinked": unlinked,
        "takes": sum(counts[outcome] for outcome in (Outcome.CONFLICT, Outcome.CHANGED, Outcome.ADDED)),
        "conflicts": counts[Outcome.CONFLICT],
    }


def _row_in_words(kit_return, row: dict, sides: dict) -> dict:
    questionnaire, code, read = kit_return.assessment.questionnaire, row["code"], kit_return.rows["rows"].get(row["code"])
    faults = [(PARTS.get(column, ""), in_words(fault, values)) for column, fault, values in (read["faults"] if read else ())]
    if row["refusal"] and not faults:
        faults = [("", in_words(row["refusal"], {}))]
    return {
        "code": code,
        "item": questionnaire.item_by_code[questionnaire.item_of[code]],
        "statement": statement(questionnaire, code, get_language()).split("\n")[0],
        "place": read and {"sheet": read["sheet"], "row": read["row"]},
        "faults": faults,
        "side": sides.get(code, row["side"]),
        "cells": [
            (head, [(PARTS[part["part"]], _value(questionnaire, part, state)) for part in row["parts"]])
            for state, head in HEADS.items()
        ],
    }


def _value(questionnaire, part: dict, name: str) -> str:
    """A part of an answer as people read it."""
    value, language = part[name], get_language()
    if part["part"] == "rating":
        rating, reason = value or ("", "")
        return " · ".join(filter(None, [rating_word(questionnaire, rating, language), reason_word(reason, language)]))
    return "\n".join(value or ()) if part["part"] == "evidence" else value or ""
