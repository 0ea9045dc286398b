"""Conditions on what is known of samples: ``where=VARIABLE:op:value`` in a list."""

from dataclasses import dataclass

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, Q

from labdata.common.variables import (
    Filter,
    VariableError,
    filter_numbers,
    parse_filter,
)
from samples.models import Fact, Variable

MOST_CONDITIONS = 20
# Numbers typed in another unit come back with rounding in the last digits.
TOLERANCE = 1e-9
KELVIN_OFFSET = 273.15
TEMPERATURES = ("°C", "K", "°F")


def span(number, unit):
    """The numbers that count as equal to one that was typed, from lowest to highest."""
    scale = abs(number) + (KELVIN_OFFSET if unit in TEMPERATURES else 0.0)
    return number - TOLERANCE * scale, number + TOLERANCE * scale


@dataclass(frozen=True, slots=True)
class Where:
    """A condition with the variable it is about and, for numbers, its span."""

    asked: Filter
    variable: Variable
    numbers: tuple[float, ...] = ()

    def holds(self):
        """Whether a sample has a fact, in any of its states, that fulfils it."""
        facts = Fact.objects.filter(
            self._compared(), sample=OuterRef("pk"), variable=self.variable
        )
        label = self.asked.variable.label
        if label is None:
            return Exists(facts.filter(is_default=True))
        return Exists(facts.filter(label=label))

    def _compared(self):
        operator, values = self.asked.operator, self.asked.values
        if not self.numbers:
            same = Q(text__in=values) if operator == "in" else Q(text=values[0])
            return ~Q(text="") & ~same if operator == "ne" else same
        spans = [span(number, self.variable.unit) for number in self.numbers]
        low, high = spans[0]
        if operator in ("eq", "in"):
            either = Q()
            for ends in spans:
                either |= Q(value__range=ends)
            return either
        # The value itself belongs to le and ge, and not to lt and gt.
        return {
            "ne": Q(value__lt=low) | Q(value__gt=high),
            "lt": Q(value__lt=low),
            "le": Q(value__lte=high),
            "gt": Q(value__gt=high),
            "ge": Q(value__gte=low),
            "between": Q(value__range=(low, spans[-1][1])),
        }[operator]


def read_conditions(user, texts):
    """Read conditions as typed, and look their variables up in one query.

    Raises
    ------
    ValidationError
        Every condition that cannot be read, in the words of the notation.
    """
    if len(texts) > MOST_CONDITIONS:
        raise ValidationError(f"At most {MOST_CONDITIONS} conditions.")
    asked, errors = [], []
    for text in texts:
        try:
            asked.append(parse_filter(text))
        except VariableError as error:
            errors.append(str(error))
    known = {}
    if asked:
        # The name of a variable may be somebody's unpublished material.
        seen = Fact.objects.visible_to(user).filter(variable=OuterRef("pk"))
        known = {
            row.key: row
            for row in Variable.objects.filter(
                Exists(seen), key__in={one.variable.key for one in asked}
            )
        }
    read = []
    for one in asked:
        try:
            read.append(_resolved(one, known.get(one.variable.key)))
        except VariableError as error:
            errors.append(str(error))
    if errors:
        # As a parameter: a text may hold a percent sign, of a unit such as at%.
        raise ValidationError(
            [ValidationError("%(text)s", params={"text": text}) for text in errors]
        )
    return read


def _resolved(asked, variable):
    if variable is None:
        raise VariableError(f"No sample has the variable {asked.variable.key!r}")
    if variable.kind == Variable.Kind.NUMBER:
        return Where(asked, variable, filter_numbers(asked, variable.unit or "1"))
    if asked.operator not in ("eq", "ne", "in"):
        raise VariableError(f"{asked.variable} is text: compare it by eq, ne or in")
    return Where(asked, variable)


class ConditionsField(forms.Field):
    """A repeated parameter of an address, read as conditions for one person."""

    widget = forms.MultipleHiddenInput
    user = None

    def clean(self, value):
        texts = [text for text in value or () if text.strip()]
        return read_conditions(self.user, texts) if texts else []
