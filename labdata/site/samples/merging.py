"""Two people change one record: what each of them did, field by field.

A form carries the values it was opened with. Who saves second has theirs, those of
the record as it is now, and those: what only one of the two changed is taken from
that one, what both changed alike is settled, and the rest is asked.
"""

import json
from dataclasses import dataclass

from labdata.common.text.storable import half_characters
from labdata.site.kit.acts.sample_form import split_names

# No field may be called as a method of forms is: scripts call form.before().
BEFORE, KEEP = "opened_with", "keep-"
MINE, THEIRS, BOTH = "mine", "theirs", "both"


@dataclass(frozen=True)
class Unit:
    """Fields that mean something only together, and how two versions go together.

    ``joins`` is ``names`` for a list of words, where both may add and remove,
    ``text`` where one version may follow the other, or empty.
    """

    names: tuple[str, ...]
    label: str
    joins: str = ""


@dataclass
class Merged:
    """What became of one unit: asked, or settled and how."""

    unit: Unit
    before: str
    theirs: str
    mine: str
    their_fields: str = ""
    my_fields: str = ""
    outcome: str = "asked"
    who: str = ""
    when: object = None

    @property
    def name(self):
        return self.unit.names[0]

    @property
    def keep_name(self):
        return f"{KEEP}{self.name}"

    @property
    def both_fields(self):
        """Theirs and mine one after the other, where that makes sense."""
        if self.unit.joins != "text":
            return ""
        return json.dumps({self.name: _joined(self.theirs, self.mine)})


def units_of(form, *, together=(), joins=None):
    """The fields of a form as units, hidden ones and bare switches left out.

    ``together`` names fields that are one; ``joins`` maps fields to how they join.
    """
    joins = joins or {}
    followers = {name for names in together for name in names[1:]}
    groups = {names[0]: tuple(names) for names in together}
    return [
        Unit(groups.get(name, (name,)), str(form[name].label), joins.get(name, ""))
        for name in form.fields
        if name not in followers
        and not form[name].is_hidden
        and form[name].widget_type != "checkbox"
    ]


def write_before(values):
    """The values a form was opened with, as its hidden field carries them."""
    return json.dumps({name: _text(value) for name, value in values.items()})


def read_before(data):
    """The values a form was opened with; nothing where it does not say."""
    try:
        values = json.loads(data.get(BEFORE, ""))
    except ValueError:
        return {}
    if not isinstance(values, dict) or half_characters(values):
        return {}
    return {str(name): _text(value) for name, value in values.items()}


def apply_choices(data, units):
    """Put the choices made on the page before into the values sent.

    What was theirs is what the form was opened with the second time.
    """
    before = read_before(data)
    for unit in units:
        choice = data.get(f"{KEEP}{unit.names[0]}")
        for name in unit.names:
            if choice == THEIRS and name in before:
                data[name] = before[name]
            elif choice == BOTH and unit.joins == "text":
                data[name] = _joined(before.get(name, ""), _text(data.get(name)))
    return data


def merge(units, *, data, current, changes=()):
    """Settle what can be settled, in ``data``; answer all that is not as it was.

    Parameters
    ----------
    data : QueryDict
        What was sent; settled fields are changed in it.
    current : dict
        The record's values now, by field.
    changes : list of dict
        What others changed, newest first, as the history tells it.
    """
    before = read_before(data)
    told = []
    for unit in units:
        then = [before.get(name) for name in unit.names]
        mine = [_text(data.get(name)) for name in unit.names]
        theirs = [_text(current.get(name)) for name in unit.names]
        if mine == theirs:
            continue
        one = Merged(
            unit,
            _shown(then),
            _shown(theirs),
            _shown(mine),
            json.dumps(dict(zip(unit.names, theirs, strict=True))),
            json.dumps(dict(zip(unit.names, mine, strict=True))),
        )
        one.who, one.when = _last_change(unit, changes)
        if unit.joins == "names" and then[0] is not None:
            one.outcome = BOTH
            data[one.name] = _join_names(then[0], theirs[0], mine[0])
            if then == theirs:
                one.outcome = MINE
            elif then == mine:
                one.outcome = THEIRS
        elif mine == then:
            one.outcome = THEIRS
            for name, value in zip(unit.names, theirs, strict=True):
                data[name] = value
        elif theirs == then:
            one.outcome = MINE
        told.append(one)
    return told


def _text(value):
    return "" if value is None else str(value).replace("\r\n", "\n").strip()


def _shown(values):
    return ", ".join(value for value in values if value)


def _joined(first, second):
    return f"{first}\n\n{second}" if first and second else first or second


def _join_names(then, theirs, mine):
    before, ours = split_names(then), split_names(mine)
    kept = [name for name in split_names(theirs) if name in ours or name not in before]
    return ", ".join([*kept, *(n for n in ours if n not in before and n not in kept)])


def _last_change(unit, changes):
    """Who last changed a unit, and when."""
    words = {
        name.split("_")[0] if name.startswith("extra_") else name.replace("_", " ")
        for name in unit.names
    }
    for entry in changes:
        if any(change["field"] in words for change in entry["changes"]):
            return entry["user"] or "the system", entry["time"]
    return "", None
