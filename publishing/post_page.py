"""Gathers what the page of one post shows: where it stands, why, what may be pressed, what was agreed."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from composer.consents import choices_of
from composer.models import Post
from composer.rules import PROCESSING_NOTICE
from publishing.actions import Actions, actions_of
from publishing.agreement import Agreement, Preview, agreement_of, preview_of
from publishing.caps import TOO_MANY_POSTS
from publishing.due_words import DueWords, due_words_of
from publishing.evidence import Question, question_of
from publishing.explanations import Explanation, explain, explain_open_question
from publishing.fetched import Fetched, fetched_of
from publishing.inbox import WATCHED_FOR
from publishing.kinds import Kind, kind_of
from publishing.listing import ON_THE_WAY
from publishing.models import Attempt, Publication
from publishing.naming import title_of
from publishing.presentation import (
    WAITING_SENTENCES,
    Chip,
    Link,
    Pill,
    advice_for,
    bytes_words,
    chip_of,
    is_scheduled_ahead,
    last_attempt,
    link_note,
    may_be_out,
    pill_of,
    poll_seconds,
    sent_publication,
    tiktok_link,
    waits_for_room,
)
from publishing.reasons import Reason
from publishing.scheduling import has_missed
from publishing.states import State
from publishing.timeline import Timeline, status_words, timeline_of
from publishing.visibility import Visibility, visibility_of
from tiktok.types import PublishStatus

# Less is over before anybody has read of it.
A_MOMENT = timedelta(seconds=2)
_EXPLAINED = frozenset({State.HELD, State.WAITING_RECONNECT, State.UNCONFIRMED, State.FAILED})


@dataclass(frozen=True)
class Bar:
    """Bytes on their way."""

    value: int
    max: int
    figure: str


@dataclass(frozen=True)
class Standing:
    """Where the post stands now, in one sentence each."""

    headline: str
    sentence: str
    bar: Bar | None
    due: DueWords | None
    next_try_at: datetime | None
    resting_account: int | None  # whose pause a person may end
    status: str
    few_minutes: str


@dataclass(frozen=True)
class Trouble:
    """Why it rests: the explanation, what TikTok's rules said in particular, and what to quote to TikTok.

    `retry_at` is when another try may go well, where that is known.
    """

    explanation: Explanation
    kind: str
    particulars: tuple[str, ...]
    retry_words: str
    retry_at: datetime | None
    log_id: str
    publish_id: str


@dataclass(frozen=True)
class Inbox:
    """A draft that waits for its creator: until when TikTok is asked what became of it."""

    needs_new_app: bool
    asked_until: datetime
    days_left: int


@dataclass(frozen=True)
class PostPage:
    """Everything on the page of one post."""

    pk: int
    account_pk: int
    title: str
    chip: Chip
    pill: Pill
    standing: Standing
    link: Link | None
    link_note: str
    visibility: Visibility | None
    trouble: Trouble | None
    actions: Actions
    timeline: Timeline
    agreement: Agreement
    preview: Preview
    kind: Kind
    inbox: Inbox | None
    fetched: Fetched | None
    question: Question | None
    poll_seconds: int | None

    @property
    def bytes_label(self) -> str:
        """What the bar counts."""
        return "Bytes sent" if self.fetched is None else "Bytes fetched by TikTok"


def page_of(post: Post, *, now: datetime, own_zone: str = "") -> PostPage | None:
    """The page of a post loaded by `listing.post_in_full`; None for a draft, which the composer shows.

    `own_zone` is the reader's, empty when they chose none.
    """
    publication = sent_publication(post)
    if publication is None:
        return None
    state = State(publication.state)
    attempt = last_attempt(publication)
    is_out = state in {State.PUBLISHED, State.IN_INBOX}
    kind = kind_of(publication, attempt)
    return PostPage(
        pk=post.pk,
        account_pk=publication.account_id,
        title=title_of(choices_of(publication.consent)),
        chip=chip_of(publication),
        pill=pill_of(publication, now=now),
        standing=_standing(publication, attempt, kind, now=now, own_zone=own_zone),
        link=tiktok_link(publication) if is_out or may_be_out(publication) else None,
        link_note=link_note(publication) if state == State.PUBLISHED and not publication.post_ids else "",
        visibility=visibility_of(publication),
        trouble=_trouble(publication, attempt) if state in _EXPLAINED else None,
        actions=actions_of(publication, kind, now=now),
        timeline=timeline_of(publication, now=now),
        agreement=agreement_of(publication, kind),
        preview=preview_of(publication, kind),
        kind=kind,
        inbox=_inbox(publication, kind, now=now),
        fetched=fetched_of(attempt),
        question=question_of(publication, kind, now=now),
        poll_seconds=poll_seconds(publication, now=now),
    )


def _inbox(publication: Publication, kind: Kind, *, now: datetime) -> Inbox | None:
    if publication.state != State.IN_INBOX or publication.delivered_at is None:
        return None
    asked_until = publication.delivered_at + WATCHED_FOR
    return Inbox(
        needs_new_app=kind.has_photos,
        asked_until=asked_until,
        days_left=max(0, ceil((asked_until - now) / timedelta(days=1))),
    )


def _standing(
    publication: Publication, attempt: Attempt | None, kind: Kind, *, now: datetime, own_zone: str
) -> Standing:
    state = State(publication.state)
    return Standing(
        headline=pill_of(publication, now=now).label,
        sentence=_sentence(publication, kind, now=now),
        bar=_bar(state, attempt),
        due=_due(publication, now=now, own_zone=own_zone),
        next_try_at=_next_try_at(publication, now=now),
        resting_account=publication.account_id
        if waits_for_room(publication) and publication.reason == TOO_MANY_POSTS
        else None,
        status=_status(state, attempt.remote_status if attempt else "", kind),
        few_minutes=PROCESSING_NOTICE if state in ON_THE_WAY and not kind.is_inbox else "",
    )


def _sentence(publication: Publication, kind: Kind, *, now: datetime) -> str:
    if publication.reason == Reason.SAID_BY_PERSON:
        return f"Somebody looked and said that it is {'in the inbox' if kind.is_inbox else 'on TikTok'}."
    if publication.waiting_for in WAITING_SENTENCES:
        return WAITING_SENTENCES[publication.waiting_for]
    if may_be_out(publication):
        return _open_question_words(State(publication.state))
    match State(publication.state):
        case State.SCHEDULED if not is_scheduled_ahead(publication, now=now):
            return (
                "It is taken up as soon as a worker is free. You can close this page; it goes on by itself."
            )
        case State.STARTING:
            return _room_words(publication) if waits_for_room(publication) else _starting_words(kind)
        case State.UPLOADING:
            return "The file goes to TikTok part by part. You can close this page; sending goes on."
        case State.PROCESSING:
            return _processing_words(publication)
        case State.PUBLISHED:
            return f"TikTok says that {'the creator has posted it' if kind.is_inbox else 'the post is out'}."
        case State.CANCELLED:
            return "It was stopped in time, nothing was published. To send it after all, try again or edit it first."
        case State.HELD | State.FAILED:
            return "Nothing was published."
        case State.WAITING_RECONNECT:
            return "It waits, and goes on by itself once the account is reconnected."
        case _:
            return advice_for(publication, now=now)


def _room_words(publication: Publication) -> str:
    why = (
        "TikTok takes no more posts for this account right now"
        if publication.reason == TOO_MANY_POSTS
        else "TikTok lets only so many creators post from here in 24 hours, and this one is not among them yet"
    )
    return (
        f"{why}, so it waits its turn. If it would then go out later than your workspace allows, it is held, and you "
        "decide."
    )


def _open_question_words(state: State) -> str:
    match state:
        case State.HELD:
            return "TikTok had everything before, so the post may be on TikTok."
        case State.WAITING_RECONNECT:
            return (
                "TikTok has everything, and can be asked what became of it once the account is reconnected."
            )
        case _:
            return "TikTok has everything. Whether the post is out, nobody has told us."


def _starting_words(kind: Kind) -> str:
    are = "are" if kind.count > 1 else "is"
    if kind.is_inbox:
        return f"The {kind.files} {are} checked once more, then TikTok is told of the draft."
    return f"TikTok is asked what this account may post now, and the {kind.files} {are} checked once more."


def _processing_words(publication: Publication) -> str:
    if publication.cancel_asked_at is None:
        return "Nothing to do. You can close this page."
    match publication.cancel_answer:
        case "":
            return "TikTok is being asked to cancel it. Whether it still can, its answer tells."
        case "ok":
            return "TikTok was asked to cancel it and agreed. Whether that was in time, its status tells."
        case _:
            return "TikTok can no longer cancel it, so it goes on."


def _status(state: State, remote_status: str, kind: Kind) -> str:
    """TikTok's own status in words, where it says something that the state does not."""
    if state == State.PROCESSING:
        if remote_status:
            return status_words(remote_status)
        return "TikTok fetches what it needs from us." if kind.is_pulled else "TikTok has the whole file."
    is_unheard_of = bool(remote_status) and remote_status not in list(PublishStatus)
    return status_words(remote_status) if state == State.UNCONFIRMED and is_unheard_of else ""


def _bar(state: State, attempt: Attempt | None) -> Bar | None:
    """Bytes on their way, sent by us or fetched by TikTok; nothing once TikTok has them all."""
    if state == State.PROCESSING:
        fetched = fetched_of(attempt)
        is_going_on = fetched is not None and fetched.whole < len(fetched.files)
        return Bar(fetched.value, fetched.max, fetched.figure) if fetched and is_going_on else None
    if state != State.UPLOADING:
        return None
    if attempt is None:
        return Bar(0, 1, "")
    figure = f"{bytes_words(attempt.bytes_sent)} of {bytes_words(attempt.total_bytes)}"
    return Bar(attempt.bytes_sent, attempt.total_bytes, figure)


def _due(publication: Publication, *, now: datetime, own_zone: str) -> DueWords | None:
    """When it goes out, or was to go out, where that is what the page is about."""
    if is_scheduled_ahead(publication, now=now) or has_missed(publication):
        return due_words_of(publication, own_zone=own_zone, now=now)
    return None


def _next_try_at(publication: Publication, *, now: datetime) -> datetime | None:
    """When the next step is due, where the wait is worth a word: after a fruitless try."""
    due = publication.next_try_at
    is_worth_a_word = publication.tries > 0 and publication.state in {State.STARTING, State.UPLOADING}
    return due if due is not None and due > now + A_MOMENT and is_worth_a_word else None


def _trouble(publication: Publication, attempt: Attempt | None) -> Trouble:
    moves = [event for event in publication.events.all() if event.to_state == publication.state]
    detail = moves[-1].detail if moves else {}
    state = State(publication.state)
    has_photos = publication.consent.media.is_photo
    return Trouble(
        explanation=(explain_open_question if may_be_out(publication) else explain)(
            publication.reason, has_photos=has_photos
        ),
        kind="danger" if state == State.FAILED else "warn",
        particulars=_particulars(detail),
        retry_words=_retry_words(publication),
        retry_at=datetime.fromisoformat(detail["room_at"]) if detail.get("room_at") else None,
        log_id=str(publication.tiktok_log_id or detail.get("log_id") or ""),
        publish_id=(attempt.publish_id or "") if attempt else "",
    )


def _particulars(detail: dict[str, Any]) -> tuple[str, ...]:
    """What is known besides: which rules, and which of several files."""
    of_a_file = [f"It is about {detail['file']}."] if detail.get("file") else []
    return (*(str(text) for text in detail.get("blocks", ())), *of_a_file)


def _retry_words(publication: Publication) -> str:
    """Whether pressing *Try again* is safe, and when; nothing where the person goes on otherwise anyway."""
    explanation = explain(publication.reason)
    match State(publication.state):
        case _ if may_be_out(publication):
            return "Only after a look at the profile: else it could post twice."
        case State.HELD | State.FAILED if explanation.is_retry_safe:
            return f"Safe, it cannot post twice. {explanation.retry_hint}"
        case State.FAILED:
            return "Not offered: the same post would most likely end the same way."
        case _:
            return ""
