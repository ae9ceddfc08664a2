"""Asking TikTok to stop what it may publish already: the only way to cancel once the last byte is in its reach."""

import logging

from accounts.clients import tiktok_client
from accounts.clock import database_now
from accounts.tokens import access_token_for
from publishing.budgets import Endpoint, take_call
from publishing.heartbeats import Heartbeat
from publishing.log import record_call
from publishing.models import Attempt, Publication
from publishing.states import State
from publishing.steps import Step
from tiktok.errors import ApiError, NotCancellableError, ServerError, TikTokError, UnknownPublishIdError

logger = logging.getLogger(__name__)

ACCEPTED = "ok"


def is_cancel_due(publication: Publication) -> bool:
    """Whether somebody wants it stopped and TikTok has not answered that yet."""
    is_wanted = publication.cancel_asked_at is not None and not publication.cancel_answer
    return is_wanted and publication.state == State.PROCESSING


def ask_to_cancel(step: Step, attempt: Attempt) -> None:
    """Ask once and keep the answer; without one the next step asks again, which does no harm.

    Best effort on TikTok's side: what becomes of the post is told by its status alone, never by this answer.
    """
    account = step.publication.account
    now = database_now()
    if take_call(account.pk, Endpoint.CANCEL, now=now):
        return
    with Heartbeat(step.lease):
        token = access_token_for(account, now=now)
        answer, log_id = ACCEPTED, ""
        try:
            with tiktok_client(account, token) as client:
                client.cancel(attempt.publish_id or "")
        except NotCancellableError as error:
            answer, log_id = error.code, error.log_id
        except TikTokError as error:
            logger.info("publication %s not cancelled: %s", step.publication.pk, error.code)
            if _may_answer_later(error):
                return
            answer, log_id = error.code, error.log_id
    with Publication.objects.fenced(step.lease):
        Publication.objects.filter(pk=step.publication.pk).update(cancel_answer=answer[:100])
        record_call(step, attempt, "cancel", answer[:100], log_id)
    step.publication.cancel_answer = answer[:100]


def _may_answer_later(error: TikTokError) -> bool:
    """Whether the same question may get another answer: no answer, a fault, a dead token, an id still unknown."""
    if isinstance(error, ServerError | UnknownPublishIdError):
        return True
    is_refusal = isinstance(error, ApiError) and error.http_status not in {401, 429}
    return not is_refusal
