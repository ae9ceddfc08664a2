"""Puts a Chromium where the browser tests find one: Debian's as root, Playwright's elsewhere."""

import os
import shutil
import subprocess
import sys

DEBIAN_PACKAGES = ["chromium", "fonts-liberation", "fonts-noto-color-emoji", "fonts-noto-cjk"]


def main() -> int:
    if shutil.which("chromium"):
        return 0
    if shutil.which("apt-get") and os.geteuid() == 0:
        print("Installing Chromium and fonts ...", flush=True)
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "update", "-qq"], check=True, env=environment)
        command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *DEBIAN_PACKAGES]
        return subprocess.run(command, check=False, env=environment, stdout=subprocess.DEVNULL).returncode
    return subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
