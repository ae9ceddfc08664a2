"""Sends TikTok's events to the app in threads of their own: signed anew each time, repeated until it answers 200."""

import hashlib
import hmac
import http.client
import json
import sqlite3
import threading
from collections.abc import Callable
from urllib.parse import urlsplit

from simulator.creators import get_creator
from simulator.events import Event, note_sent, put_off, repeat, take_due
from simulator.faults import WEBHOOK_KINDS, Fault, take_fault
from simulator.settings import Settings
from simulator.settling import settle_posts
from simulator.state import State
from simulator.switches import Switches
from simulator.weather import Weather

_THREADS = 4
_LOOK_SECONDS = 0.1
_SETTLE_SECONDS = 0.25
_ANSWER_SECONDS = 10.0
# One that is being sent belongs to its thread; what a killed process was sending is sent again.
_CLAIM_SECONDS = 60.0
# Enough for the events after it to come before it.
_REORDER_SECONDS = 2.0


class Courier:
    """Brings events to the address in the switch `webhook_url`; without one they stay here, and are kept."""

    def __init__(
        self, settings: Settings, state: State, switches: Callable[[], Switches], weather: Weather
    ) -> None:
        self._settings = settings
        self._state = state
        self._switches = switches
        self._weather = weather
        self._settled_at = 0.0

    def start(self) -> None:
        for number in range(_THREADS):
            threading.Thread(target=self._run, name=f"courier-{number}", daemon=True).start()

    def _run(self) -> None:
        pause = threading.Event()
        while True:
            if not self._bring_one():
                pause.wait(_LOOK_SECONDS)

    def _bring_one(self) -> bool:
        switches = self._switches()
        if not switches.webhook_url:
            return False
        now = self._state.now()
        with self._state.transaction() as db:
            if abs(now - self._settled_at) >= _SETTLE_SECONDS:
                # Nobody has to ask for time to pass.
                self._settled_at = now
                settle_posts(db, switches, now=now)
            event = take_due(db, now=now, until=now + _CLAIM_SECONDS)
            if event is None:
                return False
            if not event.tries and not event.fault and self._goes_wrong(db, event, now):
                return True
            body = self._body(db, event)
        answer = self._send(switches.webhook_url, body, is_forged=event.fault == "forged")
        with self._state.transaction() as db:
            due_at = None if answer == "200" else self._next_try(event, switches)
            note_sent(db, event, answer, due_at=due_at)
        return True

    def _goes_wrong(self, db: sqlite3.Connection, event: Event, now: float) -> bool:
        """Whether it is not sent now after all: lost, or later."""
        fault = take_fault(db, "webhook", WEBHOOK_KINDS, event.username) or self._weather.strike(
            "webhook", event.username
        )
        if fault is None:
            return False
        match fault.kind:
            case "lost":
                put_off(db, event, "lost", due_at=float("inf"))
                note_sent(db, event, "lost", due_at=None)
            case "late" | "reordered":
                put_off(db, event, fault.kind, due_at=now + _delay_of(fault))
            case kind:
                # Once more, or first in a stranger's name; this one goes its way.
                repeat(db, event, kind, due_at=now)
                return False
        return True

    def _body(self, db: sqlite3.Connection, event: Event) -> bytes:
        """The same bytes at every try."""
        creator = get_creator(db, event.username)
        envelope = {
            "client_key": self._settings.client_key,
            "event": event.name,
            "create_time": int(event.created_at),
            "user_openid": creator.open_id(self._settings.client_key),
            # JSON inside a string, as TikTok has it.
            "content": json.dumps(event.content, separators=(",", ":")),
        }
        return json.dumps(envelope, separators=(",", ":")).encode()

    def _send(self, url: str, body: bytes, *, is_forged: bool) -> str:
        """The status of the answer, or what went wrong."""
        key = "guessed" if is_forged else self._settings.client_secret
        stamp = str(int(self._state.now()))
        signature = hmac.digest(key.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hex()
        headers = {"Content-Type": "application/json", "TikTok-Signature": f"t={stamp},s={signature}"}
        parts = urlsplit(url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        connection = kind(parts.netloc, timeout=_ANSWER_SECONDS)
        try:
            connection.request("POST", parts.path or "/", body, headers)
            return str(connection.getresponse().status)
        except (OSError, http.client.HTTPException) as error:
            return type(error).__name__
        finally:
            connection.close()

    def _next_try(self, event: Event, switches: Switches) -> float | None:
        """With gaps that double, for 72 hours; nobody repeats a forgery."""
        now = self._state.now()
        if event.fault == "forged" or now - event.created_at > switches.webhook_give_up_seconds:
            return None
        return now + switches.webhook_retry_seconds * 2.0 ** min(event.tries, 20)


def _delay_of(fault: Fault) -> float:
    return float(fault.details.get("seconds", _REORDER_SECONDS))
