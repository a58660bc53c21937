"""What may be wrong with a returned workbook, by code. Codes are stored, with values: each reader has their own language."""

from django.utils.translation import gettext_lazy as _

FILE_FAULTS = {
    "too_large": _("The file is larger than %(size)d MB."),
    "empty": _("The file is empty."),
    "old_excel": _("The file is protected by a password or is an old Excel file (.xls). Save it as .xlsx without a password."),
    "macros": _("The workbook holds macros. Save it as .xlsx, without macros."),
    "not_a_workbook": _("This is not an Excel workbook (.xlsx), or it is damaged. Send the kit itself, not an export of it."),
    "too_heavy": _("The workbook is far larger than a kit can be. Copy nothing into it but answers."),
    "no_signature": _("This is no kit: the hidden sheet with its signature is missing. Fill in the kit as downloaded."),
    "two_signatures": _("The workbook holds sheets of more than one kit. Return each kit as a file of its own."),
    "altered": _("The signature does not match: the kit was altered, or handed out by another site."),
    "other_assessment": _("This kit belongs to another assessment. Upload it there."),
    "column_twice": _("Sheet “%(sheet)s”, row %(row)d: the column “%(column)s” stands twice. Remove one of them."),
    "no_rows": _("No row with a code was found in the workbook. Nothing could be read."),
}  # fmt: skip
ROW_FAULTS = {
    "rating": _("“%(value)s” is no rating here. Choose from the list in the cell."),
    "na_reason": _("“%(value)s” is no reason. Choose from the list in the cell."),
    "reason_missing": _("Not applicable needs a reason from the list."),
    "note_missing": _("Not applicable needs a note that explains it."),
    "reason_alone": _("A reason stands only beside “not applicable”."),
    "too_long": _("The note has %(length)d characters; at most %(most)d are kept."),
    "title_too_long": _("A title of evidence has %(length)d characters; at most %(most)d are kept."),
    "too_many_titles": _("More than %(most)d titles of evidence stand in one cell."),
    "formula": _("The cell holds a formula. Enter its value instead."),
    "error": _("The cell holds the error %(value)s."),
    "characters": _("The cell holds control characters. Type the text anew."),
    "merged": _("The cell is merged with others (%(cells)s). Unmerge them."),
    "twice": _("%(code)s stands in several rows with different content (rows %(rows)s). Keep one of them."),
    "not_yours": _("This item is not assigned to you."),
    "repeated": _("A second row of %(code)s with the same content. It counts once."),
    "unknown_code": _("“%(code)s” is no code of this questionnaire."),
    "not_in_kit": _("%(code)s was not part of this kit."),
    "no_code": _("The row has no code, so nobody knows which statement it answers."),
    "no_heading": _("The heading row is missing and the columns were moved. Restore the headings."),
}


def in_words(fault: str, values: dict) -> str:
    """The sentence for a fault, in the active language."""
    sentence = FILE_FAULTS.get(fault) or ROW_FAULTS[fault]
    return str(sentence) % values
