"""What the engine makes of TikTok's refusals, at sending time and afterwards."""

from datetime import timedelta
from pathlib import Path

import pytest

from accounts.clock import database_now
from accounts.hosts import api_host, note_answer
from accounts.models import TikTokAccount, User
from accounts.people import workspace_of
from publishing.models import Publication
from publishing.reasons import Reason
from publishing.services import NotPossibleError, hold_moved_away, resume_reconnected, try_again
from publishing.states import State
from tests.factories import put_into
from tests.processes import Simulator
from tests.publishing.driving import due, film, in_state, move_account, run, skip_wait

pytestmark = pytest.mark.django_db(transaction=True)

NOT_RETRIED = [
    "file_format_check_failed",
    "duration_check_failed",
    "frame_rate_check_failed",
    "picture_size_check_failed",
    "auth_removed",
    "spam_risk_user_banned_from_posting",
    "spam_risk_text",
    "spam_risk",
    "a_reason_nobody_knows",
]


@pytest.mark.parametrize("reason", NOT_RETRIED)
def test_a_fail_reason_ends_the_post_with_tiktoks_word(
    reason: str, simulator: Simulator, poppy: TikTokAccount, alice: User, tmp_path: Path
) -> None:
    simulator.fault("status", "fail_reason", reason=reason)
    publication = run(due(poppy, film(tmp_path), user=alice))
    assert (publication.state, publication.reason) == (State.FAILED, reason)
    assert publication.attempts.get().outcome == "failed"
    assert len(simulator.ledger()["inits"]) == 1


def test_tiktoks_own_fault_is_tried_again_three_times_in_all(
    simulator: Simulator, poppy: TikTokAccount, alice: User, tmp_path: Path
) -> None:
    simulator.fault("status", "fail_reason", reason="internal", times=None)
    publication = run(due(poppy, film(tmp_path), user=alice))
    assert (publication.state, publication.reason) == (State.FAILED, "internal")
    assert len(simulator.ledger()["inits"]) == 3


def test_tiktoks_own_fault_once_is_healed_by_another_attempt(
    simulator: Simulator, poppy: TikTokAccount, alice: User, tmp_path: Path
) -> None:
    simulator.fault("status", "fail_reason", reason="internal")
    publication = run(due(poppy, film(tmp_path), user=alice))
    assert publication.state == State.PUBLISHED
    assert [attempt.outcome for attempt in publication.attempts.all()] == ["failed", "published"]


@pytest.mark.parametrize(
    "code",
    [
        "spam_risk_user_banned_from_posting",
        "unaudited_client_can_only_post_to_private_accounts",
        "privacy_level_option_mismatch",
    ],
)
def test_a_refused_init_holds_the_post_with_nothing_sent(
    code: str, simulator: Simulator, poppy: TikTokAccount, alice: User, tmp_path: Path
) -> None:
    simulator.fault("video_init", "error", code=code, status=403)
    publication = run(due(poppy, film(tmp_path), user=alice))
    assert (publication.state, publication.reason) == (State.HELD, code)
    assert publication.tiktok_log_id != ""
    assert simulator.calls("chunk") == 0


@pytest.mark.parametrize("code", ["invalid_param", "invalid_params"])
def test_a_request_tiktok_cannot_read_fails(
    code: str, simulator: Simulator, poppy: TikTokAccount, alice: User, tmp_path: Path
) -> None:
    simulator.fault("video_init", "error", code=code, status=400)
    publication = run(due(poppy, film(tmp_path), user=alice))
    assert (publication.state, publication.reason) == (State.FAILED, code)


@pytest.mark.rule("1", "1b", at="worker")
def test_a_creator_who_became_unable_to_post_is_noticed_before_init(
    simulator: Simulator, poppy: TikTokAccount, alice: User, tmp_path: Path
) -> None:
    publication = due(poppy, film(tmp_path), user=alice)
    simulator.creator("poppy.public", banned=True)
    publication = run(publication)
    assert (publication.state, publication.reason) == (State.HELD, "spam_risk_user_banned_from_posting")
    assert simulator.ledger()["inits"] == []


@pytest.mark.rule("2b-i", at="worker")
def test_a_visibility_that_is_no_longer_offered_holds_the_post_and_changes_nothing(
    simulator: Simulator, poppy: TikTokAccount, alice: User, tmp_path: Path
) -> None:
    publication = due(poppy, film(tmp_path), user=alice)
    simulator.creator("poppy.public", private=True)
    publication = run(publication)
    assert (publication.state, publication.reason) == (State.HELD, Reason.RULES_CHANGED)
    assert publication.consent.choices["privacy_level"] == "PUBLIC_TO_EVERYONE"
    assert simulator.ledger()["inits"] == []


@pytest.mark.rule("5c", at="worker")
def test_a_consent_that_was_voided_is_never_used(
    simulator: Simulator, poppy: TikTokAccount, alice: User, tmp_path: Path
) -> None:
    publication = due(poppy, film(tmp_path), user=alice)
    publication.consent.voided_at = database_now()
    publication.consent.save()
    publication = run(publication)
    assert (publication.state, publication.reason) == (State.HELD, Reason.CONSENT_VOIDED)


def test_an_account_that_went_to_another_workspace_holds_the_post(
    simulator: Simulator, poppy: TikTokAccount, alice: User, bob: User, tmp_path: Path
) -> None:
    publication = due(poppy, film(tmp_path), user=alice)
    move_account(poppy, workspace_of(bob))
    assert hold_moved_away() == 1
    publication.refresh_from_db()
    assert (publication.state, publication.reason) == (State.HELD, Reason.ACCOUNT_MOVED)
    assert publication.next_try_at is None


def test_what_may_be_on_tiktok_already_is_still_asked_about_after_its_account_moved(
    simulator: Simulator, poppy: TikTokAccount, alice: User, bob: User, tmp_path: Path
) -> None:
    """Its tokens died in the middle of processing; then the account came back, in bob's workspace."""
    publication = run(due(poppy, film(tmp_path), user=alice), until=in_state(State.PROCESSING))
    put_into(publication, State.WAITING_RECONNECT, next_try_at=None)
    move_account(poppy, workspace_of(bob))
    assert hold_moved_away() == 0
    assert resume_reconnected(database_now()) == 1
    assert run(publication).state == State.PUBLISHED
    assert len(simulator.ledger()["inits"]) == 1


@pytest.mark.parametrize("shape", ["invalid_publish_id", "invalid_params"])
def test_a_publish_id_tiktok_does_not_know_yet_is_asked_again(
    shape: str, simulator: Simulator, poppy: TikTokAccount, alice: User, tmp_path: Path
) -> None:
    simulator.switch(status_forgets_fresh_id=2, unknown_id_shape=shape)
    publication = run(due(poppy, film(tmp_path), user=alice))
    assert publication.state == State.PUBLISHED


def test_a_publish_id_tiktok_forgot_after_the_last_byte_is_unconfirmed_and_never_sent_again(
    simulator: Simulator, poppy: TikTokAccount, alice: User, tmp_path: Path
) -> None:
    publication = run(due(poppy, film(tmp_path), user=alice), until=in_state(State.PROCESSING))
    publication.attempts.update(init_finished_at=database_now() - timedelta(minutes=5))
    simulator.fault("status", "error", code="invalid_publish_id", status=400)
    publication = run(publication)
    assert (publication.state, publication.reason) == (State.UNCONFIRMED, Reason.UNKNOWN_PUBLISH_ID)
    with pytest.raises(NotPossibleError):
        try_again(publication, user=alice, now=database_now())
    # TikTok remembers: only its status settles it.
    publication = run(publication, until=in_state(State.PUBLISHED))
    assert len(simulator.ledger()["inits"]) == 1


def test_an_unknown_status_word_is_unconfirmed_until_tiktok_says_more(
    simulator: Simulator, poppy: TikTokAccount, alice: User, tmp_path: Path
) -> None:
    simulator.fault("status", "status_word", word="UNDER_NEW_REVIEW", times=2)
    publication = run(due(poppy, film(tmp_path), user=alice))
    assert (publication.state, publication.reason) == (State.UNCONFIRMED, Reason.UNKNOWN_STATUS)
    assert run(publication, until=in_state(State.PUBLISHED)).state == State.PUBLISHED


def test_processing_without_end_is_unconfirmed_after_a_day(
    simulator: Simulator, poppy: TikTokAccount, alice: User, tmp_path: Path
) -> None:
    simulator.fault("status", "stuck", times=None)
    publication = run(due(poppy, film(tmp_path), user=alice), until=in_state(State.PROCESSING))
    publication.attempts.update(upload_finished_at=database_now() - timedelta(hours=25))
    publication = run(publication)
    assert (publication.state, publication.reason) == (State.UNCONFIRMED, Reason.PROCESSING_TOO_LONG)


@pytest.mark.parametrize(
    "fault",
    [("http", {"status": 500}), ("html", {}), ("truncated", {}), ("drop_after", {}), ("reset_before", {})],
)
def test_a_status_that_cannot_be_had_is_simply_asked_again(
    fault: tuple[str, dict[str, int]], simulator: Simulator, poppy: TikTokAccount, alice: User, tmp_path: Path
) -> None:
    kind, details = fault
    simulator.fault("status", kind, times=2, **details)
    assert run(due(poppy, film(tmp_path), user=alice)).state == State.PUBLISHED
    assert len(simulator.ledger()["inits"]) == 1


def test_tiktok_out_of_reach_before_anything_was_sent_ends_in_failed_that_may_be_tried_again(
    simulator: Simulator, poppy: TikTokAccount, alice: User, tmp_path: Path
) -> None:
    """For this post alone: meanwhile TikTok answers others, else nothing would be given up."""
    simulator.fault("creator_info", "http", status=503, times=None)

    def is_done(publication: Publication) -> bool:
        note_answer(api_host())
        return publication.state == State.FAILED

    publication = run(due(poppy, film(tmp_path), user=alice), until=is_done)
    assert publication.reason == Reason.TIKTOK_UNREACHABLE
    simulator.clear_faults()
    try_again(publication, user=alice, now=database_now())
    assert run(publication).state == State.PUBLISHED


def test_too_many_calls_in_a_minute_wait_their_turn(
    simulator: Simulator, poppy: TikTokAccount, alice: User, tmp_path: Path
) -> None:
    simulator.fault("video_init", "error", code="rate_limit_exceeded", status=429)
    publication = run(
        due(poppy, film(tmp_path), user=alice),
        until=lambda p: p.attempts.exists() and p.lease_token is None,
    )
    assert publication.state == State.STARTING
    assert publication.next_try_at is not None
    assert publication.next_try_at - database_now() > timedelta(seconds=50)
    skip_wait(publication)
    assert run(publication).state == State.PUBLISHED


def test_our_own_count_keeps_a_creator_below_tiktoks_six_inits_a_minute(
    simulator: Simulator, poppy: TikTokAccount, alice: User, tmp_path: Path
) -> None:
    path = film(tmp_path)
    for number in range(5):
        run(due(poppy, path, user=alice, caption=f"number {number}"))
    sixth = due(poppy, path, user=alice, caption="the sixth")
    run(sixth, until=lambda p: p.state == State.STARTING and p.tries == 1)
    assert len(simulator.ledger()["inits"]) == 5
    assert Publication.objects.filter(state=State.PUBLISHED).count() == 5
    assert simulator.calls("video_init") == 5
