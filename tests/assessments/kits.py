"""What the kit's tests share: handing one out, filling it in as a person would, bringing it back."""

import io

import openpyxl
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django_scopes import scope

from assessments.kit import layout
from assessments.kit.writing import write_kit
from assessments.models import Answer, Assessment, Kit, KitReturn
from assessments.operations.answering import Said, save_answer
from assessments.operations.evidence import Address, Description, add_evidence
from assessments.operations.kit import issue_kit
from assessments.views.kit import handout_of
from questionnaires.models import Criterion
from tests.conftest import NOON

PLACES = {name: place for place, name in enumerate(layout.COLUMNS, start=1)}


def hand_out(assessment: Assessment, by, items=("DS1", "DG1"), language="zh-hans", **options) -> Kit:
    with scope(organization=assessment.organization):
        return issue_kit(assessment=assessment, items=frozenset(items), language=language, by=by, at=NOON, **options)


def file_of(kit: Kit) -> bytes:
    with scope(organization=kit.organization):
        assessment = Assessment.objects.select_related("organization", "version").get(pk=kit.assessment_id)
        return write_kit(assessment.questionnaire, handout_of(kit, assessment))


def book_of(kit: Kit):
    return openpyxl.load_workbook(io.BytesIO(file_of(kit)))


def saved(book) -> bytes:
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def row_of(book, code: str):
    """(sheet, row number) of a code in a workbook as it was handed out."""
    for sheet in book.worksheets:
        for row in range(1, sheet.max_row + 1):
            if sheet.cell(row, PLACES["code"]).value == code:
                return sheet, row
    raise LookupError(code)


def fill(book, code: str, **cells):
    sheet, row = row_of(book, code)
    for name, value in cells.items():
        sheet.cell(row, PLACES[name]).value = value


def answer(assessment: Assessment, code: str, by, rating="", na_reason="", note="", at=NOON) -> Answer:
    with scope(organization=assessment.organization):
        criterion = Criterion.objects.get(version=assessment.version, code=code)
        current = Answer.objects.filter(assessment=assessment, criterion=criterion).first()
        said, read = Said(rating, na_reason, note), current.revision if current else 0
        return save_answer(assessment=assessment, criterion=criterion, said=said, read_revision=read, by=by, at=at)


def piece(organization, title: str, by):
    with scope(organization=organization):
        words = Description(title=title)
        return add_evidence(
            organization=organization, description=words, content=Address("https://a.example/x"), by=by, at=NOON
        )


def said_in(assessment: Assessment) -> dict[str, tuple[str, str, str]]:
    """Code -> rating, reason, note, of everything that stands there."""
    with scope(organization=assessment.organization):
        rows = Answer.objects.filter(assessment=assessment)
        return {code: tuple(said) for code, *said in rows.values_list("criterion__code", "rating", "na_reason", "note")}


def address(name: str, assessment: Assessment, *args) -> str:
    return reverse(name, args=[assessment.organization.slug, assessment.pk, *args])


def upload(client, assessment: Assessment, content: bytes, name="kit.xlsx"):
    return client.post(address("upload_kit", assessment), {"file": SimpleUploadedFile(name, content)})


def returned(response, assessment: Assessment) -> KitReturn:
    """The return that an upload was answered with."""
    assert response.status_code == 302, response.context["upload_form"].errors if response.context else response
    with scope(organization=assessment.organization):
        return KitReturn.objects.select_related("kit", "assessment").get(pk=int(response.url.rstrip("/").rsplit("/", 1)[1]))


def apply(client, kit_return: KitReturn, rule="", **sides):
    page = client.get(address("kit_return", kit_return.assessment, kit_return.pk))
    rows = {f"row-{code}": side for code, side in sides.get("rows", {}).items()}
    data = {"seen": page.context["seen"], "rule": rule, **rows}
    return client.post(address("kit_return", kit_return.assessment, kit_return.pk), data)


def counts(client, kit_return: KitReturn) -> dict[str, int]:
    page = client.get(address("kit_return", kit_return.assessment, kit_return.pk))
    return {name: number for _label, name, number in page.context["counts"] if number}
