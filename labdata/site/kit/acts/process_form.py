"""Forms of acts: logging one of its own, and beside the sample it made."""

from django import forms

from labdata.site.kit.acts.act_form import (
    ActForm,
    input_rows,
    parameter_rows,
    program_rows,
    protocol_choices,
)
from labdata.site.kit.acts.sample_form import extra_fields, split_codes
from labdata.site.kit.forms import project_field
from samples import services
from samples.models import ExtraField, Process


class ProcessForm(ActForm):
    """Log an act: what went in, what came out, under which programme."""

    project = forms.CharField()
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
    batch = forms.CharField(required=False, max_length=60)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, data=None, *args, user, process=None, **kwargs):
        if process is not None:
            kwargs["project"] = process.project
        super().__init__(data, *args, user=user, **kwargs)
        self.process = process
        if process is not None:
            del self.fields["project"]
            self.fields["protocol"].choices = protocol_choices(
                user, process.project, used=process.protocol
            )
        else:
            self.fields["project"] = project_field(user)
            self.order_fields(["project"])
        self.extra_names = []
        if process is not None:
            added = extra_fields(process.project, ExtraField.Target.PROCESS)
            for key, field in added.items():
                self.fields[f"extra_{key}"] = field
                self.extra_names.append(key)

    @staticmethod
    def initial_of(process):
        made = [] if process.in_place else process.outputs.all()
        return {
            "kind": process.kind,
            "state": process.state,
            "name": process.name,
            "protocol": str(process.protocol.uuid) if process.protocol else "",
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
            "inputs": input_rows(process),
            "parameters": parameter_rows(process.parameters),
            "program": program_rows(process.program.all()),
        }

    def values(self):
        given = self.cleaned_data
        values = self.act_values()
        values |= {"name": given["name"], "batch": given["batch"]}
        values["outputs"] = split_codes(given["outputs"])
        if given["in_place"]:
            values["outputs"] += [
                row["sample"] for row in values["inputs"] if "sample" in row
            ]
        values["extra"] = {key: given[f"extra_{key}"] for key in self.extra_names}
        return values


class MakingForm(ActForm):
    """How a sample being logged was made; nothing told means nothing is logged."""

    kind = forms.ChoiceField(
        required=False,
        label="Made by",
        choices=[("", "not told"), *Process.Kind.choices],
    )
    state = forms.ChoiceField(
        required=False, choices=Process.State.choices, initial="done"
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, prefix="made", **kwargs)
        self.fields["notes"].label = "Notes on how it was made"

    @property
    def is_told(self):
        return bool(self.cleaned_data.get("kind")) or any(
            table.filled for table in self.tables()
        )

    def clean(self):
        super().clean()
        if self.is_told and not self.cleaned_data.get("kind"):
            self.add_error(
                "kind", "Say which kind of act it was, or empty the tables below."
            )
        return self.cleaned_data

    @staticmethod
    def initial_of(process):
        """What another sample made alike takes over; the time is its own."""
        return {
            "kind": process.kind,
            "protocol": str(process.protocol.uuid) if process.protocol else "",
            "operator": process.operator,
            "notes": process.notes,
        }

    def values(self):
        """What the services take, or None where nothing was told."""
        if not self.is_told:
            return None
        return self.act_values()
