"""Forms of what was made: samples, processes, materials."""

from django import forms
from django.core.exceptions import ValidationError

from labdata.common.numbers import NumberError, parse_measured
from labdata.site.composition import as_service_value
from labdata.site.forms.base import Column, LabForm, RowTable, project_field
from samples import services
from samples.formula import CompositionError
from samples.models import Basis, ExtraField, Process, Sample, Segment
from samples.services.parameters import PARAMETER_UNITS


def split_names(text):
    """Names separated by commas or lines."""
    return [part.strip() for part in text.replace("\n", ",").split(",") if part.strip()]


def split_codes(text):
    """Codes separated by anything that cannot stand in one."""
    return text.replace(",", " ").replace(";", " ").split()


def extra_fields(project, target):
    """The extra fields of a project as fields of a form."""
    built = {}
    for one in ExtraField.objects.current().filter(project=project, target=target):
        label = f"{one.label} [{one.unit}]" if one.unit else one.label
        if one.kind == ExtraField.Kind.CHOICE:
            choices = [("", "—"), *((value, value) for value in one.choices)]
            built[one.key] = forms.ChoiceField(
                choices=choices, label=label, required=False
            )
        else:
            built[one.key] = forms.CharField(label=label, required=False)
    return built


class SampleForm(LabForm):
    """Log a sample, or change one: ``version`` is the edit it was read at."""

    project = forms.CharField()
    code = forms.CharField(
        max_length=60, help_text="As written on the sample: A-Z a-z 0-9 _ -"
    )
    kind = forms.ChoiceField(choices=[("", "Choose a kind"), *Sample.Kind.choices])
    composition = forms.CharField(
        required=False,
        max_length=400,
        help_text="Such as (CsPbI3)0.25(agZIF-62)0.75 or "
        "Cs0.05(FA0.98MA0.02)0.95Pb(I0.98Br0.02)3. Empty: that of its parent.",
    )
    basis = forms.ChoiceField(
        required=False,
        label="Fractions are",
        choices=[("", "by weight, or mol within a formula"), *Basis.choices],
    )
    create_materials = forms.BooleanField(
        required=False,
        label="Add materials that are not known yet",
    )
    name = forms.CharField(required=False, max_length=200)
    batch = forms.CharField(
        required=False, max_length=60, help_text="Code of the batch made together."
    )
    control = forms.CharField(
        required=False, help_text="Code of the sample this one is compared with."
    )
    owner = forms.CharField(required=False, help_text="User name.")
    location = forms.CharField(required=False, max_length=200)
    tags = forms.CharField(required=False, help_text="Separated by commas.")
    notes = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 4}))
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, user, project=None, sample=None, **kwargs):
        super().__init__(*args, **kwargs)
        if sample is not None:
            project = sample.project
        self.user, self.sample, self.project = user, sample, project
        if sample is not None:
            del self.fields["project"]
        else:
            self.fields["project"] = project_field(user)
            self.order_fields(["project"])
            del self.fields["owner"]
        self.extra_names = []
        if project is not None:
            for key, field in extra_fields(project, ExtraField.Target.SAMPLE).items():
                self.fields[f"extra_{key}"] = field
                self.extra_names.append(key)

    @staticmethod
    def initial_of(sample):
        """What the form shows of a sample as it is."""
        composition = sample.composition
        return {
            "code": sample.code,
            "kind": sample.kind,
            "composition": composition.text if composition else "",
            "basis": composition.basis if composition else "",
            "name": sample.name,
            "batch": sample.batch.code if sample.batch else "",
            "control": sample.control.code if sample.control else "",
            "owner": sample.owner.get_username() if sample.owner else "",
            "location": sample.location,
            "tags": ", ".join(tag.name for tag in sample.tags.all()),
            "notes": sample.notes,
            "version": sample.version,
            **{f"extra_{key}": value for key, value in sample.extra.items()},
        }

    def values(self):
        """What was typed, as the services take it."""
        given = self.cleaned_data
        values = {
            name: given[name]
            for name in (
                "code",
                "kind",
                "name",
                "batch",
                "control",
                "location",
                "notes",
            )
        }
        if self.sample is not None:
            values["owner"] = given["owner"]
        values["create_materials"] = given["create_materials"]
        values["tags"] = split_names(given["tags"])
        values["extra"] = {key: given[f"extra_{key}"] for key in self.extra_names}
        if self._changes_composition():
            values["composition"] = self._composition()
        return values

    def _composition(self):
        text, basis = self.cleaned_data["composition"], self.cleaned_data["basis"]
        try:
            return as_service_value(self.project, text, basis)
        except CompositionError as error:
            raise ValidationError({"composition": str(error)}) from error

    def _changes_composition(self):
        if self.sample is None:
            return bool(self.cleaned_data["composition"])
        before = self.initial_of(self.sample)
        return any(
            self.cleaned_data[name] != before[name] for name in ("composition", "basis")
        )


class ProcessForm(LabForm):
    """Log an act: what went in, what came out, under which programme."""

    aliases = {"zone": "started_at"}

    project = forms.CharField()
    kind = forms.ChoiceField(choices=[("", "Choose a kind"), *Process.Kind.choices])
    state = forms.ChoiceField(choices=Process.State.choices, initial="done")
    name = forms.CharField(required=False, max_length=200)
    outputs = forms.CharField(
        required=False,
        label="Samples that came out",
        help_text="Codes, separated by spaces or commas.",
    )
    in_place = forms.BooleanField(
        required=False,
        label="Changed in place: the samples that went in keep their codes",
    )
    started_at = forms.CharField(
        required=False,
        label="Started",
        help_text="As precise as known: 2026, 2026-03, 2026-03-05 or 2026-03-05 14:30.",
    )
    operator = forms.CharField(required=False, max_length=100)
    batch = forms.CharField(required=False, max_length=60)
    notes = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 3}))
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    INPUTS = (
        Column("what", "What", (("sample", "Sample"), ("lot", "Lot"))),
        Column("code", "Code", suggestions="sample-codes"),
        Column("amount", "Amount"),
        Column("unit", "Unit"),
    )
    PARAMETERS = (
        Column("name", "Condition", suggestions="parameter-names"),
        Column("value", "Value"),
        Column("unit", "Unit"),
    )
    PROGRAM = (
        Column("start_temperature", "From", hint="°C"),
        Column("end_temperature", "To", hint="°C"),
        Column("ramp", "Ramp", hint="°C/min"),
        Column("dwell", "Dwell", hint="min"),
        Column("atmosphere", "Atmosphere"),
        Column("gas_flow", "Gas flow", hint="mL/min"),
        Column("pressure", "Pressure", hint="Pa"),
        Column("cooling", "Cooling", (("", "—"), *Segment.Cooling.choices)),
    )

    def __init__(self, data=None, *args, user, process=None, rows=None, **kwargs):
        super().__init__(data, *args, **kwargs)
        self.user, self.process = user, process
        rows = rows or {}
        self.inputs = RowTable(
            "inputs", self.INPUTS, data=data, initial=rows.get("inputs", ())
        )
        self.parameters = RowTable(
            "parameters", self.PARAMETERS, data=data, initial=rows.get("parameters", ())
        )
        self.program = RowTable(
            "program", self.PROGRAM, data=data, initial=rows.get("program", ())
        )
        if process is not None:
            del self.fields["project"]
        else:
            self.fields["project"] = project_field(user)
            self.order_fields(["project"])
        project = process.project if process else None
        self.extra_names = []
        if project is not None:
            for key, field in extra_fields(project, ExtraField.Target.PROCESS).items():
                self.fields[f"extra_{key}"] = field
                self.extra_names.append(key)

    @staticmethod
    def initial_of(process):
        made = [] if process.in_place else process.outputs.all()
        return {
            "kind": process.kind,
            "state": process.state,
            "name": process.name,
            "outputs": " ".join(entry.sample.code for entry in made),
            "in_place": process.in_place,
            "started_at": services.print_time(
                process.started_at, process.started_precision, process.started_zone
            ),
            "operator": process.operator,
            "batch": process.batch.code if process.batch else "",
            "notes": process.notes,
            "version": process.version,
            **{f"extra_{key}": value for key, value in process.extra.items()},
        }

    @staticmethod
    def rows_of(process):
        return {
            "inputs": [
                {
                    "what": "lot" if entry.lot_id else "sample",
                    "code": (entry.lot or entry.sample).code,
                    "amount": entry.amount,
                    "unit": entry.unit,
                }
                for entry in process.inputs.all()
            ],
            "parameters": [
                {"name": key, "value": value["value"], "unit": value["unit"]}
                if isinstance(value, dict)
                else {"name": key, "value": value, "unit": PARAMETER_UNITS.get(key, "")}
                for key, value in process.parameters.items()
            ],
            "program": [
                {
                    column.key: getattr(segment, column.key)
                    for column in ProcessForm.PROGRAM
                }
                for segment in process.program.all()
            ],
        }

    def values(self):
        given = self.cleaned_data
        values = {
            name: given[name]
            for name in ("kind", "state", "name", "operator", "batch", "notes")
        }
        values["started_at"] = given["started_at"]
        inputs = [
            {
                row["what"] or "sample": row["code"],
                "amount": row["amount"],
                "unit": row["unit"],
            }
            for row in self.inputs.values()
        ]
        outputs = split_codes(given["outputs"])
        if given["in_place"]:
            outputs += [row["sample"] for row in inputs if row.get("sample")]
        values |= {"inputs": inputs, "outputs": outputs}
        values["parameters"] = self._parameters()
        values["program"] = self.program.values()
        values["extra"] = {key: given[f"extra_{key}"] for key in self.extra_names}
        return values

    def _parameters(self):
        values = {}
        for row in self.parameters.values():
            name, value, unit = row["name"] or "", row["value"], row["unit"]
            if unit:
                values[name] = {"value": value, "unit": unit}
            else:
                values[name] = self._number_or_text(name, value)
        return values

    @staticmethod
    def _number_or_text(name, value):
        """A bare number of an unnamed unit is a number, so that it can be plotted."""
        if name in PARAMETER_UNITS or value is None:
            return value
        try:
            measured = parse_measured(value)
        except NumberError:
            return value
        is_plain = measured and not measured.unit_text and measured.uncertainty is None
        return measured.value if is_plain and measured.bound == "=" else value

    def take(self, error):
        super().take(error)
        # Parameters are refused by name, and the table knows only rows.
        if not self.parameters.errors:
            return
        names = {row[0].value: row for row in self.parameters.rows}
        kept = []
        for text in self.parameters.errors:
            name, _, message = text.partition(": ")
            if name in names:
                names[name][1].errors.append(message)
            else:
                kept.append(text)
        self.parameters.errors = kept


class MaterialForm(LabForm):
    """Add or change a substance and the names it goes by."""

    project = forms.CharField()
    name = forms.CharField(max_length=200)
    aliases = forms.CharField(
        required=False,
        label="Other names",
        help_text="Separated by commas, such as a-ZIF-62, agZIF-62.",
    )
    formula = forms.CharField(required=False, max_length=400)
    molar_mass = forms.FloatField(
        required=False,
        label="Molar mass [g/mol]",
        help_text="Empty: computed from the formula.",
    )
    density = forms.FloatField(required=False, label="Density [g/cm³]")
    cas_number = forms.CharField(required=False, max_length=20, label="CAS number")
    smiles = forms.CharField(required=False, max_length=1000, label="SMILES")
    inchi_key = forms.CharField(required=False, max_length=27, label="InChIKey")
    notes = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 3}))
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, user, material=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.material = material
        if material is not None:
            del self.fields["project"]
            return
        self.fields["project"] = project_field(
            user,
            required=False,
            help_text="Of a project: its name is seen by members alone.",
        )
        choices = [choice for choice in self.fields["project"].choices if choice[0]]
        self.fields["project"].choices = [("", "Shared by the whole lab"), *choices]
        self.order_fields(["name", "aliases", "formula", "project"])

    @staticmethod
    def initial_of(material):
        own = material.name
        return {
            "name": own,
            "aliases": ", ".join(
                entry.name for entry in material.names.all() if entry.name != own
            ),
            **{
                name: getattr(material, name)
                for name in (
                    "formula",
                    "molar_mass",
                    "density",
                    "cas_number",
                    "smiles",
                    "inchi_key",
                    "notes",
                    "version",
                )
            },
        }

    def values(self):
        given = {k: v for k, v in self.cleaned_data.items() if k != "version"}
        given.pop("project", None)
        given["aliases"] = split_names(given["aliases"])
        return given
