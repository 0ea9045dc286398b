"""The two messages there are: do this job, and look after all of them."""

from celery import shared_task

from labdata.common.jobs import reaper, runner
from labdata.common.jobs.services import RUN_JOB

REAP = "labdata.common.jobs.reap"


@shared_task(name=RUN_JOB, ignore_result=True)
def run_job(key: str, pk: int) -> None:
    runner.execute(key, pk)


@shared_task(name=REAP, ignore_result=True)
def reap() -> None:
    reaper.reap()
