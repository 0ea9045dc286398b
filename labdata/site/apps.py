"""The pages and endpoints that join the apps."""

from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "labdata.site"
    label = "site"

    def ready(self):
        from labdata.celery import app

        app.set_default()

        from labdata.common.jobs.endings import register_ending
        from labdata.site.measurements.intakes import finish_intake_of

        register_ending(finish_intake_of)
