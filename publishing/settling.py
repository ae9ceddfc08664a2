"""An open question settled by a person who looked: it is on TikTok, it is not, or TikTok is to be asked once more.

Where TikTok may have a post and does not say, nothing is ever sent again but by this word of a person, who is named.
"""

import re
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from accounts.models import User
from composer.consents import claim_media, release_media
from publishing.models import Attempt, AttemptOutcome, Event, EventKind, Gate, Publication
from publishing.polling import last_moment_for_bytes
from publishing.reasons import Reason
from publishing.services import FROM_THE_START, NotPossibleError, move_by_person
from publishing.states import State

# Where TikTok may have it and nothing goes on that would tell.
OPEN_QUESTIONS = frozenset({State.UNCONFIRMED, State.WAITING_RECONNECT})
NOT_THERE = "said_not_there"
_MOVED_ON = "The post has moved on since you looked. See where it stands now."
_POST_PATH = re.compile(r"/@(?P<username>[\w.]+)/(?:video|photo)/(?P<post_id>\d{5,25})/?")


def attempt_in_question(publication: Publication) -> Attempt | None:
    """The attempt that TikTok may have made public, in a publication that waits for somebody to say so; else None."""
    if publication.state not in OPEN_QUESTIONS:
        return None
    return next((attempt for attempt in publication.attempts.all() if attempt.may_be_public), None)


def repeat_is_safe_from(attempt: Attempt, now: datetime) -> datetime | None:
    """Until when a worker that froze could still bring TikTok the last part of this attempt; None when none can."""
    if attempt.way.is_pulled or attempt.upload_finished_at is not None:
        return None
    moment = last_moment_for_bytes(attempt)
    return moment if moment > now else None


def is_asking_possible(publication: Publication, attempt: Attempt) -> bool:
    """Whether TikTok can be asked: it named the attempt, and the account's tokens work."""
    return publication.state == State.UNCONFIRMED and attempt.publish_id is not None


def say_it_is_there(
    publication: Publication, *, attempt_id: str, user: User, now: datetime, link: str = ""
) -> None:
    """Somebody has seen it: published, or for a draft in the inbox; `link` names the post, if it is known.

    Raises NotPossibleError for a link that is no post of this account, or when the post has moved on.
    """
    post_ids = [post_id_in(link, publication)] if link.strip() else []
    with transaction.atomic():
        attempt = _question(publication, attempt_id)
        is_draft = attempt.way.is_inbox
        # TikTok may name the post, or tell what became of the draft, if it can be asked.
        is_asked_further = attempt.publish_id is not None and (is_draft or not post_ids)
        fields: dict[str, Any] = (
            {"delivered_at": now} if is_draft else {"published_at": now, "post_ids": post_ids}
        )
        move_by_person(
            publication,
            State.IN_INBOX if is_draft else State.PUBLISHED,
            user,
            reason=Reason.SAID_BY_PERSON,
            attempt=attempt,
            next_try_at=now if is_asked_further else None,
            tries=0,
            detail={"post_ids": post_ids},
            **fields,
        )
        Attempt.objects.filter(pk=attempt.pk).update(
            outcome=AttemptOutcome.DELIVERED if is_draft else AttemptOutcome.PUBLISHED,
            ended_at=None if is_draft else now,
        )
        release_media(publication.post, now=now)


def send_again(publication: Publication, *, attempt_id: str, user: User, now: datetime) -> None:
    """Somebody has looked and it is not there: that attempt counts as failed, by this word alone, and another begins.

    Raises NotPossibleError while TikTok could still get the rest of it, or when the post has moved on.
    """
    with transaction.atomic():
        attempt = _question(publication, attempt_id)
        wait = repeat_is_safe_from(attempt, now)
        if wait is not None:
            raise NotPossibleError(
                "TikTok could still get the last part of it. Wait until its upload has ended."
            )
        if publication.consent.voided_at is not None:
            raise NotPossibleError("The post was changed after it was agreed to, so it cannot be sent again.")
        move_by_person(
            publication,
            State.SCHEDULED,
            user,
            attempt=attempt,
            due_at=now,
            next_try_at=now,
            attempts_before=publication.attempts.count(),
            detail={"word": NOT_THERE},
            **FROM_THE_START,
        )
        ended = Attempt.objects.filter(pk=attempt.pk)
        ended.filter(gate=Gate.OPEN).update(gate=Gate.REVOKED)
        ended.update(outcome=AttemptOutcome.FAILED, fail_reason=Reason.SAID_BY_PERSON, ended_at=now)
        claim_media(publication.post)


def keep_asking(publication: Publication, *, attempt_id: str, user: User, now: datetime) -> None:
    """Ask TikTok now, and go on as before. Raises NotPossibleError where nobody can be asked."""
    with transaction.atomic():
        attempt = _question(publication, attempt_id)
        if not is_asking_possible(publication, attempt):
            raise NotPossibleError("TikTok cannot be asked about it.")
        # An answer that is just being fetched is as good: the lease stays with whoever has it.
        rows = Publication.objects.filter(pk=publication.pk, state=State.UNCONFIRMED)
        rows.filter(Q(next_try_at__isnull=True) | Q(next_try_at__gt=now)).update(next_try_at=now)
        Event.objects.create(
            publication=publication, attempt=attempt, kind=EventKind.PERSON, name="keep_asking", person=user
        )


def _question(publication: Publication, attempt_id: str) -> Attempt:
    """The attempt the person looked at, with the row locked; refused when it is no longer in question."""
    stored = (
        Publication.objects.select_for_update(of=("self",))
        .select_related("consent", "post")
        .get(pk=publication.pk)
    )
    attempt = attempt_in_question(stored)
    if attempt is None or str(attempt.pk) != attempt_id or stored.state != publication.state:
        raise NotPossibleError(_MOVED_ON)
    return attempt


def post_id_in(link: str, publication: Publication) -> str:
    """The id in a link to a post of this publication's account. Raises NotPossibleError with what is wrong."""
    address = urlsplit(link.strip() if "//" in link else f"https://{link.strip()}")
    host = (address.hostname or "").removeprefix("www.")
    found = _POST_PATH.fullmatch(address.path)
    if host not in _hosts() or found is None:
        raise NotPossibleError(
            "That is no link to a TikTok post. It looks like https://www.tiktok.com/@name/video/7300000000000000000."
        )
    if found["username"].casefold() != publication.account.username.casefold():
        raise NotPossibleError(
            f"That post belongs to @{found['username']}, not to @{publication.account.username}."
        )
    return found["post_id"]


def _hosts() -> set[str]:
    return {"tiktok.com", urlsplit(settings.TIKTOK_AUTH_URL).hostname or ""}
