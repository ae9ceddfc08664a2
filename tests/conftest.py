"""People, things and services that any test may ask for; bob always tries alice's page."""

import os
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import certifi
import pytest
from django.conf import settings as django_settings
from django.db.backends.sqlite3.base import DatabaseOperations as SQLiteOperations
from django.db.models.signals import post_migrate
from django.test import Client
from hypothesis import settings as hypothesis_settings

from accounts.models import TikTokAccount, User, Workspace
from accounts.people import workspace_of
from composer.media.samples import Sample, write_sample
from config.celery import app as celery_app
from publishing.guarantees import sqlite_triggers
from tests.consent import connect
from tests.factories import make_account, make_person
from tests.processes import Simulator, start_simulator

# Every token the simulator hands out holds this: finding it anywhere it does not belong is a leak.
TOKEN_MARK = "SENTINEL-"

# A slow machine is no defect of the code.
hypothesis_settings.register_profile("house", deadline=None)
hypothesis_settings.load_profile("house")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests come last: Playwright leaves an event loop running, in which nobody can start another."""
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


_seconds_by_part: Counter[str] = Counter()


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    _seconds_by_part[report.nodeid.split("::")[0].split("/")[1]] += report.duration


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what each part of the tests took."""
    terminalreporter.write_sep("=", "seconds by part")
    for part, seconds in _seconds_by_part.most_common():
        terminalreporter.write_line(f"{seconds:7.1f} {part}")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(tmp_path_factory: pytest.TempPathFactory) -> None:
    """SQLite in a file, as in the product: threads and processes share it, and its locks are the real ones."""
    database = django_settings.DATABASES["default"]
    if database["ENGINE"] == "django.db.backends.sqlite3":
        database["TEST"]["NAME"] = str(tmp_path_factory.mktemp("database") / "test.sqlite3")


@pytest.fixture(autouse=True, scope="session")
def history_can_be_flushed() -> None:
    """SQLite empties tables between tests with DELETE, which histories refuse; laid anew by post_migrate after it.

    Nobody here asks for a model's permissions, which Django would make anew each time: a tenth of a second a test.
    """
    post_migrate.disconnect(dispatch_uid="django.contrib.auth.management.create_permissions")
    flush = SQLiteOperations.sql_flush

    def lift_and_flush(self: SQLiteOperations, style: Any, tables: Any, **options: Any) -> list[str]:
        lift = [f"DROP TRIGGER IF EXISTS {name}" for name in sqlite_triggers()]
        return [*lift, *flush(self, style, tables, **options)]

    SQLiteOperations.sql_flush = lift_and_flush  # type: ignore[method-assign]


@pytest.fixture(autouse=True)
def own_places(settings: Any, tmp_path: Path) -> None:
    """Files of a test stay in its folder; what only costs time in tests is made cheap."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.MD5PasswordHasher",
        *settings.PASSWORD_HASHERS,
    ]
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }


@pytest.fixture(autouse=True)
def samples_drawn_once(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A sample is the same byte for byte every time; drawing all of them takes seconds of both processors."""
    folder = tmp_path_factory.getbasetemp()
    # Those that run side by side have theirs in one for all of this run; what an earlier run drew counts for nothing.
    drawn_before = (folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder) / "samples"

    def write_sample_once(sample: Sample, path: Path) -> None:
        kept = drawn_before / sample.name
        if not kept.exists():
            drawn_before.mkdir(exist_ok=True)
            write_sample(sample, path)
            # Whole or not there at all, whoever else draws the same one now.
            copy = drawn_before / f"{sample.name}-{os.getpid()}"
            shutil.copyfile(path, copy)
            copy.rename(kept)
        else:
            shutil.copyfile(kept, path)

    monkeypatch.setattr("composer.samples.write_sample", write_sample_once)


@pytest.fixture(autouse=True, scope="session")
def few_authorities(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test asks anybody on the web, and httpx reads all authorities for each client: 40 ms of a processor."""
    mark = "-----END CERTIFICATE-----\n"
    one = tmp_path_factory.mktemp("authorities") / "one.pem"
    one.write_text(Path(certifi.where()).read_text().split(mark)[0] + mark)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(certifi, "where", lambda: str(one))
        yield


@pytest.fixture(autouse=True, scope="session")
def broker_in_memory() -> None:
    """A nudge of a test must not reach the worker of a local run."""
    celery_app.conf.broker_url = "memory://"
    celery_app.conf.broker_transport_options = {}


@pytest.fixture
def alice(db: None) -> User:
    return make_person("alice@example.com")


@pytest.fixture
def bob(db: None) -> User:
    return make_person("bob@example.com")


@pytest.fixture
def workspace(alice: User) -> Workspace:
    """Alice's."""
    return workspace_of(alice)


@pytest.fixture
def bobs_workspace(bob: User) -> Workspace:
    return workspace_of(bob)


@pytest.fixture
def as_alice(alice: User) -> Client:
    """A browser in which alice is signed in."""
    client = Client()
    client.force_login(alice)
    return client


@pytest.fixture
def as_bob(bob: User) -> Client:
    client = Client()
    client.force_login(bob)
    return client


@pytest.fixture
def account(workspace: Workspace) -> TikTokAccount:
    """A connected account of alice's as it looks on pages; it holds no tokens."""
    return make_account(workspace, client_key=django_settings.TIKTOK_CLIENT_KEY)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, object]) -> dict[str, object]:
    """Debian's Chromium, where it is installed: without the window around the page, which nobody here looks at."""
    chromium = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    if chromium is None:
        return browser_type_launch_args
    return browser_type_launch_args | {"executable_path": chromium, "args": ["--no-sandbox"]}


@pytest.fixture(scope="session")
def simulator_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    simulator = start_simulator(tmp_path_factory.mktemp("simulator"), token_mark=TOKEN_MARK)
    yield simulator
    simulator.stop()


@pytest.fixture
def simulator(simulator_process: Simulator, settings: Any) -> Simulator:
    """A fresh simulated TikTok, and the product pointed at it."""
    simulator_process.reset()
    settings.TIKTOK_IS_SIMULATED = True
    settings.TIKTOK_AUTH_URL = simulator_process.url
    settings.TIKTOK_API_URL = simulator_process.url
    settings.TIKTOK_UPLOAD_HOSTS = ["localhost"]
    settings.TIKTOK_CLIENT_KEY = simulator_process.client_key
    settings.TIKTOK_CLIENT_SECRET = simulator_process.client_secret
    return simulator_process


@pytest.fixture
def poppy(simulator: Simulator, as_alice: Client) -> TikTokAccount:
    """Poppy's account, connected by alice through the consent page: it holds real tokens of the simulator."""
    connect(as_alice, "poppy.public")
    return TikTokAccount.objects.get(username="poppy.public")
