"""`init` of media that TikTok fetches from us: it gets the whole of them only once its answer is stored."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

import httpx
from django.conf import settings

from accounts.clients import tiktok_client
from accounts.clock import database_now
from composer.consents import (
    choices_of,
    cover_index_of,
    photo_post_info_of,
    photo_texts_of,
    post_info_of,
)
from composer.models import Consent
from publishing.asking import Asked
from publishing.attempts import begin_by_pull, judge_failed_init, refuse
from publishing.files import files_of
from publishing.gates import note_answer
from publishing.models import Attempt, AttemptOutcome, Gate, Route
from publishing.reasons import Reason
from publishing.states import State
from publishing.steps import Go, InsteadError, Result, Stay, Step
from tiktok import PullInit
from tiktok.client import Client
from tiktok.errors import TikTokError

# Nobody at a page waits for it, and a TikTok that fetches before it answers takes its time: 1 GB at 100 Mbit/s.
ANSWER_TIMEOUT = httpx.Timeout(90.0, connect=5.0)

Init = Callable[[Client, Sequence[str]], PullInit]


def init_by_pull(step: Step, asked: Asked) -> Result:
    """Tell TikTok where to fetch; ends in *processing*, or as `judge_failed_init` says."""
    consent = step.publication.consent
    payload, init = _order(consent, asked.route)
    files = [file.media for file in files_of(consent)]
    attempt, urls = begin_by_pull(step, asked.route, payload, files)
    try:
        with tiktok_client(step.publication.account, asked.token, timeout=ANSWER_TIMEOUT) as client:
            answer = init(client, urls)
    except TikTokError as error:
        return judge_failed_init(step, attempt, error, token=asked.token)
    return _take_answer(step, attempt, answer)


def _order(consent: Consent, route: Route) -> tuple[dict[str, Any], Init]:
    """What TikTok is told besides the addresses, as it is kept, and the call that tells it."""
    match route:
        case Route.PHOTOS:
            info, cover = photo_post_info_of(consent), cover_index_of(consent)
            is_aigc = choices_of(consent).is_labelled_aigc
            payload = asdict(info) | {"photo_cover_index": cover, "is_aigc": is_aigc}
            return payload, lambda client, urls: client.post_photos(info, urls, cover, is_aigc=is_aigc)
        case Route.INBOX_PHOTOS:
            (title, description), cover = photo_texts_of(consent), cover_index_of(consent)
            is_aigc = choices_of(consent).is_labelled_aigc
            payload = {
                "title": title,
                "description": description,
                "photo_cover_index": cover,
                "is_aigc": is_aigc,
            }
            return payload, lambda client, urls: client.upload_photos(
                title, description, urls, cover, is_aigc=is_aigc
            )
        case Route.INBOX_VIDEO_PULL:
            return {}, lambda client, urls: client.pull_inbox_video(urls[0])
        case Route.VIDEO_PULL:
            video = post_info_of(consent)
            return asdict(video), lambda client, urls: client.pull_video(video, urls[0])
        case _:
            raise ValueError(f"TikTok fetches nothing on the route {route}.")


def _take_answer(step: Step, attempt: Attempt, answer: PullInit) -> Result:
    """Publish id, open gate and the move go in one transaction: a crash in between would leave nobody to ask.

    When the addresses were taken away meanwhile (TikTok fetched, and the answer took long), nothing may be opened
    any more: TikTok cannot get the whole of it, and another attempt is safe.
    """
    at = database_now()

    def write() -> None:
        rows = Attempt.objects.filter(pk=attempt.pk, outcome=AttemptOutcome.OPEN)
        stored = rows.filter(gate__in=[Gate.CLOSED, Gate.OPEN]).update(
            gate=Gate.OPEN,
            gate_opened_at=attempt.gate_opened_at or at,
            publish_id=answer.publish_id,
            init_finished_at=at,
            tiktok_log_id=answer.log_id,
        )
        if not stored:
            raise InsteadError(_give_up(step, attempt, answer))
        note_answer(attempt, now=at)

    detail = {"publish_id": answer.publish_id, "log_id": answer.log_id}
    return Go(State.PROCESSING, after=0, attempt=attempt, detail=detail, write=write)


def _give_up(step: Step, attempt: Attempt, answer: PullInit) -> Stay:
    def write() -> None:
        attempt.publish_id = answer.publish_id
        attempt.save(update_fields=["publish_id"])
        refuse(attempt, step, Reason.FETCHED_UNANSWERED, answer.log_id)

    return Stay(after=settings.PUBLISHING_ORPHAN_GAP_SECONDS, is_progress=False, write=write)
