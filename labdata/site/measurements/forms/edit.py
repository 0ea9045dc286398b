"""Changing what is said of a measurement; its files never change."""

from django import forms

from labdata.site.kit.acts.sample_form import extra_fields
from labdata.site.kit.condition_fields import ConditionsForm
from labdata.site.kit.tags.quantities import measured_text
from labdata.site.measurements.forms.measurements import state_choices
from measurements.models import Instrument
from measurements.reading.conditions import FILE, PERSON
from measurements.registry import techniques
from samples.models import ExtraField
from samples.services import print_time

KEEP = ("", "as it is")


class MeasurementEditForm(ConditionsForm):
    """What a person says of a measurement; what is empty, the file says.

    ``version`` is the edit it was read at. Sample and technique are offered until the
    files were read as theirs.
    """

    sample = forms.CharField(help_text="Its code.")
    cell = forms.CharField(
        required=False, help_text="Its label. Empty: as the files name it."
    )
    technique = forms.ChoiceField()
    state = forms.ChoiceField(required=False, label="State that was measured")
    measured_at = forms.CharField(
        required=False, label="Measured", help_text="2026-03-05 14:30, or less."
    )
    instrument = forms.ChoiceField(required=False)
    operator = forms.CharField(required=False, max_length=100)
    notes = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 3}))
    is_simulated = forms.BooleanField(
        required=False, label="These are simulated data, not measured ones"
    )
    version = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args, user, measurement, is_read, **kwargs):
        super().__init__(*args, **kwargs)
        self.measurement = measurement
        if is_read:
            for name in ("sample", "cell", "technique", "is_simulated"):
                del self.fields[name]
        else:
            self.fields["technique"].choices = [(t.key, t.label) for t in techniques]
        self.fields["state"].choices = state_choices(measurement.sample)
        instruments = Instrument.objects.current().visible_to(user)
        self.fields["instrument"].choices = [
            ("", "—"),
            *(
                (str(one.uuid), one.name)
                for one in instruments
                if one.project_id in (None, measurement.project_id)
                or one.pk == measurement.instrument_id
            ),
        ]
        spec = techniques.get(measurement.technique)
        self.offer_conditions(spec.conditions if spec else ())
        self._say_what_files_say(spec)
        extra = extra_fields(measurement.project, ExtraField.Target.MEASUREMENT)
        self.extra_names = list(extra)
        self.fields |= {f"extra_{key}": one for key, one in extra.items()}
        self.order_fields(["sample", "cell", "technique", *self.condition_names])

    def _say_what_files_say(self, spec):
        parsing = self.measurement.parsing
        found = parsing.found if parsing else {}
        said = found.get("conditions", {})
        for condition in spec.conditions if spec else ():
            if condition.key in said:
                value = said[condition.key]
                if condition.kind == "number":
                    value = measured_text(value, None, condition.unit)
                field = self.fields[f"condition_{condition.key}"]
                field.help_text = f"Empty: {value}, as the file says."
        if clock := found.get("measured_at"):
            self.fields[
                "measured_at"
            ].help_text += f" Empty: {clock}, as the file says."

    @staticmethod
    def initial_of(measurement):
        """What a person said so far; what files say is left to them."""
        sources = measurement.sources
        subject = measurement.subject
        state = ""
        if sources.get("state") == PERSON:
            state = (
                f"{subject.relation}:{subject.process.uuid}"
                if subject.process
                else "as made"
            )
        measured_at = ""
        if measurement.measured_at and sources.get("measured_at") != FILE:
            measured_at = print_time(
                measurement.measured_at,
                measurement.measured_precision,
                measurement.measured_zone,
            )
        return {
            "sample": measurement.sample.code,
            "cell": subject.cell.label if subject.cell else "",
            "technique": measurement.technique,
            "state": state,
            "measured_at": measured_at,
            "instrument": str(measurement.instrument.uuid)
            if measurement.instrument
            else "",
            "operator": measurement.operator,
            "notes": measurement.notes,
            "is_simulated": measurement.origin == "simulated",
            "version": measurement.version,
            **{
                f"condition_{key}": value
                for key, value in measurement.conditions.items()
                if sources.get(key) != FILE
            },
            **{f"extra_{key}": value for key, value in measurement.extra.items()},
        }

    def values(self):
        """What was filled in, as the services take it."""
        given = self.cleaned_data
        state = given["state"]
        if ":" in state:
            relation, _, process = state.partition(":")
            state = {"process": process, "relation": relation}
        values = {
            "state": state,
            "conditions": self.conditions(),
            "measured_at": given["measured_at"],
            "instrument": given["instrument"],
            "operator": given["operator"],
            "notes": given["notes"],
        }
        if "sample" in self.fields:
            values["sample"] = given["sample"].strip()
            values["cell"] = given["cell"].strip()
            values["technique"] = given["technique"]
            values["origin"] = "simulated" if given["is_simulated"] else "computed"
            if given["technique"] != self.measurement.technique:
                # Those typed belong to the technique it was filed under before.
                del values["conditions"]
        if self.extra_names:
            values["extra"] = {key: given[f"extra_{key}"] for key in self.extra_names}
        return values


class ManyMeasurementsForm(ConditionsForm):
    """What is to hold for several measurements; a field left empty changes nothing."""

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

    def __init__(self, *args, user, rows, **kwargs):
        super().__init__(*args, **kwargs)
        projects = {row.project_id for row in rows}
        usable = Instrument.objects.current().visible_to(user)
        self.fields["instrument"].choices = [
            KEEP,
            *(
                (str(one.uuid), one.name)
                for one in usable
                if one.project_id is None or projects == {one.project_id}
            ),
        ]
        for key in sorted({row.technique for row in rows} & set(techniques.keys())):
            self.offer_conditions(techniques[key].conditions, KEEP[1])
        self.order_fields(self.condition_names)

    def said(self):
        """What was filled in, as the services take it."""
        given = {
            name: value
            for name, value in self.cleaned_data.items()
            if value and name not in self.condition_names
        }
        if given.get("state") == "likeliest":
            given["state"] = ""
        if conditions := self.conditions():
            given["conditions"] = conditions
        return given
