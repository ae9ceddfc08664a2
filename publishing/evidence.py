"""What is known about a post that TikTok may have: the evidence a person decides by, and what they may answer."""

from dataclasses import dataclass
from datetime import datetime

from publishing.fetched import fetched_of
from publishing.kinds import Kind
from publishing.models import Attempt, Publication
from publishing.presentation import Link, bytes_words, profile_link
from publishing.settling import attempt_in_question, is_asking_possible, repeat_is_safe_from
from publishing.timeline import status_words


@dataclass(frozen=True)
class Question:
    """Is it on TikTok? `sent_at`: since when it may be; `repeat_from`: when it may be sent again, None for now."""

    attempt_id: str
    profile: Link
    is_draft: bool
    sent: str
    sent_at: datetime | None
    status: str
    status_at: datetime | None
    log_id: str
    publish_id: str
    repeat_from: datetime | None
    can_ask: bool
    why_not_asked: str
    is_account_dead: bool

    @property
    def place(self) -> str:
        """Where to look."""
        return "in the TikTok inbox" if self.is_draft else "on TikTok"


def question_of(publication: Publication, kind: Kind, *, now: datetime) -> Question | None:
    """None where TikTok cannot have it, or where something goes on by itself that will tell."""
    attempt = attempt_in_question(publication)
    if attempt is None:
        return None
    can_ask = is_asking_possible(publication, attempt)
    is_dead = publication.state != "unconfirmed"
    return Question(
        attempt_id=str(attempt.pk),
        profile=profile_link(publication),
        is_draft=attempt.way.is_inbox,
        sent=_sent_words(attempt, kind),
        sent_at=attempt.upload_finished_at or attempt.final_intent_at or attempt.gate_opened_at,
        status=status_words(attempt.remote_status)
        if attempt.remote_status
        else "TikTok has never told us one.",
        status_at=attempt.remote_status_at,
        log_id=attempt.tiktok_log_id or publication.tiktok_log_id,
        publish_id=attempt.publish_id or "",
        repeat_from=repeat_is_safe_from(attempt, now),
        can_ask=can_ask,
        why_not_asked="" if can_ask else _why_not_asked(is_dead=is_dead),
        is_account_dead=is_dead,
    )


def _why_not_asked(*, is_dead: bool) -> str:
    if is_dead:
        return "TikTok can be asked again once the account is reconnected; that alone may settle it."
    return "TikTok cannot be asked: its answer to the announcement, with the id to ask by, was lost."


def _sent_words(attempt: Attempt, kind: Kind) -> str:
    fetched = fetched_of(attempt)
    if fetched is not None:
        return f"TikTok fetched {fetched.whole} of {len(fetched.files)} {kind.files} whole, {fetched.figure}."
    if attempt.way.is_pulled:
        return f"TikTok was told where to fetch the {kind.files}."
    whole = bytes_words(attempt.total_bytes)
    if attempt.upload_finished_at is not None:
        return f"The whole file, {whole}. TikTok confirmed every part."
    return (
        f"The whole file, {whole}. TikTok confirmed all but the last part; whether that arrived is not known."
    )
