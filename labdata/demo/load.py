"""Loading the demo lab through the services people's requests go through."""

import io

from django.contrib.auth import get_user_model

import analysis.services
import measurements.services
import samples.services
from labdata.common.people import projects
from labdata.common.people.access import Project
from labdata.common.record.history import recording
from labdata.demo import extent, load_devices, paper_a
from labdata.demo.spectra import parameters, spectrum_file
from samples.models import Sample

USER = PASSWORD = "demo"
PROJECT = "hybrid-glasses"


def load_demo(*, small=False, say=lambda text: None):
    """Make the demo user and the demo projects; once, whatever is there else.

    The files are only uploaded: parsing and fits are left to the workers. A lab that
    was loaded small stays so.
    """
    held = extent.SMALL if small else extent.WHOLE
    user = _user()
    with recording(user=user, request="manage.py demo", reason="The demo lab"):
        if not Project.objects.filter(slug=PROJECT).exists():
            _load_composites(user, held, say)
        if (
            hasattr(samples.services, "create_device")
            and not Project.objects.filter(slug=load_devices.PROJECT).exists()
        ):
            load_devices.load_devices(user, held, say)


def _load_composites(user, held, say):
    say("Loading the demo lab …")
    project = projects.create_project(
        user=user,
        slug=PROJECT,
        name="CsPbI3 and agZIF-62 glass composites (demo)",
        description=f"Paper: doi:{paper_a.DOI}. {paper_a.MARK}",
    )
    _materials(user, project)
    _end_members(user, project)
    for fraction in held.fractions:
        _mixture(user, project, fraction)
    protocols = _protocols(user, project)
    composites = [
        _composite(user, project, protocols, fraction, temperature)
        for fraction, temperature in held.composites
    ]
    _planned(user, project)
    _reported(user, project, held)
    for sample, fraction, temperature in composites:
        _spectrum(user, sample, fraction, temperature)
    say(
        f"{Sample.objects.filter(project=project).count()} samples, "
        f"{len(composites)} spectra to parse and fit."
    )


def _user():
    users = get_user_model()
    user = users.objects.filter(username=USER).first()
    if user is None:
        user = users.objects.create_superuser(USER, email="", password=PASSWORD)
    return user


def _materials(user, project):
    samples.services.create_material(
        user=user,
        project=project,
        name="CsPbI3",
        formula="CsPbI3",
        aliases=["caesium lead iodide"],
    )
    samples.services.create_material(
        user=user,
        project=project,
        name="agZIF-62",
        aliases=["a_gZIF-62", "a-ZIF-62", "ZIF-62 glass"],
        formula="agZIF-62",
        notes="Melt-quenched glass of ZIF-62.",
    )


def _sample(user, project, code, kind, **values):
    return samples.services.create_sample(
        user=user, project=project, code=code, kind=kind, **values
    )


def _end_members(user, project):
    _sample(
        user,
        project,
        "PA-CsPbI3",
        "powder",
        name="CsPbI3 powder",
        composition="(CsPbI3)1(agZIF-62)0",
    )
    _sample(user, project, "PA-ZIF-62", "crystal", name="ZIF-62 crystals")
    _sample(
        user,
        project,
        "PA-agZIF-62",
        "glass",
        name="agZIF-62 glass",
        composition="(CsPbI3)0(agZIF-62)1",
    )
    samples.services.create_process(
        user=user,
        project=project,
        kind="melt_quenching",
        inputs=["PA-ZIF-62"],
        outputs=["PA-agZIF-62"],
        notes=f"Programme not printed. {paper_a.ILLUSTRATIVE}",
    )


def _mixture(user, project, fraction):
    code = paper_a.mixture_code(fraction)
    composition = {
        "basis": "wt",
        "components": [
            {"material": "CsPbI3", "amount": fraction},
            {"material": "agZIF-62", "amount": round(1 - fraction, 4)},
        ],
    }
    _sample(user, project, code, "mixture", composition=composition, batch="PA")
    samples.services.create_process(
        user=user,
        project=project,
        kind="mixing",
        inputs=["PA-CsPbI3", "PA-agZIF-62"],
        outputs=[code],
    )


def _program(temperature):
    return [
        {
            "start_temperature": 25,
            "end_temperature": temperature,
            "ramp": 20,
            "dwell": 30,
            "atmosphere": "N2",
            "gas_flow": 20,
            "cooling": "quench",
        }
    ]


def _protocols(user, project):
    """How composites are sintered at the temperatures of the composition study."""
    return {
        temperature: samples.services.create_protocol(
            user=user,
            project=project,
            name=f"Sintering at {temperature} °C, N2",
            kind="sintering",
            description="Press the mixture to a pellet, sinter under flowing nitrogen, "
            "take it out hot.",
            program=_program(temperature),
            notes=f"Temperature as published; the rest is not. {paper_a.ILLUSTRATIVE}",
        )
        for temperature in (300, 350)
    }


def _composite(user, project, protocols, fraction, temperature):
    code = paper_a.composite_code(fraction, temperature)
    sample = _sample(
        user,
        project,
        code,
        "composite",
        composition=f"(CsPbI3){fraction:.2f}(agZIF-62){1 - fraction:.2f}",
        batch="PA",
        tags=["PL study"],
        notes=paper_a.MARK,
    )
    protocol = protocols.get(temperature)
    samples.services.create_process(
        user=user,
        project=project,
        kind="sintering",
        inputs=[paper_a.mixture_code(fraction)],
        outputs=[code],
        protocol=str(protocol.uuid) if protocol else None,
        program=_program(temperature),
        notes="Temperature as published; ramp, dwell, gas and cooling of the "
        f"sintering are not. {paper_a.ILLUSTRATIVE}",
    )
    return sample, fraction, temperature


def _planned(user, project):
    """An ageing test nobody has done yet."""
    samples.services.create_process(
        user=user,
        project=project,
        kind="ageing",
        name="Ageing at 85 °C, 85 % humidity",
        state="planned",
        inputs=[paper_a.composite_code(0.25, 300)],
        outputs=[paper_a.composite_code(0.25, 300)],
        parameters={"temperature": 85, "humidity": 85, "duration": "500 h"},
        operator="demo",
        notes=paper_a.ILLUSTRATIVE,
    )


def _spectrum(user, sample, fraction, temperature):
    _, published = parameters(fraction, temperature)
    name = f"{sample.code}_PL_simulated.csv"
    measurements.services.create_measurement(
        user=user,
        sample=sample,
        technique="pl",
        files=[(name, io.BytesIO(spectrum_file(fraction, temperature)))],
        conditions={"temperature": 25},
        origin="simulated",
        notes=(
            "Simulated from the parameters of Supplementary Fig. 14b."
            if published
            else f"Simulated. {paper_a.ILLUSTRATIVE}"
        ),
    )


def _reported(user, project, held):
    samples_of = {one.code: one for one in Sample.objects.filter(project=project)}
    for row in paper_a.reported_values():
        if not held.reports(row, samples_of):
            continue
        sample = samples_of[row.sample]
        analysis.services.record_value(
            user=user,
            sample=sample,
            quantity=row.quantity,
            label=row.label,
            value=row.value,
            origin="reported",
            reference={"doi": paper_a.DOI, "locator": row.locator},
            note=row.note,
        )
