"""Two projects that must not see each other, with one of everything in the first."""

import io
from dataclasses import dataclass, field

from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile

import analysis.services
import measurements.services
from labdata.common.jobs.runner import execute_queued
from labdata.common.people.access import Role
from labdata.common.people.notices import notify
from labdata.common.people.saved_views import save_view
from measurements.services.instruments import create_instrument
from samples import services
from tests.samples.factories import (
    add_member,
    make_materials,
    make_process,
    make_project,
    make_sample,
    make_user,
)
from tests.site.worlds.spectra import spectrum

# Stands in every text of the first project; nobody else may ever be told it.
SECRET = "Xq7Zz"
ROLES = ("anonymous", "outsider", "viewer", "contributor", "manager")


@dataclass
class World:
    """The users by role, and the records of the project they are measured against."""

    users: dict = field(default_factory=dict)
    records: dict = field(default_factory=dict)

    def secrets(self):
        """Everything an outsider must not read, ids included."""
        return [SECRET, *(str(record.uuid) for record in self.records.values())]


def build_world():
    """Log, measure, fit, report and decide once in a project named by the secret."""
    world = World()
    manager = make_user("manager")
    project = make_project(manager, f"p-{SECRET.lower()}")
    project.name = f"Project {SECRET}"
    project.save()
    outsider = make_user("outsider")
    make_project(outsider, "elsewhere")
    world.users = {"manager": manager, "outsider": outsider}
    for role in (Role.VIEWER, Role.CONTRIBUTOR):
        world.users[role.value] = make_user(role.value)
        add_member(project, world.users[role.value], role)
    material, _ = make_materials(
        manager, project, f"Secretium-{SECRET}", f"Glass-{SECRET}"
    )
    lot = services.create_lot(
        user=manager, project=project, material=material, code=f"LOT-{SECRET}"
    )
    field = services.create_extra_field(
        user=manager,
        project=project,
        target="sample",
        key="shelf",
        label=f"Shelf {SECRET}",
        kind="text",
    )
    sample = make_sample(
        manager,
        project,
        f"S-{SECRET}",
        composition=f"(Secretium-{SECRET})0.25(Glass-{SECRET})0.75",
        batch=f"B-{SECRET}",
        tags=[SECRET],
        notes=SECRET,
        extra={"shelf": SECRET},
    )
    services.set_stack(
        user=manager,
        sample=sample,
        stack={
            "layers": [
                {"role": "absorber", "material": material.name, "notes": SECRET}
            ],
            "cells": [{"label": "A", "active_area": 0.1, "notes": SECRET}],
        },
    )
    saved_stack = services.save_stack(
        user=manager,
        project=project,
        name=f"Stack {SECRET}",
        stack={"layers": [{"role": "absorber", "material": material.name}]},
    )
    protocol = services.create_protocol(
        user=manager,
        project=project,
        name=f"Ageing {SECRET}",
        kind="ageing",
        description=SECRET,
        program=[{"end_temperature": 85, "dwell": 60}],
    )
    process = make_process(
        manager,
        project,
        "ageing",
        protocol=protocol.name,
        inputs=[sample.code],
        outputs=[sample.code],
        parameters={"temperature": 85},
        notes=SECRET,
    )
    measurement = measurements.services.create_measurement(
        user=manager,
        sample=sample,
        technique="pl",
        files=[(f"{SECRET}.csv", io.BytesIO(spectrum()))],
        notes=SECRET,
    )
    intake = measurements.services.start_intake(user=manager, project=project)
    dropped = measurements.services.add_intake_file(
        user=manager,
        intake=intake,
        upload=SimpleUploadedFile(f"{SECRET} dropped.csv", spectrum(seed=2)),
    )
    execute_queued()
    measurement.refresh_from_db()
    run = measurement.runs.get()
    value = analysis.services.record_value(
        user=manager,
        sample=sample,
        quantity="pl.fwhm",
        label="I",
        value="40.1±0.3",
        origin="manual",
        note=SECRET,
    )
    world.records = {
        "project": project,
        "material": material,
        "lot": lot,
        "extra-field": field,
        "batch": sample.batch,
        "sample": sample,
        "saved-stack": saved_stack,
        "process": process,
        "protocol": protocol,
        "measurement": measurement,
        "intake": intake,
        "intake-file": dropped,
        "file": measurement.files.get(),
        "dataset": measurement.datasets.filter(is_result=False).get(),
        "run": run,
        "property": value,
        "instrument": create_instrument(
            user=manager, project=project, name=f"Spectrometer {SECRET}"
        ),
        "notice": notify(
            user=manager, text=f"Done: {SECRET}", kind="runs", address="/runs/"
        ),
        "view": save_view(
            user=manager,
            page="samples",
            name=f"View {SECRET}",
            query=f"batch=B-{SECRET}",
            project=project,
        ),
    }
    return world


def user_of(world, role):
    """The user who plays a role; None for nobody."""
    if role == "anonymous":
        return None
    return get_user_model().objects.get(pk=world.users[role].pk)
