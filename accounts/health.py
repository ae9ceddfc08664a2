"""How a connected account is doing, in words: the one place that judges it."""

from dataclasses import dataclass
from enum import StrEnum

from django.conf import settings

from accounts.models import AccountState, TikTokAccount
from accounts.scopes import missing_from, permission_of
from tiktok.types import Scope


class HealthKind(StrEnum):
    """The four conditions of an account, worst first."""

    NEEDS_RECONNECT = "needs_reconnect"
    LIMITED = "limited"
    BLOCKED = "blocked"
    CONNECTED = "connected"


class Remedy(StrEnum):
    """What a person can press about it."""

    NOTHING = ""
    RECONNECT = "reconnect"
    CONNECT_ANEW = "connect"


@dataclass(frozen=True)
class Health:
    """`word` stands on the pill, `text` says why and who must act; empty when all is well."""

    kind: HealthKind
    word: str
    text: str = ""
    remedy: Remedy = Remedy.NOTHING


# Why an account needs reconnecting: `TikTokAccount.state_reason`.
_RECONNECT_TEXTS = {
    "refresh_refused": "TikTok says that its permission has ended: it was removed in TikTok, or has run out.",
    "refresh_lost": "TikTok renewed its permission, but the answer was lost on the way.",
    "refresh_ended": "Its permission has run out.",
    "access_removed": "TikTok says that its permission was removed in TikTok.",
    "access_removed_deleted": "TikTok says that the account was deleted.",
    "access_removed_age": "TikTok took its permission away because the account's age was changed.",
    "access_removed_banned": "TikTok took its permission away because the account was banned.",
}

# TikTok's codes for a creator who cannot post now.
_BLOCK_TEXTS = {
    "spam_risk_too_many_posts": "TikTok says that this account has posted as much as apps may post for it in 24 "
    "hours. Try "
    "again tomorrow, or post in the TikTok app.",
    "spam_risk_user_banned_from_posting": "TikTok says that this account is banned from posting. "
    "Its owner can see why in the "
    "TikTok app.",
    "reached_active_user_cap": "TikTok says that this installation has reached its number of posting "
    "creators for "
    "today. Try again tomorrow.",
}


def reconnect_text(reason: str) -> str:
    """Why an account needs reconnecting, as a sentence; `reason` is its `state_reason`."""
    return _RECONNECT_TEXTS.get(reason, "It cannot be used as it is.")


def health_of(account: TikTokAccount) -> Health:
    """Judge an account by what its row says; asks nobody."""
    if account.client_key != settings.TIKTOK_CLIENT_KEY:
        return Health(
            HealthKind.NEEDS_RECONNECT,
            "Needs reconnecting",
            "It was connected through another TikTok app than the one this installation uses now. Connect it "
            "again; this entry stays for the history of its posts.",
            Remedy.CONNECT_ANEW,
        )
    if account.state != AccountState.CONNECTED:
        return Health(
            HealthKind.NEEDS_RECONNECT,
            "Needs reconnecting",
            f"{reconnect_text(account.state_reason)} Posts wait until you reconnect it.",
            Remedy.RECONNECT,
        )
    if missing := missing_from(account.granted_scopes, settings.TIKTOK_SCOPES):
        wanted = _listed([f"“{permission.words}”" for permission in missing])
        losses = _listed([permission.loss for permission in missing])
        return Health(
            HealthKind.LIMITED,
            "Limited",
            f"{wanted} {'is' if len(missing) == 1 else 'are'} not allowed, so {losses}. Reconnect it and leave "
            "everything ticked on TikTok's page.",
            Remedy.RECONNECT,
        )
    if not account.has_scope(Scope.VIDEO_PUBLISH):
        return Health(
            HealthKind.LIMITED,
            "Limited",
            f"This installation does not ask for “{permission_of(Scope.VIDEO_PUBLISH).words}”, so nothing "
            f"can be "
            "posted. The operator must add video.publish to TIKTOK_SCOPES.",
        )
    if account.creator_block:
        text = _BLOCK_TEXTS.get(
            account.creator_block,
            f"TikTok says that this account cannot post now (“{account.creator_block}”).",
        )
        return Health(HealthKind.BLOCKED, "Cannot post now", text)
    return Health(HealthKind.CONNECTED, "Connected")


def _listed(words: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))
