"""Tables on the page of a run: sweeps side by side, windows, lifetimes, models."""

import re

from labdata.common.measures.quantities import quantities
from labdata.site.kit.results.flag_words import doubts_of, kind_of

MOST_INTERVALS = 12

SIDES = re.compile(r"(reverse|forward)( \d+)?")
WINDOWS = (("rs_window", "Rs"), ("rsh_window", "Rsh"), ("window", "fit"))
REPORTED = {
    "voc": "Voc [V]",
    "jsc": "Jsc [mA/cm²]",
    "ff": "FF",
    "pce": "PCE [%]",
    "pce_one_sun": "PCE at 1 sun [%]",
    "pmax": "Pmax [mW/cm²]",
    "vmp": "Vmp [V]",
    "jmp": "Jmp [mA/cm²]",
    "rs": "Rs [Ω cm²]",
    "rsh": "Rsh [Ω cm²]",
}
OF_SWEEP = re.compile(r"(?P<quantity>[\w.]+)\[(?P<label>[^\]]*)\]")


def sides_of(values, diagnostics):
    """Values of several sweeps side by side, and those that belong to none.

    Parameters
    ----------
    values : list of PropertyValue
        As `run_rows.name_value` names them.
    diagnostics : mapping
        Of the run; ``missing`` says why a sweep has no value of a quantity.

    Returns
    -------
    sides : dict or None
        ``labels`` and ``rows``, each with ``name``, ``symbol``, ``unit`` and ``cells``:
        a value, or the reason why there is none. None without such values.
    others : list of PropertyValue
    """
    of_sweeps = [one for one in values if SIDES.fullmatch(one.label)]
    others = [one for one in values if not SIDES.fullmatch(one.label)]
    reasons = {
        (match["quantity"], match["label"]): reason
        for name, reason in diagnostics.get("missing", {}).items()
        if (match := OF_SWEEP.fullmatch(name))
    }
    if not of_sweeps:
        return None, values
    labels = {one.label for one in of_sweeps} | {label for _, label in reasons}
    labels = sorted(labels, key=_place)
    known = {(one.quantity, one.label): one for one in of_sweeps}
    named = dict.fromkeys([key for key, _ in known] + [key for key, _ in reasons])
    rows = [
        {
            "name": spec.label if spec else key,
            "symbol": spec.symbol if spec else "",
            "unit": spec.unit if spec else "",
            "cells": [
                {
                    "value": known.get((key, label)),
                    "reason": reasons.get((key, label), "not known"),
                }
                for label in labels
            ],
        }
        for key, spec in ((key, quantities.get(key)) for key in named)
    ]
    return {"labels": labels, "rows": rows}, others


def _place(label):
    """Reverse and forward of one pair beside each other."""
    side, _, number = label.partition(" ")
    return int(number or 1), side != "reverse"


def windows_of(diagnostics):
    """What of each sweep was used: its reach, its light, where the slopes were taken.

    Returns
    -------
    list of dict
        By sweep, in the order of `sides_of`.
    """
    sweeps = diagnostics.get("sweeps")
    if not isinstance(sweeps, dict):
        return []
    return [
        {
            "label": label,
            "points": told.get("points"),
            "reach": _window(told.get("from"), told.get("to")),
            "labelled": told.get("labelled") or "",
            "irradiance": told.get("irradiance"),
            "irradiance_stated": told.get("irradiance_stated"),
            "windows": [
                (name, _window(*told[key]))
                for key, name in WINDOWS
                if told.get(key) and None not in told[key]
            ],
            "reported": [
                (REPORTED.get(key, key), number)
                for key, number in told.get("reported", {}).items()
            ],
        }
        for label, told in sorted(sweeps.items(), key=lambda pair: _place(pair[0]))
    ]


def _window(low, high):
    if low is None or high is None:
        return ""
    return f"{low:.4g} to {high:.4g}".replace("-", "\N{MINUS SIGN}")


def definitions_of(diagnostics):
    """How the numbers are defined, as an analysis tells it in words."""
    told = diagnostics.get("definitions")
    if not isinstance(told, dict):
        return []
    return [(name.replace("_", " "), words) for name, words in told.items()]


def lifetimes_of(values, diagnostics):
    """What a track says, each number with how it is known, and what is left.

    Returns
    -------
    rows : list of dict
        ``value``, ``kind`` (a flag), ``low`` and ``high``, and ``definition``.
    others : list of PropertyValue
    """
    definitions = diagnostics.get("definitions", {})
    rows, others = [], []
    for value in values:
        family, _, name = value.quantity.partition(".")
        if family != "stability":
            others.append(value)
            continue
        rows.append(
            {
                "value": value,
                "kind": kind_of(value),
                "doubts": doubts_of(value),
                "definition": definitions.get(name, ""),
            }
        )
    return rows, others


def models_of(diagnostics):
    """The models that were compared, the best first, with their numbers in words."""
    told = diagnostics.get("models")
    if not isinstance(told, list):
        return []
    return [
        {
            "name": one.get("model", "").replace("_", " "),
            "formula": one.get("formula", ""),
            "bic": one.get("bic"),
            "delta": one.get("delta_bic"),
            "is_chosen": bool(one.get("chosen")),
            "refused": one.get("refused", ""),
            "parameters": [
                (name.replace("_", " "), entry)
                for name, entry in one.get("parameters", {}).items()
            ],
        }
        for one in told
    ]


def intervals_of(diagnostics):
    """Stretches without data, by kind, the longest first.

    Returns
    -------
    list of dict
        ``title``, ``count``, ``rows`` of from, to and length [h].
    """
    samples = diagnostics.get("samples", {})
    found = []
    for key, title in (("gaps", "Longer intervals"), ("dropouts", "Drop-outs")):
        pairs = diagnostics.get(key)
        if not isinstance(pairs, list) or not pairs:
            continue
        rows = sorted(
            ((first, last, last - first) for first, last in pairs),
            key=lambda row: -row[2],
        )
        count = samples.get("gaps", len(rows)) if key == "gaps" else len(rows)
        found.append({"title": title, "count": count, "rows": rows[:MOST_INTERVALS]})
    return found
