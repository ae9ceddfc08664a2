"""How the settings read the environment: what counts as simulated, as production, as unset, and as a mistake."""

import socket
from pathlib import Path

import pytest

from tests.config.starting import NAMES, environment, python, read_settings, refusal
from tests.processes import ROOT, free_port

WHERE = ("TIKTOK_IS_SIMULATED", "RUNS_OWN_SIMULATOR", "IS_PRODUCTION", "TIKTOK_CLIENT_AUDITED")
APP = {"TIKTOK_CLIENT_KEY": "awkey", "TIKTOK_CLIENT_SECRET": "secret"}
KEYS = {
    "SECRET_KEY": "x" * 50,
    "TOKEN_ENCRYPTION_KEYS": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
}


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        pytest.param({}, (True, True, False, True), id="nothing set"),
        pytest.param(APP, (False, False, False, False), id="a key"),
        pytest.param(
            APP | {"TIKTOK_API_URL": "http://localhost:9"},
            (True, False, False, True),
            id="a key, API on loopback",
        ),
        pytest.param(
            APP | {"TIKTOK_API_URL": "http://127.0.0.1:9"},
            (True, False, False, True),
            id="a key, API on 127.0.0.1",
        ),
        pytest.param(
            APP | {"TIKTOK_AUTH_URL": "http://localhost:9"},
            (False, False, False, False),
            id="a key, only AUTH there",
        ),
        pytest.param(
            {"TIKTOK_CLIENT_AUDITED": "false"}, (True, True, False, False), id="simulated, unaudited"
        ),
        pytest.param(
            APP | {"TIKTOK_CLIENT_AUDITED": "true"}, (False, False, False, True), id="real, audited"
        ),
        pytest.param({"PUBLIC_URL": "http://[::1]:8000"}, (True, True, False, True), id="loopback by IPv6"),
        pytest.param(
            {"PUBLIC_URL": "http://green.localhost"}, (True, True, False, True), id="a name on loopback"
        ),
        pytest.param(
            APP | KEYS | {"PUBLIC_URL": "https://greenroom.example.org"},
            (False, False, True, False),
            id="production",
        ),
    ],
)
def test_what_is_simulated_and_what_is_production(
    variables: dict[str, str], expected: tuple[bool, ...], tmp_path: Path
) -> None:
    assert tuple(read_settings(tmp_path, *WHERE, **variables).values()) == expected


def test_addresses_of_the_real_tiktok(tmp_path: Path) -> None:
    assert read_settings(
        tmp_path, "TIKTOK_AUTH_URL", "TIKTOK_API_URL", "TIKTOK_UPLOAD_HOSTS", "TIKTOK_SCOPES", **APP
    ) == {
        "TIKTOK_AUTH_URL": "https://www.tiktok.com",
        "TIKTOK_API_URL": "https://open.tiktokapis.com",
        "TIKTOK_UPLOAD_HOSTS": [".tiktokapis.com"],
        "TIKTOK_SCOPES": ["user.info.basic", "video.publish", "video.upload"],
    }


PULLING = ("MEDIA_PULL_BASE_URL", "PULL_VIDEOS", "PULL_COMMIT_GATE", "WEB_THREADS", "PULL_MAX_WITHHELD")


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        pytest.param(
            {"PORT": "8123"}, ("http://localhost:8123/pull/", False, "last_byte", 16, 4), id="simulated"
        ),
        pytest.param(APP, ("", False, "last_byte", 16, 4), id="real"),
        pytest.param(
            APP
            | {
                "MEDIA_PULL_BASE_URL": "https://media.example.org/tiktok",
                "PULL_VIDEOS": "true",
                "PULL_COMMIT_GATE": "off",
                "WEB_THREADS": "11",
            },
            ("https://media.example.org/tiktok/", True, "off", 11, 2),
            id="everything set",
        ),
    ],
)
def test_where_tiktok_fetches_from(
    variables: dict[str, str], expected: tuple[object, ...], tmp_path: Path
) -> None:
    assert tuple(read_settings(tmp_path, *PULLING, **variables).values()) == expected


def test_a_production_server_answers_under_the_name_tiktok_fetches_from(tmp_path: Path) -> None:
    variables = APP | KEYS | {"PUBLIC_URL": "https://greenroom.example.org"}
    assert read_settings(
        tmp_path, "ALLOWED_HOSTS", MEDIA_PULL_BASE_URL="https://media.example.org/pull/", **variables
    ) == {"ALLOWED_HOSTS": ["greenroom.example.org", "media.example.org"]}


def test_addresses_of_the_simulator_follow_its_port(tmp_path: Path) -> None:
    assert read_settings(tmp_path, "TIKTOK_AUTH_URL", "TIKTOK_API_URL", SIMULATOR_PORT="8123") == {
        "TIKTOK_AUTH_URL": "http://localhost:8123",
        "TIKTOK_API_URL": "http://localhost:8123",
    }


def test_a_value_may_lie_in_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("a secret of fifty characters, as long as it must be\n")
    settings = read_settings(tmp_path / "var", "SECRET_KEY", SECRET_KEY_FILE=str(secret))
    assert settings == {"SECRET_KEY": "a secret of fifty characters, as long as it must be"}


def test_an_empty_value_is_as_good_as_none(tmp_path: Path) -> None:
    """Compose files and templates write `NAME=` for what they leave out."""
    empty = dict.fromkeys(NAMES - {"VAR_DIR"}, "")
    settings = read_settings(tmp_path, "PORT", "PUBLIC_URL", "DATABASES", **empty)
    assert (settings["PORT"], settings["PUBLIC_URL"]) == (8000, "http://localhost:8000")
    assert settings["DATABASES"]["default"]["NAME"] == str(tmp_path / "greenroom.sqlite3")


def test_sqlite_is_set_up_for_several_processes(tmp_path: Path) -> None:
    code = (
        "import django; django.setup()\n"
        "from django.db import connection, transaction\n"
        "with connection.cursor() as cursor:\n"
        "    for name in ('journal_mode', 'synchronous', 'foreign_keys', 'busy_timeout'):\n"
        "        cursor.execute(f'PRAGMA {name}'); print(cursor.fetchone()[0])\n"
        "print(connection.settings_dict['OPTIONS']['transaction_mode'])\n"
    )
    environ = environment(tmp_path, DJANGO_SETTINGS_MODULE="config.settings")
    assert python("-c", code, environ=environ).stdout.split() == ["wal", "2", "1", "20000", "IMMEDIATE"]


NO_ADDRESS = "Must be an address like https://greenroom.example.org, without a path."
NOT_PRIVATE = "Must begin with https://; plain http is for this machine only."


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("PORT", "abc", "Not a valid integer."),
        ("PORT", "70000", "Must be from 1 to 65535."),
        ("SIMULATOR_PORT", "0", "Must be from 1 to 65535."),
        ("DEBUG", "maybe", "Not a valid boolean."),
        ("PUBLISHING_SWEEP_SECONDS", "soon", "Not a valid number."),
        ("DATABASE_URL", "nonsense", "Not a valid database URL."),
        ("REDIS_URL", "localhost:6379", "Must begin with redis://, rediss:// or unix://."),
        ("PUBLIC_URL", "localhost:8000", NO_ADDRESS),
        ("PUBLIC_URL", "https://example.org/greenroom", NO_ADDRESS),
        ("TOKEN_ENCRYPTION_KEYS", "short", "Must be Fernet keys, 44 characters each, separated by commas."),
        ("TIKTOK_API_URL", "http://tiktok.example.org", NOT_PRIVATE),
        ("TIKTOK_AUTH_URL", "tiktok.example.org", NOT_PRIVATE),
        ("MEDIA_PULL_BASE_URL", "http://media.example.org/pull/", NOT_PRIVATE),
        ("OPERATOR_EMAIL", "Help <help@example.org>", "Must be an e-mail address like help@example.org."),
        ("PRODUCT_LOGO", "/nowhere.png", "Must be the path of a file that can be read."),
        ("PRODUCT_LOGO", __file__, "Must be the path of a PNG or JPEG picture."),
        ("PRODUCT_NAME", "x" * 51, "Must be one line of at most 50 characters."),
        ("PRODUCT_NAME", "one\ntwo", "Must be one line of at most 50 characters."),
    ],
)
def test_a_value_that_cannot_be_used_is_one_line_that_names_it(
    name: str, value: str, why: str, tmp_path: Path
) -> None:
    assert refusal(tmp_path, **{name: value}) == f'Environment variable "{name}" invalid: {why}'


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        (
            {"TIKTOK_CLIENT_KEY": "awkey"},
            "TIKTOK_CLIENT_KEY is set without TIKTOK_CLIENT_SECRET: they belong together.",
        ),
        (
            {"TIKTOK_CLIENT_KEY": "awkey", "TIKTOK_CLIENT_SECRET": "secret", "PULL_VIDEOS": "true"},
            "PULL_VIDEOS is set without MEDIA_PULL_BASE_URL: TikTok needs an address.",
        ),
        ({"PULL_COMMIT_GATE": "maybe"}, "PULL_COMMIT_GATE must be last_byte or off."),
        ({"WEB_THREADS": "3"}, "WEB_THREADS must be at least 4."),
        ({"SECRET_KEY_FILE": "/nowhere"}, "The value of SECRET_KEY_FILE must be a readable file path."),
        (
            {"EMAIL_URL": "nonsense"},
            "EMAIL_URL must begin with submission:// (STARTTLS) or smtp:// (with ?ssl=True for TLS).",
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, dict) else "",
)
def test_so_are_other_mistakes(variables: dict[str, str], said: str, tmp_path: Path) -> None:
    assert refusal(tmp_path, **variables) == said


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert refusal(tmp_path / "file" / "var") == (
        f"{tmp_path}/file/var cannot be used (Not a directory):"
        " VAR_DIR names the folder for everything made here."
    )


def test_a_database_that_does_not_answer_is_one_line(tmp_path: Path) -> None:
    with socket.socket() as closed:  # bound, and not listening: nobody else gets the port
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        said = refusal(
            tmp_path,
            PORT=str(free_port()),
            SIMULATOR_PORT=str(free_port()),
            DATABASE_URL=f"postgres://greenroom:hush@127.0.0.1:{port}/greenroom",
        )
    assert said.startswith("The database cannot be used (DATABASE_URL): connection failed: ")
    assert "hush" not in said


def test_the_example_names_only_what_is_read() -> None:
    named = {
        line.lstrip("#").partition("=")[0]
        for line in (ROOT / ".env.example").read_text().splitlines()
        if line.startswith("#") and "=" in line and " " not in line.partition("=")[0]
    }
    assert named
    assert named <= NAMES | {"EMAIL_URL"}
