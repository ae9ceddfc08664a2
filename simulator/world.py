"""One running simulator: its settings, its memory, its switches and the locks its threads share."""

import threading
from collections import defaultdict
from typing import cast

from flask import current_app

from simulator.fetcher import Fetcher
from simulator.processing import Checker
from simulator.settings import Settings
from simulator.state import State
from simulator.switches import Switches, default_switches, patch_switches
from simulator.weather import Weather
from simulator.webhooks import Courier


class World:
    """What every endpoint works with; there is one in a process."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.state = State(settings.data_dir)
        self.switches = self._remembered_switches()
        self._locks_guard = threading.Lock()
        self._upload_locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self.weather = Weather()
        self.checker = Checker(self.state, lambda: self.switches)
        self.fetcher = Fetcher(self.state, lambda: self.switches, self.checker.submit, self.weather)
        self.courier = Courier(settings, self.state, lambda: self.switches, self.weather)

    def now(self) -> float:
        return self.state.now()

    def upload_lock(self, upload_id: str) -> threading.Lock:
        """Chunks of one upload are taken one after another, also when a client sends two at once."""
        with self._locks_guard:
            return self._upload_locks[upload_id]

    def set_switches(self, changes: dict[str, object]) -> Switches:
        """Turn switches; what was turned is remembered over a restart, until a reset."""
        with self.state.transaction():
            switches = patch_switches(self.switches, changes)
            turned = (self.state.note("switches") or {}) | changes
            self.state.set_note("switches", turned)
        self.switches = switches
        return switches

    def reset(self) -> None:
        """Forget everything and start from the settings again."""
        self.state.forget_everything()
        self.fetcher.stop()
        self.weather.clear()
        with self._locks_guard:
            self._upload_locks.clear()
        self.switches = default_switches(self.settings)

    def _remembered_switches(self) -> Switches:
        return patch_switches(default_switches(self.settings), self.state.note("switches") or {})


def the_world() -> World:
    """The world of the application that is answering now."""
    return cast("World", current_app.extensions["simulator"])
