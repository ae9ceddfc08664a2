"""Bad weather strikes a share of all calls, the same ones again for the same seed; and a crowd to live in it."""

from collections import Counter
from typing import Any

import httpx
import pytest

from tests.processes import Simulator
from tests.simulator.speaking import App, Phone, error_of, put

CALLS = 120


def ask(phone: Phone) -> str:
    """How a question after a post that nobody knows ends: its code, its status, or what broke."""
    try:
        response = phone.status("v_pub_file~v2-1.123")
    except httpx.TransportError as error:
        return type(error).__name__
    try:
        return str(error_of(response)[1])
    except (ValueError, KeyError):
        return f"{response.status_code} {response.text[:9]}"


def asked(simulator: Simulator, seed: int) -> list[str]:
    simulator.reset()
    with App(simulator) as app:
        phone = app.connect("poppy.public")
        simulator.switch(rate_window_seconds=0)
        simulator.control("POST", "/weather", {"rate": 0.5, "seed": seed, "seconds": 0.01})
        return [ask(phone) for _ in range(CALLS)]


def test_half_of_all_calls_go_wrong_in_every_way_and_the_seed_replays(simulator: Simulator) -> None:
    first = asked(simulator, 7)
    told = simulator.control("GET", "/weather")
    assert (told["rate"], told["seed"], told["calls"]) == (0.5, 7, CALLS)
    assert set(told["struck"]) == {
        "lost_before", "reset_before", "lost_after", "reset_after", "5xx", "5xx_after", "429", "truncated", "html",
        "hang", "hang_after", "slow",
    }  # fmt: skip
    assert told["struck_calls"] == {"status": sum(told["struck"].values())}
    assert 0.35 < told["struck_calls"]["status"] / CALLS < 0.65
    ends = Counter(first)
    # A slow answer is a right one.
    assert ends["invalid_publish_id"] == CALLS - told["struck_calls"]["status"] + told["struck"]["slow"]
    assert ends["rate_limit_exceeded"] == told["struck"]["429"]
    assert asked(simulator, 7) == first
    assert asked(simulator, 8) != first


def test_what_is_spared_never_happens(poppy: Phone, simulator: Simulator) -> None:
    simulator.switch(rate_window_seconds=0)
    spared = ["creator_info", *(f"status:{way}" for way in ("429", "html", "truncated", "5xx", "5xx_after"))]
    simulator.control("POST", "/weather", {"rate": 1, "seed": 1, "seconds": 0.01, "spared": spared})
    assert [error_of(poppy.creator_info())[1] for _ in range(5)] == ["ok"] * 5
    for _ in range(40):
        ask(poppy)
    assert set(simulator.control("GET", "/weather")["struck"]) == {
        "lost_before", "reset_before", "lost_after", "reset_after", "hang", "hang_after", "slow",
    }  # fmt: skip


def test_a_clear_sky_strikes_nothing_and_keeps_its_counts(poppy: Phone, simulator: Simulator) -> None:
    simulator.control("POST", "/weather", {"rate": 1, "seed": 1, "seconds": 0.01})
    ask(poppy)
    told = simulator.control("DELETE", "/weather")
    assert (told["rate"], told["calls"]) == (0, 1)
    assert error_of(poppy.creator_info())[1] == "ok"
    assert simulator.control("GET", "/weather")["calls"] == 1


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"rate": 2}, "rate must be from 0 to 1"),
        ({"rate": "much"}, "rate must be a number, 0 or more"),
        ({"seed": "x"}, "seed must be a whole number"),
        ({"spared": ["status:rain"]}, "spared must be a list of calls, or of call:way"),
        ({"wind": 1}, "the weather takes no 'wind'"),
    ],
)
def test_a_forecast_that_makes_no_sense_is_refused(
    simulator: Simulator, body: dict[str, Any], says: str
) -> None:
    response = httpx.post(f"{simulator.url}/_simulator/weather", json=body)
    assert (response.status_code, response.json()) == (400, {"error": says})


def test_a_crowd_posts_like_everybody(app: App, simulator: Simulator, film: bytes) -> None:
    members = simulator.control("POST", "/crowd", {"count": 3})["creators"]
    assert [member["username"] for member in members] == ["crowd.1", "crowd.2", "crowd.3"]
    last = members[-1]
    phone = Phone(app, last["access_token"], last["refresh_token"], last["open_id"])
    info = phone.creator_info().json()["data"]
    assert (info["creator_username"], info["creator_nickname"]) == ("crowd.3", "Crowd 3")
    assert httpx.get(info["creator_avatar_url"]).headers["Content-Type"] == "image/png"
    phone.post(film, privacy_level="PUBLIC_TO_EVERYONE")
    [post] = simulator.posts()
    assert post["creator"] == "crowd.3"
    simulator.creator("crowd.3", banned=True)
    assert error_of(phone.creator_info())[1] == "spam_risk_user_banned_from_posting"
    assert httpx.post(f"{simulator.url}/_simulator/creators/crowd.4", json={}).status_code == 400


def test_chunks_meet_no_envelope(poppy: Phone, simulator: Simulator) -> None:
    simulator.switch(rate_window_seconds=0)
    uploads = [poppy.begin(1000) for _ in range(30)]
    simulator.control("POST", "/weather", {"rate": 1, "seed": 3, "seconds": 0.01})
    for upload in uploads:
        try:
            put(upload.url, b"x" * 1000, 0, 1000)
        except httpx.TransportError:
            continue
    assert not {"429", "truncated", "html"} & set(simulator.control("GET", "/weather")["struck"])
