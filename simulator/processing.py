"""The background thread that looks at every finished upload: its fingerprint, and if the file will do."""

import hashlib
import queue
import threading
from collections.abc import Callable
from pathlib import Path

from simulator.creators import get_creator
from simulator.media import why_refused
from simulator.posts import Post, find_post, note_verdict, unchecked_posts
from simulator.state import State
from simulator.switches import Switches


class Checker:
    """Checks uploads one by one; what was waiting when the process ended is taken up again at start."""

    def __init__(self, state: State, switches: Callable[[], Switches]) -> None:
        self._state = state
        self._switches = switches
        self._waiting: queue.SimpleQueue[str] = queue.SimpleQueue()

    def start(self) -> None:
        with self._state.transaction() as db:
            for post in unchecked_posts(db):
                self.submit(post.publish_id)
        threading.Thread(target=self._run, name="checker", daemon=True).start()

    def submit(self, publish_id: str) -> None:
        """Queue a post whose last byte has arrived."""
        self._waiting.put(publish_id)

    def _run(self) -> None:
        while True:
            publish_id = self._waiting.get()
            with self._state.transaction() as db:
                post = find_post(db, publish_id)
            if post is not None:
                self._check(post)

    def _check(self, post: Post) -> None:
        path = self._state.videos_dir / post.upload_id
        with self._state.transaction() as db:
            creator = get_creator(db, post.username)
        try:
            sha256 = _fingerprint(path)
            verdict = why_refused(
                path,
                max_seconds=creator.max_seconds,
                min_seconds=self._switches().min_video_seconds,
            )
        except FileNotFoundError:
            # Everything was forgotten meanwhile, this post too.
            return
        with self._state.transaction() as db:
            note_verdict(db, post, sha256=sha256, verdict=verdict, now=self._state.now())


def _fingerprint(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
