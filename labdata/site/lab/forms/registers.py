"""Forms of what a project keeps lists of: extra fields, instruments, lots, itself."""

import re

from django import forms

from labdata.site.kit.forms import LabForm, project_field
from samples.models import ExtraField


class RecordForm(LabForm):
    """Add a record, or change one; the version tells whether somebody was faster."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    # Fields that are settled when the record is made.
    settled = ()

    def __init__(self, data=None, *, user, record=None, initial=None):
        if record is not None:
            initial = self.initial_of(record)
        super().__init__(data, initial=initial)
        self.record = record
        self.prepare(user)
        if record is not None:
            for name in self.settled:
                del self.fields[name]

    def prepare(self, user):
        """Fill in what depends on the person."""

    @classmethod
    def initial_of(cls, record):
        names = [name for name in cls.base_fields if name not in cls.settled]
        return {name: getattr(record, name) for name in names}

    def values(self):
        return {k: v for k, v in self.cleaned_data.items() if k != "version"}


def notes_field():
    return forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 3}))


def date_field(label):
    return forms.DateField(
        required=False,
        label=label,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )


class ProjectEditForm(RecordForm):
    name = forms.CharField(max_length=200)
    description = notes_field()


class ExtraFieldForm(RecordForm):
    """A field of a project's own; its key and kind stay once values lie under it."""

    settled = ("target", "kind", "unit", "key")

    target = forms.ChoiceField(choices=ExtraField.Target.choices, label="On")
    label = forms.CharField(max_length=100, help_text="Stands beside it in forms.")
    kind = forms.ChoiceField(choices=ExtraField.Kind.choices, label="It takes")
    unit = forms.CharField(
        required=False,
        max_length=30,
        help_text="Of a number, such as mm or mg/mL; other units are converted.",
    )
    choices = forms.CharField(
        required=False,
        max_length=2000,
        label="Answers",
        help_text="Of a choice, separated by commas.",
    )
    key = forms.CharField(
        required=False,
        max_length=60,
        label="Name in the API",
        help_text="a-z 0-9 _; left empty, it is made from the label.",
    )

    @classmethod
    def initial_of(cls, record):
        return super().initial_of(record) | {"choices": ", ".join(record.choices)}

    def values(self):
        given = super().values()
        given["choices"] = [
            answer for one in given["choices"].split(",") if (answer := one.strip())
        ]
        if self.record is None and not given["key"]:
            given["key"] = key_of(given["label"])
        return given


def key_of(label):
    """The name by which programs know a field with this label."""
    words = re.sub(r"[^a-z0-9]+", "_", label.lower()).strip("_")
    return words[:60] if words[:1].isalpha() else f"field_{words}"[:60].rstrip("_")


class InstrumentForm(RecordForm):
    settled = ("project",)

    name = forms.CharField(max_length=200)
    project = forms.CharField()
    manufacturer = forms.CharField(required=False, max_length=200)
    model = forms.CharField(required=False, max_length=200)
    serial_number = forms.CharField(
        required=False, max_length=100, label="Serial number"
    )
    notes = notes_field()

    def prepare(self, user):
        if self.record is not None:
            return
        self.fields["project"] = project_field(
            user, required=False, help_text="Of a project: seen by its members alone."
        )
        choices = [choice for choice in self.fields["project"].choices if choice[0]]
        self.fields["project"].choices = [*choices, ("", "Shared by the whole lab")]
        self.order_fields(["name", "project"])


class LotForm(RecordForm):
    settled = ("project",)

    code = forms.CharField(
        max_length=60, label="Code", help_text="As the bottle is labelled in your lab."
    )
    project = forms.CharField()
    supplier = forms.CharField(
        required=False,
        max_length=200,
        label="Supplier and batch number",
        help_text="Such as Sigma-Aldrich, MKCQ1234.",
    )
    purity = forms.CharField(
        required=False, max_length=100, help_text="As stated, such as 99.999 %."
    )
    amount = forms.CharField(required=False, max_length=100)
    received_on = date_field("Received")
    opened_on = date_field("Opened")
    notes = notes_field()

    def prepare(self, user):
        if self.record is None:
            self.fields["project"] = project_field(user)
            self.order_fields(["code", "project"])
