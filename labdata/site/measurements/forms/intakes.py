"""Forms of dropped files: where they belong, and what is said of many at once."""

from django import forms

from labdata.site.kit.forms import LabForm, project_field
from labdata.site.measurements.forms.edit import KEEP, ManyMeasurementsForm
from measurements.registry import techniques


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


class ManyFilesForm(ManyMeasurementsForm):
    """What holds for several dropped files, before they are measurements."""

    technique = forms.ChoiceField(required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["technique"].choices = [
            KEEP,
            *((one.key, one.label) for one in techniques),
        ]
        self.order_fields(["technique"])
