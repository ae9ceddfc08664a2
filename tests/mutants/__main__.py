"""`make mutants`: first the tests as they are, then the mutants, one per core at a time; prints who caught which.

`python -m tests.mutants WORD …` takes only the mutants whose name holds one of the words. Each runs in a copy of the
tree, so the checkout stays as it is. Exit code 1: a mutant lived, or no longer fits the code.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

from tests.mutants.composing import COMPOSING_MUTANTS
from tests.mutants.doctor import DOCTOR_MUTANTS
from tests.mutants.kit import KIT_MUTANTS
from tests.mutants.mutants import MUTANTS, Change, Mutant
from tests.mutants.posting import POSTING_MUTANTS
from tests.mutants.refusals import REFUSAL_MUTANTS

LIST_MUTANTS = (*COMPOSING_MUTANTS, *POSTING_MUTANTS, *KIT_MUTANTS)
ALL_MUTANTS = (*MUTANTS, *REFUSAL_MUTANTS, *LIST_MUTANTS, *DOCTOR_MUTANTS)
ROOT = Path(__file__).resolve().parent.parent.parent
# pytest's own exit codes.
PASSED, TESTS_FAILED = 0, 1
LONGEST_RUN_SECONDS = 1200
AT_ONCE = os.cpu_count() or 1


@dataclass(frozen=True)
class Run:
    """How a run of tests ended, and the first test that failed in it."""

    code: int
    first_failure: str
    seconds: float
    output: str


def copy_tree(target: Path) -> None:
    """The files of the checkout as they are now, new ones included; what is made by running is left behind."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    for name in filter(None, listed.split("\0")):
        source = ROOT / name
        if source.is_file():
            copy = target / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, copy)


def changed(text: str, change: Change) -> str:
    """The text with the change in it. Raises ValueError unless its old words stand there exactly once."""
    count = text.count(change.old)
    if count != 1:
        raise ValueError(f"{change.path}: {count} places for {change.old.strip().splitlines()[0]!r}")
    return text.replace(change.old, change.new)


def apply(mutant: Mutant, tree: Path) -> dict[Path, str]:
    """Break the copy; returns what the changed files held before."""
    before: dict[Path, str] = {}
    for change in mutant.changes:
        path = tree / change.path
        text = path.read_text()
        before.setdefault(path, text)
        path.write_text(changed(text, change))
    return before


def run_tests(tests: Sequence[str], tree: Path, *, at_once: int = 0) -> Run:
    """Until the first failure; `at_once` of them side by side, 0: in one process."""
    started = time.monotonic()
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-x",
        "-n",
        str(at_once),
        "-p",
        "no:cacheprovider",
        *tests,
    ]
    done = subprocess.run(
        command, cwd=tree, capture_output=True, text=True, check=False, timeout=LONGEST_RUN_SECONDS
    )
    failure = re.search(r"^(?:FAILED|ERROR) (tests\S+)", done.stdout, re.MULTILINE)
    first = failure.group(1) if failure else ""
    return Run(done.returncode, first, time.monotonic() - started, done.stdout + done.stderr)


def main(words: Sequence[str]) -> int:
    chosen = [m for m in ALL_MUTANTS if not words or any(word in m.name for word in words)]
    if not chosen:
        print("No mutant has such a name.")
        return 1
    with tempfile.TemporaryDirectory(prefix="greenroom-mutants-") as folder:
        trees = [Path(folder) / str(number) for number in range(AT_ONCE)]
        for tree in trees:
            copy_tree(tree)
        tests = list(dict.fromkeys(test for mutant in chosen for test in mutant.tests))
        unbroken = run_tests(tests, trees[0], at_once=AT_ONCE)
        print(f"unbroken: {unbroken.seconds:.0f} s", flush=True)
        if unbroken.code != PASSED:
            print(unbroken.output)
            print("The tests fail without any mutant, so they could show nothing.")
            return 1
        alive = count_alive(chosen, trees)
    print(f"{len(chosen) - alive} of {len(chosen)} mutants caught")
    return 1 if alive else 0


def count_alive(mutants: Sequence[Mutant], trees: Sequence[Path]) -> int:
    """How many no test caught; each tree holds one mutant at a time."""
    free: SimpleQueue[Path] = SimpleQueue()
    for tree in trees:
        free.put(tree)

    def lives(mutant: Mutant) -> bool:
        tree = free.get()
        try:
            return not is_caught(mutant, tree)
        finally:
            free.put(tree)

    with ThreadPoolExecutor(len(trees)) as pool:
        return sum(pool.map(lives, mutants))


def is_caught(mutant: Mutant, tree: Path) -> bool:
    """Break, test, mend; print what came of it."""
    try:
        before = apply(mutant, tree)
    except ValueError as error:
        print(f"UNFIT   {mutant.name}\n        {error}", flush=True)
        return False
    try:
        run = run_tests(mutant.tests, tree)
    finally:
        for path, text in before.items():
            path.write_text(text)
    verdict = "caught" if run.code == TESTS_FAILED else "ALIVE"
    print(f"{verdict:<7} {mutant.name} ({run.seconds:.0f} s)\n        {run.first_failure}", flush=True)
    return run.code == TESTS_FAILED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
