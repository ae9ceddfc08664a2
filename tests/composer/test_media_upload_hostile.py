"""Hostile files sent with a plain form: each is refused with its own sentence and leaves nothing on the disk."""

from html import unescape
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from composer.models import MediaFile, MediaState
from composer.storing import incoming_folder
from tests.hostile import HostileFile, hostile_files

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def said_of(client: Client, file: HostileFile) -> str:
    """All that the page says after the file was sent under the name it was given."""
    upload = SimpleUploadedFile("file", file.path.read_bytes(), content_type="video/mp4")
    # Django's own class cleans names; what comes over the wire has not met it. No system knows names beyond this.
    upload._name = file.name[-200:]
    answer = client.post("/library/upload/", {"upload": upload}, follow=True)
    assert answer.redirect_chain == [("/library/", 302)], file.path.name
    return unescape(answer.content.decode())


def test_every_one_is_refused_with_its_own_sentence_and_nothing_is_left(
    as_alice: Client, tmp_path: Path
) -> None:
    wrong = []
    for file in hostile_files(tmp_path / "hostile"):
        said = said_of(as_alice, file)
        # An empty part of a form is met before there is a file to look at.
        expected = "This file is empty: it has 0 bytes." if file.code == "empty" else file.why
        if expected not in said:
            wrong.append((file.path.name, expected))
    assert wrong == []
    assert [path for path in incoming_folder().parent.rglob("*") if path.is_file()] == []
    refused = MediaFile.objects.all()
    assert set(refused.values_list("state", flat=True)) == {MediaState.REFUSED}
    assert not [media for media in refused if set("/\\") & set(media.original_name)]
