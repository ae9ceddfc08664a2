"""Puts a Chromium, and a display it can be filmed on, where tests and the audit kit find them.

By apt on Debian as root. Elsewhere Playwright brings a Chromium, and the display's packages are named.
"""

import os
import shutil
import subprocess
import sys

FONTS = ["fonts-liberation", "fonts-noto-color-emoji", "fonts-noto-cjk"]
# Program → the packages of Debian that bring it.
BROWSER = {"chromium": ["chromium", *FONTS]}
# The same without a window: it costs the journeys half the time.
WINDOWLESS = {"chromium-headless-shell": ["chromium-headless-shell"]}
DISPLAY = {"Xvfb": ["xvfb"], "xdotool": ["xdotool"]}


def missing(wanted: dict[str, list[str]]) -> list[str]:
    """The packages of programs that are not there."""
    return [
        package for program, packages in wanted.items() if not shutil.which(program) for package in packages
    ]


def main() -> int:
    packages = missing(BROWSER | WINDOWLESS | DISPLAY)
    if not packages:
        return 0
    if shutil.which("apt-get") and os.geteuid() == 0:
        print(f"Installing {', '.join(packages)} ...", flush=True)
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "update", "-qq"], check=True, env=environment)
        command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]
        return subprocess.run(command, check=False, env=environment, stdout=subprocess.DEVNULL).returncode
    if display := missing(DISPLAY):
        print(f"The audit kit and its tests need: apt install {' '.join(display)}", flush=True)
    if not missing(BROWSER):
        return 0
    return subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
