"""`python -m simulator`: serves the simulated TikTok until it is told to stop."""

import errno
import socket
import sys
from typing import Any

from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]

from simulator.app import create_app
from simulator.settings import Settings, SettingsError, read_settings

_THREADS = 32
_BACKLOG = 256


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn carries no types
    """Gunicorn, configured from here and nowhere else. One process: memory and locks are shared."""

    def __init__(self, settings: Settings, listener: socket.socket) -> None:
        self._settings = settings
        self._listener = listener
        super().__init__()

    def load_config(self) -> None:
        options: dict[str, Any] = {
            "bind": f"fd://{self._listener.detach()}",
            "worker_class": "gthread",
            "workers": 1,
            "threads": _THREADS,
            "timeout": 120,
            "graceful_timeout": 3,
            # Longer than clients keep idle connections, so that no request meets a closing one.
            "keepalive": 60,
            "loglevel": "warning",
            "control_socket_disable": True,
            "proc_name": "simulator",
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        return create_app(self._settings)


def main() -> int:
    """Runs the server; the exit code is 1 when the port is taken and 2 for unusable settings."""
    try:
        settings = read_settings()
        settings.data_dir.mkdir(parents=True, exist_ok=True)
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2
    except OSError as error:
        print(f"SIMULATOR_DATA_DIR cannot be used: {error}", file=sys.stderr)
        return 2
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
        listener.listen(_BACKLOG)
    except OSError as error:
        why = "is taken" if error.errno == errno.EADDRINUSE else f"cannot be used ({error.strerror})"
        print(
            f"Port {settings.port} on {settings.host} {why}: set SIMULATOR_PORT to another one.",
            file=sys.stderr,
        )
        return 1
    print(f"Simulated TikTok: {settings.public_url}", flush=True)
    Server(settings, listener).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
