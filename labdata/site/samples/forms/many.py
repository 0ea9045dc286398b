"""The form that changes many samples at once."""

from django import forms

from labdata.site.kit.acts.sample_form import split_names
from labdata.site.kit.forms import LabForm, messages_of


class ManySamplesForm(LabForm):
    """What is left empty stays as each sample has it."""

    add_tags = forms.CharField(
        required=False, label="Add tags", help_text="Separated by commas."
    )
    remove_tags = forms.CharField(
        required=False, label="Remove tags", help_text="Separated by commas."
    )
    batch = forms.CharField(
        required=False,
        max_length=60,
        label="Put into batch",
        help_text="Code; a new one is begun.",
    )
    no_batch = forms.BooleanField(required=False, label="Take out of their batch")
    location = forms.CharField(required=False, max_length=200, label="Place")
    owner = forms.CharField(required=False, help_text="User name.")
    archived = forms.ChoiceField(
        required=False,
        label="Archive",
        choices=[
            ("", "Leave as it is"),
            ("yes", "Archive: out of lists and relations, nothing is lost"),
            ("no", "Bring back"),
        ],
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.by_code = {}

    def clean(self):
        given = super().clean()
        if given.get("batch") and given.get("no_batch"):
            self.add_error("batch", "Either a batch, or none: clear one of the two.")
        if not self.errors and not any(given.values()):
            self.add_error(None, "Fill in what is to change.")
        return given

    def values(self):
        """What was typed, as the service takes it."""
        given = self.cleaned_data
        values = {
            "add_tags": split_names(given["add_tags"]),
            "remove_tags": split_names(given["remove_tags"]),
        }
        values |= {
            name: given[name] for name in ("batch", "location", "owner") if given[name]
        }
        if given["no_batch"]:
            values["batch"] = ""
        if given["archived"]:
            values["archived"] = given["archived"] == "yes"
        return values

    def take(self, error):
        """Keep what was refused of single samples to stand in their rows."""
        messages = messages_of(error)
        self.by_code = messages.get("samples", {}) if isinstance(messages, dict) else {}
        if self.by_code:
            count = len(self.by_code)
            self.add_error(
                None,
                f"Nothing was changed: {count} sample{'s' * (count != 1)} cannot be, "
                "see below.",
            )
        else:
            super().take(error)
