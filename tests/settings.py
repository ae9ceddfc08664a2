"""The product's own settings in surroundings of the tests' own: a folder that goes away, no real TikTok."""

import atexit
import os
import shutil
import tempfile

import config.env  # noqa: F401 - reads a developer's .env, so that what is set below has the last word

_var_dir = tempfile.mkdtemp(prefix="greenroom-tests-")
atexit.register(shutil.rmtree, _var_dir, ignore_errors=True)
os.mkdir(os.path.join(_var_dir, "static"))  # noqa: PTH102, PTH118 - WhiteNoise warns when it is not there
# What this machine's environment or .env says of these must not reach a test.
for _name in ("PUBLIC_URL", "PORT", "SIMULATOR_PORT", "EMAIL_URL", "SECRET_KEY", "DEBUG", "DATABASE_URL"):
    os.environ.pop(_name, None)
    os.environ.pop(f"{_name}_FILE", None)
os.environ["VAR_DIR"] = _var_dir
os.environ["TIKTOK_CLIENT_KEY"] = ""
os.environ["REDIS_URL"] = ""
# Playwright keeps an event loop in the main thread once a browser has run; Django would take every query after
# that for asynchronous code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
# Only on purpose: the database to make the test database in, instead of SQLite (tests/databases).
if "TEST_DATABASE_URL" in os.environ:
    os.environ["DATABASE_URL"] = os.environ["TEST_DATABASE_URL"]

from config.settings import *  # noqa: E402, F403
