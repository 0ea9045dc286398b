"""Write the whole lab into one folder."""

from pathlib import Path

from django.core.management import BaseCommand, CommandError

from labdata.running.backup import write_backup


class Command(BaseCommand):
    help = "Writes database and stored bytes, with their hashes, into a new folder."

    def add_arguments(self, parser):
        parser.add_argument("folder", type=Path)

    def handle(self, *, folder, **options):
        summary = write_backup(folder.absolute())
        self.stdout.write(
            f"{folder} holds the database and {summary.blobs} stored files "
            f"({summary.bytes:,} bytes)."
        )
        if summary.damaged:
            raise CommandError(
                f"{len(summary.damaged)} files are missing from the store or damaged "
                f"and are not in the backup: {', '.join(summary.damaged)}"
            )
