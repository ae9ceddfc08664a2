"""The doctor's lines on names, domain and audience: refusals that operators decide; each is seen to go red."""

from typing import Any

import pytest

from review.doctor.findings import Verdict
from review.doctor.identity import (
    judge_domain,
    judge_name_and_domain,
    look_at_app_name,
    look_at_audience,
    look_at_contact,
    look_at_domain,
    look_at_name_and_domain,
    look_at_organisation_name,
)


@pytest.fixture(autouse=True)
def in_earnest(settings: Any) -> None:
    """An installation that would pass; each test spoils one thing."""
    settings.TIKTOK_IS_SIMULATED = False
    settings.IS_PRODUCTION = True
    settings.PUBLIC_URL = "https://www.lanternpost.com"
    settings.PRODUCT_NAME = "Lantern Post"
    settings.OPERATOR_NAME = "Lantern Post Ltd."
    settings.OPERATOR_EMAIL = "hello@lanternpost.com"
    settings.OPERATOR_ADDRESS = "Main Street 1\nTown"
    settings.SIGN_UP_OPEN = True


def test_a_well_named_installation_has_no_fault() -> None:
    looks = [look_at_app_name, look_at_organisation_name, look_at_contact, look_at_domain]
    looks += [look_at_name_and_domain, look_at_audience]
    assert [look().verdict for look in looks] == [Verdict.OK] * len(looks)


@pytest.mark.parametrize("name", ["TikTok Poster", "Tik-Tok Post", "My YouTube Helper"])
def test_a_networks_name_in_the_apps_name_is_refused(settings: Any, name: str) -> None:
    settings.PRODUCT_NAME = name
    assert look_at_app_name().verdict == Verdict.FAULT


def test_the_name_every_installation_begins_with_is_not_unique(settings: Any) -> None:
    settings.PRODUCT_NAME = "Greenroom"
    outcome = look_at_app_name()
    assert (outcome.verdict, "not unique" in outcome.found) == (Verdict.FAULT, True)


@pytest.mark.parametrize(
    ("organisation", "verdict"),
    [
        ("", Verdict.FAULT),
        ("Example Holding", Verdict.WARNING),
        ("Lantern Post", Verdict.OK),
        ("LANTERN POST GmbH & Co. KG", Verdict.WARNING),
        ("LanternPost Inc", Verdict.OK),
    ],
)
def test_app_and_organisation_should_have_one_name(
    settings: Any, organisation: str, verdict: Verdict
) -> None:
    settings.OPERATOR_NAME = organisation
    outcome = look_at_organisation_name()
    assert (outcome.verdict, bool(outcome.cure)) == (verdict, verdict != Verdict.OK)


@pytest.mark.parametrize("name", ["OPERATOR_EMAIL", "OPERATOR_ADDRESS"])
def test_somebody_must_be_reachable(settings: Any, name: str) -> None:
    setattr(settings, name, "")
    outcome = look_at_contact()
    assert (outcome.verdict, outcome.cure.startswith(f"Set {name};")) == (Verdict.FAULT, True)


@pytest.mark.parametrize(
    ("host", "word"),
    [
        ("localhost", "internal tool"),
        ("127.0.0.1", "internal tool"),
        ("greenroom", "internal tool"),
        ("studio.local", "internal tool"),
        ("203.0.114.5", "number"),
        ("someone.github.io", "github.io"),
        ("a1b2.ngrok-free.app", "ngrok-free.app"),
        ("calm-frog.trycloudflare.com", "trycloudflare.com"),
    ],
)
def test_a_domain_must_be_the_operators_own(host: str, word: str) -> None:
    outcome = judge_domain(host)
    assert (outcome.verdict, word in outcome.found) == (Verdict.FAULT, True)


def test_a_host_that_only_ends_alike_is_fine() -> None:
    assert judge_domain("notgithub.io").verdict == Verdict.OK


@pytest.mark.parametrize(
    ("name", "host", "verdict"),
    [
        ("Lantern Post", "lantern-post.example.com", Verdict.OK),
        ("Lantern", "app.lantern.io", Verdict.OK),
        ("Lantern Post", "posts.acme.com", Verdict.WARNING),
        ("Lantern Post", "localhost", Verdict.FAULT),
    ],
)
def test_the_name_should_be_read_in_the_domain(name: str, host: str, verdict: Verdict) -> None:
    assert judge_name_and_domain(name, host).verdict == verdict


def test_a_site_that_strangers_cannot_join_is_internal_use(settings: Any) -> None:
    settings.SIGN_UP_OPEN = False
    outcome = look_at_audience()
    assert (outcome.verdict, "personal or internal use" in outcome.found) == (Verdict.FAULT, True)


@pytest.mark.parametrize("name", ["Acme Internal Uploader", "My Posts", "Posting Test", "Agency Desk"])
def test_a_name_that_sounds_internal_is_noticed(settings: Any, name: str) -> None:
    settings.PRODUCT_NAME = name
    assert look_at_audience().verdict == Verdict.WARNING


def test_a_rehearsal_may_have_the_name_it_came_with(settings: Any) -> None:
    settings.TIKTOK_IS_SIMULATED, settings.IS_PRODUCTION = True, False
    settings.PRODUCT_NAME, settings.OPERATOR_NAME = "Greenroom", ""
    settings.OPERATOR_EMAIL = settings.OPERATOR_ADDRESS = ""
    settings.PUBLIC_URL = "http://localhost:8000"
    for look in (look_at_app_name, look_at_organisation_name, look_at_contact, look_at_domain):
        assert look().verdict == Verdict.WARNING
