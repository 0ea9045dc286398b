"""The form of a series: what varies, what is alike, and what it is called."""

from django import forms

from labdata.site.kit.acts.act_form import LOT_PREFIX, PARAMETERS, PROGRAM
from labdata.site.kit.acts.moments import clean_time
from labdata.site.kit.acts.readings import plain_quantity
from labdata.site.kit.forms import Column, LabForm, RowTable, project_field
from samples.models import Basis, Lot, Process, Sample
from samples.services.parameters import PARAMETER_UNITS
from samples.services.series.acts import PRECURSOR_PATTERN

CODE_FIELD = "code:"


def _without_reading(columns):
    """The same columns; placeholders in their cells are read with each row."""
    return tuple(
        Column(one.key, one.label, one.choices, one.hint, one.suggestions)
        for one in columns
    )


class SeriesForm(LabForm):
    """Many samples at once: every field as the service takes it, by pattern."""

    project = forms.CharField()
    kind = forms.ChoiceField(
        required=False, choices=[("", "Choose a kind"), *Sample.Kind.choices]
    )
    batch = forms.CharField(
        required=False,
        help_text="The samples are found together by it.",
    )
    composition = forms.CharField(
        required=False,
        max_length=1000,
        help_text="With what varies in braces: (CsPbI3){x}(agZIF-62){1-x}.",
    )
    basis = forms.ChoiceField(
        required=False,
        label="Fractions are",
        choices=[("", "by weight, or mol within a formula"), *Basis.choices],
    )
    create_materials = forms.BooleanField(
        required=False, label="Add materials that are not known yet"
    )
    pairwise = forms.ChoiceField(
        required=False,
        label="Combine",
        choices=[
            ("", "every value with every other"),
            ("yes", "first with first, second with second"),
        ],
    )
    table = forms.CharField(
        required=False,
        label="List from a spreadsheet",
        strip=False,
        widget=forms.Textarea(attrs={"rows": 6, "class": "code", "wrap": "off"}),
        help_text="A header, then a row a sample; used in place of the values above. "
        "Columns: code, composition, x, temperature [°C] or any condition.",
    )
    code = forms.CharField(
        required=False,
        max_length=200,
        label="Codes",
        help_text="{n:02} counts, {x}, {100x:02} and {temperature} are the values; "
        "a word alone is numbered.",
    )
    first_number = forms.CharField(required=False, label="Count from", max_length=10)
    process_kind = forms.ChoiceField(
        required=False,
        label="Made by",
        choices=[("", "not told"), *Process.Kind.choices],
    )
    protocol = forms.CharField(required=False, widget=forms.HiddenInput)
    is_mixed = forms.BooleanField(
        required=False,
        label="Each composition is mixed once, and its samples are made of that "
        "mixture",
    )
    precursor_code = forms.CharField(
        required=False,
        max_length=200,
        label="Codes of the mixtures",
        widget=forms.TextInput(attrs={"placeholder": PRECURSOR_PATTERN}),
    )
    precursor_kind = forms.ChoiceField(
        required=False,
        label="The mixtures are",
        choices=Sample.Kind.choices,
        initial=Sample.Kind.MIXTURE,
    )
    state = forms.ChoiceField(
        required=False, choices=Process.State.choices, initial="done"
    )
    started_at = forms.CharField(
        required=False,
        label="Started",
        help_text="today, 5.3.2026 14:30, or as little as 2026-03.",
    )
    operator = forms.CharField(required=False, max_length=100)
    notes = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 2}))

    VARIABLES = (
        Column("name", "What varies", suggestions="variable-names"),
        Column("values", "Values"),
        Column("unit", "Unit"),
    )
    INPUTS = (
        Column("code", "Sample or lot", suggestions="input-codes"),
        Column("amount", "Amount", hint="{200x} mg"),
    )

    def __init__(self, data=None, *args, user, rows=None, **kwargs):
        super().__init__(data, *args, **kwargs)
        self.user = user
        rows = rows or {}
        self.fields["project"] = project_field(user)
        self.order_fields(["project"])
        self.variables = self._table("variables", self.VARIABLES, data, rows)
        self.inputs = self._table("inputs", self.INPUTS, data, rows)
        self.program = self._table("program", _without_reading(PROGRAM), data, rows)
        self.parameters = self._table(
            "parameters", _without_reading(PARAMETERS), data, rows
        )

    @staticmethod
    def _table(prefix, columns, data, rows):
        return RowTable(prefix, columns, data=data, initial=rows.get(prefix, ()))

    def clean_started_at(self):
        return clean_time(self.cleaned_data["started_at"])

    def told(self, project):
        """What was typed, as the services take it."""
        given = self.cleaned_data
        told = {
            name: given[name]
            for name in ("kind", "batch", "composition", "basis", "table", "code")
        }
        told |= {
            "first_number": given["first_number"] or 1,
            "create_materials": given["create_materials"],
            "pairwise": bool(given["pairwise"]),
            "variables": self.variables.values(),
            "left_out": self.data.getlist("left_out"),
            "codes": {
                name.removeprefix(CODE_FIELD): value.strip()
                for name, value in self.data.items()
                if name.startswith(CODE_FIELD) and value.strip()
            },
            "process": None,
            "precursor": None,
        }
        inputs = self._inputs(project)
        if given["process_kind"]:
            told["process"] = {
                "kind": given["process_kind"],
                "inputs": [] if given["is_mixed"] else inputs,
                "program": self.program.values(),
                "parameters": self._parameters(),
                **{
                    name: given[name]
                    for name in ("state", "started_at", "operator", "notes", "protocol")
                },
            }
        if given["is_mixed"]:
            told["precursor"] = {
                "kind": given["precursor_kind"],
                "code": given["precursor_code"],
                "inputs": inputs,
            }
        return told

    def _inputs(self, project):
        """What goes in: a code is a sample's, unless only a lot has it."""
        rows = self.inputs.values()
        codes = {row["code"] or "" for row in rows}
        lots = set(
            Lot.objects.visible_to(self.user)
            .filter(
                project=project, code__in={c.removeprefix(LOT_PREFIX) for c in codes}
            )
            .values_list("code", flat=True)
        )
        samples = set(
            Sample.objects.visible_to(self.user)
            .filter(project=project, code__in=codes)
            .values_list("code", flat=True)
        )
        inputs = []
        for row in rows:
            code = row["code"] or ""
            bare = code.removeprefix(LOT_PREFIX)
            kind = "lot" if code not in samples and bare in lots else "sample"
            inputs.append(
                {kind: bare if kind == "lot" else code, "amount": row["amount"]}
            )
        return inputs

    def _parameters(self):
        values = {}
        for row in self.parameters.values():
            name, value = row["name"] or "", row["value"]
            if name not in PARAMETER_UNITS and value is not None and "{" not in value:
                # A bare number is a number, so that it can be plotted.
                plain = plain_quantity(value)
                value = value if plain is None else plain
            values[name] = value
        return values

    def remember(self):
        """What the next series of this person begins with."""
        fields = [name for name in self.fields if name not in NOT_REPEATED]
        return {
            "initial": {name: self[name].value() for name in fields},
            "rows": {
                table.prefix: table.values() for table in self.tables() if table.filled
            },
            "batch": self.cleaned_data["batch"],
        }


NOT_REPEATED = ("batch", "table", "started_at", "first_number", "create_materials")
