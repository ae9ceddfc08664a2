"""While TikTok fetches: odd words of its status, a lost answer told truly, and a wish to cancel that comes late."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.clock import database_now
from publishing.engine import advance
from publishing.models import Publication, Route
from publishing.reasons import Reason
from publishing.services import cancel_publication
from publishing.states import State
from publishing.timeline import timeline_of
from tests.publishing.crashing import in_another_worker, points
from tests.publishing.driving import in_state, run, skip_wait
from tests.publishing.ways import Way

pytestmark = pytest.mark.django_db(transaction=True)

DIRECT = pytest.mark.parametrize("way", [Route.PHOTOS, Route.VIDEO_PULL], indirect=True)
PHOTOS = pytest.mark.parametrize("way", [Route.PHOTOS], indirect=True)


def status_body(status: str, **data: object) -> str:
    fields = "".join(f', "{name}": {value}' for name, value in data.items())
    return f'{{"data": {{"status": "{status}"{fields}}}, "error": {{"code": "ok", "message": "", "log_id": "1"}}}}'


def gap_of(publication: Publication) -> timedelta:
    publication.refresh_from_db()
    assert publication.next_try_at is not None
    return publication.next_try_at - database_now()


@DIRECT
def test_the_end_of_an_upload_window_ends_nothing_that_tiktok_fetches(way: Way) -> None:
    """It counts no uploaded bytes of what it fetches; after an hour it may still publish."""
    publication = run(way.due(), until=in_state(State.PROCESSING))
    started_at = database_now() - timedelta(hours=1, minutes=11)
    publication.attempts.update(init_started_at=started_at, gate_opened_at=started_at)
    way.simulator.fault(
        "status", "http", status=200, body=status_body("PROCESSING_UPLOAD", uploaded_bytes=0), times=1
    )
    skip_wait(publication)
    assert advance(publication.pk)
    publication.refresh_from_db()
    assert (publication.state, publication.reason) == (State.PROCESSING, "")
    way.walk(publication)
    way.check(publication, "published all the same")


@PHOTOS
def test_an_open_question_about_fetched_files_is_asked_anew_by_its_own_age(way: Way) -> None:
    """Not by that of the post, which may have been waiting for its day for weeks."""
    publication = run(way.due(), until=in_state(State.PROCESSING))
    way.simulator.fault("status", "status_word", word="RESTING", times=None)
    publication = run(publication, until=in_state(State.UNCONFIRMED))
    Publication.objects.update(created_at=database_now() - timedelta(days=30))
    skip_wait(publication)
    assert advance(publication.pk)
    assert gap_of(publication) < timedelta(minutes=2)


@PHOTOS
@pytest.mark.parametrize("answer", [None, 503])
def test_a_wish_to_cancel_that_comes_while_tiktok_is_asked_is_seen_to_at_once(
    way: Way, answer: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    way.simulator.fault("fetch", "slow", seconds=20)
    publication = run(way.due(), until=in_state(State.PROCESSING))
    Publication.objects.update(tries=8)  # the next question would come in five minutes
    skip_wait(publication)

    def press_cancel() -> None:
        in_another_worker(
            lambda: cancel_publication(Publication.objects.get(pk=publication.pk), user=way.user)
        )

    with points(monkeypatch, None, lambda _name: None) as watch:
        watch.on("before fetch_status", press_cancel)
        assert advance(publication.pk)
    assert gap_of(publication) <= timedelta(0)
    if answer:
        # What TikTok does not answer is asked again, but without haste.
        way.simulator.fault("cancel", "http", status=answer)
        assert advance(publication.pk)
        assert gap_of(publication) > timedelta(seconds=1)
        skip_wait(publication)
    assert advance(publication.pk)
    publication.refresh_from_db()
    assert publication.cancel_answer == "ok"
    publication = run(publication, until=in_state(State.CANCELLED))
    way.check_not_sent(publication, "cancelled")


@PHOTOS
@pytest.mark.parametrize(
    ("is_fetched", "gate", "text"),
    [
        (False, "last_byte", "another try is safe"),
        (False, "off", "what it had fetched"),
        (True, "off", "what it had fetched"),
    ],
)
def test_what_a_lost_answer_means_is_told_truly(
    way: Way, is_fetched: bool, gate: str, text: str, settings: Any
) -> None:
    settings.PULL_COMMIT_GATE = gate
    way.simulator.switch(pull_inside_init=is_fetched)
    way.simulator.fault(way.init_call, "reset_after" if is_fetched else "reset_before")
    publication = way.due()
    run(publication, until=lambda p: p.events.filter(name="init_unanswered").exists())
    moments = timeline_of(Publication.objects.get(pk=publication.pk), now=timezone.now()).moments
    [told] = [moment for moment in moments if moment.title == "TikTok did not answer the announcement"]
    assert text in told.text
    titles = [moment.title for moment in moments]
    assert ("The addresses of the files ended" in titles) == (gate == "off" and not is_fetched)
    publication.refresh_from_db()
    assert (publication.reason == Reason.PULL_UNANSWERED) == is_fetched
