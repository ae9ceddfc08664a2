"""Hands a mail to the mail server so that one moment is known: the one after which the server may have taken it.

SMTP takes a message with the line that holds nothing but a full stop, at the very end (RFC 5321, section 4.1.1.4).
A connection that breaks before it has handed over nothing. One that breaks after it, and before the answer, has
handed over nobody knows what (RFC 1047): the only such moment there is, and the caller is asked right before it.
https://www.rfc-editor.org/rfc/rfc1047
"""

import re
import smtplib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import NoReturn

from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.smtp import EmailBackend
from django.core.mail.message import sanitize_address

_OK = 250
_RECIPIENT_OK = frozenset({250, 251})
_GO_AHEAD = 354
_PERMANENT = 500
_LINE_END = re.compile(rb"\r\n|\r|\n")
_LEADING_STOP = re.compile(rb"(?m)^\.")

_LAST_LINE = b".\r\n"

HandOver = Callable[[EmailMultiAlternatives, Callable[[], None]], None]


@dataclass(frozen=True)
class _Envelope:
    """One mail as the protocol carries it; `body` lacks the last line."""

    sender: str
    recipient: str
    body: bytes


class MailServerAwayError(Exception):
    """The server could not be spoken to, or the connection broke before the end: it has taken nothing."""


class RefusedError(Exception):
    """The server said no to this mail; `is_permanent` when it will say so again."""

    def __init__(self, code: int, *, is_permanent: bool) -> None:
        super().__init__(f"the mail server answered {code}")
        self.code = code
        self.is_permanent = is_permanent


class InDoubtError(Exception):
    """Everything was sent and no answer came: the server may have taken it."""


@contextmanager
def mail_server() -> Iterator[HandOver]:
    """A connection for several mails. Its function takes a mail and a call to make right before the last byte.

    If that call raises, the connection is dropped and the server takes nothing. Raises MailServerAwayError when
    there is no connection to be had; the function may raise that too, RefusedError or InDoubtError.
    """
    backend = get_connection()
    if not isinstance(backend, EmailBackend):
        yield partial(_write_down, backend)
        return
    try:
        backend.open()
    except OSError as error:  # SMTPException is one: no connection, no TLS, no login
        raise MailServerAwayError(type(error).__name__) from error
    smtp = backend.connection
    if smtp is None:
        raise MailServerAwayError("no connection")
    try:
        yield partial(_hand_over, smtp)
    finally:
        backend.close()


def _write_down(
    backend: BaseEmailBackend, message: EmailMultiAlternatives, before_end: Callable[[], None]
) -> None:
    """Where there is no server but a file or a list: handing over is one step."""
    before_end()
    backend.send_messages([message])


def _hand_over(smtp: smtplib.SMTP, message: EmailMultiAlternatives, before_end: Callable[[], None]) -> None:
    envelope = _envelope_of(message)
    try:
        _send_but_the_end(smtp, envelope)
    except OSError as error:
        smtp.close()
        raise MailServerAwayError(type(error).__name__) from error
    try:
        before_end()
    except BaseException:
        smtp.close()  # without the last line the server throws away what it has
        raise
    try:
        smtp.send(_LAST_LINE)
        code, _ = smtp.getreply()
    except OSError as error:
        smtp.close()
        raise InDoubtError from error
    if code != _OK:
        raise RefusedError(code, is_permanent=code >= _PERMANENT)


def _envelope_of(message: EmailMultiAlternatives) -> _Envelope:
    """Raises ValueError for what cannot be written into a mail, before the server hears of it."""
    charset = message.encoding or "utf-8"
    [recipient] = message.recipients()
    body = _LINE_END.sub(b"\r\n", message.message().as_bytes()).rstrip(b"\r\n") + b"\r\n"
    return _Envelope(
        sender=sanitize_address(message.from_email, charset),
        recipient=sanitize_address(recipient, charset),
        body=_LEADING_STOP.sub(b"..", body),
    )


def _send_but_the_end(smtp: smtplib.SMTP, envelope: _Envelope) -> None:
    smtp.ehlo_or_helo_if_needed()
    code, _ = smtp.mail(envelope.sender)
    if code != _OK:
        # Our own address or login is wrong: the operator's to mend, and no fault of this mail.
        _refuse(smtp, code, is_permanent=False)
    code, _ = smtp.rcpt(envelope.recipient)
    if code not in _RECIPIENT_OK:
        _refuse(smtp, code, is_permanent=code >= _PERMANENT)
    smtp.putcmd("data")
    code, _ = smtp.getreply()
    if code != _GO_AHEAD:
        _refuse(smtp, code, is_permanent=code >= _PERMANENT)
    smtp.send(envelope.body)


def _refuse(smtp: smtplib.SMTP, code: int, *, is_permanent: bool) -> NoReturn:
    smtp.rset()
    raise RefusedError(code, is_permanent=is_permanent)
