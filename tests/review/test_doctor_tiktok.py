"""The doctor's lines on what TikTok answers: the credentials, and whose clock is wrong."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from review.doctor.findings import Verdict
from review.doctor.tiktok_itself import judge_clocks, look_at_client_secret, look_at_clock
from tests.processes import Simulator, free_port
from tests.review.conftest import Stranger

NOW = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)


def test_tiktok_takes_the_right_secret(simulator: Simulator) -> None:
    assert look_at_client_secret().verdict == Verdict.OK
    assert simulator.calls("token") == 1


@pytest.mark.parametrize("status", [200, 400, 401])
def test_a_wrong_secret_is_found_whatever_the_status(
    simulator: Simulator, settings: Any, status: int
) -> None:
    simulator.switch(oauth_error_status=status)
    settings.TIKTOK_CLIENT_SECRET = "not-this-one"
    outcome = look_at_client_secret()
    assert outcome.verdict == Verdict.FAULT
    assert "do not belong together" in outcome.found
    assert "not-this-one" not in outcome.found + outcome.cure


def test_a_tiktok_that_is_away_is_said_to_be(settings: Any) -> None:
    settings.TIKTOK_API_URL = f"http://localhost:{free_port()}"
    for look in (look_at_client_secret, look_at_clock):
        outcome = look()
        assert (outcome.verdict, outcome.found) == (
            Verdict.FAULT,
            "TikTok could not be reached; nothing was sent.",
        )
        assert settings.TIKTOK_API_URL in outcome.cure


def test_an_answer_that_says_nothing_of_the_secret_is_no_proof(stranger: Stranger, settings: Any) -> None:
    settings.TIKTOK_API_URL = stranger.url
    stranger.body = b'{"error": "unsupported_grant_type", "error_description": "Not for this app."}'
    outcome = look_at_client_secret()
    assert outcome.verdict == Verdict.WARNING
    assert "unsupported_grant_type" in outcome.found


def test_a_client_key_that_tiktok_does_not_know_is_a_fault(stranger: Stranger, settings: Any) -> None:
    settings.TIKTOK_API_URL = stranger.url
    stranger.body = b'{"error": "invalid_request", "error_description": "client_key is wrong"}'
    assert look_at_client_secret().verdict == Verdict.FAULT


def test_the_clocks_agree_with_the_simulated_tiktok(simulator: Simulator, db: None) -> None:
    assert look_at_clock().verdict == Verdict.OK


def test_an_answer_from_another_time_is_noticed(stranger: Stranger, settings: Any, db: None) -> None:
    settings.TIKTOK_API_URL = stranger.url
    stranger.headers = {"Date": "Mon, 30 Nov 2020 12:00:00 GMT"}
    assert look_at_clock().verdict == Verdict.FAULT


@pytest.mark.parametrize(
    ("apart", "verdict", "words"),
    [
        (timedelta(seconds=4), Verdict.OK, "No clock of ours"),
        (timedelta(seconds=40), Verdict.WARNING, "40 s ahead of"),
        (timedelta(seconds=-40), Verdict.WARNING, "40 s behind"),
        (timedelta(minutes=6), Verdict.FAULT, "6 min ahead of"),
        (timedelta(hours=-1), Verdict.FAULT, "60 min behind"),
    ],
)
def test_the_worst_clock_decides(apart: timedelta, verdict: Verdict, words: str) -> None:
    outcome = judge_clocks(NOW, {"A": NOW + timedelta(seconds=1), "B": NOW + apart})
    assert outcome.verdict == verdict
    assert words in outcome.found
    assert verdict == Verdict.OK or outcome.found.startswith("B is")
