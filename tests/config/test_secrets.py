"""Secrets of a local run: made once, read by all, and by their owner only."""

import subprocess
import sys
from pathlib import Path

import pytest

from config.secrets import read_or_make_secret
from tests.config.starting import environment, read_settings
from tests.processes import ROOT

NAMES = ("SECRET_KEY", "TOKEN_ENCRYPTION_KEYS", "TIKTOK_CLIENT_SECRET")


def test_they_are_made_once_and_stay(tmp_path: Path) -> None:
    first = read_settings(tmp_path, *NAMES)
    assert read_settings(tmp_path, *NAMES) == first
    assert len(first["SECRET_KEY"]) >= 50
    assert len(set(map(str, first.values()))) == 3
    assert read_settings(tmp_path / "elsewhere", *NAMES)["SECRET_KEY"] != first["SECRET_KEY"]


def test_only_their_owner_reads_them(tmp_path: Path) -> None:
    read_settings(tmp_path, *NAMES)
    folder = tmp_path / "secrets"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()} == {
        "secret_key": 0o600,
        "token_encryption_key": 0o600,
        "simulator_client_secret": 0o600,
    }


def test_the_folder_around_them_is_their_owners_too(tmp_path: Path) -> None:
    """The database beside them holds who is signed in."""
    read_settings(tmp_path / "var", *NAMES)
    assert (tmp_path / "var").stat().st_mode & 0o777 == 0o700


def test_eight_processes_that_start_at_once_read_the_same(tmp_path: Path) -> None:
    code = "from config import settings; print(settings.SECRET_KEY, *settings.TOKEN_ENCRYPTION_KEYS)"
    started = [
        subprocess.Popen(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env=environment(tmp_path),
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(8)
    ]
    said = {process.communicate(timeout=60)[0] for process in started}
    assert [process.returncode for process in started] == [0] * 8
    assert len(said) == 1
    assert len(list((tmp_path / "secrets").iterdir())) == 3, "a candidate was left behind"


def test_whoever_comes_second_takes_what_the_first_made(tmp_path: Path) -> None:
    """Both saw no file; the other links its own while we still make ours."""

    def make_slowly() -> str:
        assert read_or_make_secret(tmp_path, "key", lambda: "the first") == "the first"
        return "the second"

    assert read_or_make_secret(tmp_path, "key", make_slowly) == "the first"
    assert [path.name for path in tmp_path.iterdir()] == ["key"]


def test_a_secret_that_cannot_be_made_leaves_nothing(tmp_path: Path) -> None:
    def fail() -> str:
        raise RuntimeError("no randomness")

    with pytest.raises(RuntimeError, match="no randomness"):
        read_or_make_secret(tmp_path, "key", fail)
    assert list(tmp_path.iterdir()) == []
