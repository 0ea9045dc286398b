"""The embedded broker: nothing lost, nothing torn, nothing that stops a worker."""

import os
import subprocess
import sys
import time
from pathlib import Path
from queue import Empty

import pytest
from kombu import Connection, Consumer, Queue

from labdata.common.work import broker

QUEUE = Queue("work", durable=True)

PRODUCE = """
import sys
from kombu import Connection
from labdata.common.work import broker
broker.register()
folder, first, count, size = sys.argv[1], *map(int, sys.argv[2:])
with Connection("local://", transport_options={"folder": folder}) as connection:
    producer = connection.Producer()
    for number in range(first, first + count):
        producer.publish([number, "x" * size], routing_key="work", serializer="json")
"""


@pytest.fixture(autouse=True)
def registered():
    broker.register()


@pytest.fixture
def connection(tmp_path):
    options = {"folder": str(tmp_path)}
    with Connection("local://", transport_options=options) as connection:
        yield connection


def publish(connection, *numbers):
    for number in numbers:
        connection.Producer().publish(number, routing_key="work", serializer="json")


def receive(connection):
    return connection.default_channel.basic_get("work", no_ack=True).decode()


def waiting(tmp_path):
    return sorted((tmp_path / "queues" / "work").iterdir())


def test_messages_come_in_the_order_they_were_sent(connection):
    publish(connection, *range(20))

    assert [receive(connection) for _ in range(20)] == list(range(20))
    assert connection.default_channel.basic_get("work") is None


def test_a_message_is_delivered_to_one_reader_only(connection, tmp_path):
    publish(connection, 1, 2)
    options = {"folder": str(tmp_path)}
    with Connection("local://", transport_options=options) as other:
        received = [receive(connection), receive(other)]

        assert sorted(received) == [1, 2]
        assert other.default_channel.basic_get("work") is None


def test_a_reader_that_knew_of_a_taken_message_goes_on_with_the_next(
    connection, tmp_path
):
    publish(connection, 1, 2, 3)
    receive(connection)
    waiting(tmp_path)[0].unlink()

    assert receive(connection) == 3


def test_queues_do_not_mix(connection):
    connection.Producer().publish(1, routing_key="reaper", serializer="json")
    publish(connection, 2)

    assert receive(connection) == 2


def test_a_message_survives_its_sender(connection, tmp_path):
    publish(connection, 7)
    connection.release()
    options = {"folder": str(tmp_path)}

    with Connection("local://", transport_options=options) as later:
        assert receive(later) == 7


def test_a_file_that_is_still_written_is_not_seen(connection, tmp_path):
    publish(connection, 1)
    whole = waiting(tmp_path)[0]
    (tmp_path / "drafts" / "00000000000000000001-aa").write_bytes(
        whole.read_bytes()[:10]
    )

    assert receive(connection) == 1
    assert connection.default_channel.basic_get("work") is None


@pytest.mark.parametrize(
    "content", [b"", b"{", b"\xff\xfe\x00", b"\x00" * 300, b"[]", b"{}"]
)
def test_a_file_that_is_no_message_is_put_aside_and_the_next_one_read(
    connection, tmp_path, content, caplog
):
    publish(connection, 1)
    torn = waiting(tmp_path)[0].with_name("00000000000000000001-torn.msg")
    torn.write_bytes(content)

    received = receive(connection)

    assert received == 1
    aside = tmp_path / "undecodable" / torn.name
    assert aside.read_bytes() == content
    assert str(aside) in caplog.text


def test_names_order_messages_across_a_restart_of_the_machine(connection, tmp_path):
    publish(connection, 1)

    sent_at = int(waiting(tmp_path)[0].name.partition("-")[0]) / 1e9
    assert sent_at == pytest.approx(time.time(), abs=60)


def test_purging_counts_what_it_removes(connection):
    publish(connection, 1, 2, 3)

    assert connection.default_channel.queue_purge("work") == 3
    with pytest.raises(Empty):
        connection.default_channel._get("work")


def test_a_reader_looks_up_from_its_wait_several_times_a_second(connection):
    began = time.monotonic()

    with Consumer(connection, [QUEUE]), pytest.raises(TimeoutError):
        connection.drain_events(timeout=5)

    assert time.monotonic() - began < 1


def test_large_messages_of_two_senders_arrive_whole_at_a_waiting_reader(
    connection, tmp_path
):
    count, size, received = 150, 200_000, []
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(Path(__file__).parents[3]),
    }
    producers = [
        subprocess.Popen(
            [
                sys.executable,
                "-c",
                PRODUCE,
                tmp_path,
                str(first),
                str(count),
                str(size),
            ],
            env=environment,
        )
        for first in (0, count)
    ]
    deadline = time.monotonic() + 30

    while len(received) < 2 * count and time.monotonic() < deadline:
        message = connection.default_channel.basic_get("work", no_ack=True)
        if message is not None:
            number, text = message.decode()
            assert len(text) == size
            received.append(number)

    assert [producer.wait() for producer in producers] == [0, 0]
    assert sorted(received) == list(range(2 * count))
    assert not list((tmp_path / "undecodable").glob("*"))
