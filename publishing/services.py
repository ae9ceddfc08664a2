"""What people do with a publication: post, try again, cancel, take back. The engine does the rest."""

from contextlib import suppress
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.clock import database_now
from accounts.models import AccountState, User
from accounts.wall_clock import is_zone
from composer.consents import claim_media, consent_to_post, lock_post, unlock_post
from composer.models import Post
from composer.planning import keep_plan
from composer.plans import FARTHEST, plan_for
from composer.rules import Ruling
from publishing.attempts import end_open_attempts
from publishing.explanations import explain
from publishing.models import Event, EventKind, Publication
from publishing.reasons import Reason
from publishing.states import HUMAN_MOVES, State
from tiktok import CreatorInfo

SWEEP_BATCH = 100
# What an earlier go of the same post left behind.
FROM_THE_START: dict[str, Any] = {
    "tries": 0,
    "cancel_asked_at": None,
    "cancel_answer": "",
    "delivered_at": None,
}
# Where TikTok may have it in reach, and can still be asked to stop.
_CANCELLED_BY_TIKTOK = frozenset({State.STARTING, State.UPLOADING, State.PROCESSING})


class NotPossibleError(Exception):
    """Why an action is not possible now, as a sentence for the person who pressed the button."""


def publish_post(
    post: Post,
    *,
    user: User,
    creator: CreatorInfo | None,
    ruling: Ruling,
    now: datetime,
    at: datetime | None = None,
    time_zone: str = "UTC",
) -> Publication:
    """Store the consent and put the post on its way, in one transaction; the worker takes it from there.

    Without `at` it goes out now, else at that moment, which was chosen by the clocks of `time_zone`. `post` is as
    it was when `ruling` was made. Pressed twice, the second press finds the publication of the first. Raises
    NotPossibleError when the ruling does not allow posting, the post has changed since, or the time is past.
    """
    with transaction.atomic():
        stored = Post.objects.select_for_update().get(pk=post.pk)
        publication = Publication.objects.filter(post=stored).first()
        if publication is not None and publication.state != State.DRAFT:
            return publication
        if stored.version != post.version:
            raise NotPossibleError("The post was changed in another window. Look at it again, then post it.")
        if not ruling.can_post or stored.account is None:
            raise NotPossibleError(ruling.button_reason)
        due_at = now if at is None else check_time(at, time_zone, now=now)
        consent = consent_to_post(stored, user=user, creator=creator, ruling=ruling, now=now)
        if not lock_post(stored, now=now):
            raise NotPossibleError("The post was changed in another window. Look at it again, then post it.")
        due: dict[str, Any] = {"due_at": due_at, "next_try_at": due_at, "time_zone": time_zone}
        if publication is None:
            return Publication.objects.create(
                post=stored, workspace=stored.workspace, account=stored.account, consent=consent, **due
            )
        Publication.objects.move(
            publication.pk,
            State.DRAFT,
            State.SCHEDULED,
            person=user,
            detail={
                **({} if at is None else time_detail(due_at, time_zone)),
                "was": time_detail(publication.due_at, publication.time_zone),
            },
            account=stored.account,
            consent=consent,
            attempts_before=publication.attempts.count(),
            **FROM_THE_START,
            **due,
        )
        publication.refresh_from_db()
        return publication


def check_time(at: datetime, time_zone: str, *, now: datetime) -> datetime:
    """The time itself. Raises NotPossibleError for one that nothing can be scheduled for."""
    if not is_zone(time_zone):
        raise NotPossibleError("There is no such time zone.")
    if at <= now:
        raise NotPossibleError("That time is past. Choose a later one.")
    if at > now + FARTHEST:
        raise NotPossibleError("That is more than two years ahead. Choose an earlier time.")
    return at


def time_detail(due_at: datetime, time_zone: str) -> dict[str, str]:
    """A chosen time as the history keeps it."""
    return {"due_at": due_at.isoformat(), "time_zone": time_zone}


def is_retry_possible(publication: Publication) -> bool:
    """Whether *Try again* is safe: nothing of it can be on TikTok, and the same choices may pass."""
    if any(attempt.may_be_public for attempt in publication.attempts.all()):
        return False
    if publication.state == State.CANCELLED:
        return True
    return publication.state in {State.HELD, State.FAILED} and explain(publication.reason).is_retry_safe


def try_again(publication: Publication, *, user: User, now: datetime) -> None:
    """Send the same post with the same consent once more. Raises NotPossibleError where that is not safe."""
    if not is_retry_possible(publication):
        raise NotPossibleError("This post cannot simply be sent again.")
    if publication.consent.voided_at is not None:
        raise NotPossibleError("The post was changed after it was agreed to: open it and post it anew.")
    if publication.account.state == AccountState.DISCONNECTED:
        raise NotPossibleError("The account is disconnected: connect it first.")
    with transaction.atomic():
        move_by_person(
            publication,
            State.SCHEDULED,
            user,
            due_at=now,
            next_try_at=now,
            detail={"was": time_detail(publication.due_at, publication.time_zone)},
            attempts_before=publication.attempts.count(),
            **FROM_THE_START,
        )
        claim_media(publication.post)


def is_cancel_possible(publication: Publication) -> bool:
    """Whether stopping keeps the post off TikTok for certain: nothing that TikTok has in reach is whole."""
    if State.CANCELLED not in HUMAN_MOVES.get(State(publication.state), frozenset()):
        return False
    return not any(attempt.may_be_public for attempt in publication.attempts.all())


def is_cancel_askable(publication: Publication) -> bool:
    """Whether TikTok can be asked to stop what it may publish already; it decides, and its status tells."""
    if publication.state not in _CANCELLED_BY_TIKTOK or publication.cancel_asked_at is not None:
        return False
    return any(attempt.may_be_public for attempt in publication.attempts.all())


def cancel_publication(publication: Publication, *, user: User) -> None:
    """Stop it before TikTok could publish, or else have TikTok asked to cancel it.

    Pressed twice, the second press changes nothing. Raises NotPossibleError when it has moved on.
    """
    if State.CANCELLED in HUMAN_MOVES.get(State(publication.state), frozenset()):
        with suppress(_InReachError):
            _cancel_at_once(publication, user=user)
            return
    _ask_for_cancelling(publication, user=user)


class _InReachError(Exception):
    """TikTok may publish it already."""


def _cancel_at_once(publication: Publication, *, user: User) -> None:
    with transaction.atomic():
        move_by_person(publication, State.CANCELLED, user, reason=Reason.STOPPED_BY_PERSON, next_try_at=None)
        # The row is ours now: no worker can commit the intent to send the last bytes, or open a gate, any more. Had
        # one done so before, this is where it shows, and everything here is undone.
        if any(attempt.may_be_public for attempt in publication.attempts.all()):
            raise _InReachError
        end_open_attempts(publication, database_now())


def _ask_for_cancelling(publication: Publication, *, user: User) -> None:
    """Write down the wish; the engine asks TikTok, and goes by its status."""
    now = database_now()
    rows = Publication.objects.filter(pk=publication.pk, state__in=_CANCELLED_BY_TIKTOK)
    with transaction.atomic():
        if rows.filter(cancel_asked_at__isnull=True).update(cancel_asked_at=now, next_try_at=now, tries=0):
            Event.objects.create(
                publication=publication, kind=EventKind.PERSON, name="cancel_asked", person=user
            )
        elif not rows.exists():
            raise NotPossibleError("That is no longer possible: the post has moved on.")


def is_reopen_possible(publication: Publication) -> bool:
    """Whether the post may go back to being a draft."""
    return State.DRAFT in HUMAN_MOVES.get(State(publication.state), frozenset()) and not any(
        attempt.may_be_public for attempt in publication.attempts.all()
    )


def reopen_post(publication: Publication, *, user: User) -> None:
    """Make the post a draft again, to be changed and agreed to anew. Raises NotPossibleError when it is under way."""
    with transaction.atomic():
        move_by_person(publication, State.DRAFT, user, next_try_at=None)
        if any(attempt.may_be_public for attempt in publication.attempts.all()):
            raise NotPossibleError("TikTok may still publish it, so it cannot be changed.")
        end_open_attempts(publication, database_now())
        claim_media(publication.post)
        unlock_post(publication.post)
        if publication.state == State.SCHEDULED and publication.due_at > database_now():
            # It may have been given another time since it was written down.
            keep_plan(publication.post, plan_for(publication.due_at, publication.time_zone))


def hold_moved_away() -> int:
    """Hold what waits for an account that went to another workspace; returns how many."""
    moved = 0
    for publication in Publication.objects.waiting_for_a_moved_account()[:SWEEP_BATCH]:
        moved += Publication.objects.move(
            publication.pk,
            State(publication.state),
            State.HELD,
            reason=Reason.ACCOUNT_MOVED,
            next_try_at=None,
        )
    return moved


def resume_reconnected(now: datetime) -> int:
    """Take up what waited for an account that is connected again; returns how many."""
    resumed = 0
    for publication in Publication.objects.waiting_for_a_connected_account(now)[:SWEEP_BATCH]:
        resumed += Publication.objects.move(
            publication.pk, State.WAITING_RECONNECT, _step_left(publication), next_try_at=now
        )
    return resumed


def _step_left(publication: Publication) -> State:
    """Where a publication goes on: the step it was in when its account stopped working."""
    attempt = publication.attempts.exclude(publish_id=None).filter(outcome="").order_by("-number").first()
    if attempt is None:
        return State.STARTING
    is_sent = attempt.upload_finished_at is not None or attempt.way.is_pulled
    return State.PROCESSING if is_sent else State.UPLOADING


def move_by_person(publication: Publication, to: State, user: User, **fields: Any) -> None:
    from_ = State(publication.state)
    if to not in HUMAN_MOVES.get(from_, frozenset()):
        raise NotPossibleError("That is no longer possible: the post has moved on.")
    if not Publication.objects.move(publication.pk, from_, to, person=user, **fields):
        raise NotPossibleError("That is no longer possible: the post has moved on.")
