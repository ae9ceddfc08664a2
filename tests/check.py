"""`make check`: format, lint, types, import directions, templates, migrations, deployment."""

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent

# A production that would be allowed to start; nothing is contacted.
PRODUCTION = {
    "PUBLIC_URL": "https://greenroom.example.org",
    "SECRET_KEY": "for-the-deployment-check-only-" + "0123456789abcdefghijklmnopqrstuvwxyz",
    "TOKEN_ENCRYPTION_KEYS": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
    "TIKTOK_CLIENT_KEY": "awcheckcheckcheck",
    "TIKTOK_CLIENT_SECRET": "check",
    "EMAIL_URL": "submission://user:password@mail.example.org:587",
    "DATABASE_URL": "sqlite:///:memory:",
}


def tracked(suffix: str) -> list[str]:
    """The repository's files that end so, new ones included, deleted ones not."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", f"*{suffix}"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    return sorted({name for name in listed.split("\0") if name and (ROOT / name).exists()})


def checks() -> dict[str, tuple[list[str], dict[str, str]]]:
    """Name → (command, environment on top of ours)."""
    python = str(BIN / "python")
    return {
        "ruff format": ([str(BIN / "ruff"), "format", "--check", "--quiet", "."], {}),
        "ruff lint": ([str(BIN / "ruff"), "check", "--quiet", "."], {}),
        "import-linter": ([str(BIN / "lint-imports"), "--no-cache"], {}),
        "djade": (
            [str(BIN / "djade"), "--check", "--target-version", "5.2", *tracked("templates/*.html")],
            {},
        ),
        "migrations": ([python, "manage.py", "makemigrations", "--check", "--dry-run"], {}),
        "deployment": ([python, "manage.py", "check", "--deploy", "--fail-level", "WARNING"], PRODUCTION),
        "mypy": ([str(BIN / "mypy")], {}),
    }


def run(name: str, command: list[str], extra: dict[str, str]) -> bool:
    """Run one check; print its name, time and, if it failed, what it said."""
    started = time.monotonic()
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **extra}, capture_output=True, text=True, check=False
    )
    verdict = "ok" if done.returncode == 0 else "FAILED"
    print(f"  {name:<14} {verdict:<6} {time.monotonic() - started:5.1f} s", flush=True)
    if done.returncode:
        print(done.stdout + done.stderr, flush=True)
    return done.returncode == 0


def main() -> int:
    with ThreadPoolExecutor(max_workers=2) as pool:
        results = list(pool.map(lambda item: run(item[0], *item[1]), checks().items()))
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
