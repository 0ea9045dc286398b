"""What was made."""

from django.apps import AppConfig


class SamplesConfig(AppConfig):
    name = "samples"

    def ready(self):
        from samples import producers

        producers.register()
