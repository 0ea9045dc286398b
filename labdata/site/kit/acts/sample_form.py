"""Forms of samples, and the extra fields projects add to records."""

from django import forms
from django.core.exceptions import ValidationError

from labdata.site.kit.acts.composition import as_service_value
from labdata.site.kit.forms import LabForm, project_field
from samples.formula import CompositionError
from samples.models import Basis, ExtraField, Sample
from samples.models.samples import code_validator


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
        max_length=60,
        validators=[code_validator],
        help_text="As written on the sample: A-Z a-z 0-9 _ -",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    kind = forms.ChoiceField(choices=[("", "Choose a kind"), *Sample.Kind.choices])
    composition = forms.CharField(
        required=False,
        max_length=400,
        help_text="Such as (CsPbI3)0.25(agZIF-62)0.75 or "
        "Cs0.05(FA0.98MA0.02)0.95Pb(I0.98Br0.02)3. Empty: that of its parent.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
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
