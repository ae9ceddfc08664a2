"""`manage.py doctor` against a running installation, and against one whose settings cannot be used."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.installation import Installation
from tests.processes import ROOT, Simulator


def doctor(environ: dict[str, str], *options: str) -> "subprocess.CompletedProcess[str]":
    # Playwright's, not an operator's: Django's checks rightly object to it.
    environ = {name: value for name, value in environ.items() if name != "DJANGO_ALLOW_ASYNC_UNSAFE"}
    return subprocess.run(
        [sys.executable, "manage.py", "doctor", *options],
        cwd=ROOT, env=environ, capture_output=True, text=True, timeout=170, check=False,
    )  # fmt: skip


def findings_of(done: "subprocess.CompletedProcess[str]") -> dict[str, dict[str, Any]]:
    return {finding["slug"]: finding for finding in json.loads(done.stdout)["findings"]}


@pytest.mark.slow
def test_a_running_installation_has_no_fault_and_a_stopped_one_has(
    simulator_process: Simulator, tmp_path: Path
) -> None:
    simulator_process.reset()
    with Installation(tmp_path, simulator_process) as installation:
        web, worker = installation.start("web"), installation.start("worker")
        # Both have been at work: posts would go out.
        installation.wait_for("worker", lambda: "ready" in worker.log())
        installation.wait_for("pulse of a worker", lambda: installation.ask("pulses") == ["steps", "sweep"])
        assert httpx.get(installation.url, timeout=60).status_code == 200
        done = doctor(installation.environ, "--json")
        found = findings_of(done)
        assert [finding for finding in found.values() if finding["verdict"] == "fault"] == []
        assert (done.returncode, done.stderr) == (0, "")
        for slug in ("webhook", "client-secret", "worker", "beat", "database", "migrations", "storage"):
            assert found[slug]["verdict"] == "ok", found[slug]
        web.end()
        stopped = doctor(installation.environ)
        assert stopped.returncode == 1
        assert "FAULT   Webhook: " in stopped.stdout
        assert f"Webhooks: Callback URL: {installation.url}/webhooks/tiktok/" in stopped.stdout
        assert simulator_process.client_secret not in done.stdout + stopped.stdout


def test_an_installation_without_tables_is_told_what_to_do(tmp_path: Path) -> None:
    environ = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings", "VAR_DIR": str(tmp_path)}
    environ |= {"DATABASE_URL": "postgres://nobody:guarded-word@127.0.0.1:1/none", "TIKTOK_CLIENT_KEY": ""}
    done = doctor(environ, "--json")
    found = findings_of(done)
    assert (done.returncode, done.stderr) == (1, "")
    assert found["database"]["verdict"] == "fault"
    assert found["migrations"]["cure"] == "See the lines on database and migrations."
    assert "guarded-word" not in done.stdout
    assert "Traceback" not in done.stdout


def test_settings_that_cannot_be_used_are_one_line(tmp_path: Path) -> None:
    environ = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings", "VAR_DIR": str(tmp_path)}
    done = doctor(environ | {"TIKTOK_CLIENT_KEY": "aw", "TIKTOK_CLIENT_SECRET": ""})
    assert done.returncode == 1
    assert done.stderr == "TIKTOK_CLIENT_KEY is set without TIKTOK_CLIENT_SECRET: they belong together.\n"
