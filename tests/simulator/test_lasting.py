"""Starting, stopping, and what is still there afterwards."""

import hashlib
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.processes import ROOT, Simulator, start_simulator
from tests.simulator.speaking import App, error_of, noise, put

pytestmark = pytest.mark.slow

CHUNK = 5_242_880
SIZE = 2 * CHUNK


@pytest.fixture
def own_simulator(tmp_path: Path) -> Iterator[Simulator]:
    simulator = start_simulator(tmp_path, token_mark="SENTINEL-")
    yield simulator
    simulator.stop()


def run(**settings: str) -> subprocess.CompletedProcess[str]:
    environ = dict(os.environ) | settings
    return subprocess.run(
        [sys.executable, "-m", "simulator"],
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


@pytest.mark.parametrize("sig", [signal.SIGTERM, signal.SIGKILL])
def test_everything_outlives_the_process(own_simulator: Simulator, film: bytes, sig: signal.Signals) -> None:
    simulator = own_simulator
    with App(simulator) as app:
        poppy = app.connect("poppy.public")
        landed = poppy.post(film, privacy_level="PUBLIC_TO_EVERYONE")
        post_id = poppy.state_of(landed)["publicaly_available_post_id"]
        movie = noise(SIZE)
        upload = poppy.begin(SIZE, CHUNK, 2)
        put(upload.url, movie[:CHUNK], 0, SIZE)
        simulator.switch(daily_cap=9)
        simulator.creator("poppy.public", nickname="Poppy II")
        simulator.fault("creator_info", "http", status=503)
        simulator.advance(100)
        for _ in range(4):
            poppy.init(1000)
        simulator.restart(sig)
        assert poppy.state_of(landed)["publicaly_available_post_id"] == post_id
        assert put(upload.url, movie[CHUNK:], CHUNK, SIZE).status_code == 201
        post = simulator.wait_until_checked(upload.publish_id)
        assert post["sha256"] == hashlib.sha256(movie).hexdigest()
        assert simulator.control("GET", "/switches")["daily_cap"] == 9
        assert poppy.creator_info().status_code == 503
        assert poppy.creator_info().json()["data"]["creator_nickname"] == "Poppy II"
        # The clock stayed forward, so the first two inits are out of the window and four are in it.
        assert [error_of(poppy.init(1000))[1] for _ in range(3)] == ["ok", "ok", "rate_limit_exceeded"]
        assert "access_token" in app.refresh(poppy.refresh_token).json()


def test_an_unchecked_upload_is_checked_after_a_kill(own_simulator: Simulator, film: bytes) -> None:
    with App(own_simulator) as app:
        poppy = app.connect("poppy.public")
        publish_id = poppy.send(film)
        own_simulator.restart(signal.SIGKILL)
        own_simulator.wait_until_checked(publish_id)
        assert poppy.state_of(publish_id)["status"] == "PUBLISH_COMPLETE"


def test_secrets_can_carry_a_mark_to_look_for(own_simulator: Simulator) -> None:
    with App(own_simulator) as app:
        poppy = app.connect("poppy.public")
        assert poppy.access_token.startswith("act.SENTINEL-")
        assert poppy.refresh_token.startswith("rft.SENTINEL-")
        assert "upload_token=SENTINEL-" in poppy.begin(1000).url


def test_the_log_says_where_it_is_and_no_secret(own_simulator: Simulator, film: bytes) -> None:
    with App(own_simulator) as app:
        app.connect("poppy.public").post(film)
    assert own_simulator.log() == f"Simulated TikTok: {own_simulator.url}\n"


def test_sigterm_ends_it_at_once_and_cleanly(own_simulator: Simulator) -> None:
    httpx.get(own_simulator.url)
    process = own_simulator._process
    assert process is not None
    process.terminate()
    assert process.wait(5) == 0


def test_a_taken_port_is_one_line(own_simulator: Simulator, tmp_path: Path) -> None:
    port = str(own_simulator.port)
    result = run(SIMULATOR_PORT=port, SIMULATOR_DATA_DIR=str(tmp_path / "other"))
    assert result.returncode == 1
    assert result.stdout == ""
    assert result.stderr == f"Port {port} on 127.0.0.1 is taken: set SIMULATOR_PORT to another one.\n"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SIMULATOR_PORT", "eighty"),
        ("SIMULATOR_PORT", "70000"),
        ("SIMULATOR_PROCESSING_SECONDS", "soon"),
        ("SIMULATOR_DAY_SECONDS", "-1"),
        ("SIMULATOR_RATE_WINDOW_SECONDS", "nan"),
        ("SIMULATOR_AUDITED", "perhaps"),
        ("SIMULATOR_TOKEN_PROFILE", "2027-01"),
        ("SIMULATOR_CLIENT_SCOPES", "user.info.basic,video.steal"),
        ("SIMULATOR_REDIRECT_URIS", "http://example.com/callback"),
        ("SIMULATOR_REDIRECT_URIS", "https://example.com/callback?a=b"),
        ("SIMULATOR_REDIRECT_URIS", ",".join(f"https://{n}.example.com/" for n in range(11))),
    ],
)
def test_a_malformed_setting_is_named_in_one_line(tmp_path: Path, name: str, value: str) -> None:
    result = run(**({"SIMULATOR_DATA_DIR": str(tmp_path)} | {name: value}))
    assert result.returncode == 2
    assert result.stderr.startswith(name)
    assert result.stderr.count("\n") == 1


def test_a_data_folder_that_cannot_be_is_named_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    result = run(SIMULATOR_DATA_DIR=str(tmp_path / "file" / "folder"))
    assert result.returncode == 2
    assert result.stderr.startswith("SIMULATOR_DATA_DIR cannot be used: ")
    assert result.stderr.count("\n") == 1


def test_the_memory_of_another_version_is_forgotten(own_simulator: Simulator) -> None:
    with App(own_simulator) as app:
        app.connect("poppy.public").init(1000)
    database = own_simulator.folder / "simulator" / "simulator.sqlite3"
    with sqlite3.connect(database) as db:
        db.execute("PRAGMA user_version = 999")
        db.execute("ALTER TABLE posts DROP COLUMN title")
    db.close()
    own_simulator.restart()
    assert own_simulator.posts() == []
    with App(own_simulator) as app:
        app.connect("poppy.public").init(1000)
    assert [post["title"] for post in own_simulator.posts()] == ["A test"]


def test_settings_reach_the_switches(tmp_path: Path) -> None:
    simulator = start_simulator(
        tmp_path,
        audited=False,
        token_profile="legacy",
        processing_seconds=7,
        moderation_seconds=8,
        upload_url_seconds=9,
        rate_window_seconds=10,
        day_seconds=11,
        client_scopes="user.info.basic,video.upload",
    )
    try:
        switches = simulator.control("GET", "/switches")
    finally:
        simulator.stop()
    assert (
        switches.items()
        >= {
            "audited": False,
            "token_profile": "legacy",
            "processing_seconds": 7,
            "moderation_seconds": 8,
            "upload_url_seconds": 9,
            "rate_window_seconds": 10,
            "day_seconds": 11,
            "client_scopes": ["user.info.basic", "video.upload"],
        }.items()
    )
