"""System checks: what is installed and cannot be used."""

from django.core.checks import Warning, register

from analysis.contract.plugins import installed


@register
def check_plugins(app_configs, **options):
    """Name every plug-in that is not taken, and why."""
    return [
        Warning(
            f"The plug-in {one} is not used: {one.reason}.",
            hint="Update or remove the package; the lab works without it.",
            id="labdata.W001",
        )
        for one in installed()
        if one.is_broken
    ]
