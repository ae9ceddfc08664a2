"""Making test videos leaves the test process as it was."""

import os
from pathlib import Path

import pytest

from tests.media import make_video


@pytest.mark.parametrize("codec", ["h264", "hevc", "vp9", "av1"])
def test_no_encoder_leaves_a_real_time_process_behind(codec: str, tmp_path: Path) -> None:
    before = os.sched_getscheduler(0)
    make_video(tmp_path / "film.mp4", codec=codec, seconds=0.2)
    assert os.sched_getscheduler(0) == before
