"""The part of the demo lab that is a device study: clusters, cells, ageing tests."""

import io

import analysis.services
import measurements.services
import samples.services
from labdata.common.people import projects
from labdata.demo import paper_b
from labdata.demo.device_curves import CELLS, eqe_file, jv_file, track_file
from labdata.demo.paper_a import ILLUSTRATIVE, MARK
from samples.models import Sample

PROJECT = "cluster-interlayers"
REAGENTS = {
    "ethylene glycol": "C2H6O2",
    "pivalic acid": "C5H10O2",
    "titanium tetraisopropanolate": "Ti(OC3H7)4",
    "benzoic acid": "C7H6O2",
    "4-fluorobenzoic acid": "C7H5FO2",
    "pentafluorobenzoic acid": "C7HF5O2",
    "triethylamine": "C6H15N",
}
PLAIN_LAYERS = ("glass", "ITO", "CbzNaph", "perovskite", "C60", "BCP", "Ag")


def load_devices(user, held, say):
    """Make the project of the device study; its curves are left to the workers."""
    project = projects.create_project(
        user=user,
        slug=PROJECT,
        name="Titanium oxide clusters in inverted cells (demo)",
        description=f"{paper_b.TITLE}. {MARK}",
    )
    lots = _materials(user, project)
    _clusters(user, project, lots)
    _half_stacks(user, project)
    devices = {
        (group, number): _device(user, project, group, number)
        for group, number in held.devices
    }
    _reported(user, project, held)
    for (group, number), device in devices.items():
        _jv(user, device, group, number)
    for group, number in held.responses:
        _eqe(user, devices[group, number], group, number)
    for one in held.ageings:
        _ageing(user, devices[one.group, paper_b.AGED_DEVICE[one.test]], one)
    say(
        f"{len(devices)} devices of {len(CELLS)} cells, "
        f"{len(devices)} current-voltage files and {len(held.ageings)} ageing tests."
    )


def _materials(user, project):
    for name, formula in paper_b.FORMULAS.items():
        samples.services.create_material(
            user=user,
            project=project,
            name=name,
            formula=formula,
            notes="Cluster of 2 nm diameter with a cavity of 0.83 nm; one molecule is "
            "1.6 nm thick.",
        )
    for name in PLAIN_LAYERS:
        samples.services.create_material(user=user, project=project, name=name)
    lots = {}
    for name, formula in REAGENTS.items():
        material = samples.services.create_material(
            user=user, project=project, name=name, formula=formula
        )
        lots[name] = samples.services.create_lot(
            user=user,
            project=project,
            material=material,
            code="LOT-" + name.replace(" ", "-"),
            notes=f"Lot and supplier: {ILLUSTRATIVE}",
        ).code
    return lots


def _clusters(user, project, lots):
    """The synthesis chain with the masses, times and yields of the Methods."""
    samples.services.create_sample(
        user=user,
        project=project,
        code=paper_b.cluster_code("CTOC"),
        kind="powder",
        name="CTOC",
        composition=_alone("CTOC"),
    )
    ctoc = paper_b.cluster_code("CTOC")
    samples.services.create_process(
        user=user,
        project=project,
        kind="synthesis",
        name="Synthesis of CTOC",
        inputs=[
            {"lot": lots["ethylene glycol"], "amount": 30, "unit": "mL"},
            {"lot": lots["pivalic acid"], "amount": 5.1, "unit": "g"},
            {"lot": lots["titanium tetraisopropanolate"], "amount": 3, "unit": "mL"},
        ],
        outputs=[ctoc],
        parameters={"temperature": 100, "duration": "24 h", "yield": 70},
        notes="Heated under ambient conditions; yield based on Ti(OiPr)4. Washed in "
        "ethanol and tetrahydrofuran, dried in vacuum at 70 °C for 5 h.",
    )
    for name, exchange in paper_b.EXCHANGES.items():
        code = paper_b.cluster_code(name)
        samples.services.create_sample(
            user=user,
            project=project,
            code=code,
            kind="crystal",
            name=name,
            composition=_alone(name),
            notes=f"CCDC {exchange.ccdc}." if exchange.ccdc else "",
        )
        inputs = [
            {"sample": ctoc, "amount": 100, "unit": "mg"},
            {"lot": lots[exchange.acid], "amount": exchange.mass_mg, "unit": "mg"},
        ]
        if exchange.triethylamine_ul:
            inputs.append(
                {
                    "lot": lots["triethylamine"],
                    "amount": exchange.triethylamine_ul,
                    "unit": "µL",
                }
            )
        parameters = {
            "temperature": 50,
            "duration": "5 d",
            "solvent": "2 mL dichloromethane and 2 mL ethanol",
        }
        if exchange.ccdc:
            parameters["ccdc_number"] = f"CCDC {exchange.ccdc}"
        if exchange.yield_percent:
            parameters["yield"] = exchange.yield_percent
        samples.services.create_process(
            user=user,
            project=project,
            kind="synthesis",
            name=f"Ligand exchange to {name}",
            inputs=inputs,
            outputs=[code],
            parameters=parameters,
            notes="Yield based on CTOC."
            if exchange.yield_percent
            else "The yield does not stand in our text.",
        )


def _alone(name):
    return {"basis": "wt", "components": [{"material": name, "amount": 1}]}


def _half_stacks(user, project):
    for group in (paper_b.CONTROL, "CTOCPh-5F"):
        samples.services.create_device(
            user=user,
            project=project,
            code=f"PB-HS-{group}",
            kind="half_stack",
            stack=paper_b.half_stack(group),
            name=f"Half stack, {group}",
            notes=f"Layers up to C60. {ILLUSTRATIVE}",
        )


def _device(user, project, group, number):
    code = paper_b.device_code(group, number)
    return samples.services.create_device(
        user=user,
        project=project,
        code=code,
        stack=paper_b.stack(group),
        name=f"{group} {number}",
        batch=f"PB-{paper_b.SHORT[group]}",
        control=None
        if group == paper_b.CONTROL
        else paper_b.device_code(paper_b.CONTROL, 1),
        tags=[group],
        notes=MARK,
    )


def _jv(user, device, group, number):
    printed = group in paper_b.PRINTED_MEANS
    measurements.services.create_measurement(
        user=user,
        sample=device,
        technique="jv",
        files=[(f"{device.code}_JV_simulated.csv", io.BytesIO(jv_file(group, number)))],
        conditions={"irradiance": 100, "mask_area": 0.08, "lamp": "AM1.5G simulator"},
        origin="simulated",
        notes="Simulated with one diode; the mean efficiency of the group is "
        + ("as published." if printed else f"not. {ILLUSTRATIVE}"),
    )


def _eqe(user, device, group, number):
    measurements.services.create_measurement(
        user=user,
        sample=device,
        technique="eqe",
        cell=CELLS[0],
        files=[
            (f"{device.code}_EQE_simulated.csv", io.BytesIO(eqe_file(group, number)))
        ],
        origin="simulated",
        notes=f"Integrates to the cell's current in AM1.5G. {ILLUSTRATIVE}",
    )


def _ageing(user, device, one):
    technique, conditions, note = paper_b.TESTS[one.test]
    name = f"{device.code}_{one.test}_simulated.csv"
    measurements.services.create_measurement(
        user=user,
        sample=device,
        technique=technique,
        cell=paper_b.AGED_CELL if one.test == "heat" else None,
        files=[(name, io.BytesIO(track_file(one.test, one.group)))],
        conditions=conditions,
        origin="simulated",
        notes=f"{note} Cell {paper_b.AGED_CELL} follows the published retention of "
        f"{one.retention:g} % after {one.hours:g} h. Other cells: {ILLUSTRATIVE}",
    )


def _reported(user, project, held):
    samples_of = {one.code: one for one in Sample.objects.filter(project=project)}
    for row in paper_b.reported_values():
        if not held.reports(row, samples_of):
            continue
        analysis.services.record_value(
            user=user,
            sample=samples_of[row.sample],
            cell=row.cell or None,
            quantity=row.quantity,
            label=row.label,
            value=row.value,
            origin="reported",
            reference={"locator": f"{paper_b.TITLE}; {row.locator}"[:200]},
            note=row.note,
        )
