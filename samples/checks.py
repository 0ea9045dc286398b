"""System checks: settings that ask for more than facts can carry."""

from django.conf import settings
from django.core.checks import Error, register

from samples.models.facts import PROMOTED_COLUMNS


@register()
def check_promoted_descriptors(app_configs, **kwargs):
    """Refuse to leave out in silence what a lab named as one descriptor too many."""
    named, most = settings.LABDATA_PROMOTED_DESCRIPTORS, len(PROMOTED_COLUMNS)
    if len(named) <= most and len(set(named)) == len(named):
        return []
    return [
        Error(
            f"LABDATA_PROMOTED_DESCRIPTORS names {len(named)} variables "
            f"({', '.join(named)}); facts carry up to {most}, each once.",
            id="labdata.E001",
        )
    ]
