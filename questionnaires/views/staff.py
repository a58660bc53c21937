from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from questionnaires import labels
from questionnaires.forms import MAX_TEXT, AcceptForm, DetailsForm, UploadForm
from questionnaires.importing import split_document
from questionnaires.library import current_policy_library
from questionnaires.models import ImportedPolicy
from questionnaires.operations import (
    AlreadyThere,
    Details,
    NothingFound,
    accept_link,
    code_from,
    import_document,
    withdraw_link,
)
from questionnaires.originals import UnreadableDocument, extract_text
from questionnaires.schema import Text
from questionnaires.views.access import StaffView, clause_or_404, graded_questionnaires


class ImportDocument(StaffView):
    """Upload a document, look at what was found in it, then keep it or not."""

    def get(self, request):
        return render(request, "questionnaires/import.html", {"upload": UploadForm()})

    def post(self, request):
        if "text" in request.POST:
            return self._keep(request)
        upload = UploadForm(request.POST, request.FILES)
        if upload.is_valid():
            file = upload.cleaned_data["file"]
            try:
                text = extract_text(file.name, file.read())
            except UnreadableDocument as error:
                upload.add_error("file", labels.in_words(error.code, error.values))
            else:
                return self._preview(request, text, initial=_found(text, file.name))
        return render(request, "questionnaires/import.html", {"upload": upload}, status=422)

    def _preview(self, request, text, *, form=None, initial=None, status=200):
        form = form or DetailsForm(initial=initial, documents=_document_choices())
        return render(request, "questionnaires/import.html", {"form": form, "draft": split_document(text)}, status=status)

    def _keep(self, request):
        form = DetailsForm(request.POST, documents=_document_choices())
        text = request.POST["text"][:MAX_TEXT]
        if not form.is_valid():
            return self._preview(request, text, form=form, status=422)
        values = dict(form.cleaned_data)
        text, source_name = values.pop("text"), values.pop("source_name")
        try:
            import_document(
                draft=split_document(text), details=Details(**values), text=text, source_name=source_name, at=timezone.now()
            )
        except NothingFound:
            return self._preview(request, text, form=form, status=422)
        except AlreadyThere:
            form.add_error("code", _("The library has a document of this code already."))
            return self._preview(request, text, form=form, status=422)
        messages.success(
            request, _("The document is in the library. Its clauses support no item until you accept a suggestion.")
        )
        return redirect("document", values["code"])


class AcceptLink(StaffView):
    """Accept (or withdraw) that an imported clause supports an item."""

    def post(self, request, clause_id):
        clause = clause_or_404(current_policy_library(), clause_id)
        if clause.locator is not None:
            raise Http404  # a clause of the package: its links are content, not anybody's to add
        row = get_object_or_404(ImportedPolicy, code=clause.document)
        if "withdraw" in request.POST:
            withdraw_link(code=row.code, clause=clause.id, uid=request.POST["withdraw"], at=timezone.now())
            return redirect("clause", clause.id)
        form = AcceptForm(request.POST)
        known = {item.uid for q in graded_questionnaires() for item in q.items}
        if form.is_valid() and form.cleaned_data["uid"] in known:
            values = form.cleaned_data
            reason = Text(zh=values["reason"], en=values["reason"])
            uid, strength = values["uid"], values["strength"]
            accept_link(code=row.code, clause=clause.id, uid=uid, strength=strength, reason=reason, at=timezone.now())
        else:
            messages.error(request, _("Please choose an item and say in a sentence why the clause supports it."))
        return redirect("clause", clause.id)


def _document_choices() -> list[tuple[str, str]]:
    return [(document.code, document.title.in_language(get_language())) for document in current_policy_library().documents]


def _found(text: str, name: str) -> dict:
    """The details form as filled from what stands in the text."""
    draft = split_document(text)
    found = {
        "title": draft.title or "",
        "number": draft.number or "",
        "issuer": draft.issuer or "",
        "signed_on": draft.date.isoformat() if draft.date else "",
    }
    return {**found, "code": code_from(name.rsplit(".", 1)[0], text), "text": text, "source_name": name}
