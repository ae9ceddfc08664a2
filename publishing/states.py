"""The life of a publication as data: its states and the moves `Publication.objects.move` lets pass. Pure."""

from enum import StrEnum


class State(StrEnum):
    """Ours; TikTok's own word for where it stands is a *status*."""

    DRAFT = "draft"  # taken back by a person: the post is being edited again
    SCHEDULED = "scheduled"  # waits for its time or for a worker
    STARTING = "starting"  # asked anew: token, creator, rules, file; then `init`
    UPLOADING = "uploading"  # TikTok gave a publish_id; bytes are on their way
    PROCESSING = "processing"  # TikTok has every byte, or may have: only its status is asked
    IN_INBOX = "in_inbox"  # delivered as a draft; the creator finishes in the TikTok app
    PUBLISHED = "published"  # TikTok said PUBLISH_COMPLETE
    HELD = "held"  # nothing can be public; a person must decide something first
    WAITING_RECONNECT = (
        "waiting_reconnect"  # the account's tokens are dead; goes on by itself once reconnected
    )
    UNCONFIRMED = "unconfirmed"  # TikTok may or may not have it
    FAILED = "failed"  # TikTok refused, or we gave up before it could have become public
    CANCELLED = "cancelled"  # stopped by a person: nothing became public


# Moves the engine makes by itself. CANCELLED is always a person's wish that it carries out.
MOVES: dict[State, frozenset[State]] = {
    State.DRAFT: frozenset(),
    State.SCHEDULED: frozenset({State.STARTING, State.HELD, State.WAITING_RECONNECT}),
    State.STARTING: frozenset(
        {
            State.UPLOADING,
            State.PROCESSING,  # TikTok fetches the files itself
            State.HELD,
            State.WAITING_RECONNECT,
            State.UNCONFIRMED,
            State.FAILED,
            State.CANCELLED,
        }
    ),
    State.UPLOADING: frozenset(
        {
            State.PROCESSING,
            State.STARTING,
            State.HELD,
            State.WAITING_RECONNECT,
            State.UNCONFIRMED,
            State.FAILED,
        }
    ),
    State.PROCESSING: frozenset(
        {
            State.PUBLISHED,
            State.IN_INBOX,
            State.STARTING,
            State.WAITING_RECONNECT,
            State.UNCONFIRMED,
            State.FAILED,
            State.CANCELLED,  # a person asked for it, and TikTok says that it is cancelled
        }
    ),
    State.IN_INBOX: frozenset({State.PUBLISHED, State.FAILED}),
    State.PUBLISHED: frozenset(),
    State.HELD: frozenset(),
    State.WAITING_RECONNECT: frozenset({State.STARTING, State.UPLOADING, State.PROCESSING, State.HELD}),
    State.UNCONFIRMED: frozenset({State.PUBLISHED, State.IN_INBOX, State.FAILED}),
    State.FAILED: frozenset(),
    State.CANCELLED: frozenset(),
}

# Moves that only a named person makes, by pressing a button.
HUMAN_MOVES: dict[State, frozenset[State]] = {
    State.DRAFT: frozenset({State.SCHEDULED}),
    # To itself: it gets another time, or goes out now.
    State.SCHEDULED: frozenset({State.SCHEDULED, State.CANCELLED, State.DRAFT}),
    State.STARTING: frozenset({State.CANCELLED}),
    State.UPLOADING: frozenset({State.CANCELLED}),
    State.HELD: frozenset({State.SCHEDULED, State.CANCELLED, State.DRAFT}),
    # Where TikTok may have it, a person who looked says whether it does: there, or to be sent again.
    State.WAITING_RECONNECT: frozenset(
        {State.CANCELLED, State.DRAFT, State.PUBLISHED, State.IN_INBOX, State.SCHEDULED}
    ),
    State.UNCONFIRMED: frozenset({State.PUBLISHED, State.IN_INBOX, State.SCHEDULED}),
    State.FAILED: frozenset({State.SCHEDULED, State.DRAFT}),
    State.CANCELLED: frozenset({State.SCHEDULED, State.DRAFT}),
}

# Nothing automatic leaves these.
FINAL_STATES = frozenset({State.PUBLISHED, State.FAILED, State.CANCELLED})
# No step is taken in these; they wait for a person (or, reconnecting, for the account).
RESTING_STATES = frozenset({State.DRAFT, State.HELD, State.WAITING_RECONNECT, State.FAILED, State.CANCELLED})


def is_allowed(from_: State, to: State, *, by_person: bool) -> bool:
    """Whether the table knows this move for the engine, or for a person pressing a button."""
    table = HUMAN_MOVES if by_person else MOVES
    return to in table.get(from_, frozenset())
