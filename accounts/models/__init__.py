"""The rows of who, and of what they are told."""

from .hosts import Host
from .notifications import (
    Delivery,
    Kind,
    Mail,
    MailChoice,
    MailLease,
    MailOutcome,
    MailTime,
    Notification,
)
from .people import (
    AVATAR_SOURCE_LENGTH,
    KEEP_ALIVE_AFTER,
    AccountMove,
    AccountState,
    ConnectPurpose,
    ConnectRequest,
    Membership,
    Role,
    TikTokAccount,
    TokenPair,
    User,
    UserManager,
    Workspace,
    WorkspaceQuerySet,
)
from .reviewers import ReviewerLink

__all__ = [
    "AVATAR_SOURCE_LENGTH",
    "KEEP_ALIVE_AFTER",
    "AccountMove",
    "AccountState",
    "ConnectPurpose",
    "ConnectRequest",
    "Delivery",
    "Host",
    "Kind",
    "Mail",
    "MailChoice",
    "MailLease",
    "MailOutcome",
    "MailTime",
    "Membership",
    "Notification",
    "ReviewerLink",
    "Role",
    "TikTokAccount",
    "TokenPair",
    "User",
    "UserManager",
    "Workspace",
    "WorkspaceQuerySet",
]
