"""Point 1: may this creator post, or be sent a draft, now."""

from datetime import timedelta

from tiktok.types import CreatorInfo, PrivacyLevel, Scope

from .inputs import (
    CannotPost,
    Choices,
    ClientState,
    CreatorAnswer,
    MissingScope,
    NeedsReconnect,
    NoAccount,
    Unreachable,
)
from .ruling import Act, Block

UNAUDITED_NOTICE = (
    "TikTok has not audited this site yet. Until it has, TikTok accepts posts from private accounts only, "
    "shows them to nobody but the person who posts (“Only me”), and takes them from at most five people in "
    "24 hours."
)

_CAP_WINDOW = timedelta(hours=24)
# These caps count posts. A draft is none yet: it has a cap of its own, which TikTok tells only when one is sent.
_CAPS_OF_POSTS = frozenset({"spam_risk_too_many_posts", "reached_active_user_cap"})


def name_of(creator: CreatorInfo) -> str:
    """How a sentence calls the creator."""
    return creator.nickname or (f"@{creator.username}" if creator.username else "this account")


def is_public(creator: CreatorInfo) -> bool:
    """Whether the account itself is public: TikTok offers "everyone" to public accounts alone."""
    return PrivacyLevel.PUBLIC_TO_EVERYONE in creator.privacy_level_options


def is_private(creator: CreatorInfo) -> bool:
    """Whether the account itself is private: TikTok offers "followers" to private accounts alone."""
    return PrivacyLevel.FOLLOWER_OF_CREATOR in creator.privacy_level_options


def duration_words(duration_ms: int) -> str:
    """A length for people, exact to the millisecond so that a limit and a hair above it never read alike."""
    minutes, rest_ms = divmod(duration_ms, 60_000)
    seconds, milliseconds = divmod(rest_ms, 1000)
    fraction = f".{milliseconds:03}".rstrip("0") if milliseconds else ""
    words = [f"{minutes} min"] if minutes else []
    if rest_ms or not minutes:
        words.append(f"{seconds}{fraction} s")
    return " ".join(words)


def account_blocks(answer: CreatorAnswer, choices: Choices, client: ClientState) -> tuple[Block, ...]:
    """What keeps the account from posting, or from being sent a draft, now.

    Drafts need no permission to post, are not counted as posts, and an audit is not asked of whoever sends them.
    """
    match answer:
        case CreatorInfo():
            return () if choices.is_inbox else _blocks_of_unaudited(answer, client)
        case CannotPost(code=code) if choices.is_inbox and code in _CAPS_OF_POSTS:
            return ()
        case MissingScope(scope=Scope.VIDEO_PUBLISH) if choices.is_inbox:
            return ()
        case CannotPost():
            return (_block_of_refusal(answer, client),)
        case Unreachable(code="rate_limit_exceeded"):
            text = "TikTok was asked about this account too often. Wait a minute, then ask TikTok again."
        case Unreachable():
            text = (
                "TikTok could not be reached, so nobody knows what this account may post now. "
                "Nothing was sent. Ask TikTok again in a moment."
            )
        case NoAccount():
            text = "No TikTok account is chosen. Choose the account that will post."
            return (Block("1", text, "account", Act.CHOOSE_ACCOUNT),)
        case NeedsReconnect():
            text = "TikTok no longer lets us into this account. Reconnect it; your draft is kept."
            return (Block("1", text, "account", Act.RECONNECT),)
        case MissingScope(scope=Scope.VIDEO_UPLOAD):
            text = (
                "This account was connected without the permission to send drafts to its TikTok inbox "
                f"({Scope.VIDEO_UPLOAD}). Reconnect it and leave that permission on; your draft is kept."
            )
            return (Block("API-3", text, "account", Act.RECONNECT),)
        case MissingScope(scope=scope):
            text = (
                f"This account was connected without the permission to post ({scope}). "
                "Reconnect it and leave that permission on; your draft is kept."
            )
            return (Block("API-1", text, "account", Act.RECONNECT),)
    return (Block("1", text, "account", Act.ASK_AGAIN),)


def _blocks_of_unaudited(creator: CreatorInfo, client: ClientState) -> tuple[Block, ...]:
    if client.is_audited or not is_public(creator):
        return ()
    text = (
        f"On TikTok {name_of(creator)} is a public account, and until TikTok has audited this site it "
        "accepts posts from private accounts only. The visibility of the post does not change that. "
        "Make the account private in the TikTok app, then ask TikTok again."
    )
    return (Block("U-2", text, "account", Act.OPEN_TIKTOK),)


def _block_of_refusal(refusal: CannotPost, client: ClientState) -> Block:
    cap_ends_at = refusal.asked_at + _CAP_WINDOW if refusal.asked_at else None
    match refusal.code:
        case "spam_risk_too_many_posts":
            text = (
                "TikTok takes only so many posts a day from outside its app, and this account has reached "
                "that number. Try again later, at most 24 hours from now, or post in the TikTok app."
            )
            return Block("1b", text, "account", Act.WAIT, cap_ends_at)
        case "spam_risk_user_banned_from_posting":
            text = (
                "TikTok has stopped this account from posting. Its owner can see why in the TikTok app, and "
                "only TikTok can lift it. Try again later, once it is lifted."
            )
            return Block("1b", text, "account", Act.OPEN_TIKTOK)
        case "reached_active_user_cap" if not client.is_audited:
            text = (
                "Until TikTok has audited this site, it takes posts from five people in 24 hours, and five "
                "have posted. Try again later, at most 24 hours from now."
            )
            return Block("1b", text, "account", Act.WAIT, cap_ends_at)
        case "reached_active_user_cap":
            text = (
                "TikTok lets this site post for a limited number of people in 24 hours, and that number is "
                "reached. Try again later, at most 24 hours from now. Whoever runs this site can ask TikTok "
                "for more."
            )
            return Block("1b", text, "account", Act.WAIT, cap_ends_at)
        case code:
            text = (
                f"TikTok says that this account cannot post now ({code}). Try again later; if it stays so, "
                "show this message to whoever runs this site."
            )
            return Block("1b", text, "account", Act.WAIT)
