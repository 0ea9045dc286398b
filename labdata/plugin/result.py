"""What an analysis gives back: numbers, curves, and everything a page says of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from labdata.plugin.dataset import Dataset
from labdata.plugin.drawings import Drawing
from labdata.plugin.estimates import Estimate, LabelledEstimate, Missing
from labdata.plugin.fits import Fit
from labdata.plugin.flags import Flag, RaisedFlag
from labdata.plugin.quantity import Quantity
from labdata.plugin.stored import plain, restore, restore_each
from labdata.plugin.tables import Cell, Comparison, Definition, Detail, Table

FORMAT = 1
"""Of a stored result. A change that the reader of today would misread raises it."""

PARTS: Mapping[str, Any] = {
    "flags": lambda told: restore(RaisedFlag, told),
    "missing": lambda told: restore(Missing, told),
    "definitions": lambda told: restore(Definition, told),
    "details": Detail.from_json,
    "fits": Fit.from_json,
    "comparisons": Comparison.from_json,
    "tables": Table.from_json,
    "drawings": Drawing.from_json,
}


@dataclass(frozen=True, slots=True)
class Result:
    """Everything one run of an analysis found.

    Attributes
    ----------
    estimates : tuple of LabelledEstimate
        Each (quantity, label) once; exactly one label of a quantity is its default.
        A value without label is its quantity's only one, and so the default.
    datasets : mapping of str to Dataset
        Curves or maps by role, such as ``fit``.
    fits, comparisons, tables, details, definitions : tuple
        How good the fits are, which models were held against each other, what else
        there is to read, how the numbers were found and what they mean.
    missing : tuple of Missing
        Values that should be there and are not.
    remarks : tuple of str
        Sentences for the person at the bench.
    flags : tuple of RaisedFlag
        About the whole result, or one label of it.
    drawings : tuple of Drawing
        The first is the picture of the result.
    intervals : str
        What ``low`` and ``high`` of its estimates are, such as ``95 %``.
    unread : tuple of str
        Parts of a stored result that the code of today cannot read.
    """

    estimates: tuple[LabelledEstimate, ...] = ()
    datasets: Mapping[str, Dataset] = field(default_factory=dict)
    fits: tuple[Fit, ...] = ()
    comparisons: tuple[Comparison, ...] = ()
    tables: tuple[Table, ...] = ()
    details: tuple[Detail, ...] = ()
    definitions: tuple[Definition, ...] = ()
    missing: tuple[Missing, ...] = ()
    remarks: tuple[str, ...] = ()
    flags: tuple[RaisedFlag, ...] = ()
    drawings: tuple[Drawing, ...] = ()
    intervals: str = ""
    unread: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("estimates", "remarks", *PARTS):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        by_quantity: dict[str, list[LabelledEstimate]] = {}
        for item in self.estimates:
            by_quantity.setdefault(item.quantity, []).append(item)
        for quantity, items in by_quantity.items():
            labels = [item.label for item in items]
            if len(set(labels)) < len(labels):
                raise ValueError(f"{quantity} is estimated twice under one label")
            if "" in labels and len(labels) > 1:
                raise ValueError(f"{quantity} is estimated with and without a label")
            if "" not in labels and sum(item.default for item in items) != 1:
                raise ValueError(f"{quantity} needs exactly one default label")
        json.dumps(self._parts(), allow_nan=False)

    def __getitem__(self, name: str) -> Estimate:
        """Return an estimate by variable name; without label, the default one."""
        for item in self.estimates:
            if item.name == name or (item.quantity == name and item.is_default):
                return item.estimate
        known = ", ".join(item.name for item in self.estimates) or "none"
        raise LookupError(f"no estimate {name!r} (there: {known})")

    def __contains__(self, name: object) -> bool:
        return any(name in (item.name, item.quantity) for item in self.estimates)

    def fit(self, key: str = "") -> Fit:
        """Return a fit by its key, by default the first."""
        return _find(self.fits, "fit", key)

    def comparison(self, key: str = "") -> Comparison:
        return _find(self.comparisons, "comparison", key)

    def table(self, key: str) -> Table:
        return _find(self.tables, "table", key)

    def drawing(self, key: str = "") -> Drawing:
        return _find(self.drawings, "drawing", key)

    def detail(self, key: str, about: str = "") -> Cell:
        """Return what a detail says."""
        found = [one for one in self.details if one.about == about]
        return _find(found, "detail", key).value

    def definition(self, quantity: str) -> str:
        """Return how a quantity is defined, in words; empty where nobody says it."""
        found = (one.words for one in self.definitions if one.quantity == quantity)
        return next(found, "")

    def reason(self, name: str) -> str:
        """Return why a value such as ``jv.voc[forward]`` is missing, or nothing."""
        names = {f"{one.quantity}[{one.label}]": one.reason for one in self.missing}
        return names.get(name, "")

    def _parts(self) -> dict[str, Any]:
        kept: dict[str, Any] = {
            name: [plain(one) for one in parts]
            for name in PARTS
            if (parts := getattr(self, name))
        }
        if self.remarks:
            kept["remarks"] = list(self.remarks)
        if self.intervals:
            kept["intervals"] = self.intervals
        return kept

    def to_json(
        self,
        *,
        quantities: Mapping[str, Quantity] | None = None,
        flags: Iterable[Flag] = (),
    ) -> dict[str, Any]:
        """Return everything but numbers and arrays, as it is stored with a run.

        Parameters
        ----------
        quantities : mapping of str to Quantity, optional
            Those of the estimates are named with their units.
        flags : iterable of Flag
            Those of the analysis; the raised ones are kept with their words.

        Notes
        -----
        A stored result stays readable after its method has changed or gone, so units
        and words travel with it.
        """
        raised = {one.key for one in self.flags}
        raised |= {flag for item in self.estimates for flag in item.estimate.flags}
        known = quantities or {}
        named = {
            item.quantity: known[item.quantity]
            for item in self.estimates
            if item.quantity in known
        }
        return {
            "format": FORMAT,
            "quantities": {
                key: {
                    "label": spec.label,
                    "symbol": spec.symbol,
                    "unit": spec.unit,
                }
                for key, spec in sorted(named.items())
            },
            "flag_words": {
                one.key: one.to_json() for one in flags if one.key in raised
            },
            **self._parts(),
        }

    @classmethod
    def from_json(cls, stored: Any) -> Result:
        """Read what was stored with a run: neither numbers nor arrays are in it.

        What an unfinished run holds, nothing, is an empty result. Parts that the code
        of today does not know are named in ``unread``, never guessed.
        """
        if not isinstance(stored, Mapping) or not stored:
            return cls()
        if stored.get("format") != FORMAT:
            return cls(unread=(f"format {stored.get('format')}",))
        unread: list[str] = []
        parts: dict[str, Any] = {
            name: restore_each(build, stored.get(name), unread, name)
            for name, build in PARTS.items()
        }
        return cls(
            remarks=tuple(stored.get("remarks", ())),
            intervals=stored.get("intervals", ""),
            unread=tuple(unread),
            **parts,
        )


def stored_flag(stored: Mapping[str, Any], key: str) -> Flag | None:
    """Return a flag in the words that are stored with a result that raises it."""
    words = stored.get("flag_words", {}).get(key)
    return None if words is None else restore(Flag, {"key": key, **words})


def _find(parts: Iterable[Any], what: str, key: str) -> Any:
    parts = list(parts)
    for one in parts:
        if not key or one.key == key:
            return one
    known = ", ".join(one.key for one in parts) or "none"
    raise LookupError(f"no {what} {key!r} (there: {known})")
