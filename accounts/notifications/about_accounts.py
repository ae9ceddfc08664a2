"""What people are told about an account itself: its permission, a pause, its move to another workspace."""

from datetime import datetime

from django.urls import reverse

from accounts.health import reconnect_text
from accounts.models import Kind, Notification, TikTokAccount, TokenPair
from accounts.notifications.telling import News, notify, settle


def tell_needs_reconnect(account: TikTokAccount, *, workspace_id: int, reason: str, now: datetime) -> bool:
    """The account cannot be used until a person reconnects it; told once for each time its tokens end.

    `workspace_id` is where posts wait for it. `reason` is the account's `state_reason`.
    """
    settle(_ending(account), now=now)  # that it will end soon is no news any more
    version = TokenPair.objects.filter(account=account).values_list("version", flat=True).first() or 0
    return notify(
        workspace_id,
        News(
            kind=Kind.NEEDS_RECONNECT,
            key=f"needs_reconnect:{account.pk}:{workspace_id}:{account.connected_at.timestamp()}:{version}",
            about=_permission(account),
            account=account,
            reason=reason,
            happened=f"{reconnect_text(reason)} Posts for it wait; nothing is lost.",
            to_do="Open Accounts and press Reconnect.",
            action="Reconnect",
            path=_card(account),
            picture_path=account.avatar_url,
        ),
        now=now,
    )


def tell_ends_soon(account: TikTokAccount, *, days_left: int, ends_at: datetime, now: datetime) -> bool:
    """The account's permission ends in so many days (14, 7, 2 …); told once for each number and end."""
    settle(_ending(account), now=now)
    days = "1 day" if days_left == 1 else f"{days_left} days"
    return notify(
        account.workspace_id,
        News(
            kind=Kind.ENDS_SOON,
            key=f"ends_soon:{account.pk}:{days_left}:{ends_at.timestamp()}",
            about=_ending(account),
            account=account,
            reason=f"{days_left}_days",
            happened=f"The permission that TikTok gave us ends in {days}. After that nothing can be posted.",
            to_do="Open Accounts and press Reconnect. It takes a minute.",
            until=ends_at,
            action="Reconnect",
            path=_card(account),
            picture_path=account.avatar_url,
        ),
        now=now,
    )


def settle_permission(account: TikTokAccount, *, now: datetime) -> None:
    """The account works again, or was given up: nobody needs to reconnect it."""
    settle(_permission(account), now=now)
    settle(_ending(account), now=now)


def tell_paused(account: TikTokAccount, *, reason: str, until: datetime, now: datetime) -> bool:
    """TikTok takes no more posts of the account until then; told once for each pause.

    `reason` is TikTok's code, `spam_risk_too_many_posts` for instance. A pause that becomes longer while it
    lasts is the same pause: it is not told again before `settle_pause`.
    """
    if Notification.objects.unsettled(_pause(account)).exists():
        return False
    return notify(
        account.workspace_id,
        News(
            kind=Kind.PAUSED,
            key=f"paused:{account.pk}:{until.timestamp()}",
            about=_pause(account),
            account=account,
            reason=reason,
            happened=(
                "TikTok takes no more posts from apps for this account for now. "
                "Its posts wait here and go out by themselves after that."
            ),
            to_do="Nothing to do. What cannot wait can be posted in the TikTok app.",
            until=until,
            action="See the account",
            path=_card(account),
            picture_path=account.avatar_url,
        ),
        now=now,
    )


def settle_pause(account: TikTokAccount, *, now: datetime) -> None:
    """The pause is over."""
    settle(_pause(account), now=now)


def tell_moved_away(account: TikTokAccount, *, workspace_id: int, move_id: int, now: datetime) -> bool:
    """The account went from this workspace to another one; the mover's name is nobody's business here."""
    return notify(
        workspace_id,
        News(
            kind=Kind.MOVED_AWAY,
            key=f"moved_away:{move_id}",
            about=f"move:{move_id}",
            account=account,
            happened=(
                "Whoever moved it had to sign in to it at TikTok. Posts for it that were waiting here are held "
                "and will not be sent."
            ),
            to_do=(
                "If that was you or a colleague, there is nothing to do. If not, change the password of that "
                "TikTok account, then connect it again."
            ),
            action="Open Accounts",
            path=reverse("accounts:account-list"),
        ),
        now=now,
    )


def _card(account: TikTokAccount) -> str:
    return f"{reverse('accounts:account-list')}#account-{account.pk}"


def _permission(account: TikTokAccount) -> str:
    return f"permission:{account.pk}"


def _ending(account: TikTokAccount) -> str:
    return f"ending:{account.pk}"


def _pause(account: TikTokAccount) -> str:
    return f"pause:{account.pk}"
