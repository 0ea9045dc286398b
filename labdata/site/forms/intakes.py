"""Forms of dropped files: where they belong, and what is said of many at once."""

from django import forms

from labdata.site.forms.base import LabForm, project_field
from labdata.site.templatetags.quantities import unit_symbol
from measurements.models import Instrument
from measurements.registry import techniques

KEEP = ("", "as it is")


class DropForm(LabForm):
    """Which project files go into, and what they measure where they do not tell."""

    project = forms.ChoiceField()
    technique = forms.ChoiceField(
        required=False, help_text="Where the files themselves do not tell."
    )

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["project"] = project_field(user)
        self.fields["technique"].choices = [
            ("", "as the files tell, or as last time"),
            *((one.key, one.label) for one in techniques),
        ]


class ManyFilesForm(LabForm):
    """What holds for several dropped files; a field left empty changes nothing.

    ``rows`` decide which conditions are offered: those of their techniques.
    """

    technique = forms.ChoiceField(required=False)
    measured_at = forms.CharField(
        required=False, label="Measured", help_text="2026-03-05 14:30, or less."
    )
    state = forms.ChoiceField(
        required=False,
        label="State of the sample",
        choices=[
            KEEP,
            ("likeliest", "the likeliest: after the latest act on it"),
            ("as made", "as made"),
        ],
    )
    instrument = forms.ChoiceField(required=False)
    operator = forms.CharField(required=False, max_length=100)
    notes = forms.CharField(required=False)

    def __init__(self, *args, user, intake, rows, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["technique"].choices = [
            KEEP,
            *((one.key, one.label) for one in techniques),
        ]
        instruments = Instrument.objects.current().visible_to(user)
        self.fields["instrument"].choices = [
            KEEP,
            *(
                (str(one.uuid), one.name)
                for one in instruments
                if one.project_id in (None, intake.project_id)
            ),
        ]
        self.condition_names = {}
        present = {row.technique for row in rows} & set(techniques.keys())
        for key in sorted(present):
            for condition in techniques[key].conditions:
                name = f"condition_{condition.key}"
                if name not in self.fields:
                    self.condition_names[name] = condition.key
                    self.fields[name] = _condition_field(condition)
        self.order_fields(["technique", *self.condition_names])

    def said(self):
        """What was filled in, as the services take it."""
        given = {name: value for name, value in self.cleaned_data.items() if value}
        conditions = {
            key: given.pop(name)
            for name, key in self.condition_names.items()
            if name in given
        }
        if given.get("state") == "likeliest":
            given["state"] = ""
        if conditions:
            given["conditions"] = conditions
        return given

    def take(self, error):
        nested = getattr(error, "nested", {}).get("conditions")
        if not isinstance(nested, dict):
            super().take(error)
            return
        for key, texts in nested.items():
            name = f"condition_{key}"
            for text in texts:
                self.add_error(name if name in self.fields else None, text)


def _condition_field(condition):
    label = condition.label
    if condition.unit:
        label += f" [{unit_symbol(condition.unit)}]"
    if condition.kind == "choice":
        choices = [KEEP, *((value, value) for value in condition.choices)]
        return forms.ChoiceField(choices=choices, label=label, required=False)
    return forms.CharField(label=label, required=False)
