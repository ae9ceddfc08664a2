"""What `make bench` does inside an installation: the bare loop it compares with, and rows made ready."""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, BinaryIO

import httpx

from tests.inside import answer, poppy_of_alice, store
from tiktok import Chunk, ChunkPlan, VideoPostInfo, plan_chunks

# The cheapest of 64 KiB to 1 MiB for both sides, so that only what the engine adds makes a difference.
BLOCK_BYTES = 512 * 1024


def bare_loop(path: str) -> Any:
    """A fresh `init`, then PUT after PUT with plain httpx; seconds from the first byte to the last answer."""
    from accounts.clients import tiktok_client
    from accounts.clock import database_now
    from accounts.tokens import access_token_for

    account, _user = poppy_of_alice()
    plan = plan_chunks(Path(path).stat().st_size)
    post_info = VideoPostInfo(
        title="The bare loop", privacy_level="PUBLIC_TO_EVERYONE", disable_comment=False, disable_duet=True,
        disable_stitch=True, brand_content_toggle=False, brand_organic_toggle=False,
    )  # fmt: skip
    with tiktok_client(account, access_token_for(account, now=database_now())) as client:
        init = client.init_video(post_info, plan)
    return {"publish_id": init.publish_id, "seconds": _put_all(Path(path), init.upload_url, plan)}


def bare_loop_to_sink(path: str, url: str) -> Any:
    """The same ranges, to the sink."""
    return _put_all(Path(path), url, plan_chunks(Path(path).stat().st_size))


def single_put(path: str, url: str) -> Any:
    """The whole file in one request, to the sink: TikTok would not take it, but nothing is faster."""
    size = Path(path).stat().st_size
    whole = Chunk(index=0, first_byte=0, last_byte=size - 1, is_last=True)
    return _put_all(Path(path), url, [whole], size)


def hash_seconds(path: str) -> Any:
    """What the engine's check of the file takes before it asks TikTok."""
    from publishing.checksums import take_checksum

    started = time.perf_counter()
    with Path(path).open("rb") as file:
        take_checksum(file, "")  # type: ignore[arg-type]
    return time.perf_counter() - started


def send_to(path: str, url: str) -> Any:
    """A publication whose `init` has been answered with that upload URL: the worker only has to send."""
    from accounts.clock import database_now
    from publishing.sealed import seal_upload_url
    from publishing.states import State
    from tests.factories import make_attempt, make_post, make_publication

    account, user = poppy_of_alice()
    media = store(account, Path(path))
    plan = plan_chunks(media.size_bytes)
    now = database_now()
    post = make_post(account.workspace, account=account, media=media)
    publication = make_publication(post, user=user, state=State.UPLOADING)
    attempt = make_attempt(
        publication, chunk_size=plan.chunk_size, total_chunk_count=plan.total_chunk_count,
        upload_expires_at=now + timedelta(hours=1), publish_id=f"v_pub_file~sink.{publication.pk}",
    )  # fmt: skip
    attempt.upload_url_sealed = seal_upload_url(attempt, url)
    attempt.save()
    publication.next_try_at = now
    publication.save()
    return publication.pk


def publish_later(path: str, delays: str) -> Any:
    """One publication of that file for each delay, due so many seconds from now."""
    from accounts.clock import database_now
    from tests.factories import make_post, make_publication

    account, user = poppy_of_alice()
    media = store(account, Path(path))
    now = database_now()
    for delay in delays.split(","):
        due_at = now + timedelta(seconds=float(delay))
        post = make_post(account.workspace, account=account, media=media)
        make_publication(post, user=user, due_at=due_at, next_try_at=due_at)
    return True


def composer_page() -> Any:
    """A draft of alice's with an account and a video: its address, her session cookie and the page's queries."""
    from django.conf import settings
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext
    from django.urls import reverse

    from tests.factories import make_media, make_post

    account, user = poppy_of_alice()
    post = make_post(account.workspace, account=account, media=make_media(account.workspace))
    client = Client(SERVER_NAME="localhost")
    client.force_login(user)
    path = reverse("composer:post-edit", args=[post.pk])
    with CaptureQueriesContext(connection) as queries:
        assert client.get(path).status_code == 200
    cookie = settings.SESSION_COOKIE_NAME
    return {"path": path, "cookies": {cookie: client.cookies[cookie].value}, "queries": len(queries)}


def sign_in() -> Any:
    """Alice with her account connected: the cookies and headers with which her browser sends files."""
    from django.conf import settings
    from django.test import Client

    _account, user = poppy_of_alice()
    client = Client(SERVER_NAME="localhost")
    client.force_login(user)
    name, token = settings.SESSION_COOKIE_NAME, "a" * 32
    return {
        "cookies": {name: client.cookies[name].value, settings.CSRF_COOKIE_NAME: token},
        "headers": {"X-CSRFToken": token, "Tus-Resumable": "1.0.0"},
        "part_bytes": settings.UPLOAD_PART_BYTES,
    }


def publish_media(pk: str) -> Any:
    """Post a file of the library to poppy's account, due now. Returns the publication's key."""
    from accounts.clock import database_now
    from composer.models import MediaFile
    from tests.factories import make_post, make_publication

    account, user = poppy_of_alice()
    post = make_post(account.workspace, account=account, media=MediaFile.objects.get(pk=pk))
    now = database_now()
    return make_publication(post, user=user, due_at=now, next_try_at=now).pk


def _put_all(path: Path, url: str, plan: ChunkPlan | list[Chunk], size: int = 0) -> float:
    chunks, total = (plan.chunks_from(0), plan.video_size) if isinstance(plan, ChunkPlan) else (plan, size)
    with path.open("rb", buffering=0) as file, httpx.Client(trust_env=False, timeout=60) as client:
        started = time.perf_counter()
        for chunk in chunks:
            headers = {
                "Content-Type": "video/mp4",
                "Content-Length": str(chunk.size),
                "Content-Range": f"bytes {chunk.first_byte}-{chunk.last_byte}/{total}",
            }
            response = client.put(url, content=_blocks(file, chunk), headers=headers)
            assert response.status_code == (201 if chunk.is_last else 206), response.status_code
        return time.perf_counter() - started


def _blocks(file: BinaryIO, chunk: Chunk) -> Iterator[bytes]:
    file.seek(chunk.first_byte)
    left = chunk.size
    while left:
        block = file.read(min(BLOCK_BYTES, left))
        left -= len(block)
        yield block


QUESTIONS: dict[str, Callable[..., Any]] = {
    "bare_loop": bare_loop,
    "bare_loop_to_sink": bare_loop_to_sink,
    "single_put": single_put,
    "hash_seconds": hash_seconds,
    "send_to": send_to,
    "publish_later": publish_later,
    "composer_page": composer_page,
    "sign_in": sign_in,
    "publish_media": publish_media,
}

if __name__ == "__main__":
    answer(QUESTIONS)
