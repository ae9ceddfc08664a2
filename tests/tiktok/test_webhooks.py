"""TikTok's webhooks are told from forgeries by their signature, and read whatever TikTok writes into them."""

import hashlib
import hmac
import json
from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tiktok import Webhook, WebhookName, read_webhook, signed_at, webhook_signature

SECRET = "test_client_secret"
# Computed apart from this code.
BODY = (
    b'{"client_key":"aw_test_key","event":"post.publish.publicly_available","create_time":1770210873,'
    b'"user_openid":"-000testOpenId","content":"{\\"publish_id\\":\\"v_pub_file~v2-1.7602997070760331285\\",'
    b'\\"publish_type\\":\\"DIRECT_PUBLISH\\",\\"post_id\\":\\"7602997517160123666\\"}"}'
)
HEADER = "t=1770210873,s=f34dbc8daad82e2f25dd0eafa40acfcb991d93e4a4168c6a396702b79cb1616b"

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def sign(body: bytes, secret: str = SECRET, stamp: str = "1770210873") -> str:
    digest = hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return f"t={stamp},s={digest}"


def event(name: str, content: object, **envelope: Any) -> bytes:
    wrapped = {"client_key": "aw", "event": name, "create_time": 1, "user_openid": "me", "content": content}
    return json.dumps(wrapped | envelope).encode()


def test_the_vector_is_taken() -> None:
    assert signed_at(HEADER, BODY, [SECRET]) == 1770210873
    assert read_webhook(BODY) == Webhook(
        name=WebhookName.PUBLICLY_AVAILABLE,
        client_key="aw_test_key",
        user_openid="-000testOpenId",
        create_time=1770210873,
        publish_id="v_pub_file~v2-1.7602997070760331285",
        post_id="7602997517160123666",
        publish_type="DIRECT_PUBLISH",
        reason="",
    )


@given(body=st.binary(), secret=st.text(min_size=1), stamp=st.integers(0, 10**11 - 1))
def test_what_was_signed_with_any_of_our_secrets_is_taken(body: bytes, secret: str, stamp: int) -> None:
    header = sign(body, secret.encode("utf-8", "replace").decode(), str(stamp))
    secret = secret.encode("utf-8", "replace").decode()
    assert signed_at(header, body, [secret]) == stamp
    assert signed_at(header, body, ["another", secret]) == stamp
    assert signed_at(header, body, [secret + "x"]) is None
    assert signed_at(header, body, []) is None


@given(data=st.data())
def test_no_changed_bit_passes(data: st.DataObject) -> None:
    position = data.draw(st.integers(0, len(BODY) * 8 - 1))
    changed = bytearray(BODY)
    changed[position // 8] ^= 1 << position % 8
    assert signed_at(HEADER, bytes(changed), [SECRET]) is None


@given(data=st.data())
def test_no_other_time_or_signature_passes(data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(HEADER) - 1))
    other = data.draw(st.characters(codec="latin-1").filter(lambda letter: letter != HEADER[place]))
    assert signed_at(HEADER[:place] + other + HEADER[place + 1 :], BODY, [SECRET]) is None


@given(st.text())
def test_no_header_breaks_it(header: str) -> None:
    assert signed_at(header, BODY, [SECRET]) is None


def test_an_empty_secret_signs_nothing() -> None:
    header = sign(BODY, "")
    assert signed_at(header, BODY, [""]) is None


@pytest.mark.parametrize(
    "header",
    [
        f"{HEADER},v=2",
        f"x=1, {HEADER}",
        HEADER.replace(",", " , "),
        ",".join(reversed(HEADER.split(","))),
    ],
)
def test_other_parts_of_the_header_do_not_matter(header: str) -> None:
    assert signed_at(header, BODY, [SECRET]) == 1770210873


@pytest.mark.parametrize(
    "header",
    ["", "t=1770210873", HEADER.partition(",")[2], f"{HEADER},t=1", f"{HEADER},{HEADER}", HEADER.upper()],
)
def test_half_or_double_headers_do_not_pass(header: str) -> None:
    assert signed_at(header, BODY, [SECRET]) is None


@pytest.mark.parametrize(
    "name",
    ["post.publish.no_longer_publicaly_available", "post.publish.no_longer_publicly_available"],
)
def test_both_spellings_are_one_event(name: str) -> None:
    read = read_webhook(event(name, '{"publish_id":"p","post_id":"1"}'))
    assert read is not None
    assert read.name == WebhookName.NO_LONGER_PUBLIC


def test_an_event_nobody_has_heard_of_survives() -> None:
    read = read_webhook(event("portability.download.ready", '{"request_id":5}'))
    assert read is not None
    assert (read.name, read.publish_id) == ("portability.download.ready", "")


def test_ids_stay_whole_however_they_are_written() -> None:
    read = read_webhook(event("post.publish.complete", '{"publish_id":"p","post_id":7602997517160123667}'))
    assert read is not None
    assert read.post_id == "7602997517160123667"


def test_content_may_also_come_as_an_object() -> None:
    read = read_webhook(event("authorization.removed", {"reason": 1}))
    assert read is not None
    assert read.reason == "1"


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b"{}", b'{"event":""}', b'{"event":{}}', b"\xff"])
def test_what_names_no_event_is_none(body: bytes) -> None:
    assert read_webhook(body) is None


@settings(max_examples=60)
@given(
    name=st.sampled_from(list(WebhookName)) | st.text(min_size=1),
    content=json_values | json_values.map(json.dumps),
    others=st.dictionaries(st.sampled_from(["client_key", "create_time", "user_openid"]), json_values),
)
def test_whatever_tiktok_writes_comes_out_as_plain_text(name: str, content: object, others: Any) -> None:
    read = read_webhook(event(name, content, **others))
    if read is None:
        return
    for field in fields(read):
        value = getattr(read, field.name)
        if field.name == "create_time":
            assert value is None or value >= 0
        else:
            assert isinstance(value, str)
            assert value.isascii()
            assert value.isprintable()


def test_signs_as_tiktok_does() -> None:
    assert webhook_signature(BODY, SECRET, at=1770210873) == HEADER
