from urllib.parse import quote

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import get_valid_filename
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments.file_types import SHOWN_IN_PLACE
from assessments.forms.answering import allowed_ratings
from assessments.forms.reviewing import SignForm, VerdictForm
from assessments.models import Answer, EvidenceLink, EvidenceVersion, Layer, Submission, Verdict
from assessments.operations.reviewing import (
    AnsweredSince,
    JudgedMeanwhile,
    NotAsRead,
    agree_to_several,
    save_verdict,
    sign_review,
)
from assessments.queries.answering import answers_in, beside_answers
from assessments.queries.evidence import may_open
from assessments.queries.interviewing import interview_notes_of
from assessments.queries.layers import columns_of, differences, verdicts_of
from assessments.queries.proof import proof_matrix
from assessments.queries.reviewing import (
    agreeable,
    cases_of,
    judged_counts,
    lacks_proof,
    news_of,
    reviews_seen_by,
    statuses_and_interviews,
    statuses_of,
    tallies,
    undecided_codes,
    verdict_revisions,
    whole,
)
from assessments.queries.signing import judged_hash, own_engagement, signatures_of
from assessments.queries.submission import as_canonical_json
from assessments.queries.submissions import changes_since_last, hide_rivals, seen_by
from assessments.scoring import show
from assessments.templatetags.reviewing import signed
from assessments.views.access import AssessmentView
from assessments.views.answering import ItemView, question_text
from assessments.views.review_rows import (
    NOTHING_BESIDE,
    ReviewRow,
    count_words,
    item_list_html,
    judge_html,
    review_frame,
    row_html,
    said_html,
)
from assessments.views.rows import rating_words
from organizations.guests import Guest
from organizations.permissions import Permission
from questionnaires.schema import LEVELS, PolicyAction


class ReviewOverview(AssessmentView):
    """How far the review is, item by item, and its signatures. Members see of it only how far it is."""

    permission = Permission.REVIEW_VIEW

    def get(self, request):
        return overview_page(self, SignForm())


class SignReview(AssessmentView):
    """The signature that making it final waits for."""

    permission = Permission.REVIEW_SIGN

    def post(self, request):
        form = SignForm(request.POST)
        if not form.is_valid():
            return overview_page(self, form, status=422)
        try:
            sign_review(
                assessment=self.assessment,
                engagement=own_engagement(request.membership),
                read=form.cleaned_data["read"],
                note=form.cleaned_data["note"],
                by=request.user,
                at=timezone.now(),
            )
        except NotAsRead:
            messages.error(
                request,
                _("Not signed: answers, evidence or verdicts have changed since this page was made. Please look again."),
            )
            return overview_page(self, SignForm(initial={"note": form.cleaned_data["note"]}), status=409)
        messages.success(request, _("Signed. It counts as long as nothing that is judged here changes."))
        return redirect("review", request.organization.slug, self.assessment.pk)


class ReviewerView(ItemView):
    """Something about one item in the review of a guest; the enterprise's own people are led to where they answer."""

    permission = Permission.REVIEW_VIEW

    def handle(self, request, *args, **kwargs):
        if not isinstance(request.membership, Guest):
            code = kwargs.get("item_code") or self.questionnaire.item_of.get(kwargs.get("criterion_code"))
            return redirect("answer_item", request.organization.slug, self.assessment.pk, self.item_or_404(code).code)
        return super().handle(request, *args, **kwargs)

    @property
    def engagement(self):
        return self.request.membership.engagement

    def review_place(self, code: str = "") -> str:
        path = reverse("review_item", args=[self.request.organization.slug, self.assessment.pk, self.item.code])
        return f"{path}#q-{code.replace('.', '-')}" if code else path

    def cases(self):
        answers = answers_in(self.assessment, self.item.code)
        return cases_of(self.assessment, self.item, self.request.membership, answers, timezone.localdate())

    def row(self, code: str, **state) -> ReviewRow:
        return ReviewRow(self.cases()[code], question_text(self.item, code), **state)


class ReviewItem(ReviewerView):
    """One item: what is asked, said and proven on one side, the verdict on the other."""

    def get(self, request, item_code):
        return render(request, "assessments/review/item.html", item_page(self))


class GiveVerdict(ReviewerView):
    """Save one verdict and give it back as it stands; reading gives what stands now."""

    write_permission = Permission.REVIEW_WRITE

    def get(self, request, criterion_code):
        if request.htmx:
            return self._answer(self.row(criterion_code))
        return redirect(self.review_place(criterion_code))

    def post(self, request, criterion_code):
        criterion = self.criterion(criterion_code)
        answer = Answer.objects.filter(assessment=self.assessment, criterion=criterion).only("rating").first()
        form = VerdictForm(
            request.POST,
            allowed=allowed_ratings(self.questionnaire, criterion_code),
            own_rating=answer.rating if answer else "",
        )
        if not form.is_valid():
            return self._answer(self.row(criterion_code, typed=form.typed(), errors=form.errors), status=422)
        values = form.cleaned_data
        try:
            verdict = save_verdict(
                engagement=self.engagement,
                assessment=self.assessment,
                criterion=criterion,
                judged=form.judged(),
                answer_revision=values["answer_revision"],
                read_revision=values["revision"],
                by=request.user,
                at=timezone.now(),
            )
        except JudgedMeanwhile:
            return self._answer(self.row(criterion_code, typed=form.judged(), overtaken=True), status=409)
        except AnsweredSince:
            return self._answer(self.row(criterion_code, typed=form.judged(), answered_since=True), status=409)
        response = self._answer(self.row(criterion_code, just_saved=True))
        response["X-Saved"] = f"{criterion_code} {verdict.revision}"
        return response

    def _answer(self, row: ReviewRow, status: int = 200):
        """The verdict for htmx; else the whole page, so that it works without scripts too."""
        if not self.request.htmx:
            if status == 200:
                return redirect(self.review_place(row.code))
            return render(self.request, "assessments/review/item.html", item_page(self, row), status=status)
        frame = review_frame(self)
        found = tallies(self.questionnaire, statuses_of(self.assessment, self.engagement))
        context = {
            "judge": judge_html(self, row, frame),
            "said": said_html(self, row, frame, swap=True),
            "item": self.item,
            "count": count_words(found[self.item.code]),
            "left": found[self.item.code].left,
            "tally": found[self.item.code],
            "progress": whole(found.values()).progress,
        }
        return render(self.request, "assessments/review/saved.html", context, status=status)


class VerdictHistory(ReviewerView):
    """Every revision of one verdict."""

    def get(self, request, criterion_code):
        rows = verdict_revisions(self.assessment, self.engagement, self.criterion(criterion_code))
        context = {
            "assessment": self.assessment,
            "item": self.item,
            "code": criterion_code,
            "text": question_text(self.item, criterion_code),
            "rows": rows,
            "place": self.review_place(criterion_code),
        }
        if request.htmx:
            return render(request, "assessments/review/history.html", context)
        return render(request, "assessments/panel.html", {**context, "panel": "assessments/review/history.html"})


class AgreeItem(ReviewerView):
    """Agree to several answers of an item at once: first the list of which, then one confirmation."""

    permission = Permission.REVIEW_WRITE

    def get(self, request, item_code):
        return self._page(request)

    def post(self, request, item_code):
        revisions = dict(filter(None, map(_code_and_revision, request.POST.getlist("agree"))))
        if not revisions:
            return self._page(request, status=422, fault=_("Please tick at least one."))
        agreed = agree_to_several(
            place=request.membership,
            assessment=self.assessment,
            item_code=self.item.code,
            answer_revisions=revisions,
            by=request.user,
            at=timezone.now(),
        )
        if agreed:
            n = len(agreed)
            messages.success(request, ngettext("Agreed to %(n)d answer.", "Agreed to %(n)d answers.", n) % {"n": n})
        if left := len(revisions) - len(agreed):
            words = ngettext(
                "%(n)d was left as it is: it changed meanwhile or needs a look of its own.",
                "%(n)d were left as they are: they changed meanwhile or need a look of their own.",
                left,
            )
            messages.warning(request, words % {"n": left})
        return redirect(self.review_place())

    def _page(self, request, status=200, fault=""):
        rows = [
            {"case": case, "text": question_text(self.item, code), "why": agreeable(case)}
            for code, case in self.cases().items()
        ]
        context = {
            "assessment": self.assessment,
            "item": self.item,
            "agreeable": [row for row in rows if not row["why"]],
            "left": [row for row in rows if row["why"]],
            "is_open": self.state_allows(Permission.REVIEW_WRITE),
            "place": self.review_place(),
            "fault": fault,
        }
        return render(request, "assessments/review/agree.html", context, status=status)


class ReviewEvidence(ReviewerView):
    """One piece beside the answer that it proves: what it is, and the file in place where the browser can show it."""

    permission = Permission.EVIDENCE_VIEW

    def get(self, request, criterion_code, evidence_id):
        links = EvidenceLink.objects.filter(
            assessment=self.assessment, criterion=self.criterion(criterion_code), evidence__removed_at=None
        )
        link = get_object_or_404(links.select_related("evidence"), evidence__pk=evidence_id)
        if not may_open(request.membership, link.evidence):
            raise Http404
        newest = EvidenceVersion.objects.filter(evidence=link.evidence).select_related("added_by").first()
        context = {
            "assessment": self.assessment,
            "item": self.item,
            "code": criterion_code,
            "text": question_text(self.item, criterion_code),
            "link": link,
            "evidence": link.evidence,
            "newest": newest,
            "shows": newest.media_type.partition("/")[0] if newest and newest.media_type in SHOWN_IN_PLACE else "",
            "today": timezone.localdate(),
            "place": self.review_place(criterion_code),
        }
        if request.htmx:
            return render(request, "assessments/review/evidence.html", context)
        return render(request, "assessments/panel.html", {**context, "panel": "assessments/review/evidence.html"})


class ShowLayers(AssessmentView):
    """Self-assessment, consultant and panel side by side, and the difference criterion by criterion."""

    permission = Permission.REVIEW_VIEW

    def get(self, request):
        engagements = reviews_seen_by(request.membership, self.assessment)
        columns = columns_of(self.assessment, engagements)
        verdicts = verdicts_of(self.assessment, engagements)
        own, others = columns[0], columns[1:]
        context = {
            "assessment": self.assessment,
            "questionnaire": self.questionnaire,
            "columns": columns,
            "overall": [_figure(column.result if column.result.score is not None else None, own.result) for column in columns],
            "rows": [self._domain_rows(columns, domain) for domain in self.questionnaire.domains],
            "parts": [
                (
                    column,
                    differences(
                        self.assessment,
                        own,
                        column,
                        [row for row in verdicts if row.layer == column.layer and row.engagement_id == column.engagement.pk],
                    ),
                )
                for column in others
            ],
            "total": len(self.questionnaire.item_of),
            "hidden": [] if isinstance(request.membership, Guest) or others else judged_counts(self.assessment),
            "several": len({column.engagement.pk for column in others}) > 1,
            "words": rating_words(),
            "reasons": dict(Verdict.Reason.choices),
        }
        return render(request, "assessments/review/layers.html", context)

    @staticmethod
    def _figures(columns, domain):
        return [_figure(column.domain_scores.get(domain.code), columns[0].domain_scores.get(domain.code)) for column in columns]

    def _domain_rows(self, columns, domain):
        items = [
            (item, [_figure(col.item_scores.get(item.code), columns[0].item_scores.get(item.code)) for col in columns])
            for item in domain.items
        ]
        return domain, self._figures(columns, domain), items


class ReviewChanges(AssessmentView):
    """Only what changed since the submission before: what a reviewer looks at when it comes back."""

    permission = Permission.REVIEW_VIEW

    def get(self, request):
        changes = changes_since_last(self.assessment, request.membership)
        route = "review_item" if isinstance(request.membership, Guest) else "answer_item"
        context = {
            "assessment": self.assessment,
            "changes": changes,
            "route": route,
            "words": rating_words(),
            "questionnaire": self.questionnaire,
        }
        return render(request, "assessments/review/changes.html", context)


class SubmissionView(AssessmentView):
    permission = Permission.ASSESSMENT_VIEW

    def frozen(self, submission_id):
        """The submission and what of its content the reader may see; whether that is all of it."""
        rows = Submission.objects.filter(assessment=self.assessment).select_related("submitted_by")
        submission = get_object_or_404(rows, pk=submission_id)
        content, is_whole = seen_by(self.request.membership, submission)
        hide_rivals(self.request.membership, [submission])
        return submission, content, is_whole


class ShowSubmission(SubmissionView):
    """What was submitted or made final, as it was frozen: who, when, hash, scores, answers."""

    def get(self, request, submission_id):
        submission, content, is_whole = self.frozen(submission_id)
        others = list(Submission.objects.filter(assessment=self.assessment).select_related("submitted_by").defer("frozen"))
        hide_rivals(request.membership, others)
        context = {
            "assessment": self.assessment,
            "questionnaire": self.questionnaire,
            "submission": submission,
            "content": content,
            "is_whole": is_whole,
            "result": content["result"],
            "scores": _frozen_scores(content),
            "items": self._items(content),
            "others": others,
            "words": rating_words(),
            "reasons": dict(Verdict.Reason.choices),
        }
        return render(request, "assessments/review/submission.html", context)

    def _items(self, content):
        rows = []
        for item in self.questionnaire.items:
            criteria = (item,) if isinstance(item, PolicyAction) else item.criteria
            said = [self._criterion(content, criterion.code) for criterion in criteria]
            rows.append((item, said))
        return rows

    def _criterion(self, content, code):
        item = self.questionnaire.item_by_code[self.questionnaire.item_of[code]]
        layers = [(layer, layer["verdicts"].get(code)) for layer in content.get("layers", ())]
        return {
            "code": code,
            "text": question_text(item, code),
            "answer": content["answers"].get(code),
            "evidence": content["evidence"].get(code, ()),
            "verdicts": [(layer, verdict) for layer, verdict in layers if verdict],
        }


class DownloadSubmission(SubmissionView):
    """The frozen content as JSON: byte for byte what the hash is of, unless some of it is another firm's."""

    def get(self, request, submission_id):
        submission, content, is_whole = self.frozen(submission_id)
        body = submission.frozen if is_whole else as_canonical_json(content)
        response = HttpResponse(body, content_type="application/json")
        name = get_valid_filename(f"{self.assessment.name}-{submission.kind}-{submission.submitted_at:%Y-%m-%d}.json")
        response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
        response["X-Content-Type-Options"] = "nosniff"
        return response


def item_page(view: ReviewerView, changed: ReviewRow | None = None) -> dict:
    """What the review page of an item shows. ``changed`` stands in place of its row: somebody is just typing it."""
    assessment, item, questionnaire = view.assessment, view.item, view.questionnaire
    cases, frame = view.cases(), review_frame(view)
    beside = beside_answers(assessment, item.code, view.request.membership)
    statuses, has_notes = statuses_and_interviews(assessment, view.engagement)
    interviews = interview_notes_of(assessment, view.engagement, item.code) if has_notes else {}
    found = tallies(questionnaire, statuses)
    rows = {}
    for code, case in cases.items():
        row = ReviewRow(case, question_text(item, code), beside.get(code, NOTHING_BESIDE), interviews.get(code, ()))
        if changed and changed.code == code:
            row = changed
            row.beside, row.interviews = beside.get(code, NOTHING_BESIDE), interviews.get(code, ())
        row.html = row_html(view, row, frame)
        rows[code] = row
    codes = list(found)
    place = codes.index(item.code)
    waiting = [code for code in codes[place + 1 :] + codes[:place] if found[code].left]
    return {
        "assessment": assessment,
        "questionnaire": questionnaire,
        "item": item,
        "domain": questionnaire.domain_of[item.code],
        "groups": _groups(questionnaire, item, rows),
        "item_list": item_list_html(view, found, frame),
        "items_path": f"{frame['path']}review/items/",
        "tally": found[item.code],
        "progress": whole(found.values()).progress,
        "previous": codes[place - 1] if place else None,
        "next": codes[place + 1] if place + 1 < len(codes) else None,
        "next_open": waiting[0] if waiting else None,
        "may_judge": frame["may_judge"],
        "bulk": sum(not agreeable(case) for case in cases.values()) if frame["may_judge"] else 0,
    }


def overview_page(view: AssessmentView, form: SignForm, status: int = 200):
    assessment, questionnaire, place = view.assessment, view.questionnaire, view.request.membership
    engagement = own_engagement(place)
    judged = judged_hash(assessment, engagement) if view.may(Permission.REVIEW_SIGN) else ""  # before all that is shown
    context = {
        "assessment": assessment,
        "questionnaire": questionnaire,
        "form": form,
        "judged": judged,
        "signatures": signatures_of(assessment, engagement),
        "undecided": len(undecided_codes(assessment, engagement)),
        "may_sign": view.may(Permission.REVIEW_SIGN),
        "may_judge": view.may(Permission.REVIEW_WRITE),
        "may_begin": view.may(Permission.REVIEW_BEGIN),
        "may_return": view.may(Permission.REVIEW_RETURN),
        "may_finalize": view.may(Permission.ASSESSMENT_FINALIZE),
        "is_guest": engagement is not None,
        "has_changes": Submission.objects.filter(assessment=assessment, kind=Submission.Kind.SUBMITTED).count() > 1,
        **(_items_of_review(view, engagement) if engagement else {"reviews": judged_counts(assessment)}),
    }
    return render(view.request, "assessments/review/overview.html", context, status=status)


def _items_of_review(view: AssessmentView, engagement) -> dict:
    """Every item with its counts; those with something open again stand first."""
    questionnaire, assessment = view.questionnaire, view.assessment
    found, news = tallies(questionnaire, statuses_of(assessment, engagement)), news_of(assessment, engagement)
    for row in proof_matrix(assessment, timezone.localdate()).rows:
        found[row.item_code].unproven += lacks_proof(row.rating, row.proving.valid)
        found[row.item_code].news += row.code in news
    rows = [(item, questionnaire.domain_of[item.code], found[item.code]) for item in questionnaire.items]
    waiting = [item for item, _domain, tally in rows if tally.left]
    again = [row for row in rows if row[2].again or row[2].news]
    return {
        "again": again,
        "again_groups": [(None, None, again)],
        "domains": [
            (domain, whole(found[item.code] for item in domain.items), [row for row in rows if row[1].code == domain.code])
            for domain in questionnaire.domains
        ],
        "tally": whole(found.values()),
        "next_item": (again[0][0] if again else None) or (waiting[0] if waiting else None),
    }


def _groups(questionnaire, item, rows) -> list[dict]:
    if isinstance(item, PolicyAction):
        return [{"level": None, "rows": list(rows.values())}]
    return [
        {
            "level": questionnaire.level_by_number[level],
            "rows": [rows[criterion.code] for criterion in item.at_level(level)],
        }
        for level in LEVELS
    ]


def _figure(scored, own) -> dict | None:
    """Score and level for a cell, and by how much the score differs from the enterprise's own."""
    if scored is None:
        return None
    moved = scored.score - own.score if own and own.score is not None else 0
    return {"score": show(scored.score), "level": scored.level, "moved": signed(moved) if moved else ""}


def _frozen_scores(content) -> list[dict]:
    rows = [{"layer": Layer.SELF.label, "firm": "", "result": content["result"]}]
    for layer in content.get("layers", ()):
        rows.append({"layer": Layer(layer["layer"]).label, "firm": layer["consultancy"], "result": layer["result"]})
    return rows


def _code_and_revision(value: str) -> tuple[str, int] | None:
    code, _colon, revision = value.rpartition(":")
    return (code, int(revision)) if revision.isascii() and revision.isdigit() and len(revision) < 10 else None
