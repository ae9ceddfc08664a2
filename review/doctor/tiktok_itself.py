"""What TikTok itself answers this installation: whether it takes the credentials, and what time it has."""

import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import Error

from accounts.clock import database_now
from review.doctor.findings import Check, Family, Outcome, fault, ok, warning
from tiktok import InvalidClientError, OAuthClient, OAuthError, TransportError, server_time

ANSWER_SECONDS = 6.0
# A Date has whole seconds, and an answer takes its time.
NOTICED = timedelta(seconds=5)
# An event from further in the future than this is not believed (publishing/webhooks.py).
TOO_FAR = timedelta(minutes=5)

_AWAY = "See whether this machine may open https connections to {url}; if it may, TikTok is away, and you try later."


def look_at_client_secret() -> Outcome:
    """A real call with key and secret: the one grant that needs no person."""
    # Not the product's own client, which notes in the database whether TikTok answers: that may be what is away.
    client = OAuthClient(
        settings.TIKTOK_CLIENT_KEY,
        settings.TIKTOK_CLIENT_SECRET,
        settings.TIKTOK_AUTH_URL,
        settings.TIKTOK_API_URL,
        timeout=ANSWER_SECONDS,
    )
    try:
        client.prove_credentials()
    except InvalidClientError:
        return fault(
            "TikTok says that key and secret do not belong together.",
            "Copy both anew from one and the same configuration of the app: a sandbox has a pair of its own.",
        )
    except TransportError as error:
        return fault(error.message, _AWAY.format(url=settings.TIKTOK_API_URL))
    except OAuthError as error:
        if error.code in {"invalid_request", "unauthorized_client"} and "client" in error.message.lower():
            return fault(
                f"TikTok does not take them: {error.code}: {error.message}",
                "Copy TIKTOK_CLIENT_KEY and TIKTOK_CLIENT_SECRET anew from the portal.",
            )
        return warning(
            f"TikTok answered {error.code}, which says nothing of key and secret.",
            "Run the doctor again later. When an account can be connected, they are right.",
        )
    return ok("TikTok has taken key and secret.")


def look_at_clock() -> Outcome:
    """Webhooks are signed with TikTok's time, and tokens end by ours."""
    before = time.time()
    try:
        theirs = server_time(settings.TIKTOK_API_URL, timeout=ANSWER_SECONDS)
    except TransportError as error:
        return fault(error.message, _AWAY.format(url=settings.TIKTOK_API_URL))
    ours = datetime.fromtimestamp((before + time.time()) / 2, UTC)
    if theirs is None:
        return warning(
            "TikTok's answer names no time.", "See that this machine's clock is set over the network (NTP)."
        )
    clocks = {"This machine's clock": ours}
    with suppress(Error):  # the line on the database says so
        clocks["The database's clock"] = database_now()
    return judge_clocks(theirs, clocks)


def judge_clocks(theirs: datetime, clocks: dict[str, datetime]) -> Outcome:
    """Hold our clocks against TikTok's, the worst of them decides."""
    name, ours = max(clocks.items(), key=lambda clock: abs(clock[1] - theirs))
    apart = abs(ours - theirs)
    if apart <= NOTICED:
        return ok(f"No clock of ours is more than {NOTICED.seconds} s away from TikTok's.")
    found = f"{name} is {_words(apart)} {'ahead of' if ours > theirs else 'behind'} TikTok's."
    cure = "Set it over the network: timedatectl set-ntp true, on the machine whose clock it is."
    return fault(found, cure) if apart > TOO_FAR else warning(found, cure)


def _words(apart: timedelta) -> str:
    seconds = round(apart.total_seconds())
    return f"{seconds} s" if seconds < 120 else f"{seconds // 60} min"


FAMILY = Family(
    "What TikTok answers",
    (
        Check("client-secret", "Client secret", look_at_client_secret),
        Check("clock", "Clocks", look_at_clock),
    ),
)
