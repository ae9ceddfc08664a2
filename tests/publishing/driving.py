"""Drives a publication through the real engine against the simulated TikTok, without a worker and without waiting."""

import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from accounts.clock import database_now
from accounts.models import Host, TikTokAccount, User, Workspace
from composer.models import MediaFile
from publishing.engine import advance
from publishing.models import Publication
from publishing.states import FINAL_STATES, RESTING_STATES, State
from tests.factories import make_media, make_post, make_publication
from tests.media import make_video

SETTLED = FINAL_STATES | RESTING_STATES | {State.UNCONFIRMED}


def film(folder: Path, *, pad_to: int = 0, seconds: float = 1.5) -> Path:
    """A small real video; `pad_to` bytes long when given, by a `free` box that players skip."""
    path = folder / f"film-{pad_to}.mp4"
    path.write_bytes(_encoded(seconds))
    missing = pad_to - path.stat().st_size
    if missing > 0:
        with path.open("ab") as file:
            file.write(missing.to_bytes(4, "big") + b"free")
            file.truncate(pad_to)
    return path


@cache
def _encoded(seconds: float) -> bytes:
    """Encoding takes longer than most tests that need the film."""
    with TemporaryDirectory() as folder:
        return make_video(Path(folder) / "film.mp4", seconds=seconds).read_bytes()


def store(account: TikTokAccount, path: Path) -> MediaFile:
    """Put a file into the workspace's media as an upload would."""
    media = make_media(account.workspace, content=path.read_bytes(), duration_ms=1500)
    assert media.size_bytes == path.stat().st_size
    return media


def due(account: TikTokAccount, path: Path, *, user: User, **post: object) -> Publication:
    """A consented publication of that file, due now."""
    made = make_post(account.workspace, account=account, media=store(account, path), **post)
    return make_publication(made, user=user, next_try_at=database_now())


def move_account(account: TikTokAccount, workspace: Workspace) -> None:
    """As confirming the offer to move it does it."""
    now = database_now()
    account.moves.create(
        from_workspace=account.workspace,
        to_workspace=workspace,
        asked_by=workspace.memberships.get().user,
        expires_at=now,
        confirmed_at=now,
    )
    TikTokAccount.objects.filter(pk=account.pk).update(workspace=workspace)


def skip_wait(publication: Publication) -> None:
    """As if the time of the next step had come, and of the next try of a host that is silent."""
    Host.objects.filter(next_try_at__isnull=False).update(next_try_at=database_now())
    Publication.objects.filter(pk=publication.pk, next_try_at__isnull=False).update(
        next_try_at=database_now()
    )


def run(
    publication: Publication,
    *,
    until: Callable[[Publication], bool] | None = None,
    steps: int = 60,
    pause: float = 0.05,
) -> Publication:
    """Take steps, never mind the gaps between them, until the publication rests (or `until` says so)."""
    for _ in range(steps):
        publication.refresh_from_db()
        if until(publication) if until else publication.state in SETTLED | {State.PUBLISHED}:
            return publication
        skip_wait(publication)
        advance(publication.pk)
        if publication.state in {State.PROCESSING, State.PUBLISHED}:
            time.sleep(pause)  # the simulator looks at the file in the meantime
    raise AssertionError(f"still {publication.state} after {steps} steps")


def in_state(state: State) -> Callable[[Publication], bool]:
    """For `until`."""
    return lambda publication: publication.state == state


def states_of(publication: Publication) -> list[str]:
    """The states it went through, in order."""
    return list(publication.events.exclude(to_state="").values_list("to_state", flat=True))


__all__ = ["Publication", "due", "film", "in_state", "move_account", "run", "skip_wait", "states_of", "store"]
