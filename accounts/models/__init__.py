"""The rows of who, and of what they are told."""

from .people import (
    AVATAR_SOURCE_LENGTH,
    AccountMove,
    AccountState,
    ConnectPurpose,
    ConnectRequest,
    Membership,
    Notice,
    NoticeKind,
    Role,
    TikTokAccount,
    TokenPair,
    User,
    UserManager,
    Workspace,
    WorkspaceQuerySet,
)

__all__ = [
    "AVATAR_SOURCE_LENGTH",
    "AccountMove",
    "AccountState",
    "ConnectPurpose",
    "ConnectRequest",
    "Membership",
    "Notice",
    "NoticeKind",
    "Role",
    "TikTokAccount",
    "TokenPair",
    "User",
    "UserManager",
    "Workspace",
    "WorkspaceQuerySet",
]
