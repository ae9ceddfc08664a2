"""`make test`: the checks, then every test; prints what each part took and ends with pytest's own summary."""

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Many tests wait for a worker, a browser or TikTok: side by side they wait together. More than a few at a time
# would only make each other late. One more than there are cores leaves none of them idle: on two, 21 minutes
# instead of 41 for two at a time.
AT_ONCE = min((os.cpu_count() or 1) + 1, 4)


def main() -> int:
    started = time.monotonic()
    print("checks", flush=True)
    checked = subprocess.run([sys.executable, "tests/check.py"], cwd=ROOT, check=False).returncode
    print(f"checks: {time.monotonic() - started:.0f} s", flush=True)
    command = [sys.executable, "-m", "pytest", "-q", "-n", str(AT_ONCE), "--durations=12", *sys.argv[1:]]
    tested = subprocess.run(command, cwd=ROOT, check=False).returncode
    if checked:
        print("The checks before the tests failed; see above.", file=sys.stderr)
    return tested or checked


if __name__ == "__main__":
    sys.exit(main())
