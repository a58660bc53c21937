from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from questionnaires.importing import split_document
from questionnaires.operations import (
    VALIDITY_TEXTS,
    AlreadyThere,
    BadCode,
    Details,
    UnknownDocument,
    code_from,
    import_document,
    import_originals,
)
from questionnaires.originals import UnreadableDocument, extract_text


class Command(BaseCommand):
    help = "Import a policy text: the original wording of a known document, or a new document (txt, md, docx, text PDF)."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("--document", metavar="CODE", help="attach the wording to the clauses of this document")
        which.add_argument("--new", action="store_true", help="add it as a new document")
        parser.add_argument("--code", default="", help="with --new: its code; default: from the file name")
        parser.add_argument("--title", default="", help="with --new: overrides the title that was found")
        parser.add_argument("--status", choices=VALIDITY_TEXTS, default="unverified")
        parser.add_argument("--succeeds", default="", metavar="CODE", help="with --new: the document that it takes over from")
        parser.add_argument("--dry-run", action="store_true", help="with --new: print the preview and keep nothing")

    def handle(self, *args, file, **options):
        try:
            text = extract_text(file.name, file.read_bytes())
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}", returncode=2) from error
        except UnreadableDocument as error:
            raise CommandError(f"{file}: {error}", returncode=2) from error
        if options["document"]:
            self._attach(file, text, options["document"])
        else:
            self._add(file, text, options)

    def _attach(self, file, text, code):
        try:
            originals = import_originals(code=code, text=text, source_name=file.name, at=timezone.now())
        except UnknownDocument as error:
            raise CommandError(f"The library has no document {code} with clauses.", returncode=2) from error
        for missing in originals.missing:
            self.stderr.write(f"{file}:{missing.clause}: {missing.reason.replace('_', ' ')}")
        total = len(originals.found) + len(originals.missing)
        self.stdout.write(f"{code}: {len(originals.found)} of {total} clauses found")
        if originals.missing:
            raise SystemExit(1)

    def _add(self, file, text, options):
        draft = split_document(text)
        for unit in draft.units:
            self.stdout.write(" > ".join(filter(None, [*unit.path, unit.box, unit.label])) + f": {unit.text[:40]}")
        for warning in draft.warnings:
            self.stderr.write(f"{file}: warning: {warning.message}")
        title = options["title"] or draft.title
        if not title or not draft.units:
            raise CommandError(f"{file}: no title or no text was found; name the title with --title", returncode=2)
        details = Details(
            code=options["code"] or code_from(file.stem, text),
            title=title,
            number=draft.number or "",
            issuer=draft.issuer or "",
            signed_on=draft.date.isoformat() if draft.date else "",
            status=options["status"],
            succeeds=options["succeeds"],
        )
        self.stdout.write(f"{details.code}: {title}; {len(draft.units)} units, {len(draft.warnings)} warnings")
        if options["dry_run"]:
            return
        try:
            imported = import_document(draft=draft, details=details, text=text, source_name=file.name, at=timezone.now())
        except BadCode as error:
            raise CommandError(
                f"{details.code!r} is no code: use letters, digits, . - and _, 40 at most", returncode=2
            ) from error
        except AlreadyThere as error:
            raise CommandError(f"{details.code} is in the library already; choose another --code", returncode=2) from error
        self.stdout.write(f"kept, with suggestions for {len(imported.suggestions)} clauses")
