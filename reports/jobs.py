"""What a render job is measured by, and its words. The queue itself is the table RenderJob (docs/adr/0009-render-queue.md)."""

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

LEASE = timedelta(seconds=30)  # a killed worker's report waits no longer
BEAT = 6  # seconds between two renewals of the lease
LOOK = 1  # seconds between two looks whether the report is still wanted
TRIES = 3
INTERRUPTIONS = 8  # workers that may be killed over one report before it is held to be its fault
PAUSE = timedelta(seconds=5)  # before the second try; twice as long before the third
MOST_WAITING = 200  # reports that one organization may have waiting or being made
MOST_AN_HOUR = 400  # that it may ask for; each keeps a snapshot, also when it is stopped
FORMATS = {"pdf": "PDF", "docx": "Word", "xlsx": "Excel"}
MEDIA_TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
STEPS = {
    "": _("Waiting for its turn"),
    "freeze": _("Collecting answers and findings"),
    "pdf": _("Setting the PDF"),
    "docx": _("Writing the Word document"),
    "xlsx": _("Filling the workbook"),
    "publish": _("Putting it in its place"),
}
STARTS_AT = {"freeze": 2, "pdf": 10, "docx": 60, "xlsx": 80, "publish": 95}  # percent
FAILURES = {
    "too_long": _("Making it took too long. Choose a smaller volume, e.g. of one department, or try again later."),
    "too_big": _("It grew too large for the server. Choose a smaller volume, e.g. of one department."),
    "no_font": _("The server lacks a Chinese font or a library for setting PDFs. Please tell the operator."),
    "leaks": _("The external version would have told something internal, so it was not released. Please tell the operator."),
    "rights_ended": _("Who asked for it has no right to it any more."),
    "nothing_assigned": _("Nothing is assigned to this department."),
    "killed": _("The server was interrupted again and again while making it. Please try again."),
    "broken": _("It could not be made. Your answers are safe; please tell the operator."),
}
ENDS_AT_ONCE = {"no_font", "leaks", "rights_ended", "nothing_assigned"}  # trying again would end the same
LEFT_OUT = {
    "no_right": _("you may not make reports there"),
    "no_assessment": _("has no assessment that you may see"),
}


def reason_of(failure: str) -> str:
    """In words, in the language that is active."""
    return str(FAILURES.get(failure, FAILURES["broken"]))
