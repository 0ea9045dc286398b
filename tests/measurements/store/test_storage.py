"""Bytes are kept once, whole, under their own hash, on disk and on S3."""

import errno
import hashlib
import os
import socket
import subprocess
import sys
import time
import urllib.request
from importlib.util import find_spec

import pytest

from measurements.store import storage
from measurements.store.storage import (
    LocalStore,
    MissingBytes,
    S3Store,
    StoreError,
    StoreFull,
    TooLarge,
    open_store,
)

LIMIT = 10_000_000


@pytest.fixture(scope="session")
def s3_server():
    if find_spec("moto") is None or find_spec("boto3") is None:
        pytest.skip("moto and boto3 are not installed")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(200):
            try:
                urllib.request.urlopen(f"{address}/moto-api/", timeout=1).close()
                break
            except OSError:
                time.sleep(0.1)
        else:
            pytest.skip("the S3 test server did not start within 20 s")
        yield address
    finally:
        server.terminate()
        server.wait(timeout=10)


@pytest.fixture
def s3(s3_server, monkeypatch, request):
    import boto3

    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    bucket = hashlib.sha256(request.node.name.encode()).hexdigest()[:20]
    client = boto3.client("s3", endpoint_url=s3_server)
    client.create_bucket(Bucket=bucket)
    yield open_store(f"s3://{bucket}/raw?endpoint={s3_server}")
    client.close()


@pytest.fixture(params=["local", "s3"])
def store(request, tmp_path):
    if request.param == "s3":
        return request.getfixturevalue("s3")
    return open_store((tmp_path / "store").as_uri())


def test_bytes_come_back_under_their_hash(store):
    sha256, size = store.put_stream([b"lambda,", b"counts\n"], LIMIT)

    assert sha256 == hashlib.sha256(b"lambda,counts\n").hexdigest()
    assert size == store.size(sha256) == 14
    with store.open(sha256) as file:
        assert file.read(6) == b"lambda"
        file.seek(0)
        assert file.read() == b"lambda,counts\n"
    assert b"".join(store.stream(sha256)) == b"lambda,counts\n"
    assert store.verify(sha256)


def test_the_same_bytes_are_stored_once(store):
    first = store.put_stream([b"abc"], LIMIT)
    second = store.put_stream([b"a", b"bc"], LIMIT)
    store.put_stream([b"other"], LIMIT)

    assert first == second
    assert len(list(store)) == 2
    assert first[0] in store


def test_large_files_pass_in_pieces(store):
    piece = os.urandom(1_000_000)

    sha256, size = store.put_stream([piece] * 9, LIMIT)

    assert size == 9_000_000
    assert store.verify(sha256)


def test_beyond_the_limit_nothing_is_kept_and_reading_stops(store):
    taken = []

    def endless():
        while True:
            taken.append(1)
            yield bytes(100_000)

    with pytest.raises(TooLarge, match="1,000,000 bytes allowed"):
        store.put_stream(endless(), 1_000_000)

    assert len(taken) == 11
    assert list(store) == []


def test_an_announced_size_is_refused_before_the_first_byte(store):
    def untouched():
        raise AssertionError("nothing should be read")
        yield b""

    with pytest.raises(TooLarge, match="20,000,000 bytes, more than the 10,000,000"):
        store.put_stream(untouched(), LIMIT, expected=20_000_000)
    with pytest.raises(StoreFull, match="the disk"):
        store.put_stream(untouched(), 10**18, expected=10**18)


def test_an_upload_that_breaks_off_leaves_nothing(store):
    def broken():
        yield b"half"
        raise ConnectionResetError("the other side went away")

    with pytest.raises(ConnectionResetError):
        store.put_stream(broken(), LIMIT)

    assert list(store) == []


@pytest.mark.parametrize("name", ["0" * 64, "../../etc/passwd", "", "A" * 64])
def test_unknown_and_impossible_names_are_missing(store, name):
    with pytest.raises(MissingBytes):
        store.open(name)
    with pytest.raises(MissingBytes):
        store.size(name)


def test_damage_on_disk_is_found_and_mended_by_a_second_upload(tmp_path):
    store = LocalStore(tmp_path)
    sha256, _ = store.put_stream([b"good"], LIMIT)
    path = store.path(sha256)
    path.chmod(0o644)
    path.write_bytes(b"evil")

    assert not store.verify(sha256)

    store.put_stream([b"good"], LIMIT)

    assert store.verify(sha256)


def test_stored_bytes_are_read_only_and_nothing_stays_incoming(tmp_path):
    store = LocalStore(tmp_path)

    sha256, _ = store.put_stream([b"raw"], LIMIT)

    assert store.path(sha256).stat().st_mode & 0o777 == 0o444
    assert list((tmp_path / "incoming").iterdir()) == []


def test_a_disk_that_fills_up_midway_is_named(tmp_path):
    def full():
        yield b"some"
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(StoreFull, match="disk is full"):
        LocalStore(tmp_path).put_stream(full(), LIMIT)


def test_the_disk_keeps_room_for_everything_else(tmp_path, monkeypatch):
    monkeypatch.setattr(storage, "SPARE_BYTES", 10**18)

    with pytest.raises(StoreFull):
        LocalStore(tmp_path).put_stream([b"abc"], LIMIT)

    assert list((tmp_path / "incoming").iterdir()) == []


@pytest.mark.parametrize("url", ["http://example.org", "file://host/path", "s3:///x"])
def test_an_address_that_is_no_store_is_refused(url):
    with pytest.raises(StoreError, match="no store"):
        open_store(url)


def test_a_wrong_bucket_is_an_error_not_missing_bytes(s3, s3_server):
    gone = S3Store("no-such-bucket-here", endpoint=s3_server)

    with pytest.raises(StoreError):
        gone.put_stream([b"abc"], LIMIT)
