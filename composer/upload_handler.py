"""Uploads of a plain form: Django's multipart parser feeds our receiver, so nothing is written twice."""

from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile, StopUpload

from composer.receiving import Received, Receiver, UploadCutOffError, UploadError, UploadTooLargeError

# Boundaries, headers and the other fields of the form; far less in truth.
_FORM_BYTES = 64 * 1024


class NoUploadHandler(FileUploadHandler):
    """For every form that takes no file: one that is sent all the same is read past, never stored."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        raise SkipFile

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Never called: the file was skipped."""

    def file_complete(self, file_size: int) -> None:
        """Never called: the file was skipped."""


class DiskUploadHandler(FileUploadHandler):
    """Takes the one file of a form into `folder`; other files are passed over.

    After `request.POST` was read: `received` is the file and `filename` its name at home, or `error` says why
    there is none; both None means that no file was chosen. Use it in a `with` block, at whose end a file that
    nobody took over is removed; set `request.upload_handlers = [handler]` before anything reads the form, the
    CSRF check included. `require_room` is asked before the first byte whether about so many may come, and raises
    an UploadError when not.
    """

    chunk_size = 1024 * 1024

    def __init__(
        self,
        folder: Path,
        *,
        max_bytes: int,
        field: str = "file",
        require_room: Callable[[int], None] | None = None,
    ) -> None:
        super().__init__()
        self.received: Received | None = None
        self.error: UploadError | None = None
        self.filename = ""
        self._folder = folder
        self._max_bytes = max_bytes
        self._field = field
        self._require_room = require_room
        self._announced = 0
        self._receiver: Receiver | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._receiver is not None:
            self._receiver.discard()
        if self.received is not None:
            self.received.path.unlink(missing_ok=True)

    def handle_raw_input(
        self,
        input_data: Any,
        META: dict[str, Any],  # noqa: N803  Django's name
        content_length: int,
        boundary: str,
        encoding: str | None = None,
    ) -> None:
        self._announced = content_length

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        if self.field_name != self._field or self._receiver is not None or self.error is not None:
            raise SkipFile
        self.filename = self.file_name or ""
        try:
            if self._announced - _FORM_BYTES > self._max_bytes:
                raise UploadTooLargeError(self._max_bytes, self._announced)
            if self._require_room is not None:
                self._require_room(max(0, self._announced - _FORM_BYTES))
            self._receiver = Receiver(self._folder / uuid4().hex, max_bytes=self._max_bytes)
        except UploadError as error:
            self._refuse(error)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if self._receiver is None:
            return
        try:
            self._receiver.write(raw_data)
        except UploadError as error:
            self._refuse(error)

    def file_complete(self, file_size: int) -> "UploadedFile[bytes] | None":
        if self._receiver is None or self.received is not None:
            return None
        try:
            self.received = self._receiver.finish()
        except UploadError as error:
            self.error = error
            self._receiver.discard()
        return None

    def upload_interrupted(self) -> None:
        """The body ended in the middle of the file: Django tells so only here, and goes on."""
        if self._receiver is not None and self.received is None and self.error is None:
            self.error = UploadCutOffError(self._receiver.size, None)
            self._receiver.discard()

    def _refuse(self, error: UploadError) -> None:
        """Keep the reason and let the rest of the body run by: a browser sends all before it reads."""
        self.error = error
        if self._receiver is not None:
            self._receiver.discard()
        raise StopUpload(connection_reset=False)
