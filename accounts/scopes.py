"""TikTok's permissions in plain words: what each allows, and what does not work without it. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from tiktok.types import Scope


@dataclass(frozen=True)
class Permission:
    """One permission as people read it."""

    scope: str
    words: str
    loss: str


_PERMISSIONS = {
    Scope.USER_INFO_BASIC: Permission(
        Scope.USER_INFO_BASIC,
        "Read the profile picture and display name",
        "its name and picture may be missing",
    ),
    Scope.VIDEO_PUBLISH: Permission(
        Scope.VIDEO_PUBLISH, "Post content to TikTok", "nothing can be posted for it from here"
    ),
    Scope.VIDEO_UPLOAD: Permission(
        Scope.VIDEO_UPLOAD, "Send drafts to the TikTok inbox", "no drafts can be sent to its inbox"
    ),
    Scope.USER_INFO_PROFILE: Permission(
        Scope.USER_INFO_PROFILE, "Read the bio and profile link", "its bio and profile link are not shown"
    ),
    Scope.USER_INFO_STATS: Permission(
        Scope.USER_INFO_STATS, "Read follower and like counts", "its follower and like counts are not shown"
    ),
    Scope.VIDEO_LIST: Permission(
        Scope.VIDEO_LIST, "Read the list of public videos", "its public videos are not shown"
    ),
}


def permission_of(scope: str) -> Permission:
    """One scope in words; an unknown one speaks for itself."""
    known = _PERMISSIONS.get(Scope(scope)) if scope in list(Scope) else None
    return known or Permission(scope, scope, f"what needs {scope} does not work")


def permissions_of(scopes: Iterable[str]) -> list[Permission]:
    """Scopes in words, in their order."""
    return [permission_of(scope) for scope in scopes]


def missing_from(granted: Iterable[str], wanted: Iterable[str]) -> list[Permission]:
    """What this installation asks for and the person did not allow."""
    have = set(granted)
    return permissions_of(scope for scope in wanted if scope not in have)
