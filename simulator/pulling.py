"""One file that TikTok fetches: its attempts, in whatever manner the switches and faults ask for."""

import functools
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from simulator.faults import FETCH_KINDS, Fault, take_fault
from simulator.media import MAX_VIDEO_BYTES
from simulator.pictures import MAX_PHOTO_BYTES
from simulator.posts import Post, is_being_fetched
from simulator.pulls import Pull, note_attempt_failed, note_progress, note_pulled, note_visit
from simulator.state import State
from simulator.switches import Switches
from simulator.transfer import Lines, Manners, PullError, Received, ask, fetch
from simulator.weather import Weather

# A ranged fetch asks for a little first, to learn the size, and then for the rest in so many pieces.
FIRST_PIECE_BYTES = 1024
_MORE_PIECES = 3
_AT_ONCE = 5
_LOOK_UP_SECONDS = 0.2


class FilePull:
    """The download of one file of a post."""

    def __init__(
        self, state: State, switches: Switches, post: Post, pull: Pull, lines: Lines, weather: Weather
    ) -> None:
        self._state = state
        self._switches = switches
        self._post = post
        self._pull = pull
        self._lines = lines
        self._weather = weather
        self._path = state.path_of(post.upload_id, pull.position if post.is_photo else None)
        self._faults: dict[str, Fault] = {}
        self._guard = threading.Lock()
        self._received = 0
        self._looked_up_at = 0.0

    def run(self) -> bool:
        """Fetch the file, in several attempts when need be; False when it could not be had."""
        attempts = self._pull.attempts
        while attempts < self._switches.pull_attempts and self._is_wanted():
            try:
                received = self._attempt()
            except PullError as error:
                with self._state.transaction() as db:
                    attempts = note_attempt_failed(db, self._pull, str(error))
                if error.is_final:
                    return False
                if attempts < self._switches.pull_attempts:
                    self._lines.pause(self._switches.pull_pause_seconds)
                continue
            with self._state.transaction() as db:
                note_pulled(
                    db,
                    self._pull,
                    received=self._received,
                    content_type=received.content_type,
                    is_too_large=received.is_too_large,
                )
            return True
        return False

    def run_or_raise(self) -> None:
        """As run, with a PullError in place of False."""
        if not self.run():
            raise PullError("not to be had")

    def probe(self) -> None:
        """HEAD and the first bytes, to see what is there; what comes of it decides nothing."""
        manners = self._manners()
        try:
            self._noted("HEAD", None, lambda: ask(self._pull.url, self._lines, manners))
            self._get(self._path, (0, FIRST_PIECE_BYTES - 1), manners)
        except PullError:
            return

    def _attempt(self) -> Received:
        with self._state.transaction() as db:
            found = [
                take_fault(db, "fetch", frozenset({kind}), self._post.username, self._pull.position)
                for kind in sorted(FETCH_KINDS)
            ]
        found.append(self._weather.strike("fetch", self._post.username))
        self._faults = {fault.kind: fault for fault in found if fault is not None}
        words = self._faults.keys() | set(self._switches.pull_profile)
        manners = self._manners()
        self._received = 0
        if "head_first" in words:
            self._noted("HEAD", None, lambda: ask(self._pull.url, self._lines, manners))
        if "ranged" in words or ("parallel" in words and not self._post.is_photo):
            received = self._get_in_pieces(manners, is_parallel="parallel" in words)
        else:
            received = self._get(self._path, None, manners)
        if "repeat" in words:
            self._get_again(manners)
        return received

    def _manners(self) -> Manners:
        slow, cut = self._faults.get("slow"), self._faults.get("cut")
        return Manners(
            idle_seconds=self._switches.pull_request_seconds,
            max_bytes=MAX_PHOTO_BYTES if self._post.is_photo else MAX_VIDEO_BYTES,
            slow_seconds=float(slow.details["seconds"]) if slow else 0,
            cut_after=int(cut.details["bytes"]) if cut else None,
        )

    def _get_in_pieces(self, manners: Manners, *, is_parallel: bool) -> Received:
        """The file by ranges, one after another or all at once."""
        first = self._get(self._path, (0, FIRST_PIECE_BYTES - 1), manners)
        total = first.total
        if first.status != 206 or total is None or total <= FIRST_PIECE_BYTES:
            return first
        if total > manners.max_bytes:
            first.is_too_large = True
            return first
        size = -(-(total - FIRST_PIECE_BYTES) // _MORE_PIECES)
        calls = [
            functools.partial(self._get_piece, (start, min(start + size, total) - 1), manners)
            for start in range(FIRST_PIECE_BYTES, total, size)
        ]
        if is_parallel:
            all_at_once(calls)
        else:
            for call in calls:
                call()
        return first

    def _get_piece(self, byte_range: tuple[int, int], manners: Manners) -> None:
        received = self._get(self._path, byte_range, manners, is_fresh=False)
        if received.status != 206 or received.bytes != byte_range[1] - byte_range[0] + 1:
            raise PullError("sent another range than asked for", received)

    def _get_again(self, manners: Manners) -> None:
        """Fetch the file once more for nothing, as a cache or a scanner would."""
        scratch = self._path.with_name(self._path.name + ".again")
        before = self._received
        try:
            self._get(scratch, None, manners)
        except PullError:
            return
        finally:
            self._received = before
            scratch.unlink(missing_ok=True)

    def _get(
        self, path: Path, byte_range: tuple[int, int] | None, manners: Manners, *, is_fresh: bool = True
    ) -> Received:
        if is_fresh:
            _empty(path)
        return self._noted(
            "GET",
            byte_range,
            lambda: fetch(
                self._pull.url,
                path,
                self._lines,
                manners,
                byte_range=byte_range,
                on_bytes=self._on_bytes,
            ),
        )

    def _noted(
        self, method: str, byte_range: tuple[int, int] | None, call: Callable[[], Received]
    ) -> Received:
        """A request with its line in the ledger."""
        problem, at = "", self._state.now()
        try:
            received = call()
        except PullError as error:
            problem, received = str(error), error.received
            raise
        finally:
            with self._state.transaction() as db:
                note_visit(
                    db,
                    self._pull,
                    method=method,
                    byte_range="" if byte_range is None else f"{byte_range[0]}-{byte_range[1]}",
                    status=received.status,
                    received=received.bytes,
                    problem=problem,
                    at=at,
                )
                note_progress(db, self._pull, self._received)
        return received

    def _on_bytes(self, count: int) -> None:
        """Count what came; now and then note it, and look if it is still wanted."""
        with self._guard:
            self._received += count
            if time.monotonic() - self._looked_up_at < _LOOK_UP_SECONDS:
                return
            self._looked_up_at = time.monotonic()
            received = self._received
        with self._state.transaction() as db:
            note_progress(db, self._pull, received)
        if not self._is_wanted():
            raise PullError("given up")

    def _is_wanted(self) -> bool:
        """Neither ended nor forgotten, and the hour is not over."""
        if self._state.now() >= self._post.created_at + self._switches.pull_timeout_seconds:
            return False
        with self._state.transaction() as db:
            return not self._lines.is_cut and is_being_fetched(db, self._post.publish_id)


def _empty(path: Path) -> None:
    try:
        path.write_bytes(b"")
    except OSError as error:
        raise PullError(f"cannot be written: {error.strerror}") from error


def all_at_once(calls: Sequence[Callable[[], object]]) -> None:
    """Run the calls in a few threads; raises the first PullError among them, once all have ended."""
    waiting = list(enumerate(calls))
    errors: dict[int, PullError] = {}
    guard = threading.Lock()

    def work() -> None:
        while True:
            with guard:
                if not waiting or errors:
                    return
                number, call = waiting.pop(0)
            try:
                call()
            except PullError as error:
                errors[number] = error

    # Daemons: a server that never answers must not keep the process from ending.
    threads = [threading.Thread(target=work, daemon=True) for _ in range(min(_AT_ONCE, len(waiting)))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[min(errors)]
