"""Tells a publication's history in words: a line per event that means something to a person, oldest first."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from composer.consents import choices_of
from composer.rules import PRIVACY_LABELS
from publishing.due_words import said_of
from publishing.explanations import explain, explain_open_question
from publishing.fetched import fetched_of
from publishing.kinds import Kind, kind_of
from publishing.models import Attempt, Event, EventKind, Publication
from publishing.presentation import STATE_WORDS, bytes_words, is_scheduled_ahead, last_attempt
from publishing.reasons import Reason
from publishing.services import time_detail
from publishing.settling import NOT_THERE
from publishing.states import State
from publishing.visibility import named_changes
from tiktok.types import PublishStatus


@dataclass(frozen=True)
class Moment:
    """One line: what happened, or (without `at`) what is going on or still to come.

    `tone` is "good", "busy", "warn", "bad", "next" or empty.
    """

    title: str
    text: str = ""
    at: datetime | None = None
    tone: str = ""


@dataclass(frozen=True)
class Timeline:
    """The whole history, oldest first, then what goes on now and what comes next."""

    moments: tuple[Moment, ...]


STATUS_WORDS: dict[str, str] = {
    PublishStatus.PROCESSING_UPLOAD: "TikTok has the upload and is working on it.",
    PublishStatus.PROCESSING_DOWNLOAD: "TikTok is fetching what it needs, and working on it.",
    PublishStatus.SEND_TO_USER_INBOX: "TikTok has put it into the creator's inbox.",
    PublishStatus.PUBLISH_COMPLETE: "TikTok says that it is published.",
    PublishStatus.FAILED: "TikTok says that it failed.",
}


def status_words(status: str) -> str:
    """TikTok's status word as a sentence; a word it never documented is shown as it came."""
    return STATUS_WORDS.get(status) or f"TikTok says “{status}”, a word it does not explain."


def timeline_of(publication: Publication, *, now: datetime) -> Timeline:
    """Everything that happened to a publication; reads only prefetched attempts and events."""
    attempts = {attempt.pk: attempt for attempt in publication.attempts.all()}
    events = list(publication.events.all())
    kind = kind_of(publication, last_attempt(publication))
    told = [
        *_told(publication, events, attempts),
        *_fetched(attempts.values()),
        *_seen(publication),
    ]
    # Events are in their order already; what TikTok fetched, and told of itself, falls between them.
    told.sort(key=lambda moment: moment.at or publication.created_at)
    return Timeline(
        (
            _beginning(publication, events, kind),
            *_without_repeats(iter(told)),
            *_what_goes_on(publication, kind, now=now),
        )
    )


def _beginning(publication: Publication, events: list[Event], kind: Kind) -> Moment:
    # Posting again after an edit is an event of its own, and consent then is newer than the beginning.
    was_posted_again = any(event.from_state == State.DRAFT for event in events)
    text = "" if was_posted_again else f"{publication.consent.giver} agreed to every choice."
    first = _first_time(publication, events)
    if first:
        text = f"{text} It is to go out {first}.".strip()
        return Moment("Schedule was pressed", text, publication.created_at, "good")
    button = "Send to TikTok inbox" if kind.is_inbox else "Post to TikTok"
    return Moment(f"{button} was pressed", text, publication.created_at, "good")


def _first_time(publication: Publication, events: list[Event]) -> str:
    """For when it was scheduled at first, by what the first change replaced; empty for one that went out at once."""
    was = next((event.detail["was"] for event in events if "was" in event.detail), None)
    if was is not None:
        is_ahead = datetime.fromisoformat(was["due_at"]) > publication.created_at
        return said_of(was) if is_ahead else ""
    if any(event.kind == EventKind.PERSON and event.to_state == State.SCHEDULED for event in events):
        return ""  # sent again since, without a word of when it was to go out
    is_ahead = publication.due_at > publication.created_at
    return said_of(time_detail(publication.due_at, publication.time_zone)) if is_ahead else ""


def _fetched(attempts: Iterable[Attempt]) -> Iterator[Moment]:
    """What TikTok got from us: when it began, and when it had everything; reads prefetched files."""
    for attempt in attempts:
        fetched = fetched_of(attempt)
        if fetched is None:
            continue
        began = [file.first_at for file in fetched.files if file.first_at is not None]
        if began:
            yield Moment(
                "TikTok began to fetch", _files_words(len(fetched.files), attempt), min(began), "good"
            )
        ends = [file.last_at for file in fetched.files if file.is_whole and file.last_at is not None]
        if len(ends) == len(fetched.files):
            requests = sum(file.requests for file in fetched.files)
            text = f"{bytes_words(fetched.max)} in {requests} request{'s' if requests > 1 else ''}."
            yield Moment("TikTok has fetched everything", text, max(ends), "good")


def _seen(publication: Publication) -> Iterator[Moment]:
    """When it became public, and ceased to be, by TikTok's own times; reads prefetched changes."""
    for change in named_changes(publication):
        text = f"Post {change.post_id}." if len(publication.post_ids) > 1 else ""
        if change.is_public:
            yield Moment("Visible to everyone", text, change.at, "good")
        else:
            yield Moment("No longer public", text or "TikTok says so, not why.", change.at, "warn")


def _files_words(count: int, attempt: Attempt) -> str:
    if not attempt.way.has_photos:
        return "From an address of its own that works for this attempt only."
    what = "1 photo" if count == 1 else f"{count} photos"
    return f"{what}, each from an address of its own that works for this attempt only."


def _told(publication: Publication, events: list[Event], attempts: dict[UUID, Attempt]) -> Iterator[Moment]:
    kind = kind_of(publication, last_attempt(publication))
    for index, event in enumerate(events):
        following = events[index + 1] if index + 1 < len(events) else None
        attempt = attempts.get(event.attempt_id) if event.attempt_id else None
        if event.kind == EventKind.CALL:
            moment = _call(event, following)
        elif event.kind == EventKind.PERSON:
            moment = _person(event)
        else:
            moment = _move(publication, event, attempt, kind)
            if following is None and event.code:
                moment = replace(moment, text="")  # where it rests now, the page explains at length
        if moment is not None:
            yield replace(moment, at=event.at)


def _person(event: Event) -> Moment:
    who = f"By {event.person}." if event.person else "By somebody who has left."
    if event.name == "cancel_asked":
        return Moment("Cancel was pressed", f"{who} TikTok may have it in reach, so TikTok is asked.")
    if event.name == "keep_asking":
        return Moment("Keep asking was pressed", f"{who} TikTok is asked once more.")
    match event.to_state:
        case State.PUBLISHED:
            return Moment("Said to be on TikTok", f"{who} TikTok itself had not said so.", tone="good")
        case State.IN_INBOX:
            return Moment("Said to be in the inbox", f"{who} TikTok itself had not said so.", tone="good")
        case State.SCHEDULED:
            return Moment(_sent_by_person(event), who, tone=_tone_of_sending(event))
        case State.CANCELLED:
            return Moment("Cancelled", f"{who} Nothing was published.")
        case State.DRAFT:
            return Moment("Taken back to be edited", who)
        case state:
            return Moment(STATE_WORDS.get(state, state), who)


def _sent_by_person(event: Event) -> str:
    """What a person did that put it into the schedule."""
    detail = event.detail
    if detail.get("word") == NOT_THERE:
        return "Said not to be on TikTok, and sent again"
    if event.from_state == State.DRAFT:
        how = f"scheduled for {said_of(detail)}" if "due_at" in detail else "posted again"
        return f"Changed, agreed to and {how}"
    if detail.get("is_now"):
        return "Post now was pressed"
    return f"Rescheduled for {said_of(detail)}" if "due_at" in detail else "Try again was pressed"


def _tone_of_sending(event: Event) -> str:
    return "warn" if event.detail.get("word") == NOT_THERE else "good"


def _move(publication: Publication, event: Event, attempt: Attempt | None, kind: Kind) -> Moment:
    is_open_question = event.to_state == State.UNCONFIRMED
    why = (explain_open_question if is_open_question else explain)(event.code, has_photos=kind.has_photos)
    match event.to_state:
        case State.STARTING | State.UPLOADING | State.PROCESSING as state:
            return _step(event, attempt, State(state), kind)
        case State.PUBLISHED if kind.is_inbox:
            return Moment("Published", "The creator has posted it in TikTok.", tone="good")
        case State.PUBLISHED:
            level = choices_of(publication.consent).privacy_level
            return Moment("Published", f"Who can view: {PRIVACY_LABELS.get(level, level)}.", tone="good")
        case State.IN_INBOX:
            return Moment("Delivered to the TikTok inbox", "The creator finishes it there.", tone="good")
        case State.CANCELLED:
            return Moment("Cancelled", "Nothing was published.")
        case State.HELD | State.WAITING_RECONNECT | State.UNCONFIRMED as state:
            return Moment(f"{STATE_WORDS[state]}: {_lower_first(why.title)}", why.what_happened, tone="warn")
        case State.FAILED:
            return Moment(f"Failed: {_lower_first(why.title)}", why.what_happened, tone="bad")
        case state:
            return Moment(STATE_WORDS.get(state, state))


def _step(event: Event, attempt: Attempt | None, to: State, kind: Kind) -> Moment:
    """A move on the way."""
    match to:
        case State.STARTING if event.from_state in {State.UPLOADING, State.PROCESSING}:
            because = str(event.detail.get("fail_reason") or event.detail.get("because") or "")
            return Moment(
                "A new attempt begins", f"{explain(because).title}." if because else "", tone="warn"
            )
        case State.STARTING if event.from_state == State.WAITING_RECONNECT:
            return Moment("The account works again", "It goes on where it stopped.", tone="good")
        case State.STARTING:
            return Moment("A worker took it up", f"It {_asks(kind)}checks the {kind.files}.", tone="good")
        case State.UPLOADING if event.from_state == State.WAITING_RECONNECT:
            return Moment("The account works again", "Sending goes on where it stopped.", tone="good")
        case State.UPLOADING:
            return Moment("TikTok is ready for the file", tone="good")
        case State.PROCESSING if event.from_state == State.WAITING_RECONNECT:
            return Moment("The account works again", "TikTok is asked how far it is.", tone="good")
        case _ if event.from_state == State.STARTING:
            return Moment(f"TikTok confirmed that it fetches the {kind.files}", tone="good")
        case _:
            return _sent(event, attempt)


def _asks(kind: Kind) -> str:
    return "" if kind.is_inbox else "asks TikTok about the account and "


def _sent(event: Event, attempt: Attempt | None) -> Moment:
    if "answer" in event.detail or "status" in event.detail:
        return Moment(
            "The last part went out, its arrival is unknown",
            "TikTok's status will tell; nothing is sent twice.",
        )
    if attempt is None or attempt.upload_finished_at is None or attempt.upload_started_at is None:
        return Moment("The whole file was sent", tone="good")
    seconds = max(1, round((attempt.upload_finished_at - attempt.upload_started_at).total_seconds()))
    took = f"{seconds} s" if seconds < 120 else f"{seconds // 60} min {seconds % 60} s"
    return Moment("The whole file was sent", f"{bytes_words(attempt.total_bytes)} in {took}.", tone="good")


# What is told in the same words each time.
_PLAIN = {
    "waits_for_room": Moment(
        "Waiting its turn",
        "TikTok takes no more for now. It goes on once there is likely room again.",
        tone="warn",
    )
}


def _call(event: Event, following: Event | None) -> Moment | None:
    is_told_by_next = (
        following is not None and following.kind == EventKind.MOVE and following.code == event.code
    )
    match event.name:
        case "init":
            return None  # what came of it is told
        case "init_unanswered":
            return _unanswered(event)
        case "pull_revoked":
            return Moment(
                "The addresses of the files ended",
                "TikTok had fetched no file whole, so another try is safe and follows by itself.",
                tone="warn",
            )
        case "fetched_unanswered" | "gate_turned_off":
            told = "; the operators are told." if event.name == "gate_turned_off" else "."
            return Moment(
                "TikTok fetched before it answered",
                f"The addresses of the files ended. Another try follows by itself{told}",
                tone="warn",
            )
        case "cancel" if event.code == "ok":
            return Moment("TikTok was asked to cancel", "Whether that was in time, its status tells.")
        case "cancel":
            return Moment("TikTok can no longer cancel it", "The post goes on.", tone="warn")
        case "init_refused":
            if event.code == Reason.FETCHED_UNANSWERED:
                return None  # told when it happened
            return (
                None
                if is_told_by_next
                else Moment(explain(event.code).title, "Another try follows.", tone="warn")
            )
        case "status":
            is_end = event.code in {
                PublishStatus.PUBLISH_COMPLETE,
                PublishStatus.SEND_TO_USER_INBOX,
                PublishStatus.FAILED,
            }
            return None if is_end else Moment("TikTok answered", status_words(event.code), tone="good")
        case "post_id_found":
            return Moment("TikTok named the post", "The link works from now on.", tone="good")
        case "upload_url_ended":
            return Moment("TikTok's upload address ended", "Bytes were still missing.", tone="warn")
        case name:
            return _PLAIN.get(name) or Moment(name.replace("_", " ").capitalize(), event.code)


def _unanswered(event: Event) -> Moment:
    is_gated = event.detail.get("is_gated", True)
    text = (
        "It has not got the whole of it, so another try is safe and follows by itself."
        if is_gated
        else "No byte was held back from it: what it had fetched by then tells whether another try is safe."
    )
    return Moment("TikTok did not answer the announcement", text, tone="warn")


def _without_repeats(moments: Iterator[Moment]) -> Iterator[Moment]:
    """The same thing several times in a row is told once, with the last time and the count."""
    held: Moment | None = None
    count = 0
    for moment in moments:
        if held is not None and (moment.title, moment.text) == (held.title, held.text):
            held, count = moment, count + 1
            continue
        if held is not None:
            yield _counted(held, count)
        held, count = moment, 1
    if held is not None:
        yield _counted(held, count)


def _counted(moment: Moment, count: int) -> Moment:
    return moment if count == 1 else replace(moment, title=f"{moment.title} ({count} times)")


def _what_goes_on(publication: Publication, kind: Kind, *, now: datetime) -> Iterator[Moment]:
    is_ahead = is_scheduled_ahead(publication, now=now)
    for index, title in enumerate(_coming(State(publication.state), kind, is_ahead=is_ahead)):
        yield Moment(title, tone="next" if index else "busy")


def _coming(state: State, kind: Kind, *, is_ahead: bool) -> tuple[str, ...]:
    """What goes on now, and what is still to come."""
    rest = (
        *([f"TikTok fetches the {kind.files}"] if kind.is_pulled else ["Send the file"]),
        "TikTok processes it",
        kind.end,
    )
    match state:
        case State.SCHEDULED:
            return ("Waiting for its time" if is_ahead else "Waiting for a worker", *rest)
        case State.STARTING:
            return ("Getting ready", *rest)
        case State.UPLOADING:
            return ("Sending the file", *rest[1:])
        case State.PROCESSING if kind.is_pulled:
            return (
                f"TikTok fetches the {kind.files} and processes {'them' if kind.count > 1 else 'it'}",
                kind.end,
            )
        case State.PROCESSING:
            return ("TikTok is processing it", kind.end)
        case State.IN_INBOX:
            return ("Waiting for the creator to post it in TikTok", "Published")
        case _:
            return ()


def _lower_first(sentence: str) -> str:
    """Continues a sentence, but leaves names as they are."""
    return sentence if sentence.startswith("TikTok") else sentence[:1].lower() + sentence[1:]
