"""What docs/deploy.md has operators install: units whose commands exist, proxies that pass on what TikTok needs."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
from gunicorn.config import Config

from config.celery import app as celery_app
from config.lanes import CHORES, TASK_ROUTES, lanes
from config.run import commands
from tests.processes import ROOT, free_port

UNITS = sorted((ROOT / "deploy" / "systemd").glob("*.service"))
DOCUMENT = (ROOT / "docs" / "deploy.md").read_text()


def lines_of(unit: Path) -> dict[str, list[str]]:
    """The settings of a unit by name, continued lines joined."""
    found: dict[str, list[str]] = {}
    for line in unit.read_text().replace("\\\n", " ").splitlines():
        name, is_setting, value = line.partition("=")
        if is_setting and not line.startswith("#"):
            found.setdefault(name, []).append(value)
    return found


def command_of(name: str) -> list[str]:
    """The words of a unit's ExecStart, from the module on."""
    (line,) = lines_of(ROOT / "deploy" / "systemd" / f"greenroom-{name}.service")["ExecStart"]
    python, dash_m, *words = shlex.split(line)
    assert (python, dash_m) == ("/opt/greenroom/.venv/bin/python", "-m")
    return words


def options_of(words: list[str]) -> set[str]:
    return {word for word in words if word.startswith("--")}


def test_there_is_a_unit_for_each_process() -> None:
    assert [unit.stem for unit in UNITS] == ["greenroom-beat", "greenroom-web", "greenroom-worker"]


def test_web_is_what_make_run_starts() -> None:
    words = command_of("web")
    ours = commands()["web"][0][2:]
    assert words[:2] == ours[:2] == ["gunicorn", "config.wsgi:application"]
    module, name = words[1].split(":")
    assert hasattr(import_module(module), name)
    assert options_of(words) == options_of(ours)
    # gunicorn itself reads the line: a wrong option or value ends it.
    parser = Config().parser()
    given, asked = parser.parse_args(words[2:]), parser.parse_args(ours[2:])
    for option in ("worker_class", "threads", "timeout", "graceful_timeout", "keepalive", "loglevel"):
        assert getattr(given, option) == getattr(asked, option), option
    assert given.bind == ["127.0.0.1:8000"]


def test_worker_and_beat_together_are_what_make_run_starts() -> None:
    worker, beat = command_of("worker"), command_of("beat")
    ours = commands()["worker"][0][2:]
    assert worker[:5] == ["celery", "--quiet", "-A", "config", "worker"] == ours[:5]
    assert beat[:5] == ["celery", "--quiet", "-A", "config", "beat"]
    assert options_of(worker) | options_of(beat) == options_of(ours)
    assert "-B" in ours
    assert "-B" not in worker


@pytest.mark.parametrize("name", ["worker", "beat"])
def test_celery_knows_the_commands_options(name: str, tmp_path: Path) -> None:
    words = command_of(name)
    helped = subprocess.run(
        [sys.executable, "-m", *words[:5], "--help"],
        cwd=ROOT, env={**os.environ, "VAR_DIR": str(tmp_path)}, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    for option in options_of(words) - {"--quiet"}:
        assert option in helped, option


def test_every_queue_that_work_goes_to_has_a_worker() -> None:
    # The units name none: a worker takes them all.
    assert "-Q" not in command_of("worker")
    assert {queue.name for queue in celery_app.conf.task_queues} == set(lanes())
    assert {route["queue"] for route in TASK_ROUTES.values()} | {CHORES} == set(lanes())
    celery_app.loader.import_default_modules()
    scheduled = {entry["task"] for entry in celery_app.conf.beat_schedule.values()}
    assert scheduled | set(TASK_ROUTES) <= set(celery_app.tasks)


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_units_agree_on_user_and_places(unit: Path) -> None:
    lines = lines_of(unit)
    assert lines["User"] == ["greenroom"]
    assert lines["WorkingDirectory"] == ["/opt/greenroom"]
    assert lines["StateDirectory"] == ["greenroom"]
    assert lines["Restart"] == ["always"]
    assert "VAR_DIR=/var/lib/greenroom" in DOCUMENT


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd's own reader of units")
def test_systemd_reads_the_units(tmp_path: Path) -> None:
    for unit in UNITS:
        # The programs are not installed here; what they are is seen above.
        text = unit.read_text().replace("/opt/greenroom/.venv/bin/python", sys.executable)
        (tmp_path / unit.name).write_text(
            text.replace("Documentation=file:///opt", "Documentation=file:///usr")
        )
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no",
         *(str(tmp_path / unit.name) for unit in UNITS)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


def test_the_proxies_pass_on_what_the_site_needs() -> None:
    nginx = (ROOT / "deploy" / "nginx" / "greenroom.conf").read_text()
    for line in (
        "proxy_set_header Host $host;",
        # Not added to: else a stranger could choose the address that limits are counted by.
        "proxy_set_header X-Forwarded-For $remote_addr;",
        "proxy_set_header X-Forwarded-Proto $scheme;",
        "client_max_body_size 0;",
        "proxy_request_buffering off;",
    ):
        assert line in nginx, line
    pull = re.search(r"location /pull/ \{(.*?)\}", nginx, re.DOTALL)
    assert pull is not None
    for line in ("proxy_buffering off;", "proxy_cache off;", "access_log off;"):
        assert line in pull[1], line
    caddy = (ROOT / "deploy" / "caddy" / "Caddyfile").read_text()
    assert "skip_log /pull/*" in caddy
    assert "flush_interval -1" in caddy


@pytest.mark.skipif(shutil.which("caddy") is None, reason="needs Caddy")
def test_caddy_reads_its_file(tmp_path: Path) -> None:
    """Debian's is older than what Caddy's own pages tell of: not every name they use is known to it."""
    done = subprocess.run(
        ["caddy", "validate", "--adapter", "caddyfile", "--config", str(ROOT / "deploy" / "caddy" / "Caddyfile")],
        env=os.environ | {"HOME": str(tmp_path)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(
    shutil.which("nginx") is None or shutil.which("openssl") is None, reason="needs nginx and openssl"
)
def test_nginx_reads_its_file(tmp_path: Path) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=greenroom.example.org",
         "-keyout", str(key), "-out", str(certificate)],
        capture_output=True, check=True,
    )  # fmt: skip
    ours = (ROOT / "deploy" / "nginx" / "greenroom.conf").read_text()
    place = "/etc/letsencrypt/live/greenroom.example.org"
    ours = ours.replace(f"{place}/fullchain.pem", str(certificate)).replace(f"{place}/privkey.pem", str(key))
    # It binds what it is told to listen at, and makes its folders: where anybody may.
    ours = re.sub(r"listen \[::\]:.*;", "", ours)
    ours = re.sub(r"listen (?:80|443)(.*);", lambda found: f"listen 127.0.0.1:{free_port()}{found[1]};", ours)
    folders = " ".join(
        f"{name}_temp_path {tmp_path};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    whole = tmp_path / "nginx.conf"
    whole.write_text(
        f"pid {tmp_path}/nginx.pid; error_log stderr; events {{}}"
        f" http {{ access_log off; {folders}\n{ours}\n}}"
    )
    done = subprocess.run(["nginx", "-t", "-c", str(whole)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_document_names_files_that_are_there() -> None:
    for name in re.findall(r"/opt/greenroom/((?:deploy|requirements)[\w./-]*\w)", DOCUMENT):
        assert (ROOT / name).exists(), name
    for unit in UNITS:
        assert unit.stem in DOCUMENT
