"""What a lab says of itself: compared before and after an upgrade.

Run in the lab's own environment: ``python -m tests.upgrades.telling`` prints JSON.
"""

import hashlib
import json
import os
import sys
from urllib.parse import urlsplit

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "labdata.settings")
READER = "manager"
LISTS = (
    *("projects", "materials", "lots", "samples", "batches", "devices"),
    *("saved-stacks", "processes", "protocols", "extra-fields", "instruments"),
    *("measurements", "files", "datasets", "runs", "properties"),
)
RELATION = "relations/?x=composition.CsPbI3&y=pl.fwhm[I]"


def tell() -> dict:
    """Gather every record by id, every value, run page, address and fact."""
    from django.contrib.auth import get_user_model
    from django.test import Client

    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(get_user_model().objects.get(username=READER))
    records = {name: _rows(client, name) for name in LISTS}
    return {
        "records": records,
        "data": {
            row["id"]: _sha256_of(client.get(f"/api/v1/datasets/{row['id']}/data/"))
            for row in records["datasets"].values()
        },
        "relation": client.get(f"/api/v1/{RELATION}").json(),
        "pages": _pages(client),
        "facts": _facts(),
        "facts rebuilt": _facts(rebuild=True),
    }


def _sha256_of(answer) -> str:
    """Numbers as they are told, in few bytes."""
    assert answer.status_code == 200
    return hashlib.sha256(
        json.dumps(answer.json(), sort_keys=True).encode()
    ).hexdigest()


def _rows(client, name) -> dict:
    rows, address = {}, f"/api/v1/{name}/?page_size=200"
    while address:
        answer = client.get(address)
        assert answer.status_code == 200, (name, answer.status_code)
        told = answer.json()
        rows |= {row["id"]: row for row in told["results"]}
        following = told["next"]
        address = (
            following and f"{urlsplit(following).path}?{urlsplit(following).query}"
        )
    return rows


def _pages(client) -> dict:
    """The status of every permanent address, and the words of each run's values."""
    from analysis.models import AnalysisRun
    from measurements.models import File, Measurement
    from samples.models import Process, Protocol, Sample

    told = {}
    for model, room in (
        (Sample, "samples"),
        (Process, "processes"),
        (Protocol, "protocols"),
        (Measurement, "measurements"),
        (File, "files"),
        (AnalysisRun, "runs"),
    ):
        for row in model.objects.order_by("pk"):
            address = f"/{room}/{row.uuid}/"
            told[address] = client.get(address).status_code
    return told


def _facts(*, rebuild=False) -> list:
    from samples.facts import rebuild_facts
    from samples.models import Fact

    if rebuild:
        rebuild_facts()
    rows = Fact.objects.values_list(
        *("sample__code", "subject__cell__label", "variable__key", "label"),
        *("value", "text", "uncertainty", "low", "high", "bound", "origin", "flags"),
        "is_default",
    )
    return sorted((list(row) for row in rows), key=json.dumps)


if __name__ == "__main__":
    django.setup()
    json.dump(tell(), sys.stdout, indent=1, sort_keys=True, default=str)
