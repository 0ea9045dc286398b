"""``manage.py rebuild_facts``: needed after a change of what is promoted."""

from django.core.management.base import BaseCommand

from samples.facts import rebuild_facts


class Command(BaseCommand):
    help = "Recompute the facts of every sample from the records."

    def handle(self, *args, **options):
        done = rebuild_facts(progress=self._tell)
        self.stdout.write(f"Facts of {done} samples rebuilt.")

    def _tell(self, done, total):
        if self.stdout.isatty():
            self.stdout.write(f"{done} of {total} samples", ending="\r")
