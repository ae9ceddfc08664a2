"""TikTok's clock is read off the head of any answer."""

from datetime import UTC, datetime

import httpx
import pytest

from tests.tiktok.conftest import Wire
from tiktok import TransportError, server_time

API = "https://open.tiktokapis.com"


@pytest.mark.parametrize("status", [200, 404, 500])
def test_any_answer_tells_the_time(wire: Wire, status: int) -> None:
    wire.answers_with(status, headers={"Date": "Mon, 30 Nov 2026 12:00:05 GMT"})
    assert server_time(API, transport=wire.transport) == datetime(2026, 11, 30, 12, 0, 5, tzinfo=UTC)
    assert (wire.request.method, str(wire.request.url)) == ("GET", f"{API}/")


@pytest.mark.parametrize("headers", [{}, {"Date": "soon"}, {"Date": ""}])
def test_an_answer_without_a_time_tells_none(wire: Wire, headers: dict[str, str]) -> None:
    wire.answers_with(headers=headers)
    assert server_time(API, transport=wire.transport) is None


def test_no_answer_is_an_error(wire: Wire) -> None:
    wire.breaks_with(httpx.ConnectError("no"))
    with pytest.raises(TransportError) as caught:
        server_time(API, transport=wire.transport)
    assert caught.value.is_sent is False
