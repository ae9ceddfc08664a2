"""tus 1.0.0 by its words: what each request answers, to whom, and what it leaves."""

import base64
import hashlib
import os
import time
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import User, Workspace
from composer.arriving import cancel_arrival, path_of
from composer.models import Arrival, ArrivalSource, ArrivalState
from composer.storing import incoming_folder
from tests.factories import make_media

FILM = bytes(range(256)) * 20
TUS = {"tus-resumable": "1.0.0"}


def base64_of(text: str | bytes) -> str:
    return base64.b64encode(text.encode() if isinstance(text, str) else text).decode()


def create(client: Client, size: int | str = len(FILM), *, name: str = "fog.mp4", **headers: str) -> Any:
    """Open an upload."""
    return client.generic(
        "POST",
        reverse("composer:upload-list"),
        headers={
            **TUS,
            "upload-length": str(size),
            "upload-metadata": f"filename {base64_of(name)},filetype {base64_of('text/html')}",
            **headers,
        },
    )


def patch(client: Client, address: str, data: bytes, offset: int | str = 0, **headers: str) -> Any:
    """Send a part."""
    return client.patch(
        address,
        data,
        content_type="application/offset+octet-stream",
        headers={**TUS, "upload-offset": str(offset), **headers},
    )


def head(client: Client, address: str) -> Any:
    return client.head(address, headers=TUS)


@pytest.fixture
def address(as_alice: Client) -> str:
    """An upload that alice has opened."""
    return str(create(as_alice)["Location"])


def arrival_at(address: str) -> Arrival:
    return Arrival.objects.get(pk=UUID(address.rstrip("/").rpartition("/")[2]))


def files() -> list[Path]:
    return list(incoming_folder().iterdir())


class TestCreation:
    def test_makes_an_arrival_and_says_where(
        self, as_alice: Client, alice: User, workspace: Workspace
    ) -> None:
        response = create(as_alice)
        arrival = Arrival.objects.get()
        assert (response.status_code, response["Tus-Resumable"]) == (201, "1.0.0")
        assert response["Location"] == f"/library/uploads/{arrival.pk}/"
        assert response["Upload-Expires"].endswith("GMT")
        assert (arrival.workspace, arrival.user, arrival.name) == (workspace, alice, "fog.mp4")
        assert (arrival.size_bytes, arrival.source, arrival.state) == (
            len(FILM),
            ArrivalSource.TUS,
            ArrivalState.RECEIVING,
        )
        assert arrival.next_try_at is None
        assert [path.name for path in files()] == [arrival.pk.hex]

    @pytest.mark.parametrize(
        ("sent", "kept"),
        [
            ("../../etc/passwd.mp4", "passwd.mp4"),
            ("C:\\films\\fog.mp4", "fog.mp4"),
            ("a\x00\r\nb.mp4", "a b.mp4"),
            ("gnp\u202e4pm.exe", "gnp4pm.exe"),
            ("", "Video"),
            ("Ein Schluck Tee 🍵.mov", "Ein Schluck Tee 🍵.mov"),
        ],
    )
    def test_names_are_made_harmless(self, as_alice: Client, sent: str, kept: str) -> None:
        assert create(as_alice, name=sent).status_code == 201
        assert Arrival.objects.get().name == kept

    @pytest.mark.parametrize("metadata", ["", "filename", "filename !!!", "filename /w==", ",,,", "x " * 300])
    def test_metadata_that_is_nonsense_is_left_out(self, as_alice: Client, metadata: str) -> None:
        response = create(as_alice, **{"upload-metadata": metadata})
        assert response.status_code == 201
        assert Arrival.objects.get().name == "Video"

    @pytest.mark.parametrize("size", ["", "-1", "1e3", "٣", "9" * 17, "5.0"])
    def test_a_length_that_is_none_is_refused(self, as_alice: Client, size: str) -> None:
        assert create(as_alice, size).status_code == 400
        assert not Arrival.objects.exists()

    def test_a_length_must_be_said(self, as_alice: Client) -> None:
        response = as_alice.generic(
            "POST", reverse("composer:upload-list"), headers={**TUS, "upload-defer-length": "1"}
        )
        assert response.status_code == 400
        assert not Arrival.objects.exists()

    def test_an_empty_file_is_refused_in_words(self, as_alice: Client) -> None:
        response = create(as_alice, 0)
        assert response.status_code == 400
        assert response.text == (
            "This file is empty: it has 0 bytes. Choose the file again and upload it once more."
        )
        assert files() == []

    def test_a_file_over_the_limit_is_refused_in_words(self, as_alice: Client) -> None:
        response = create(as_alice, 4 * 1024**3 + 1)
        assert response.status_code == 413
        assert response.text.startswith("This file is 4,294,967,297 bytes. At most 4 GB can be uploaded.")
        assert (Arrival.objects.count(), files()) == (0, [])

    def test_a_full_disk_is_said(self, as_alice: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("composer.receiving.RESERVE_BYTES", 2**60)
        monkeypatch.setattr("composer.receiving.require_space.__kwdefaults__", {"reserve_bytes": 2**60})
        response = create(as_alice)
        assert response.status_code == 507
        assert response.text == (
            "The server has no room for this file. "
            "Ask whoever runs this installation to free space on its disk, then upload the file again."
        )
        assert (Arrival.objects.count(), files()) == (0, [])

    def test_the_workspace_has_its_own_limit(
        self, as_alice: Client, as_bob: Client, workspace: Workspace, settings: Any
    ) -> None:
        settings.WORKSPACE_MAX_BYTES = 20_000
        make_media(workspace, size_bytes=7_000)
        make_media(workspace, size_bytes=9_000, state="refused")
        create(as_alice, 6_000)
        response = create(as_alice, 7_001)
        assert response.status_code == 413
        assert response.text == (
            "This workspace may hold 19.5 KB; 12.7 KB of that are taken or promised to uploads under way, so "
            "6.84 KB more do not fit. "
            "Delete files you no longer need from the library, or cancel unfinished uploads, then try again."
        )
        assert create(as_alice, 7_000).status_code == 201
        assert create(as_bob, 20_000).status_code == 201

    def test_room_comes_back_when_an_upload_is_given_up(
        self, as_alice: Client, settings: Any, address: str
    ) -> None:
        settings.WORKSPACE_MAX_BYTES = 6_000
        assert create(as_alice, 2_000).status_code == 413
        as_alice.delete(address, headers=TUS)
        assert create(as_alice, 2_000).status_code == 201

    def test_a_flood_of_announcements_ends(self, as_alice: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("composer.arriving.MOST_AT_ONCE", 2)
        assert [create(as_alice, 10).status_code for _ in range(3)] == [201, 201, 413]
        assert len(files()) == 2

    def test_may_bring_the_first_bytes(self, as_alice: Client) -> None:
        response = as_alice.post(
            reverse("composer:upload-list"),
            FILM[:1000],
            content_type="application/offset+octet-stream",
            headers={**TUS, "upload-length": str(len(FILM))},
        )
        assert (response.status_code, response["Upload-Offset"]) == (201, "1000")
        assert path_of(Arrival.objects.get().pk).read_bytes() == FILM[:1000]

    def test_first_bytes_of_another_type_are_refused(self, as_alice: Client) -> None:
        response = as_alice.post(
            reverse("composer:upload-list"),
            {"file": BytesIO(FILM)},
            headers={**TUS, "upload-length": str(len(FILM))},
        )
        assert response.status_code == 415
        assert (Arrival.objects.count(), files()) == (0, [])


class TestParts:
    def test_grow_the_file(self, as_alice: Client, address: str) -> None:
        response = patch(as_alice, address, FILM[:2000])
        assert (response.status_code, response["Upload-Offset"]) == (204, "2000")
        assert response["Upload-Expires"].endswith("GMT")
        asked = head(as_alice, address)
        assert (asked.status_code, asked["Upload-Offset"], asked["Upload-Length"]) == (
            200,
            "2000",
            str(len(FILM)),
        )
        assert asked["Cache-Control"] == "no-store"
        assert asked["Upload-Metadata"] == f"filename {base64_of('fog.mp4')}"
        assert path_of(arrival_at(address).pk).read_bytes() == FILM[:2000]

    def test_write_nothing_to_the_database(self, as_alice: Client, address: str) -> None:
        with CaptureQueriesContext(connection) as queries:
            assert patch(as_alice, address, FILM[:2000]).status_code == 204
        assert [each["sql"] for each in queries if not each["sql"].startswith("SELECT")] == []

    def test_the_last_one_lets_the_file_be_checked(self, as_alice: Client, address: str) -> None:
        patch(as_alice, address, FILM[:2000])
        before = timezone.now() - timedelta(seconds=1)
        assert patch(as_alice, address, FILM[2000:], 2000)["Upload-Offset"] == str(len(FILM))
        arrival = arrival_at(address)
        assert arrival.state == ArrivalState.CHECKING
        assert arrival.next_try_at is not None
        assert arrival.next_try_at >= before
        assert head(as_alice, address)["Upload-Offset"] == str(len(FILM))

    def test_a_last_answer_that_was_lost_is_given_again(self, as_alice: Client, address: str) -> None:
        patch(as_alice, address, FILM)
        assert head(as_alice, address)["Upload-Offset"] == str(len(FILM))
        empty = {"content-type": "application/offset+octet-stream", "content-length": "0"}
        assert patch(as_alice, address, b"", len(FILM), **empty).status_code == 204
        again = patch(as_alice, address, FILM[2000:], 2000)
        assert (again.status_code, again["Upload-Offset"]) == (409, str(len(FILM)))
        assert patch(as_alice, address, b"x", len(FILM)).status_code == 413

    def test_a_program_killed_before_the_row_is_made_up_for(self, as_alice: Client, address: str) -> None:
        arrival = arrival_at(address)
        path_of(arrival.pk).write_bytes(FILM)
        assert head(as_alice, address)["Upload-Offset"] == str(len(FILM))
        arrival.refresh_from_db()
        assert arrival.state == ArrivalState.CHECKING

    @pytest.mark.parametrize(
        ("headers", "status"),
        [
            ({"upload-offset": "1"}, 409),
            ({"upload-offset": ""}, 400),
            ({"upload-offset": "-1"}, 400),
            ({"upload-offset": "x"}, 400),
            ({"content-type": "application/octet-stream"}, 415),
            ({"content-type": "multipart/form-data; boundary=x"}, 415),
            ({"tus-resumable": "0.2.2"}, 412),
            ({"tus-resumable": ""}, 412),
            ({"content-length": ""}, 411),
            ({"upload-checksum": "md5 1B2M2Y8AsgTpgAmY7PhCfg=="}, 400),
            ({"upload-checksum": "sha1 !!"}, 400),
            ({"upload-checksum": f"sha1 {base64_of(b'x' * 20)}"}, 460),
            ({"upload-checksum": f"sha256 {base64_of(hashlib.sha256(FILM).digest())}"}, 204),
        ],
    )
    def test_what_is_not_as_it_should_be_changes_nothing(
        self, as_alice: Client, address: str, headers: dict[str, str], status: int
    ) -> None:
        response = patch(as_alice, address, FILM, **headers)
        assert (response.status_code, response["Tus-Resumable"]) == (status, "1.0.0")
        assert path_of(arrival_at(address).pk).read_bytes() == (FILM if status == 204 else b"")
        if status == 412:
            assert response["Tus-Version"] == "1.0.0"
        if status == 409:
            assert response["Upload-Offset"] == "0"

    def test_more_than_announced_is_refused(self, as_alice: Client, address: str) -> None:
        assert patch(as_alice, address, FILM + b"!").status_code == 413
        assert path_of(arrival_at(address).pk).read_bytes() == b""

    def test_an_absurd_part_is_refused(self, as_alice: Client, settings: Any, address: str) -> None:
        settings.UPLOAD_PART_BYTES = 100
        assert patch(as_alice, address, FILM[:1600]).status_code == 204
        response = patch(as_alice, address, FILM[1600:3201], 1600)
        assert (response.status_code, response.text) == (
            413,
            "A part may have 100 bytes, and 1,600 at the very most.",
        )

    def test_a_disk_that_is_full_now_may_have_room_later(
        self, as_alice: Client, address: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        patch(as_alice, address, FILM[:1000])
        with monkeypatch.context() as full:
            full.setattr(
                "composer.parts.append_part.__kwdefaults__", {"checksum": None, "reserve_bytes": 2**60}
            )
            assert patch(as_alice, address, FILM[1000:], 1000).status_code == 507
        assert patch(as_alice, address, FILM[1000:], 1000).status_code == 204

    def test_may_come_by_post_with_the_method_named(self, as_alice: Client, address: str) -> None:
        response = as_alice.post(
            address,
            FILM[:10],
            content_type="application/offset+octet-stream",
            headers={**TUS, "upload-offset": "0", "x-http-method-override": "PATCH"},
        )
        assert (response.status_code, response["Upload-Offset"]) == (204, "10")

    def test_a_get_is_never_something_else(self, as_alice: Client, address: str) -> None:
        response = as_alice.get(address, headers={**TUS, "x-http-method-override": "DELETE"})
        assert response.status_code == 405
        assert arrival_at(address).state == ArrivalState.RECEIVING

    def test_other_methods_are_refused(self, as_alice: Client, address: str) -> None:
        for path, method, allowed in (
            (address, "PUT", "OPTIONS, HEAD, PATCH, DELETE"),
            (address, "POST", "OPTIONS, HEAD, PATCH, DELETE"),
            (reverse("composer:upload-list"), "GET", "OPTIONS, POST"),
            (reverse("composer:upload-list"), "DELETE", "OPTIONS, POST"),
        ):
            response = as_alice.generic(method, path, headers=TUS)
            assert (response.status_code, response["Allow"]) == (405, allowed)


class TestTermination:
    def test_removes_the_bytes_and_the_address_is_gone(self, as_alice: Client, address: str) -> None:
        patch(as_alice, address, FILM[:1000])
        assert as_alice.delete(address, headers=TUS).status_code == 204
        assert (arrival_at(address).state, files()) == (ArrivalState.CANCELLED, [])
        assert head(as_alice, address).status_code == 410
        assert patch(as_alice, address, FILM[1000:], 1000).status_code == 410
        assert as_alice.delete(address, headers=TUS).status_code == 410

    def test_while_it_is_checked_takes_the_lease_away(self, as_alice: Client, address: str) -> None:
        patch(as_alice, address, FILM)
        arrival = arrival_at(address)
        lease = Arrival.objects.claim(arrival.pk, seconds=60)
        assert lease is not None
        assert as_alice.delete(address, headers=TUS).status_code == 204
        assert not Arrival.objects.renew(lease)
        assert (arrival_at(address).state, files()) == (ArrivalState.CANCELLED, [])

    def test_what_has_ended_stays_as_it_is(self, as_alice: Client, address: str) -> None:
        Arrival.objects.update(state=ArrivalState.DONE)
        assert as_alice.delete(address, headers=TUS).status_code == 410
        assert arrival_at(address).state == ArrivalState.DONE


def test_options_tell_what_the_server_can_do(as_alice: Client, address: str) -> None:
    for path in (reverse("composer:upload-list"), address):
        response = as_alice.options(path)
        assert response.status_code == 204
        assert response["Tus-Version"] == "1.0.0"
        assert response["Tus-Extension"] == "creation,creation-with-upload,expiration,checksum,termination"
        assert response["Tus-Checksum-Algorithm"] == "sha1,sha256,sha512"
        assert response["Tus-Max-Size"] == str(4 * 1024**3)


class TestWhoMay:
    def test_bob_finds_nothing_of_alices(self, as_alice: Client, as_bob: Client, address: str) -> None:
        patch(as_alice, address, FILM[:1000])
        arrival = arrival_at(address)
        foreign = f"/library/uploads/{uuid4()}/"
        for path in (address, foreign):
            answers = [
                head(as_bob, path),
                patch(as_bob, path, FILM[1000:], 1000),
                as_bob.delete(path, headers=TUS),
            ]
            assert [answer.status_code for answer in answers] == [404, 404, 404]
        for name in ("arrival-state", "arrival-cancel", "arrival-dismiss"):
            page = reverse(f"composer:{name}", args=[arrival.pk])
            method = as_bob.get if name == "arrival-state" else as_bob.post
            assert method(page).status_code == 404
        assert "fog.mp4" not in as_bob.get(reverse("composer:arrival-list")).text
        arrival.refresh_from_db()
        assert arrival.state == ArrivalState.RECEIVING
        assert path_of(arrival.pk).read_bytes() == FILM[:1000]

    def test_strangers_are_asked_to_sign_in(self, client: Client, address: str) -> None:
        answers = [create(client), head(client, address), patch(client, address, FILM)]
        assert [answer.status_code for answer in answers] == [302, 302, 302]
        assert path_of(arrival_at(address).pk).read_bytes() == b""
        assert Arrival.objects.count() == 1

    def test_another_site_cannot_upload_for_alice(self, alice: User, address: str) -> None:
        strict = Client(enforce_csrf_checks=True)
        strict.force_login(alice)
        answers = [create(strict), patch(strict, address, FILM), strict.delete(address, headers=TUS)]
        assert [answer.status_code for answer in answers] == [403, 403, 403]
        assert Arrival.objects.count() == 1
        assert path_of(arrival_at(address).pk).read_bytes() == b""

    def test_a_link_import_is_no_upload(self, as_alice: Client, workspace: Workspace, address: str) -> None:
        Arrival.objects.update(source=ArrivalSource.LINK)
        assert patch(as_alice, address, FILM).status_code == 404


class TestPages:
    def test_the_state_of_one_file(self, as_alice: Client, address: str, workspace: Workspace) -> None:
        patch(as_alice, address, FILM[:1000])
        arrival = arrival_at(address)
        page = reverse("composer:arrival-state", args=[arrival.pk])
        assert as_alice.get(page).json() == {
            "state": "receiving",
            "received": 1000,
            "size": len(FILM),
            "progress": 0,
            "error": "",
            "media": None,
            "kind": None,
            "media_state": None,
        }
        media = make_media(workspace)
        Arrival.objects.update(state=ArrivalState.DONE, media=media, progress_bytes=len(FILM))
        found = as_alice.get(page).json()
        assert (found["state"], found["received"], found["media"]) == ("done", len(FILM), media.pk)
        assert (found["kind"], found["media_state"]) == ("video", "ready")

    def test_cancelling_by_a_plain_button(self, as_alice: Client, address: str) -> None:
        arrival = arrival_at(address)
        page = reverse("composer:arrival-cancel", args=[arrival.pk])
        assert as_alice.get(page).status_code == 405
        for _ in range(2):
            response = as_alice.post(page, {"next": "/posts/new-place/"})
            assert (response.status_code, response["Location"]) == (302, "/posts/new-place/")
        assert arrival_at(address).state == ArrivalState.CANCELLED
        assert as_alice.post(page, {"next": "https://evil.example/"})["Location"] == reverse(
            "publishing:post-list"
        )

    def test_the_list_says_how_to_go_on(self, as_alice: Client, address: str) -> None:
        patch(as_alice, address, FILM[:1024])
        page = reverse("composer:arrival-list")
        text = as_alice.get(page).text
        assert "Being uploaded in another window." in text
        assert 'hx-trigger="every 2s"' in text
        hour_ago = time.time() - 3600
        os.utime(path_of(arrival_at(address).pk), (hour_ago, hour_ago))
        text = as_alice.get(page).text
        assert "1 KB of 5 KB" in text
        assert "Choose the same file again in the same browser to go on." in text
        assert "hx-trigger" not in text

    def test_the_list_says_why_a_file_failed_until_it_is_put_away(
        self, as_alice: Client, address: str
    ) -> None:
        Arrival.objects.update(state=ArrivalState.FAILED, error="This is a text file, not a video.")
        page = reverse("composer:arrival-list")
        assert "This is a text file, not a video." in as_alice.get(page).text
        answer = as_alice.post(
            reverse("composer:arrival-dismiss", args=[arrival_at(address).pk]), headers={"hx-request": "true"}
        )
        assert answer.status_code == 200
        assert "fog.mp4" not in answer.text

    def test_the_list_takes_one_query_however_long(self, as_alice: Client, workspace: Workspace) -> None:
        page = reverse("composer:arrival-list")
        counts = []
        for count in (1, 8):
            for _ in range(count):
                Arrival.objects.create(
                    workspace=workspace, source=ArrivalSource.TUS, size_bytes=5, name="x",
                    state=ArrivalState.FAILED, media=make_media(workspace),
                )  # fmt: skip
            with CaptureQueriesContext(connection) as queries:
                as_alice.get(page)
            counts.append(len(queries))
        assert counts[0] == counts[1]


def test_an_upload_cancelled_elsewhere_ends_the_part_that_comes(as_alice: Client, address: str) -> None:
    """The row is given up between the request's look at it and the part: nothing is finished."""
    arrival = arrival_at(address)
    cancel_arrival(arrival, now=timezone.now())
    assert patch(as_alice, address, FILM).status_code == 410
    assert arrival_at(address).state == ArrivalState.CANCELLED
