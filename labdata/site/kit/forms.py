"""What every form does: services check, and their errors appear at the fields."""

from collections.abc import Callable
from dataclasses import dataclass, field

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS

from labdata.common.people.access import Project
from labdata.common.people.preferences import preference


def messages_of(error):
    """A ValidationError as ``{field: messages}``, rows of tables left nested."""
    nested = getattr(error, "nested", None)
    if nested is not None:
        return nested
    if hasattr(error, "error_dict"):
        return error.message_dict
    return {NON_FIELD_ERRORS: error.messages}


def flat(messages):
    """Every message of a nested structure, with the key it stands under."""
    if isinstance(messages, dict):
        return [
            f"{key}: {text}" if key != NON_FIELD_ERRORS else text
            for key, inner in messages.items()
            for text in flat(inner)
        ]
    if isinstance(messages, str):
        return [messages]
    return [str(text) for text in messages]


class LabForm(forms.Form):
    """Fields as typed; services decide what they mean.

    ``aliases`` maps the field a service complains about to the one of the form.
    """

    aliases = {}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)

    def take(self, error):
        """Put what a service refused at the field it is about."""
        for name, messages in messages_of(error).items():
            target = self.aliases.get(name, name)
            for table in self.tables():
                if table.prefix == target and isinstance(messages, dict):
                    messages = table.take(messages)
            for text in flat(messages) if messages else ():
                self.add_error(target if target in self.fields else None, text)

    def full_clean(self):
        for one in self.fields.values():
            one.error_messages["required"] = "This is needed."
        super().full_clean()

    @property
    def has_wrong_rows(self):
        return any(table.has_errors for table in self.tables())

    def tables(self):
        return [value for value in vars(self).values() if isinstance(value, RowTable)]

    @property
    def extra_bound(self):
        """The fields a project added, as the templates draw them."""
        return [self[f"extra_{key}"] for key in getattr(self, "extra_names", ())]


def project_field(user, **options):
    """The projects a person may write in, by slug."""
    projects = Project.objects.current().writable_by(user)
    choices = [(one.slug, f"{one.slug}: {one.name}") for one in projects]
    if len(choices) != 1:
        choices.insert(0, ("", "Choose a project"))
    usual = preference(user, "project.default", "")
    if any(slug == usual for slug, _ in choices):
        options.setdefault("initial", usual)
    return forms.ChoiceField(choices=choices, label="Project", **options)


@dataclass(frozen=True)
class Column:
    """One column of a table in a form; ``choices`` make it a list to choose from.

    ``read`` tells what a cell of a row was understood as.
    """

    key: str
    label: str
    choices: tuple = ()
    hint: str = ""
    suggestions: str = ""
    read: Callable | None = None

    @property
    def is_read(self):
        return self.read is not None


@dataclass
class Cell:
    column: Column
    name: str
    value: str
    label: str
    errors: list[str] = field(default_factory=list)
    row: dict = field(default_factory=dict, repr=False)

    @property
    def reading(self):
        """What this cell was understood as, where that is not what it says."""
        return self.column.read(self.value, self.row) if self.column.read else None


class RowTable:
    """A table of typed rows in a form; rows left empty count for nothing.

    Parameters
    ----------
    prefix : str
        Beginning of the cells' names: ``program-0-ramp``.
    data : QueryDict or None
        What was sent; None takes ``initial``.
    """

    longest = 200

    def __init__(self, prefix, columns, *, data=None, initial=(), spare=1):
        self.prefix, self.columns = prefix, columns
        self.total_name = f"{prefix}-total"
        self.errors = []
        if data is None:
            rows = [*initial, *({} for _ in range(spare))]
        else:
            rows = self._sent(data)
        self.rows = [self._row(index, values) for index, values in enumerate(rows)]

    def _sent(self, data):
        given = data.get(self.total_name, "0")
        total = min(int(given), self.longest) if given.isdecimal() else 0
        return [
            {
                column.key: data.get(f"{self.prefix}-{index}-{column.key}", "").strip()
                for column in self.columns
            }
            for index in range(max(total, 1))
        ]

    def _row(self, index, values):
        return [
            Cell(
                column,
                f"{self.prefix}-{index}-{column.key}",
                "" if values.get(column.key) is None else str(values[column.key]),
                f"{column.label}, row {index + 1}",
                row=values,
            )
            for column in self.columns
        ]

    @property
    def filled(self):
        """Positions of the rows that hold anything."""
        defaults = {c.key: c.choices[0][0] if c.choices else "" for c in self.columns}
        return [
            index
            for index, row in enumerate(self.rows)
            if any(cell.value not in ("", defaults[cell.column.key]) for cell in row)
        ]

    def values(self):
        """The filled rows as the services take them: an empty cell is unknown."""
        return [
            {cell.column.key: cell.value or None for cell in self.rows[index]}
            for index in self.filled
        ]

    @property
    def has_errors(self):
        return bool(self.errors) or any(c.errors for row in self.rows for c in row)

    def take(self, messages):
        """Place errors by index and column; answer those that belong to neither."""
        filled = self.filled
        for index, inner in messages.items():
            try:
                row = self.rows[filled[int(index)]]
            except (ValueError, IndexError):
                self.errors += flat({index: inner})
                continue
            if not isinstance(inner, dict):
                row[0].errors += flat(inner)
                continue
            cells = {cell.column.key: cell for cell in row}
            for key, texts in inner.items():
                cells.get(key, row[0]).errors += flat(texts)
        return {}
