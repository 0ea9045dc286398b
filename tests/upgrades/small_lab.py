"""A small lab with one of everything: what a dump of a tagged version holds.

Run with the settings of a real lab: ``python -m tests.upgrades.small_lab``.
"""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "labdata.settings")


def fill() -> None:
    """Fill an empty lab: records, values, runs, decisions, two ageing tests."""
    import io

    import analysis.services
    import measurements.services
    from labdata.common.jobs.runner import execute_queued
    from tests.samples.factories import make_materials
    from tests.site.worlds.devices import MATERIALS, make_device
    from tests.site.worlds.sweeps import sweeps_json, track_text
    from tests.site.worlds.world import build_world

    world = build_world()
    user, project = world.users["manager"], world.records["project"]
    make_materials(user, project, *MATERIALS)
    device = make_device(user, project, "D-1")
    for technique, name, data in (
        ("jv", "sweeps.json", sweeps_json("AB", steps=30)),
        ("mpp_tracking", "track.csv", track_text(points=16)),
    ):
        measurements.services.create_measurement(
            user=user,
            sample=device,
            technique=technique,
            files=[(name, io.BytesIO(data))],
            **({"cell": "A"} if technique == "mpp_tracking" else {}),
        )
    execute_queued()
    analysis.services.decide(
        user=user, about=world.records["run"], verdict="accepted", reason="It fits."
    )
    analysis.services.record_value(
        user=user,
        sample=world.records["sample"],
        quantity="pl.fwhm",
        label="I",
        value="< 41",
        origin="reported",
        reference={"doi": "10.1000/182", "locator": "Table 1"},
    )


if __name__ == "__main__":
    django.setup()
    fill()
