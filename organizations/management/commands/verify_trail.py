from django.core.management.base import BaseCommand, CommandError

from organizations.models import Organization
from organizations.verifying import exported_heads, verify


class Command(BaseCommand):
    help = "Verify the trail of every organization, or of one; exit 1 and name the first broken entry of each."

    def add_arguments(self, parser):
        parser.add_argument("organization", nargs="?", help="its slug, as in the address of its pages")

    def handle(self, *args, organization=None, **options):
        rows = Organization.objects.order_by("pk")
        if organization:
            rows = rows.filter(slug=organization)
            if not rows:
                raise CommandError(f"There is no organization {organization!r}.", returncode=2)
        exported = exported_heads()
        chains, entries, broken = 0, 0, 0
        for row in rows.iterator():
            checked = verify(row, exported.get(row.pk))
            chains, entries, broken = chains + 1, entries + checked.entries, broken + bool(checked.fault)
            if checked.fault:
                self.stdout.write(f"{row.slug}: {checked.fault}")
        figures = f"{entries} entries verified in {chains} trails, {broken} broken; {len(exported)} heads compared."
        if broken:
            raise CommandError(figures)
        self.stdout.write(figures)
