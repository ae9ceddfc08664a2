"""Django storages for the library's bytes: this machine's disk, or an object store that speaks S3.

Both hand out files as streams that begin anywhere. Of an object nothing lies in memory but the block being read,
and nothing on this disk.
"""

import errno
import os
import threading
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.core.files import File
from django.core.files.storage import FileSystemStorage
from storages.backends.s3 import S3Storage

CONNECT_SECONDS = 5.0
# Between two blocks of a stream, and for the answer to any other request.
READ_SECONDS = 30.0
# A stream that breaks off is taken up where it stood this often in a row; a block in between starts the count anew.
MAX_BREAKS = 4
FIRST_PAUSE_SECONDS = 0.2
# 4 GiB make 256 parts, S3 takes 10,000. They are sent right from the disk: their size costs no memory.
PART_BYTES = 16 * 1024**2
SENDERS = 3

_CHANGED = 412


class MediaUnreachableError(Exception):
    """The store did not answer, or broke off again and again. The file may well be there: try later."""

    code = "storage_unreachable"


class MediaReader(Protocol):
    """A stored file, open for reading: raw, so that what is read is what is fetched. Use it in a `with` block.

    `read` returns at most so many bytes, b"" at the end, and may raise MediaUnreachableError.
    """

    def read(self, size: int = -1, /) -> bytes: ...

    def readinto(self, buffer: bytearray, /) -> int: ...

    def readable(self) -> bool: ...

    def seek(self, position: int, /) -> int: ...

    def close(self) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None: ...


class DiskStorage(FileSystemStorage):
    """Files below MEDIA_ROOT."""

    def open_reader(self, name: str) -> MediaReader:
        """Open a file for reading. Raises FileNotFoundError."""
        return Path(self.path(name)).open("rb", buffering=0)


class ObjectStorage(S3Storage):  # type: ignore[misc]  # it has no types
    """Objects of one bucket, below one prefix; private, and reached with this installation's keys only."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            client_config=Config(
                connect_timeout=CONNECT_SECONDS,
                read_timeout=READ_SECONDS,
                retries={"mode": "standard", "total_max_attempts": 3},
                max_pool_connections=32,
                # A name in the path works with every store and needs no certificate for the bucket's own name.
                s3={"addressing_style": "path" if options.get("endpoint_url") else "auto"},
                signature_version="s3v4",
                # Newer checksums are Amazon's own; other stores refuse them. Ours is the SHA-256 of the whole file.
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
            transfer_config=TransferConfig(
                multipart_threshold=PART_BYTES, multipart_chunksize=PART_BYTES, max_concurrency=SENDERS
            ),
            **options,
        )
        self._making = threading.Lock()
        self._client: Any = None
        self._client_pid = 0

    @property
    def client(self) -> Any:
        """One client for all threads of a process: making one takes a tenth of a second and megabytes."""
        with self._making:
            if self._client is None or self._client_pid != os.getpid():
                self._client = self.connection.meta.client
                self._client_pid = os.getpid()
            return self._client

    def open_reader(self, name: str) -> MediaReader:
        """Open an object for reading. Raises FileNotFoundError, MediaUnreachableError."""
        return ObjectReader(self.client, self.bucket_name, self._normalize_name(name))

    def _open(self, name: str, mode: str = "rb") -> "File[Any]":
        """Django's own way to read; here too nothing is copied."""
        if mode != "rb":
            raise ValueError("Objects are written by `save` only.")
        return File(self.open_reader(name), name)  # type: ignore[arg-type]  # all that File asks of a file

    def exists(self, name: str) -> bool:
        """Whether there is such an object. Raises MediaUnreachableError."""
        try:
            self.size(name)
        except FileNotFoundError:
            return False
        return True

    def _save(self, name: str, content: "File[Any]") -> str:
        """Django's own way in. A file that lies on the disk is sent from there, in parts, a few at once.

        Anything else is small: a preview, made in memory.
        """
        key = self._normalize_name(name)
        about: dict[str, str] = self._get_write_parameters(key, content)
        if hasattr(content, "temporary_file_path"):
            path: str = content.temporary_file_path()
            self.client.upload_file(path, self.bucket_name, key, ExtraArgs=about, Config=self.transfer_config)
        else:
            self.client.put_object(Bucket=self.bucket_name, Key=key, Body=content.read(), **about)
        return name

    def size(self, name: str) -> int:
        """How many bytes an object has. Raises FileNotFoundError, MediaUnreachableError."""
        try:
            found = self.client.head_object(Bucket=self.bucket_name, Key=self._normalize_name(name))
        except (BotoCoreError, ClientError) as error:
            raise _meaning_of(error) from error
        size: int = found["ContentLength"]
        return size

    def delete(self, name: str) -> None:
        """Delete an object; S3 does not mind one that is not there."""
        self.client.delete_object(Bucket=self.bucket_name, Key=self._normalize_name(name))


class ObjectReader:
    """One object as a stream: each `seek` to elsewhere is one ranged request, whose body is read as it comes.

    A request that fails or breaks off is repeated from where the stream stands, with growing pauses. Every one
    asks for the same version, so that no stream is made of two. Raises FileNotFoundError when the object is gone.
    """

    def __init__(
        self, client: Any, bucket: str, key: str, *, pause_seconds: float = FIRST_PAUSE_SECONDS
    ) -> None:
        self._client = client
        self._where = {"Bucket": bucket, "Key": key}
        self._pause_seconds = pause_seconds
        self._position = 0
        self._body: Any = None
        self.closed = False
        try:
            found = self._client.head_object(**self._where)
        except (BotoCoreError, ClientError) as error:
            raise _meaning_of(error) from error
        self.size: int = found["ContentLength"]
        self._etag: str = found["ETag"]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        self.close()

    def readable(self) -> bool:
        return True

    def seek(self, position: int, /) -> int:
        """Go to a byte counted from 0; nothing is requested before the next `read`."""
        if position != self._position:
            self._let_go()
        self._position = position
        return position

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes, at most `size` (negative: all that are left)."""
        left = max(self.size - self._position, 0)
        wanted = left if size < 0 else min(size, left)
        breaks = 0
        while wanted:
            try:
                if self._body is None:
                    self._body = self._request()
                block: bytes = self._body.read(wanted)
                if block:
                    self._position += len(block)
                    return block
                self._let_go()
            except (BotoCoreError, ClientError, OSError) as error:
                self._let_go()
                meaning = _meaning_of(error)
                if isinstance(meaning, FileNotFoundError):
                    raise meaning from error
            breaks += 1
            if breaks > MAX_BREAKS:
                raise MediaUnreachableError("The object store broke off again and again.")
            time.sleep(self._pause_seconds * 2 ** (breaks - 1))
        return b""

    def readinto(self, buffer: bytearray, /) -> int:
        block = self.read(len(buffer))
        buffer[: len(block)] = block
        return len(block)

    def close(self) -> None:
        """End the request under way: what it would still have brought stays at the store."""
        self.closed = True
        self._let_go()

    def _let_go(self) -> None:
        if self._body is not None:
            with suppress(OSError):
                self._body.close()
            self._body = None

    def _request(self) -> Any:
        answer = self._client.get_object(**self._where, Range=f"bytes={self._position}-", IfMatch=self._etag)
        return answer["Body"]


def _meaning_of(error: Exception) -> Exception:
    if isinstance(error, ClientError):
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        if status in {404, _CHANGED}:
            return FileNotFoundError(errno.ENOENT, "The object is gone, or another has taken its place.")
    return MediaUnreachableError(f"The object store did not answer ({type(error).__name__}).")
