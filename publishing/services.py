"""What people do with a publication: post, try again, cancel, take back. The engine does the rest."""

from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.clock import database_now
from accounts.models import AccountState, User
from composer.consents import consent_to_post, lock_post, unlock_post
from composer.models import Post
from composer.rules import Ruling
from publishing.explanations import explain
from publishing.models import Publication
from publishing.reasons import Reason
from publishing.starting import end_open_attempts
from publishing.states import HUMAN_MOVES, State
from tiktok import CreatorInfo

SWEEP_BATCH = 100


class NotPossibleError(Exception):
    """Why an action is not possible now, as a sentence for the person who pressed the button."""


def publish_post(
    post: Post, *, user: User, creator: CreatorInfo | None, ruling: Ruling, now: datetime
) -> Publication:
    """Store the consent and put the post on its way, in one transaction; the worker takes it from there.

    `post` is as it was when `ruling` was made. Pressed twice, the second press finds the publication of the
    first. Raises NotPossibleError when the ruling does not allow posting, or the post has changed since.
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
        consent = consent_to_post(stored, user=user, creator=creator, ruling=ruling, now=now)
        if not lock_post(stored, now=now):
            raise NotPossibleError("The post was changed in another window. Look at it again, then post it.")
        due: dict[str, Any] = {"due_at": now, "next_try_at": now}
        if publication is None:
            return Publication.objects.create(
                post=stored, workspace=stored.workspace, account=stored.account, consent=consent, **due
            )
        Publication.objects.move(
            publication.pk,
            State.DRAFT,
            State.SCHEDULED,
            person=user,
            account=stored.account,
            consent=consent,
            tries=0,
            attempts_before=publication.attempts.count(),
            **due,
        )
        publication.refresh_from_db()
        return publication


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
    _move_by_person(
        publication,
        State.SCHEDULED,
        user,
        due_at=now,
        next_try_at=now,
        tries=0,
        attempts_before=publication.attempts.count(),
    )


def is_cancel_possible(publication: Publication) -> bool:
    """Whether stopping still keeps the post off TikTok: the last bytes have not been sent."""
    if State.CANCELLED not in HUMAN_MOVES.get(State(publication.state), frozenset()):
        return False
    return not any(attempt.may_be_public for attempt in publication.attempts.all())


def cancel_publication(publication: Publication, *, user: User) -> None:
    """Stop before TikTok could publish. Raises NotPossibleError once the last bytes are on their way."""
    with transaction.atomic():
        _move_by_person(publication, State.CANCELLED, user, reason=Reason.STOPPED_BY_PERSON, next_try_at=None)
        # The row is ours now: no worker can commit the intent to send the last bytes any more. Had one done so
        # before, this is where it shows, and everything here is undone.
        if any(attempt.may_be_public for attempt in publication.attempts.all()):
            raise NotPossibleError("Too late to stop it: the last part is already on its way to TikTok.")
        end_open_attempts(publication, database_now())


def is_reopen_possible(publication: Publication) -> bool:
    """Whether the post may go back to being a draft."""
    return State.DRAFT in HUMAN_MOVES.get(State(publication.state), frozenset()) and not any(
        attempt.may_be_public for attempt in publication.attempts.all()
    )


def reopen_post(publication: Publication, *, user: User) -> None:
    """Make the post a draft again, to be changed and agreed to anew. Raises NotPossibleError when it is under way."""
    with transaction.atomic():
        _move_by_person(publication, State.DRAFT, user, next_try_at=None)
        if any(attempt.may_be_public for attempt in publication.attempts.all()):
            raise NotPossibleError("TikTok may still publish it, so it cannot be changed.")
        end_open_attempts(publication, database_now())
        unlock_post(publication.post)


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
    return State.PROCESSING if attempt.upload_finished_at is not None else State.UPLOADING


def _move_by_person(publication: Publication, to: State, user: User, **fields: Any) -> None:
    from_ = State(publication.state)
    if to not in HUMAN_MOVES.get(from_, frozenset()):
        raise NotPossibleError("That is no longer possible: the post has moved on.")
    if not Publication.objects.move(publication.pk, from_, to, person=user, **fields):
        raise NotPossibleError("That is no longer possible: the post has moved on.")
