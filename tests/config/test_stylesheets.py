"""Stylesheets are written in pieces, and a browser gets them in one answer."""

import shutil
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.files.storage import FileSystemStorage
from django.core.management import call_command

from config.stylesheets import OneSheetStorage

STATIC = Path(settings.BASE_DIR) / "static"
PIECES = sorted((STATIC / "css" / "ui").glob("*.css"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "collected"


def collected(folder: Path, source: Path) -> OneSheetStorage:
    """A storage that has taken in everything below `source`, as collectstatic does."""
    shutil.copytree(source, folder, dirs_exist_ok=True)
    storage = OneSheetStorage(location=folder, base_url="/static/")
    files = FileSystemStorage(location=source)
    names = [str(path.relative_to(source)) for path in sorted(source.rglob("*.css"))]
    for outcome in storage.post_process({name: (files, name) for name in names}):
        assert not isinstance(outcome[2], Exception), outcome
    return storage


def served(storage: OneSheetStorage, name: str) -> str:
    return Path(storage.path(storage.stored_name(name))).read_text()


def test_the_pieces_are_served_as_one_sheet(folder: Path, settings) -> None:
    settings.STATIC_ROOT = folder
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "config.stylesheets.OneSheetStorage"},
    }
    call_command("collectstatic", verbosity=0, interactive=False)
    sheet = served(staticfiles_storage, "css/ui.css")
    assert "@import" not in sheet
    for piece in PIECES:
        assert piece.read_text() in sheet, piece.name
    assert Path(staticfiles_storage.path(f"{staticfiles_storage.stored_name('css/ui.css')}.gz")).is_file()


def test_every_piece_is_imported_once() -> None:
    lines = (STATIC / "css" / "ui.css").read_text().splitlines()
    named = [line for line in lines if line.startswith("@import")]
    assert sorted(named) == [f'@import url("ui/{piece.name}");' for piece in PIECES]


def test_a_changed_piece_changes_the_name_of_the_sheet(tmp_path: Path, folder: Path) -> None:
    source = tmp_path / "source"
    (source / "css" / "ui").mkdir(parents=True)
    (source / "css" / "ui.css").write_text('@import url("ui/card.css");\n')
    (source / "css" / "ui" / "card.css").write_text("a { color: red }\n")
    before = collected(folder, source).stored_name("css/ui.css")
    (source / "css" / "ui" / "card.css").write_text("a { color: blue }\n")
    storage = collected(folder, source)
    assert storage.stored_name("css/ui.css") != before
    assert served(storage, "css/ui.css") == "a { color: blue }\n\n"


def test_a_piece_that_names_files_of_its_own_is_refused(tmp_path: Path, folder: Path) -> None:
    source = tmp_path / "source"
    (source / "ui").mkdir(parents=True)
    (source / "ui.css").write_text('@import url("ui/card.css");\n')
    (source / "ui" / "card.css").write_text('a { background: url("paper.png") }\n')
    with pytest.raises(ValueError, match=r"ui/card\.css would look for its files in the folder of ui\.css\."):
        collected(folder, source)


def test_no_stylesheet_has_grown_into_two() -> None:
    lengths = {path.name: len(path.read_text().splitlines()) for path in STATIC.rglob("*.css")}
    assert {name: length for name, length in lengths.items() if length >= 400} == {}
