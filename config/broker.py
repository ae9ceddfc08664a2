"""The broker in a folder, for runs without Redis: kombu's own, with messages that appear whole.

kombu opens a message under its final name and writes it afterwards. A worker that looks in between takes an empty
file, fails to read it as JSON, and ends (kombu 5.7, `_put` and `_get` of `transport/filesystem.py`; its table of
queues has the same gap in `_queue_bind`).
"""

import logging
from fcntl import LOCK_EX, flock
from pathlib import Path
from time import monotonic
from typing import Any
from uuid import uuid4

from kombu.transport import TRANSPORT_ALIASES, filesystem
from kombu.utils.json import dumps

logger = logging.getLogger(__name__)

# kombu's own name, which from here on means the channel below.
FOLDER_URL = "filesystem://"


class Channel(filesystem.Channel):
    """kombu's channel, except for how it writes, and that nothing it reads ends the worker."""

    def _put(self, queue: str, payload: Any, **kwargs: Any) -> None:  # type: ignore[override]
        """Write the message beside its place, then move it there in one step."""
        # Readers take names that end in the queue's name and .msg, in alphabetical order: by time, with its
        # digits filled up, or a message of 10,000 s would come before one of 9,999 s.
        name = f"{round(monotonic() * 1000):015d}_{uuid4()}"
        folder = Path(self.data_folder_out)
        unfinished = folder / f"{name}.unfinished"
        unfinished.write_text(dumps(payload))
        unfinished.replace(folder / f"{name}.{queue}.msg")

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        """Take the next message; one that a power cut left unreadable is dropped: the database knows the work."""
        while True:
            try:
                return super()._get(queue)
            except ValueError:
                logger.warning("a message in the queue could not be read and was dropped")

    def _queue_bind(self, *args: Any) -> None:
        """Enter the queue into its table, one process at a time: worker, beat and web all do it when they start."""
        with (Path(self.control_folder) / "bind.lock").open("a") as file:
            flock(file, LOCK_EX)
            super()._queue_bind(*args)


class Transport(filesystem.Transport):
    """kombu's transport with our channel."""

    Channel = Channel


TRANSPORT_ALIASES["filesystem"] = "config.broker:Transport"
