"""What flags on numbers and runs say, as the analyses that raise them declare it."""

from analysis.contract.flags import find_flag
from labdata.common.measures.quantities import quantities


def flags_of(value):
    """The flags of a value in the words of whoever raised them."""
    quantity = getattr(value, "quantity", "")
    return [find_flag(key, quantity=quantity) for key in value.flags]


def doubts_of(value):
    """The flags of a value that are doubts about it."""
    return [flag for flag in flags_of(value) if flag.severity != "note"]


def notes_of(value):
    """The flags of a value that only say how it is known."""
    return [flag for flag in flags_of(value) if flag.severity == "note"]


def told_flags(values, run=None):
    """The doubts about several values once each, with what they are about.

    Returns
    -------
    list of (Flag, str)
        Those about the ``run`` as a whole first; the text names values, each once.
    """
    told = [(flag, words or about) for flag, about, words in _raised(run)]
    about = {}
    for value in values:
        for flag in doubts_of(value):
            name = value.spec.symbol or value.name if value.spec else value.quantity
            label = f" [{value.label}]" if value.label else ""
            about.setdefault(flag, []).append(f"{name}{label}")
    return told + [
        (flag, ", ".join(dict.fromkeys(names))) for flag, names in about.items()
    ]


def doubts_about(run, values):
    """Why somebody should look at a finished run before believing it, in words.

    ``values`` are the run's own. A run without doubts is called good.
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
    return doubts + [
        words or (f"{about}: {flag.word}" if about else flag.word)
        for flag, about, words in _raised(run)
        if flag.severity != "note"
    ]


def _raised(run):
    """Flags about a run as a whole, in the words stored with it."""
    for one in run.raised_flags if run else ():
        flag = find_flag(one["key"], analysis=run.analysis, stored=run.result)
        yield flag, one.get("about", ""), one.get("words", "")


def _without_label(value):
    spec = quantities.get(value.quantity)
    return (spec.symbol or spec.label) if spec else value.quantity
