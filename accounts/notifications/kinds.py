"""What each kind of notification is like: its words, its looks, when it is mailed, and whether somebody must act."""

from dataclasses import dataclass

from accounts.models import Kind, MailTime, Notification


@dataclass(frozen=True)
class Manner:
    """How one kind is told.

    `headline` and `subject` take {account} and {post}; `many` takes {count} and {account}. What `gathers` waits
    a moment for more of the same, so that ten posts held for one reason are one mail.
    """

    label: str
    explained: str
    headline: str
    many: str
    icon: str
    tone: str
    mail: MailTime
    needs_you: bool
    gathers: bool


MANNERS: dict[str, Manner] = {
    Kind.HELD: Manner(
        "Held",
        "A post waits for a decision of yours.",
        "“{post}” for {account} is held",
        "{count} posts for {account} are held",
        "hand",
        "warn",
        MailTime.AT_ONCE,
        needs_you=True,
        gathers=True,
    ),
    Kind.UNCONFIRMED: Manner(
        "Unconfirmed",
        "TikTok may or may not have published a post: somebody should look.",
        "“{post}” for {account} is unconfirmed",
        "{count} posts for {account} are unconfirmed",
        "circle-help",
        "warn",
        MailTime.AT_ONCE,
        needs_you=True,
        gathers=True,
    ),
    Kind.FAILED: Manner(
        "Failed",
        "A post did not go out.",
        "“{post}” for {account} failed",
        "{count} posts for {account} failed",
        "circle-x",
        "bad",
        MailTime.AT_ONCE,
        needs_you=True,
        gathers=True,
    ),
    Kind.NEEDS_RECONNECT: Manner(
        "Needs reconnecting",
        "An account's permission has ended, and its posts wait.",
        "{account} needs reconnecting",
        "{account} needs reconnecting",
        "link-2-off",
        "bad",
        MailTime.AT_ONCE,
        needs_you=True,
        gathers=False,
    ),
    Kind.ENDS_SOON: Manner(
        "Permission ends soon",
        "An account must be reconnected within days.",
        "{account} must be reconnected soon",
        "{account} must be reconnected soon",
        "hourglass",
        "warn",
        MailTime.AT_ONCE,
        needs_you=True,
        gathers=False,
    ),
    Kind.PAUSED: Manner(
        "Paused",
        "TikTok takes no more posts of an account for a while; they go on by themselves.",
        "{account} pauses",
        "{account} pauses",
        "hourglass",
        "info",
        MailTime.AT_ONCE,
        needs_you=False,
        gathers=False,
    ),
    Kind.MOVED_AWAY: Manner(
        "Moved away",
        "Somebody moved an account to another workspace.",
        "{account} was moved to another workspace",
        "{account} was moved to another workspace",
        "unlink",
        "warn",
        MailTime.AT_ONCE,
        needs_you=True,
        gathers=False,
    ),
    Kind.PUBLISHED: Manner(
        "Published",
        "TikTok says that a post is out.",
        "“{post}” for {account} is published",
        "{count} posts for {account} are published",
        "circle-check",
        "good",
        MailTime.DIGEST,
        needs_you=False,
        gathers=True,
    ),
    Kind.DELIVERED: Manner(
        "In the inbox",
        "A draft waits in the creator's TikTok inbox.",
        "“{post}” is in the TikTok inbox of {account}",
        "{count} drafts are in the TikTok inbox of {account}",
        "inbox",
        "good",
        MailTime.DIGEST,
        needs_you=False,
        gathers=True,
    ),
}


def manner_of(notification: Notification) -> Manner:
    """How this one is told."""
    return MANNERS[notification.kind]


def headline_of(notification: Notification) -> str:
    """What happened, in one line."""
    return manner_of(notification).headline.format(
        account=notification.account_name, post=notification.subject
    )


def headline_of_many(notifications: list[Notification]) -> str:
    """What happened to all of a group, in one line."""
    first = notifications[0]
    if len(notifications) == 1:
        return headline_of(first)
    return manner_of(first).many.format(account=first.account_name, count=len(notifications))
