"""Moving an account to the workspace where somebody has just connected it: offered, then confirmed or not.

A TikTok account has one row and one chain of tokens here. Whoever connects it in a second workspace has shown
that it is theirs, and is asked whether it should move. By then TikTok has made new tokens, and under strict
rotation the ones on the row may be dead. What becomes of the new ones:

- The account works where it is: they go on its row at once, before the question is asked. The same person has
  allowed the same app; only the workspace is still open. Declining, or closing the page, then changes nothing
  for the people there, whereas keeping the tokens aside would break their waiting posts in silence.
- The account does not work where it is (needs reconnecting, disconnected): they wait, sealed, in the offer.
  Putting them on the row would let the old workspace post again without anybody there or here having asked
  for it. They are used when the move is confirmed, and otherwise handed back to TikTok and forgotten.

Posts that wait in the old workspace are not touched here: publishing holds a post whose account has left its
workspace. The people there are told, without the mover's name.
"""

import json
import logging
from dataclasses import asdict
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from accounts.clients import oauth_client
from accounts.errors import AccountsError
from accounts.models import AccountMove, AccountState, ConnectRequest, TikTokAccount
from accounts.notifications.about_accounts import tell_moved_away
from accounts.sealing import SealError, sealer
from accounts.tokens import store_grant
from tiktok.errors import TikTokError
from tiktok.types import TokenGrant

logger = logging.getLogger(__name__)

OFFER_LIFETIME = timedelta(minutes=30)


class MoveEndedError(AccountsError):
    """The offer cannot be confirmed any more: answered, run out, or the account changed hands meanwhile."""


def offer_move(
    account: TikTokAccount, grant: TokenGrant, *, request: ConnectRequest, now: datetime
) -> AccountMove:
    """Offer the move and see to the new tokens; call it with the account's row locked."""
    _end_open_offers(account, now=now)  # a newer exchange has made their tokens useless
    move = AccountMove(
        account=account,
        from_workspace=account.workspace,
        to_workspace=request.workspace,
        asked_by=request.user,
        next_path=request.next_path,
        expires_at=now + OFFER_LIFETIME,
        created_at=now,
    )
    if account.state == AccountState.CONNECTED:
        store_grant(account, grant, now=now)
    else:
        words = asdict(grant) | {"scopes": sorted(grant.scopes)}
        move.grant_sealed = sealer().seal(json.dumps(words), _context(account))
    move.save()
    return move


def confirm_move(move: AccountMove, *, now: datetime) -> TikTokAccount:
    """Move the account with its tokens. Raises MoveEndedError, and changes nothing, where it cannot be."""
    with transaction.atomic():
        account = TikTokAccount.objects.select_for_update().get(pk=move.account_id)
        if not _answer(move, now=now, confirmed_at=now) or account.workspace_id != move.from_workspace_id:
            raise MoveEndedError
        if account.state != AccountState.CONNECTED:
            if not move.grant_sealed:  # it stopped working after the offer was made
                raise MoveEndedError
            # Lifetimes count from when TikTok granted.
            store_grant(account, _opened(move, account), now=move.created_at)
        tell_moved_away(account, workspace_id=move.from_workspace_id, move_id=move.pk, now=now)
        account.workspace = move.to_workspace
        account.connected_by = move.asked_by
        account.connected_at = now
        account.save(update_fields=["workspace", "connected_by", "connected_at"])
    return account


def decline_move(move: AccountMove, *, now: datetime) -> None:
    """Leave the account where it is; safe to call twice."""
    if _answer(move, now=now, declined_at=now):
        _hand_back(move)


def forget_ended_moves(*, now: datetime) -> None:
    """Forget the tokens of offers that nobody answered, and delete offers that came to nothing a day ago."""
    unanswered = AccountMove.objects.filter(confirmed_at__isnull=True, expires_at__lte=now)
    for move in unanswered.exclude(grant_sealed="").select_related("account")[:50]:
        if AccountMove.objects.filter(pk=move.pk, grant_sealed=move.grant_sealed).update(grant_sealed=""):
            _hand_back(move)
    unanswered.filter(expires_at__lte=now - timedelta(days=1)).delete()


def _answer(move: AccountMove, *, now: datetime, **answer: datetime) -> bool:
    """Take the one answer an offer has; its tokens leave the row with it (`move` still holds them)."""
    rows = AccountMove.objects.filter(pk=move.pk, confirmed_at__isnull=True, declined_at__isnull=True)
    return bool(rows.filter(expires_at__gt=now).update(grant_sealed="", **answer))


def _end_open_offers(account: TikTokAccount, *, now: datetime) -> None:
    AccountMove.objects.filter(
        Q(account=account), confirmed_at__isnull=True, declined_at__isnull=True
    ).update(declined_at=now, grant_sealed="")


def _hand_back(move: AccountMove) -> None:
    """Tell TikTok that nobody uses the tokens in the offer; where it cannot be told they run out."""
    if not move.grant_sealed:
        return
    if move.account.state == AccountState.CONNECTED:
        return  # connected anew meanwhile: revoking would take that permission away too
    try:
        oauth_client().revoke(_opened(move, move.account).access_token)
    except (SealError, TikTokError) as error:
        logger.warning("An unused permission could not be handed back (%s).", type(error).__name__)


def _opened(move: AccountMove, account: TikTokAccount) -> TokenGrant:
    words = json.loads(sealer().open(move.grant_sealed, _context(account)))
    return TokenGrant(**words | {"scopes": frozenset(words["scopes"])})


def _context(account: TikTokAccount) -> str:
    return f"accounts.AccountMove.grant:{account.pk}:{account.open_id}"
