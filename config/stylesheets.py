"""Stylesheets are written in small files and served as one: `@import` is answered when the files are collected."""

import re
from collections.abc import Iterator
from posixpath import dirname, join, normpath
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import InMemoryStorage, Storage
from whitenoise.storage import (  # type: ignore[import-untyped]
    CompressedManifestStaticFilesStorage,
)

# How `css/ui.css` names its pieces: one a line, without layers or conditions.
_IMPORT = re.compile(r'^@import url\("([^":]+)"\);$', re.MULTILINE)

Paths = dict[str, tuple[Storage, str]]


class OneSheetStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Names files by their content and compresses them, as its parent does, after putting imports in their places.

    A browser learns of an import only when the importing sheet is there: eighteen more requests, a round trip late.
    Uncollected (a test's plain storage) the same sheets work as they are.
    """

    def post_process(self, paths: Paths, *, dry_run: bool = False, **options: Any) -> Iterator[Any]:
        """Hand the parent whole sheets instead of those that import others; `paths` is name → (storage, path)."""
        whole = InMemoryStorage()
        replaced: Paths = {}
        for name in paths:
            if name.endswith(".css"):
                sheet = _read(paths, name)
                if _IMPORT.search(sheet):
                    whole.save(name, ContentFile(_with_imports(paths, name, sheet).encode()))
                    replaced[name] = (whole, name)
        return super().post_process({**paths, **replaced}, dry_run=dry_run, **options)  # type: ignore[no-any-return]


def _with_imports(paths: Paths, name: str, sheet: str) -> str:
    """The sheet with each imported one where it was named. KeyError names one that does not exist."""

    def imported(match: re.Match[str]) -> str:
        piece_name = normpath(join(dirname(name), match[1]))
        piece = _read(paths, piece_name)
        if "url(" in piece:
            raise ValueError(f"{piece_name} would look for its files in the folder of {name}.")
        return piece

    return _IMPORT.sub(imported, sheet)


def _read(paths: Paths, name: str) -> str:
    storage, path = paths[name]
    with storage.open(path) as file:
        content: bytes = file.read()
    return content.decode()
