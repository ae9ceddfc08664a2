"""What keeps the real TikTok from being filmed is said before anything is started."""

from pathlib import Path
from typing import Any

import pytest

from review.kit.__main__ import main
from review.kit.desk import Desk, persons_desk
from review.kit.errors import KitError
from review.kit.live import require_live
from tests.processes import free_port


def test_without_a_desktop_it_says_so_and_writes_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    assert main(["--live", "--out", str(tmp_path / "kit")]) == 1
    assert "--live needs a desktop, and there is none here" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_folder_of_an_earlier_run_is_left_alone(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["--out", str(tmp_path)]) == 1
    assert "is there already" in capsys.readouterr().err


def test_the_desktop_is_the_one_it_was_started_from() -> None:
    assert persons_desk({"DISPLAY": ":7"}) == Desk(":7")


def test_a_desktop_that_cannot_be_filmed_says_so() -> None:
    with pytest.raises(KitError, match="this desktop is Wayland"):
        persons_desk({"DISPLAY": ":7", "XDG_SESSION_TYPE": "wayland"})


def test_a_simulated_tiktok_is_no_evidence(settings: Any) -> None:
    settings.TIKTOK_IS_SIMULATED = True
    with pytest.raises(KitError, match="set TIKTOK_CLIENT_KEY and TIKTOK_CLIENT_SECRET"):
        require_live()


def test_the_site_must_run(settings: Any) -> None:
    settings.TIKTOK_IS_SIMULATED = False
    settings.PUBLIC_URL = f"http://localhost:{free_port()}"
    with pytest.raises(KitError, match="does not answer"):
        require_live()
