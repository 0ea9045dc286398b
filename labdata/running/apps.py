"""Running a lab: its commands are found through this app."""

from django.apps import AppConfig


class RunningConfig(AppConfig):
    name = "labdata.running"
    label = "running"
