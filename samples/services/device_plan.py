"""A standard device with some of its properties varied: what would be made."""

import copy
import itertools
from decimal import Decimal, InvalidOperation

from django.core.exceptions import ValidationError

from labdata.common.access import require_write
from labdata.common.api.errors import NestedValidationError
from samples import series
from samples.models import Sample
from samples.series import SeriesError
from samples.series.values import Value
from samples.services.series.codes import code_fault
from samples.services.stack_reading import read_stack
from samples.services.together import errors_of

MOST_DEVICES = 500
MOST_VARIATIONS = 6
NO_LAYER = ("none", "-", "—", "")
"""Written for a layer's substance, these leave the layer out: the control."""


def plan_devices(
    *,
    user,
    project,
    stack,
    variations=(),
    replicates=1,
    pattern="D-{n:02}",
    first_number=1,
    zipped=False,
):
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
    standard = read_stack(stack)
    wanted = _read_variations(standard, variations)
    replicates = _count(replicates, "replicates", 1)
    first = _count(first_number, "first_number", 0)
    rows = _rows(wanted, zipped)
    count = len(rows) * replicates
    if count > MOST_DEVICES:
        raise ValidationError(
            {"variations": f"That makes {count} devices; at most {MOST_DEVICES}."}
        )
    planned = []
    errors = {}
    for offset, (row, _) in enumerate(itertools.product(rows, range(replicates))):
        varied = {path: value for (path, _), value in zip(wanted, row, strict=True)}
        made = _varied(standard, varied)
        try:
            made = read_stack(made)
        except ValidationError as error:
            errors[str(offset)] = {"stack": [_in_words(error)]}
        planned.append(
            {
                "code": _code(pattern, first + offset, varied, count),
                "varied": varied,
                "stack": made,
            }
        )
    if errors:
        raise NestedValidationError({"rows": errors})
    _refuse_codes(project, planned)
    return planned


def _read_variations(standard, variations):
    if not isinstance(variations, list | tuple):
        raise ValidationError({"variations": "Variations are a list."})
    if len(variations) > MOST_VARIATIONS:
        raise ValidationError(
            {"variations": f"At most {MOST_VARIATIONS} things vary at a time."}
        )
    wanted, errors = [], {}
    for index, one in enumerate(variations):
        if not isinstance(one, dict) or set(one) - {"path", "values"}:
            errors[str(index)] = {"path": ["A variation is {path, values}."]}
            continue
        path, values = str(one.get("path") or ""), one.get("values")
        if not isinstance(values, list | tuple) or not values:
            errors[str(index)] = {"values": ["Give the values it takes."]}
            continue
        try:
            _find(copy.deepcopy(standard), path)
        except LookupError as error:
            errors[str(index)] = {"path": [str(error)]}
            continue
        wanted.append((path, list(values)))
    if errors:
        raise NestedValidationError({"variations": errors})
    return wanted


def _rows(wanted, zipped):
    columns = [values for _, values in wanted]
    if not zipped:
        return list(itertools.product(*columns))
    if len({len(values) for values in columns}) > 1:
        told = ", ".join(f"{path} has {len(values)}" for path, values in wanted)
        raise ValidationError(
            {"variations": f"Side by side, all need as many values: {told}."}
        )
    return list(zip(*columns, strict=True)) or [()]


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
    if name.isdigit() and 1 <= int(name) <= len(layers):
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
        if part.isdigit() and 1 <= int(part) <= len(holder):
            return holder[int(part) - 1]
        raise LookupError(
            f"{path!r}: there is no row {part} (there are {len(holder)})."
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
            series.as_prefix(str(pattern).strip(), count), values, into="code"
        )
    except SeriesError as error:
        raise ValidationError({"pattern": str(error)}) from error


def _refuse_codes(project, planned):
    codes = [one["code"] for one in planned]
    taken = set(
        Sample.objects.filter(project=project, code__in=codes).values_list(
            "code", flat=True
        )
    )
    for code in codes:
        if fault := code_fault(code):
            raise ValidationError({"pattern": fault})
        if codes.count(code) > 1:
            raise ValidationError(
                {"pattern": f"{code} would be the code of several: use {{n}}."}
            )
    if taken:
        raise ValidationError(
            {"pattern": f"There is a sample {min(taken)} in {project.slug} already."}
        )


def _count(value, field, least):
    try:
        number = int(value)
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


def _in_words(error):
    """The first fault of a stack, with the row it is of."""
    words, found = [], errors_of(error)
    while isinstance(found, dict):
        key, found = next(iter(found.items()))
        words.append(f"{int(key) + 1}" if str(key).isdigit() else str(key))
    return f"{' '.join(words)}: {found[0]}"
