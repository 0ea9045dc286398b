"""Where raw bytes live: written once, named by their SHA-256, never changed."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any, Protocol
from urllib.parse import parse_qs, unquote, urlsplit

PIECE = 1024 * 1024
SPARE_BYTES = 64 * 1024 * 1024
"""Disk space an upload must leave free for everything else."""

IN_MEMORY = 8 * 1024 * 1024
_NAME = re.compile(r"[0-9a-f]{64}")


class StoreError(Exception):
    """The store cannot do what was asked."""


class TooLarge(StoreError):
    """More bytes than allowed; nothing was kept."""


class StoreFull(StoreError):
    """The disk has no room; nothing was kept."""


class MissingBytes(StoreError):
    """No bytes of that name are stored."""


class Store(Protocol):
    """What both stores can do."""

    def put_stream(
        self, chunks: Iterable[bytes], limit: int, expected: int | None = None
    ) -> tuple[str, int]:
        """Keep bytes and say their SHA-256 and size; nothing stays if it fails."""

    def open(self, sha256: str) -> IO[bytes]:
        """Open stored bytes for reading, seekable."""

    def stream(self, sha256: str) -> Iterator[bytes]:
        """Give stored bytes piece by piece, as they come."""

    def size(self, sha256: str) -> int:
        """Number of bytes."""

    def verify(self, sha256: str) -> bool:
        """Read everything and compare with the name."""

    def __contains__(self, sha256: str) -> bool: ...

    def __iter__(self) -> Iterator[str]: ...


def open_store(url: str) -> Store:
    """Open the store a setting names.

    Parameters
    ----------
    url : str
        ``file:///directory`` or ``s3://bucket/prefix?endpoint=https://host``; keys of
        an S3 store come from the environment, as its client expects them.
    """
    parts = urlsplit(url)
    if parts.scheme == "file" and parts.path and not parts.netloc:
        return LocalStore(Path(unquote(parts.path)))
    if parts.scheme == "s3" and parts.netloc:
        query = parse_qs(parts.query)
        endpoint = query.get("endpoint", [None])[0]
        region = query.get("region", [None])[0]
        return S3Store(
            parts.netloc, unquote(parts.path).strip("/"), endpoint, region=region
        )
    raise StoreError(
        f"{parts.scheme}:// is no store: use file:///directory or s3://bucket/prefix"
    )


def _checked(sha256: str) -> str:
    # The name becomes a path, so nothing else may pass.
    if not isinstance(sha256, str) or not _NAME.fullmatch(sha256):
        raise MissingBytes(f"{sha256!r} is no SHA-256")
    return sha256


def _write_hashed(
    chunks: Iterable[bytes], file: IO[bytes], limit: int
) -> tuple[str, int]:
    """Copy chunks into a file, stopping before the one that would pass the limit."""
    digest, size = hashlib.sha256(), 0
    for chunk in chunks:
        size += len(chunk)
        if size > limit:
            raise TooLarge(f"the file is larger than the {limit:,} bytes allowed")
        digest.update(chunk)
        file.write(chunk)
    return digest.hexdigest(), size


def _hash(pieces: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
    return digest.hexdigest()


def _refuse_early(directory: Path, limit: int, expected: int | None) -> None:
    """Refuse on what is known before the first byte is written."""
    if expected is None:
        return
    if expected > limit:
        raise TooLarge(
            f"the file has {expected:,} bytes, more than the {limit:,} allowed"
        )
    free = shutil.disk_usage(directory).free
    if expected + SPARE_BYTES > free:
        raise StoreFull(f"the file has {expected:,} bytes, the disk {free:,} free")


def _refuse_full(error: OSError) -> None:
    # An upload that breaks off is an OSError as well, and not the disk's fault.
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        raise StoreFull(f"the disk is full: {error}") from error


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(PIECE):
            yield piece


class LocalStore:
    """A directory: ``ab/cd/abcd…``, and ``incoming/`` for what is not complete."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._incoming = directory / "incoming"
        self._incoming.mkdir(parents=True, exist_ok=True)

    def path(self, sha256: str) -> Path:
        name = _checked(sha256)
        return self.directory / name[:2] / name[2:4] / name

    def put_stream(
        self, chunks: Iterable[bytes], limit: int, expected: int | None = None
    ) -> tuple[str, int]:
        _refuse_early(self._incoming, limit, expected)
        handle, name = tempfile.mkstemp(dir=self._incoming)
        temporary = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                sha256, size = _write_hashed(
                    self._while_there_is_room(chunks), file, limit
                )
                file.flush()
                os.fsync(file.fileno())
            temporary.chmod(0o444)
            self._keep(temporary, self.path(sha256))
        except OSError as error:
            _refuse_full(error)
            raise
        finally:
            temporary.unlink(missing_ok=True)
        return sha256, size

    def _while_there_is_room(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        written = since = 0
        for chunk in chunks:
            written += len(chunk)
            if written >= since:
                since = written + 16 * PIECE
                if shutil.disk_usage(self._incoming).free < SPARE_BYTES + len(chunk):
                    raise StoreFull(f"the disk is full after {written:,} bytes")
            yield chunk

    @staticmethod
    def _keep(temporary: Path, final: Path) -> None:
        final.parent.mkdir(parents=True, exist_ok=True)
        # Same name, same bytes: replacing also mends a copy the disk damaged.
        temporary.replace(final)
        for directory in (final.parent, final.parent.parent):
            handle = os.open(directory, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)

    def open(self, sha256: str) -> IO[bytes]:
        try:
            return self.path(sha256).open("rb")
        except FileNotFoundError:
            raise MissingBytes(f"no stored bytes {sha256[:12]}…") from None

    def stream(self, sha256: str) -> Iterator[bytes]:
        return _pieces(self.open(sha256))

    def size(self, sha256: str) -> int:
        try:
            return self.path(sha256).stat().st_size
        except FileNotFoundError:
            raise MissingBytes(f"no stored bytes {sha256[:12]}…") from None

    def verify(self, sha256: str) -> bool:
        return _hash(self.stream(sha256)) == sha256

    def __contains__(self, sha256: str) -> bool:
        return self.path(sha256).exists()

    def __iter__(self) -> Iterator[str]:
        for path in sorted(self.directory.glob("??/??/*")):
            if _NAME.fullmatch(path.name):
                yield path.name


class S3Store:
    """A bucket of an S3-compatible service; objects appear whole or not at all."""

    def __init__(
        self,
        bucket: str,
        prefix: str = "",
        endpoint: str | None = None,
        *,
        region: str | None = None,
    ) -> None:
        try:
            # An optional extra: the embedded lab keeps its bytes in a directory.
            import boto3
            import botocore.config
            import botocore.exceptions
        except ImportError as error:
            raise StoreError("an s3:// store needs the package boto3") from error
        self._error = botocore.exceptions.ClientError
        self.bucket = bucket
        self.prefix = f"{prefix}/" if prefix else ""
        # Services other than Amazon's mostly want the bucket in the path.
        config = botocore.config.Config(
            s3={"addressing_style": "path"} if endpoint else None,
            retries={"max_attempts": 5, "mode": "standard"},
        )
        self._client = boto3.client(
            "s3", endpoint_url=endpoint, region_name=region, config=config
        )

    def _key(self, sha256: str) -> str:
        name = _checked(sha256)
        return f"{self.prefix}{name[:2]}/{name[2:4]}/{name}"

    @contextlib.contextmanager
    def _missing(self, sha256: str) -> Iterator[None]:
        try:
            yield
        except self._error as error:
            if error.response["Error"]["Code"] in ("404", "NoSuchKey", "NotFound"):
                raise MissingBytes(f"no stored bytes {sha256[:12]}…") from None
            raise StoreError(f"the object store answered: {error}") from error

    def put_stream(
        self, chunks: Iterable[bytes], limit: int, expected: int | None = None
    ) -> tuple[str, int]:
        _refuse_early(Path(tempfile.gettempdir()), limit, expected)
        # The key is the hash, so it is known only once all bytes have passed.
        with tempfile.SpooledTemporaryFile(IN_MEMORY) as file:
            try:
                sha256, size = _write_hashed(chunks, file, limit)
            except OSError as error:
                _refuse_full(error)
                raise
            if sha256 not in self or self.size(sha256) != size:
                file.seek(0)
                with self._missing(sha256):
                    self._client.upload_fileobj(file, self.bucket, self._key(sha256))
        return sha256, size

    def _head(self, sha256: str) -> dict[str, Any]:
        with self._missing(sha256):
            return self._client.head_object(Bucket=self.bucket, Key=self._key(sha256))

    def open(self, sha256: str) -> IO[bytes]:
        file = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - handed on
        try:
            for piece in self.stream(sha256):
                file.write(piece)
        except BaseException:
            file.close()
            raise
        file.seek(0)
        return file

    def stream(self, sha256: str) -> Iterator[bytes]:
        with self._missing(sha256):
            answer = self._client.get_object(Bucket=self.bucket, Key=self._key(sha256))
        return answer["Body"].iter_chunks(PIECE)

    def size(self, sha256: str) -> int:
        return self._head(sha256)["ContentLength"]

    def verify(self, sha256: str) -> bool:
        return _hash(self.stream(sha256)) == sha256

    def __contains__(self, sha256: str) -> bool:
        try:
            self._head(sha256)
        except MissingBytes:
            return False
        return True

    def __iter__(self) -> Iterator[str]:
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self.bucket, Prefix=self.prefix
        )
        for page in pages:
            for entry in page.get("Contents", []):
                name = entry["Key"].rsplit("/", 1)[-1]
                if _NAME.fullmatch(name):
                    yield name
