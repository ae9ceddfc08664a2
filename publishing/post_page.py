"""Gathers what the page of one post shows: where it stands, why, what may be pressed, what was agreed."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from accounts.models import AccountState
from composer.consents import choices_of
from composer.models import Post
from composer.rules import PRIVACY_LABELS, PROCESSING_NOTICE, Choices
from publishing.explanations import Explanation, explain, explain_open_question
from publishing.listing import ON_THE_WAY
from publishing.models import Attempt, Publication
from publishing.presentation import (
    Chip,
    Link,
    Pill,
    advice_for,
    bytes_words,
    chip_of,
    is_account_ready,
    is_scheduled_ahead,
    last_attempt,
    length_words,
    link_note,
    may_be_out,
    pill_of,
    poll_seconds,
    poster_url_of,
    sent_publication,
    tiktok_link,
    title_of,
)
from publishing.services import is_cancel_possible, is_reopen_possible, is_retry_possible
from publishing.states import HUMAN_MOVES, State
from publishing.timeline import Timeline, status_words, timeline_of
from tiktok.types import PublishStatus

# A missing permission is given on TikTok's page, while the account itself is connected and well.
_PERMISSION_CODES = frozenset(
    {"missing_scope", "scope_not_authorized", "scope_permission_missed", "auth_removed"}
)
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
    next_try_at: datetime | None
    status: str
    few_minutes: str


@dataclass(frozen=True)
class Trouble:
    """Why it rests: the explanation, what TikTok's rules said in particular, and what to quote to TikTok."""

    explanation: Explanation
    kind: str
    particulars: tuple[str, ...]
    retry_words: str
    log_id: str
    publish_id: str


@dataclass(frozen=True)
class Actions:
    """What may be pressed now; `primary` names the one to press first."""

    can_try_again: bool
    can_cancel: bool
    can_reopen: bool
    can_reconnect: bool
    why_no_cancel: str
    primary: str


@dataclass(frozen=True)
class Agreement:
    """What was agreed to, by whom, and what was read on the way."""

    by: str
    at: datetime
    choices: tuple[tuple[str, str], ...]
    declaration: str


@dataclass(frozen=True)
class Preview:
    """The very file that was, or will be, sent."""

    video_url: str
    poster_url: str
    caption: str
    label: str
    name: str
    length: str
    size: str


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
    trouble: Trouble | None
    actions: Actions
    timeline: Timeline
    agreement: Agreement
    preview: Preview
    poll_seconds: int | None


def page_of(post: Post, *, now: datetime) -> PostPage | None:
    """The page of a post loaded by `listing.post_in_full`; None for a draft, which the composer shows."""
    publication = sent_publication(post)
    if publication is None:
        return None
    state = State(publication.state)
    attempt = last_attempt(publication)
    is_out = state in {State.PUBLISHED, State.IN_INBOX}
    choices = choices_of(publication.consent)
    return PostPage(
        pk=post.pk,
        account_pk=publication.account_id,
        title=title_of(choices),
        chip=chip_of(publication),
        pill=pill_of(publication, now=now),
        standing=_standing(publication, attempt, now=now),
        link=tiktok_link(publication) if is_out or may_be_out(publication) else None,
        link_note=link_note(publication) if state == State.PUBLISHED and not publication.post_ids else "",
        trouble=_trouble(publication, attempt) if state in _EXPLAINED else None,
        actions=_actions(publication),
        timeline=timeline_of(publication),
        agreement=_agreement(publication, choices),
        preview=_preview(publication, choices),
        poll_seconds=poll_seconds(publication, now=now),
    )


def _standing(publication: Publication, attempt: Attempt | None, *, now: datetime) -> Standing:
    state = State(publication.state)
    return Standing(
        headline=pill_of(publication, now=now).label,
        sentence=_sentence(publication, now=now),
        bar=_bar(attempt) if state == State.UPLOADING else None,
        next_try_at=_next_try_at(publication, now=now),
        status=_status(state, attempt.remote_status if attempt else ""),
        few_minutes=PROCESSING_NOTICE if state in ON_THE_WAY else "",
    )


def _sentence(publication: Publication, *, now: datetime) -> str:
    match State(publication.state):
        case State.SCHEDULED if not is_scheduled_ahead(publication, now=now):
            return "A worker takes it up in a moment. You can close this page; it goes on."
        case State.STARTING:
            return "TikTok is asked what this account may post now, and the file is checked once more."
        case State.UPLOADING:
            return "The file goes to TikTok part by part. You can close this page; sending goes on."
        case State.PROCESSING:
            return "Nothing to do. You can close this page."
        case State.PUBLISHED:
            return "TikTok says that the post is out."
        case State.CANCELLED:
            return "It was stopped in time, nothing was published. To send it after all, try again or edit it first."
        case State.HELD if may_be_out(publication):
            return "The whole file had been sent before, so the post may be on TikTok."
        case State.HELD | State.FAILED:
            return "Nothing was published."
        case State.WAITING_RECONNECT:
            return "It waits, and goes on by itself once the account is reconnected."
        case State.UNCONFIRMED:
            return "TikTok has the whole file. Whether the post is out, nobody has told us."
        case _:
            return advice_for(publication, now=now)


def _status(state: State, remote_status: str) -> str:
    """TikTok's own status in words, where it says something that the state does not."""
    if state == State.PROCESSING:
        return status_words(remote_status) if remote_status else "TikTok has the whole file."
    is_unheard_of = bool(remote_status) and remote_status not in list(PublishStatus)
    return status_words(remote_status) if state == State.UNCONFIRMED and is_unheard_of else ""


def _bar(attempt: Attempt | None) -> Bar:
    if attempt is None:
        return Bar(0, 1, "")
    figure = f"{bytes_words(attempt.bytes_sent)} of {bytes_words(attempt.total_bytes)}"
    return Bar(attempt.bytes_sent, attempt.total_bytes, figure)


def _next_try_at(publication: Publication, *, now: datetime) -> datetime | None:
    """When the next step is due, where the wait is worth a word: for its time, or after a fruitless try."""
    due = publication.next_try_at
    is_worth_a_word = is_scheduled_ahead(publication, now=now) or (
        publication.tries > 0 and publication.state in {State.STARTING, State.UPLOADING}
    )
    return due if due is not None and due > now and is_worth_a_word else None


def _trouble(publication: Publication, attempt: Attempt | None) -> Trouble:
    moves = [event for event in publication.events.all() if event.to_state == publication.state]
    detail = moves[-1].detail if moves else {}
    state = State(publication.state)
    return Trouble(
        explanation=(explain_open_question if may_be_out(publication) else explain)(publication.reason),
        kind="danger" if state == State.FAILED else "warn",
        particulars=tuple(str(text) for text in detail.get("blocks", ())),
        retry_words=_retry_words(publication),
        log_id=str(publication.tiktok_log_id or detail.get("log_id") or ""),
        publish_id=(attempt.publish_id or "") if attempt else "",
    )


def _retry_words(publication: Publication) -> str:
    """Whether pressing *Try again* is safe, and when; nothing where the person goes on otherwise anyway."""
    explanation = explain(publication.reason)
    match State(publication.state):
        case _ if may_be_out(publication):
            return "Not safe: it could post twice."
        case State.HELD | State.FAILED if explanation.is_retry_safe:
            return f"Safe, it cannot post twice. {explanation.retry_hint}"
        case State.FAILED:
            return "Not offered: the same post would most likely end the same way."
        case _:
            return ""


def _actions(publication: Publication) -> Actions:
    state = State(publication.state)
    is_ready = is_account_ready(publication)
    can_reopen = is_reopen_possible(publication)
    account = publication.account
    lacks_permission = (
        publication.reason in _PERMISSION_CODES
        and account.state == AccountState.CONNECTED
        and account.connected_at <= publication.updated_at
    )
    can_reconnect = (
        state in {State.HELD, State.WAITING_RECONNECT, State.FAILED}
        and account.workspace_id == publication.workspace_id
        and (account.state == AccountState.NEEDS_RECONNECT or lacks_permission)
    )
    can_try_again = (
        is_ready
        and publication.consent.voided_at is None
        and is_retry_possible(publication)
        and not may_be_out(publication)
    )
    can_cancel = is_cancel_possible(publication)
    is_too_late = State.CANCELLED in HUMAN_MOVES.get(state, frozenset()) and not can_cancel
    ranking = (("reconnect", can_reconnect), ("try-again", can_try_again), ("reopen", can_reopen))
    rests = state in {State.HELD, State.WAITING_RECONNECT, State.FAILED}
    return Actions(
        can_try_again=can_try_again,
        can_cancel=can_cancel,
        can_reopen=can_reopen,
        can_reconnect=can_reconnect,
        why_no_cancel=_why_no_cancel(state, is_too_late=is_too_late),
        primary=next((name for name, is_possible in ranking if is_possible), "") if rests else "",
    )


def _why_no_cancel(state: State, *, is_too_late: bool) -> str:
    if state == State.PROCESSING:
        return "TikTok has the whole file, so it can no longer be cancelled."
    return "The last part is on its way to TikTok, so it can no longer be cancelled." if is_too_late else ""


def _agreement(publication: Publication, choices: Choices) -> Agreement:
    consent = publication.consent
    return Agreement(
        by=str(consent.given_by),
        at=consent.given_at,
        choices=(
            ("Who can view", PRIVACY_LABELS.get(choices.privacy_level, choices.privacy_level)),
            ("Allowed", _allowed_words(choices)),
            ("Commercial content", _disclosure_words(choices)),
        ),
        declaration=consent.declaration,
    )


def _allowed_words(choices: Choices) -> str:
    allowed = [
        word
        for word, is_allowed in (
            ("Comment", choices.allow_comment),
            ("Duet", choices.allow_duet),
            ("Stitch", choices.allow_stitch),
        )
        if is_allowed
    ]
    return ", ".join(allowed) or "Nothing"


def _disclosure_words(choices: Choices) -> str:
    kinds = [
        word
        for word, is_chosen in (
            ("Your brand", choices.is_your_brand),
            ("Branded content", choices.is_branded_content),
        )
        if is_chosen
    ]
    return ", ".join(kinds) or "Not disclosed"


def _label_words(choices: Choices) -> str:
    """The label TikTok puts on the post (points 3a-iv, 3a-vi and 3a-vii of the guideline)."""
    if choices.is_branded_content:
        return "Paid partnership"
    return "Promotional content" if choices.is_your_brand else ""


def _preview(publication: Publication, choices: Choices) -> Preview:
    media = publication.consent.media
    return Preview(
        video_url=reverse("composer:media-file", args=[media.pk]),
        poster_url=poster_url_of(media),
        caption=choices.caption,
        label=_label_words(choices),
        name=media.original_name,
        length=length_words(media.duration_ms),
        size=bytes_words(media.size_bytes),
    )
