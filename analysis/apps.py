"""What it means."""

from django.apps import AppConfig


class AnalysisConfig(AppConfig):
    name = "analysis"

    def ready(self):
        # Importing the module adds the kind of job that does runs.
        from analysis import runner  # noqa: F401
        from analysis.facts import produce
        from analysis.registry import analyses
        from analysis.run_descriptions import describe_runs
        from analysis.services import request_default_runs
        from measurements.parsing import register_follow_up
        from measurements.run_descriptions import register_run_description
        from samples.facts import register_producer

        analyses.load("analysis.methods")
        register_producer("values", produce)
        register_follow_up(request_default_runs)
        register_run_description(describe_runs)
