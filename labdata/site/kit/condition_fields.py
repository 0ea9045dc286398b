"""The conditions of techniques as fields of forms."""

from django import forms

from labdata.site.kit.forms import LabForm
from labdata.site.kit.tags.quantities import unit_symbol


def condition_field(condition, empty="—"):
    """A field for a condition, with its unit; another unit may be typed."""
    label = condition.label
    if condition.unit:
        label += f" [{unit_symbol(condition.unit)}]"
    if condition.kind == "choice":
        choices = [("", empty), *((value, value) for value in condition.choices)]
        return forms.ChoiceField(choices=choices, label=label, required=False)
    return forms.CharField(label=label, required=False)


class ConditionsForm(LabForm):
    """A form with a field ``condition_<key>`` for each condition offered."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.condition_names = {}

    def offer_conditions(self, conditions, empty="—"):
        """Add a field for each; one that is there already is left."""
        for condition in conditions:
            name = f"condition_{condition.key}"
            if name not in self.fields:
                self.condition_names[name] = condition.key
                self.fields[name] = condition_field(condition, empty)

    @property
    def condition_fields(self):
        return [self[name] for name in self.condition_names]

    def conditions(self):
        """The conditions that were filled in, by key."""
        return {
            key: self.cleaned_data[name]
            for name, key in self.condition_names.items()
            if self.cleaned_data[name] != ""
        }

    def take(self, error):
        nested = getattr(error, "nested", {}).get("conditions")
        if not isinstance(nested, dict):
            super().take(error)
            return
        for key, texts in nested.items():
            name = f"condition_{key}"
            for text in texts:
                self.add_error(name if name in self.fields else None, text)
