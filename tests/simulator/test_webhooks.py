"""The simulated TikTok tells the app what happened: signed anew at each try, repeated, with every mishap."""

import hashlib
import hmac
import itertools
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest

from tests.processes import Simulator
from tests.simulator.speaking import Phone

COMPLETE = "post.publish.complete"
PUBLIC = "post.publish.publicly_available"


class Hook:
    """An app's webhook: keeps what came, and answers as it is told to, 200 unless told."""

    def __init__(self, secret: str) -> None:
        self.secret = secret
        self.came: list[tuple[bytes, str, float]] = []
        self.answers: list[int] = []
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                hook.came.append((body, self.headers["TikTok-Signature"], time.time()))
                status = 200 if hook.is_signed(len(hook.came) - 1) else 401
                self.send_response(hook.answers.pop(0) if hook.answers else status)
                self.end_headers()

            def log_message(self, *_args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://localhost:{self._server.server_port}/webhooks/tiktok/"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def is_signed(self, index: int) -> bool:
        body, header, _at = self.came[index]
        stamp, _, signature = header.removeprefix("t=").partition(",s=")
        expected = hmac.new(self.secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
        return hmac.compare_digest(expected, signature)

    def stamps(self) -> list[int]:
        return [int(header.removeprefix("t=").partition(",")[0]) for _body, header, _at in self.came]

    def events(self) -> list[dict[str, Any]]:
        return [json.loads(body) for body, _header, _at in self.came]

    def names(self) -> list[str]:
        return [event["event"] for event in self.events()]

    def wait(self, count: int, *, seconds: float = 15) -> list[dict[str, Any]]:
        """Until so many have come; all of them."""
        deadline = time.monotonic() + seconds
        while len(self.came) < count and time.monotonic() < deadline:
            time.sleep(0.02)
        assert len(self.came) >= count, f"only {self.names()}"
        return self.events()

    def wait_quietly(self, count: int, *, seconds: float = 0.7) -> list[dict[str, Any]]:
        """Until so many have come, and no more after that."""
        self.wait(count)
        time.sleep(seconds)
        assert len(self.came) == count, self.names()
        return self.events()


@pytest.fixture
def hook(simulator: Simulator) -> Iterator[Hook]:
    hook = Hook(simulator.client_secret)
    simulator.switch(webhook_url=hook.url, webhook_retry_seconds=0.2)
    yield hook
    simulator.switch(webhook_url="")
    hook.close()


def content_of(event: dict[str, Any]) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(event["content"])
    return content


def test_a_public_post_is_told_of_twice_without_anybody_asking(
    simulator: Simulator, poppy: Phone, hook: Hook, film: bytes
) -> None:
    publish_id = poppy.send(film, privacy_level="PUBLIC_TO_EVERYONE")
    events = {event["event"]: event for event in hook.wait_quietly(2)}
    assert events.keys() == {COMPLETE, PUBLIC}
    for event in events.values():
        assert event["client_key"] == simulator.client_key
        assert event["user_openid"] == poppy.open_id
        assert abs(event["create_time"] - time.time()) < 30
    assert content_of(events[COMPLETE]) == {"publish_id": publish_id, "publish_type": "DIRECT_PUBLISH"}
    [post] = simulator.posts()
    assert content_of(events[PUBLIC]) == {
        "publish_id": publish_id, "post_id": str(post["post_id"]), "publish_type": "DIRECT_PUBLISH",
    }  # fmt: skip
    assert all(hook.is_signed(index) for index in range(2))


def test_a_post_for_fewer_eyes_is_told_of_once(poppy: Phone, hook: Hook, film: bytes) -> None:
    poppy.send(film, privacy_level="SELF_ONLY")
    hook.wait_quietly(1)
    assert hook.names() == [COMPLETE]


def test_a_failure_is_told_with_its_reason(
    simulator: Simulator, poppy: Phone, hook: Hook, film: bytes
) -> None:
    simulator.fault("status", "fail_reason", reason="spam_risk")
    publish_id = poppy.send(film)
    [event] = hook.wait_quietly(1)
    assert event["event"] == "post.publish.failed"
    assert content_of(event) == {
        "publish_id": publish_id, "publish_type": "DIRECT_PUBLISH", "reason": "spam_risk",
    }  # fmt: skip


def test_a_draft_is_told_of_when_it_is_there_and_each_time_it_is_posted(
    simulator: Simulator, poppy: Phone, hook: Hook, film: bytes
) -> None:
    publish_id = poppy.draft(film)
    [event] = hook.wait(1)
    assert event["event"] == "post.publish.inbox_delivered"
    assert content_of(event) == {"publish_id": publish_id, "publish_type": "INBOX_SHARE"}
    simulator.tap(publish_id, times=2, privacy_level="SELF_ONLY")
    hook.wait_quietly(3)
    assert hook.names()[1:] == [COMPLETE, COMPLETE]


def test_a_post_ceases_to_be_public_and_is_public_again(
    simulator: Simulator, poppy: Phone, hook: Hook, film: bytes
) -> None:
    publish_id = poppy.send(film, privacy_level="PUBLIC_TO_EVERYONE")
    hook.wait(2)
    [post] = simulator.posts()
    page = f"{simulator.url}/@poppy.public/video/{post['post_id']}"
    assert httpx.post(page, data={"privacy_level": "SELF_ONLY"}, trust_env=False).status_code == 303
    event = hook.wait(3)[2]
    assert event["event"] == "post.publish.no_longer_publicaly_available"
    assert content_of(event)["post_id"] == str(post["post_id"])
    assert poppy.state_of(publish_id)["publicaly_available_post_id"] == []
    assert httpx.post(page, data={"privacy_level": "PUBLIC_TO_EVERYONE"}, trust_env=False).status_code == 303
    assert hook.wait_quietly(4)[3]["event"] == PUBLIC
    assert poppy.state_of(publish_id)["publicaly_available_post_id"] == [post["post_id"]]
    assert httpx.post(page, data={"privacy_level": "EVERYBODY"}, trust_env=False).status_code == 400


def test_removing_the_app_is_told_with_who_did_it(simulator: Simulator, poppy: Phone, hook: Hook) -> None:
    profile = f"{simulator.url}/@poppy.public"
    assert "Remove its access" in httpx.get(profile, trust_env=False).text
    assert httpx.post(f"{profile}/remove-access", trust_env=False).status_code == 303
    assert "Remove its access" not in httpx.get(profile, trust_env=False).text
    [event] = hook.wait_quietly(1)
    assert (event["event"], content_of(event)) == ("authorization.removed", {"reason": 1})
    simulator.revoke("poppy.public")
    again = poppy.app.connect("poppy.public")
    again.app.revoke(again.access_token)
    assert [content_of(event) for event in hook.wait_quietly(2)] == [{"reason": 1}, {"reason": 5}]


def test_it_is_repeated_with_growing_gaps_signed_anew_until_it_is_taken(
    simulator: Simulator, poppy: Phone, hook: Hook, film: bytes
) -> None:
    simulator.switch(webhook_retry_seconds=0.3)
    hook.answers = [500, 302, 401]
    poppy.send(film, privacy_level="SELF_ONLY")
    hook.wait_quietly(4, seconds=1)
    assert len({body for body, _header, _at in hook.came}) == 1, "the same event, byte for byte"
    moments = [at for _body, _header, at in hook.came]
    gaps = [after - before for before, after in itertools.pairwise(moments)]
    assert gaps[0] >= 0.3
    assert gaps[1] >= 0.6
    assert gaps[2] >= 1.2
    stamps = hook.stamps()
    assert stamps == sorted(stamps)
    assert stamps[-1] > stamps[0]
    [event] = simulator.events()
    assert (event["tries"], event["answer"], event["is_waiting"]) == (4, "200", False)


def wait_until_noted(simulator: Simulator) -> None:
    """Until the simulator has written down how its first try ended, and when the next one is."""
    deadline = time.monotonic() + 10
    while not simulator.events() or not simulator.events()[0]["tries"]:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_after_72_hours_it_is_given_up(simulator: Simulator, poppy: Phone, hook: Hook, film: bytes) -> None:
    hook.answers = [500] * 3
    simulator.switch(webhook_retry_seconds=3600)
    poppy.send(film, privacy_level="SELF_ONLY")
    hook.wait(1)
    wait_until_noted(simulator)
    simulator.advance(73 * 3600)
    hook.wait_quietly(2)
    [event] = simulator.events()
    assert (event["answer"], event["is_waiting"]) == ("500", False)


def test_an_app_that_is_away_gets_it_when_it_is_back(
    simulator: Simulator, poppy: Phone, hook: Hook, film: bytes
) -> None:
    simulator.switch(webhook_url="http://localhost:9/")
    poppy.send(film, privacy_level="SELF_ONLY")
    wait_until_noted(simulator)
    simulator.switch(webhook_url=hook.url)
    hook.wait_quietly(1)


def test_without_an_address_everything_stays_here(simulator: Simulator, poppy: Phone, film: bytes) -> None:
    poppy.post(film, privacy_level="SELF_ONLY")
    time.sleep(0.3)
    [event] = simulator.events()
    assert (event["event"], event["tries"], event["is_waiting"]) == (COMPLETE, 0, True)


# --- Mishaps -----------------------------------------------------------------------------------------------


def test_lost(simulator: Simulator, poppy: Phone, hook: Hook, film: bytes) -> None:
    simulator.fault("webhook", "lost")
    poppy.send(film, privacy_level="PUBLIC_TO_EVERYONE")
    hook.wait_quietly(1)
    assert sorted(event["fault"] for event in simulator.events()) == ["", "lost"]


def test_doubled(simulator: Simulator, poppy: Phone, hook: Hook, film: bytes) -> None:
    simulator.fault("webhook", "doubled")
    poppy.send(film, privacy_level="SELF_ONLY")
    hook.wait_quietly(2)
    assert hook.came[0][0] == hook.came[1][0]


def test_late(simulator: Simulator, poppy: Phone, hook: Hook, film: bytes) -> None:
    simulator.fault("webhook", "late", seconds=1.5)
    poppy.send(film, privacy_level="SELF_ONLY")
    hook.wait_quietly(1)
    assert hook.came[0][2] - hook.events()[0]["create_time"] >= 1.5


def test_reordered(simulator: Simulator, poppy: Phone, hook: Hook, film: bytes) -> None:
    simulator.fault("webhook", "reordered")
    poppy.send(film, privacy_level="PUBLIC_TO_EVERYONE")
    hook.wait_quietly(2)
    told = [event["event"] for event in simulator.events()]
    assert hook.names() == told[::-1]


def test_forged(simulator: Simulator, poppy: Phone, hook: Hook, film: bytes) -> None:
    simulator.fault("webhook", "forged")
    poppy.send(film, privacy_level="SELF_ONLY")
    hook.wait_quietly(2)
    assert sorted(hook.is_signed(index) for index in range(2)) == [False, True]
    assert {event["answer"] for event in simulator.events()} == {"200", "401"}


@pytest.mark.parametrize(("on", "kind"), [("webhook", "html"), ("status", "lost"), ("fetch", "forged")])
def test_mishaps_of_events_go_on_events_only(simulator: Simulator, on: str, kind: str) -> None:
    with pytest.raises(httpx.HTTPStatusError):
        simulator.fault(on, kind)
