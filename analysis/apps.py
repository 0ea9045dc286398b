"""What it means."""

from django.apps import AppConfig


class AnalysisConfig(AppConfig):
    name = "analysis"

    def ready(self):
        from analysis.registry import analyses

        analyses.load("analysis.methods")
