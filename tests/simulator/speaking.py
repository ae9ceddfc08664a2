"""Speaks TikTok's contract in bare HTTP, so that tests see exactly what travels."""

import hashlib
import secrets
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

import httpx

from tests.processes import CALLBACK, Simulator

ALL_SCOPES = (
    "user.info.basic",
    "user.info.profile",
    "user.info.stats",
    "video.list",
    "video.publish",
    "video.upload",
)
VERIFIER = "v" * 64
CHALLENGE = hashlib.sha256(VERIFIER.encode()).hexdigest()
MEGABYTE = 1_000_000


class App:
    """A client of TikTok: consent, tokens and calls."""

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator
        self.http = httpx.Client(base_url=simulator.url, timeout=20)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def authorize_query(self, **changes: str | None) -> dict[str, str]:
        query = {
            "client_key": self.simulator.client_key,
            "scope": ",".join(ALL_SCOPES),
            "response_type": "code",
            "redirect_uri": CALLBACK,
            "state": "state-1",
            "disable_auto_auth": "1",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
        }
        for name, value in changes.items():
            if value is None:
                query.pop(name)
            else:
                query[name] = value
        return query

    def see_consent(self, **changes: str | None) -> httpx.Response:
        return self.http.get("/v2/auth/authorize/", params=self.authorize_query(**changes))

    def decide(
        self,
        creator: str = "poppy.public",
        *,
        scopes: tuple[str, ...] = ALL_SCOPES,
        decision: str = "continue",
        **changes: str | None,
    ) -> httpx.Response:
        """Press a button on the consent page."""
        form = {"creator": creator, "scopes": list(scopes), "decision": decision}
        return self.http.post("/v2/auth/authorize/", params=self.authorize_query(**changes), data=form)

    def code(self, creator: str = "poppy.public", **details: Any) -> str:
        return landing(self.decide(creator, **details))["code"]

    def exchange(self, code: str | None, **changes: str | None) -> httpx.Response:
        form: dict[str, str | None] = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": CALLBACK,
            "code_verifier": VERIFIER,
        }
        return self.token(**(form | changes))

    def refresh(self, refresh_token: str) -> httpx.Response:
        return self.token(grant_type="refresh_token", refresh_token=refresh_token)

    def token(self, **changes: str | None) -> httpx.Response:
        return self._oauth("/v2/oauth/token/", changes)

    def revoke(self, access_token: str, **changes: str | None) -> httpx.Response:
        return self._oauth("/v2/oauth/revoke/", {"token": access_token} | changes)

    def connect(self, creator: str, **details: Any) -> "Phone":
        answer = self.exchange(self.code(creator, **details)).json()
        return Phone(self, answer["access_token"], answer["refresh_token"], answer["open_id"])

    def _oauth(self, path: str, changes: dict[str, str | None]) -> httpx.Response:
        form = {
            "client_key": self.simulator.client_key,
            "client_secret": self.simulator.client_secret,
        } | changes
        return self.http.post(path, data={name: value for name, value in form.items() if value is not None})


@dataclass(frozen=True)
class Upload:
    """An accepted init."""

    publish_id: str
    url: str


class Phone:
    """A connected creator: every call with their token."""

    def __init__(self, app: App, access_token: str, refresh_token: str, open_id: str) -> None:
        self.app = app
        self.access_token = access_token
        self.refresh_token = refresh_token
        self.open_id = open_id

    def call(self, path: str, body: object = None) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.access_token}"}
        return self.app.http.post(
            f"/v2/post/publish{path}", json={} if body is None else body, headers=headers
        )

    def creator_info(self) -> httpx.Response:
        return self.call("/creator_info/query/")

    def user_info(self, fields: str) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.access_token}"}
        return self.app.http.get("/v2/user/info/", params={"fields": fields}, headers=headers)

    def init(
        self,
        size: int = 4 * MEGABYTE,
        chunk_size: int | None = None,
        count: int = 1,
        *,
        source: dict[str, Any] | None = None,
        **post_info: Any,
    ) -> httpx.Response:
        info = {"title": "A test", "privacy_level": "SELF_ONLY"} | post_info
        sizes = {"video_size": size, "chunk_size": chunk_size or size, "total_chunk_count": count}
        return self.call(
            "/video/init/",
            {
                "post_info": {name: value for name, value in info.items() if value is not None},
                "source_info": source or {"source": "FILE_UPLOAD", **sizes},
            },
        )

    def init_inbox(
        self, size: int = 4 * MEGABYTE, *, source: dict[str, Any] | None = None, **extra: Any
    ) -> httpx.Response:
        sizes = {"video_size": size, "chunk_size": size, "total_chunk_count": 1}
        body = {"source_info": source or {"source": "FILE_UPLOAD", **sizes}} | extra
        return self.call("/inbox/video/init/", body)

    def init_photos(
        self,
        urls: list[str],
        *,
        cover: object = 0,
        mode: str = "DIRECT_POST",
        source: dict[str, Any] | None = None,
        top: dict[str, Any] | None = None,
        **post_info: Any,
    ) -> httpx.Response:
        """Photos; `top` goes beside post_info, and a None takes a field away."""
        info = {"title": "Six views", "privacy_level": "SELF_ONLY"} | post_info
        pulled = {"source": "PULL_FROM_URL", "photo_images": urls, "photo_cover_index": cover}
        body = {
            "media_type": "PHOTO",
            "post_mode": mode,
            "post_info": {name: value for name, value in info.items() if value is not None},
            "source_info": pulled if source is None else source,
        } | (top or {})
        return self.call("/content/init/", {name: value for name, value in body.items() if value is not None})

    def cancel(self, publish_id: object) -> httpx.Response:
        return self.call("/cancel/", {"publish_id": publish_id})

    def draft(self, film: bytes) -> str:
        """A video in the creator's inbox; returns the publish id."""
        data = self.init_inbox(len(film)).json()["data"]
        assert put(data["upload_url"], film, 0, len(film)).status_code == 201
        self.app.simulator.wait_until_checked(data["publish_id"])
        return str(data["publish_id"])

    def begin(
        self, size: int = 4 * MEGABYTE, chunk_size: int | None = None, count: int = 1, **info: Any
    ) -> Upload:
        data = self.init(size, chunk_size, count, **info).json()["data"]
        return Upload(data["publish_id"], data["upload_url"])

    def send(self, film: bytes, *, content_type: str = "video/mp4", **post_info: Any) -> str:
        """Init and the one chunk that a small film is; returns the publish id."""
        upload = self.begin(len(film), **post_info)
        answer = put(upload.url, film, 0, len(film), content_type=content_type)
        assert answer.status_code == 201
        return upload.publish_id

    def post(self, film: bytes, **details: Any) -> str:
        """As send, and wait until the file has been looked at."""
        publish_id = self.send(film, **details)
        self.app.simulator.wait_until_checked(publish_id)
        return publish_id

    def status(self, publish_id: object) -> httpx.Response:
        return self.call("/status/fetch/", {"publish_id": publish_id})

    def state_of(self, publish_id: str) -> dict[str, Any]:
        data: dict[str, Any] = self.status(publish_id).json()["data"]
        return data


def put(
    url: str, block: bytes, first: int, total: int, *, content_type: str = "video/mp4", **headers: str
) -> httpx.Response:
    """One chunk."""
    sent = {
        "Content-Type": content_type,
        "Content-Range": f"bytes {first}-{first + len(block) - 1}/{total}",
    }
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.put(url, content=block, headers=sent, timeout=30)


def landing(response: httpx.Response) -> dict[str, str]:
    """What a redirect back to the client carries."""
    assert response.status_code == 302, response.text
    return dict(parse_qsl(urlsplit(response.headers["Location"]).query, keep_blank_values=True))


def error_of(response: httpx.Response) -> tuple[int, str, str]:
    """HTTP status, error code and message of an answer in the posting envelope."""
    error = response.json()["error"]
    return response.status_code, error["code"], error["message"]


def noise(size: int) -> bytes:
    """Bytes that differ from one call to the next."""
    return secrets.token_bytes(size)
