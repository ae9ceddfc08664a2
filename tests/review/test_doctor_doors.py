"""The doctor's lines on the doors TikTok knocks at: certificate, webhook, media prefix."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pytest_django.live_server_helper import LiveServer

from accounts.models import TikTokAccount
from publishing.models import Attempt, Event, EventKind, Route, WebhookDelivery
from publishing.webhooks import store_delivery
from review.doctor.doors import (
    UNVERIFIED,
    judge_certificate,
    judge_ownership,
    look_at_https,
    look_at_media_prefix,
    look_at_webhook,
)
from review.doctor.findings import Verdict
from tests.factories import make_attempt, make_post, make_publication
from tests.https_server import NAME, https_server
from tests.processes import free_port
from tests.review.conftest import Stranger

NOW = datetime.now(UTC)


@pytest.fixture
def in_earnest(settings: Any) -> None:
    settings.TIKTOK_IS_SIMULATED = False
    settings.IS_PRODUCTION = True


# --- HTTPS ------------------------------------------------------------------------------------------------


def test_a_site_without_https_is_a_fault(in_earnest: None, settings: Any) -> None:
    settings.PUBLIC_URL = "http://studio.example.com"
    assert look_at_https().verdict == Verdict.FAULT


def test_a_certificate_is_trusted_or_not_and_ends_one_day(tmp_path: Path) -> None:
    with https_server(tmp_path) as server:

        def judged(**changes: Any) -> Any:
            options = {"host": NAME, "now": NOW, "tls": server.tls, "at": "127.0.0.1", **changes}
            return judge_certificate(port=server.port, **options)

        # It is good for a day: so it is fine as seen from a month ago, and about to end now.
        assert judged(now=NOW - timedelta(days=30)).verdict == Verdict.OK
        ending = judged()
        assert (ending.verdict, "ends on" in ending.found) == (Verdict.WARNING, True)
        for wrong in ({"tls": None}, {"host": "another.example"}):
            outcome = judged(**wrong)
            assert outcome.verdict == Verdict.FAULT
            assert "not trusted, or is another name's" in outcome.found


def test_nobody_at_the_https_port_is_a_fault(in_earnest: None, settings: Any) -> None:
    settings.PUBLIC_URL = f"https://localhost:{free_port()}"
    outcome = look_at_https()
    assert (outcome.verdict, "cannot be reached" in outcome.found) == (Verdict.FAULT, True)


# --- Webhook ----------------------------------------------------------------------------------------------


def test_a_signed_event_comes_in_by_the_public_address_and_leaves_nothing(
    live_server: LiveServer, settings: Any
) -> None:
    settings.PUBLIC_URL = live_server.url
    outcome = look_at_webhook()
    assert outcome.verdict == Verdict.OK, outcome
    assert "TikTok has sent no event yet" in outcome.found
    assert not WebhookDelivery.objects.exists()
    store_delivery(b"{}", signed_at=NOW)
    assert "TikTok's last event came on" in look_at_webhook().found


@pytest.mark.parametrize(("status", "word"), [(404, "404"), (401, "401"), (301, "301"), (500, "500")])
def test_whoever_refuses_a_signed_event_is_a_fault(
    stranger: Stranger, settings: Any, db: None, status: int, word: str
) -> None:
    settings.PUBLIC_URL = stranger.url
    stranger.status = status
    outcome = look_at_webhook()
    assert (outcome.verdict, word in outcome.found) == (Verdict.FAULT, True)


def test_another_server_that_says_yes_to_everything_is_a_fault(
    stranger: Stranger, settings: Any, db: None
) -> None:
    settings.PUBLIC_URL = stranger.url
    outcome = look_at_webhook()
    assert (outcome.verdict, "not come to this installation" in outcome.found) == (Verdict.FAULT, True)
    assert len(stranger.seen) == 2


def test_a_door_that_lets_forgeries_in_is_a_fault(
    stranger: Stranger, settings: Any, transactional_db: None
) -> None:
    settings.PUBLIC_URL = stranger.url
    stranger.hear = lambda body: store_delivery(body, signed_at=NOW)  # type: ignore[method-assign]
    outcome = look_at_webhook()
    assert (outcome.verdict, "wrong signature" in outcome.found) == (Verdict.FAULT, True)


def test_a_webhook_that_nobody_reaches_is_a_fault(settings: Any, db: None) -> None:
    settings.PUBLIC_URL = f"http://localhost:{free_port()}"
    outcome = look_at_webhook()
    assert (outcome.verdict, "cannot be reached" in outcome.found) == (Verdict.FAULT, True)


def test_a_name_that_leads_to_a_private_address_is_worth_a_thought(
    live_server: LiveServer, settings: Any, in_earnest: None
) -> None:
    settings.PUBLIC_URL = live_server.url
    outcome = look_at_webhook()
    assert (outcome.verdict, "private address" in outcome.found) == (Verdict.WARNING, True)


# --- Media prefix -----------------------------------------------------------------------------------------


@pytest.fixture
def prefix(live_server: LiveServer, settings: Any) -> str:
    """A prefix that leads to this installation."""
    settings.MEDIA_PULL_BASE_URL = f"{live_server.url}/pull/"
    return str(settings.MEDIA_PULL_BASE_URL)


def test_without_a_prefix_photos_cannot_be_posted(settings: Any) -> None:
    settings.MEDIA_PULL_BASE_URL = ""
    outcome = look_at_media_prefix()
    assert (outcome.verdict, "photos cannot be posted" in outcome.found) == (Verdict.WARNING, True)


@pytest.mark.parametrize(
    "status", [200, 301, 404, 410], ids=["a page", "a redirect", "another's 404", "gone"]
)
def test_a_prefix_that_leads_elsewhere_is_a_fault(stranger: Stranger, settings: Any, status: int) -> None:
    settings.MEDIA_PULL_BASE_URL = f"{stranger.url}/pull/"
    stranger.status = status
    outcome = look_at_media_prefix()
    assert (outcome.verdict, "does not lead to this installation" in outcome.found) == (Verdict.FAULT, True)


def test_a_cache_in_front_that_changes_the_head_is_a_fault(stranger: Stranger, settings: Any) -> None:
    settings.MEDIA_PULL_BASE_URL = f"{stranger.url}/pull/"
    stranger.status = 404
    stranger.headers = {"Cache-Control": "public, max-age=60"}
    assert look_at_media_prefix().verdict == Verdict.FAULT


def test_a_prefix_on_http_is_a_fault_in_earnest(prefix: str, in_earnest: None) -> None:
    outcome = look_at_media_prefix()
    assert (outcome.verdict, "not an https address" in outcome.found) == (Verdict.FAULT, True)


def announce(account: TikTokAccount, *, at: datetime, is_accepted: bool) -> None:
    """A post with photos that TikTok took, or refused because the address is not verified."""
    post = make_post(account.workspace, account=account)
    publication = make_publication(post)
    attempt = make_attempt(publication, route=Route.PHOTOS)
    publish_id = f"p_pub_url~{attempt.pk}" if is_accepted else None
    Attempt.objects.filter(pk=attempt.pk).update(init_started_at=at, publish_id=publish_id)
    if not is_accepted:
        Event.objects.create(
            publication=publication, kind=EventKind.CALL, name="init", code=UNVERIFIED, at=at
        )


PREFIX = "https://media.example.com/pull/"


def test_nobody_knows_before_the_first_photo(db: None) -> None:
    outcome = judge_ownership(PREFIX)
    assert (outcome.verdict, "shows with the first photo" in outcome.found) == (Verdict.WARNING, True)


def test_tiktoks_last_word_counts(account: TikTokAccount) -> None:
    announce(account, at=NOW - timedelta(hours=3), is_accepted=False)
    refused = judge_ownership(PREFIX)
    assert (refused.verdict, "has not verified" in refused.found) == (Verdict.FAULT, True)
    assert "each sandbox needs it too" in refused.cure
    announce(account, at=NOW - timedelta(hours=2), is_accepted=True)
    assert judge_ownership(PREFIX).verdict == Verdict.OK
    announce(account, at=NOW - timedelta(hours=1), is_accepted=False)
    assert judge_ownership(PREFIX).verdict == Verdict.FAULT


def test_what_another_configuration_was_told_does_not_count(account: TikTokAccount, settings: Any) -> None:
    announce(account, at=NOW, is_accepted=True)
    settings.TIKTOK_CLIENT_KEY = "sbanothersandbox"
    outcome = judge_ownership(PREFIX)
    assert (outcome.verdict, "this sandbox" in outcome.found) == (Verdict.WARNING, True)
