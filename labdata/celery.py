"""The Celery application: messages are hints, the rows of the jobs are the truth."""

import os
from pathlib import Path

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "labdata.settings")
# The checks load every page; a worker serves none.
os.environ.setdefault("CELERY_SKIP_CHECKS", "1")

from django.conf import settings
from kombu import Queue

from labdata.common.work import broker, worker

broker.register()

WORK_QUEUE, REAPER_QUEUE = "labdata", "labdata.reaper"
REAP = "labdata.common.jobs.reap"


# Whoever asks for work is not made to wait for a broker that is down.
IMPATIENT = {"max_retries": 1, "interval_start": 0, "interval_max": 0}


def transport_options(url: str, data_dir: Path) -> dict:
    if url.startswith(f"{broker.SCHEME}:"):
        return {"folder": str(data_dir / "broker")}
    if url.startswith(("redis", "rediss", "sentinel")):
        return {
            # A message is acknowledged when its work begins, so this bounds only how
            # long it may wait inside a busy worker before it is sent once more.
            "visibility_timeout": 6 * 3600,
            "unacked_restore_interval": 10,
            "unacked_restore_throttle": 1,
            "socket_connect_timeout": 3,
            "socket_timeout": 30,
            "socket_keepalive": True,
            **IMPATIENT,
        }
    return IMPATIENT


app = Celery("labdata")
app.conf.update(
    broker_url=settings.LABDATA_BROKER_URL,
    broker_transport_options=transport_options(
        settings.LABDATA_BROKER_URL, settings.LABDATA_DATA_DIR
    ),
    broker_connection_timeout=3,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    include=["labdata.common.jobs.tasks"],
    accept_content=["json"],
    task_serializer="json",
    result_backend=None,
    task_ignore_result=True,
    task_acks_late=False,
    worker_prefetch_multiplier=1,
    worker_concurrency=settings.LABDATA_WORKER_CONCURRENCY,
    worker_lost_wait=1.0,
    worker_enable_remote_control=False,
    worker_send_task_events=False,
    worker_hijack_root_logger=False,
    worker_redirect_stdouts=False,
    task_publish_retry=False,
    task_default_queue=WORK_QUEUE,
    # The reaper must not stand in line behind the work it looks after.
    task_queues=[Queue(name, routing_key=name) for name in (WORK_QUEUE, REAPER_QUEUE)],
    task_routes={REAP: {"queue": REAPER_QUEUE}},
    timezone=settings.TIME_ZONE,
    # Kept in memory: a schedule file torn by a power cut would stop the scheduler.
    beat_scheduler="celery.beat:Scheduler",
    beat_schedule={
        "reap": {
            "task": REAP,
            "schedule": settings.LABDATA_REAP_SECONDS,
            "options": {"expires": settings.LABDATA_REAP_SECONDS},
        }
    },
)
worker.connect(app)

WORKER_ARGUMENTS = [
    "-A",
    "labdata.celery",
    "worker",
    "--pool=prefork",
    "--without-gossip",
    "--without-mingle",
    "--loglevel=WARNING",
]
SCHEDULER_ARGUMENTS = [
    "-A",
    "labdata.celery",
    "beat",
    "--pidfile=",
    "--loglevel=WARNING",
]
