"""A database with every migration applied, made once and copied: most tests that start the product are about
something else, and migrating an empty SQLite database takes several seconds of a core."""

import atexit
import functools
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.config.starting import environment
from tests.processes import ROOT

_NAME = "greenroom.sqlite3"


def lay_migrated_database(var_dir: Path) -> None:
    """Put it where the product with this VAR_DIR looks for its own, unless one is there."""
    var_dir.mkdir(parents=True, exist_ok=True)
    if not (var_dir / _NAME).exists():
        shutil.copyfile(_migrated(), var_dir / _NAME)


@functools.cache
def _migrated() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="greenroom-migrated-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env=environment(folder), check=True
    )
    return folder / _NAME
