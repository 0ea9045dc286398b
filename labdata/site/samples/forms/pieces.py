"""The form that takes pieces of a sample."""

import re

from django import forms
from django.core.exceptions import ValidationError

from labdata.site.kit.acts.moments import as_written
from labdata.site.kit.forms import LabForm
from samples.models import Process, Sample
from samples.services.making import MOST_PIECES

_NUMBER = re.compile(r"\{(n(?::0?\d)?|a)\}")
LETTERS = "abcdefghijklmnopqrstuvwxyz"


class SplitForm(LabForm):
    """Cut a sample into pieces; the sample itself stays."""

    aliases = {"codes": "pattern", "inputs": "amount", "outputs": "pattern"}

    count = forms.IntegerField(
        label="How many pieces", min_value=1, max_value=MOST_PIECES
    )
    pattern = forms.CharField(
        label="Codes",
        max_length=80,
        help_text="{n} counts, {n:02} with two digits, {a} in letters.",
    )
    amount = forms.CharField(
        required=False, label="Amount of each", help_text="Such as 25 mg, if known."
    )
    kind = forms.ChoiceField(choices=Sample.Kind.choices)
    location = forms.CharField(required=False, max_length=200)
    state = forms.ChoiceField(choices=Process.State.choices, initial="done")
    started_at = forms.CharField(
        required=False, label="When", help_text="now, today, yesterday, 2026-03-05 …"
    )
    operator = forms.CharField(required=False, max_length=100)
    notes = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args, sample, **kwargs):
        super().__init__(*args, **kwargs)
        self.sample = sample

    def clean_started_at(self):
        return as_written(self.cleaned_data["started_at"])

    def codes(self):
        """The next free codes of the pattern typed, or None while it is not sound."""
        count, pattern = self["count"].value(), self["pattern"].value() or ""
        try:
            count = int(count)
        except (TypeError, ValueError):
            return None
        if not 1 <= count <= MOST_PIECES:
            return None
        return free_codes(self.sample.project, pattern, count)

    def clean(self):
        super().clean()
        if "count" in self.cleaned_data and "pattern" in self.cleaned_data:
            try:
                self.cleaned_data["codes"] = self.codes()
            except ValidationError as error:
                self.add_error("pattern", error)
        return self.cleaned_data

    def values(self):
        names = ("codes", "amount", "kind", "location", "state", "started_at")
        return {name: self.cleaned_data[name] for name in (*names, "operator", "notes")}


def free_codes(project, pattern, count):
    """The first codes of a pattern that no sample of the project has.

    Raises
    ------
    ValidationError
        If the pattern does not count, or all its codes are taken.
    """
    place = _NUMBER.search(pattern)
    if place is None:
        if count > 1:
            raise ValidationError("Write {n} where the number of the piece goes.")
        return [pattern]
    most = len(LETTERS) if place[1] == "a" else count + MOST_PIECES * 5
    before, after = pattern[: place.start()], pattern[place.end() :]
    candidates = [
        f"{before}{_counted(place[1], number)}{after}" for number in range(most)
    ]
    taken = set(
        Sample.objects.filter(project=project, code__in=candidates).values_list(
            "code", flat=True
        )
    )
    free = [code for code in candidates if code not in taken][:count]
    if len(free) < count:
        raise ValidationError(
            f"Only {len(free)} codes of {pattern} are free, {count} are needed."
        )
    return free


def _counted(form, number):
    if form == "a":
        return LETTERS[number]
    width = form.partition(":")[2]
    return f"{number + 1:{width}d}" if width else str(number + 1)
