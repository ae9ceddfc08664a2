"""Starts pieces of the product in a process of their own, with an environment that a test spells out."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.processes import ROOT

SECONDS = 60
# Every variable the settings read; an empty one counts as unset, so that no .env reaches a test.
NAMES = frozenset(re.findall(r'env\.\w+\(\s*"([A-Z0-9_]+)"', (ROOT / "config" / "settings.py").read_text()))


def environment(var_dir: Path, **variables: str) -> dict[str, str]:
    """This machine's environment with nothing in it that the product reads but what is given."""
    foreign = {"DJANGO_SETTINGS_MODULE", *NAMES, *(f"{name}_FILE" for name in NAMES)}
    ours = {name: value for name, value in os.environ.items() if name not in foreign}
    unset = dict.fromkeys(NAMES - {name.removesuffix("_FILE") for name in variables}, "")
    return ours | unset | {"VAR_DIR": str(var_dir), "PYTHONUNBUFFERED": "1"} | variables


def python(*arguments: str, environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT, env=environ, capture_output=True, text=True, timeout=SECONDS, check=False,
    )  # fmt: skip


def read_settings(var_dir: Path, *names: str, **variables: str) -> dict[str, Any]:
    """What the settings make of these variables."""
    code = f"""if True:
        import json
        from config import settings
        print(json.dumps({{name: getattr(settings, name) for name in {names!r}}}, default=str))
    """
    done = python("-c", code, environ=environment(var_dir, **variables))
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def refusal(var_dir: Path, **variables: str) -> str:
    """What `make run` says instead of starting; it must be one line, without a traceback."""
    done = python("-m", "config.run", environ=environment(var_dir, **variables))
    assert done.returncode == 1, done.stdout + done.stderr
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1, done.stderr
    return done.stderr.strip()
