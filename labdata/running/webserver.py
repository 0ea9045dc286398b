"""Gunicorn's settings when it runs under the supervisor."""

import os

from labdata.common.work import processes

wsgi_app = "labdata.wsgi:application"
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = 4
preload_app = True
# Requests under way may finish; a browser's idle connection may not hold up a stop.
graceful_timeout = 3
control_socket_disable = True


def post_fork(server, worker):
    processes.die_with_parent()
