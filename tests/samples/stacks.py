"""A device stack for tests, with a bit of everything a layer can say."""

from samples import services

PEROVSKITE = "Cs0.05(FA0.98MA0.02)0.95Pb(I0.98Br0.02)3"
STACK = {
    "architecture": "pin",
    "substrate_width": 25,
    "layers": [
        {"role": "substrate", "material": "glass"},
        {
            "role": "absorber",
            "composition": PEROVSKITE,
            "thickness": "0,55 µm",
            "method": "spin_coating",
            "steps": [{"speed": 1000}, {"speed": "5000 rpm", "antisolvent": "anisole"}],
            "program": [{"end_temperature": "373.15 K", "dwell": "0.5 h"}],
        },
        {
            "role": "interlayer",
            "material": "CTOC",
            "thickness": 1.6,
            "solution": {
                "solutes": [{"name": "CTOC", "concentration": 2.5}],
                "solvents": [{"name": "chlorobenzene"}],
            },
        },
        {"role": "interlayer", "material": "LiF", "thickness": 1},
    ],
    "cells": [{"label": "A", "active_area": "10 mm²"}, {"label": "B"}],
}


def make_device(user, project, code="D-1", stack=STACK, **values):
    return services.create_device(
        user=user,
        project=project,
        code=code,
        stack=stack,
        create_materials=True,
        **values,
    )
