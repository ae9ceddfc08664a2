"""The doctor's lines on what TikTok's portal is told; each is seen to go red."""

from typing import Any

import pytest
from django.test import Client

from review.doctor.findings import Verdict
from review.doctor.pasting import portal_fields
from review.doctor.portal import judge_client_key, judge_redirect_uri, look_at_redirect_uri, look_at_scopes

SITE = "https://studio.example.com"
URI = f"{SITE}/accounts/connect/callback/"


@pytest.fixture
def in_earnest(settings: Any) -> None:
    settings.TIKTOK_IS_SIMULATED = False
    settings.RUNS_OWN_SIMULATOR = False
    settings.IS_PRODUCTION = True


def test_the_redirect_uri_of_a_site_with_https_is_fine(settings: Any) -> None:
    settings.PUBLIC_URL = SITE
    outcome = look_at_redirect_uri()
    assert (outcome.verdict, outcome.cure) == (Verdict.OK, "")
    assert URI in outcome.found


@pytest.mark.parametrize(
    ("uri", "site", "verdict", "word"),
    [
        (URI.replace("https", "http"), SITE.replace("https", "http"), Verdict.FAULT, "not https"),
        (f"{URI}?next=1", SITE, Verdict.FAULT, "query"),
        (f"{URI}?", SITE, Verdict.FAULT, "query"),
        (f"{URI}#top", SITE, Verdict.FAULT, "fragment"),
        (f"{SITE}/{'a' * 512}", SITE, Verdict.FAULT, "characters"),
        ("https://other.example.com/callback/", SITE, Verdict.FAULT, "not on"),
        ("https://studio.example.com.evil.example/", SITE, Verdict.FAULT, "not on"),
        (f"{SITE}/connect/TikTok/", SITE, Verdict.WARNING, "tiktok"),
        ("http://localhost:8000/back/", "http://localhost:8000", Verdict.FAULT, "internal tool"),
        ("https://127.0.0.1/back/", "https://127.0.0.1", Verdict.FAULT, "internal tool"),
    ],
)
def test_a_redirect_uri_the_portal_or_a_reviewer_refuses_is_found(
    in_earnest: None, uri: str, site: str, verdict: Verdict, word: str
) -> None:
    outcome = judge_redirect_uri(uri, site=site)
    assert outcome.verdict == verdict
    assert word in outcome.found
    assert outcome.cure


def test_511_characters_are_taken_and_512_are_not() -> None:
    longest = f"{SITE}/" + "a" * (511 - len(SITE) - 1)
    assert judge_redirect_uri(longest, site=SITE).verdict == Verdict.OK
    assert judge_redirect_uri(longest + "a", site=SITE).verdict == Verdict.FAULT


def test_localhost_is_only_a_warning_in_a_rehearsal(settings: Any) -> None:
    settings.TIKTOK_IS_SIMULATED, settings.IS_PRODUCTION = True, False
    outcome = judge_redirect_uri("http://localhost:8000/back/", site="http://localhost:8000")
    assert outcome.verdict == Verdict.WARNING
    assert "fine while TikTok is simulated" in outcome.found


@pytest.mark.parametrize(
    ("scopes", "verdict", "word"),
    [
        (["user.info.basic", "video.publish", "video.upload"], Verdict.OK, "video.upload"),
        (["user.info.basic", "video.publish"], Verdict.OK, "video.publish"),
        (["user.info.basic", "video.upload"], Verdict.FAULT, "video.publish"),
        (["video.publish"], Verdict.FAULT, "user.info.basic"),
        (["user.info.basic", "video.publish", "video.list"], Verdict.WARNING, "video.list"),
        (["user.info.basic", "video.publish", "user.info.stats"], Verdict.WARNING, "user.info.stats"),
        (["user.info.basic", "video.publish video.upload"], Verdict.FAULT, "knows no scope"),
        (["user.info.basic", "video.publish", "video.publish"], Verdict.WARNING, "twice"),
    ],
)
def test_only_scopes_that_are_used_are_asked_for(
    settings: Any, scopes: list[str], verdict: Verdict, word: str
) -> None:
    settings.TIKTOK_SCOPES = scopes
    outcome = look_at_scopes()
    assert outcome.verdict == verdict
    assert word in outcome.found


@pytest.mark.parametrize(
    ("key", "verdict", "word"),
    [
        ("awx1y2z3a4b5c6d7", Verdict.OK, "awx1y2z3a4b5c6d7"),
        ("sbawx1y2z3a4b5c6d7", Verdict.WARNING, "sandbox"),
        ("7301234567890123456", Verdict.FAULT, "App ID"),
        ("“awx1y2z3a4b5c6d7”", Verdict.FAULT, "not in the form"),
        ("aw x1y2z3", Verdict.FAULT, "not in the form"),
        ("thesecretitself", Verdict.FAULT, "the same"),
    ],
)
def test_the_key_is_told_by_its_shape(in_earnest: None, key: str, verdict: Verdict, word: str) -> None:
    outcome = judge_client_key(key, "thesecretitself")
    assert outcome.verdict == verdict
    assert word in outcome.found


def test_a_simulated_key_says_how_to_get_a_real_one() -> None:
    outcome = judge_client_key("sim-greenroom-local", "secret")
    assert outcome.verdict == Verdict.WARNING
    assert "developers.tiktok.com" in outcome.cure


@pytest.mark.django_db
def test_what_belongs_where_in_the_portal_is_named(settings: Any, client: Client) -> None:
    settings.PUBLIC_URL = SITE
    settings.MEDIA_PULL_BASE_URL = f"{SITE}/pull/"
    settings.TIKTOK_SCOPES = ["user.info.basic", "video.publish"]
    values = {field.place: field.value for field in portal_fields()}
    assert values["Login Kit: Redirect URI (Web)"] == URI
    assert values["Webhooks: Callback URL"] == f"{SITE}/webhooks/tiktok/"
    assert values["App details: Terms of Service URL"] == f"{SITE}/terms/"
    assert values["App details: Privacy Policy URL"] == f"{SITE}/privacy/"
    icon = values["App details: App icon"]
    assert client.get(icon.removeprefix(SITE)).headers["Content-Type"] == "image/png"
    assert values["URL properties: URL prefix"] == f"{SITE}/pull/"
    assert [place for place in values if place.startswith("Scopes")] == [
        "Scopes: user.info.basic",
        "Scopes: video.publish",
    ]
    assert all(field.note for field in portal_fields() if field.place.startswith("Scopes"))
