"""Fill an empty lab from a backup."""

from pathlib import Path

from django.conf import settings
from django.core.management import BaseCommand, call_command

from labdata.running.backup import restore_backup
from labdata.running.supervisor import sole_supervisor


class Command(BaseCommand):
    help = "Restores what backup wrote, into a lab that is empty and not running."

    def add_arguments(self, parser):
        parser.add_argument("folder", type=Path)

    def handle(self, *, folder, **options):
        with sole_supervisor(Path(settings.LABDATA_DATA_DIR)):
            summary = restore_backup(folder.absolute())
            # The backup may be older than this version's tables.
            call_command("migrate", interactive=False, verbosity=0)
        self.stdout.write(
            f"Restored the database and {summary.blobs} stored files "
            f"({summary.bytes:,} bytes)."
        )
        if summary.damaged:
            self.stderr.write(
                f"{len(summary.damaged)} files were damaged when the backup was "
                f"written and are missing: {', '.join(summary.damaged)}"
            )
