"""The package from outside: its public names, and what it must not lean on."""

import subprocess
import sys

import tiktok
from tiktok import errors, types


def test_every_public_name_is_there_once():
    assert len(set(tiktok.__all__)) == len(tiktok.__all__)
    for name in tiktok.__all__:
        assert getattr(tiktok, name) is not None


def test_every_error_and_every_type_is_public():
    for module in (errors, types):
        own = {
            name
            for name, value in vars(module).items()
            if isinstance(value, type) and value.__module__ == module.__name__
        }
        assert own <= set(tiktok.__all__)


def test_stands_without_django_celery_and_warnings():
    code = (
        "import sys, tiktok;"
        "heavy = {'django', 'celery', 'simulator', 'accounts'} & {name.partition('.')[0] for name in sys.modules};"
        "print(sorted(heavy))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")
