"""The Content-Range header as a client sends it and as TikTok answers it: pure."""

import re
from dataclasses import dataclass

_CONTENT_RANGE = re.compile(r"bytes (\d{1,15})-(\d{1,15})/(\d{1,15})", re.ASCII)


@dataclass(frozen=True)
class ContentRange:
    """`bytes first-last/total`, both ends included."""

    first: int
    last: int
    total: int

    @property
    def size(self) -> int:
        return self.last - self.first + 1


def read_content_range(header: str) -> ContentRange | None:
    """The range in a header, None when it is not one."""
    match = _CONTENT_RANGE.fullmatch(header.strip())
    if match is None:
        return None
    first, last, total = (int(number) for number in match.groups())
    return ContentRange(first, last, total) if first <= last < total else None


def progress_header(uploaded_bytes: int, total: int, style: str) -> str:
    """How far an upload is. TikTok does not say if its second number counts bytes or names the last one."""
    number = uploaded_bytes if style == "count" else max(uploaded_bytes - 1, 0)
    return f"bytes 0-{number}/{total}"
