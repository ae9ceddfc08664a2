"""What the web server loads."""

import subprocess
import sys

COUNT = "import config.wsgi, gc; print(len(gc.get_objects()), gc.get_freeze_count())"


def test_the_collector_leaves_alone_what_was_imported() -> None:
    """Else it stops every thread for 0.2 s, every few hundred requests."""
    done = subprocess.run([sys.executable, "-c", COUNT], capture_output=True, text=True, check=True)
    looked_at, left_alone = map(int, done.stdout.split())
    assert looked_at < left_alone / 20
