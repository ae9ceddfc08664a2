"""No page of the product depends on the broker: only work sends work."""

import re

from tests.processes import ROOT

APPS = ("accounts", "composer", "publishing", "leaving", "review")
SENDING = re.compile(r"\.(delay|delay_on_commit|apply_async|send_task)\b")


def test_only_tasks_send_tasks() -> None:
    """A page that sent one would wait for a Redis that is away; the sweep finds what is due without it."""
    files = [path for app in APPS for path in (ROOT / app).rglob("*.py")]
    sending = {str(path.relative_to(ROOT)) for path in files if SENDING.search(path.read_text())}
    assert sending == {"accounts/tasks.py", "composer/tasks.py", "publishing/tasks.py"}
