"""The catalogue of rules names what is really there, and every claim in it is proved by tests that say so."""

from importlib import import_module

import pytest
from django.template.loader import get_template

from composer.rules import RULES
from review.guideline import AUDITED, REQUIREMENTS, Place, Requirement, proofs_of
from review.guideline.proofs import PROOFS_PATH
from tests.proofs import MarkError, collect, marks_in, written

CLAIMED = [(each, place) for each in REQUIREMENTS for place in Place if each.keepers(place)]


def find(name: str) -> object:
    """The function or class of a dotted path, or the template; raises where there is none."""
    if name.endswith(".html"):
        return get_template(name)
    module, _, attribute = name.rpartition(".")
    return getattr(import_module(module), attribute)


def claim_id(value: object) -> str:
    return value.number if isinstance(value, Requirement) else str(value)


def test_every_rule_stands_in_it_once_in_tiktoks_order() -> None:
    assert [each.number for each in REQUIREMENTS] == [rule.number for rule in RULES]
    assert [each.point for each in AUDITED] == sorted(each.point for each in AUDITED)


def test_no_slug_is_used_twice() -> None:
    assert len({each.slug for each in REQUIREMENTS}) == len(REQUIREMENTS)


@pytest.mark.parametrize("requirement", REQUIREMENTS, ids=claim_id)
def test_every_rule_has_a_keeper(requirement: Requirement) -> None:
    assert requirement.operator or any(requirement.keepers(place) for place in Place)


@pytest.mark.parametrize(("requirement", "place"), CLAIMED, ids=claim_id)
def test_what_keeps_a_rule_exists(requirement: Requirement, place: Place) -> None:
    for name in requirement.keepers(place):
        assert find(name) is not None


@pytest.mark.parametrize("name", ["review/no_such_page.html", "composer.rules.no_such_function"])
def test_what_does_not_exist_would_be_noticed(name: str) -> None:
    with pytest.raises(Exception, match="no_such"):
        find(name)


@pytest.mark.parametrize(("requirement", "place"), CLAIMED, ids=claim_id)
def test_what_is_claimed_is_proved(requirement: Requirement, place: Place) -> None:
    assert proofs_of(requirement.number, place) != ()


def test_nothing_is_proved_that_is_not_claimed() -> None:
    unclaimed = {(each.number, place) for each in REQUIREMENTS for place in Place if not each.keepers(place)}
    assert [mark for mark in collect() if (mark[0], Place(mark[1])) in unclaimed] == []


def test_the_proofs_are_those_of_the_suite() -> None:
    assert PROOFS_PATH.read_text() == written(collect()), "write them anew: python -m tests.proofs"


@pytest.mark.parametrize(
    "mark",
    [
        'rule("9z", at="page")',
        'rule("2a")',
        'rule(at="page")',
        'rule("2a", at="moon")',
        'rule("2a", where="page")',
        "rule(NUMBER, at='page')",
        "rule",
    ],
)
def test_a_mark_that_names_no_rule_is_refused(mark: str) -> None:
    with pytest.raises(MarkError):
        list(marks_in(f"@pytest.mark.{mark}\ndef test_it(): pass", "tests/test_it.py"))


def test_marks_are_found_on_tests_and_on_classes_of_tests() -> None:
    source = (
        '@pytest.mark.rule("2a", at="page")\nclass TestIt:\n'
        '    @pytest.mark.rule("1", "1a", at="worker")\n    def test_one(self): pass\n'
        "    def test_two(self): pass\n"
    )
    assert list(marks_in(source, "tests/test_it.py")) == [
        ("2a", "page", "tests/test_it.py::TestIt::test_one"),
        ("1", "worker", "tests/test_it.py::TestIt::test_one"),
        ("1a", "worker", "tests/test_it.py::TestIt::test_one"),
        ("2a", "page", "tests/test_it.py::TestIt::test_two"),
    ]
