"""Calls TikTok's posting and user API for one access token: one method per endpoint.

No method repeats a call by itself. Every failure is a `TikTokError`; success is read from `error.code` in the
answer, never from the HTTP status, because TikTok reports a banned creator with 200.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import NoReturn, Self

import httpx

from tiktok import answers, bodies, wire
from tiktok.errors import TransportError, TransportKind, api_error
from tiktok.types import (
    CreatorInfo,
    PhotoPostInfo,
    PublishState,
    PullInit,
    UserInfo,
    VideoInit,
    VideoPostInfo,
)
from tiktok.uploads import ChunkPlan

VIDEO_INIT = "/v2/post/publish/video/init/"
INBOX_VIDEO_INIT = "/v2/post/publish/inbox/video/init/"
CONTENT_INIT = "/v2/post/publish/content/init/"

# What follows the host of a media address, cut at its marks; shorter parts are words such as "pull" or
# "video.mp4", which may stand in any sentence.
_HOST = re.compile(r"[^/]*//[^/?#]*")
_SECRET_PART = re.compile(r"[^/?&=#]{16,}")

JSON_CONTENT_TYPE = "application/json; charset=UTF-8"


class Client:
    """TikTok's API as one creator; a context manager that holds one connection pool.

    `base_url` is https, or http to this machine. `transport` replaces the network. All methods raise
    `ApiError` when TikTok refuses and `TransportError` when there is no usable answer. Repeating a call after
    a `TransportError` or a `ServerError` does no harm, with four exceptions: `pull_video`, `pull_inbox_video`,
    `post_photos` and `upload_photos` need no further call of ours to become a post or a draft, so there
    neither error is `is_retry_safe` (unless nothing was sent), and only whoever serves the media can know more.
    """

    def __init__(
        self,
        base_url: str,
        access_token: str,
        *,
        transport: httpx.BaseTransport | None = None,
        timeout: httpx.Timeout | float = wire.API_TIMEOUT,
    ) -> None:
        self._base_url = wire.base_address(base_url)
        if not answers.opaque(access_token):
            # Sent on, it would come back inside the text of an error about an illegal header.
            raise ValueError("The access token is empty or has characters that no token has.")
        self._access_token = access_token
        self._http = httpx.Client(**wire.session_options(timeout, transport))

    def __repr__(self) -> str:
        return f"<Client {self._base_url}>"

    def __enter__(self) -> Self:
        self._http.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the connections back; the client cannot be used afterwards."""
        self._http.close()

    def query_creator_info(self) -> CreatorInfo:
        """What the creator may do now; scope `video.publish`, 20 calls a minute.

        A creator who cannot post now is an error: `PostingCapError`, `BannedFromPostingError`,
        `ActiveUserCapError`.
        Source: https://developers.tiktok.com/doc/content-posting-api-reference-query-creator-info
        """
        data, answer = self._call("POST", "/v2/post/publish/creator_info/query/")
        if not data:
            self._unreadable(answer, "no creator in it")
        return CreatorInfo.from_json(
            {
                "avatar_url": data.get("creator_avatar_url"),
                "username": data.get("creator_username"),
                "nickname": data.get("creator_nickname"),
                "privacy_level_options": data.get("privacy_level_options"),
                "comment_disabled": data.get("comment_disabled"),
                "duet_disabled": data.get("duet_disabled"),
                "stitch_disabled": data.get("stitch_disabled"),
                "max_video_post_duration_sec": data.get("max_video_post_duration_sec"),
            }
        )

    def init_video(self, post_info: VideoPostInfo, plan: ChunkPlan) -> VideoInit:
        """Open the upload of a video that is posted directly; scope `video.publish`, 6 calls a minute.

        Nothing is published before the last byte arrived, so an `init` with a lost answer does no harm.
        Source: https://developers.tiktok.com/doc/content-posting-api-reference-direct-post
        """
        return self._init_upload(
            VIDEO_INIT,
            {"post_info": bodies.video_post_info(post_info), "source_info": bodies.file_source(plan)},
        )

    def init_inbox_video(self, plan: ChunkPlan) -> VideoInit:
        """Open the upload of a video that goes to the creator's inbox; scope `video.upload`, 6 calls a minute.

        Caption, visibility and labels cannot go along: the creator chooses them in TikTok. As with
        `init_video`, nothing arrives before the last byte. `PendingShareCapError` when five drafts wait.
        Source: https://developers.tiktok.com/doc/content-posting-api-reference-upload-video
        """
        return self._init_upload(INBOX_VIDEO_INIT, {"source_info": bodies.file_source(plan)})

    def pull_video(self, post_info: VideoPostInfo, video_url: str) -> PullInit:
        """Let TikTok fetch a video and post it; scope `video.publish`, 6 calls a minute.

        `video_url` is public https under a domain or prefix that this app has verified, without redirects,
        and must stay reachable for an hour. Not to be repeated blindly, see the class.
        Source: https://developers.tiktok.com/doc/content-posting-api-media-transfer-guide
        """
        return self._init_pull(
            VIDEO_INIT,
            {
                "post_info": bodies.video_post_info(post_info),
                "source_info": bodies.pulled_video_source(video_url),
            },
            [video_url],
        )

    def pull_inbox_video(self, video_url: str) -> PullInit:
        """Let TikTok fetch a video into the creator's inbox; scope `video.upload`, 6 calls a minute.

        The address as in `pull_video`, what goes along as in `init_inbox_video`. Not to be repeated blindly.
        Source: https://developers.tiktok.com/doc/content-posting-api-reference-upload-video
        """
        body = {"source_info": bodies.pulled_video_source(video_url)}
        return self._init_pull(INBOX_VIDEO_INIT, body, [video_url])

    def post_photos(
        self, post_info: PhotoPostInfo, photo_urls: Sequence[str], cover_index: int, *, is_aigc: bool
    ) -> PullInit:
        """Let TikTok fetch 1 to 35 photos and post them in this order; scope `video.publish`, 6 calls a minute.

        `cover_index` counts from 0. What is wrong with a photo is only said by the status, and not of which.
        Addresses as in `pull_video`. Not to be repeated blindly. ValueError for a number of photos or a cover
        that cannot be.
        Source: https://developers.tiktok.com/doc/content-posting-api-reference-photo-post
        """
        body = bodies.direct_photos(post_info, photo_urls, cover_index, is_aigc=is_aigc)
        return self._init_pull(CONTENT_INIT, body, photo_urls)

    def upload_photos(
        self, title: str, description: str, photo_urls: Sequence[str], cover_index: int, *, is_aigc: bool
    ) -> PullInit:
        """Let TikTok fetch 1 to 35 photos into the creator's inbox; scope `video.upload`, 6 calls a minute.

        `title` has at most 90 and `description` at most 4,000 UTF-16 units, else ValueError. `AppVersionError`
        when the creator's TikTok app is older than 31.8, `PendingShareCapError` when five drafts wait. The rest
        as in `post_photos`. Not to be repeated blindly.
        Source: https://developers.tiktok.com/doc/content-posting-api-reference-photo-post
        """
        body = bodies.drafted_photos(title, description, photo_urls, cover_index, is_aigc=is_aigc)
        return self._init_pull(CONTENT_INIT, body, photo_urls)

    def cancel(self, publish_id: str) -> None:
        """Ask TikTok to stop fetching; scope `video.publish` or `video.upload`, harmless to repeat.

        Best effort: it works while the media are on their way, the status then ends as `publish_cancelled`.
        `NotCancellableError` when it is too late. The limit of calls is not documented.
        Source: https://developers.tiktok.com/doc/content-posting-api-media-transfer-guide
        """
        self._call("POST", "/v2/post/publish/cancel/", body={"publish_id": publish_id})

    def fetch_status(self, publish_id: str) -> PublishState:
        """What became of a publish id; scope `video.publish` or `video.upload`, 30 calls a minute.

        `UnknownPublishIdError` within the first minute after `init` may only mean "not yet".
        Source: https://developers.tiktok.com/doc/content-posting-api-reference-get-video-status
        """
        data, answer = self._call("POST", "/v2/post/publish/status/fetch/", body={"publish_id": publish_id})
        status = answers.word(data.get("status"))
        if not status:
            self._unreadable(answer, "no status in it")
        # The spelling is TikTok's own; the right one costs nothing to understand.
        post_ids = data.get("publicaly_available_post_id", data.get("publicly_available_post_id"))
        return PublishState(
            status=status,
            fail_reason=answers.word(data.get("fail_reason")),
            post_ids=tuple(
                post_id
                for post_id in map(answers.opaque, answers.items(post_ids))
                if post_id not in {"", "0"}
            ),
            uploaded_bytes=answers.count(data.get("uploaded_bytes")),
            downloaded_bytes=answers.count(data.get("downloaded_bytes")),
            log_id=answer.log_id,
        )

    def fetch_user_info(self, fields: Sequence[str]) -> UserInfo:
        """Who the token belongs to; ask only for fields whose scope was granted, 600 calls a minute.

        Source: https://developers.tiktok.com/doc/tiktok-api-v2-get-user-info
        """
        data, answer = self._call("GET", "/v2/user/info/", params={"fields": ",".join(fields)})
        user = answers.mapping(data.get("user"))
        if not user:
            self._unreadable(answer, "no user in it")
        return UserInfo(
            open_id=answers.opaque(user.get("open_id")),
            union_id=answers.opaque(user.get("union_id")),
            display_name=answers.text(user.get("display_name")),
            avatar_url=answers.opaque(user.get("avatar_url")),
        )

    def _init_upload(self, path: str, body: Mapping[str, object]) -> VideoInit:
        data, answer = self._call("POST", path, body=body)
        publish_id = answers.opaque(data.get("publish_id"))
        upload_url = answers.opaque(data.get("upload_url"))
        if not publish_id or not upload_url:
            self._unreadable(answer, "no publish_id or upload_url in it")
        return VideoInit(publish_id=publish_id, upload_url=upload_url, log_id=answer.log_id)

    def _init_pull(self, path: str, body: Mapping[str, object], media_urls: Sequence[str]) -> PullInit:
        # TikTok may quote an address, whole or in part, in a text that ends in a log or on a row.
        parts = [part for url in media_urls for part in _SECRET_PART.findall(_HOST.sub("", url, count=1))]
        data, answer = self._call("POST", path, body=body, is_repeatable=False, secrets=[*media_urls, *parts])
        publish_id = answers.opaque(data.get("publish_id"))
        if not publish_id:
            self._unreadable(answer, "no publish_id in it", is_repeatable=False)
        return PullInit(publish_id=publish_id, log_id=answer.log_id)

    def _call(
        self,
        method: str,
        path: str,
        *,
        body: Mapping[str, object] | None = None,
        params: Mapping[str, str] | None = None,
        is_repeatable: bool = True,
        secrets: Sequence[str] = (),
    ) -> tuple[Mapping[str, object], wire.Answer]:
        headers = {"Authorization": f"Bearer {self._access_token}"}
        if method == "POST":
            headers["Content-Type"] = JSON_CONTENT_TYPE
        request = self._http.build_request(
            method,
            self._base_url + path,
            headers=headers,
            params=params,
            content=None if body is None else json.dumps(body).encode(),
        )
        response = self._send(request, is_repeatable=is_repeatable)
        answer = wire.Answer(response, [self._access_token, *secrets])
        if answer.code == "ok":
            return answer.data, answer
        if 300 <= answer.http_status < 400:
            self._unreadable(answer, kind=TransportKind.REDIRECT, is_repeatable=is_repeatable)
        if not answer.code and answer.http_status < 500 and answer.http_status != 429:
            self._unreadable(answer, "no error code in it", is_repeatable=is_repeatable)
        raise api_error(
            answer.code,
            answer.message,
            http_status=answer.http_status,
            log_id=answer.log_id,
            retry_after=answer.retry_after,
            is_repeatable=is_repeatable,
        )

    def _send(self, request: httpx.Request, *, is_repeatable: bool) -> httpx.Response:
        try:
            return self._http.send(request)
        except httpx.HTTPError as error:
            failure = wire.broken_exchange(error, is_repeatable=is_repeatable)
        raise failure

    def _unreadable(
        self,
        answer: wire.Answer,
        detail: str = "",
        *,
        kind: TransportKind = TransportKind.UNREADABLE,
        is_repeatable: bool = True,
    ) -> NoReturn:
        raise TransportError(
            kind,
            is_sent=True,
            is_repeatable=is_repeatable,
            detail=detail,
            log_id=answer.log_id,
            http_status=answer.http_status,
        )
