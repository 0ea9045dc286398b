"""A device with four layers and two cells, and the materials it is made of."""

from samples import services
from tests.samples.factories import make_materials, make_project

MATERIALS = ("ITO", "CbzNaph", "C60", "BCP", "Ag", "CTOCPh-5F", "CTOC", "CsPbI3")
STACK = {
    "architecture": "pin",
    "substrate_width": 25,
    "substrate_height": 25,
    "layers": [
        {"role": "electrode", "material": "ITO", "thickness": 150},
        {"role": "absorber", "composition": "CsPbI3", "thickness": 550},
        {
            "role": "interlayer",
            "material": "CTOCPh-5F",
            "thickness": 2,
            "method": "spin_coating",
            "steps": [{"speed": 4000, "duration": 30}],
            "solution": {
                "solutes": [
                    {"name": "CTOCPh-5F", "concentration": 2.5, "unit": "mg/mL"}
                ]
            },
            "program": [{"end_temperature": 100, "dwell": 10}],
        },
        {"role": "contact", "material": "Ag", "thickness": 100, "rate": 1},
    ],
    "cells": [
        {"label": "A", "active_area": 0.1, "mask_area": 0.09, "x": 2, "y": 3},
        {"label": "B", "active_area": 0.1, "x": 12, "y": 3},
    ],
}


def make_device_project(user):
    """A project that knows the materials of the device."""
    project = make_project(user)
    make_materials(user, project, *MATERIALS)
    return project


def make_device(user, project, code="D-1", **values):
    return services.create_device(
        user=user, project=project, code=code, stack=STACK, **values
    )
