"""What the flags on numbers say, as the analyses that raise them declare it."""

from analysis.contract.flags import find_flag


def flags_of(value):
    """The flags of a value in the words of whoever raised them."""
    return [find_flag(key, quantity=value.quantity) for key in value.flags]


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
    told = [
        (
            find_flag(one["key"], analysis=run.analysis, stored=run.result),
            one.get("words", ""),
        )
        for one in (run.raised_flags if run else ())
    ]
    about = {}
    for value in values:
        for flag in doubts_of(value):
            name = value.spec.symbol or value.name if value.spec else value.quantity
            label = f" [{value.label}]" if value.label else ""
            about.setdefault(flag, []).append(f"{name}{label}")
    return told + [
        (flag, ", ".join(dict.fromkeys(names))) for flag, names in about.items()
    ]
