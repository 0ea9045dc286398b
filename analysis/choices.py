"""What migrations of this app name: these names never move."""

from analysis.contract.registry import analyses


def analysis_choices() -> list[tuple[str, str]]:
    """Give a model field its choices; uncalled, so that none needs a migration."""
    return [(spec.key, spec.label) for spec in analyses]
