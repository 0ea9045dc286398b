"""Which cell of a device a dataset of a file belongs to."""

from measurements.reading.matching import plain_cell
from samples.models import Cell
from samples.services.devices import add_cell


def cells_of(measurement, datasets):
    """Find the cell of each name the files use for one.

    A cell the device's record lacks is added with the area the file gives, and that is
    said. What names no cell is of the one the person named, or of the only one there
    is.

    Parameters
    ----------
    measurement : Measurement
        With its subject, whose cell is the one a person named.
    datasets : list of ReadDataset

    Returns
    -------
    cells : dict of str to Cell or None
        By the name in the file, ``""`` included.
    notes : list of str
    """
    named = measurement.subject.cell
    there = list(
        Cell.objects.filter(sample=measurement.sample_id, archived_at__isnull=True)
    )
    alone = there[0] if len(there) == 1 else None
    cells, notes = {"": named or alone}, []
    names = list(dict.fromkeys(one.cell for one in datasets if one.cell))
    if named and len(names) == 1:
        cells[names[0]] = named
        if plain_cell(names[0]) != plain_cell(named.label):
            notes.append(
                f"The file calls the cell {names[0]}; it was logged as {named.label}."
            )
        return cells, notes
    if named and names:
        notes.append(
            f"The file holds the cells {', '.join(names)}; each is kept as its own,"
            f" not as {named.label}."
        )
    by_name = {plain_cell(cell.label): cell for cell in there}
    for name in names:
        found = by_name.get(plain_cell(name))
        if found is None:
            found = _added(measurement, name, datasets, notes)
            by_name[plain_cell(name)] = found
        cells[name] = found
    return cells, notes


def _added(measurement, name, datasets, notes):
    areas = {}
    for key in ("active_area", "mask_area"):
        told = {one.conditions.get(key) for one in datasets if one.cell == name}
        told = {area for area in told - {None} if area > 0}
        if len(told) == 1:
            areas[key] = told.pop()
    cell = add_cell(sample=measurement.sample, label=name, **areas)
    area = areas.get("active_area") or areas.get("mask_area")
    size = f" with {area:g} cm², as the file says" if area else ", its area unknown"
    notes.append(f"{measurement.sample} had no cell {name}: it was added{size}.")
    return cell
