"""`make test`: the checks, then every test; prints what each part took and ends with pytest's own summary."""

import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    started = time.monotonic()
    print("checks", flush=True)
    checked = subprocess.run([sys.executable, "tests/check.py"], cwd=ROOT, check=False).returncode
    print(f"checks: {time.monotonic() - started:.0f} s", flush=True)
    tested = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--durations=12", *sys.argv[1:]], cwd=ROOT, check=False
    ).returncode
    if checked:
        print("The checks before the tests failed; see above.", file=sys.stderr)
    return tested or checked


if __name__ == "__main__":
    sys.exit(main())
