"""What TikTok's own clock says, by the `Date` of any answer: signatures and the ends of tokens are told by it."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx

from tiktok import wire


def server_time(
    api_url: str,
    *,
    transport: httpx.BaseTransport | None = None,
    timeout: httpx.Timeout | float = wire.API_TIMEOUT,
) -> datetime | None:
    """When TikTok answered, to the second; None where its answer names no time. Raises `TransportError`.

    Asks for nothing: whatever the answer is, its head carries the time.
    """
    try:
        with httpx.Client(**wire.session_options(timeout, transport)) as client:
            response = client.get(wire.base_address(api_url) + "/")
    except httpx.HTTPError as error:
        failure = wire.broken_exchange(error, is_repeatable=True)
    else:
        try:
            moment = parsedate_to_datetime(response.headers.get("Date", ""))
        except ValueError:
            return None
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    raise failure
