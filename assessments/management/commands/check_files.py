import hashlib

from django.core.files.storage import default_storage
from django.core.management.base import BaseCommand, CommandError
from django_scopes import scope

from assessments.models import EvidenceVersion
from organizations.models import Organization


class Command(BaseCommand):
    help = "Compare every stored file of evidence with the size and SHA-256 in its row; exit 1 and list what differs."

    def handle(self, *args, **options):
        checked, faults = 0, []
        for organization in Organization.objects.order_by("pk").values_list("pk", flat=True):
            with scope(organization=organization):  # the operator's look at all tenants' files: ids only, no names
                rows = EvidenceVersion.objects.exclude(file="").order_by("pk")
                for version in rows.iterator(chunk_size=500):
                    checked += 1
                    fault = fault_of(version)
                    if fault:
                        faults.append(f"evidence {version.evidence_id} version {version.number} ({version.file.name}): {fault}")
        for fault in faults:
            self.stdout.write(fault)
        if faults:
            raise CommandError(f"{len(faults)} of {checked} files differ from what was uploaded.")
        self.stdout.write(f"{checked} files are as they were uploaded.")


def fault_of(version: EvidenceVersion) -> str:
    """What is wrong with the stored file, in words; empty if nothing is."""
    digest, size = hashlib.sha256(), 0
    try:
        with default_storage.open(version.file.name) as file:
            for chunk in file.chunks():
                digest.update(chunk)
                size += len(chunk)
    except OSError as error:
        return "missing" if isinstance(error, FileNotFoundError) else f"unreadable ({type(error).__name__})"
    if size != version.size:
        return f"{size} bytes instead of {version.size}"
    return "" if digest.hexdigest() == version.sha256 else "the content differs (SHA-256)"
