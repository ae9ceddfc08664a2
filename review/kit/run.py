"""One run from the first scene to the last, in a rehearsal or with the real TikTok."""

import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from playwright.sync_api import Error as BrowserError
from playwright.sync_api import Page, sync_playwright

from review.guideline import AUDITED
from review.kit import arriving, composing, posting
from review.kit.browser import open_window
from review.kit.camera import Camera
from review.kit.desk import own_desk, persons_desk
from review.kit.errors import KitError, StateNotShownError
from review.kit.footage import write_video
from review.kit.guide import Guide, Shot, first_words
from review.kit.live import require_live
from review.kit.pointer import Pointer
from review.kit.rehearsal import rehearsal
from review.kit.stage import CREATOR, Stage


@dataclass(frozen=True)
class Wish:
    """What was asked for. `video` None draws one; `is_quick` makes the pictures without film or pauses."""

    folder: Path
    is_live: bool = False
    is_quick: bool = False
    video: Path | None = None


@dataclass(frozen=True)
class Result:
    """What a run left behind; `film` None where none was made. `url` is the site that was shown."""

    wish: Wish
    url: str
    film: Path | None
    seconds: float
    shots: tuple[Shot, ...]


def play(wish: Wish) -> Result:
    """Show everything. Raises StateNotShownError naming the requirement that did not show, KitError for the rest."""
    pictures = wish.folder / "screens"
    film = None if wish.is_quick else wish.folder / "film.mp4"
    with ExitStack() as stack:
        desk = persons_desk() if wish.is_live else stack.enter_context(own_desk())
        if wish.is_live:
            require_live()
        pictures.mkdir(parents=True)
        work = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="audit-kit-")))
        running = None if wish.is_live else stack.enter_context(rehearsal(work))
        if running:
            # So that a video that is too long is soon made.
            running.creator(CREATOR, max_seconds=60)
        url = running.url if running else settings.PUBLIC_URL
        video = wish.video or write_video(work, "sunrise")
        playwright = stack.enter_context(sync_playwright())
        window = stack.enter_context(open_window(playwright, desk, work / "browser"))
        # The film begins on the site, not on an empty window that waits for it.
        _open_site(window.pages[0], url)
        x, y = window.pages[0].evaluate("[screenX, screenY]")
        camera = stack.enter_context(Camera(desk, film, is_rehearsal=not wish.is_live, x=x, y=y))
        stage = Stage(
            guide=Guide(
                window.pages[0],
                Pointer(desk, is_quick=wish.is_quick),
                camera,
                pictures,
                is_quick=wish.is_quick,
            ),
            url=url,
            tiktok_url=running.tiktok_url if running else settings.TIKTOK_AUTH_URL,
            product_name=settings.PRODUCT_NAME,
            scopes=tuple(settings.TIKTOK_SCOPES),
            video=video,
            folder=work,
            rehearsal=running,
        )
        _play_scenes(stage)
        seconds = camera.seconds
    return Result(wish, stage.url, film, seconds, tuple(stage.guide.shots))


def _open_site(page: Page, url: str) -> None:
    try:
        page.goto(f"{url}/")
    except BrowserError as error:
        raise KitError(f"{url} cannot be opened. {first_words(error)}") from error


def _play_scenes(stage: Stage) -> None:
    guide = stage.guide
    scenes = [
        ("The site", arriving.see_the_site),
        ("Signing up", arriving.sign_up),
        ("Connecting a TikTok account", arriving.connect),
        ("Point 1 · Creator info", composing.see_the_creator),
        ("Point 2 · Title, privacy, interactions", composing.choose_title_and_audience),
        ("Point 3 · Commercial content", composing.disclose_commercial_content),
        ("Point 4 · Declarations", composing.see_the_declarations),
        ("Point 5 · Awareness and control", posting.choose_only_me),
        ("Point 5 · Awareness and control", posting.look_once_more),
        ("Point 5 · Posting and status", posting.publish),
        ("On TikTok", posting.end_on_tiktok),
    ]
    if "video.upload" in stage.scopes and not guide.is_quick:
        scenes.insert(3, ("A draft for the inbox", arriving.draft_for_the_inbox))
    if stage.rehearsal is None:
        scenes.insert(0, ("Before the film", arriving.log_in_at_tiktok))
    for heading, scene in scenes:
        guide.begin(heading)
        try:
            scene(stage)
        except StateNotShownError:
            raise
        except Exception as error:
            guide.keep_failure()
            raise KitError(f"The scene “{heading}” could not be played on. {first_words(error)}") from error
    shown = {shot.number for shot in guide.shots} | _not_to_be_had(stage)
    left = [f"{each.number} ({each.rule.summary})" for each in AUDITED if each.number not in shown]
    if left:
        raise StateNotShownError("Not shown at all: " + "; ".join(left))


def _not_to_be_had(stage: Stage) -> set[str]:
    """What no real account can be put into on purpose, and what a site without photos cannot show."""
    if stage.rehearsal:
        return set()
    return {"1b"} if settings.MEDIA_PULL_BASE_URL else {"1b", "2c-iii"}
