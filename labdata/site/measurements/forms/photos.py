"""Forms of photographs and files."""

from django import forms

from labdata.site.kit.forms import LabForm


class DescribeFileForm(LabForm):
    """What a file shows, in a line."""

    description = forms.CharField(
        required=False,
        max_length=400,
        help_text="Such as: after sintering, crack at the rim.",
    )
