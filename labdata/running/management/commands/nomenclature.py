"""Write docs/nomenclature.md anew from the registries."""

from django.conf import settings
from django.core.management.base import BaseCommand

from analysis.contract.nomenclature import to_markdown

PLACE = settings.BASE_DIR / "docs" / "nomenclature.md"


class Command(BaseCommand):
    help = "Write docs/nomenclature.md from the techniques, readers and analyses."

    def handle(self, **options):
        PLACE.write_text(to_markdown(), encoding="utf-8")
        self.stdout.write(f"{PLACE} is as the registries are.")
