"""The form of a protocol."""

from django import forms

from labdata.site.kit.acts.act_form import ConditionsForm, parameter_rows, program_rows
from labdata.site.kit.forms import project_field
from samples.models import Process


class ProtocolForm(ConditionsForm):
    """Write down how an act is usually done."""

    project = forms.CharField()
    name = forms.CharField(
        max_length=200, help_text="Such as Sintering at 300 °C under N2."
    )
    kind = forms.ChoiceField(choices=[("", "Choose a kind"), *Process.Kind.choices])
    description = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What to do by hand, and what to watch.",
    )
    state = forms.ChoiceField(
        label="Log as",
        choices=Process.State.choices,
        initial="done",
        help_text="What a process that follows it begins as.",
    )
    notes = forms.CharField(
        required=False,
        label="Notes for each process",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, data=None, *args, user, protocol=None, **kwargs):
        super().__init__(data, *args, **kwargs)
        self.protocol = protocol
        if protocol is not None:
            del self.fields["project"]
        else:
            self.fields["project"] = project_field(user)
            self.order_fields(["project"])

    @staticmethod
    def initial_of(protocol):
        names = ("name", "kind", "description", "state", "notes", "version")
        return {name: getattr(protocol, name) for name in names}

    @staticmethod
    def rows_of(protocol):
        return {
            "parameters": parameter_rows(protocol.parameters),
            "program": program_rows(protocol.program),
        }

    def values(self):
        given = self.cleaned_data
        values = {
            name: given[name]
            for name in ("name", "kind", "description", "state", "notes")
        }
        values["parameters"] = self.parameter_values()
        values["program"] = self.program.values()
        return values
