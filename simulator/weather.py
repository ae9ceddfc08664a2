"""Bad weather: a share of all calls goes wrong in one way or another, and the same seed decides the same again."""

import random
import threading
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from simulator.faults import CALLS, Fault, FaultError

# What may strike a call, and how often compared with each other; the words are those the counts are kept under.
_SECONDS = "seconds"
_WAYS: dict[str, tuple[str, dict[str, Any], int]] = {
    "lost_before": ("drop_before", {}, 3),
    "reset_before": ("reset_before", {}, 1),
    "lost_after": ("drop_after", {}, 3),
    "reset_after": ("reset_after", {}, 1),
    "5xx": ("http", {"status": 503}, 2),
    "5xx_after": ("http", {"status": 502, "body": "<html>Bad Gateway</html>", "done": True}, 1),
    "429": ("error", {"code": "rate_limit_exceeded"}, 1),
    "truncated": ("truncated", {}, 1),
    "html": ("html", {}, 1),
    "hang": ("hang", {_SECONDS: 0}, 1),
    "hang_after": ("hang_after", {_SECONDS: 0}, 1),
    "slow": ("slow", {_SECONDS: 0}, 2),
}
# The upload host speaks in statuses only: there is no envelope to truncate, and no rate it documents.
_CHUNK_WAYS = frozenset(_WAYS) - {"429", "truncated", "html"}
_FETCH_WAYS: dict[str, tuple[str, dict[str, Any], int]] = {
    "fetch_cut": ("cut", {"bytes": 1000}, 1),
    "fetch_slow": ("slow", {_SECONDS: 0}, 1),
}
_WEBHOOK_WAYS: dict[str, tuple[str, dict[str, Any], int]] = {
    "webhook_lost": ("lost", {}, 2),
    "webhook_doubled": ("doubled", {}, 2),
    "webhook_late": ("late", {_SECONDS: 0}, 1),
    "webhook_reordered": ("reordered", {}, 1),
    "webhook_forged": ("forged", {}, 2),
}
# People stand behind these: what goes wrong there is planned fault by fault.
_FAIR = frozenset({"authorize", "token", "revoke"})


@dataclass(frozen=True)
class Forecast:
    """How bad it is to be: `rate` of all calls, decided by `seed`; `spared` never happens (`call` or `call:way`)."""

    rate: float
    seed: int
    seconds: float = 2.0
    spared: frozenset[str] = frozenset()


def read_forecast(body: Mapping[str, Any]) -> Forecast:
    """The forecast in a request's body; raises FaultError for what makes no sense."""
    unknown = body.keys() - {"rate", "seed", _SECONDS, "spared"}
    if unknown:
        raise FaultError(f"the weather takes no {min(unknown)!r}")
    rate, seconds = _number(body, "rate", 0.25), _number(body, _SECONDS, 2.0)
    seed, spared = body.get("seed", 0), body.get("spared", [])
    if rate > 1:
        raise FaultError("rate must be from 0 to 1")
    if isinstance(seed, bool) or not isinstance(seed, int):
        raise FaultError("seed must be a whole number")
    known = {*CALLS, *(f"{call}:{way}" for call in CALLS for way in {*_WAYS, *_FETCH_WAYS, *_WEBHOOK_WAYS})}
    if not isinstance(spared, list) or not known.issuperset(map(str, spared)):
        raise FaultError("spared must be a list of calls, or of call:way")
    return Forecast(rate, seed, seconds, frozenset(map(str, spared)))


@dataclass
class Weather:
    """What strikes and what has struck, in this process's memory only: a restart clears the sky."""

    forecast: Forecast | None = None
    calls: int = 0
    struck: Counter[str] = field(default_factory=Counter)
    struck_calls: Counter[str] = field(default_factory=Counter)
    _seen: defaultdict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    _guard: threading.Lock = field(default_factory=threading.Lock)

    def change(self, forecast: Forecast | None) -> None:
        """From now on; the counts go on."""
        with self._guard:
            self.forecast = forecast

    def clear(self) -> None:
        """Fair weather, and nothing is remembered."""
        with self._guard:
            self.forecast, self.calls = None, 0
            self.struck.clear()
            self.struck_calls.clear()
            self._seen.clear()

    def strike(self, call: str, creator: str) -> Fault | None:
        """The fault that strikes this call. The nth call of its name for a creator always meets the same."""
        with self._guard:
            forecast = self.forecast
            if forecast is None or call in _FAIR or call in forecast.spared:
                return None
            self.calls += 1
            number = self._seen[call, creator] = self._seen[call, creator] + 1
            dice = random.Random(f"{forecast.seed}/{call}/{creator}/{number}")  # noqa: S311 - replayed, no secret
            ways = _ways_of(call, forecast)
            if dice.random() >= forecast.rate or not ways:
                return None
            [way] = dice.choices(list(ways), [weight for _kind, _details, weight in ways.values()])
            self.struck[way] += 1
            self.struck_calls[call] += 1
        kind, details, _weight = ways[way]
        if _SECONDS in details:
            details = details | {_SECONDS: forecast.seconds}
        return Fault(0, call, kind, 1, 0, details)

    def to_json(self) -> dict[str, Any]:
        """How many calls there were in bad weather, and what struck them."""
        with self._guard:
            forecast = self.forecast
            return {
                "rate": forecast.rate if forecast else 0,
                "seed": forecast.seed if forecast else None,
                "calls": self.calls,
                "struck": dict(sorted(self.struck.items())),
                "struck_calls": dict(sorted(self.struck_calls.items())),
            }


def _ways_of(call: str, forecast: Forecast) -> dict[str, tuple[str, dict[str, Any], int]]:
    ways = {"fetch": _FETCH_WAYS, "webhook": _WEBHOOK_WAYS}.get(call, _WAYS)
    return {
        way: what
        for way, what in ways.items()
        if f"{call}:{way}" not in forecast.spared and (call != "chunk" or way in _CHUNK_WAYS)
    }


def _number(body: Mapping[str, Any], name: str, default: float) -> float:
    value = body.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise FaultError(f"{name} must be a number, 0 or more")
    return float(value)
