"""What an address asks of the explorer, and how its parts read in words."""

from dataclasses import dataclass, field
from urllib.parse import urlencode

from django.utils.html import conditional_escape
from django.utils.safestring import mark_safe

from analysis.relations.question import ROLES
from analysis.relations.variables import find_variables
from labdata.common.variables import (
    OPERATORS,
    Filter,
    VariableError,
    parse_filter,
    parse_variable,
    split_key,
)
from labdata.site.kit.tags.quantities import formula, unit_symbol

# What only the page understands: how the answer is drawn.
PAGE_ONLY = ("chart", "log", "rows", "page_size", "cursor", "format", "limit", "sort")
# A filter is put together of three fields.
FILTER_FIELDS = ("filter_variable", "filter_operator", "filter_value")
ROLE_WORDS = {
    "x": ("x axis", "composition, temperature …"),
    "y": ("y axis", "a property or condition"),
    "color": ("Colour", "what tells points apart"),
    "facet": ("Panels", "a panel for each value"),
}
# Formulas stand in these families' labels.
TYPESET = ("composition", "element", "ion")
WHOLE_LAB = "sample.code"
QUANTILES = {3: "terciles", 4: "quartiles", 5: "quintiles", 10: "deciles"}
WIDTHS = (5, 10, 20, 50)
BINNED = {"x": "x", "color": "colour", "facet": "panels"}


@dataclass(frozen=True, slots=True)
class Asked:
    """The parameters of an address, parted into the API's and the page's."""

    api: dict[str, list[str]]
    drawn: dict[str, list[str]] = field(default_factory=dict)

    @property
    def is_question(self):
        return bool(self.api.get("x") and self.api.get("y"))

    @property
    def query(self):
        return urlencode(self.api, doseq=True)

    def one(self, name):
        return (self.api.get(name) or [""])[0]


def read_address(request):
    """Part the parameters; a property alone is asked for sample by sample."""
    given = {
        name: [value for value in values if value]
        for name, values in request.GET.lists()
        if any(values)
    }
    api = {name: values for name, values in given.items() if name not in PAGE_ONLY}
    drawn = {name: values for name, values in given.items() if name in PAGE_ONLY}
    if api.get("y") and not api.get("x"):
        api["x"] = [WHOLE_LAB]
        drawn.setdefault("chart", ["histogram"])
    return Asked(api, drawn)


def tidied(request):
    """The address of the question, with typed filters in the API's notation."""
    query = request.GET.copy()
    texts = query.getlist("filter")
    for variable, operator, value in zip(
        *(query.getlist(name) for name in FILTER_FIELDS), strict=False
    ):
        if variable and value.strip():
            texts.append(_written_filter(variable, operator, value.strip()))
    for name in FILTER_FIELDS:
        query.pop(name, None)
    query.setlist("filter", texts)
    kept = [(name, value) for name, all_ in query.lists() for value in all_ if value]
    return f"{request.path}?{urlencode(kept)}"


def _written_filter(variable, operator, value):
    """A filter in the API's notation; what cannot be one is left for it to refuse."""
    text = f"{variable}:{operator}:{value}"
    try:
        name = parse_variable(variable)
        if operator in ("in", "between"):
            return text
        return str(Filter(name, operator, (value,)))
    except VariableError:
        return text


def bin_choices(asked):
    """Ways to part x, colour or panels in bins: address, words, whether asked for.

    What an address asks for and no list offers is offered too.
    """
    chosen = asked.api.get("bins", [])
    offered = {
        f"{role}:{number}": f"{words} in {name} (equally many each)"
        for role, words in BINNED.items()
        if asked.one(role)
        for number, name in QUANTILES.items()
    }
    offered |= {f"{number}": f"x in {number} equal widths" for number in WIDTHS}
    offered |= {text: text for text in chosen if text not in offered}
    return [(text, words, text in chosen) for text, words in offered.items()]


def known_labels(asked, project_ids):
    """What is known of the variables an address names, in one query."""
    texts = [asked.one(role) for role in ROLES]
    keys = set()
    for text in texts:
        if text and (name := _variable(text)):
            keys.add(name.key)
    for text in asked.api.get("filter", []):
        try:
            keys.add(parse_filter(text).variable.key)
        except VariableError:
            continue
    return find_variables(keys, project_ids)


def _variable(text):
    try:
        return parse_variable(text)
    except VariableError:
        return None


def told_role(role, asked, known, errors):
    """A field of the form: what it is for, what it holds, what is wrong with it."""
    value = asked.one(role)
    title, hint = ROLE_WORDS[role]
    return {
        "name": role,
        "title": title,
        "hint": hint,
        "value": value,
        "text": _words(value, known),
        "errors": errors.get(role, []),
    }


def in_plain_words(errors, asked):
    """Refusals of variables as somebody needs them who typed a word and chose none."""
    return {
        name: [f"No variable is called “{asked.one(name)}”: choose one from the list."]
        if name in ROLES and asked.one(name) and "." not in asked.one(name)
        else told
        for name, told in errors.items()
    }


def _words(text, known):
    """A variable as the field shows it; what is no variable stays as typed."""
    name = _variable(text) if text else None
    if name is None or name.key not in known:
        return text
    return f"{_label(name, known[name.key])}{_tail(known[name.key])}"


def _label(name, spec):
    return f"{spec.label} [{name.label}]" if name.label else spec.label


def _tail(spec):
    unit = unit_symbol(spec.unit)
    return f" ({unit})" if unit else ""


def told_filter(text, known):
    """A filter in words and in parts, for its chip and for changing it."""
    try:
        parsed = parse_filter(text)
    except VariableError:
        return {"text": text, "words": text}
    spec = known.get(parsed.variable.key)
    label = _label(parsed.variable, spec) if spec else str(parsed.variable)
    values = (" and " if parsed.operator == "between" else ", ").join(parsed.values)
    unit = unit_symbol(spec.unit) if spec and _bare(parsed.values) else ""
    return {
        "text": text,
        "words": f"{label} {OPERATORS[parsed.operator]} {values} {unit}".strip(),
        "variable": str(parsed.variable),
        "variable_text": _words(str(parsed.variable), known),
        "operator": parsed.operator,
        "value": text.split(f":{parsed.operator}:", 1)[-1],
    }


def _bare(values):
    """Whether numbers were typed without a unit of their own."""
    return all(
        value.strip().lstrip("+-").replace(".", "").isdigit() for value in values
    )


def typeset_label(key, label):
    """A label with the formula in it set with subscripts."""
    family, *rest = split_key(key)
    if family in TYPESET and rest and rest[-1] in label:
        before, _, after = label.partition(rest[-1])
        return mark_safe(
            f"{conditional_escape(before)}{formula(rest[-1])}{conditional_escape(after)}"
        )
    return conditional_escape(label)
