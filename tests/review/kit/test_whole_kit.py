"""The kit without its film: every state of the guideline shows on the running product, and the papers are written."""

import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from PIL import Image, ImageColor

from review.guideline import AUDITED
from review.kit.strips import REHEARSAL, TOP
from tests.processes import ROOT
from tests.review.kit.desks import needs_a_desk

pytestmark = [needs_a_desk, pytest.mark.browser, pytest.mark.slow]
SECONDS = 540
WARN = ImageColor.getrgb("#8a4b12")


@pytest.mark.timeout(SECONDS + 30)
def test_every_state_shows_and_every_paper_is_written(tmp_path: Path) -> None:
    folder = tmp_path / "kit"
    command = [sys.executable, "-m", "review.kit", "--quick", "--out", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""

    said = [line.strip() for line in done.stdout.partition("\n\nDone in ")[0].splitlines()]
    scopes = [
        line.rpartition(" ")[2] for line in said if line.startswith("… and each scope that is asked for")
    ]
    assert scopes == settings.TIKTOK_SCOPES
    assert said[-1] == "The post on TikTok. It is private because the app has not been audited yet."

    pictures = {path.stem: path for path in (folder / "screens").iterdir()}
    assert sorted(pictures) == sorted(each.slug for each in AUDITED)
    for path in pictures.values():
        with Image.open(path) as picture:
            assert picture.width == 1440
            assert picture.getpixel((20, TOP // 2)) == WARN
            # Whatever is shown, it is not a single colour.
            assert len(picture.getcolors(1 << 24) or []) > 500

    for name in ("index", "requirements", "answers"):
        assert REHEARSAL in (folder / f"{name}.html").read_text()
    table = (folder / "requirements.html").read_text()
    for each in AUDITED:
        assert f'id="requirement-{each.number}"' in table
        assert f'src="screens/{each.slug}.png"' in table
    assert (folder / "requirements.pdf").read_bytes().startswith(b"%PDF-")
    assert not (folder / "film.mp4").exists()
