"""`make run`: everything in one terminal: web, worker with beat, and the simulator where TikTok is simulated."""

import errno
import os
import shlex
import signal
import socket
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

from honcho import manager as honcho_manager
from honcho.manager import Manager

START_SECONDS = 60
# The worker takes up to five seconds to stop in peace; honcho would kill it then.
honcho_manager.KILL_WAIT = 20


class StartError(Exception):
    """Why nothing was started, as one line for the terminal."""


class Processes(Manager):  # type: ignore[misc]  # honcho carries no types
    """honcho's manager, except that it may be told to stop before everything has started."""

    def terminate(self) -> None:
        if self._all_started():
            super().terminate()
        else:
            threading.Timer(0.1, self.terminate).start()


def require_free_port(port: int, setting: str, what: str) -> None:
    """Raise StartError naming the port and the setting to change when something already listens there.

    Browsers try both of localhost's addresses, so both must be ours.
    """
    for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        try:
            with socket.socket(family, socket.SOCK_STREAM) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((host, port))
        except OSError as error:
            if family == socket.AF_INET6 and error.errno != errno.EADDRINUSE:
                continue  # a machine without IPv6
            why = "is taken" if error.errno == errno.EADDRINUSE else f"cannot be used ({error.strerror})"
            other = port + 10 if port < 65000 else port - 10
            raise StartError(
                f"Port {port} for {what} {why}. "
                f"Stop what uses it, or choose another: make run {setting}={other}"
            ) from error


def prepare() -> None:
    """Bring the database and the static files up to date; both take well under a second when nothing changed."""
    import django
    from django.conf import settings
    from django.core.management import call_command
    from django.db import OperationalError

    django.setup()
    for folder in (settings.MEDIA_ROOT, settings.FILE_UPLOAD_TEMP_DIR, settings.EMAIL_FILE_PATH):
        Path(folder).mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        call_command("migrate", verbosity=0, interactive=False)
    except OperationalError as error:
        raise StartError(
            f"The database cannot be used (DATABASE_URL): {' '.join(str(error).split())}"
        ) from error
    call_command("collectstatic", verbosity=0, interactive=False)


def commands() -> dict[str, tuple[list[str], dict[str, str]]]:
    """The processes to run: name → (command line, environment on top of ours)."""
    from django.conf import settings

    python = sys.executable
    processes: dict[str, tuple[list[str], dict[str, str]]] = {}
    if settings.RUNS_OWN_SIMULATOR:
        processes["tiktok"] = (
            [python, "-m", "simulator"],
            {
                "SIMULATOR_PORT": str(settings.SIMULATOR_PORT),
                "SIMULATOR_DATA_DIR": str(settings.VAR_DIR / "simulator"),
                "SIMULATOR_CLIENT_KEY": settings.TIKTOK_CLIENT_KEY,
                "SIMULATOR_CLIENT_SECRET": settings.TIKTOK_CLIENT_SECRET,
                "SIMULATOR_CLIENT_NAME": settings.PRODUCT_NAME,
                "SIMULATOR_REDIRECT_URIS": f"{settings.PUBLIC_URL}/accounts/connect/callback/",
                "SIMULATOR_WEBHOOK_URL": settings.SIMULATOR_WEBHOOK_URL,
                "SIMULATOR_AUDITED": "true" if settings.TIKTOK_CLIENT_AUDITED else "false",
                # On http it takes localhost without being told; anything else must be ours on https.
                "SIMULATOR_VERIFIED_PREFIXES": (
                    settings.MEDIA_PULL_BASE_URL
                    if settings.MEDIA_PULL_BASE_URL.startswith("https://")
                    else ""
                ),
            },
        )
    processes["web"] = (
        [
            python, "-m", "gunicorn", "config.wsgi:application",
            "--bind", f"127.0.0.1:{settings.PORT}",
            "--worker-class", "gthread", "--workers", "1", "--threads", str(settings.WEB_THREADS),
            # A gthread worker's heartbeat does not stop during a long upload; this is for a hung process.
            "--timeout", "60", "--graceful-timeout", "3", "--keep-alive", "5",
            "--log-level", "warning",
        ],
        {},
    )  # fmt: skip
    processes["worker"] = (
        [
            python, "-m", "celery", "--quiet", "-A", "config", "worker", "-B",
            "--schedule", str(settings.VAR_DIR / "beat-schedule"),
            "--loglevel", "INFO", "--without-gossip", "--without-mingle",
        ],
        {},
    )  # fmt: skip
    return processes


def announce(url: str) -> None:
    """Print the address once the web server answers there."""
    from django.conf import settings

    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{settings.PORT}/", timeout=2):
                break
        except urllib.error.HTTPError:
            break  # it answers
        except OSError:
            time.sleep(0.1)
    else:
        return
    simulated = "  (TikTok is simulated)" if settings.TIKTOK_IS_SIMULATED else ""
    print(f"\n  {settings.PRODUCT_NAME} is at {url}{simulated}\n  Ctrl-C stops it.\n", flush=True)


def stop_without_terminal(*_signal: object) -> None:
    """The terminal was closed: end as after SIGTERM, and write to nobody."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(nowhere, stream.fileno())
    signal.raise_signal(signal.SIGTERM)


def main() -> int:
    """Start everything and stay until Ctrl-C, SIGTERM or the end of one process; returns the exit code."""
    # While nothing runs yet Ctrl-C simply ends us; the manager takes the signals over.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.conf import settings
    from django.core.exceptions import ImproperlyConfigured
    from environs import EnvError

    try:
        require_free_port(settings.PORT, "PORT", "the web server")
        if settings.RUNS_OWN_SIMULATOR:
            require_free_port(settings.SIMULATOR_PORT, "SIMULATOR_PORT", "the TikTok simulator")
        prepare()
    except (StartError, ImproperlyConfigured, EnvError) as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(
            f"{error.filename} cannot be used ({error.strerror}): VAR_DIR names the folder for everything made here.",
            file=sys.stderr,
        )
        return 1
    signal.signal(signal.SIGHUP, stop_without_terminal)
    manager = Processes()
    for name, (command, extra) in commands().items():
        environment = {**os.environ, "PYTHONUNBUFFERED": "1", **extra}
        manager.add_process(name, "exec " + shlex.join(command), env=environment)
    threading.Thread(target=announce, args=(settings.PUBLIC_URL,), daemon=True).start()
    manager.loop()
    # Ctrl-C and SIGTERM are how one stops it; a process that ended by itself is none of that, whatever it returned.
    return 0 if manager.returncode in {130, 143} else int(manager.returncode or 1)


if __name__ == "__main__":
    sys.exit(main())
