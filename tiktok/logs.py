"""Keeps the query strings of our calls out of the logs, because the query of an upload address is a password.

httpx writes the whole address of every request at INFO, httpcore the headers of every answer at DEBUG. The
clients of this package install the filter themselves, so forgetting it is not possible; it sits on the
libraries' own loggers and so survives `logging.config.dictConfig`.
"""

from __future__ import annotations

import logging
import re

# Where httpx and httpcore write: a filter on a logger sees only what is logged on that very logger.
LOGGERS = (
    "httpx",
    "httpcore.connection",
    "httpcore.http11",
    "httpcore.http2",
    "httpcore.proxy",
    "httpcore.socks",
)

# A question mark and what follows it up to a space, a quote or a bracket that ends an address in a log line.
_QUERY = re.compile(r"\?[^\s'\"<>]+")


class QueryFilter(logging.Filter):
    """Rewrites records of httpx and httpcore so that an address ends before its query; passes all others."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Always True: the line stays, its secret goes."""
        if record.name.partition(".")[0] in {"httpx", "httpcore"}:
            record.msg = _QUERY.sub("?[hidden]", record.getMessage())
            record.args = ()
        return True


_FILTER = QueryFilter()


def hide_queries() -> None:
    """Put the filter on the loggers of httpx and httpcore; harmless to repeat."""
    for name in LOGGERS:
        logging.getLogger(name).addFilter(_FILTER)
