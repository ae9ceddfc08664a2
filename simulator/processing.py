"""The background thread that looks at all that has arrived: its fingerprint, and if the file will do."""

import hashlib
import queue
import threading
from collections.abc import Callable
from pathlib import Path

from simulator.creators import get_creator
from simulator.media import why_refused
from simulator.pictures import look_at_picture
from simulator.posts import Post, find_post, note_verdict, unchecked_posts
from simulator.pulls import note_measured, pulls_of
from simulator.state import State
from simulator.switches import Switches

# Source: media transfer guide. Creators may trim longer films only in the app.
INBOX_MAX_SECONDS = 600


class Checker:
    """Checks posts one by one; what was waiting when the process ended is taken up again at start."""

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
        """Queue a post that is all here."""
        self._waiting.put(publish_id)

    def _run(self) -> None:
        while True:
            publish_id = self._waiting.get()
            with self._state.transaction() as db:
                post = find_post(db, publish_id)
            if post is not None:
                self._check(post)

    def _check(self, post: Post) -> None:
        try:
            sha256, verdict = self._look_at_photos(post) if post.is_photo else self._look_at_video(post)
        except FileNotFoundError:
            # Everything was forgotten meanwhile, this post too.
            return
        with self._state.transaction() as db:
            note_verdict(db, post, sha256=sha256, verdict=verdict, now=self._state.now())

    def _look_at_video(self, post: Post) -> tuple[str, str]:
        path = self._state.path_of(post.upload_id)
        with self._state.transaction() as db:
            creator = get_creator(db, post.username)
            pulls = pulls_of(db, post.publish_id)
        sha256 = _fingerprint(path)
        for pull in pulls:
            with self._state.transaction() as db:
                note_measured(db, pull, sha256=sha256, width=None, height=None)
            if pull.is_too_large:
                return sha256, "file_format_check_failed"
        verdict = why_refused(
            path,
            max_seconds=creator.max_seconds if post.is_direct else INBOX_MAX_SECONDS,
            min_seconds=self._switches().min_video_seconds,
        )
        return sha256, verdict

    def _look_at_photos(self, post: Post) -> tuple[str, str]:
        """The first picture that will not do fails all of them; TikTok never says which."""
        with self._state.transaction() as db:
            pulls = pulls_of(db, post.publish_id)
        verdict = ""
        hashes = []
        for pull in pulls:
            path = self._state.path_of(post.upload_id, pull.position)
            facts = look_at_picture(path, takes_animation=self._switches().photo_animation)
            hashes.append(_fingerprint(path))
            with self._state.transaction() as db:
                note_measured(db, pull, sha256=hashes[-1], width=facts.width, height=facts.height)
            verdict = verdict or ("file_format_check_failed" if pull.is_too_large else facts.fault)
        return hashlib.sha256("\n".join(hashes).encode()).hexdigest(), verdict


def _fingerprint(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
