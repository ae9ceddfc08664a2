"""What the log leaves out: the same trouble told four times a second, with a page of traceback each time."""

import logging
import time

EVERY_SECONDS = 30.0


# How the lines of Celery's beat and consumer begin.
_BEAT, _CONSUMER = "Message Error", "consumer: Cannot connect"


class BrokerAwayFilter(logging.Filter):
    """While the broker is away: one line every half minute from each who looks for it, and no tracebacks."""

    def __init__(self) -> None:
        super().__init__()
        self._told_at = float("-inf")

    def filter(self, record: logging.LogRecord) -> bool:
        if not str(record.msg).startswith((_BEAT, _CONSUMER)):
            return True
        now = time.monotonic()
        if now - self._told_at < EVERY_SECONDS:
            return False
        self._told_at = now
        if str(record.msg).startswith(_BEAT):
            cause = record.args[0] if isinstance(record.args, tuple) and record.args else ""
            record.msg, record.args = "the broker takes no message, trying on: %s", (cause,)
        record.exc_info = record.exc_text = record.stack_info = None
        return True
