"""A series row by row, with what is wrong of it, before anything is saved."""

from dataclasses import dataclass, field

from labdata.common.api.errors import NestedValidationError
from samples.models import Process


@dataclass
class PlannedPrecursor:
    """A mixture that the samples of one composition are taken from."""

    code: str = ""
    composition: str = ""
    inputs: list = field(default_factory=list)


@dataclass
class PlannedSample:
    """One row of a series: what it would be called, consist of and go through."""

    key: str
    values: dict
    is_left_out: bool = False
    code: str = ""
    generated_code: str = ""
    composition: str = ""
    parsed: object = None
    told: dict = field(default_factory=dict)
    parameters: dict = field(default_factory=dict)
    segments: tuple = ()
    inputs: list = field(default_factory=list)
    precursor: PlannedPrecursor | None = None
    errors: dict = field(default_factory=dict)

    def wrong(self, where, message):
        self.errors.setdefault(where, []).append(str(message))


@dataclass
class Plan:
    """A series as it would be saved: ``errors`` by field, those of rows in the rows."""

    project: object
    kind: str
    batch: str
    names: list = field(default_factory=list)
    rows: list = field(default_factory=list)
    precursors: list = field(default_factory=list)
    errors: dict = field(default_factory=dict)
    places: dict = field(default_factory=dict)
    process: Process | None = None
    mixing: Process | None = None
    precursor_kind: str = ""
    missing_materials: dict = field(default_factory=dict)
    materials: dict = field(default_factory=dict)
    next_number: int | None = None

    @property
    def kept(self):
        return [row for row in self.rows if not row.is_left_out]

    @property
    def wrong_rows(self):
        return [row for row in self.kept if row.errors]

    @property
    def is_sound(self):
        return bool(self.kept) and not self.errors and not self.wrong_rows

    def wrong(self, where, message):
        self.errors.setdefault(where, []).append(str(message))

    def wrong_variable(self, name, message):
        """Put a fault at the row that names a variable, or at the pasted list."""
        if name not in self.places:
            self.wrong("table", f"Column {name!r}: {message}")
            return
        row = self.errors.setdefault("variables", {}).setdefault(self.places[name], {})
        row.setdefault("name", []).append(message)

    def refuse(self):
        """Everything that is wrong, nested as the fields and rows are."""
        errors = dict(self.errors)
        rows = {
            index: row.errors
            for index, row in enumerate(self.rows)
            if row.errors and not row.is_left_out
        }
        if rows:
            errors["rows"] = rows
        if not errors and not self.kept:
            errors["rows"] = ["Every row is left out: nothing would be created."]
        raise NestedValidationError(errors)
