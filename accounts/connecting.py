"""Connecting and reconnecting: the trip to TikTok's consent page, and what comes back from it.

The `state` parameter is a random value that is good for one return, for ten minutes, in the session and by
the person that started; the row keeps only its hash. What TikTok grants is then put on a row, by this table:

| the account (`open_id`) is …           | what happens                                                   |
|----------------------------------------|----------------------------------------------------------------|
| new                                    | a row is made in the workspace the person started from         |
| in this workspace                      | its tokens and permissions are replaced, whatever its state was |
| in another workspace                   | an offer to move it here (accounts/moving.py)                  |
| not the one that was to be reconnected | nothing is connected; see `_keep_or_return`                    |

An account without `video.publish` is connected all the same and shown as limited: TikTok has granted
something and has rotated the tokens, so refusing the answer would only break what worked before. One without
`user.info.basic` needs nothing more: name and picture also come with creator info.
"""

import hashlib
import logging
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction

from accounts.clients import callback_url, oauth_client, tiktok_client
from accounts.creators import ask_creator, keep_user_info
from accounts.models import (
    AccountMove,
    AccountState,
    ConnectPurpose,
    ConnectRequest,
    Membership,
    TikTokAccount,
    User,
    Workspace,
)
from accounts.moving import offer_move
from accounts.refusals import Refusal, refusal_at_consent, refusal_at_exchange
from accounts.sealing import SealError, sealer
from accounts.tokens import store_grant
from tiktok.errors import OAuthError, TikTokError
from tiktok.types import Scope, TokenGrant

logger = logging.getLogger(__name__)

REQUEST_LIFETIME = timedelta(minutes=10)
# Ended requests stay a while, so that a late return is told "expired" or "used" and not "unknown".
REMEMBERED_FOR = timedelta(days=1)


@dataclass(frozen=True)
class Returned:
    """What TikTok sent back through the browser; everything in it may be forged."""

    state: str = field(repr=False)
    code: str = field(repr=False)
    error: str = ""
    error_type: str = ""


@dataclass(frozen=True)
class ConnectOutcome:
    """How a trip to TikTok ended: exactly one of `account`, `move` and `refusal` is set.

    `is_new` tells a first connection from a repeated one; `subject` is the account that was to be
    reconnected; `code` is TikTok's word for a refusal; `next_path` is where the person wanted to go after
    connecting.
    """

    account: TikTokAccount | None = None
    move: AccountMove | None = None
    refusal: Refusal | None = None
    is_new: bool = False
    subject: TikTokAccount | None = None
    code: str = ""
    next_path: str = ""


def start_connect(
    user: User,
    *,
    workspace: Workspace,
    session_key: str,
    now: datetime,
    account: TikTokAccount | None = None,
    next_path: str = "",
) -> str:
    """Begin a trip and return the address of TikTok's consent page. With `account` it is a reconnection."""
    client = oauth_client()
    state = secrets.token_urlsafe(32)
    verifier = client.new_verifier()
    state_hash = _hash(state)
    ConnectRequest.objects.create(
        state_hash=state_hash,
        session_hash=_hash(session_key),
        user=user,
        workspace=workspace,
        purpose=ConnectPurpose.RECONNECT if account else ConnectPurpose.CONNECT,
        account=account,
        verifier_sealed=sealer().seal(verifier, _context(state_hash)),
        next_path=next_path,
        expires_at=now + REQUEST_LIFETIME,
    )
    return client.authorize_url(callback_url(), settings.TIKTOK_SCOPES, state, verifier)


def finish_connect(returned: Returned, *, user: User, session_key: str, now: datetime) -> ConnectOutcome:
    """End a trip: check where the answer comes from, exchange the code, put the tokens where they belong.

    Never raises for what TikTok or the browser said; a refusal changes nothing but the request, which is used
    up from the moment it is known to be this person's. Must be called with no transaction open.
    """
    request = _take(returned.state, user=user, session_key=session_key, now=now)
    if isinstance(request, Refusal):
        return ConnectOutcome(refusal=request)
    if returned.error or returned.error_type:
        refusal = refusal_at_consent(returned.error, returned.error_type)
        return _refused(request, refusal, code=returned.error)
    if not returned.code:
        return _refused(request, Refusal.CODE_MISSING)
    try:
        verifier = sealer().open(request.verifier_sealed, _context(request.state_hash))
        grant = oauth_client().exchange_code(returned.code, callback_url(), verifier)
    except SealError:
        return _refused(request, Refusal.STATE_EXPIRED)
    except OAuthError as error:
        logger.warning("TikTok refused a code (%s, log id %s).", error.code, error.log_id)
        return _refused(request, refusal_at_exchange(error.code, error.message), code=error.code)
    except TikTokError as error:
        logger.warning("A code could not be exchanged (%s, log id %s).", error.code, error.log_id)
        return _refused(request, Refusal.UNREACHABLE)
    if request.account is not None and request.account.open_id != grant.open_id:
        _keep_or_return(grant, now=now)
        return _refused(request, Refusal.OTHER_ACCOUNT)
    return _link(request, grant, now=now)


def forget_ended_requests(*, now: datetime) -> None:
    """Delete requests that ended a day ago."""
    ConnectRequest.objects.filter(expires_at__lte=now - REMEMBERED_FOR).delete()


# --- Where the answer comes from --------------------------------------------------------------------------


def _take(state: str, *, user: User, session_key: str, now: datetime) -> ConnectRequest | Refusal:
    """Use up the request this state belongs to, or say why not. A stranger's attempt leaves it untouched."""
    if not state:
        return Refusal.STATE_MISSING
    rows = ConnectRequest.objects.select_related("account", "workspace")
    request = rows.filter(state_hash=_hash(state)).first()
    if request is None:
        return Refusal.STATE_UNKNOWN
    if request.user_id != user.pk or request.session_hash != _hash(session_key):
        return Refusal.STATE_FOREIGN
    if not ConnectRequest.objects.filter(pk=request.pk, consumed_at__isnull=True).update(consumed_at=now):
        return Refusal.STATE_USED
    if request.expires_at <= now:
        return Refusal.STATE_EXPIRED
    if not Membership.objects.filter(workspace=request.workspace_id, user=user).exists():
        return Refusal.NO_LONGER_MEMBER
    return request


def _refused(request: ConnectRequest, refusal: Refusal, *, code: str = "") -> ConnectOutcome:
    return ConnectOutcome(
        refusal=refusal, subject=request.account, code=code[:60], next_path=request.next_path
    )


# --- Where the tokens belong ------------------------------------------------------------------------------


def _link(request: ConnectRequest, grant: TokenGrant, *, now: datetime) -> ConnectOutcome:
    try:
        outcome = _link_once(request, grant, now=now)
    except IntegrityError:  # the same account was connected twice at the same moment: now it is a known one
        outcome = _link_once(request, grant, now=now)
    if outcome.account is not None:
        _introduce(outcome.account, grant, now=now)
    return outcome


def _link_once(request: ConnectRequest, grant: TokenGrant, *, now: datetime) -> ConnectOutcome:
    with transaction.atomic():
        account = _find(grant)
        if account is not None and account.workspace_id != request.workspace_id:
            move = offer_move(account, grant, request=request, now=now)
            return ConnectOutcome(move=move, next_path=request.next_path)
        is_new = account is None
        if account is None:
            account = TikTokAccount.objects.create(
                workspace=request.workspace,
                client_key=settings.TIKTOK_CLIENT_KEY,
                open_id=grant.open_id,
                connected_by=request.user,
            )
        store_grant(account, grant, now=now)
        account.connected_by = request.user
        account.connected_at = now
        account.save(update_fields=["connected_by", "connected_at"])
    return ConnectOutcome(account=account, is_new=is_new, next_path=request.next_path)


def _find(grant: TokenGrant) -> TikTokAccount | None:
    accounts = TikTokAccount.objects.select_for_update(of=("self",)).select_related("workspace")
    return accounts.filter(client_key=settings.TIKTOK_CLIENT_KEY, open_id=grant.open_id).first()


def _introduce(account: TikTokAccount, grant: TokenGrant, *, now: datetime) -> None:
    """Ask TikTok who this is. That it cannot say now is no reason to refuse the connection."""
    if Scope.USER_INFO_BASIC in grant.scopes:
        try:
            with tiktok_client(account, grant.access_token) as client:
                keep_user_info(
                    account, client.fetch_user_info(["open_id", "display_name", "avatar_url"]), now=now
                )
        except TikTokError as error:
            logger.warning("No user info for account %s (%s).", account.pk, error.code)
    ask_creator(account, now=now)


def _keep_or_return(grant: TokenGrant, *, now: datetime) -> None:
    """Deal with tokens of an account nobody meant to connect.

    TikTok rotates at every exchange. If the account works here already, in whatever workspace, the tokens on
    its row may have died a moment ago, so the fresh ones are put in their place and nothing else changes. If
    nobody here uses it, the permission just given is handed back, as far as TikTok can be reached.
    """
    with transaction.atomic():
        account = _find(grant)
        if account is not None and account.state == AccountState.CONNECTED:
            store_grant(account, grant, now=now)
            return
    try:
        oauth_client().revoke(grant.access_token)
    except TikTokError as error:
        logger.warning("An unused permission could not be handed back (%s).", error.code)


def _hash(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()


def _context(state_hash: str) -> str:
    return f"accounts.ConnectRequest.verifier:{state_hash}"
