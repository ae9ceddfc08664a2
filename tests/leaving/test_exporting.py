"""The export: every table that holds something of the person, their files byte for byte, no key, little memory."""

import io
import json
import tracemalloc
import zipfile
from typing import Any

import pytest
from django.test import Client

from accounts.clock import database_now
from accounts.models import TokenPair, User, Workspace
from composer.models import MediaFile
from leaving.exporting import write_export
from leaving.holdings import HOLDINGS
from tests.factories import make_media
from tests.leaving.lives import live

pytestmark = pytest.mark.django_db


def export(client: Client) -> zipfile.ZipFile:
    response = client.post("/your-data/export/")
    assert response.status_code == 200
    archive = zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content)))
    assert archive.testzip() is None
    return archive


def rows(archive: zipfile.ZipFile, kind: str) -> list[dict[str, Any]]:
    return json.loads(archive.read(f"data/{kind}.json"))


def test_holds_every_table_that_holds_something(
    as_alice: Client, alice: User, bob: User, workspace: Workspace, bobs_workspace: Workspace
) -> None:
    live(bob, bobs_workspace)
    live(alice, workspace)
    archive = export(as_alice)
    empty = set()
    for holding in HOLDINGS:
        if not holding.kind:
            continue
        found = rows(archive, holding.kind)
        if holding.label != "publishing.WebhookDelivery":
            assert len(found) == holding.held_on(alice, [workspace]).count(), holding.label
        assert all(list(row) == list(holding.fields) for row in found)
        if not found:
            empty.add(holding.kind)
    assert empty == {"reviewer_links"}
    assert [row["caption"] for row in rows(archive, "posts")] == [
        "alice walks",
        "alice rests",
        "alice drafts",
    ]
    assert rows(archive, "consents")[0]["given_by"] == "you"
    assert len(rows(archive, "events_from_tiktok")) == 1
    everything = b"".join(archive.read(name) for name in archive.namelist())
    assert b"bob" not in everything


def test_holds_the_files_byte_for_byte(as_alice: Client, alice: User, workspace: Workspace) -> None:
    live(alice, workspace)
    archive = export(as_alice)
    media = {row["file"]: row for row in rows(archive, "media")}
    assert len(media) == 3
    for name, row in media.items():
        stored = MediaFile.objects.get(pk=row["id"])
        with stored.file.open("rb") as file:
            assert archive.read(name) == file.read()
    film = next(row for row in media.values() if row["poster"])
    assert archive.read(film["poster"]) == b"poster of alice"
    assert archive.read(rows(archive, "tiktok_accounts")[0]["avatar"]) == b"picture of alice"
    assert json.loads(archive.read("missing.json")) == []


def test_holds_no_key(as_alice: Client, alice: User, workspace: Workspace) -> None:
    live(alice, workspace)
    archive = export(as_alice)
    everything = b"".join(archive.read(name) for name in archive.namelist()).decode()
    pair = TokenPair.objects.get()
    for secret in (
        pair.access_token_sealed,
        pair.refresh_token_sealed,
        alice.password,
        as_alice.session.session_key,
    ):
        assert secret
        assert secret not in everything


def test_says_what_each_column_means(as_alice: Client) -> None:
    archive = export(as_alice)
    said = json.loads(archive.read("fields.json"))
    assert {f"data/{kind}.json" for kind in said["files"]} == {
        name for name in archive.namelist() if name.startswith("data/")
    }
    assert said["files"]["person"]["left_out"]["password"]
    assert said["left_out"]["accounts.TokenPair"]
    assert "alice@example.com" in archive.read("README.txt").decode()


def test_names_files_that_are_gone(as_alice: Client, workspace: Workspace) -> None:
    media = make_media(workspace, original_name="../../etc/lost.mp4")
    archive = export(as_alice)
    assert json.loads(archive.read("missing.json")) == [f"media/{media.pk}-lost.mp4"]


def test_a_large_file_passes_through_little_memory(alice: User, workspace: Workspace, settings: Any) -> None:
    size = 64 * 1024**2
    media = make_media(workspace, size_bytes=size)
    path = settings.MEDIA_ROOT / media.file.name
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.truncate(size)
    sent = 0
    tracemalloc.start()
    try:
        for block in write_export(alice, now=database_now()):
            sent += len(block)
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert sent > size
    assert peak < 16 * 1024**2


def test_is_not_made_any_number_of_times(as_alice: Client) -> None:
    assert [as_alice.post("/your-data/export/").status_code for _ in range(7)] == [200] * 6 + [429]


def test_is_pressed_for_and_by_members(as_alice: Client, client: Client) -> None:
    assert as_alice.get("/your-data/export/").status_code == 405
    assert client.post("/your-data/export/").status_code == 302
