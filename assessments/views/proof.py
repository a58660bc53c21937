from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.forms import ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.file_types import MEDIA_TYPES
from assessments.forms.evidence import LinkForm, NewForCriterionForm, take, wanted_from
from assessments.models import Evidence
from assessments.operations.evidence import (
    Address,
    Description,
    InTheBin,
    add_evidence_for,
    link_evidence,
    sha256_of,
    stored_file,
    unlink_evidence,
)
from assessments.proving import OFFERED_KIND
from assessments.queries.assigning import items_open_to
from assessments.queries.evidence import OVER_USED, linkable, may_open, newest_versions, not_shown, same_files
from assessments.queries.proof import proof_matrix, proof_of
from assessments.views.access import AssessmentView
from organizations.permissions import Permission
from questionnaires.models import Criterion


class EvidenceMatrix(AssessmentView):
    """Criteria by kind of evidence, one domain at a time, and what is weak: claims without proof, pieces that prove nothing."""

    permission = Permission.EVIDENCE_VIEW

    def get(self, request):
        matrix = proof_matrix(self.assessment, timezone.localdate(), request.membership)
        codes = [row.domain.code for row in matrix.domains]
        wanted = request.GET.get("domain", "")
        context = {
            "assessment": self.assessment,
            "questionnaire": self.questionnaire,
            "matrix": matrix,
            "unfolded": wanted if wanted in codes else "",
            "kinds": Evidence.Kind.choices,
            "over_used": OVER_USED,
        }
        return render(request, "assessments/evidence/matrix.html", context)


class CriterionEvidenceView(AssessmentView):
    """What concerns the evidence of one criterion; only who may answer its item writes."""

    permission = Permission.EVIDENCE_VIEW
    write_permission = Permission.EVIDENCE_LINK

    def dispatch(self, request, *args, criterion_code, **kwargs):
        self.code = criterion_code
        return super().dispatch(request, *args, **kwargs)

    def handle(self, request, *args, **kwargs):
        if self.code not in self.questionnaire.item_of:
            raise Http404
        self.item_code = self.questionnaire.item_of[self.code]
        return super().handle(request, *args, **kwargs)

    def must_be_open(self):
        if not self.is_open:
            raise PermissionDenied

    @property
    def is_open(self) -> bool:
        return self.item_code in items_open_to(self.assessment, self.request.membership)

    @property
    def criterion(self) -> Criterion:
        return get_object_or_404(Criterion, version_id=self.assessment.version_id, code=self.code)

    def done(self, request, notes=(), refused=()):
        """The fragment for htmx; else back to the page, where reloading repeats nothing."""
        if request.htmx:
            return self.page(request, notes=notes, refused=refused)
        for sentence in notes:
            messages.info(request, sentence)
        for sentence in refused:
            messages.error(request, sentence)
        return redirect("criterion_evidence", request.organization.slug, self.assessment.pk, self.code)

    def page(self, request, status=200, **more):
        today = timezone.localdate()
        proven = proof_of(self.assessment, self.code, today, request.membership)
        newest = newest_versions([link.evidence_id for link in proven.links])
        rows = [
            {
                "link": link,
                "flaw": flaw,
                "newest": newest.get(link.evidence_id),
                "openable": may_open(request.membership, link.evidence),
            }
            for link, flaw in proven.judged_links
        ]
        may_link = self.may(Permission.EVIDENCE_LINK) and self.is_open
        text = wanted_from(request.GET).text
        context = {
            "assessment": self.assessment,
            "questionnaire": self.questionnaire,
            "item": self.questionnaire.item_by_code[self.item_code],
            "code": self.code,
            "proven": proven,
            "rows": rows,
            "not_shown": not_shown(self.assessment, self.code, request.membership),
            "may_link": may_link,
            "text": text,
            "found": linkable(self.assessment, self.code, text) if may_link else [],
            "kinds": Evidence.Kind.choices,
            "offered_kind": self._offered_kind(proven),
            "accept": ",".join(f".{ending}" for ending in MEDIA_TYPES),
            **more,
        }
        template = "assessments/evidence/criterion.html" if request.htmx else "assessments/evidence/criterion_page.html"
        return render(request, template, context, status=status)

    @staticmethod
    def _offered_kind(proven) -> str:
        """The kind of the first line of the recipe that is not covered yet."""
        open_lines = [cover.line for cover in proven.proving.lines if cover.covered is False]
        return OFFERED_KIND[open_lines[0].kind] if open_lines else Evidence.Kind.RECORD


class CriterionEvidence(CriterionEvidenceView):
    """The pieces of one criterion, what is expected, and how to link one that is there or to add a new one."""

    def get(self, request):
        return self.page(request)

    def post(self, request):
        self.must_be_open()
        return self._link(request) if "evidence" in request.POST else self._add(request)

    def _link(self, request):
        form = LinkForm(request.POST)
        if not form.is_valid():
            return self._wrong(request, form)
        try:
            self._link_piece(request, form.cleaned_data["evidence"], form.cleaned_data["place"])
        except InTheBin:
            return self.page(request, status=409, refused=[_("The piece is in the bin. Restore it first.")])
        return self.done(request)

    def _link_piece(self, request, evidence, place):
        link_evidence(
            assessment=self.assessment,
            criterion=self.criterion,
            evidence=evidence,
            place=place,
            by=request.user,
            at=timezone.now(),
        )

    def _add(self, request):
        form = NewForCriterionForm(request.POST, request.FILES)
        if not form.is_valid():
            return self._wrong(request, form)
        values, notes, refused = form.cleaned_data, [], []
        if values["url"]:
            self._add_piece(request, form, values["title"], Address(values["url"]))
        for upload in values["files"]:
            try:
                notes.extend(self._keep(request, form, take(upload)))
            except ValidationError as error:
                refused.extend(error.messages)
        if refused and len(refused) == len(values["files"]):
            return self.page(request, status=422, refused=refused)
        return self.done(request, notes, refused)

    def _keep(self, request, form, taken) -> list[str]:
        """Add and link a file; one that the library holds already is linked as it is. Returns what there is to tell."""
        sha256 = sha256_of(taken.upload)
        for twin in same_files(sha256):
            self._link_piece(request, twin, form.cleaned_data["place"])
            return [_('The library already holds this file as "%(title)s"; that piece was linked.') % {"title": twin.title}]
        with stored_file(taken.upload, taken.media_type, sha256) as content:
            self._add_piece(request, form, taken.title, content)
        return []

    def _add_piece(self, request, form, title, content):
        add_evidence_for(
            assessment=self.assessment,
            criterion=self.criterion,
            description=Description(title, form.cleaned_data["kind"] or Evidence.Kind.OTHER),
            content=content,
            place=form.cleaned_data["place"],
            by=request.user,
            at=timezone.now(),
        )

    def _wrong(self, request, form):
        sentences = [error for errors in form.errors.values() for error in errors]
        return self.page(request, status=422, refused=sentences, typed=request.POST)


class UnlinkEvidence(CriterionEvidenceView):
    permission = Permission.EVIDENCE_LINK

    def post(self, request, evidence_id):
        self.must_be_open()
        evidence = get_object_or_404(Evidence.objects.filter(links__assessment=self.assessment).distinct(), pk=evidence_id)
        unlink_evidence(
            assessment=self.assessment, criterion=self.criterion, evidence=evidence, by=request.user, at=timezone.now()
        )
        return self.done(request)
