"""Forms of a measurement: its files, its conditions, its reader."""

from django import forms
from django.urls import reverse

from labdata.site.kit.condition_fields import ConditionsForm
from labdata.site.kit.forms import LabForm
from measurements.models import Instrument
from measurements.registry import readers, techniques
from samples.models import Process, Relation


class SeveralFilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class SeveralFilesField(forms.FileField):
    """One or more uploads, as a list; the services say what is wrong with them."""

    def __init__(self, **options):
        super().__init__(widget=SeveralFilesInput, allow_empty_file=True, **options)

    def clean(self, data, initial=None):
        given = data if isinstance(data, list | tuple) else [data]
        return [super(SeveralFilesField, self).clean(one, initial) for one in given]


def state_choices(sample):
    """The states a sample can have been measured in, by what was done to it."""
    choices = [
        ("", "the likeliest: after the latest act on it"),
        ("as made", "as made"),
    ]
    if sample is None:
        return choices
    acts = Process.objects.current().filter(inputs__sample=sample).order_by("pk")
    for act in acts:
        relations = (
            (Relation.BEFORE, Relation.DURING, Relation.AFTER)
            if act.in_place
            else (Relation.BEFORE,)
        )
        for relation in relations:
            label = f"{relation.label} {str(act).lower()}"
            if act.started_at:
                label += f" ({act.started_at:%Y-%m-%d})"
            choices.append((f"{relation.value}:{act.uuid}", label))
    return choices


class MeasurementForm(ConditionsForm):
    """Upload the files of one measurement, with the conditions of its technique."""

    aliases = {"file": "files"}

    sample = forms.CharField(
        help_text="Its code.", widget=forms.TextInput(attrs={"list": "sample-codes"})
    )
    cell = forms.CharField(
        required=False,
        help_text="Its label. Empty: as the files name it.",
        widget=forms.TextInput(attrs={"list": "cell-labels", "autocomplete": "off"}),
    )
    technique = forms.ChoiceField()
    files = SeveralFilesField(label="Files", help_text="Kept as they are, forever.")
    state = forms.ChoiceField(required=False, label="State that was measured")
    measured_at = forms.CharField(
        required=False,
        label="Measured",
        help_text="2026-03-05 14:30, or less. Empty: what the file says.",
    )
    instrument = forms.ChoiceField(required=False)
    operator = forms.CharField(required=False, max_length=100)
    reader = forms.ChoiceField(required=False, label="Read as")
    notes = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 3}))
    analyse = forms.BooleanField(
        required=False, initial=True, label="Run the usual analyses when it is read"
    )
    is_simulated = forms.BooleanField(
        required=False, label="These are simulated data, not measured ones"
    )

    def __init__(self, *args, user, technique, sample=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.spec = techniques.get(technique)
        self.fields["technique"].choices = [
            *(() if self.spec else [("", "— what was measured? —")]),
            *((one.key, one.label) for one in techniques),
        ]
        self.fields["technique"].widget.attrs |= {
            "data-reloads": "technique-part",
            "data-address": reverse("site:measurement-technique"),
        }
        serving = [one for one in readers if self.spec and one.serves(self.spec.key)]
        self.fields["reader"].choices = [
            ("", "recognised from the file"),
            *((one.key, one.label) for one in serving),
        ]
        instruments = Instrument.objects.current().visible_to(user)
        if sample is not None:
            instruments = instruments.filter(project__in=[None, sample.project]) | (
                instruments.filter(project__isnull=True)
            )
        self.fields["instrument"].choices = [
            ("", "—"),
            *((str(one.uuid), one.name) for one in instruments),
        ]
        self.fields["state"].choices = state_choices(sample)
        self.offer_conditions(self.spec.conditions if self.spec else ())

    def values(self):
        given = self.cleaned_data
        state = given["state"]
        if ":" in state:
            relation, _, process = state.partition(":")
            state = {"process": process, "relation": relation}
        return {
            "sample": given["sample"],
            "cell": given["cell"].strip(),
            "technique": given["technique"],
            "files": given["files"],
            "conditions": self.conditions(),
            "measured_at": given["measured_at"],
            "instrument": given["instrument"],
            "operator": given["operator"],
            "reader": given["reader"],
            "notes": given["notes"],
            "analyse": given["analyse"],
            "origin": "simulated" if given["is_simulated"] else "computed",
            **({"state": state} if state else {}),
        }


class ReaderForm(LabForm):
    """Answer which reader a measurement's files belong to."""

    reader = forms.CharField()
