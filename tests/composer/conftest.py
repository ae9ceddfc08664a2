"""Video files, each made once in a run, and the drafts that the page tests open."""

from collections.abc import Callable
from pathlib import Path

import pytest

from accounts.models import TikTokAccount, Workspace
from composer.models import Post
from tests.factories import make_post
from tests.media import make_video

VideoMaker = Callable[..., Path]


@pytest.fixture(scope="session")
def video(tmp_path_factory: pytest.TempPathFactory) -> VideoMaker:
    """Make a video by `make_video`'s arguments; the same arguments give the same file. Do not change it."""
    folder = tmp_path_factory.mktemp("videos")
    made: dict[str, Path] = {}

    def make(**wanted: object) -> Path:
        key = repr(sorted(wanted.items()))
        if key not in made:
            container = wanted.get("container", "mp4")
            made[key] = make_video(folder / f"{len(made)}.{container}", **wanted)  # type: ignore[arg-type]
        return made[key]

    return make


@pytest.fixture
def empty(workspace: Workspace, poppy: TikTokAccount) -> Post:
    return Post.objects.create(workspace=workspace, account=poppy)


@pytest.fixture
def ready(workspace: Workspace, poppy: TikTokAccount) -> Post:
    """A draft of poppy's with all that a post needs."""
    return make_post(workspace, account=poppy)
