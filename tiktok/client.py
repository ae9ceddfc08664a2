"""Calls TikTok's posting and user API for one access token: one method per endpoint.

No method repeats a call by itself. Every failure is a `TikTokError`; success is read from `error.code` in the
answer, never from the HTTP status, because TikTok reports a banned creator with 200.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import NoReturn, Self

import httpx

from tiktok import answers, wire
from tiktok.errors import TransportError, TransportKind, api_error
from tiktok.types import CreatorInfo, PublishState, UserInfo, VideoInit, VideoPostInfo
from tiktok.uploads import ChunkPlan

JSON_CONTENT_TYPE = "application/json; charset=UTF-8"


class Client:
    """TikTok's API as one creator; a context manager that holds one connection pool.

    `base_url` is https, or http to this machine. `transport` replaces the network. All methods raise
    `ApiError` when TikTok refuses and `TransportError` when there is no usable answer; the latter may be
    repeated for every method, because none of them publishes anything by itself.
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
        body = {
            "post_info": _post_info(post_info),
            "source_info": {
                "source": "FILE_UPLOAD",
                "video_size": plan.video_size,
                "chunk_size": plan.chunk_size,
                "total_chunk_count": plan.total_chunk_count,
            },
        }
        data, answer = self._call("POST", "/v2/post/publish/video/init/", body=body)
        publish_id = answers.opaque(data.get("publish_id"))
        upload_url = answers.opaque(data.get("upload_url"))
        if not publish_id or not upload_url:
            self._unreadable(answer, "no publish_id or upload_url in it")
        return VideoInit(publish_id=publish_id, upload_url=upload_url, log_id=answer.log_id)

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
        uploaded_bytes = answers.whole(data.get("uploaded_bytes"))
        return PublishState(
            status=status,
            fail_reason=answers.word(data.get("fail_reason")),
            post_ids=tuple(
                post_id
                for post_id in map(answers.opaque, answers.items(post_ids))
                if post_id not in {"", "0"}
            ),
            uploaded_bytes=uploaded_bytes if uploaded_bytes is not None and uploaded_bytes >= 0 else None,
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

    def _call(
        self,
        method: str,
        path: str,
        *,
        body: Mapping[str, object] | None = None,
        params: Mapping[str, str] | None = None,
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
        answer = wire.Answer(self._send(request), [self._access_token])
        if answer.code == "ok":
            return answer.data, answer
        if 300 <= answer.http_status < 400:
            self._unreadable(answer, kind=TransportKind.REDIRECT)
        if not answer.code and answer.http_status < 500 and answer.http_status != 429:
            self._unreadable(answer, "no error code in it")
        raise api_error(
            answer.code,
            answer.message,
            http_status=answer.http_status,
            log_id=answer.log_id,
            retry_after=answer.retry_after,
        )

    def _send(self, request: httpx.Request) -> httpx.Response:
        try:
            return self._http.send(request)
        except httpx.HTTPError as error:
            failure = wire.broken_exchange(error, is_repeatable=True)
        raise failure

    def _unreadable(
        self, answer: wire.Answer, detail: str = "", *, kind: TransportKind = TransportKind.UNREADABLE
    ) -> NoReturn:
        raise TransportError(
            kind,
            is_sent=True,
            is_repeatable=True,
            detail=detail,
            log_id=answer.log_id,
            http_status=answer.http_status,
        )


def _post_info(post_info: VideoPostInfo) -> dict[str, object]:
    fields: dict[str, object] = {
        "privacy_level": str(post_info.privacy_level),
        "disable_comment": post_info.disable_comment,
        "disable_duet": post_info.disable_duet,
        "disable_stitch": post_info.disable_stitch,
        # Both always: one table calls them required, although the examples leave them out.
        "brand_content_toggle": post_info.brand_content_toggle,
        "brand_organic_toggle": post_info.brand_organic_toggle,
        "is_aigc": post_info.is_aigc,
    }
    if post_info.title:
        fields["title"] = post_info.title
    if post_info.video_cover_timestamp_ms is not None:
        fields["video_cover_timestamp_ms"] = post_info.video_cover_timestamp_ms
    return fields
