"""Everything held on a person as one ZIP, written while it is sent: nothing of it lies on a disk or whole in memory.

A copy of up to a hundred gigabytes of private files would have to be guarded, found room for and deleted again; a
stream is none of that. The price is that a download that broke off begins anew. Rows are read in batches, so that no
transaction stays open for as long as somebody's line takes; each file of rows is true for its own moment.
"""

import json
import zipfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models.fields.files import FieldFile

from accounts.models import TikTokAccount, User, Workspace
from composer.models import MediaFile
from composer.storing import MediaUnreachableError, open_stored
from leaving.holdings import HOLDINGS, Holding, deliveries_about, left_out_of

BLOCK_BYTES = 256 * 1024
BATCH = 200


class _Outbox:
    """A file that is only written: what the ZIP writes, until it is taken away to be sent."""

    def __init__(self) -> None:
        self._blocks: list[bytes] = []

    def write(self, block: bytes) -> int:
        self._blocks.append(bytes(block))
        return len(block)

    def flush(self) -> None:
        """Nothing waits here."""

    def close(self) -> None:
        """Nothing is open here."""

    def take(self) -> bytes:
        blocks, self._blocks = self._blocks, []
        return b"".join(blocks)


def write_export(person: User, *, now: datetime) -> Iterator[bytes]:
    """The ZIP, block by block. A file that is not there any more is named in `missing.json`.

    Raises MediaUnreachableError, in the middle, when the object store breaks off: the download then fails.
    """
    workspaces = list(Workspace.objects.of(person))
    outbox = _Outbox()
    missing: list[str] = []
    with zipfile.ZipFile(outbox, "w", zipfile.ZIP_STORED) as archive:
        writer = _Writer(archive, outbox, person, now)
        yield from writer.add_text("README.txt", _readme(person, now))
        yield from writer.add_json("fields.json", _fields())
        for holding in HOLDINGS:
            if holding.kind:
                yield from writer.add_rows(holding, _batches(holding, person, workspaces))
        for name, stored in _files(workspaces):
            try:
                yield from writer.add_file(name, stored)
            except FileNotFoundError:
                missing.append(name)
        yield from writer.add_json("missing.json", missing)
    yield outbox.take()


class _Writer:
    def __init__(self, archive: zipfile.ZipFile, outbox: _Outbox, person: User, now: datetime) -> None:
        self._archive = archive
        self._outbox = outbox
        self._person = person
        self._date = (now.year, now.month, now.day, now.hour, now.minute, now.second)

    def add_text(self, name: str, text: str) -> Iterator[bytes]:
        self._archive.writestr(self._entry(name), text)
        yield self._outbox.take()

    def add_json(self, name: str, value: object) -> Iterator[bytes]:
        yield from self.add_text(name, json.dumps(value, indent=2, ensure_ascii=False))

    def add_rows(self, holding: Holding, batches: Iterator[list[models.Model]]) -> Iterator[bytes]:
        """One JSON list, a row a line."""
        with self._archive.open(self._entry(f"data/{holding.kind}.json"), "w", force_zip64=True) as file:
            before = "[\n"
            for rows in batches:
                for row in rows:
                    words = json.dumps(self._row(holding, row), cls=DjangoJSONEncoder, ensure_ascii=False)
                    file.write(f"{before}{words}".encode())
                    before = ",\n"
                yield self._outbox.take()
            file.write(b"[]\n" if before == "[\n" else b"\n]\n")
        yield self._outbox.take()

    def add_file(self, name: str, stored: FieldFile) -> Iterator[bytes]:
        with open_stored(stored) as reader:  # before the entry begins: what is missing leaves none
            first = reader.read(BLOCK_BYTES)
            with self._archive.open(self._entry(name), "w", force_zip64=True) as file:
                block = first
                while block:
                    file.write(block)
                    yield self._outbox.take()
                    try:
                        block = reader.read(BLOCK_BYTES)
                    except FileNotFoundError as error:  # deleted while it was being read
                        raise MediaUnreachableError(f"{name} went away") from error
        yield self._outbox.take()

    def _entry(self, name: str) -> zipfile.ZipInfo:
        entry = zipfile.ZipInfo(name, self._date)
        entry.external_attr = 0o600 << 16
        return entry

    def _row(self, holding: Holding, row: models.Model) -> dict[str, Any]:
        return {name: self._value(row, name) for name in holding.fields}

    def _value(self, row: models.Model, name: str) -> Any:
        column = row._meta.get_field(name)  # noqa: SLF001 - Django's documented API
        if isinstance(column, models.FileField):
            return name_in_export(row, name)
        value = getattr(row, getattr(column, "attname", name))
        if isinstance(column, models.ForeignKey) and column.related_model is User:
            return None if value is None else "you" if value == self._person.pk else "somebody else"
        return bytes(value).decode(errors="replace") if isinstance(column, models.BinaryField) else value


def name_in_export(row: models.Model, column: str) -> str:
    """Where the file of this row's column lies in the ZIP; empty when there is none."""
    stored: FieldFile = getattr(row, column)
    if not stored.name:
        return ""
    suffix = PurePosixPath(str(stored.name)).suffix
    if isinstance(row, MediaFile) and column == "file":
        stem = PurePosixPath(row.original_name).stem.replace("/", "_").replace("\\", "_")[:120]
        return f"media/{row.pk}-{stem}{suffix}"
    folder = "previews" if isinstance(row, MediaFile) else "pictures"
    return f"{folder}/{row.pk}{suffix}"


def _files(workspaces: list[Workspace]) -> Iterator[tuple[str, FieldFile]]:
    for media in MediaFile.objects.filter(workspace__in=workspaces).order_by("pk").iterator(chunk_size=BATCH):
        for column in ("file", "poster"):
            if name := name_in_export(media, column):
                yield name, getattr(media, column)
    for account in TikTokAccount.objects.filter(workspace__in=workspaces).order_by("pk"):
        if name := name_in_export(account, "avatar"):
            yield name, account.avatar


def _batches(holding: Holding, person: User, workspaces: list[Workspace]) -> Iterator[list[models.Model]]:
    if holding.label == "publishing.WebhookDelivery":
        accounts = TikTokAccount.objects.filter(workspace__in=workspaces)
        for deliveries in deliveries_about(list(accounts.values_list("open_id", flat=True))):
            yield list(deliveries)
        return
    rows = holding.held_on(person, workspaces)
    last: Any = None
    while batch := list((rows if last is None else rows.filter(pk__gt=last))[:BATCH]):
        yield batch
        last = batch[-1].pk


def _fields() -> dict[str, Any]:
    """What every column says, and what is left out."""
    return {
        "files": {
            holding.kind: {"columns": dict(holding.fields), "left_out": dict(left_out_of(holding))}
            for holding in HOLDINGS
            if holding.kind
        },
        "left_out": {holding.label: holding.why_not for holding in HOLDINGS if holding.why_not},
    }


def _readme(person: User, now: datetime) -> str:
    return f"""Everything that is held on {person.email}, as of {now:%Y-%m-%d %H:%M} UTC.

data/       one list of rows for each kind of thing, as JSON. Times are UTC in ISO 8601.
            Where a row says who did something, it says "you", "somebody else", or nothing.
fields.json what each column means, and what is left out: keys, and how our programs share out work.
media/      your videos and photos, byte for byte, under the number of their row in data/media.json.
previews/   the small pictures made of them.
pictures/   our copies of your creators' pictures.
missing.json files that a row names and that were not there any more.

Uploads that have not arrived as a whole are not among the files; data/uploads.json lists them.
What is on TikTok is not here: ask TikTok for it.
"""
