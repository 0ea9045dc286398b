"""What it means."""

from django.apps import AppConfig


class AnalysisConfig(AppConfig):
    name = "analysis"

    def ready(self):
        # Importing these modules adds the checks, and the kind of job that does runs.
        from analysis import checks  # noqa: F401
        from analysis.contract.plugins import load_plugins
        from analysis.contract.registry import load_builtin
        from analysis.runs import runner  # noqa: F401
        from analysis.runs.descriptions import describe_runs
        from analysis.services import request_default_runs
        from analysis.value_facts import produce
        from measurements.reading.parsing import register_follow_up
        from measurements.run_descriptions import register_run_description
        from samples.facts import register_producer

        load_builtin()
        load_plugins()
        register_producer("values", produce)
        register_follow_up(request_default_runs)
        register_run_description(describe_runs)
