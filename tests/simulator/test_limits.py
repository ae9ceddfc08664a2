"""Rates and caps."""

import pytest

from tests.processes import Simulator
from tests.simulator.speaking import App, Phone, error_of, put

LIMITED = (429, "rate_limit_exceeded")


def test_creator_info_twenty_a_minute(poppy: Phone) -> None:
    for _ in range(20):
        assert error_of(poppy.creator_info())[:2] == (200, "ok")
    response = poppy.creator_info()
    assert error_of(response)[:2] == LIMITED
    assert response.json()["data"] == {}
    assert "Retry-After" not in response.headers


def test_init_six_a_minute(poppy: Phone) -> None:
    for _ in range(6):
        assert error_of(poppy.init(1000))[:2] == (200, "ok")
    assert error_of(poppy.init(1000))[:2] == LIMITED


def test_status_thirty_a_minute(poppy: Phone) -> None:
    upload = poppy.begin(1000)
    for _ in range(30):
        assert error_of(poppy.status(upload.publish_id))[:2] == (200, "ok")
    assert error_of(poppy.status(upload.publish_id))[:2] == LIMITED
    # Each endpoint counts for itself.
    assert error_of(poppy.creator_info())[1] == "ok"


def test_the_window_slides(poppy: Phone, simulator: Simulator) -> None:
    for _ in range(3):
        poppy.init(1000)
    simulator.advance(30)
    for _ in range(3):
        poppy.init(1000)
    assert error_of(poppy.init(1000))[:2] == LIMITED
    simulator.advance(31)
    # The first three have slid out, the other three have not; refused calls never counted.
    for _ in range(3):
        assert error_of(poppy.init(1000))[:2] == (200, "ok")
    assert error_of(poppy.init(1000))[:2] == LIMITED


def test_the_window_is_a_switch(poppy: Phone, simulator: Simulator) -> None:
    simulator.switch(rate_window_seconds=0)
    for _ in range(8):
        assert error_of(poppy.init(1000))[:2] == (200, "ok")


def test_limits_are_per_access_token(app: App, poppy: Phone, priya: Phone) -> None:
    for _ in range(7):
        poppy.init(1000)
    assert error_of(priya.init(1000))[1] == "ok"
    fresh = app.refresh(poppy.refresh_token).json()["access_token"]
    assert error_of(Phone(app, fresh, "", "").init(1000))[1] == "ok"
    assert error_of(poppy.init(1000))[:2] == LIMITED


@pytest.mark.parametrize("level", ["SELF_ONLY", "PUBLIC_TO_EVERYONE"])
def test_the_daily_cap_counts_what_arrived_and_did_not_fail(
    poppy: Phone, simulator: Simulator, film: bytes, level: str
) -> None:
    simulator.switch(daily_cap=2)
    poppy.post(b"no film")
    poppy.begin(1000)
    poppy.post(film, privacy_level=level)
    assert error_of(poppy.creator_info())[1] == "ok"
    poppy.post(film, privacy_level=level)
    assert error_of(poppy.creator_info())[:2] == (200, "spam_risk_too_many_posts")
    assert error_of(poppy.init(1000))[:2] == (403, "spam_risk_too_many_posts")
    simulator.advance(86401)
    tomorrow = poppy.app.connect("poppy.public")
    assert error_of(tomorrow.creator_info())[1] == "ok"
    assert error_of(tomorrow.init(1000))[1] == "ok"


def test_posts_through_other_apps_eat_the_same_cap(poppy: Phone, simulator: Simulator, film: bytes) -> None:
    simulator.creator("poppy.public", posts_today=14)
    assert poppy.state_of(poppy.post(film))["status"] == "PUBLISH_COMPLETE"
    assert error_of(poppy.init(1000))[1] == "spam_risk_too_many_posts"


def test_of_two_posts_on_their_way_only_the_allowed_one_lands(
    poppy: Phone, simulator: Simulator, film: bytes
) -> None:
    simulator.switch(daily_cap=1, processing_seconds=100)
    first_upload, second_upload = poppy.begin(len(film)), poppy.begin(len(film))
    for upload in (first_upload, second_upload):
        assert put(upload.url, film, 0, len(film)).status_code == 201
        simulator.wait_until_checked(upload.publish_id)
    simulator.advance(101)
    assert poppy.state_of(first_upload.publish_id)["status"] == "PUBLISH_COMPLETE"
    assert poppy.state_of(second_upload.publish_id)["fail_reason"] == "spam_risk_too_many_posts"
