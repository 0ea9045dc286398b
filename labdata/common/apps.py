"""Projects, access, history and the job machinery."""

from django.apps import AppConfig


class CommonConfig(AppConfig):
    name = "labdata.common"
    label = "common"
    verbose_name = "Projects and history"
