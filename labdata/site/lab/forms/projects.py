"""Forms of projects and their members."""

from django import forms

from labdata.site.kit.forms import LabForm


class ProjectForm(LabForm):
    slug = forms.CharField(
        max_length=60,
        label="Short name",
        help_text="Stands in addresses: a-z 0-9 _ -",
    )
    name = forms.CharField(max_length=200)
    description = forms.CharField(
        required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class MemberForm(LabForm):
    user = forms.CharField(
        label="User name",
        widget=forms.TextInput(attrs={"list": "colleagues", "autocomplete": "off"}),
    )
    role = forms.ChoiceField(
        choices=[
            ("viewer", "Viewer: sees everything of the project"),
            ("contributor", "Contributor: adds and changes records"),
            ("manager", "Manager: also decides on members and fields"),
        ],
        initial="contributor",
    )
