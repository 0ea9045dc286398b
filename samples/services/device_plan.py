"""A standard device with some of its properties varied: what would be made."""

import copy
import itertools
import math
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError

from labdata.common.api.errors import NestedValidationError
from labdata.common.people.access import Project, require_write
from samples import series
from samples.models import Sample
from samples.series import SeriesError
from samples.series.values import Value
from samples.services.series.codes import code_fault
from samples.services.stack_reading import read_stack
from samples.services.stack_writing import substance_of, unknown_substances
from samples.services.together import errors_of

MOST_DEVICES = 500
MOST_VARIATIONS = 6
NO_LAYER = ("none", "-", "—", "")
"""Written for a layer's substance, these leave the layer out: the control."""


def plan_devices(
    *,
    user: User,
    project: Project,
    stack: Mapping[str, Any],
    variations: Sequence[Mapping[str, Any]] = (),
    replicates: int = 1,
    pattern: str = "D-{n:02}",
    first_number: int = 1,
    zipped: bool = False,
    create_materials: bool = False,
) -> list[dict[str, Any]]:
    """Work out the devices of a plan; nothing is saved.

    Parameters
    ----------
    stack : dict
        The standard device, as `read_stack` takes it.
    variations : list of {path, values}
        ``layers.ROLE.PROPERTY`` or ``layers.NUMBER.PROPERTY`` (from 1), deeper parts
        separated by points: ``layers.absorber.program.1.end_temperature``. ``none``
        for a substance leaves the layer out.
    replicates : int
        Devices of each combination.
    pattern : str
        Of the codes: ``{n}`` counts, ``{ROLE}`` is what was varied of a layer.
    zipped : bool
        Values of the variations taken side by side instead of every combination.
    create_materials : bool
        Whether materials nobody added yet are fine: they will be.

    Returns
    -------
    list of dict
        ``code``, ``varied`` (path to value), ``stack``, in order.

    Raises
    ------
    ValidationError
        By field; of variations by index.
    """
    require_write(user, project)
    if not isinstance(pattern, str):
        raise ValidationError({"pattern": "A pattern is text, such as B7-{n:02}."})
    standard = read_stack(stack)
    wanted = _read_variations(standard, variations)
    replicates = _count(replicates, "replicates", 1)
    first = _count(first_number, "first_number", 0)
    count = _combinations(wanted, zipped) * replicates
    if count > MOST_DEVICES:
        raise ValidationError(
            {"variations": f"That makes {count} devices; at most {MOST_DEVICES}."}
        )
    columns = [values for _, values in wanted]
    # Nothing varied is one row of nothing, side by side too.
    rows = list((zip if zipped and columns else itertools.product)(*columns))
    planned = []
    errors = {}
    for offset, (row, _) in enumerate(itertools.product(rows, range(replicates))):
        varied = {path: value for (path, _), value in zip(wanted, row, strict=True)}
        made = _varied(standard, varied)
        try:
            made = read_stack(made)
        except ValidationError as error:
            errors[str(offset)] = {"stack": [_in_words(error, made)]}
        planned.append(
            {
                "code": _code(pattern, first + offset, varied, count),
                "varied": varied,
                "stack": made,
            }
        )
    if errors:
        raise NestedValidationError({"rows": errors})
    if not create_materials:
        _refuse_unknown(project, wanted, planned)
    refuse_codes(project, [one["code"] for one in planned])
    return planned


def _refuse_unknown(project, wanted, planned):
    """Refuse substances nobody added: where they are varied, else at their layer."""
    places = {}
    for one in planned:
        for index, layer in enumerate(one["stack"]["layers"]):
            if substance := substance_of(layer):
                places.setdefault(substance, index)
    errors = {}
    for (key, text), fault in unknown_substances(project, set(places)).items():
        varied = [
            str(index)
            for index, (path, values) in enumerate(wanted)
            if path.endswith(f".{key}") and text in (str(v).strip() for v in values)
        ]
        if varied:
            rows = errors.setdefault("variations", {}).setdefault(varied[0], {})
            rows.setdefault("values", []).append(fault)
        else:
            rows = errors.setdefault("layers", {})
            rows.setdefault(str(places[key, text]), {})[key] = [fault]
    if errors:
        raise NestedValidationError(errors)


def _read_variations(standard, variations):
    if not isinstance(variations, list | tuple):
        raise ValidationError({"variations": "Variations are a list."})
    if len(variations) > MOST_VARIATIONS:
        raise ValidationError(
            {"variations": f"At most {MOST_VARIATIONS} things vary at a time."}
        )
    wanted, errors, places = [], {}, set()
    for index, one in enumerate(variations):
        if not isinstance(one, dict) or set(one) - {"path", "values"}:
            errors[str(index)] = {"path": ["A variation is {path, values}."]}
            continue
        path, values = str(one.get("path") or ""), one.get("values")
        if not isinstance(values, list | tuple) or not values:
            errors[str(index)] = {"values": ["Give the values it takes."]}
            continue
        try:
            holder, key = _find(standard, path)
        except LookupError as error:
            errors[str(index)] = {"path": [str(error)]}
            continue
        place = (id(holder), "material" if key == "composition" else key)
        if place in places:
            errors[str(index)] = {"path": [f"{path} varies in another row already."]}
            continue
        places.add(place)
        wanted.append((path, list(values)))
    if errors:
        raise NestedValidationError({"variations": errors})
    return wanted


def _combinations(wanted, zipped):
    """How many kinds of device that makes, before any is."""
    counts = [len(values) for _, values in wanted]
    if not zipped:
        return math.prod(counts)
    if len(set(counts)) > 1:
        told = ", ".join(f"{path} has {len(values)}" for path, values in wanted)
        raise ValidationError(
            {"variations": f"Side by side, all need as many values: {told}."}
        )
    return counts[0] if counts else 1


def _varied(standard, varied):
    stack = copy.deepcopy(standard)
    left_out = []
    for path, value in varied.items():
        holder, key = _find(stack, path)
        if key in ("material", "composition"):
            if value is None or str(value).strip().casefold() in NO_LAYER:
                left_out.append(holder)
                continue
            _rename_solute(holder, value)
            holder.pop("material", None)
            holder.pop("composition", None)
        holder[key] = value
    stack["layers"] = [
        layer for layer in stack["layers"] if not any(layer is one for one in left_out)
    ]
    return stack


def _rename_solute(layer, value):
    """A solution of the substance itself becomes one of what replaces it."""
    before = layer.get("material") or layer.get("composition")
    for solute in layer.get("solution", {}).get("solutes", ()):
        if solute["name"] == before:
            solute["name"] = value


def _find(stack, path):
    """The dict or list that a path ends in, and its key there.

    Raises
    ------
    LookupError
        In words, with what there is.
    """
    head, _, rest = path.partition(".")
    if head != "layers" or not rest:
        if head in ("architecture", "substrate_width", "substrate_height") and not rest:
            return stack, head
        raise LookupError(
            f"{path!r} is no part of a stack, such as layers.absorber.thickness."
        )
    name, _, rest = rest.partition(".")
    layers = stack["layers"]
    found = [layer for layer in layers if layer["role"] == name]
    if name.isdecimal() and 1 <= int(name) <= len(layers):
        found = [layers[int(name) - 1]]
    if not found:
        roles = ", ".join(dict.fromkeys(layer["role"] for layer in layers)) or "none"
        raise LookupError(
            f"The standard device has no layer {name!r} (it has: {roles})."
        )
    if not rest:
        raise LookupError(f"Which property of {name}? Such as {path}.thickness.")
    holder, parts = found[0], rest.split(".")
    for part in parts[:-1]:
        holder = _inside(holder, part, path)
    if isinstance(holder, list):
        raise LookupError(f"{path!r} ends in a list: name one of its rows, from 1.")
    return holder, parts[-1]


def _inside(holder, part, path):
    if isinstance(holder, list):
        if part.isdecimal() and 1 <= int(part) <= len(holder):
            return holder[int(part) - 1]
        raise LookupError(
            f"{path!r}: there is no row {part} (there are {len(holder)}, counted "
            "from 1)."
        )
    if not isinstance(holder, dict) or not isinstance(holder.get(part), dict | list):
        raise LookupError(f"{path!r}: the standard device says nothing of {part}.")
    return holder[part]


def _code(pattern, number, varied, count):
    values = {"n": Value(str(number), Decimal(number))}
    for path, value in varied.items():
        parts = path.split(".")
        values[parts[1] if len(parts) > 1 else parts[0]] = _value(value)
    try:
        return series.fill(
            series.as_prefix(pattern.strip(), count), values, into="code"
        )
    except SeriesError as error:
        raise ValidationError({"pattern": str(error)}) from error


def refuse_codes(project, codes):
    """Refuse codes that are none, come twice, or are taken in a project.

    Raises
    ------
    ValidationError
        Under ``pattern``.
    """
    taken = set(
        Sample.objects.filter(project=project, code__in=codes).values_list(
            "code", flat=True
        )
    )
    seen = set()
    for code in codes:
        if fault := code_fault(code):
            raise ValidationError({"pattern": fault})
        if code in seen:
            raise ValidationError(
                {"pattern": f"{code} would be the code of several: use {{n}}."}
            )
        seen.add(code)
    if taken:
        raise ValidationError(
            {"pattern": f"There is a sample {min(taken)} in {project.slug} already."}
        )


def _count(value, field, least):
    try:
        number = int(value)
        if isinstance(value, bool) or (isinstance(value, float) and number != value):
            raise ValueError
    except (TypeError, ValueError, OverflowError):
        raise ValidationError({field: f"{value!r} is no whole number."}) from None
    if not least <= number <= 1_000_000:
        raise ValidationError({field: f"{number} is not {least} to a million."})
    return number


def _value(value):
    text = "none" if value is None else str(value).strip() or "none"
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = None
    return Value(text, number if number is None or number.is_finite() else None)


def _in_words(error, stack):
    """The first fault of a stack, such as ``layer 4 (interlayer) thickness: …``."""
    words, found = [], errors_of(error)
    while isinstance(found, dict):
        key, found = next(iter(found.items()))
        if not str(key).isdecimal():
            words.append(str(key).replace("_", " "))
            continue
        words[-1] = f"{words[-1].removesuffix('s')} {int(key) + 1}"
        if words == [f"layer {int(key) + 1}"]:
            role = str(stack["layers"][int(key)].get("role", ""))
            words[-1] += f" ({role.replace('_', ' ')})"
    return f"{' '.join(words)}: {found[0]}"
