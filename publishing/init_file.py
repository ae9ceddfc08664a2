"""`init` of a video that we send: TikTok answers with an upload address, and no byte is sent here."""

from dataclasses import asdict
from datetime import timedelta
from typing import Any

from django.conf import settings

from accounts.clients import tiktok_client
from accounts.clock import database_now
from composer.consents import post_info_of
from publishing.asking import Asked
from publishing.attempts import begin_by_file, judge_failed_init
from publishing.models import Attempt
from publishing.sealed import seal_upload_url
from publishing.states import State
from publishing.steps import Go, Result, Step
from tiktok import VideoInit, plan_chunks
from tiktok.errors import TikTokError

# Our clock's distance from TikTok's is unknown: the upload window is taken to end this part earlier (2 minutes).
UPLOAD_URL_MARGIN = 1 / 30


def init_by_file(step: Step, asked: Asked) -> Result:
    """Announce the video; ends in *uploading*, or as `judge_failed_init` says."""
    consent = step.publication.consent
    plan = plan_chunks(consent.media.size_bytes)
    # A draft carries nothing but the file.
    post_info = None if asked.route.is_inbox else post_info_of(consent)
    payload: dict[str, Any] = asdict(post_info) if post_info else {}
    [checksum] = asked.checksums
    attempt = begin_by_file(step, asked.route, payload, plan, checksum)
    try:
        with tiktok_client(step.publication.account, asked.token) as client:
            answer = client.init_video(post_info, plan) if post_info else client.init_inbox_video(plan)
    except TikTokError as error:
        return judge_failed_init(step, attempt, error, token=asked.token)
    return _take_answer(attempt, answer)


def _take_answer(attempt: Attempt, answer: VideoInit) -> Result:
    """Save TikTok's answer, before the first byte."""
    attempt.init_finished_at = database_now()
    attempt.publish_id = answer.publish_id
    attempt.upload_url_sealed = seal_upload_url(attempt, answer.upload_url)
    life = settings.PUBLISHING_UPLOAD_URL_SECONDS * (1 - UPLOAD_URL_MARGIN)
    attempt.upload_expires_at = attempt.init_started_at + timedelta(seconds=life)
    attempt.tiktok_log_id = answer.log_id
    return Go(
        State.UPLOADING,
        after=0,
        attempt=attempt,
        detail={"publish_id": answer.publish_id, "log_id": answer.log_id},
        write=lambda: attempt.save(
            update_fields=[
                "init_finished_at",
                "publish_id",
                "upload_url_sealed",
                "upload_expires_at",
                "tiktok_log_id",
            ]
        ),
    )
