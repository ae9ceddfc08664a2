"""The mail of a local run, read back from the files that Django writes where there is no mail server."""

import re
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from pathlib import Path

from django.conf import settings

# What django.core.mail's file backend writes after each message.
_SEPARATOR = b"-" * 79 + b"\n"
_URL = re.compile(r"https?://[^\s<>\"]+")


@dataclass(frozen=True)
class Piece:
    """A piece of a mail's text; `url` is set for a link to this installation."""

    text: str
    url: str = ""


@dataclass(frozen=True)
class LocalMail:
    """One mail as it would have been sent."""

    to: str
    subject: str
    at: datetime | None
    pieces: list[Piece]


def read_local_mail(*, limit: int = 20) -> list[LocalMail]:
    """The newest mails, newest first; only links to this installation become links."""
    folder = Path(settings.EMAIL_FILE_PATH)
    if not folder.is_dir():
        return []
    mails: list[LocalMail] = []
    for path in sorted(folder.glob("*.log"), key=lambda path: path.stat().st_mtime_ns, reverse=True):
        parts = [part for part in path.read_bytes().split(_SEPARATOR) if part.strip()]
        mails += [_parse(part) for part in reversed(parts)]
        if len(mails) >= limit:
            break
    return mails[:limit]


def _parse(raw: bytes) -> LocalMail:
    message = message_from_bytes(raw, policy=policy.default)
    body = message.get_body(preferencelist=("plain",))
    date = message["Date"]
    return LocalMail(
        to=str(message["To"] or ""),
        subject=str(message["Subject"] or ""),
        at=date.datetime if date is not None else None,
        pieces=_pieces(body.get_content().strip() if body is not None else ""),
    )


def _pieces(text: str) -> list[Piece]:
    pieces: list[Piece] = []
    end = 0
    for match in _URL.finditer(text):
        if not match[0].startswith(f"{settings.PUBLIC_URL}/"):
            continue
        pieces += [Piece(text[end : match.start()]), Piece(match[0], url=match[0])]
        end = match.end()
    return [*pieces, Piece(text[end:])]
