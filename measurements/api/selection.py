"""Which part of a dataset a query asks for."""

from rest_framework.exceptions import ValidationError

from labdata.plugin import InvalidDataset

FORMATS = ("json", "csv", "parquet", "hdf5")


def read_format(query):
    """The format asked for, JSON by default."""
    asked = query.get("format", "json").lower()
    if asked not in FORMATS:
        raise ValidationError(
            {"format": [f"{asked!r} is not one of {', '.join(FORMATS)}."]}
        )
    return asked


def read_max_points(query):
    """How many points a drawing can use, or None for all of them."""
    asked = query.get("max_points", "")
    if not asked:
        return None
    if not asked.isdecimal() or not 4 <= int(asked) <= 10_000_000:
        raise ValidationError({"max_points": ["A whole number from 4 to 10000000."]})
    return int(asked)


def read_channels(query, known):
    """Names of the channels asked for, or None for all."""
    asked = [name for name in query.get("channels", "").split(",") if name]
    for name in asked:
        if name not in known:
            raise ValidationError(
                {"channels": [f"No channel {name!r} (there: {', '.join(known)})."]}
            )
    return asked or None


def read_slices(query, axes):
    """Map axes to what ``slice=axis:index`` or ``slice=axis:start:stop`` selects.

    ``axes`` are the axes as the dataset's row describes them.
    """
    sizes = {axis["name"]: axis["size"] for axis in axes}
    selected = {}
    for text in query.getlist("slice"):
        name, *numbers = text.split(":")
        if name not in sizes:
            raise _refuse(f"{text!r}: no axis {name!r} (there: {', '.join(sizes)}).")
        if name in selected:
            raise _refuse(f"Axis {name} is selected twice.")
        try:
            places = [int(number) if number else None for number in numbers]
        except ValueError:
            raise _refuse(
                f"{text!r}: write axis:index or axis:start:stop, in whole numbers."
            ) from None
        if len(places) == 1 and places[0] is not None:
            if not -sizes[name] <= places[0] < sizes[name]:
                raise _refuse(
                    f"{text!r}: axis {name} has the positions 0 to {sizes[name] - 1}."
                )
            selected[name] = places[0]
        elif len(places) == 2:
            selected[name] = slice(*places)
        else:
            raise _refuse(f"{text!r}: write axis:index or axis:start:stop.")
    return selected


def selected_shape(axes, selected):
    """The shape that is left, from the dataset's row alone."""
    shape = []
    for axis in axes:
        chosen = selected.get(axis["name"], slice(None))
        if isinstance(chosen, slice):
            shape.append(len(range(*chosen.indices(axis["size"]))))
    return shape


def select(dataset, selected):
    """Apply slices; what cannot be selected is the caller's to mend."""
    try:
        return dataset.isel(**selected)
    except InvalidDataset as error:
        raise _refuse(f"{str(error).capitalize()}.") from error


def _refuse(message):
    return ValidationError({"slice": [message]})
