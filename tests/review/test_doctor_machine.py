"""The doctor's lines on the machine: storage, room, mail, Django's deployment checks."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from django.core import checks
from django.core.checks.registry import registry

from review.doctor.findings import Verdict, ok
from review.doctor.machine import (
    GIB,
    judge_free_space,
    look_at_deployment,
    look_at_disk,
    look_at_mail,
    look_at_storage,
)
from tests.mail_server import mail_server
from tests.processes import free_port
from tests.services import s3_server


def test_a_file_is_kept_read_and_removed(settings: Any) -> None:
    Path(settings.MEDIA_ROOT).mkdir()
    assert look_at_storage().verdict == Verdict.OK
    assert list(Path(settings.MEDIA_ROOT).rglob("*.bin")) == []


def test_media_that_find_no_place_are_a_fault(settings: Any, tmp_path: Path) -> None:
    # A file where the folder should be: also root cannot write there.
    (tmp_path / "occupied").write_text("")
    settings.MEDIA_ROOT = tmp_path / "occupied"
    outcome = look_at_storage()
    assert (outcome.verdict, "VAR_DIR" in outcome.cure) == (Verdict.FAULT, True)


def test_files_that_cannot_arrive_are_a_fault(settings: Any, tmp_path: Path) -> None:
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path / "gone")
    outcome = look_at_storage()
    assert (outcome.verdict, "cannot arrive" in outcome.found) == (Verdict.FAULT, True)


def test_a_bucket_that_is_not_there_is_a_fault_without_its_keys(settings: Any) -> None:
    with s3_server() as server:
        storage = server.storage()
        settings.STORAGES = settings.STORAGES | {"default": storage}
        assert look_at_storage().verdict == Verdict.OK
        settings.STORAGES = settings.STORAGES | {
            "default": storage | {"OPTIONS": storage["OPTIONS"] | {"bucket_name": "nowhere"}}
        }
        outcome = look_at_storage()
    assert (outcome.verdict, "MEDIA_S3_" in outcome.cure) == (Verdict.FAULT, True)
    assert "test-secret" not in outcome.found + outcome.cure


@pytest.mark.parametrize(
    ("free", "verdict"), [(6 * GIB, Verdict.OK), (4.5 * GIB, Verdict.WARNING), (0.9 * GIB, Verdict.FAULT)]
)
def test_a_disk_that_fills_up_is_found_in_time(free: float, verdict: Verdict) -> None:
    outcome = judge_free_space(round(free), largest=4 * GIB)
    assert (outcome.verdict, bool(outcome.cure)) == (verdict, verdict != Verdict.OK)


def test_the_room_is_measured_where_files_lie(settings: Any) -> None:
    settings.MEDIA_MAX_BYTES = 10**18
    assert look_at_disk().verdict in {Verdict.WARNING, Verdict.FAULT}
    settings.MEDIA_MAX_BYTES = 1
    assert "GiB are free" in look_at_disk().found


@pytest.fixture
def mail_at(settings: Any) -> Any:
    def point(port: int, **changes: Any) -> None:
        settings.HAS_MAIL_SERVER = True
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
        settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "", ""
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        for name, value in changes.items():
            setattr(settings, name, value)

    return point


def test_a_mail_server_that_answers_is_fine_and_gets_no_mail(mail_at: Any) -> None:
    with mail_server() as server:
        mail_at(server.port)
        assert look_at_mail().verdict == Verdict.OK
        assert server.taken == []


def test_a_mail_server_that_is_away_or_refuses_us_is_a_fault(mail_at: Any) -> None:
    mail_at(free_port())
    away = look_at_mail()
    assert (away.verdict, "cannot be used" in away.found) == (Verdict.FAULT, True)
    with mail_server() as server:
        # It knows no sign-in at all.
        mail_at(server.port, EMAIL_HOST_USER="us", EMAIL_HOST_PASSWORD="guarded-word")
        refused = look_at_mail()
    assert refused.verdict == Verdict.FAULT
    assert "guarded-word" not in refused.found + refused.cure


def test_no_mail_server_is_a_fault_only_in_earnest(settings: Any) -> None:
    settings.HAS_MAIL_SERVER = False
    assert look_at_mail().verdict == Verdict.WARNING
    settings.TIKTOK_IS_SIMULATED, settings.IS_PRODUCTION = False, True
    assert look_at_mail().verdict == Verdict.FAULT


@pytest.fixture
def further_check() -> Any:
    """Register a check of a deployment that says what it is told to."""
    said: list[checks.CheckMessage] = []

    def check(app_configs: Sequence[Any] | None, **_kwargs: Any) -> list[checks.CheckMessage]:
        return said

    registry.register(check, deploy=True)
    yield said
    registry.deployment_checks.discard(check)


def test_what_django_thinks_of_the_deployment_is_passed_on(further_check: Any, settings: Any) -> None:
    # This run is on http, without a mail server, and with what Playwright needs.
    here = ["greenroom.W001", "async.E001"]
    settings.SILENCED_SYSTEM_CHECKS = [*here, *(f"security.W{number:03}" for number in range(30))]
    assert look_at_deployment() == ok("Django's own checks of a deployment find nothing.")
    further_check.append(checks.Warning("Not so wise.", id="test.W001"))
    unwise = look_at_deployment()
    assert (unwise.verdict, "test.W001" in unwise.found) == (Verdict.WARNING, True)
    further_check.append(checks.Error("Wrong.", id="test.E001"))
    wrong = look_at_deployment()
    assert (wrong.verdict, "test.E001" in wrong.found) == (Verdict.FAULT, True)
