"""How the samples of a series are made: conditions, programmes, mixtures."""

from django.core.exceptions import ValidationError

from labdata.common.measures.units import UnitError, parse_quantity
from samples import series
from samples.models import Process, Sample
from samples.series import SeriesError
from samples.services.amounts import read_amount
from samples.services.parameters import PARAMETER_UNITS, check_parameters
from samples.services.processes import read_process
from samples.services.series.codes import code_fault
from samples.services.series.patterns import counted
from samples.services.series.rows import PlannedPrecursor
from samples.services.together import errors_of
from samples.thermal import UNITS, ProgramError, check_program

HEATED = {
    Process.Kind.SINTERING,
    Process.Kind.ANNEALING,
    Process.Kind.MELT_QUENCHING,
    Process.Kind.HEATING,
}
PRECURSOR_PATTERN = "{batch}-M{n:02}"


def set_processes(plan, user, process, precursor, used):
    """Read how the samples are made, and vary it row by row."""
    conditions = [name for name in plan.names if name not in used]
    if not process or not process.get("kind"):
        for name in conditions:
            plan.wrong_variable(
                name,
                f"{name!r} stands nowhere in the composition, and no process is told "
                "whose condition it could be.",
            )
        if precursor:
            plan.wrong("process_kind", "Say how the samples are made of the mixture.")
        return
    for name in conditions:
        # A single letter is meant for a pattern, unless it is T.
        if len(name) == 1 and series.condition_of(name) == name.casefold():
            plan.wrong_variable(
                name, f"{name!r} stands nowhere in the composition: write {{{name}}}."
            )
    base = dict(process)
    program = base.pop("program", None) or []
    parameters = base.pop("parameters", None) or {}
    inputs = [] if precursor else base.pop("inputs", None) or []
    base.pop("inputs", None)
    has_patterns = any(
        isinstance(value, str) and "{" in value
        for source in (*program, parameters)
        for value in source.values()
    )
    try:
        plan.process, segments, fixed = read_process(
            user=user,
            project=plan.project,
            inputs=_without_patterns(inputs),
            **base,
            **({} if has_patterns else _given(program, parameters)),
        )
    except ValidationError as error:
        for name, messages in errors_of(error).items():
            plan.errors["process_kind" if name == "kind" else name] = messages
        return
    if not program and not has_patterns:
        # Those of the protocol, where nothing else was told.
        program = [segment.as_dict() for segment in segments]
        parameters = parameters or plan.process.parameters
    relevant = plan.names if has_patterns else conditions
    acts = {}
    for row in plan.rows:
        key = tuple(
            (name, row.values[name].text) for name in relevant if name in row.values
        )
        if key not in acts:
            acts[key] = _vary(plan.process.kind, program, parameters, conditions, row)
        row.segments, row.parameters, row.told, errors = acts[key]
        for where, messages in errors.items():
            for message in messages:
                row.wrong(where, message)
        if not precursor:
            row.inputs = _with_amounts(inputs, fixed, row)


def _given(program, parameters):
    given = {}
    if program:
        given["program"] = program
    if parameters:
        given["parameters"] = parameters
    return given


def _without_patterns(inputs):
    """Inputs with the amounts that are the same for all; patterns are filled later."""
    rows = []
    for row in inputs:
        row = {"sample": row} if isinstance(row, str) else dict(row)
        if "{" in str(row.get("amount") or ""):
            row.pop("amount")
            row.pop("unit", None)
        rows.append(row)
    return rows


def _with_amounts(inputs, fixed, row):
    """What goes in for one row; of an amount of 0, nothing does."""
    rows = []
    for given, entry in zip(inputs, fixed, strict=True):
        amount = given.get("amount") if isinstance(given, dict) else None
        if "{" not in str(amount or ""):
            rows.append(entry)
            continue
        try:
            text = series.fill(str(amount), row.values, into="cell")
            unit = str(given.get("unit") or "")
            if _is_nothing(text):
                continue
            number, symbol = read_amount(text, unit)
            rows.append({**entry, "amount": number, "unit": symbol})
        except (SeriesError, ValueError) as error:
            row.wrong("inputs", error)
    return rows


def _is_nothing(text):
    number = text.split()[0] if text.split() else ""
    return number in ("0", "0.0", "-0")


def _vary(kind, program, parameters, conditions, row):
    """The programme and parameters of one row, and its conditions as understood."""
    errors, told = {}, {}
    rows = [
        {key: _filled(value, row, "program", errors) for key, value in step.items()}
        for step in program
    ]
    varied = {
        key: _filled(value, row, "parameters", errors)
        for key, value in parameters.items()
    }
    places = {}
    for name in conditions:
        value = row.values.get(name)
        if value is None:
            continue
        condition = series.condition_of(name)
        try:
            if _is_in_program(condition, kind, rows):
                rows = series.vary_program(rows, condition, value.text)
                places[_field_of(condition)] = name
                told[name] = _converted(value, UNITS.get(_field_of(condition)))
            else:
                varied[condition] = _parameter(value)
                told[name] = _converted(value, PARAMETER_UNITS.get(condition))
        except (SeriesError, UnitError) as error:
            errors.setdefault(name, []).append(str(error))
        except ProgramError as error:
            errors.setdefault("program", []).append(str(error))
    try:
        segments = check_program(rows) if rows else ()
    except ProgramError as error:
        segments = ()
        for index, found in error.errors.items():
            for key, message in found.items():
                where = places.get(key, "program")
                prefix = "" if where in places.values() else f"step {index + 1}: "
                errors.setdefault(where, []).append(prefix + message)
    try:
        checked = check_parameters(varied)
    except ValidationError as error:
        checked = {}
        by_key = {series.condition_of(name): name for name in conditions}
        for key, messages in errors_of(error)["parameters"].items():
            errors.setdefault(by_key.get(key, "parameters"), []).extend(messages)
    return segments, checked, told, errors


def _filled(value, row, where, errors):
    if not isinstance(value, str) or "{" not in value:
        return value
    try:
        return series.fill(value, row.values, into="cell")
    except SeriesError as error:
        errors.setdefault(where, []).append(str(error))
        return None


def _is_in_program(condition, kind, rows):
    if condition.startswith("program"):
        return True
    if condition not in series.PROGRAM_CONDITIONS:
        return False
    return bool(rows) or kind in HEATED


def _field_of(condition):
    if condition == "temperature":
        return "end_temperature"
    return condition.rpartition(".")[2]


def _converted(value, unit):
    """A condition in the unit it is kept in."""
    if unit is None or value.number is None:
        return value.text
    number = parse_quantity(value.text, unit=unit)
    return f"{number:.9g} {unit}"


def _parameter(value):
    if value.number is None:
        return value.text
    if value.unit:
        return {"value": str(value.number), "unit": value.unit}
    return float(value.number)


def set_precursors(plan, user, process, precursor):
    """Plan one mixture for each composition, where samples are made of mixtures."""
    if not precursor:
        return
    plan.precursor_kind = precursor.get("kind") or Sample.Kind.MIXTURE.value
    if plan.precursor_kind not in Sample.Kind.values:
        plan.wrong("precursor_kind", f"{plan.precursor_kind!r} is no kind of sample.")
    inputs = precursor.get("inputs") or []
    shared = {
        name: (process or {}).get(name)
        for name in ("state", "started_at", "operator", "zone")
        if (process or {}).get(name)
    }
    try:
        plan.mixing, _, fixed = read_process(
            user=user,
            project=plan.project,
            kind=precursor.get("process_kind") or Process.Kind.MIXING.value,
            inputs=_without_patterns(inputs),
            **shared,
        )
    except ValidationError as error:
        for name, messages in errors_of(error).items():
            # The time and operator are those of the samples, and told there.
            if name in ("inputs", "kind"):
                plan.errors["precursor_kind" if name == "kind" else name] = messages
        return
    pattern = str(precursor.get("code") or PRECURSOR_PATTERN)
    made = {}
    for row in plan.kept:
        if not row.composition:
            row.wrong("composition", "A mixture needs its composition.")
            continue
        if row.composition not in made:
            one = PlannedPrecursor(composition=row.composition)
            made[row.composition] = one
            values = row.values | counted(plan, len(made))
            try:
                one.code = series.fill(pattern, values, into="code")
            except SeriesError as error:
                plan.wrong("precursor_code", error)
                return
            one.inputs = _with_amounts(inputs, fixed, row)
        row.precursor = made[row.composition]
    plan.precursors = list(made.values())
    for one in plan.precursors:
        if message := code_fault(one.code):
            plan.wrong("precursor_code", message)
            return
    codes = [one.code for one in plan.precursors]
    if len(set(codes)) < len(codes):
        plan.wrong(
            "precursor_code",
            f"Several mixtures would be called {codes[0]}: add {{n:02}}.",
        )
