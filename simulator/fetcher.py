"""TikTok's fetcher: the threads that download what posts name, and what becomes of the posts then."""

import queue
import threading
from collections.abc import Callable

from simulator.faults import take_fault
from simulator.posts import Post, fail_fetch, find_post, is_being_fetched, note_fetched, unfetched_posts
from simulator.pulling import FilePull, all_at_once
from simulator.pulls import Pull, pulls_of
from simulator.settling import pull_failure
from simulator.state import State
from simulator.switches import Switches
from simulator.transfer import Lines, PullError
from simulator.weather import Weather

_THREADS = 12


class Fetcher:
    """Downloads in the background; what was not finished when the process ended is begun again at start."""

    def __init__(
        self,
        state: State,
        switches: Callable[[], Switches],
        on_fetched: Callable[[str], None],
        weather: Weather,
    ) -> None:
        self._state = state
        self._switches = switches
        self._on_fetched = on_fetched
        self._weather = weather
        self._waiting: queue.SimpleQueue[tuple[str, threading.Event]] = queue.SimpleQueue()
        self._guard = threading.Lock()
        self._lines: dict[str, Lines] = {}

    def start(self) -> None:
        with self._state.transaction() as db:
            for post in unfetched_posts(db):
                self._submit(post.publish_id)
        for number in range(_THREADS):
            threading.Thread(target=self._run, name=f"fetcher-{number}", daemon=True).start()

    def begin(self, post: Post) -> None:
        """Set the download of a new post going; by switch it is tried, or done, before this returns."""
        switches = self._switches()
        if switches.pull_probe:
            self._probe(post, switches)
        done = self._submit(post.publish_id)
        if switches.pull_inside_init:
            done.wait()

    def stop(self, publish_id: str | None = None) -> None:
        """Hang up on the downloads of one post, or on all, once their end has been noted."""
        with self._guard:
            chosen = [lines for key, lines in self._lines.items() if publish_id in {None, key}]
        for lines in chosen:
            lines.cut()

    def _submit(self, publish_id: str) -> threading.Event:
        done = threading.Event()
        self._waiting.put((publish_id, done))
        return done

    def _run(self) -> None:
        while True:
            publish_id, done = self._waiting.get()
            try:
                self._download(publish_id)
            finally:
                with self._guard:
                    self._lines.pop(publish_id, None)
                done.set()

    def _download(self, publish_id: str) -> None:
        """All files of a post, then the post's next step."""
        # The lines come before the look at the post: a cancel finds either them or its mark is found here.
        lines = self._open_lines(publish_id)
        with self._state.transaction() as db:
            post = find_post(db, publish_id) if is_being_fetched(db, publish_id) else None
            pulls = pulls_of(db, publish_id)
        if post is None:
            return
        waiting = [pull for pull in pulls if not pull.is_done]
        is_whole = self._fetch_all(post, waiting, lines)
        with self._state.transaction() as db:
            now = self._state.now()
            if not is_whole:
                fail_fetch(db, publish_id, pull_failure(post), now=now)
            else:
                content_type = pulls_of(db, publish_id)[0].content_type
                is_whole = note_fetched(db, publish_id, content_type=content_type, now=now)
            is_forgotten = find_post(db, publish_id) is None
        if is_forgotten:
            for pull in pulls:
                self._state.path_of(post.upload_id, pull.position if post.is_photo else None).unlink(
                    missing_ok=True
                )
        elif is_whole:
            self._on_fetched(publish_id)

    def _fetch_all(self, post: Post, pulls: list[Pull], lines: Lines) -> bool:
        switches = self._switches()
        files = [FilePull(self._state, switches, post, pull, lines, self._weather) for pull in pulls]
        if not post.is_photo or not self._is_parallel(post, switches):
            return all(file.run() for file in files)

        try:
            all_at_once([file.run_or_raise for file in files])
        except PullError:
            return False
        return True

    def _is_parallel(self, post: Post, switches: Switches) -> bool:
        """Whether a carousel's pictures are fetched several at a time."""
        if "parallel" in switches.pull_profile:
            return True
        with self._state.transaction() as db:
            return take_fault(db, "fetch", frozenset({"parallel"}), post.username) is not None

    def _probe(self, post: Post, switches: Switches) -> None:
        lines = self._open_lines(post.publish_id)
        with self._state.transaction() as db:
            pulls = pulls_of(db, post.publish_id)
        for pull in pulls:
            FilePull(self._state, switches, post, pull, lines, self._weather).probe()

    def _open_lines(self, publish_id: str) -> Lines:
        lines = Lines()
        with self._guard:
            self._lines[publish_id] = lines
        return lines
