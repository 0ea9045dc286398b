"""How good a fit is, from what its analysis stored, ready for a page."""

from analysis.contract.flags import find_flag
from labdata.common.measures.quantities import quantities
from labdata.plugin import Fit
from labdata.site.kit.results.flag_words import doubts_of

MINUS = "\N{MINUS SIGN}"
STRONG = 0.9


def describe_fit(parts):
    """Statistics, parameters, conventions and matrices, where they are told.

    An adapter of a typed result to the templates of one fit; an analysis that tells
    none of these gives empty parts, and the page leaves the sections out.
    """
    fit = next((one for one in parts.fits if one.key == "fit"), Fit())
    origin = next((one for one in parts.tables if one.key == "origin"), None)
    peaks = next((one for one in parts.comparisons if one.key == "peaks"), None)
    correlation = fit.correlation
    return {
        "model": fit.model,
        "statistics": [(one.label, one.value) for one in fit.statistics],
        "parameters": [
            (one.name, one.value, one.uncertainty) for one in fit.parameters
        ],
        "origin_model": origin.caption if origin else "",
        "origin": [
            (name, number.value, number.uncertainty)
            for name, number in (origin.rows if origin else ())
        ],
        "names": fit.names,
        "covariance": _matrix(fit.names, fit.covariance),
        "correlation": _heat(fit.names, correlation),
        "strong": _strong(fit.names, correlation),
        "weights": fit.weights,
        "search": fit.search.sentence if fit.search else "",
        "selection": peaks if peaks and peaks.rule.startswith("auto") else None,
    }


def _matrix(names, rows):
    return list(zip(names, rows, strict=True)) if names and rows else []


def _heat(names, rows):
    """The lower triangle of a correlation matrix, each number with its shade."""
    return [
        (
            name,
            [
                {
                    "text": _two_decimals(number),
                    "shade": f"{'n' if number < 0 else 'p'}{round(10 * abs(number))}",
                    "is_strong": index != place and abs(number) >= STRONG,
                }
                for index, number in enumerate(row[: place + 1])
            ],
        )
        for place, (name, row) in enumerate(_matrix(names, rows))
    ]


def _strong(names, rows):
    """Pairs of parameters the data hardly tell apart."""
    return [
        (names[index], name, _two_decimals(row[index]))
        for place, (name, row) in enumerate(_matrix(names, rows))
        for index in range(place)
        if abs(row[index]) >= STRONG
    ]


def _two_decimals(number):
    return f"{number:.2f}".replace("-", MINUS)


def doubts_about(run, values):
    """Why somebody should look at a finished fit before believing it, in words.

    ``values`` are the run's own. A fit without doubts is called good.
    """
    flagged = {}
    for value in values:
        spec = quantities.get(value.quantity)
        if spec is not None and spec.repeats:
            continue
        about = value.label or _without_label(value)
        words = {flag.word for flag in doubts_of(value)}
        flagged.setdefault(about, set()).update(words)
    doubts = [
        f"{label}: {', '.join(sorted(words))}"
        for label, words in flagged.items()
        if words
    ]
    for raised in run.raised_flags:
        flag = find_flag(raised["key"], analysis=run.analysis, stored=run.result)
        if flag.severity != "note":
            doubts.append(raised.get("words") or flag.word)
    return doubts


def _without_label(value):
    spec = quantities.get(value.quantity)
    return (spec.symbol or spec.label) if spec else value.quantity
