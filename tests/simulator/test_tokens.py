"""The token endpoint: exchange, rotation, refusals; and revoke."""

import pytest

from tests.processes import CALLBACK, Simulator
from tests.simulator.speaking import ALL_SCOPES, App, Phone, error_of

BAD_CODE = {"error": "invalid_grant", "error_description": "Authorization code is expired or invalid."}
BAD_REFRESH = {"error": "invalid_grant", "error_description": "Refresh token is invalid or expired."}


def without_log_id(answer: dict[str, str]) -> dict[str, str]:
    assert len(answer["log_id"]) == 34
    return {name: value for name, value in answer.items() if name != "log_id"}


def test_exchange_gives_a_pair(app: App) -> None:
    response = app.exchange(app.code("poppy.public"))
    answer = response.json()
    assert response.status_code == 200
    assert answer["access_token"].startswith("act.")
    assert answer["refresh_token"].startswith("rft.")
    assert answer["expires_in"] == 7200
    assert answer["refresh_expires_in"] == 15_552_000
    assert answer["scope"] == ",".join(ALL_SCOPES)
    assert answer["token_type"] == "Bearer"
    assert answer.keys() == {
        "access_token",
        "expires_in",
        "open_id",
        "refresh_expires_in",
        "refresh_token",
        "scope",
        "token_type",
    }


def test_legacy_profile_lives_longer_and_keeps_its_refresh_token(app: App, simulator: Simulator) -> None:
    simulator.switch(token_profile="legacy")
    first = app.exchange(app.code()).json()
    assert (first["expires_in"], first["refresh_expires_in"]) == (86400, 31_536_000)
    second = app.refresh(first["refresh_token"]).json()
    assert second["refresh_token"] == first["refresh_token"]
    assert second["access_token"] != first["access_token"]
    third = app.refresh(first["refresh_token"]).json()
    assert third["refresh_token"] == first["refresh_token"]
    assert third["refresh_expires_in"] in {31_535_999, 31_536_000}


def test_open_id_is_one_per_creator(app: App) -> None:
    poppy = app.connect("poppy.public")
    assert app.connect("poppy.public").open_id == poppy.open_id
    assert app.connect("dana.noduet").open_id != poppy.open_id


def test_a_code_works_once(app: App) -> None:
    code = app.code()
    assert "access_token" in app.exchange(code).json()
    assert without_log_id(app.exchange(code).json()) == BAD_CODE


def test_a_code_is_short_lived(app: App, simulator: Simulator) -> None:
    code = app.code()
    simulator.advance(301)
    assert without_log_id(app.exchange(code).json()) == BAD_CODE


@pytest.mark.parametrize(
    ("changes", "error", "description"),
    [
        ({"code": "nonsense"}, "invalid_grant", BAD_CODE["error_description"]),
        (
            {"redirect_uri": CALLBACK + "x"},
            "invalid_request",
            "Redirect_uri is not matched with the uri when requesting code.",
        ),
        (
            {"redirect_uri": None},
            "invalid_request",
            "Redirect_uri is not matched with the uri when requesting code.",
        ),
        ({"code_verifier": None}, "invalid_request", "Code verifier or code challenge is invalid."),
        ({"code_verifier": "v" * 63}, "invalid_request", "Code verifier or code challenge is invalid."),
        ({"client_secret": None}, "invalid_request", "Client secret is missed in request."),
        ({"client_key": None}, "invalid_request", "The request parameters are malformed."),
        ({"client_secret": "wrong"}, "invalid_client", "Client key or secret is incorrect."),
        ({"client_key": "wrong"}, "invalid_client", "Client key or secret is incorrect."),
        ({"grant_type": None}, "invalid_request", "The request parameters are malformed."),
        ({"grant_type": "password"}, "unsupported_grant_type", "The grant type is not supported."),
    ],
)
def test_exchange_refuses_with_http_200(
    app: App, changes: dict[str, str | None], error: str, description: str
) -> None:
    code = app.code()
    changes = dict(changes)
    response = app.exchange(changes.pop("code", code), **changes)
    assert response.status_code == 200
    assert without_log_id(response.json()) == {"error": error, "error_description": description}
    # A slip in the request does not spend the code.
    assert "access_token" in app.exchange(code).json()


def test_token_wants_a_form(app: App) -> None:
    body = {"client_key": app.simulator.client_key, "client_secret": app.simulator.client_secret}
    response = app.http.post("/v2/oauth/token/", json=body | {"grant_type": "refresh_token"})
    assert response.json()["error"] == "invalid_request"
    assert response.json()["error_description"] == "The request parameters are malformed."


@pytest.mark.parametrize("status", [200, 400, 401])
def test_the_status_of_refusals_is_a_switch(app: App, simulator: Simulator, status: int) -> None:
    simulator.switch(oauth_error_status=status)
    assert app.refresh("rft.none").status_code == status
    assert app.revoke("act.none").status_code == status


def test_refresh_rotates_strictly(app: App, poppy: Phone) -> None:
    answer = app.refresh(poppy.refresh_token).json()
    assert answer["refresh_token"] != poppy.refresh_token
    assert answer["access_token"] != poppy.access_token
    assert answer["open_id"] == poppy.open_id
    assert answer["scope"] == ",".join(ALL_SCOPES)
    assert (answer["expires_in"], answer["refresh_expires_in"]) == (7200, 15_552_000)
    assert without_log_id(app.refresh(poppy.refresh_token).json()) == BAD_REFRESH
    # The old access token runs on; the refused second refresh killed nothing.
    assert poppy.creator_info().status_code == 200
    assert "access_token" in app.refresh(answer["refresh_token"]).json()


def test_refresh_can_kill_the_old_access_token(app: App, poppy: Phone, simulator: Simulator) -> None:
    simulator.switch(refresh_kills_access=True)
    app.refresh(poppy.refresh_token)
    assert error_of(poppy.creator_info())[:2] == (401, "access_token_invalid")


def test_tokens_expire_by_the_clock(app: App, poppy: Phone, simulator: Simulator) -> None:
    simulator.advance(7199)
    assert poppy.creator_info().status_code == 200
    simulator.advance(2)
    assert error_of(poppy.creator_info())[:2] == (401, "access_token_invalid")
    simulator.advance(15_552_000)
    assert without_log_id(app.refresh(poppy.refresh_token).json()) == BAD_REFRESH


def test_lifetimes_can_be_set(app: App, simulator: Simulator) -> None:
    simulator.switch(access_seconds=5, refresh_seconds=9)
    answer = app.exchange(app.code()).json()
    assert (answer["expires_in"], answer["refresh_expires_in"]) == (5, 9)


def test_a_new_exchange_ends_the_old_pair(app: App, poppy: Phone) -> None:
    again = app.connect("poppy.public")
    assert error_of(poppy.creator_info())[:2] == (401, "access_token_invalid")
    assert without_log_id(app.refresh(poppy.refresh_token).json()) == BAD_REFRESH
    assert again.creator_info().status_code == 200


def test_another_creators_pair_is_left_alone(app: App, poppy: Phone, priya: Phone) -> None:
    app.refresh(priya.refresh_token)
    app.connect("priya.private")
    assert poppy.creator_info().status_code == 200


def test_client_credentials_give_a_client_token(app: App, simulator: Simulator) -> None:
    answer = app.token(grant_type="client_credentials").json()
    assert answer["access_token"].startswith("clt.")
    assert answer["expires_in"] == 7200


def test_revoke_ends_everything(app: App, poppy: Phone, simulator: Simulator) -> None:
    response = app.revoke(poppy.access_token)
    assert (response.status_code, response.json()) == (200, {})
    assert error_of(poppy.creator_info())[:2] == (401, "access_token_invalid")
    assert without_log_id(app.refresh(poppy.refresh_token).json()) == BAD_REFRESH
    assert simulator.ledger()["connections"] == []


def test_revoke_takes_a_live_access_token_only(app: App, poppy: Phone) -> None:
    refused = {"error": "invalid_request", "error_description": "Access token is invalid or expired."}
    assert without_log_id(app.revoke(poppy.refresh_token).json()) == refused
    assert without_log_id(app.revoke("act.none").json()) == refused
    assert app.revoke(poppy.access_token, client_secret="wrong").json()["error"] == "invalid_client"
    assert poppy.creator_info().status_code == 200


def test_the_creator_can_remove_the_app(app: App, poppy: Phone, simulator: Simulator) -> None:
    simulator.revoke("poppy.public")
    assert error_of(poppy.creator_info())[:2] == (401, "access_token_invalid")
    assert without_log_id(app.refresh(poppy.refresh_token).json()) == BAD_REFRESH


def test_expire_on_demand(app: App, poppy: Phone, simulator: Simulator) -> None:
    simulator.expire("poppy.public")
    assert error_of(poppy.creator_info())[:2] == (401, "access_token_invalid")
    fresh = app.refresh(poppy.refresh_token).json()
    simulator.expire("poppy.public", access=False, refresh=True)
    assert without_log_id(app.refresh(fresh["refresh_token"]).json()) == BAD_REFRESH


def test_ledger_knows_who_is_connected_and_never_a_token(
    app: App, poppy: Phone, simulator: Simulator
) -> None:
    app.refresh(poppy.refresh_token)
    ledger = simulator.ledger()
    assert ledger["connections"] == [
        {
            "creator": "poppy.public",
            "scopes": list(ALL_SCOPES),
            "is_access_live": True,
            "is_refresh_live": True,
        }
    ]
    assert (ledger["calls"]["token"], ledger["calls"]["refresh"]) == (1, 1)
    assert "act." not in str(ledger)
    assert "rft." not in str(ledger)
