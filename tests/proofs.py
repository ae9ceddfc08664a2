"""Which tests claim to prove which rule, read from their `rule` marks; `python -m tests.proofs` writes it down.

A mark names TikTok's numbers and the place: `@pytest.mark.rule("2b-ii", "2c-ii", at="page")`. It may stand on a test
or on a class of tests. The sources are read, not run, so that nothing but the marks decides.
"""

import ast
import json
from collections.abc import Iterator
from pathlib import Path

from review.guideline import REQUIREMENTS, Place
from review.guideline.proofs import PROOFS_PATH
from tests.processes import ROOT

Marks = list[tuple[str, str, str]]


class MarkError(Exception):
    """A mark that names no rule, no place, or names them otherwise than in plain words."""


def collect(folder: Path = ROOT / "tests") -> Marks:
    """Every mark under the folder as (number, place, test), tests named as pytest does."""
    return [
        mark
        for path in sorted(folder.rglob("test_*.py"))
        for mark in marks_in(path.read_text(), path.relative_to(folder.parent).as_posix())
    ]


def marks_in(source: str, name: str) -> Iterator[tuple[str, str, str]]:
    """The marks of one module's source."""
    yield from _marks_of(ast.parse(source).body, name, inherited=[])


def _marks_of(
    body: list[ast.stmt], prefix: str, *, inherited: list[tuple[str, str]]
) -> Iterator[tuple[str, str, str]]:
    for node in body:
        if not isinstance(node, ast.FunctionDef | ast.ClassDef):
            continue
        test = f"{prefix}::{node.name}"
        claims = [*inherited, *(claim for each in node.decorator_list for claim in _claims(each, test))]
        if isinstance(node, ast.ClassDef):
            yield from _marks_of(node.body, test, inherited=claims)
        elif node.name.startswith("test_"):
            yield from ((number, place, test) for number, place in claims)
        elif claims:
            raise MarkError(f"{test} is no test")


def _claims(decorator: ast.expr, test: str) -> Iterator[tuple[str, str]]:
    if not ast.unparse(decorator).startswith("pytest.mark.rule"):
        return
    try:
        assert isinstance(decorator, ast.Call)
        numbers = [ast.literal_eval(each) for each in decorator.args]
        named = {each.arg: ast.literal_eval(each.value) for each in decorator.keywords}
        assert numbers
        assert set(named) == {"at"}
        place = Place(named["at"])
        known = {each.number for each in REQUIREMENTS}
        assert set(numbers) <= known
    except (AssertionError, ValueError) as error:
        raise MarkError(f"{test}: {ast.unparse(decorator)} names no rule at a place") from error
    yield from ((number, place.value) for number in numbers)


def written(marks: Marks) -> str:
    """The marks as `proofs.json` holds them, rules in the guideline's order."""
    proofs: dict[str, dict[str, list[str]]] = {}
    for each in REQUIREMENTS:
        for place in Place:
            tests = sorted({test for number, at, test in marks if (number, at) == (each.number, place)})
            if tests:
                proofs.setdefault(each.number, {})[place.value] = tests
    return json.dumps(proofs, indent=1) + "\n"


if __name__ == "__main__":
    PROOFS_PATH.write_text(written(collect()))
