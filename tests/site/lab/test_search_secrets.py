"""Search tells nobody what is another project's, whatever is typed to get at it."""

import pytest

from labdata.site.lab.search import find
from tests.site.worlds.world import SECRET

pytestmark = pytest.mark.django_db

# What a person of the project would type, and the group it is found in.
TYPED = {
    f"S-{SECRET}": "samples",
    f"(Secretium-{SECRET})0.25(Glass-{SECRET})0.75": "samples",
    f"Secretium-{SECRET}": "materials",
    f"LOT-{SECRET}": "lots",
    f"B-{SECRET}": "batches",
    SECRET: "tags",
    f"{SECRET}.csv": "measurements",
    f"ageing S-{SECRET}": "processes",
    f"Project {SECRET}": "projects",
}


def test_search_finds_the_own_things_in_every_group(world):
    manager = world.users["manager"]

    found = {
        text: {group.key for group in find(manager, text, limit=5)} for text in TYPED
    }

    assert {text for text, key in TYPED.items() if key not in found[text]} == set()


def test_search_finds_nothing_of_other_projects(client, world):
    outsider = world.users["outsider"]
    client.force_login(outsider)

    told = {text: find(outsider, text, limit=5) for text in TYPED}
    jumps = [client.get("/search/", {"q": text}).status_code for text in TYPED]

    assert {text: groups for text, groups in told.items() if groups} == {}
    assert set(jumps) == {200}


def test_offered_lines_hold_no_secret_beyond_what_was_typed(client, world):
    client.force_login(world.users["outsider"])

    for text in ("S-", "ageing", "pl", "csv", "glass", SECRET[:3]):
        page = client.get("/search/offered/", {"q": text}).content.decode()
        assert SECRET not in page
