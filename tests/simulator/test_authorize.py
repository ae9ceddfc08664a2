"""The consent page: what it shows, what it refuses, where it sends people back to."""

import hashlib
from base64 import urlsafe_b64encode

import pytest

from tests.processes import Simulator
from tests.simulator.speaking import ALL_SCOPES, VERIFIER, App, landing

WEB = "https://greenroom.example.com/accounts/connect/callback/"


def test_shows_every_creator_and_every_scope(app: App) -> None:
    page = app.see_consent()
    assert page.status_code == 200
    for username in (
        "poppy.public",
        "priya.private",
        "dana.noduet",
        "casey.nocomments",
        "miles.sixty",
        "olly.onlyme",
        "lena.limit",
        "benny.banned",
        "nora.nontarget",
    ):
        assert f'value="{username}"' in page.text
    for scope in ALL_SCOPES:
        assert f'value="{scope}"' in page.text
    assert "Post content to TikTok." in page.text


def test_continue_sends_back_code_scopes_and_state(app: App) -> None:
    answer = app.decide("poppy.public", state="a b&c=d")
    assert answer.headers["Location"].startswith("http://localhost:8000/accounts/connect/callback/?")
    fields = landing(answer)
    assert fields.keys() == {"code", "scopes", "state"}
    assert fields["state"] == "a b&c=d"
    assert fields["scopes"] == ",".join(ALL_SCOPES)
    assert "*" in fields["code"]
    assert "!" in fields["code"]
    # Sent encoded: whoever decodes twice or not at all has another code.
    assert "%2A" in answer.headers["Location"]
    assert "%21" in answer.headers["Location"]


def test_without_state_none_comes_back(app: App) -> None:
    assert "state" not in landing(app.decide(state=None))


def test_unticked_scopes_are_not_granted(app: App) -> None:
    fields = landing(app.decide(scopes=("video.upload",)))
    assert fields["scopes"] == "user.info.basic,video.upload"
    assert app.exchange(fields["code"]).json()["scope"] == "user.info.basic,video.upload"


def test_a_ticked_scope_that_was_not_asked_for_is_not_granted(app: App) -> None:
    fields = landing(app.decide(scope="user.info.basic", scopes=ALL_SCOPES))
    assert fields["scopes"] == "user.info.basic"


def test_cancel_is_access_denied(app: App) -> None:
    fields = landing(app.decide(decision="cancel"))
    assert fields["error"] == "access_denied"
    assert fields["state"] == "state-1"
    assert fields.keys() == {"error", "error_description", "state"}


def test_an_account_outside_the_sandbox_is_told_apart_from_a_cancel(app: App) -> None:
    fields = landing(app.decide("nora.nontarget"))
    assert fields["error"] == "access_denied"
    assert fields["error_type"] == "non_sandbox_target"
    assert "code" not in fields


def test_unknown_response_type_is_sent_back(app: App) -> None:
    assert landing(app.see_consent(response_type="token"))["error"] == "unsupported_response_type"


@pytest.mark.parametrize(
    ("changes", "number", "error_type"),
    [
        ({"client_key": "another"}, 10003, "client_key"),
        ({"client_key": None}, 10003, "client_key"),
        ({"redirect_uri": "http://localhost:8000/accounts/connect/callback"}, 10006, "redirect_uri"),
        ({"redirect_uri": "http://localhost/accounts/connect/callback/"}, 10006, "redirect_uri"),
        ({"redirect_uri": "http://evil.example:8000/accounts/connect/callback/"}, 10006, "redirect_uri"),
        ({"redirect_uri": "http://localhost:8000/accounts/connect/callback/?a=b"}, 10006, "redirect_uri"),
        ({"redirect_uri": "http://localhost:99999/accounts/connect/callback/"}, 10006, "redirect_uri"),
        ({"redirect_uri": WEB + "x"}, 10006, "redirect_uri"),
        ({"redirect_uri": None}, 10006, "redirect_uri"),
        ({"scope": "user.info.basic,video.delete"}, 10005, "scope"),
        ({"scope": None}, 10005, "scope"),
        ({"scope": "user.info.basic video.publish"}, 10005, "scope"),
        ({"code_challenge": None}, 10007, "code_challenge"),
        ({"code_challenge_method": None}, 10007, "code_challenge"),
        ({"code_challenge_method": "plain"}, 10007, "code_challenge"),
    ],
)
def test_a_wrong_request_stops_on_a_page(
    app: App, changes: dict[str, str | None], number: int, error_type: str
) -> None:
    for answer in (app.see_consent(**changes), app.decide(**changes)):
        assert answer.status_code == 400
        assert f"errCode={number}" in answer.text
        assert f"error_type={error_type}" in answer.text
        assert "Location" not in answer.headers


def test_a_scope_the_client_does_not_hold_refuses_the_whole(app: App, simulator: Simulator) -> None:
    simulator.switch(client_scopes=["user.info.basic", "video.upload"])
    answer = app.see_consent(scope="user.info.basic,video.publish")
    assert answer.status_code == 400
    assert "error_type=scope" in answer.text
    assert app.see_consent(scope="user.info.basic,video.upload").status_code == 200


def test_any_loopback_port_fits_a_starred_registration(app: App) -> None:
    uri = "http://127.0.0.1:49152/accounts/connect/callback/"
    assert app.decide(redirect_uri=uri).headers["Location"].startswith(uri + "?")


def test_web_needs_no_code_challenge(app: App) -> None:
    fields = landing(app.decide(redirect_uri=WEB, code_challenge=None, code_challenge_method=None))
    answer = app.exchange(fields["code"], redirect_uri=WEB, code_verifier=None)
    assert answer.json()["token_type"] == "Bearer"


def test_web_takes_a_code_challenge_and_then_holds_to_it(app: App) -> None:
    code = app.code(redirect_uri=WEB)
    refused = app.exchange(code, redirect_uri=WEB, code_verifier="w" * 64)
    assert refused.json()["error_description"] == "Code verifier or code challenge is invalid."
    assert app.exchange(code, redirect_uri=WEB).json()["token_type"] == "Bearer"


def test_a_base64url_challenge_fails_at_the_token_endpoint(app: App) -> None:
    digest = hashlib.sha256(VERIFIER.encode()).digest()
    code = app.code(code_challenge=urlsafe_b64encode(digest).decode().rstrip("="))
    answer = app.exchange(code).json()
    assert answer["error"] == "invalid_request"
    assert answer["error_description"] == "Code verifier or code challenge is invalid."


def test_auto_auth_skips_the_page_for_a_visitor_with_a_grant(app: App) -> None:
    app.connect("poppy.public")
    fields = landing(app.see_consent(disable_auto_auth="0"))
    assert fields["scopes"] == ",".join(ALL_SCOPES)
    assert app.exchange(fields["code"]).json()["token_type"] == "Bearer"
    # And not when it is switched off, nor for a scope never granted, nor after the grant ended.
    assert app.see_consent(disable_auto_auth="1").status_code == 200
    app.connect("poppy.public", scopes=("video.publish",))
    assert app.see_consent(disable_auto_auth="0").status_code == 200
    app.simulator.revoke("poppy.public")
    assert app.see_consent(scope="user.info.basic", disable_auto_auth="0").status_code == 200


def test_showing_consent_again_leaves_the_live_token_alone(app: App) -> None:
    poppy = app.connect("poppy.public")
    app.see_consent()
    app.decide("poppy.public")
    assert poppy.creator_info().status_code == 200
