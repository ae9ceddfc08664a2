"""The ids of what became public: looked for in TikTok's status for as long as one may come, and nowhere else.

They are never guessed from the account's list of videos: two posts may look the same.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from composer.consents import choices_of
from publishing.models import Attempt, Event, EventKind, Publication
from publishing.polling import ask_status, sent_attempt, slower
from publishing.steps import Result, Stay, Step
from tiktok import PrivacyLevel, PublishState

LONGEST_SEARCH = timedelta(days=30)
LONGEST_GAP = timedelta(days=2)


def find_post_id(step: Step) -> Result:
    """Published: a public post's id comes after moderation, minutes or days later, or never.

    Asked with gaps that grow with the post's age, from seconds to two days, for 30 days. An event of TikTok's has it
    asked once, also after that; when it told of a post that has become public, the search begins anew.
    """
    publication = step.publication
    attempt = sent_attempt(step)
    looked_for_since = _looked_for_since(publication, attempt, publication.post_ids)
    if publication.hinted_at is None and not _goes_on(looked_for_since, step.now):
        return Stay(fields={"next_try_at": None})
    state = ask_status(step, attempt)
    if isinstance(state, Stay):
        return state
    if not isinstance(state, PublishState):
        # TikTok does not tell (any more); what is published stays so.
        return _stay(step, looked_for_since, LONGEST_GAP)
    new_ids = [post_id for post_id in state.post_ids if post_id not in publication.post_ids]
    post_ids = [*publication.post_ids, *new_ids]
    looked_for_since = _looked_for_since(publication, attempt, post_ids)
    if not new_ids:
        return _stay(step, looked_for_since)

    def write() -> None:
        Event.objects.create(
            publication=publication,
            attempt=attempt,
            kind=EventKind.CALL,
            name="post_id_found",
            tiktok_log_id=state.log_id,
            detail={"post_ids": post_ids},
        )

    stay = _stay(step, looked_for_since)
    return Stay(after=stay.after, fields={**stay.fields, "post_ids": post_ids}, write=write)


def _stay(step: Step, looked_for_since: datetime | None, gap: timedelta | None = None) -> Stay:
    """The next question, or none; the hint has been followed."""
    fields: dict[str, Any] = {"hinted_at": None}
    if looked_for_since is None or not _goes_on(looked_for_since, step.now):
        return Stay(fields={**fields, "next_try_at": None})
    after = gap.total_seconds() if gap else slower(step.now - looked_for_since, longest=LONGEST_GAP)
    return Stay(after=after, fields=fields)


def _goes_on(looked_for_since: datetime | None, now: datetime) -> bool:
    return looked_for_since is not None and now - looked_for_since <= LONGEST_SEARCH


def _looked_for_since(
    publication: Publication, attempt: Attempt, post_ids: Collection[str]
) -> datetime | None:
    """Since when an id may be missing; None when none is."""
    beginnings = []
    if attempt.way.is_inbox:
        # A draft may be posted several times, for whom only its creator knows.
        beginnings.append(publication.delivered_at or publication.published_at)
    elif choices_of(publication.consent).privacy_level == PrivacyLevel.PUBLIC_TO_EVERYONE and not post_ids:
        beginnings.append(publication.published_at)
    beginnings += [
        change.at
        for change in publication.visibility_changes.all()
        if change.is_public and change.post_id not in post_ids
    ]
    return max((at for at in beginnings if at is not None), default=None)
