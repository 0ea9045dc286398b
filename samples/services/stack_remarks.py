"""What in a described stack contradicts itself: kept as given, but said."""

AREA_TOLERANCE = 0.1
"""By this part a cell's width times height may differ from its area: round corners."""
FRACTION_TOLERANCE = 0.02
MM2_IN_CM2 = 0.01


def remarks_on_stack(stack):
    """Sentences about what cannot all be true of a stack.

    Parameters
    ----------
    stack : dict
        As `read_stack` or `describe_stack` give it.

    Returns
    -------
    list of str
        Empty where nothing contradicts.
    """
    remarks = []
    for number, layer in enumerate(stack["layers"], start=1):
        remarks += [f"Layer {number}: {said}" for said in _of_layer(layer)]
    for cell in stack["cells"]:
        remarks += [f"Cell {cell['label']}: {said}" for said in _of_cell(cell, stack)]
    return remarks


def _of_layer(layer):
    solvents = layer.get("solution", {}).get("solvents", ())
    fractions = [one["fraction"] for one in solvents if "fraction" in one]
    # A sum above 1 is of parts, such as 4:1.
    if fractions and len(fractions) == len(solvents):
        total = sum(fractions)
        if total < 1 - FRACTION_TOLERANCE:
            yield f"the fractions of the solvents add up to {total:g}, not 1."


def _of_cell(cell, stack):
    active, mask = cell.get("active_area"), cell.get("mask_area")
    if active is not None and mask is not None and mask > active:
        yield (
            f"the mask ({mask:g} cm²) is larger than the cell ({active:g} "
            "cm²), so it does not define the area that is lit."
        )
    width, height = cell.get("width"), cell.get("height")
    if None not in (active, width, height):
        drawn = width * height * MM2_IN_CM2
        if abs(drawn - active) > AREA_TOLERANCE * max(drawn, active):
            yield (
                f"{width:g} × {height:g} mm are {drawn:g} cm², but its "
                f"active area is {active:g} cm²."
            )
    for start, extent, whole in (
        ("x", "width", "substrate_width"),
        ("y", "height", "substrate_height"),
    ):
        if cell.get(start) is None or stack.get(whole) is None:
            continue
        end = cell[start] + (cell.get(extent) or 0)
        if end > stack[whole]:
            yield (
                f"it ends at {start} = {end:g} mm, beyond the substrate "
                f"({stack[whole]:g} mm)."
            )
