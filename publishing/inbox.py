"""A draft in the creator's inbox: done for us, but what becomes of it is asked ever more rarely, for 30 days."""

from datetime import timedelta

from django.conf import settings

from publishing.models import Attempt
from publishing.polling import LONGEST_GAP, ask_status, complete, fail, note_status, sent_attempt, slower
from publishing.steps import Result, Stay, Step
from tiktok import PublishState, PublishStatus

WATCHED_FOR = timedelta(days=30)


def watch_inbox(step: Step) -> Result:
    """Published once the creator has posted it, failed when TikTok says so; whatever else, it stays in the inbox.

    An event of TikTok's has it asked once, also after the 30 days.
    """
    age = step.now - (step.publication.delivered_at or step.now)
    if age > WATCHED_FOR and step.publication.hinted_at is None:
        return Stay(fields={"next_try_at": None})
    attempt = sent_attempt(step)
    state = ask_status(step, attempt)
    gap = slower(age, least=settings.PUBLISHING_INBOX_POLL_SECONDS)
    if not isinstance(state, PublishState):
        # TikTok forgets drafts too; that tells nothing about what the creator did.
        if isinstance(state, Stay):
            return state
        return Stay(after=LONGEST_GAP.total_seconds(), fields={"hinted_at": None})
    return _judge(step, attempt, state, gap)


def _judge(step: Step, attempt: Attempt, state: PublishState, gap: float) -> Result:
    match state.status:
        case PublishStatus.PUBLISH_COMPLETE:
            return complete(step, attempt, state)
        case PublishStatus.FAILED:
            return fail(step, attempt, state)
        case _:
            return Stay(
                after=gap,
                is_progress=False,
                is_try=False,
                fields={"hinted_at": None},
                write=lambda: note_status(step, attempt, state),
            )
