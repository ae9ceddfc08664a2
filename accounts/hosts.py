"""Whether TikTok's hosts answer, as all processes together hear it: while one is silent, one caller at a time tries.

A breaker per host, its state in the database. It opens after SILENCES calls in a row without an answer, by whomever
they were made; from then on workers wait their turn, and one of them tries now and then. The first answer closes it.
People's pages are never held back, and what they hear counts too.
"""

import logging
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import httpx
from django.conf import settings
from django.db import Error
from django.db.models import F
from django.db.models.functions import Coalesce

from accounts.clock import database_now
from accounts.models import Host
from tiktok import network

logger = logging.getLogger(__name__)

API, UPLOAD = "api", "upload"
# Calls in a row without an answer: no connection, a time-out, a break, or 5xx.
SILENCES = 5
# Between two tries: as long as the silence has lasted, within these, spread by a fifth.
SHORTEST_GAP_SECONDS = 5.0
LONGEST_GAP_SECONDS = 60.0
# Whoever tries has so long; should it die, another tries then. A chunk's time-outs are longer than a call's.
TRY_SECONDS = {API: 30.0, UPLOAD: 120.0}
# Those who wait come back spread over so long, not all at the same moment.
SPREAD_SECONDS = 3.0


def api_host() -> str:
    """The name of the host of TikTok's API."""
    return name_of(API, settings.TIKTOK_API_URL)


def name_of(use: str, url: str) -> str:
    """What a host is called here; of the address only host and port, the rest may be a secret."""
    return f"{use} {urlsplit(url).netloc.rpartition('@')[2]}"[:300].lower()


@dataclass(frozen=True)
class Turn:
    """Leave to call a host, or how many seconds to wait for it; `try_until` marks the one try of a silent host."""

    name: str
    wait: float = 0.0
    try_until: datetime | None = None


def take_turn(name: str, *, now: datetime, chance: Callable[[], float] = random.random) -> Turn:
    """May this host be called now? While it is silent one caller at a time may, when the next try is due."""
    host = Host.objects.filter(name=name, silent_since__isnull=False).first()
    if host is None or host.next_try_at is None:
        return Turn(name)
    wait = (host.next_try_at - now).total_seconds()
    if wait <= 0:
        until = now + timedelta(seconds=TRY_SECONDS[name.split(maxsplit=1)[0]])
        due = Host.objects.filter(pk=host.pk, next_try_at=host.next_try_at)
        if due.update(next_try_at=until):
            return Turn(name, try_until=until)
        wait = SHORTEST_GAP_SECONDS
    return Turn(name, wait=wait + SPREAD_SECONDS * chance())


def give_back(turn: Turn, *, now: datetime) -> None:
    """The turn is over. A try that called nobody leaves it to the next one."""
    if turn.try_until is not None:
        Host.objects.filter(name=turn.name, next_try_at=turn.try_until).update(next_try_at=now)


def is_silent(name: str) -> bool:
    """Whether callers have to wait for a turn."""
    return Host.objects.filter(name=name, silent_since__isnull=False).exists()


def is_doubtful(name: str) -> bool:
    """Whether the last call had no answer: nothing that costs something when its answer is lost should come next."""
    return Host.objects.filter(name=name, silences__gt=0).exists()


def note_answer(name: str) -> None:
    """It answered, whatever it said."""
    if is_doubtful(name) and Host.objects.filter(name=name).update(
        silences=0, silent_since=None, next_try_at=None
    ):
        logger.info("%s answers again", name)


def note_silence(name: str, *, chance: Callable[[], float] = random.random) -> None:
    """It did not answer."""
    now = database_now()
    Host.objects.get_or_create(name=name)
    rows = Host.objects.filter(name=name)
    rows.update(silences=F("silences") + 1)
    host = rows.filter(silences__gte=SILENCES).first()
    if host is None:
        return
    if host.silent_since is None:
        logger.warning("%s does not answer: one call at a time from now on", name)
    lasted = (now - (host.silent_since or now)).total_seconds()
    gap = min(max(lasted, SHORTEST_GAP_SECONDS), LONGEST_GAP_SECONDS) * (0.8 + 0.4 * chance())
    rows.filter(silences__gte=SILENCES).update(
        silent_since=Coalesce("silent_since", now),
        next_try_at=now + timedelta(seconds=min(max(gap, SHORTEST_GAP_SECONDS), LONGEST_GAP_SECONDS)),
    )


class ListeningTransport(httpx.BaseTransport):
    """The network, and an ear for whether the other end answers; must be used with no transaction open."""

    def __init__(self, use: str, inner: httpx.BaseTransport | None = None) -> None:
        self._use = use
        self._inner = inner or network()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        name = name_of(self._use, str(request.url))
        try:
            response = self._inner.handle_request(request)
        except httpx.TransportError:
            _note(note_silence, name)
            raise
        _note(note_silence if response.status_code >= 500 else note_answer, name)
        return response

    def close(self) -> None:
        self._inner.close()


def _note(what: Callable[[str], None], name: str) -> None:
    """What was heard must never cost the answer itself."""
    try:
        what(name)
    except Error:
        logger.warning("could not note whether %s answers", name)
