"""Compare every stored byte with what the database says of it."""

import hashlib

from django.core.management import BaseCommand, CommandError

from measurements.models import Blob, Dataset
from measurements.store.raw import get_store
from measurements.store.storage import MissingBytes


class Command(BaseCommand):
    help = "Reads every stored file and dataset and compares it with its SHA-256."

    def add_arguments(self, parser):
        parser.add_argument(
            "--quick",
            action="store_true",
            help="compare sizes only, without reading the bytes",
        )

    def handle(self, *, quick, **options):
        store, known, faults = get_store(), set(), 0
        blobs = Blob.objects.order_by("pk").values_list("sha256", "size")
        for sha256, size in blobs.iterator(chunk_size=2000):
            known.add(sha256)
            fault = self._fault(store, sha256, size, quick=quick)
            if fault:
                faults += 1
                self.stdout.write(f"{sha256}: {fault}")
        containers = Dataset.objects.filter(container__isnull=False).order_by("pk")
        rows = 0
        for dataset in containers.only("uuid", "sha256", "container").iterator(100):
            rows += 1
            if hashlib.sha256(dataset.container).hexdigest() != dataset.sha256:
                faults += 1
                self.stdout.write(f"dataset {dataset.uuid}: its arrays are damaged")
        unknown = sum(1 for sha256 in store if sha256 not in known)
        self.stdout.write(
            f"Checked {len(known)} stored files and {rows} datasets in the database."
        )
        if unknown:
            # Uploads that broke off leave such bytes; they do no harm.
            self.stdout.write(f"{unknown} stored files belong to no record.")
        if faults:
            raise CommandError(f"{faults} are missing or damaged; restore a backup.")

    @staticmethod
    def _fault(store, sha256: str, size: int, *, quick: bool) -> str:
        try:
            if (found := store.size(sha256)) != size:
                return f"has {found} bytes instead of {size}"
            if not quick and not store.verify(sha256):
                return "its bytes have changed"
        except MissingBytes:
            return "is missing"
        return ""
