"""What plain buttons do to a draft: files in, photos in order, the cover frame; and never two kinds in one post."""

from dataclasses import replace

import pytest

from accounts.models import Workspace
from composer.drafts import DraftContent
from composer.models import MediaFile
from composer.presses import NotTakenError, add_file, press
from composer.rules import Choices
from tests.factories import make_media, make_photo

EMPTY = DraftContent(Choices(), account_id=None, media_id=None)
THREE = replace(EMPTY, kind="photo", photo_ids=(7, 8, 9))


@pytest.fixture
def film(workspace: Workspace) -> MediaFile:
    return make_media(workspace, original_name="fog.mp4")


@pytest.fixture
def photo(workspace: Workspace) -> MediaFile:
    return make_photo(workspace, original_name="fog.jpg")


class TestTakingAFileIn:
    def test_an_empty_draft_becomes_of_the_files_kind(self, film: MediaFile, photo: MediaFile) -> None:
        assert add_file(EMPTY, film) == replace(EMPTY, media_id=film.pk)
        assert add_file(EMPTY, photo) == replace(EMPTY, kind="photo", photo_ids=(photo.pk,))
        assert add_file(replace(EMPTY, kind="photo"), film) == replace(EMPTY, media_id=film.pk)

    def test_a_video_takes_the_place_of_the_one_before(self, film: MediaFile) -> None:
        assert add_file(replace(EMPTY, media_id=5), film).media_id == film.pk

    def test_photos_come_last_and_once(self, photo: MediaFile) -> None:
        added = add_file(THREE, photo)
        assert added.photo_ids == (7, 8, 9, photo.pk)
        assert add_file(added, photo) == added

    def test_a_photo_is_not_mixed_into_a_video(self, photo: MediaFile) -> None:
        with pytest.raises(NotTakenError) as refused:
            add_file(replace(EMPTY, media_id=5), photo)
        assert str(refused.value) == (
            "TikTok never mixes photos and a video in one post. “fog.jpg” is in your library; choose Photos above "
            "to post it instead."
        )

    def test_a_video_is_not_mixed_into_photos(self, film: MediaFile) -> None:
        with pytest.raises(NotTakenError, match=r"“fog.mp4” is in your library; choose Video above"):
            add_file(THREE, film)

    def test_what_is_kept_of_the_other_kind_does_not_count(self, film: MediaFile, photo: MediaFile) -> None:
        kept = replace(THREE, kind="video", media_id=None)
        assert add_file(kept, film) == replace(kept, media_id=film.pk)
        assert add_file(replace(THREE, media_id=5), photo).media_id == 5

    def test_there_are_at_most_35_photos(self, photo: MediaFile) -> None:
        full = replace(THREE, photo_ids=tuple(range(1000, 1034)))
        full = add_file(full, photo)
        assert len(full.photo_ids) == 35
        with pytest.raises(NotTakenError, match="at most 35 photos in one post"):
            add_file(replace(full, photo_ids=tuple(range(1000, 1035))), photo)


class TestPressing:
    @pytest.mark.parametrize(
        ("sent", "photo_ids"),
        [
            ({"photo_left": "9"}, (7, 9, 8)),
            ({"photo_right": "7"}, (8, 7, 9)),
            ({"photo_left": "7"}, (7, 8, 9)),
            ({"photo_right": "9"}, (7, 8, 9)),
            ({"photo_remove": "8"}, (7, 9)),
            ({"photo_remove": "1"}, (7, 8, 9)),
            ({"photo_left": "1"}, (7, 8, 9)),
            ({"photo_left": "nine"}, (7, 8, 9)),
            ({}, (7, 8, 9)),
        ],
    )
    def test_moves_and_removes_photos(self, sent: dict[str, str], photo_ids: tuple[int, ...]) -> None:
        assert press(THREE, sent) == replace(THREE, photo_ids=photo_ids)

    def test_the_cover_goes_with_its_photo(self) -> None:
        covered = replace(THREE, cover_photo_id=8)
        assert press(covered, {"photo_remove": "8"}).cover_photo_id is None
        assert press(covered, {"photo_remove": "7"}).cover_photo_id == 8

    @pytest.mark.parametrize(
        ("before", "step", "after"),
        [
            (None, "1000", 1000),
            (2000, "1000", 3000),
            (2000, "-100", 1900),
            (50, "-100", 0),
            (3000, "first", None),
            (3000, "soon", 3000),
            (3000, "", 3000),
        ],
    )
    def test_steps_the_cover_frame(self, before: int | None, step: str, after: int | None) -> None:
        content = replace(EMPTY, choices=Choices(cover_timestamp_ms=before))
        assert press(content, {"cover_step": step}).choices.cover_timestamp_ms == after
