"""The tokens of an account: handing out a working access token, refreshing at most once at a time.

TikTok rotates strictly (page of 2 November 2026): a refresh kills the refresh token it was made with, so two
refreshes at once, or one whose answer is lost, can cost the account. Therefore:

- A refresh begins by taking a lease on the row: one conditional UPDATE, the same on SQLite and PostgreSQL.
  Whoever does not get it makes no call.
- No transaction is open while TikTok is asked, and the new pair is committed before anybody sees it.
- `refresh_until` that is set and over means: somebody began and never learnt the outcome (a crash, a lost
  answer). The old refresh token is still here; it is tried once more. Success means that TikTok never saw the
  first try. `invalid_grant` means that the pair went to nobody: the account needs reconnecting, and its
  people are told.
- Anything else that goes wrong changes nothing: a network fault never disconnects an account.
"""

import logging
import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q

from accounts.clients import oauth_client
from accounts.errors import NeedsReconnectError, RefreshBusyError
from accounts.models import AccountState, TikTokAccount, TokenPair
from accounts.notifications.about_accounts import settle_permission, tell_needs_reconnect
from accounts.sealing import SealError, sealer
from tiktok.errors import InvalidGrantError, OAuthError, TikTokError, TransportError
from tiktok.types import TokenGrant

__all__ = [
    "REFRESH_BEFORE_END",
    "NeedsReconnectError",
    "RefreshBusyError",
    "access_token_for",
    "forget_dead_tokens",
    "forget_tokens",
    "store_grant",
    "wait_for_access_token",
]

logger = logging.getLogger(__name__)

# Lazily: each rotation is a small risk, so a token is used until little of it is left.
REFRESH_BEFORE_END = timedelta(minutes=10)
# Longer than a refresh takes before it times out, so that a lease does not end under a call still going on.
REFRESH_LEASE = timedelta(seconds=30)


def access_token_for(
    account: TikTokAccount,
    *,
    now: datetime,
    stale: str | None = None,
    good_until: datetime | None = None,
    fresh_since: datetime | None = None,
    refused_as: str = "",
) -> str:
    """Return an access token that works, refreshing it when fewer than ten minutes of it are left.

    `stale` is the token TikTok has just called invalid: it is not handed out again. `good_until` wants one that works
    until then, as far as a fresh one does; `fresh_since` wants a pair that TikTok gave us since then. `refused_as` is
    the account's `state_reason` should TikTok refuse to refresh. `now` is the database's time. Makes at most one call
    to TikTok; must be called with no transaction open. Raises NeedsReconnectError (a person must act),
    RefreshBusyError (come back in a second), or TikTok's own TransportError or OAuthError (nothing changed, try
    later).
    """
    wanted = _Wanted(now, stale, good_until, fresh_since)
    pair = _read(account)
    token = _usable(pair, wanted)
    if token is not None:
        return token
    if _has_refresh_ended(pair, now=now):
        raise _needs_reconnect(pair, "refresh_ended", now=now)
    refresh_token = _open(pair, "refresh")
    if not _claim(pair, now=now):
        token = _usable(_read(account), wanted)
        if token is None:
            raise RefreshBusyError
        return token
    try:
        grant = oauth_client().refresh(refresh_token)
    except InvalidGrantError as error:
        return _settle_refused(pair, error, wanted, refused_as=refused_as)
    except TikTokError as error:
        _give_back(pair, outcome_unknown=_is_outcome_unknown(error), now=now)
        raise
    return _settle_granted(pair, grant, now=now)


def wait_for_access_token(
    account: TikTokAccount, *, now: datetime, wait_seconds: float, stale: str | None = None
) -> str:
    """Like `access_token_for`, but while another process refreshes, wait up to so many seconds for its result."""
    give_up = time.monotonic() + wait_seconds
    while True:
        try:
            return access_token_for(account, now=now, stale=stale)
        except RefreshBusyError:
            if time.monotonic() >= give_up:
                raise
            time.sleep(0.1)


def store_grant(account: TikTokAccount, grant: TokenGrant, *, now: datetime) -> None:
    """Put the tokens of a fresh consent on the account's row: it works from now on, whatever it was before.

    An empty refresh token never replaces one that is there. A refresh that is under way elsewhere with the
    tokens from before comes too late: its lease and version no longer match.
    """
    with transaction.atomic():
        pair = TokenPair.objects.select_for_update().filter(account=account).first() or TokenPair(
            account=account
        )
        pair.access_token_sealed = _seal(account, "access", grant.access_token)
        pair.access_expires_at = now + timedelta(seconds=grant.expires_in)
        if grant.refresh_token:
            pair.refresh_token_sealed = _seal(account, "refresh", grant.refresh_token)
            pair.refresh_expires_at = _end_of_refresh(grant, now=now)
        pair.version += 1
        pair.refresh_epoch += 1
        pair.refresh_until = None
        pair.refreshed_at = now
        pair.end_warned_days = None
        pair.save()
        account.granted_scopes = sorted(grant.scopes)
        account.state = AccountState.CONNECTED
        account.state_reason = ""
        account.save(update_fields=["granted_scopes", "state", "state_reason"])
        settle_permission(account, now=now)


def forget_dead_tokens(account: TikTokAccount) -> None:
    """Forget the tokens of an account that needs reconnecting, unless it has been reconnected meanwhile.

    The row stays: its version names the permission that ended, of which people are told once.
    """
    dead = TokenPair.objects.filter(account=account, account__state=AccountState.NEEDS_RECONNECT)
    dead.update(access_token_sealed="", refresh_token_sealed="")


def forget_tokens(account: TikTokAccount) -> None:
    """Forget both tokens for good; the account's state is the caller's business."""
    TokenPair.objects.filter(account=account).delete()


# --- Reading ----------------------------------------------------------------------------------------------


def _read(account: TikTokAccount) -> TokenPair:
    """The row as it is now, whatever the caller remembers of it."""
    pair = TokenPair.objects.select_related("account__workspace").filter(account_id=account.pk).first()
    if pair is None:
        raise NeedsReconnectError(account.state_reason or AccountState.DISCONNECTED)
    if pair.account.client_key != settings.TIKTOK_CLIENT_KEY:
        # Not written down: the account works again when the settings name its app again.
        raise NeedsReconnectError("other_app")
    if pair.account.state != AccountState.CONNECTED:
        raise NeedsReconnectError(pair.account.state_reason or pair.account.state)
    return pair


@dataclass(frozen=True)
class _Wanted:
    """What `access_token_for` was asked for."""

    now: datetime
    stale: str | None
    good_until: datetime | None
    fresh_since: datetime | None

    def is_met_by(self, pair: TokenPair) -> bool:
        """Whether the pair is young enough and lasts long enough; none lasts longer than one just given."""
        if self.fresh_since is not None and pair.refreshed_at < self.fresh_since:
            return False
        is_fresh = self.now - pair.refreshed_at < REFRESH_BEFORE_END
        return self.good_until is None or is_fresh or pair.access_expires_at >= self.good_until


def _usable(pair: TokenPair, wanted: _Wanted) -> str | None:
    if wanted.stale is None and pair.access_expires_at - wanted.now < REFRESH_BEFORE_END:
        return None
    if not wanted.is_met_by(pair):
        return None
    token = _open(pair, "access")
    if wanted.stale is None:
        return token
    if token == wanted.stale or pair.access_expires_at <= wanted.now:
        return None
    return token


def _context(account: TikTokAccount, which: str) -> str:
    return f"accounts.TokenPair.{which}:{account.pk}:{account.open_id}"


def _seal(account: TikTokAccount, which: str, secret: str) -> str:
    return sealer().seal(secret, _context(account, which))


def _open(pair: TokenPair, which: str) -> str:
    sealed = pair.access_token_sealed if which == "access" else pair.refresh_token_sealed
    try:
        return sealer().open(sealed, _context(pair.account, which))
    except SealError as error:
        # Not written down: with the missing key back in the settings the account works again.
        logger.error("The tokens of account %s cannot be opened: %s", pair.account_id, error)  # noqa: TRY400
        raise NeedsReconnectError("unreadable") from None


def _has_refresh_ended(pair: TokenPair, *, now: datetime) -> bool:
    if not pair.refresh_token_sealed:
        return True
    return pair.refresh_expires_at is not None and pair.refresh_expires_at <= now


def _end_of_refresh(grant: TokenGrant, *, now: datetime) -> datetime | None:
    return now + timedelta(seconds=grant.refresh_expires_in) if grant.refresh_expires_in else None


# --- The lease and how a refresh ends ---------------------------------------------------------------------


def _claim(pair: TokenPair, *, now: datetime) -> bool:
    with transaction.atomic(durable=True):
        return bool(
            TokenPair.objects.filter(pk=pair.pk, version=pair.version, refresh_epoch=pair.refresh_epoch)
            .filter(Q(refresh_until__isnull=True) | Q(refresh_until__lte=now))
            .update(refresh_until=now + REFRESH_LEASE, refresh_epoch=F("refresh_epoch") + 1)
        )


def _is_outcome_unknown(error: TikTokError) -> bool:
    if isinstance(error, TransportError):
        return error.is_outcome_unknown
    return isinstance(error, OAuthError) and error.is_temporary


def _give_back(pair: TokenPair, *, outcome_unknown: bool, now: datetime) -> None:
    """End the lease. A lease that ends in the past, instead of not being there, marks an unknown outcome."""
    unsettled = outcome_unknown or pair.refresh_until is not None
    TokenPair.objects.filter(pk=pair.pk, refresh_epoch=pair.refresh_epoch + 1).update(
        refresh_until=now if unsettled else None
    )


def _settle_granted(pair: TokenPair, grant: TokenGrant, *, now: datetime) -> str:
    """Commit the new pair, then hand out its access token.

    Also when the lease was lost meanwhile (a process that froze): the version says that nobody stored a newer
    pair, so this one is the living end of the chain, and whoever tried the old token after us failed with it.
    """
    account = pair.account
    if grant.open_id and grant.open_id != account.open_id:
        _give_back(pair, outcome_unknown=True, now=now)
        raise OAuthError("open_id_mismatch", "The refreshed tokens belong to somebody else.")
    fields: dict[str, object] = {}
    if grant.refresh_token:
        fields["refresh_token_sealed"] = _seal(account, "refresh", grant.refresh_token)
    if grant.refresh_expires_in:
        fields["refresh_expires_at"] = _end_of_refresh(grant, now=now)
        if _is_later_end(pair, now + timedelta(seconds=grant.refresh_expires_in)):
            fields["end_warned_days"] = None
    with transaction.atomic(durable=True):
        stored = TokenPair.objects.filter(pk=pair.pk, version=pair.version).update(
            access_token_sealed=_seal(account, "access", grant.access_token),
            access_expires_at=now + timedelta(seconds=grant.expires_in),
            version=F("version") + 1,
            refresh_until=None,
            refreshed_at=now,
            **fields,
        )
        if stored:
            accounts = TikTokAccount.objects.filter(pk=account.pk)
            accounts.filter(state=AccountState.NEEDS_RECONNECT).update(
                state=AccountState.CONNECTED, state_reason=""
            )
            settle_permission(account, now=now)
            if grant.scopes:
                accounts.update(granted_scopes=sorted(grant.scopes))
    if stored:
        return grant.access_token
    # Disconnected or connected anew while TikTok answered: what is stored now counts, not what we got.
    return _open(_read(account), "access")


def _is_later_end(pair: TokenPair, end: datetime) -> bool:
    """Whether the refresh token really lasts longer now: people are warned of each end, not of each refresh."""
    return pair.refresh_expires_at is None or end - pair.refresh_expires_at > timedelta(days=1)


def _settle_refused(pair: TokenPair, error: OAuthError, wanted: _Wanted, *, refused_as: str) -> str:
    """TikTok does not know the refresh token: believe it only if nobody has stored another one meanwhile."""
    logger.warning("Refresh refused for account %s (%s).", pair.account_id, error.log_id)
    current = _read(pair.account)
    if current.version != pair.version:
        token = _usable(current, wanted)
        if token is None:
            raise RefreshBusyError
        return token
    if current.refresh_epoch != pair.refresh_epoch + 1:
        raise RefreshBusyError
    reason = refused_as or ("refresh_lost" if pair.refresh_until else "refresh_refused")
    raise _needs_reconnect(current, reason, now=wanted.now)


def _needs_reconnect(pair: TokenPair, reason: str, *, now: datetime) -> NeedsReconnectError:
    """Mark the account, once, and have its people told in the same transaction."""
    with transaction.atomic(durable=True):
        unchanged = TokenPair.objects.filter(
            pk=pair.pk, version=pair.version, refresh_epoch=pair.refresh_epoch
        ).update(refresh_until=None)
        if unchanged:
            marked = TikTokAccount.objects.filter(pk=pair.account_id, state=AccountState.CONNECTED).update(
                state=AccountState.NEEDS_RECONNECT, state_reason=reason
            )
            if marked:
                tell_needs_reconnect(
                    pair.account, workspace_id=pair.account.workspace_id, reason=reason, now=now
                )
    return NeedsReconnectError(reason)
