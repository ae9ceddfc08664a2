"""Taking files in: streamed, checked, stored once or refused by name; shown to their own workspace only."""

import hashlib
from html import unescape
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from accounts.models import User, Workspace
from composer.drafts import make_draft
from composer.library import clean_name
from composer.media.samples import SAMPLE_PHOTOS, SAMPLES
from composer.models import MediaFile, MediaState, Post
from composer.receiving import Receiver
from composer.samples import add_sample_media
from composer.storing import incoming_folder
from tests.composer.browser_form import ComposerPage
from tests.composer.conftest import VideoMaker
from tests.factories import make_media
from tests.media import cut


def send(client: Client, data: bytes, name: str = "fog.mp4") -> Any:
    """Upload with the library's plain form."""
    return client.post(reverse("composer:media-upload"), {"upload": SimpleUploadedFile(name, data)})


def said(client: Client, response: Any) -> str:
    """The page that the answer leads to, as it reads."""
    return unescape(client.get(response["Location"]).text)


def files_on_disk(settings: Any) -> list[Path]:
    return [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]


class TestAGoodVideo:
    def test_is_stored_as_it_came(
        self, as_alice: Client, alice: User, workspace: Workspace, video: VideoMaker
    ) -> None:
        data = video(seconds=4).read_bytes()
        response = send(as_alice, data, "My fog.mp4")
        media = MediaFile.objects.get()
        assert response["Location"] == reverse("composer:media-detail", args=[media.pk])
        assert (media.state, media.workspace, media.uploaded_by) == (MediaState.READY, workspace, alice)
        assert media.original_name == "My fog.mp4"
        assert (media.size_bytes, media.sha256) == (len(data), hashlib.sha256(data).hexdigest())
        assert (media.container, media.video_codec, media.audio_codec) == ("mp4", "h264", "aac")
        assert (media.width, media.height, media.frames_per_second) == (360, 640, 30.0)
        assert media.duration_ms == pytest.approx(4000, abs=60)
        assert (media.faults, media.is_sample) == ([], False)
        with media.file.open("rb") as stored:
            assert stored.read() == data

    def test_lies_under_a_name_nobody_can_guess(self, as_alice: Client, video: VideoMaker) -> None:
        send(as_alice, video().read_bytes(), "../../etc/passwd.mp4")
        media = MediaFile.objects.get()
        folder, _, name = str(media.file.name).partition("/")
        assert folder == "media"
        assert len(name) == len("0" * 32 + ".mp4")
        assert media.original_name == "passwd.mp4"

    def test_leaves_nothing_where_it_arrived(
        self, as_alice: Client, settings: Any, video: VideoMaker
    ) -> None:
        send(as_alice, video().read_bytes())
        assert list(incoming_folder().iterdir()) == []
        # The video and its poster.
        assert len(files_on_disk(settings)) == 2

    def test_the_same_bytes_again_are_stored_once(
        self, as_alice: Client, settings: Any, video: VideoMaker
    ) -> None:
        data = video().read_bytes()
        first = send(as_alice, data)
        again = send(as_alice, data, "another-name.mp4")
        assert first["Location"] == again["Location"]
        assert len(files_on_disk(settings)) == 2

    def test_the_same_bytes_of_another_workspace_are_its_own(
        self, as_alice: Client, as_bob: Client, video: VideoMaker
    ) -> None:
        data = video().read_bytes()
        assert send(as_alice, data)["Location"] != send(as_bob, data)["Location"]
        assert MediaFile.objects.count() == 2

    def test_has_a_poster_and_a_small_picture(self, as_alice: Client, video: VideoMaker) -> None:
        send(as_alice, video().read_bytes())
        address = reverse("composer:media-poster", args=[MediaFile.objects.get().pk])
        large = as_alice.get(address)
        small = as_alice.get(f"{address}?small")
        assert (large["Content-Type"], small["Content-Type"]) == ("image/jpeg", "image/jpeg")
        assert b"".join(large).startswith(b"\xff\xd8\xff")
        with Image.open(BytesIO(small.content)) as picture:
            assert picture.size == (144, 256)
        assert len(small.content) < 5_000

    def test_plays_from_any_place(self, as_alice: Client, video: VideoMaker) -> None:
        data = video().read_bytes()
        send(as_alice, data)
        address = reverse("composer:media-file", args=[MediaFile.objects.get().pk])
        part = as_alice.get(address, headers={"range": "bytes=100-199"})
        assert (part.status_code, b"".join(part)) == (206, data[100:200])
        assert part["Content-Range"] == f"bytes 100-199/{len(data)}"
        assert part["Content-Type"] == "video/mp4"
        assert b"".join(as_alice.get(address)) == data


class TestAWrongFile:
    @pytest.mark.parametrize(
        ("data", "words"),
        [(b"This is no video at all. " * 40, "text"), (b"PK\x03\x04" + b"\0" * 900, "ZIP")],
    )
    def test_is_refused_by_name_and_not_kept(
        self, as_alice: Client, settings: Any, data: bytes, words: str
    ) -> None:
        page = said(as_alice, send(as_alice, data, "notes.mp4"))
        media = MediaFile.objects.get()
        assert "“notes.mp4” cannot be posted to TikTok." in page
        assert words in page
        (fault,) = media.faults
        assert f"{fault['text']} {fault['advice']}" in page
        assert (media.state, media.file.name, media.sha256) == (
            MediaState.REFUSED,
            "",
            hashlib.sha256(data).hexdigest(),
        )
        assert files_on_disk(settings) == []

    def test_that_is_cut_off_is_refused(self, as_alice: Client, settings: Any, video: VideoMaker) -> None:
        send(as_alice, cut(video(seconds=5), 0.5).read_bytes())
        assert MediaFile.objects.get().faults[0]["code"] == "cut_off"
        assert files_on_disk(settings) == []

    def test_may_come_again_once_mended(self, as_alice: Client, video: VideoMaker) -> None:
        send(as_alice, b"no video " * 100)
        send(as_alice, video().read_bytes())
        assert [media.state for media in MediaFile.objects.all()] == [MediaState.READY, MediaState.REFUSED]

    def test_that_is_too_large_is_refused_before_it_is_read(
        self, as_alice: Client, settings: Any, video: VideoMaker
    ) -> None:
        settings.MEDIA_MAX_BYTES = 1000
        page = said(as_alice, send(as_alice, video().read_bytes()))
        assert "At most 1000 bytes can be uploaded." in page.replace(",", "")
        assert not MediaFile.objects.exists()
        assert files_on_disk(settings) == []

    def test_that_is_empty_is_refused(self, as_alice: Client, settings: Any) -> None:
        assert "This file is empty" in said(as_alice, send(as_alice, b""))
        assert not MediaFile.objects.exists()

    def test_that_does_not_fit_the_workspace_is_refused(
        self, as_alice: Client, settings: Any, video: VideoMaker
    ) -> None:
        settings.WORKSPACE_MAX_BYTES = 1000
        page = said(as_alice, send(as_alice, video().read_bytes()))
        assert "This workspace may hold 1,000 bytes" in page
        assert not MediaFile.objects.exists()
        assert files_on_disk(settings) == []

    def test_that_cannot_fit_the_workspace_is_refused_before_it_comes(
        self, as_alice: Client, settings: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        settings.WORKSPACE_MAX_BYTES = 100_000
        monkeypatch.setattr(Receiver, "write", lambda self, block: pytest.fail("a byte was taken"))
        page = said(as_alice, send(as_alice, bytes(200_000)))
        assert "This workspace may hold 97.7 KB" in page
        assert files_on_disk(settings) == []

    def test_that_was_not_chosen_is_asked_for(self, as_alice: Client) -> None:
        response = as_alice.post(reverse("composer:media-upload"), {"next": "/"})
        assert "No file was chosen." in said(as_alice, response)

    def test_that_a_fix_would_mend_is_kept_for_it(
        self, as_alice: Client, settings: Any, video: VideoMaker
    ) -> None:
        response = send(as_alice, video(container="mkv").read_bytes(), "fog.mkv")
        media = MediaFile.objects.get()
        assert media.state == MediaState.FIXABLE
        assert response["Location"] == reverse("composer:media-detail", args=[media.pk])
        assert len(files_on_disk(settings)) == 2


class TestWhoMay:
    def test_only_people_who_are_signed_in_upload(self, client: Client, settings: Any) -> None:
        assert send(client, b"x" * 100)["Location"] == reverse("account_login")
        assert files_on_disk(settings) == []

    def test_another_site_cannot_upload_for_alice(
        self, alice: User, settings: Any, video: VideoMaker
    ) -> None:
        strict = Client(enforce_csrf_checks=True)
        strict.force_login(alice)
        assert send(strict, video().read_bytes()).status_code == 403
        assert not MediaFile.objects.exists()
        assert files_on_disk(settings) == []

    @pytest.mark.parametrize("name", ["media-file", "media-poster"])
    def test_bob_does_not_see_alices_files(self, as_bob: Client, workspace: Workspace, name: str) -> None:
        media = make_media(workspace, content=b"secret", poster="posters/x.jpg")
        assert as_bob.get(reverse(f"composer:{name}", args=[media.pk])).status_code == 404

    @pytest.mark.parametrize("name", ["media-file", "media-poster"])
    def test_what_is_gone_from_disk_is_not_found(
        self, as_alice: Client, workspace: Workspace, name: str
    ) -> None:
        media = make_media(workspace, poster="posters/gone.jpg")
        assert as_alice.get(reverse(f"composer:{name}", args=[media.pk])).status_code == 404
        assert as_alice.get(reverse(f"composer:{name}", args=[media.pk]) + "?small").status_code == 404

    def test_a_refused_file_has_nothing_to_play(self, as_alice: Client, workspace: Workspace) -> None:
        media = make_media(workspace, state=MediaState.REFUSED)
        MediaFile.objects.update(file="")
        assert as_alice.get(reverse("composer:media-file", args=[media.pk])).status_code == 404


class TestWithoutScripts:
    @pytest.fixture
    def draft(self, workspace: Workspace, alice: User) -> Post:
        return make_draft(workspace, author=alice)

    def upload(self, client: Client, post: Post, file: SimpleUploadedFile, **fields: str) -> Any:
        page = ComposerPage(client.get(reverse("composer:post-edit", args=[post.pk])).text)
        data = page.sends(**fields) | {"upload": file}
        return client.post(reverse("composer:post-check", args=[post.pk]), data)

    def test_a_video_is_stored_and_chosen_and_the_text_is_kept(
        self, as_alice: Client, draft: Post, settings: Any, video: VideoMaker
    ) -> None:
        data = video().read_bytes()
        response = self.upload(as_alice, draft, SimpleUploadedFile("fog.mp4", data), caption="Typed before")
        draft.refresh_from_db()
        assert response["Location"] == reverse("composer:post-edit", args=[draft.pk]) + "#part-media"
        assert draft.caption == "Typed before"
        assert draft.media is not None
        assert (draft.media.original_name, draft.media.sha256) == (
            "fog.mp4",
            hashlib.sha256(data).hexdigest(),
        )
        assert len(files_on_disk(settings)) == 2

    def test_a_wrong_file_is_explained_and_the_chosen_one_stays(
        self, as_alice: Client, workspace: Workspace, draft: Post, settings: Any
    ) -> None:
        media = make_media(workspace)
        Post.objects.filter(pk=draft.pk).update(media=media)
        response = self.upload(
            as_alice, draft, SimpleUploadedFile("notes.mp4", b"no video " * 50), caption="Kept"
        )
        draft.refresh_from_db()
        assert (draft.media, draft.caption) == (media, "Kept")
        page = as_alice.get(response["Location"]).text
        assert "“notes.mp4” cannot be posted to TikTok." in page
        assert files_on_disk(settings) == []

    def test_bobs_refused_file_is_not_shown_to_alice(
        self, as_alice: Client, draft: Post, bobs_workspace: Workspace
    ) -> None:
        refused = make_media(bobs_workspace, state=MediaState.REFUSED, original_name="bobs.mp4")
        address = reverse("composer:post-edit", args=[draft.pk])
        for query in (refused.pk, "x", "9" * 30):
            assert "bobs.mp4" not in as_alice.get(f"{address}?refused={query}").text

    def test_a_file_that_is_too_large_is_explained(
        self, as_alice: Client, draft: Post, settings: Any, video: VideoMaker
    ) -> None:
        settings.MEDIA_MAX_BYTES = 1000
        response = self.upload(as_alice, draft, SimpleUploadedFile("fog.mp4", video().read_bytes()))
        assert "can be uploaded" in as_alice.get(response["Location"]).text
        assert not MediaFile.objects.exists()
        assert files_on_disk(settings) == []

    def test_another_site_cannot_upload_for_alice(
        self, alice: User, draft: Post, settings: Any, video: VideoMaker
    ) -> None:
        strict = Client(enforce_csrf_checks=True)
        strict.force_login(alice)
        data = {"upload": SimpleUploadedFile("fog.mp4", video().read_bytes())}
        response = strict.post(reverse("composer:post-check", args=[draft.pk]), data)
        assert response.status_code == 403
        assert not MediaFile.objects.exists()
        assert files_on_disk(settings) == []


class TestSamples:
    def test_are_made_once_and_ready_to_post(self, workspace: Workspace, alice: User, settings: Any) -> None:
        made = add_sample_media(workspace, alice)
        assert [media.kind for media in made] == ["video"] * 3 + ["photo"] * 3
        assert {(media.state, media.is_sample, bool(media.poster)) for media in made} == {
            (MediaState.READY, True, True)
        }
        assert all(media.faults == [] and media.warnings == [] for media in made)
        assert [media.pk for media in add_sample_media(workspace, alice)] == [media.pk for media in made]
        assert MediaFile.objects.count() == 6
        assert [media.original_name for media in made] == [
            sample.title for sample in (*SAMPLES, *SAMPLE_PHOTOS)
        ]
        assert len(files_on_disk(settings)) == 12
        assert list(incoming_folder().iterdir()) == []


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("fog.mp4", "fog.mp4"),
        ("C:\\films\\fog.mp4", "fog.mp4"),
        ("/etc/passwd", "passwd"),
        ("a\x00b\r\n.mp4", "a b .mp4"),
        ("", "Video"),
        ("..", "Video"),
        ("x" * 300 + ".mp4", "x" * 251 + ".mp4"),
    ],
)
def test_names_are_made_harmless(sent: str, kept: str) -> None:
    assert clean_name(sent) == kept
