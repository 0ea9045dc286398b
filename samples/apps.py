"""What was made."""

from django.apps import AppConfig


class SamplesConfig(AppConfig):
    name = "samples"

    def ready(self):
        # Importing the checks adds them.
        from samples import checks, producers  # noqa: F401

        producers.register()
