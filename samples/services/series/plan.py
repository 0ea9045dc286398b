"""What a series would be, worked out before anything of it is saved."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Any, Required, TypedDict

from django.contrib.auth.models import User

from labdata.common.people.access import Project
from labdata.plugin import UnreadableFile
from samples import series
from samples.formula import CompositionError, normalise_name, parse_composition
from samples.models import Material, MaterialName, Sample
from samples.series import SeriesError
from samples.services.references import find_materials
from samples.services.series.acts import set_precursors, set_processes
from samples.services.series.codes import code_fault, set_codes
from samples.services.series.patterns import series_names
from samples.services.series.rows import Plan, PlannedSample

# Numbers the repeats of what is otherwise alike.
REPEATS = ("repeat", "replicate")
COMPOUNDS = ("formula", "alloy", "material")
# What {1-x} leaves where x goes beyond 1.
NEGATIVE = re.compile(r"\)(-\d+(?:\.\d+)?)")


class SeriesFields(TypedDict, total=False):
    """What `plan_series` takes beside who asks and where."""

    kind: Required[str]
    batch: Required[str]
    composition: str
    basis: str
    variables: Sequence[Mapping[str, Any]]
    pairwise: bool
    table: str
    code: str
    first_number: int
    codes: Mapping[str, str] | None
    left_out: Sequence[str]
    process: Mapping[str, Any] | None
    precursor: Mapping[str, Any] | None
    create_materials: bool


def plan_series(
    *,
    user: User,
    project: Project,
    kind: str,
    batch: str,
    composition: str = "",
    basis: str = "",
    variables: Sequence[Mapping[str, Any]] = (),
    pairwise: bool = False,
    table: str = "",
    code: str = "",
    first_number: int = 1,
    codes: Mapping[str, str] | None = None,
    left_out: Sequence[str] = (),
    process: Mapping[str, Any] | None = None,
    precursor: Mapping[str, Any] | None = None,
    create_materials: bool = False,
) -> Plan:
    """Work out a series; nothing is saved, and nothing raised for what is wrong.

    Parameters
    ----------
    composition : str
        A pattern such as ``(CsPbI3){x}(agZIF-62){1-x}``, or without placeholders.
    variables : list of {name, values, unit}
        Placeholders, or conditions of the process by their names.
    pairwise : bool
        First values with first values, in place of every combination.
    table : str
        A pasted list in place of the variables, one sample a row.
    code : str
        A pattern of codes; a word alone is numbered.
    codes, left_out : dict, list
        Codes of single rows, and rows not to make, by the key of the row.
    process : dict or None
        How each sample is made, as `create_process` takes it.
    precursor : dict or None
        ``{kind, code, inputs, process_kind}``: each composition is mixed once of
        ``inputs``, and its samples are made of that mixture.
    """
    plan = Plan(project=project, kind=kind, batch=str(batch or "").strip())
    if kind not in Sample.Kind.values:
        plan.wrong("kind", f"{kind!r} is no kind of sample." if kind else "Choose one.")
    _check_batch(plan)
    given = _lay_out(plan, variables, pairwise, table)
    _set_keys(plan, set(left_out))
    amounts = _amount_patterns(process, precursor)
    used = _used_names(plan, composition, process, amounts)
    _set_compositions(
        plan, given, composition, basis, create_materials=create_materials
    )
    set_processes(plan, user, process, precursor, used)
    set_precursors(plan, user, process, precursor)
    set_codes(plan, given, str(code or ""), first_number, dict(codes or {}))
    return plan


def _check_batch(plan):
    if not plan.batch:
        plan.wrong("batch", "Name the batch: the samples are found together by it.")
        return
    if message := code_fault(plan.batch):
        plan.wrong("batch", message)


def _lay_out(plan, variables, pairwise, table):
    """Make the rows; answers the codes and compositions a pasted list gives."""
    if str(table or "").strip():
        return _lay_out_table(plan, str(table))
    columns, errors = {}, {}
    for index, row in enumerate(variables or ()):
        if not isinstance(row, dict):
            errors[index] = ["Write {name, values, unit}."]
            continue
        name = str(row.get("name") or "").strip()
        values = row.get("values")
        if isinstance(values, list | tuple):
            values = "; ".join(str(value) for value in values)
        elif isinstance(values, dict):
            values = ""
        try:
            if not name:
                raise SeriesError("name what varies: x, or a condition")
            if name in columns:
                raise SeriesError(f"{name!r} is named twice")
            columns[name] = ()
            plan.places[name] = index
        except SeriesError as error:
            errors.setdefault(index, {}).setdefault("name", []).append(str(error))
            continue
        try:
            columns[name] = series.parse_values(
                "" if values is None else str(values), unit=str(row.get("unit") or "")
            )
            if not pairwise:
                _refuse_repeats(columns[name])
        except SeriesError as error:
            errors.setdefault(index, {}).setdefault("values", []).append(str(error))
    plan.names = list(columns)
    if errors:
        plan.errors["variables"] = errors
        columns = {name: values for name, values in columns.items() if values}
        if not columns:
            return {}
    try:
        rows = series.combine(columns, pairwise=pairwise)
    except SeriesError as error:
        plan.wrong("pairwise", error)
        return {}
    plan.rows = [PlannedSample(key="", values=values) for values in rows]
    return {}


def _refuse_repeats(values):
    """In a grid, a value given twice makes the same sample twice."""
    seen = set()
    for value in values:
        if value.text in seen:
            raise SeriesError(
                f"{value.text} stands there twice; to make the same again, let "
                "'repeat' vary: 1, 2, 3"
            )
        seen.add(value.text)


def _lay_out_table(plan, text):
    try:
        table = series.read_list(text)
    except UnreadableFile as error:
        plan.wrong("table", error)
        return {}
    given = {name: [] for name in ("code", "composition") if name in table.names}
    plan.names = [name for name in table.names if name not in given]
    for cells in table.rows:
        row = PlannedSample(key="", values={})
        for name, unit, cell in zip(table.names, table.units, cells, strict=True):
            if name in given:
                given[name].append(cell)
            elif cell:
                try:
                    found = series.parse_values(cell, unit=unit)
                    if len(found) > 1:
                        raise SeriesError(f"{cell!r} is {len(found)} values, not one")
                    row.values[name] = found[0]
                except SeriesError as error:
                    row.wrong(name, error)
        plan.rows.append(row)
    return given


def _set_keys(plan, left_out):
    """Name each row by what it holds, so that it is known when others change."""
    seen = {}
    for row in plan.rows:
        text = "|".join(f"{name}={value.text}" for name, value in row.values.items())
        seen[text] = seen.get(text, 0) + 1
        row.key = hashlib.sha256(f"{text}#{seen[text]}".encode()).hexdigest()[:12]
        row.is_left_out = row.key in left_out


def _amount_patterns(process, precursor):
    rows = (precursor or process or {}).get("inputs") or ()
    return [str(row.get("amount") or "") for row in rows if isinstance(row, dict)]


def _used_names(plan, composition, process, amounts):
    """The names that stand in a pattern somewhere, and so are no condition."""
    texts = [("composition", composition)]
    for row in (process or {}).get("program") or ():
        texts += [("program", value) for value in row.values()]
    for value in ((process or {}).get("parameters") or {}).values():
        texts.append(("parameters", value))
    texts += [("inputs", amount) for amount in amounts]
    used = set(REPEATS)
    for where, text in texts:
        if not isinstance(text, str):
            continue
        try:
            used |= set(series.names_in(text))
        except SeriesError as error:
            plan.wrong(where, error)
    return used


def _set_compositions(plan, given, pattern, basis, *, create_materials):
    column = given.get("composition")
    unknown = set()
    for index, row in enumerate(plan.rows):
        own = column[index] if column else ""
        try:
            row.composition = own or series.fill(pattern or "", row.values).strip()
        except SeriesError as error:
            if set(series_names(pattern)) - set(plan.names):
                unknown.add(str(error))
            else:
                row.wrong("composition", error)
    for message in sorted(unknown):
        plan.wrong("composition", f"{message}. Add it to what varies.")
    texts = {row.composition for row in plan.rows if row.composition}
    keys = {text: normalise_name(text) for text in texts}
    usable = Material.objects.usable_in(plan.project)
    known = set(
        MaterialName.objects.filter(
            normalised__in=set(keys.values()), material__in=usable
        ).values_list("normalised", flat=True)
    )
    parsed, failed = {}, {}
    for text in texts:
        try:
            if len(text) > 400:
                raise CompositionError("a composition has at most 400 characters")
            parsed[text] = parse_composition(
                text, basis=basis or None, known_materials={keys[text]} & known
            )
        except CompositionError as error:
            negative = NEGATIVE.search(text)
            failed[text] = (
                f"{negative[1]} is negative: no fraction can be"
                if negative
                else str(error)
            )
    for row in plan.rows:
        row.parsed = parsed.get(row.composition)
        if row.composition in failed:
            row.wrong("composition", failed[row.composition])
    _find_materials(plan, parsed.values(), create_materials)


def _find_materials(plan, parsed, create_materials):
    components = {
        component.name: component
        for one in parsed
        if one.style != "alloy"
        for component in one.components
    }
    plan.materials = find_materials(plan.project, list(components))
    blends = {
        component.name
        for one in parsed
        if one.style not in COMPOUNDS
        for component in one.components
    }
    missing = [name for name in components if name not in plan.materials]
    if create_materials:
        plan.missing_materials = {name: components[name].formula for name in missing}
        return
    refused = [name for name in missing if name in blends]
    if refused:
        plan.wrong(
            "composition",
            f"Not known as materials yet: {', '.join(refused)}. Spell them as they "
            "are known, or have them added.",
        )
