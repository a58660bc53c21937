"""Words for the coded values of the content, as pages and reports show them."""

from django.utils.translation import gettext_lazy as _

EVIDENCE_LABELS = {
    "rule": _("Issued rule"),
    "record": _("Record"),
    "system": _("System"),
    "metric": _("Metric"),
    "interview": _("Interview"),
}
LEAD_LABELS = {
    "executive": _("Executive in charge"),
    "data_office": _("Data management office"),
    "business": _("Business department"),
    "it": _("IT department"),
    "security": _("Security department"),
    "legal": _("Legal and compliance"),
    "audit": _("Internal audit"),
    "hr": _("Human resources"),
    "finance": _("Finance"),
}
KIND_LABELS = {
    "requirement": _("Requirement"),
    "encouragement": _("Encouragement"),
    "support": _("Support"),
    "target": _("Target"),
    "safeguard": _("Safeguard"),
    "unclassified": _("Not classified"),
}
ADDRESSEE_LABELS = {
    "enterprise": _("Enterprises"),
    "government": _("Government"),
    "industry body": _("Industry bodies"),
    "all": _("All"),
    "unclassified": _("Not classified"),
}
READING_LABELS = {
    "act": _("can act on it"),
    "prepare": _("prepare for it"),
    "benefit": _("may draw on it"),
    "context": _("background only"),
}
VALIDITY_LABELS = {
    "in_force": _("In force"),
    "period_ended": _("Plan period ended"),
    "superseded": _("Superseded"),
    "historical": _("Historical document"),
    "interpretive": _("Interpretation, creates no duty"),
    "crosscheck_only": _("For cross-checking only"),
    "unverified": _("Validity not verified"),
}
CONFIDENCE_LABELS = {
    "attested": _("attested in a source"),
    "recalled": _("recalled, not checked against the text"),
    "inferred": _("inferred"),
    "recalled_unverified": _("recalled, unverified"),
    "own": _("our own"),
}
ASPECT_LABELS = {
    "organization": _("Organization"),
    "rules": _("Rules"),
    "process": _("Process"),
    "technology": _("Technology"),
}
RELATION_LABELS = {
    "same": _("Same"),
    "reworded": _("Reworded"),
    "widened": _("Widened"),
    "narrowed": _("Narrowed"),
    "split": _("Split"),
    "merged": _("Merged"),
    "new": _("New"),
    "dropped": _("Dropped"),
}
CROSSWALK_LABELS = {
    "kept": _("Kept from 2018"),
    "renamed": _("Renamed"),
    "split": _("Split off"),
    "new": _("New in 2025"),
}
STRENGTH_LABELS = {"direct": _("Direct"), "supporting": _("Related")}
IMPORT_LABELS = {  # what may be wrong with a file or its text, by code; the English is that of originals.py and importing.py
    "wrong_kind": _("Files ending in “{ending}” cannot be read. Save the document as .docx, .pdf, .txt or .md."),
    "too_large": _("The file is larger than {megabytes} MB. Remove its pictures, or save only the text."),
    "encoding": _("The characters of this text file cannot be told. Save it as UTF-8 and try again."),
    "not_text": _("The file ends in .txt or .md, but holds something other than text. Check that it is the right file."),
    "damaged": _("The file is damaged, or is not what its ending ({ending}) says. Open it, save it again and try once more."),
    "encrypted": _("The file is protected by a password. Save a copy without the password."),
    "old_word": _("The file is an old Word file or protected by a password. Save it as .docx without a password."),
    "unpacked_too_large": _("Unpacked, the file is larger than {megabytes} MB. Remove its pictures, or save only the text."),
    "too_many_pages": _("The file has more than {pages} pages. Save only the pages that hold the document."),
    "no_text_layer": _("The PDF holds pictures of pages but no text. Run character recognition (OCR) on it first."),
    "text_layer_garbled": _("The text in this PDF cannot be read: its fonts do not name their characters. Use another copy."),
    "too_much_text": _("The file holds more than {characters} characters, which is more than any plan or law."),
    "empty": _("The file holds no text."),
    "no_title": _("No title was found. Enter it by hand."),
    "no_structure": _("No headings or articles were found, so every paragraph became a passage of its own."),
    "draft": _("The text calls itself a draft ({word}). Import the version that was issued."),
    "excerpt": _("The text calls itself an excerpt ({word}); parts are missing."),
    "ends_open": _("The text ends in the middle of a sentence (“{words}”); its end may be missing."),
    "starts_late": _("The numbering begins with {label} (section: {section}); what stands before it may be missing."),
    "jumps": _("{label} follows {before} (section: {section}); something between them may be missing."),
    "repeats": _("{label} stands twice in a row (section: {section})."),
    "restarts": _("{label} follows {before} (section: {section}); the file may hold more than one document."),
    "more": _("{count} more warnings are not listed."),
    "long_unit": _("Passage {order} is very long ({characters} characters); a heading in it may have been overlooked."),
    "open_boxes": _(
        "The file does not mark where a box (专栏) ends ({boxes} times); check the passages that follow its title."
    ),
}


def in_words(code: str, values: dict) -> str:
    """The sentence for a code of ``IMPORT_LABELS``, in the active language."""
    return str(IMPORT_LABELS[code]).format(**values)
