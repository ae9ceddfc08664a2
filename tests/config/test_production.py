"""An installation that strangers can reach starts only when it is safe, whichever process comes first."""

from dataclasses import replace
from pathlib import Path

import pytest

from config.production import Installation, find_refusals
from tests.config.starting import environment, python, refusal

SAFE = Installation(
    public_url="https://greenroom.example.org",
    is_debug=False,
    has_own_secret_key=True,
    secret_key="x" * 50,
    has_own_encryption_keys=True,
    tiktok_client_key="awkey",
    tiktok_client_secret="secret",
    tiktok_auth_url="https://www.tiktok.com",
    tiktok_api_url="https://open.tiktokapis.com",
    media_pull_base_url="https://media.greenroom.example.org/pull/",
)
VARIABLES = {
    "PUBLIC_URL": "https://greenroom.example.org",
    "SECRET_KEY": "x" * 50,
    "TOKEN_ENCRYPTION_KEYS": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
    "TIKTOK_CLIENT_KEY": "awkey",
    "TIKTOK_CLIENT_SECRET": "secret",
}
NO_SECRET_KEY = "SECRET_KEY must be set to at least 50 random characters."
NO_ENCRYPTION = "TOKEN_ENCRYPTION_KEYS must be set to at least one Fernet key."
NO_APP = "TIKTOK_CLIENT_KEY and TIKTOK_CLIENT_SECRET must be set: the simulator is for local runs only."
PULL = "MEDIA_PULL_BASE_URL must begin with https:// and lead to this server from outside: TikTok fetches from there."
HERE = "must not point at this machine: the simulator is for local runs only."


def test_a_safe_installation_starts() -> None:
    assert find_refusals(SAFE) == []


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            {"public_url": "http://greenroom.example.org"},
            "PUBLIC_URL must begin with https:// when it is not on this machine.",
        ),
        ({"is_debug": True}, "DEBUG must be off when PUBLIC_URL is not on this machine."),
        ({"has_own_secret_key": False}, NO_SECRET_KEY),
        ({"secret_key": "x" * 49}, NO_SECRET_KEY),
        ({"has_own_encryption_keys": False}, NO_ENCRYPTION),
        ({"tiktok_client_key": ""}, NO_APP),
        ({"tiktok_client_secret": ""}, NO_APP),
        ({"tiktok_auth_url": "http://localhost:8100"}, f"TIKTOK_AUTH_URL {HERE}"),
        ({"tiktok_api_url": "https://127.0.0.1"}, f"TIKTOK_API_URL {HERE}"),
        ({"media_pull_base_url": "http://media.example.org/pull/"}, PULL),
        ({"media_pull_base_url": "https://localhost/pull/"}, PULL),
    ],
    ids=lambda value: ",".join(value) if isinstance(value, dict) else "",
)
def test_each_thing_missing_has_its_sentence(change: dict[str, object], sentence: str) -> None:
    assert find_refusals(replace(SAFE, **change)) == [sentence]  # type: ignore[arg-type]


def test_everything_missing_is_said_at_once() -> None:
    worst = Installation(
        "http://example.org",
        True,
        False,
        "",
        False,
        "",
        "",
        "http://localhost",
        "http://localhost",
        "http://a/",
    )
    assert len(find_refusals(worst)) == 8


def test_photos_are_not_needed_to_start() -> None:
    assert find_refusals(replace(SAFE, media_pull_base_url="")) == []


@pytest.mark.parametrize(
    "process",
    [
        ["-m", "gunicorn", "config.wsgi:application", "--check-config"],
        ["-m", "celery", "-A", "config", "worker"],
        ["manage.py", "migrate"],
    ],
    ids=["web", "worker", "manage"],
)
def test_no_process_starts_without_what_it_needs(process: list[str], tmp_path: Path) -> None:
    done = python(*process, environ=environment(tmp_path, **VARIABLES | {"SECRET_KEY": "short"}))
    assert done.returncode != 0
    assert f"Greenroom refuses to start. {NO_SECRET_KEY}" in done.stderr + done.stdout
    assert list(tmp_path.iterdir()) == [], "something was made all the same"


def test_make_run_says_why_in_one_line(tmp_path: Path) -> None:
    said = refusal(tmp_path, PUBLIC_URL="https://greenroom.example.org")
    assert said == (
        f"Greenroom refuses to start. {NO_SECRET_KEY} {NO_ENCRYPTION} {NO_APP}"
        f" TIKTOK_AUTH_URL {HERE} TIKTOK_API_URL {HERE}"
    )
    assert list(tmp_path.iterdir()) == []


def test_a_safe_installation_passes_every_process(tmp_path: Path) -> None:
    environ = environment(tmp_path, **VARIABLES)
    done = python("-m", "gunicorn", "config.wsgi:application", "--check-config", environ=environ)
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "secrets").exists(), "a production installation made a secret of its own"
