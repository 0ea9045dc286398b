"""A small app with one kind of job, for the tests of the job machinery."""

from django.apps import AppConfig


class TestappConfig(AppConfig):
    name = "tests.common.jobs.testapp"
    label = "testapp"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from labdata.common.jobs import kinds
        from tests.common.jobs.testapp import work

        kinds.add(work.ERRAND)
