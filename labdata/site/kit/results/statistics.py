"""How good a fit is, from the diagnostics its analysis stored, ready for a page."""

from labdata.common.measures.quantities import quantities
from labdata.site.kit.results.flag_words import doubts_of, short_words

MINUS = "\N{MINUS SIGN}"
LOW_R_SQUARED = 0.95
FEW_AGREEING = 0.2
STRONG = 0.9

STATISTICS = (
    ("reduced_chi_square", "Reduced χ²"),
    ("chi_square", "χ²"),
    ("r_squared", "R²"),
    ("adjusted_r_squared", "Adjusted R²"),
    ("aic", "AIC"),
    ("bic", "BIC"),
    ("points", "Points"),
    ("degrees_of_freedom", "Degrees of freedom"),
)


def describe_fit(diagnostics):
    """Statistics, parameters, Origin's convention and matrices, where they are told.

    An analysis that stores none of these gives empty parts, and the page leaves the
    sections out.
    """
    names = diagnostics.get("names", [])
    origin = diagnostics.get("origin", {})
    return {
        "model": diagnostics.get("model", ""),
        "statistics": [
            (label, diagnostics[key]) for key, label in STATISTICS if key in diagnostics
        ],
        "parameters": [
            (name, *pair) for name, pair in diagnostics.get("parameters", {}).items()
        ],
        "origin_model": origin.get("model", ""),
        "origin": _origin_rows(origin),
        "names": names,
        "covariance": _matrix(names, diagnostics.get("covariance")),
        "correlation": _heat(names, diagnostics.get("correlation")),
        "strong": _strong(names, diagnostics.get("correlation")),
        "weights": diagnostics.get("weights", ""),
        "search": _search(diagnostics),
        "selection": diagnostics.get("selection", {}),
    }


def _origin_rows(origin):
    """Name, value and error of each parameter as Origin prints them."""
    rows = []
    for key, entry in origin.items():
        if isinstance(entry, list):
            rows.append((key, *entry))
        elif isinstance(entry, dict):
            rows += [(f"{name}, peak {key}", *pair) for name, pair in entry.items()]
    return rows


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


def _search(diagnostics):
    """How the minimum was found, in a sentence."""
    if "starts" not in diagnostics:
        return ""
    return (
        f"{diagnostics['starts_agreeing']} of {diagnostics['starts']} starts agree on "
        f"this minimum, after {diagnostics['evaluations']} evaluations."
    )


def doubts_about(run, values):
    """Why somebody should look at a finished fit before believing it, in words.

    ``values`` are the run's own. A fit without doubts is called good.
    """
    flagged = {}
    for value in values:
        # A ratio such as II/I only repeats the doubts about its parts.
        if "/" not in value.label:
            about = value.label or _without_label(value)
            flagged.setdefault(about, set()).update(doubts_of(value))
    doubts = [
        f"{label}: {', '.join(sorted(map(short_words, flags)))}"
        for label, flags in flagged.items()
        if flags
    ]
    r_squared = run.diagnostics.get("r_squared")
    if r_squared is not None and r_squared < LOW_R_SQUARED:
        doubts.append(f"R² {r_squared:.3f}")
    starts = run.diagnostics.get("starts") or 0
    agreeing = run.diagnostics.get("starts_agreeing", starts)
    if starts and agreeing / starts < FEW_AGREEING:
        doubts.append(f"{agreeing} of {starts} starts agree")
    return doubts


def _without_label(value):
    spec = quantities.get(value.quantity)
    return (spec.symbol or spec.label) if spec else value.quantity
