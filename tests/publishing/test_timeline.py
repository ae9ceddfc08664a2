"""A publication's history in words, oldest first, then what goes on and what is to come."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from accounts.people import workspace_of
from publishing.models import Event, EventKind, Publication
from publishing.reasons import Reason
from publishing.states import State
from publishing.timeline import timeline_of
from tests.factories import make_attempt, make_event, make_media, make_post, make_publication, put_into

pytestmark = pytest.mark.django_db


@pytest.fixture
def publication(alice: User) -> Publication:
    return make_publication(make_post(workspace_of(alice)), user=alice)


def told(publication: Publication) -> list[tuple[str, str, str]]:
    publication.refresh_from_db()
    return [
        (moment.tone, moment.title, moment.text)
        for moment in timeline_of(publication, now=timezone.now()).moments
    ]


def move(publication: Publication, *states: State, **fields: object) -> Event:
    """Note the moves through these states; the fields belong to the last. The row follows."""
    from_ = State(publication.state)
    for state in states[:-1]:
        make_event(publication, state, from_state=from_)
        from_ = state
    put_into(publication, states[-1])
    return make_event(publication, states[-1], from_state=from_, **fields)


def test_begins_with_the_consent_and_ends_with_what_is_to_come(publication: Publication, alice: User) -> None:
    assert told(publication) == [
        ("good", "Post to TikTok was pressed", f"{alice} agreed to every choice."),
        ("busy", "Waiting for a worker", ""),
        ("next", "Send the file", ""),
        ("next", "TikTok processes it", ""),
        ("next", "Published", ""),
    ]


def test_tells_the_way_to_publication(alice: User) -> None:
    media = make_media(workspace_of(alice), size_bytes=100 * 1024 * 1024)
    publication = make_publication(make_post(workspace_of(alice), media=media), user=alice)
    began = timezone.now()
    attempt = make_attempt(
        publication, upload_started_at=began, upload_finished_at=began + timedelta(seconds=12)
    )
    move(publication, State.STARTING)
    make_event(publication, "init", kind=EventKind.CALL, attempt=attempt)
    move(publication, State.UPLOADING, attempt=attempt)
    move(publication, State.PROCESSING, attempt=attempt)
    make_event(publication, "status", kind=EventKind.CALL, attempt=attempt, code="PROCESSING_UPLOAD")
    make_event(publication, "status", kind=EventKind.CALL, attempt=attempt, code="PUBLISH_COMPLETE")
    move(publication, State.PUBLISHED, attempt=attempt)
    make_event(publication, "post_id_found", kind=EventKind.CALL, attempt=attempt)
    assert told(publication)[1:] == [
        ("good", "A worker took it up", "It asks TikTok about the account and checks the file."),
        ("good", "TikTok is ready for the file", ""),
        ("good", "The whole file was sent", "100.0\xa0MB in 12 s."),
        ("good", "TikTok answered", "TikTok has the upload and is working on it."),
        ("good", "Published", "Who can view: Everyone."),
        ("good", "TikTok named the post", "The link works from now on."),
    ]


def test_every_past_moment_has_its_time_and_none_of_the_others(publication: Publication) -> None:
    event = move(publication, State.STARTING)
    moments = timeline_of(publication, now=timezone.now()).moments
    assert [moment.at for moment in moments] == [publication.created_at, event.at, None, None, None, None]


@pytest.mark.parametrize(
    ("state", "reason", "tone", "title"),
    [
        (State.FAILED, "spam_risk_text", "bad", "Failed: TikTok judged the caption risky"),
        (State.FAILED, "picture_size_check_failed", "bad", "Failed: the picture size does not fit"),
        (State.HELD, Reason.FILE_MISSING, "warn", "Held: the file is gone"),
        (
            State.UNCONFIRMED,
            Reason.PROCESSING_TOO_LONG,
            "warn",
            "Unconfirmed: TikTok has not finished",
        ),
        (
            State.WAITING_RECONNECT,
            Reason.NEEDS_RECONNECT,
            "warn",
            "Needs reconnecting: the TikTok account must be reconnected",
        ),
    ],
)
def test_a_bad_end_is_told_with_its_reason(
    publication: Publication, state: State, reason: str, tone: str, title: str
) -> None:
    move(publication, state, code=reason)
    last = timeline_of(publication, now=timezone.now()).moments[-1]
    assert (last.tone, last.title, last.text) == (tone, title, "")


def test_an_end_that_was_overcome_keeps_its_explanation(publication: Publication, alice: User) -> None:
    move(publication, State.FAILED, code="internal")
    move(publication, State.SCHEDULED, kind=EventKind.PERSON, person=alice)
    assert told(publication)[1] == (
        "bad",
        "Failed: a part of TikTok was not available",
        "TikTok had the whole of it, had a fault of its own and gave up. Nothing was published.",
    )


def test_names_who_pressed_what(publication: Publication, alice: User) -> None:
    for from_, to in (
        (State.UPLOADING, State.CANCELLED),
        (State.CANCELLED, State.DRAFT),
        (State.DRAFT, State.SCHEDULED),
        (State.HELD, State.SCHEDULED),
    ):
        make_event(publication, to, kind=EventKind.PERSON, from_state=from_, person=alice)
    assert told(publication)[:5] == [
        ("good", "Post to TikTok was pressed", ""),
        ("", "Cancelled", f"By {alice}. Nothing was published."),
        ("", "Taken back to be edited", f"By {alice}."),
        ("good", "Changed, agreed to and posted again", f"By {alice}."),
        ("good", "Try again was pressed", f"By {alice}."),
    ]


def test_a_repeated_hitch_is_told_once_with_its_count(publication: Publication) -> None:
    move(publication, State.STARTING)
    for _ in range(3):
        make_event(publication, "init", kind=EventKind.CALL)
        last = make_event(publication, "init_unanswered", kind=EventKind.CALL, code="timeout")
    moment = timeline_of(publication, now=timezone.now()).moments[2]
    assert (moment.title, moment.at) == ("TikTok did not answer the announcement (3 times)", last.at)


def test_a_refusal_that_ends_it_is_not_told_twice(publication: Publication) -> None:
    move(publication, State.STARTING)
    make_event(publication, "init_refused", kind=EventKind.CALL, code="invalid_params")
    move(publication, State.FAILED, code="invalid_params")
    assert [title for _, title, _ in told(publication)][2:] == [
        "Failed: TikTok did not understand the request"
    ]


def test_a_refusal_that_is_tried_again_is_told(publication: Publication) -> None:
    move(publication, State.STARTING)
    make_event(publication, "init_refused", kind=EventKind.CALL, code="rate_limit_exceeded")
    move(publication, State.UPLOADING)
    assert told(publication)[2] == ("warn", "TikTok asked us to slow down", "Another try follows.")


def test_a_new_attempt_says_why_the_old_one_ended(publication: Publication) -> None:
    move(publication, State.STARTING, State.UPLOADING)
    make_event(publication, "upload_url_ended", kind=EventKind.CALL)
    move(publication, State.STARTING, detail={"because": Reason.UPLOAD_EXPIRED})
    move(publication, State.UPLOADING, State.PROCESSING)
    move(publication, State.STARTING, detail={"fail_reason": "internal"})
    lines = told(publication)
    assert lines[3] == ("warn", "TikTok's upload address ended", "Bytes were still missing.")
    assert lines[4] == ("warn", "A new attempt begins", "The upload ran out of time.")
    assert lines[7] == ("warn", "A new attempt begins", "A part of TikTok was not available.")


def test_a_lost_last_answer_promises_nothing(publication: Publication) -> None:
    move(publication, State.STARTING, State.UPLOADING)
    move(publication, State.PROCESSING, detail={"answer": "put_400"})
    assert told(publication)[3] == (
        "",
        "The last part went out, its arrival is unknown",
        "TikTok's status will tell; nothing is sent twice.",
    )


def test_an_event_of_tomorrow_is_shown_by_its_name(publication: Publication) -> None:
    make_event(publication, "moon_phase_changed", kind=EventKind.CALL, code="full")
    assert told(publication)[1] == ("", "Moon phase changed", "full")


def test_a_person_who_left_is_not_named(publication: Publication) -> None:
    make_event(publication, State.CANCELLED, kind=EventKind.PERSON, from_state=State.SCHEDULED)
    assert told(publication)[1] == ("", "Cancelled", "By somebody who has left. Nothing was published.")
