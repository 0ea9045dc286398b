"""What migrations of this app name: these names never move."""

from measurements.registry import techniques


def technique_choices() -> list[tuple[str, str]]:
    """Give a model field its choices; uncalled, so that none needs a migration."""
    return [(technique.key, technique.label) for technique in techniques]
