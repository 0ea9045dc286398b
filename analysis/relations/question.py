"""Reading a question from the parameters of an address."""

from dataclasses import dataclass, field
from difflib import get_close_matches

from django.core.exceptions import ValidationError

from analysis.relations.bins import Bins, read_bins
from analysis.relations.variables import Known, find_variables, suggest
from labdata.common.measures.units import UnitError, convert, find_unit
from labdata.common.variables import (
    Filter,
    VariableError,
    VariableName,
    filter_numbers,
    parse_aggregate,
    parse_filter,
    parse_variable,
)
from samples.models import Origin

PARAMETERS = (
    "x",
    "y",
    "color",
    "facet",
    "column",
    "filter",
    "aggregate",
    "bins",
    "x_unit",
    "y_unit",
    "color_unit",
    "facet_unit",
    "unit",
    "origin",
    "project",
    "sort",
    "limit",
    "page_size",
    "cursor",
    "format",
)
# What a column can be to the picture; the others are only told.
ROLES = ("x", "y", "color", "facet")
SORTS = ("x", "-x", "y", "-y")
MOST_COLUMNS = 20
MOST_FILTERS = 20
# What a statistic is called elsewhere.
SYNONYMS = {"std": "sd"}


@dataclass(frozen=True, slots=True)
class Column:
    """One variable of the answer: as named in it, as stored, and in which unit."""

    name: str
    asked: VariableName
    known: Known
    unit: str | None

    @property
    def is_number(self):
        return self.known.is_number

    def convert(self, number):
        """Bring a stored number, or an array of them, into the unit asked for."""
        if number is None or not self.is_number or self.unit == self.known.unit:
            return number
        return convert(number, self.known.unit, self.unit)


@dataclass(frozen=True, slots=True)
class Condition:
    """A filter with its variable and, for numbers, its values in the stored unit."""

    filter: Filter
    known: Known
    numbers: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, checked and resolved for one person."""

    x: Column
    y: Column
    projects: dict[int, str]
    color: Column | None = None
    facet: Column | None = None
    columns: tuple[Column, ...] = ()
    conditions: tuple[Condition, ...] = ()
    aggregates: tuple[str, ...] = ()
    groups: tuple[Column, ...] = ()
    bins: tuple[Bins, ...] = ()
    origins: tuple[str, ...] = ()
    sort: str = "x"

    @property
    def shown(self):
        """Every column of the answer, in its order."""
        return (*self.drawn, *self.columns)

    @property
    def drawn(self):
        """The columns with a part in the picture, in the order of their roles."""
        return tuple(filter(None, (self.x, self.y, self.color, self.facet)))

    @property
    def told(self):
        """The columns an answer explains: with aggregates, the groups and y."""
        return (*self.groups, self.y) if self.aggregates else self.shown

    @property
    def is_empty(self):
        """Whether nothing can be found, before looking."""
        needed = [self.x, self.y, *self.conditions]
        return not self.projects or any(item.known.id is None for item in needed)


@dataclass
class _Reader:
    """Collects every error of a question by parameter, then refuses them together."""

    parameters: dict
    errors: dict[str, list[str]] = field(default_factory=dict)

    def wrong(self, name, message):
        self.errors.setdefault(name, []).append(str(message).rstrip(".") + ".")

    def one(self, name):
        values = self.many(name)
        if len(values) > 1:
            self.wrong(name, "Give this once")
        return values[0] if values else ""

    def many(self, name):
        values = self.parameters.get(name, [])
        if any("\0" in value for value in values):
            self.wrong(name, "A null character cannot be part of this")
        return [value for value in values if value.strip() and "\0" not in value]

    def variable(self, name, text):
        try:
            return parse_variable(text)
        except VariableError as error:
            self.wrong(name, error)
            return None

    def refuse(self):
        if self.errors:
            raise ValidationError(self.errors)


def read_question(parameters, projects) -> Question:
    """Check the parameters of a question and look its variables up.

    Parameters
    ----------
    parameters : dict of str to list of str
        As an address carries them.
    projects : dict of int to str
        Ids and slugs of the projects the person may see.

    Raises
    ------
    ValidationError
        By parameter, all of them at once.
    """
    reader = _Reader(dict(parameters))
    _refuse_unknown(reader)
    asked = _asked_variables(reader)
    filters = _filters(reader)
    aggregates, groups = _aggregates(reader)
    bins = _bins(reader)
    projects = _projects(reader, projects)
    sort = reader.one("sort") or "x"
    if sort not in SORTS:
        reader.wrong("sort", f"{sort!r} is not one of {', '.join(SORTS)}")
    origins = _origins(reader)
    reader.refuse()

    names = [*asked, *(("filter", f.variable) for f in filters)]
    names += [("aggregate", variable) for variable in groups]
    known = _look_up(reader, names, projects)
    reader.refuse()

    columns = _columns(reader, asked, known)
    conditions = [_condition(reader, f, known[f.variable.key]) for f in filters]
    by_name = {column.name: column for column in columns}
    x, y, color, facet = (by_name.get(name) for name in ROLES)
    grouping = [Column(str(g), g, known[g.key], known[g.key].unit) for g in groups]
    if aggregates and not y.is_number and set(aggregates) != {"count"}:
        reader.wrong("aggregate", f"{y.asked} is text and can only be counted")
    grouping = tuple(grouping) or tuple(filter(None, (x, color, facet)))
    if bins and not aggregates:
        reader.wrong("bins", "Bins need an aggregate")
    _check_bins(reader, bins, grouping)
    reader.refuse()
    return Question(
        x=x,
        y=y,
        color=color,
        facet=facet,
        columns=tuple(c for c in columns if c.name not in ROLES),
        conditions=tuple(conditions),
        aggregates=tuple(aggregates),
        groups=grouping,
        bins=bins,
        origins=origins,
        projects=projects,
        sort=sort,
    )


def _refuse_unknown(reader):
    for name in reader.parameters:
        if name not in PARAMETERS:
            near = get_close_matches(name, PARAMETERS, n=1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            reader.wrong(name, f"There is no parameter {name!r} here.{hint}")


def _asked_variables(reader):
    """Names of the answer with the variables asked for, in order."""
    asked = []
    for name in ROLES:
        text = reader.one(name)
        if text and (variable := reader.variable(name, text)):
            asked.append((name, variable))
        elif not text and name in ("x", "y"):
            reader.wrong(name, "A relation needs x and y: name a variable")
    extra = [reader.variable("column", text) for text in reader.many("column")]
    extra = list(dict.fromkeys(variable for variable in extra if variable))
    if len(extra) > MOST_COLUMNS:
        reader.wrong("column", f"At most {MOST_COLUMNS} further columns")
    return asked + [(str(variable), variable) for variable in extra]


def _filters(reader):
    filters = []
    for text in reader.many("filter"):
        try:
            filters.append(parse_filter(text))
        except VariableError as error:
            reader.wrong("filter", error)
    if len(filters) > MOST_FILTERS:
        reader.wrong("filter", f"At most {MOST_FILTERS} filters")
    return filters


def _aggregates(reader):
    functions, groups = [], None
    for text in reader.many("aggregate"):
        name, colon, rest = text.strip().partition(":")
        try:
            aggregate = parse_aggregate(SYNONYMS.get(name, name) + colon + rest)
        except VariableError as error:
            reader.wrong("aggregate", error)
            continue
        if groups not in (None, aggregate.by):
            reader.wrong("aggregate", "All aggregates group by the same variables")
        groups = aggregate.by
        functions.append(aggregate.function)
    return list(dict.fromkeys(functions)), groups or ()


def _bins(reader):
    bins = []
    for text in reader.many("bins"):
        try:
            bins.append(read_bins(text))
        except ValueError as error:
            reader.wrong("bins", error)
    if len({one.name for one in bins}) < len(bins):
        reader.wrong("bins", "A variable is put in bins once")
    return tuple(bins)


def _check_bins(reader, bins, grouping):
    columns = {column.name: column for column in grouping}
    for one in bins:
        if one.name not in columns:
            known = ", ".join(columns)
            reader.wrong(
                "bins", f"{one.name!r} groups nothing here (there are {known})"
            )
        elif not columns[one.name].is_number:
            reader.wrong("bins", f"{columns[one.name].asked} is text: only numbers fit")


def _projects(reader, projects):
    wanted = reader.many("project")
    ids = {slug: pk for pk, slug in projects.items()}
    for slug in wanted:
        if slug not in ids:
            reader.wrong("project", f"There is no project {slug!r} of yours")
    if not wanted:
        return projects
    return {ids[slug]: slug for slug in wanted if slug in ids}


def _origins(reader):
    origins = [o for text in reader.many("origin") for o in text.split(",")]
    for origin in origins:
        if origin not in Origin.values:
            known = ", ".join(Origin.values)
            reader.wrong("origin", f"{origin!r} is not one of {known}")
    return tuple(dict.fromkeys(origins))


def _look_up(reader, names, projects):
    known = find_variables({variable.key for _, variable in names}, list(projects))
    for name, variable in names:
        if variable.key not in known:
            near = ", ".join(suggest(variable.key, list(projects)))
            hint = f" (near it: {near})" if near else ""
            where = name if name in PARAMETERS else "column"
            reader.wrong(where, f"There is no variable {variable.key!r}{hint}")
    return known


def _columns(reader, asked, known):
    units = _units(reader)
    columns = []
    for name, variable in asked:
        spec = known[variable.key]
        where = f"{name}_unit" if f"{name}_unit" in PARAMETERS else "unit"
        wanted = units.pop(name, None)
        unit = spec.unit if spec.is_number else None
        if wanted and not spec.is_number:
            reader.wrong(where, f"{variable} is text and has no unit")
        elif wanted:
            try:
                convert(1.0, spec.unit, wanted)
                unit = find_unit(wanted).symbol
            except UnitError as error:
                reader.wrong(where, f"{variable}: {error}")
        columns.append(Column(name, variable, spec, unit))
    for name in units:
        where = f"{name}_unit" if f"{name}_unit" in PARAMETERS else "unit"
        reader.wrong(where, f"{name} is not among the columns")
    return columns


def _units(reader):
    """The units asked for, by name of the column."""
    units = {name: unit for name in ROLES if (unit := reader.one(f"{name}_unit"))}
    for text in reader.many("unit"):
        variable, colon, unit = text.rpartition(":")
        if not colon or not unit.strip():
            reader.wrong("unit", f"{text!r} is not VARIABLE:unit")
        elif parsed := reader.variable("unit", variable):
            units[str(parsed)] = unit
    return units


def _condition(reader, asked, known):
    if not known.is_number:
        if asked.operator not in ("eq", "ne", "in"):
            reader.wrong(
                "filter", f"{asked.variable} is text: use eq, ne or in, not a range"
            )
        return Condition(asked, known)
    try:
        return Condition(asked, known, filter_numbers(asked, known.unit or "1"))
    except VariableError as error:
        reader.wrong("filter", error)
        return Condition(asked, known)
