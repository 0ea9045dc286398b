"""Form of a value that somebody read in a paper or took by hand."""

from itertools import groupby

from django import forms

from labdata.common.measures.quantities import quantities
from labdata.site.kit.forms import LabForm
from labdata.site.kit.tags.quantities import unit_symbol
from samples.models import Process, Relation

ORIGINS = (
    ("manual", "Measured or read off by hand"),
    ("reported", "Reported in a publication"),
    ("simulated", "Calculated, not measured"),
)


def quantity_choices():
    """Every quantity by family, with its unit."""
    told = [("", "Choose what was measured")]
    for family, members in groupby(quantities, key=lambda spec: spec.family):
        told.append(
            (
                family.replace("_", " "),
                [
                    (one.key, f"{one.label} {_in_brackets(one.unit)}".strip())
                    for one in members
                ],
            )
        )
    return told


def _in_brackets(unit):
    symbol = unit_symbol(unit)
    return f"[{symbol}]" if symbol else ""


def lasting_states(sample):
    """The states a value can be about: before, during or after an act in place."""
    acts = Process.objects.current().filter(in_place=True, inputs__sample=sample)
    told = [("", "as it is now: after the latest act on it"), ("as made", "as made")]
    for act in acts.order_by("pk"):
        for relation in (Relation.BEFORE, Relation.DURING, Relation.AFTER):
            label = f"{relation.label} {str(act).lower()}"
            if act.started_at:
                label += f" ({act.started_at:%Y-%m-%d})"
            told.append((f"{relation.value}:{act.uuid}", label))
    return told


class ValueForm(LabForm):
    """One number of one sample with its uncertainty, and where it is from."""

    aliases = {
        "uncertainty": "value",
        "low": "value",
        "high": "value",
        "bound": "value",
        "unit": "value",
        "reference": "doi",
    }

    quantity = forms.ChoiceField()
    label = forms.CharField(
        required=False,
        max_length=60,
        help_text="Which of several: a peak, a phase, a scan direction.",
    )
    value = forms.CharField(
        max_length=80,
        help_text="10.45(5), 5.07±0.26, > 1500 h; other units are converted.",
    )
    origin = forms.ChoiceField(
        choices=ORIGINS, widget=forms.RadioSelect, initial="manual"
    )
    state = forms.ChoiceField(required=False, label="State of the sample")
    doi = forms.CharField(
        required=False,
        max_length=200,
        label="DOI",
        help_text="10.1000/xyz123, of the publication it is from.",
    )
    locator = forms.CharField(
        required=False,
        max_length=200,
        label="Where in it",
        help_text="Table S3, Figure 2b, page 7.",
    )
    note = forms.CharField(required=False, max_length=400)
    supersedes = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, sample, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["quantity"].choices = quantity_choices()
        self.fields["state"].choices = lasting_states(sample)
        self.fields["value"].widget.attrs |= {"autocomplete": "off"}

    def clean(self):
        super().clean()
        given = self.cleaned_data
        is_sourced = given.get("doi") or given.get("note")
        if given.get("origin") == "reported" and not is_sourced:
            self.add_error("doi", "Say where it is reported: a DOI, or a note.")
        return given

    def values(self):
        given = self.cleaned_data
        state = given["state"]
        if ":" in state:
            relation, _, process = state.partition(":")
            state = {"process": process, "relation": relation}
        return {
            "quantity": given["quantity"],
            "label": given["label"],
            "value": given["value"],
            "origin": given["origin"],
            "state": state or None,
            "reference": {"doi": given["doi"], "locator": given["locator"]},
            "note": given["note"],
            "supersedes": given["supersedes"],
        }
