"""A mail server for tests: real SMTP over a real socket, which remembers what it took and misbehaves on demand."""

import re
import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any


@dataclass
class MailServer:
    """What it took, in order; and how it answers next.

    `answers` maps an SMTP verb ("MAIL", "RCPT", "DATA", or "END" for the last line) to the replies it gives
    first, one after the other; "drop" cuts the connection instead, "take and drop" takes the mail and then cuts
    it, "hang" takes it and says nothing for `hang_seconds`.
    """

    port: int = 0
    taken: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    unfinished: int = 0
    answers: dict[str, list[str]] = field(default_factory=dict)
    hang_seconds: float = 5.0

    def next_answer(self, verb: str, usual: str) -> str:
        waiting = self.answers.get(verb)
        return waiting.pop(0) if waiting else usual

    def copies_of(self, message_id: str) -> int:
        return sum(mail["Message-ID"] == message_id for mail in self.taken)


class _Handler(socketserver.StreamRequestHandler):
    """One connection."""

    server: Any

    def say(self, words: str) -> None:
        self.wfile.write(words.encode() + b"\r\n")

    def handle(self) -> None:
        with suppress(ConnectionError, _CutError):
            self._serve()

    def _serve(self) -> None:
        box: MailServer = self.server.box
        recipient = ""
        self.say("220 mail.test ready")
        while line := self.rfile.readline():
            verb = line[:4].upper().decode("ascii", "replace").strip()
            if verb == "QUIT":
                self.say("221 bye")
                return
            if verb == "DATA":
                if self._answer(box.next_answer("DATA", "354 go on")).startswith("354"):
                    self._take(box, recipient)
            elif verb in {"EHLO", "HELO", "MAIL", "RCPT", "RSET"}:
                if verb == "RCPT" and (found := re.search(rb"<(.*)>", line)):
                    recipient = found[1].decode()
                self._answer(box.next_answer(verb, "250 ok"))
            else:
                self.say("500 what?")

    def _answer(self, words: str) -> str:
        if words == "drop":
            raise _CutError
        self.say(words)
        return words

    def _take(self, box: MailServer, recipient: str) -> None:
        lines = []
        while True:
            line = self.rfile.readline()
            if not line:
                box.unfinished += 1
                raise _CutError
            if line == b".\r\n":
                break
            lines.append(line[1:] if line.startswith(b"..") else line)
        words = box.next_answer("END", "250 taken")
        if words == "drop" or words[0] in "45":
            self._answer(words)
            return
        box.taken.append(message_from_bytes(b"".join(lines), policy=policy.default))
        box.recipients.append(recipient)
        if words == "take and drop":
            raise _CutError
        if words == "hang":
            time.sleep(box.hang_seconds)
            raise _CutError
        self.say(words)


class _CutError(Exception):
    """The connection is cut without another word."""


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    box: MailServer


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """A mail server on a free port of this machine, as long as the context is open."""
    box = MailServer()
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.box, box.port = box, server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        yield box
        server.shutdown()
        thread.join()
