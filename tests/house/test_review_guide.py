"""The guide to TikTok's review promises no guard that does not exist."""

import ast
import re

import pytest

from review.doctor.checkup import FAMILIES
from tests.processes import ROOT

GUIDE = (ROOT / "docs" / "tiktok-review.md").read_text()
REFUSALS = 14
# A test by pytest's name, a file of tests, or a line of the setup doctor.
TEST = re.compile(r"`(tests/[\w/]+\.py(?:::\w+)*)`")
DOCTOR = re.compile(r"doctor `([a-z-]+)`")


def rows_below(heading: str) -> list[list[str]]:
    """The cells of the table under that heading, without its head."""
    section = GUIDE.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


CHECKED_BY_THE_DOCTOR = {check.slug for family in FAMILIES for check in family.checks}
GUARDED = [
    *rows_below("What others were refused for, and what guards it here"),
    *rows_below("The list to hand in by"),
]


def exists(test: str) -> bool:
    """Whether a test of this name stands in its file."""
    path, *names = test.split("::")
    if not (ROOT / path).is_file():
        return False
    body = ast.parse((ROOT / path).read_text()).body
    for name in names:
        found = [
            node for node in body if isinstance(node, ast.ClassDef | ast.FunctionDef) and node.name == name
        ]
        if not found:
            return False
        body = found[0].body
    return True


def test_every_refusal_stands_in_it() -> None:
    rows = rows_below("What others were refused for, and what guards it here")
    assert [number for number, _, _ in rows] == [str(number) for number in range(1, REFUSALS + 1)]


@pytest.mark.parametrize("row", GUARDED, ids=lambda row: row[1][:50])
def test_every_line_has_guards_that_exist(row: list[str]) -> None:
    tests, slugs = TEST.findall(row[2]), DOCTOR.findall(row[2])
    assert tests or slugs
    assert [test for test in tests if not exists(test)] == []
    assert set(slugs) <= CHECKED_BY_THE_DOCTOR


def test_every_refusal_is_guarded_by_a_test_of_its_number() -> None:
    for number, _, guards in rows_below("What others were refused for, and what guards it here"):
        assert f"test_refusals.py::test_refusal_{int(number):02}_" in guards


def test_a_test_that_is_gone_would_be_noticed() -> None:
    assert exists("tests/house/test_review_guide.py::test_a_test_that_is_gone_would_be_noticed")
    assert not exists("tests/house/test_review_guide.py::test_that_never_was")
    assert not exists("tests/house/test_that_never_was.py")
