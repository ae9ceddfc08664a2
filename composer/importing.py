"""Import by link: a file on the public internet is fetched into the incoming folder, by a worker, from a row.

The bytes of every go lie under a name of that go alone. Only a whole file, fetched by whoever still holds the lease,
becomes the arrival's; a worker that is killed leaves the row due again, and the next one begins anew.
"""

import logging
import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F

from accounts.clock import database_now
from accounts.models import User, Workspace
from accounts.safe_http import HTTPS_PORT, Answer, SafeHttpError, Terms, Trouble, open_url, parse_url
from composer.arriving import (
    begin_arrival,
    fail_arrival,
    finish_receiving,
    path_of,
    require_allowed_size,
    require_workspace_room,
)
from composer.leases import Heart, LeaseLostError, StoppedError
from composer.library import clean_name, lock_workspace
from composer.links import WEB_PAGE, explain_site, name_of_file
from composer.media.sniff import HEAD_BYTES, KINDS, sniff_head
from composer.models import Arrival, ArrivalSource, ArrivalState, WorkLease
from composer.parts import remove_file
from composer.receiving import Receiver, UploadCutOffError, UploadError
from composer.storing import incoming_folder

logger = logging.getLogger(__name__)

LEASE_SECONDS = 20.0
# How often a fetch is begun, whether the server broke off or our worker was killed.
MAX_TRIES = 3
GAP_SECONDS = 4.0
MAX_REDIRECTS = 3
SILENCE_SECONDS = 30.0
# Under way at once in one workspace.
MOST_LINKS = 10
# A server that drips must not hold one of the few places for hours: slower than this after a minute, it is left.
PATIENCE_SECONDS = 60.0
SLOWEST_BYTES_PER_SECOND = 32 * 1024
_ROOM_CHECK_BYTES = 64 * 1024**2

_OK = 200
# What a server says that may work in a moment.
_PASSING_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504})
_PASSING_TROUBLES = frozenset({Trouble.UNREACHABLE, Trouble.BROKEN, Trouble.TOO_SLOW})
# Whatever its name says, a file that begins like this is neither a video nor a photo.
_NO_MEDIA = frozenset({"zip", "archive", "pdf", "playlist", "program", "svg", "text"})

_BY_HAND = "Download the file to your device and upload it here."
_TROUBLES = {
    Trouble.NO_ADDRESS: (
        "This is not the link of a file. Copy the whole link, beginning with https://, and paste it again."
    ),
    Trouble.NOT_HTTPS: (
        "This link does not begin with https://, so anybody on the way could change the file. "
        f"Ask for a link that does, or go round it: {_BY_HAND}"
    ),
    Trouble.PORT: f"This link names a port of its own; only links without one are fetched. {_BY_HAND}",
    Trouble.CREDENTIALS: (
        f"This link carries a user name or a password, and such links are not fetched. {_BY_HAND}"
    ),
    Trouble.NOT_PUBLIC: (
        f"This link does not lead to the public internet, so it cannot be fetched from here. {_BY_HAND}"
    ),
    Trouble.UNKNOWN_NAME: (
        "There is no server by the name in this link. Look for a typing mistake and import it again."
    ),
    Trouble.CERTIFICATE: (
        "The server behind this link cannot prove that it is the one named there, so nothing was fetched. "
        f"Tell whoever gave you the link. {_BY_HAND}"
    ),
    Trouble.UNREACHABLE: f"The server behind this link does not answer. Import it again later. {_BY_HAND}",
    Trouble.BROKEN: (
        "The server behind this link broke off again and again. Import it again later, or go round it: "
        f"{_BY_HAND}"
    ),
    Trouble.TOO_SLOW: (
        f"The server behind this link is too slow or has fallen silent. Import it again later. {_BY_HAND}"
    ),
    Trouble.REDIRECTS: (
        "This link sends on and on and leads to no file. Open it in your browser, and copy the link of the file "
        "from there."
    ),
}
_GIVEN_UP = (
    "Fetching this link was begun {tries} times and did not come to an end. "
    "Import it again, or download the file and upload it here."
)


class LinkRefusedError(UploadError):
    """The link cannot be imported, and the text says why and what to do instead."""


class _PassingError(Exception):
    """It may work in a moment; the text is for the person when it never does."""


def ask_import(workspace: Workspace, link: str, *, user: User, now: datetime) -> Arrival:
    """Take a link of a media file in, to be fetched by a worker; nothing is asked of it here.

    The same link that is being fetched already is not fetched twice. Raises an UploadError whose text is for the
    person: not a link we fetch, a site's page around the file, too many at once, no room.
    """
    try:
        url = parse_url(link)
    except SafeHttpError as error:
        raise LinkRefusedError(_TROUBLES[error.trouble]) from error
    said = explain_site(url)
    if said:
        raise LinkRefusedError(said)
    if url.scheme != "https":
        raise LinkRefusedError(_TROUBLES[Trouble.NOT_HTTPS])
    if url.port not in {None, HTTPS_PORT}:
        raise LinkRefusedError(_TROUBLES[Trouble.PORT])
    with transaction.atomic():
        lock_workspace(workspace.pk)
        links = Arrival.objects.in_workspace(workspace).under_way().filter(source=ArrivalSource.LINK)
        same = links.filter(url=str(url)).first()
        if same is not None:
            return same
        if links.count() >= MOST_LINKS:
            raise LinkRefusedError(
                f"{MOST_LINKS} links are being fetched at the moment. Let them arrive, or cancel those you no "
                "longer want, then import this one."
            )
        return begin_arrival(
            workspace,
            user=user,
            name=name_of_file(url),
            size=None,
            source=ArrivalSource.LINK,
            now=now,
            url=str(url),
        )


def fetch_arrival(pk: UUID, *, stopping: threading.Event | None = None, terms: Terms | None = None) -> bool:
    """Take the lease on one link and fetch it whole; False when there was nothing to do.

    Afterwards the arrival waits for its check, has failed with a sentence for the person, or is due again: a
    server that broke off is asked at most three times in all. Setting `stopping` gives the work back uncounted.
    """
    lease = Arrival.objects.claim(pk, seconds=LEASE_SECONDS)
    if lease is None:
        return False
    arrival = Arrival.objects.select_related("workspace").get(pk=pk)
    if arrival.state != ArrivalState.RECEIVING or arrival.source != ArrivalSource.LINK:
        # A message from before the row changed: nothing of ours is due here.
        Arrival.objects.settle(lease, next_try_at=arrival.next_try_at, tries=F("tries") - 1)
        return False
    if arrival.tries > MAX_TRIES:
        fail_arrival(lease, _GIVEN_UP.format(tries=MAX_TRIES), now=database_now())
        return True
    try:
        with Heart(Arrival.objects.all(), lease, stopping=stopping) as heart:
            _Fetch(arrival, lease, heart, terms or _public_terms()).run()
    except LeaseLostError:
        logger.info("the import %s is somebody else's now, or was given up", pk)
    except StoppedError:
        Arrival.objects.settle(lease, next_try_at=database_now(), tries=F("tries") - 1, progress_bytes=0)
    except UploadError as error:
        fail_arrival(lease, str(error), now=database_now())
    except _PassingError as error:
        _try_again(arrival, lease, str(error))
    except Exception:
        logger.exception("the import %s broke", pk)
        _try_again(arrival, lease, _GIVEN_UP.format(tries=MAX_TRIES))
    return True


def _try_again(arrival: Arrival, lease: WorkLease, text: str) -> None:
    if arrival.tries >= MAX_TRIES:
        fail_arrival(lease, text, now=database_now())
        return
    gap = timedelta(seconds=GAP_SECONDS * arrival.tries**2)
    Arrival.objects.settle(lease, next_try_at=database_now() + gap, progress_bytes=0)


def _public_terms() -> Terms:
    return Terms(
        seconds=settings.IMPORT_SECONDS, silence_seconds=SILENCE_SECONDS, max_redirects=MAX_REDIRECTS
    )


class _Fetch:
    """One go at one link."""

    def __init__(self, arrival: Arrival, lease: WorkLease, heart: Heart, terms: Terms) -> None:
        self.arrival = arrival
        self.lease = lease
        self.heart = heart
        self.terms = terms

    def run(self) -> None:
        self.heart.fields["progress_bytes"] = 0
        try:
            with open_url(self.arrival.url, self.terms) as answer:
                size = self._judge_head(answer)
                self._receive(answer, size)
        except SafeHttpError as error:
            text = _TROUBLES[error.trouble]
            if error.trouble in _PASSING_TROUBLES:
                raise _PassingError(text) from error
            raise LinkRefusedError(text) from error

    def _judge_head(self, answer: Answer) -> int | None:
        """Raise unless a file follows; returns how many bytes it has, where the server says so."""
        status = answer.status
        if status != _OK:
            text = _words_of_status(status)
            raise _PassingError(text) if status in _PASSING_STATUSES else LinkRefusedError(text)
        if answer.headers.get("content-encoding", "identity").lower() not in {"identity", ""}:
            raise LinkRefusedError(
                f"The server behind this link packs the file in a way we did not ask for. {_BY_HAND}"
            )
        # A body that comes in chunks ends where they end, whatever else is said.
        is_chunked = "transfer-encoding" in answer.headers
        length = "" if is_chunked else answer.headers.get("content-length", "")
        size = int(length) if length.isascii() and length.isdigit() else None
        if size is not None:
            require_allowed_size(size)
        name = name_of_file(parse_url(answer.url), answer.headers.get("content-disposition", ""))
        self._announce(size, name=clean_name(name))
        return size

    def _announce(self, size: int | None, **fields: str) -> None:
        """Write down what is known of the file, and hold the workspace's room for it."""
        with transaction.atomic():
            lock_workspace(self.arrival.workspace_id)
            known = self.arrival.size_bytes or 0
            require_workspace_room(self.arrival.workspace, max((size or 0) - known, 0))
            if not Arrival.objects.renew(self.lease, size_bytes=size, **fields):
                raise LeaseLostError
        self.arrival.size_bytes = size

    def _receive(self, answer: Answer, size: int | None) -> None:
        place = incoming_folder() / f"{self.arrival.pk.hex}.{self.lease.token.hex}"
        try:
            with Receiver(place, max_bytes=settings.MEDIA_MAX_BYTES, expected_size=size) as receiver:
                for block in self._recognised(answer):
                    receiver.write(block)
                    self.heart.fields["progress_bytes"] = receiver.size
                    self._check_room(receiver.size, size, len(block))
                received = receiver.finish()
            if size is None:
                self._announce(received.size)
            self._hand_over(received.path, received.size)
        except UploadCutOffError as error:
            raise _PassingError(_TROUBLES[Trouble.BROKEN]) from error
        finally:
            place.unlink(missing_ok=True)

    def _watched(self, blocks: Iterator[bytes]) -> Iterator[bytes]:
        """The blocks, as long as somebody wants them and they come fast enough."""
        began, come = time.monotonic(), 0
        for block in blocks:
            self.heart.check()
            yield block
            come += len(block)
            seconds = time.monotonic() - began
            if seconds > PATIENCE_SECONDS and come < seconds * SLOWEST_BYTES_PER_SECOND:
                raise _PassingError(_TROUBLES[Trouble.TOO_SLOW])

    def _recognised(self, answer: Answer) -> Iterator[bytes]:
        """The blocks, once the first bytes do not say that this is a page, a packed folder or a text."""
        head = b""
        blocks = self._watched(answer.blocks)
        for block in blocks:
            head += block
            if len(head) >= HEAD_BYTES:
                break
        kind = sniff_head(head[:HEAD_BYTES])
        is_called_page = (
            answer.headers.get("content-type", "").lower().startswith(("text/html", "application/xhtml"))
        )
        if kind == "html" or (is_called_page and kind in {"text", "unknown", "empty"}):
            raise LinkRefusedError(explain_site(parse_url(answer.url)) or WEB_PAGE)
        if kind in _NO_MEDIA:
            raise LinkRefusedError(
                f"This is {KINDS[kind]}, not a video or a photo. Copy the link of the file itself and import that."
            )
        if head:
            yield head
        yield from blocks

    def _check_room(self, come: int, size: int | None, block: int) -> None:
        # Of a file of unknown length nobody has promised that it fits.
        if size is None and come // _ROOM_CHECK_BYTES != (come - block) // _ROOM_CHECK_BYTES:
            require_workspace_room(self.arrival.workspace, come)

    def _hand_over(self, place: Path, size: int) -> None:
        """The whole file becomes the arrival's, and waits for its check."""
        if not Arrival.objects.renew(self.lease):
            raise LeaseLostError
        path = path_of(self.arrival.pk)
        place.replace(path)
        if finish_receiving(self.arrival.pk, size=size, now=database_now(), lease=self.lease):
            return
        if not Arrival.objects.under_way().filter(pk=self.arrival.pk).exists():
            # Given up in this very moment.
            remove_file(path)
        raise LeaseLostError


def _words_of_status(status: int) -> str:
    if status in {401, 403, 407}:
        return (
            "The server behind this link does not let us in: it wants a sign-in, or the link has run out. "
            f"Ask for a link that works without a sign-in. {_BY_HAND}"
        )
    if status in {404, 410}:
        return "There is nothing behind this link any more. Ask for a new one, or look for a typing mistake."
    if status in _PASSING_STATUSES:
        return (
            f"The server behind this link is busy or out of order (it answered {status}). "
            "Import it again later, or download the file and upload it here."
        )
    return (
        f"The server behind this link sent no file (it answered {status}). Open the link in your browser: "
        "if the file comes there, download it and upload it here."
    )
