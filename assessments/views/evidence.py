from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.core.paginator import Paginator
from django.forms import ValidationError
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments.file_types import HEAD, MEDIA_TYPES, SHOWN_IN_PLACE, may_show_in_place
from assessments.forms.evidence import (
    MEGABYTE,
    EvidenceForm,
    NewEvidenceForm,
    UploadForm,
    VersionForm,
    take,
    wanted_from,
)
from assessments.models import Evidence, EvidenceVersion
from assessments.operations.evidence import (
    Address,
    DescribedMeanwhile,
    InTheBin,
    add_evidence,
    add_evidence_version,
    describe_evidence,
    edit_evidence,
    record_opening,
    remove_evidence,
    restore_evidence,
    sha256_of,
    stored_file,
)
from assessments.queries.evidence import (
    BIN,
    OVER_USED,
    SOON_DAYS,
    count_states,
    find_evidence,
    may_change,
    may_open,
    pieces_of,
    same_files,
    uses_of,
)
from assessments.queries.visible import evidence_visible_to
from organizations.access import TenantView
from organizations.permissions import Permission

PAGE_SIZE = 50
MOST_DESCRIBED = 50
IN_PLACE_POLICY = {  # Chromium's PDF viewer does not start in a sandbox; a PDF cannot run as a page of ours all the same
    "application/pdf": "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'",
}
SANDBOX = "sandbox; default-src 'none'; frame-ancestors 'self'"


class EvidenceView(TenantView):
    """A page about one piece of the organization's library; someone else's is not found."""

    permission = Permission.EVIDENCE_VIEW

    def dispatch(self, request, *args, evidence_id, **kwargs):
        rows = evidence_visible_to(request.membership).select_related("organization", "added_by")
        self.evidence = get_object_or_404(rows, pk=evidence_id)
        return super().dispatch(request, *args, **kwargs)

    def must(self, allowed: bool):
        if not allowed:
            raise PermissionDenied

    @property
    def may_open(self) -> bool:
        return may_open(self.request.membership, self.evidence)

    @property
    def may_change(self) -> bool:
        return may_change(self.request.membership, self.evidence)

    def back(self):
        return redirect("evidence", self.request.organization.slug, self.evidence.pk)


class EvidenceLibrary(TenantView):
    """Everything that the organization can show, found by words, kind and what is wrong with it."""

    permission = Permission.EVIDENCE_VIEW

    def get(self, request):
        today, wanted = timezone.localdate(), wanted_from(request.GET)
        page = Paginator(find_evidence(wanted, today, request.membership), PAGE_SIZE).get_page(request.GET.get("page"))
        pieces = pieces_of(list(page.object_list), today, in_bin=wanted.state == BIN, reader=request.membership)
        for piece in pieces:
            piece.openable = may_open(request.membership, piece)
        context = {
            "pieces": pieces,
            "page": page,
            "wanted": wanted,
            "counts": count_states(today, request.membership),
            "kinds": Evidence.Kind.choices,
            "over_used": OVER_USED,
            "soon_days": SOON_DAYS,
            "may_write": self.may(Permission.EVIDENCE_WRITE),
        }
        return render(request, "assessments/evidence/library.html", context)


class AddEvidence(TenantView):
    """Files, each of which becomes a piece, or one piece by its link."""

    permission = Permission.EVIDENCE_WRITE

    def get(self, request):
        return self._page(request, UploadForm(), NewEvidenceForm())

    def post(self, request):
        return self._describe_one(request) if "title" in request.POST else self._upload(request)

    def _describe_one(self, request):
        form = NewEvidenceForm(request.POST)
        if not form.is_valid():
            return self._page(request, UploadForm(), form, status=422)
        evidence = add_evidence(
            organization=request.organization,
            description=form.description(),
            content=form.content(),
            by=request.user,
            at=timezone.now(),
        )
        messages.success(request, _("The piece is in the library."))
        return redirect("evidence", request.organization.slug, evidence.pk)

    def _upload(self, request):
        form = UploadForm(request.POST, request.FILES)
        if not form.is_valid():
            return self._outcome(request, form, [], [error for errors in form.errors.values() for error in errors])
        kept, refused = [], []
        for upload in form.cleaned_data["files"]:
            try:
                kept.append(self._keep(request, form, take(upload)))
            except ValidationError as error:
                refused.extend(error.messages)
        return self._outcome(request, form, kept, refused)

    @staticmethod
    def _keep(request, form, taken) -> tuple[Evidence, list[Evidence]]:
        """The new piece, and those that hold the same file already."""
        sha256 = sha256_of(taken.upload)
        twins = same_files(sha256)
        with stored_file(taken.upload, taken.media_type, sha256) as content:
            evidence = add_evidence(
                organization=request.organization,
                description=form.description(taken.title),
                content=content,
                by=request.user,
                at=timezone.now(),
            )
        return evidence, twins

    def _outcome(self, request, form, kept, refused):
        """For the script one fragment per request; without it the page to describe them on."""
        status = 200 if kept else 422
        if request.headers.get("X-Requested-With") == "XMLHttpRequest":
            return render(request, "assessments/evidence/uploaded.html", {"kept": kept, "refused": refused}, status=status)
        if not kept:
            return self._page(request, form, NewEvidenceForm(), refused=refused, status=status)
        for sentence in refused:
            messages.error(request, sentence)
        for evidence, twins in kept:
            if twins:
                words = {"title": evidence.title, "twin": twins[0].title}
                messages.warning(request, _('%(title)s: the library already holds this file as "%(twin)s".') % words)
        pieces = "&".join(f"piece={evidence.pk}" for evidence, _twins in kept)
        return redirect(f"{reverse('describe_evidence', args=[request.organization.slug])}?{pieces}")

    @staticmethod
    def _page(request, upload, link, refused=(), status=200):
        context = {
            "upload": upload,
            "link": link,
            "refused": refused,
            "most_files": settings.EVIDENCE_MAX_FILES,
            "megabytes": settings.EVIDENCE_MAX_BYTES // MEGABYTE,
            "accept": ",".join(f".{ending}" for ending in MEDIA_TYPES),
        }
        return render(request, "assessments/evidence/add.html", context, status=status)


class DescribeEvidence(TenantView):
    """Titles, kinds and dates of several pieces on one page, for instance of those that were just uploaded."""

    permission = Permission.EVIDENCE_WRITE

    def get(self, request):
        pieces = self._pieces(request, request.GET.getlist("piece"))
        if not pieces:
            return redirect("evidence_library", request.organization.slug)
        return self._page(request, [(piece, self._form(piece)) for piece in pieces])

    def post(self, request):
        pieces = self._pieces(request, request.POST.getlist("piece"))
        forms = [(piece, self._form(piece, request.POST)) for piece in pieces]
        valid = [form.is_valid() for _piece, form in forms]
        if not all(valid):
            return self._page(request, forms, status=422)
        try:
            describe_evidence(
                changes=[(piece, form.description(), form.cleaned_data["revision"]) for piece, form in forms],
                by=request.user,
                at=timezone.now(),
            )
        except (DescribedMeanwhile, InTheBin):
            messages.error(
                request, _("Somebody else changed one of these pieces meanwhile. Nothing was saved; please look again.")
            )
            return self._page(request, forms, status=409)
        n = len(forms)
        messages.success(request, ngettext("%(n)d piece described.", "%(n)d pieces described.", n) % {"n": n})
        return redirect("evidence_library", request.organization.slug)

    @staticmethod
    def _form(piece, data=None) -> EvidenceForm:
        return EvidenceForm.about(piece, data, prefix=f"p{piece.pk}")

    @staticmethod
    def _pieces(request, ids) -> list[Evidence]:
        ids = [int(pk) for pk in ids[:MOST_DESCRIBED] if pk.isascii() and pk.isdigit() and len(pk) < 19]
        rows = Evidence.objects.filter(pk__in=ids, removed_at=None).order_by("pk")
        return [piece for piece in rows if may_open(request.membership, piece)]

    @staticmethod
    def _page(request, forms, status=200):
        return render(request, "assessments/evidence/describe.html", {"forms": forms}, status=status)


class ShowEvidence(EvidenceView):
    """One piece: what it is, its versions, a look at it, and what it proves."""

    def get(self, request):
        return piece_page(self, EvidenceForm.about(self.evidence), VersionForm())


class EditEvidence(EvidenceView):
    permission = Permission.EVIDENCE_WRITE

    def post(self, request):
        self.must(self.may_open)
        form = EvidenceForm.about(self.evidence, request.POST)
        if not form.is_valid():
            return piece_page(self, form, VersionForm(), status=422)
        try:
            edit_evidence(
                evidence=self.evidence,
                description=form.description(),
                read_revision=form.cleaned_data["revision"],
                by=request.user,
                at=timezone.now(),
            )
        except InTheBin:
            return told_in_the_bin(self)
        except DescribedMeanwhile as error:
            return self._conflict(request, error.current)
        messages.success(request, _("Saved."))
        return self.back()

    def _conflict(self, request, current: Evidence):
        """Both stand on the page: what is there now, and in the form what was typed, ready to be saved over it."""
        data = request.POST.copy()
        data["revision"] = current.revision
        self.evidence = current
        return piece_page(self, EvidenceForm.about(current, data), VersionForm(), status=409, overtaken=True)


class AddEvidenceVersion(EvidenceView):
    permission = Permission.EVIDENCE_WRITE

    def post(self, request):
        self.must(self.may_open)
        form = VersionForm(request.POST, request.FILES)
        try:
            if form.is_valid() and self._keep(request, form):
                messages.success(request, _("The new version is in the library; the older ones stay."))
                return self.back()
        except InTheBin:
            return told_in_the_bin(self)
        return piece_page(self, EvidenceForm.about(self.evidence), form, status=422)

    def _keep(self, request, form) -> bool:
        if form.cleaned_data["url"]:
            self._add(request, Address(form.cleaned_data["url"]))
            return True
        try:
            taken = take(form.cleaned_data["file"])
        except ValidationError as error:
            form.add_error("file", error)
            return False
        with stored_file(taken.upload, taken.media_type, sha256_of(taken.upload)) as content:
            self._add(request, content)
        return True

    def _add(self, request, content):
        add_evidence_version(evidence=self.evidence, content=content, by=request.user, at=timezone.now())


class RemoveEvidence(EvidenceView):
    """Into the bin; who added it, owner and coordinators may."""

    permission = Permission.EVIDENCE_WRITE

    def post(self, request):
        self.must(self.may_change)
        remove_evidence(evidence=self.evidence, by=request.user, at=timezone.now())
        messages.success(request, _("The piece is in the bin. Its files and links are kept; it can be restored."))
        return self.back()


class RestoreEvidence(EvidenceView):
    permission = Permission.EVIDENCE_WRITE

    def post(self, request):
        self.must(self.may_change)
        restore_evidence(evidence=self.evidence, by=request.user, at=timezone.now())
        messages.success(request, _("The piece is back in the library."))
        return self.back()


class EvidenceFile(EvidenceView):
    """The stored file: as a download, or in place if it is of a kind that runs nothing."""

    def get(self, request, number):
        self.must(self.may_open)
        version = get_object_or_404(EvidenceVersion.objects.filter(evidence=self.evidence), number=number)
        if not version.file:
            raise Http404
        try:
            file = default_storage.open(version.file.name)
            head = file.read(HEAD)
            file.seek(0)
        except FileNotFoundError:
            messages.error(request, _("The file is missing from the store. Please tell who runs this site."))
            return self.back()
        in_place = request.GET.get("view") == "1" and may_show_in_place(version.media_type, head)
        if not in_place or not _is_for_everybody(self.evidence):
            record_opening(version=version, downloaded=not in_place, by=request.user, at=timezone.now())
        media_type = version.media_type or "application/octet-stream"
        response = FileResponse(file, as_attachment=not in_place, filename=version.name, content_type=media_type)
        response["X-Content-Type-Options"] = "nosniff"
        response["Cross-Origin-Resource-Policy"] = "same-origin"
        response["Content-Security-Policy"] = IN_PLACE_POLICY.get(media_type, SANDBOX) if in_place else SANDBOX
        response["X-Frame-Options"] = "SAMEORIGIN"
        return response


def piece_page(view: EvidenceView, form, version_form, status=200, **more):
    request, evidence = view.request, view.evidence
    versions = list(EvidenceVersion.objects.filter(evidence=evidence).select_related("added_by")) if view.may_open else []
    newest = versions[0] if versions else None
    writes = view.may(Permission.EVIDENCE_WRITE) and evidence.removed_at is None
    context = {
        "evidence": evidence,
        "openable": view.may_open,
        "versions": versions,
        "newest": newest,
        "shows": newest.media_type.partition("/")[0] if newest and newest.media_type in SHOWN_IN_PLACE else "",
        "twins": same_files(newest.sha256, evidence, request.membership) if newest and newest.sha256 else [],
        "uses": [(link, _names(link)) for link in uses_of(evidence, request.membership)],
        "form": form,
        "version_form": version_form,
        "may_write": writes and view.may_open,
        "may_remove": view.may(Permission.EVIDENCE_WRITE) and view.may_change,
        "today": timezone.localdate(),
        "accept": ",".join(f".{ending}" for ending in MEDIA_TYPES),
        **more,
    }
    return render(request, "assessments/evidence/piece.html", context, status=status)


def told_in_the_bin(view: EvidenceView):
    messages.error(view.request, _("The piece is in the bin. Restore it first."))
    return view.back()


def _names(link) -> dict:
    """Item and statement of the criterion that a link is about."""
    questionnaire, code = link.assessment.questionnaire, link.criterion.code
    item = questionnaire.item_by_code[questionnaire.item_of[code]]
    return {"item": item, "criterion": questionnaire.criterion_by_code.get(code), "code": code}


def _is_for_everybody(evidence: Evidence) -> bool:
    return evidence.confidentiality != Evidence.Confidentiality.CONFIDENTIAL
