"""`python -m review.kit`, which is `make audit-kit`: makes the kit and says where everything is."""

import argparse
import os
import signal
import sys
import time
from pathlib import Path

import django
from django.core.exceptions import ImproperlyConfigured
from environs import EnvError


def main(arguments: list[str] | None = None) -> int:
    """Exit code 0 when every state showed and all is written, 1 when not, 2 for an option that makes no sense."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        django.setup()
    except (ImproperlyConfigured, EnvError) as error:
        print(error, file=sys.stderr)
        return 1
    from review.kit.errors import KitError
    from review.kit.papers import write_papers
    from review.kit.run import Wish, play

    given = _parser().parse_args(arguments)
    # As after Ctrl-C: everything that was started is ended.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    started = time.monotonic()
    try:
        wish = Wish(_new_folder(given), is_live=given.live, is_quick=given.quick, video=given.video)
        print(f"Writing to {wish.folder}", flush=True)
        result = play(wish)
        write_papers(result)
    except KitError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    print(f"\nDone in {time.monotonic() - started:.0f} s: {wish.folder / 'index.html'}")
    if result.film:
        size = result.film.stat().st_size / 1e6
        print(
            f"The film is {result.seconds:.0f} s long and has {size:.1f} MB; it plays in Chromium to its end."
        )
    if not given.live:
        print("This was a rehearsal with a simulated TikTok; hand in a run with --live.")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="make audit-kit",
        description="Films the product for TikTok's reviewers and writes what they ask for.",
    )
    parser.add_argument(
        "--live",
        action="store_true",
        help="with the real TikTok and your sandbox keys, at PUBLIC_URL; needs a desktop, and you at it",
    )
    parser.add_argument("--quick", action="store_true", help="pictures and papers only, no film")
    parser.add_argument("--video", type=_file, help="the video to post, instead of a drawn one")
    parser.add_argument("--out", type=Path, help="the folder to write, which must not exist yet")
    return parser


def _file(name: str) -> Path:
    path = Path(name).resolve()
    if not path.is_file():
        raise argparse.ArgumentTypeError(f"there is no file {name}")
    return path


def _new_folder(given: argparse.Namespace) -> Path:
    """One folder a run: nothing of an earlier one is lost. Raises KitError where something stands already."""
    from django.conf import settings
    from django.utils import timezone

    from review.kit.errors import KitError

    kind = "live" if given.live else "rehearsal"
    name = f"{timezone.now():%Y-%m-%d-%H%M%S}-{kind}"
    folder: Path = (given.out or settings.VAR_DIR / "audit-kit" / name).resolve()
    if folder.exists():
        raise KitError(f"{folder} is there already. Name a folder that is not, or leave --out away.")
    return folder


if __name__ == "__main__":
    sys.exit(main())
