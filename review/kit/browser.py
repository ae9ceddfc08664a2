"""A real Chromium window on the filmed display: with its address bar, in English, with nothing of anybody's."""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import BrowserContext, Playwright

from review.kit.desk import HEIGHT, WIDTH, Desk

# The whole address is shown, and no bubble asks about passwords.
_PREFERENCES = {
    "omnibox": {"prevent_url_elisions": True},
    "intl": {"accept_languages": "en-GB,en"},
    "credentials_enable_service": False,
    "profile": {"password_manager_enabled": False, "password_manager_leak_detection": False},
}
_WAIT_MS = 20_000


def chromium() -> str | None:
    """Debian's Chromium where it is installed; None for the one that Playwright brought."""
    return shutil.which("chromium")


def sandbox_arguments() -> list[str]:
    """Root has no sandbox in Chromium; `--test-type` keeps it from saying so above every page."""
    return ["--no-sandbox", "--test-type"] if os.geteuid() == 0 else []


@contextmanager
def open_window(playwright: Playwright, desk: Desk, profile: Path) -> Iterator[BrowserContext]:
    """One window in the upper left corner, of the film's size; `profile` is a folder for nobody else."""
    preferences = profile / "Default" / "Preferences"
    preferences.parent.mkdir(parents=True)
    preferences.write_text(json.dumps(_PREFERENCES))
    context = playwright.chromium.launch_persistent_context(
        profile,
        headless=False,
        executable_path=chromium(),
        no_viewport=True,
        color_scheme="light",
        args=[
            *sandbox_arguments(),
            "--window-position=0,0",
            f"--window-size={WIDTH + 1},{HEIGHT + 1}",
            "--force-device-scale-factor=1",
            "--lang=en-GB",
            "--no-first-run",
        ],
        ignore_default_args=["--enable-automation"],
        env=dict(desk.environ),
    )
    context.set_default_timeout(_WAIT_MS)
    try:
        yield context
    finally:
        context.close()
