"""Asking for work and taking it back, with and without a broker."""

import threading
import time
from datetime import timedelta

import pytest
from celery import Celery
from django.db import connections, transaction
from django.utils import timezone

from labdata.celery import IMPATIENT, WORK_QUEUE, app
from labdata.common import jobs
from labdata.common.jobs import reaper, runner
from labdata.common.work import processes
from tests.common.jobs.testapp.models import Errand

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def no_messages():
    with app.connection_for_write() as connection:
        connection.default_channel.queue_purge(WORK_QUEUE)
        yield
        connection.default_channel.queue_purge(WORK_QUEUE)


@pytest.fixture(params=["redis", "amqp"])
def dead_broker(request):
    """Nobody listens at the broker's address."""
    url = f"{request.param}://127.0.0.1:9//"
    Celery(broker=url, broker_transport_options=IMPATIENT, set_as_current=True)
    yield
    app.set_current()


def messages():
    """The bodies of the messages waiting for a worker."""
    with app.connection_for_read() as connection:
        channel, bodies = connection.default_channel, []
        while message := channel.basic_get(WORK_QUEUE, no_ack=True):
            bodies.append(message.decode()[0])
    return bodies


def test_the_message_is_the_kind_and_the_key_alone():
    errand = Errand.objects.create(notes=["unpublished"])

    jobs.submit(errand)

    assert messages() == [["errand", errand.pk]]


def test_nothing_is_sent_before_the_transaction_holds():
    with transaction.atomic():
        jobs.submit(Errand.objects.create())
        sent_inside = messages()

    assert sent_inside == []
    assert len(messages()) == 1


def test_nothing_is_sent_when_the_transaction_is_rolled_back():
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        jobs.submit(Errand.objects.create())
        raise ZeroDivisionError

    assert messages() == []


def test_a_job_is_accepted_while_the_broker_is_down(dead_broker):
    began = time.monotonic()
    errand = Errand.objects.create()

    jobs.submit(errand)

    errand.refresh_from_db()
    assert (errand.state, errand.dispatches) == ("queued", 1)
    assert time.monotonic() - began < 1


def test_a_lost_message_is_sent_again_by_the_reaper():
    errand = Errand.objects.create()
    jobs.submit(errand)
    lost = messages()
    Errand.objects.update(dispatched_at=timezone.now() - timedelta(minutes=1))

    reaper.reap()
    reaper.reap()

    assert messages() == lost
    errand.refresh_from_db()
    assert errand.dispatches == 2


def test_two_reapers_at_once_send_each_job_once():
    long_ago = timezone.now() - timedelta(minutes=1)
    Errand.objects.bulk_create(
        Errand(dispatches=1, dispatched_at=long_ago) for _ in range(30)
    )
    together = threading.Barrier(2)

    def reap():
        try:
            together.wait()
            reaper.reap()
        finally:
            connections.close_all()

    reapers = [threading.Thread(target=reap) for _ in range(2)]
    for thread in reapers:
        thread.start()
    for thread in reapers:
        thread.join()

    assert len(messages()) == 30


def test_a_queued_job_is_cancelled_at_once():
    errand = Errand.objects.create()

    jobs.cancel(errand)

    assert (errand.state, errand.message) == ("cancelled", "Cancelled before it began.")
    errand.refresh_from_db()
    assert errand.notes == ["closed: cancelled"]


def test_a_cancelled_job_is_not_begun_when_its_message_comes():
    errand = Errand.objects.create()
    jobs.cancel(errand)

    runner.execute("errand", errand.pk)

    errand.refresh_from_db()
    assert (errand.state, errand.results.count()) == ("cancelled", 0)


def test_cancelling_an_ended_job_changes_nothing():
    errand = Errand.objects.create(state="done", finished_at=timezone.now())

    jobs.cancel(errand)

    assert (errand.state, errand.cancel_requested) == ("done", False)


def test_a_released_worker_gives_back_its_jobs_and_nobody_elses():
    mine, other = Errand.objects.create(), Errand.objects.create()
    tree = processes.tree_identity()
    Errand.objects.claim(pk=mine.pk, worker=f"{tree}:7.7", lease_seconds=60)
    Errand.objects.claim(pk=other.pk, worker=f"{tree}0:7.7", lease_seconds=60)

    released = jobs.release(tree)

    mine.refresh_from_db()
    other.refresh_from_db()
    assert released == 1
    assert (mine.state, mine.deaths, mine.lease_until) == ("queued", 0, None)
    assert other.state == "running"
