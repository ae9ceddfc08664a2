"""What keeps a publication from going on before TikTok is even asked: its account and its consent."""

from django.conf import settings

from accounts.models import AccountState, TikTokAccount
from publishing.models import Publication
from publishing.reasons import Reason
from publishing.routes import route_of, scope_for
from publishing.states import State
from publishing.steps import Go

# An account that its row calls connected, and that still cannot be used: another app or another key in the
# settings. Only the operator can mend that, and we learn of it by trying.
OPERATOR_SECONDS = 600.0


def find_obstacle(publication: Publication) -> Go | None:
    """Where the publication has to wait instead, or None when nothing stands in its way."""
    account = publication.account
    if account.workspace_id != publication.workspace_id:
        return Go(State.HELD, Reason.ACCOUNT_MOVED)
    if account.state == AccountState.DISCONNECTED:
        return Go(State.HELD, Reason.ACCOUNT_DISCONNECTED)
    if account.state == AccountState.NEEDS_RECONNECT:
        return Go(State.WAITING_RECONNECT, Reason.NEEDS_RECONNECT)
    route = route_of(publication.consent)
    if not account.has_scope(scope_for(route)):
        return Go(State.HELD, Reason.MISSING_UPLOAD_SCOPE if route.is_inbox else Reason.MISSING_SCOPE)
    if route.is_pulled and not settings.MEDIA_PULL_BASE_URL:
        return Go(State.HELD, Reason.PULL_NOT_SET_UP)
    if publication.consent.voided_at is not None:
        return Go(State.HELD, Reason.CONSENT_VOIDED)
    return None


def find_obstacle_now(publication: Publication) -> Go | None:
    """The same by what the database says at this moment, not at the beginning of the step."""
    return find_obstacle(Publication.objects.select_related("account", "consent").get(pk=publication.pk))


def await_reconnect(publication: Publication) -> Go:
    """No token to be had: wait for a person to reconnect, or look again later where the row says connected."""
    seems_connected = TikTokAccount.objects.filter(
        pk=publication.account_id, state=AccountState.CONNECTED
    ).exists()
    return Go(
        State.WAITING_RECONNECT,
        Reason.NEEDS_RECONNECT,
        after=OPERATOR_SECONDS if seems_connected else None,
    )
