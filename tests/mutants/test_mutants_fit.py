"""Every mutant still fits the code it breaks; whether tests catch them is for `make mutants` to show."""

import pytest

from tests.house.test_review_guide import CHECKED_BY_THE_DOCTOR, GUIDE, TEST, exists, rows_below
from tests.mutants.__main__ import ALL_MUTANTS, LIST_MUTANTS, ROOT, changed
from tests.mutants.doctor import DOCTOR_MUTANTS
from tests.mutants.mutants import Mutant
from tests.mutants.refusals import REFUSAL_MUTANTS


@pytest.mark.parametrize("mutant", ALL_MUTANTS, ids=lambda mutant: mutant.name)
def test_finds_its_places_and_names_tests_that_exist(mutant: Mutant) -> None:
    texts: dict[str, str] = {}
    for change in mutant.changes:
        texts[change.path] = changed(texts.get(change.path) or (ROOT / change.path).read_text(), change)
    assert [test for test in mutant.tests if not exists(test.partition("[")[0])] == []


def test_every_test_of_the_list_to_hand_in_by_has_a_mutant_to_catch() -> None:
    """Journeys take minutes: each stands beside a quicker test that holds the same rule."""
    guards = [TEST.findall(row[2]) for row in rows_below("The list to hand in by")]
    assert not any(tests[0].startswith("tests/journeys/") for tests in guards if tests)
    named = {test for tests in guards for test in tests if not test.startswith("tests/journeys/")}
    assert named - {test for mutant in ALL_MUTANTS for test in mutant.tests} == set()


def test_every_check_of_the_doctor_goes_blind_once() -> None:
    assert {mutant.name.split()[1].rstrip(":") for mutant in DOCTOR_MUTANTS} == CHECKED_BY_THE_DOCTOR


def test_the_guide_says_how_many_there_are() -> None:
    refusals, lines, checks = (len(each) for each in (REFUSAL_MUTANTS, LIST_MUTANTS, DOCTOR_MUTANTS))
    assert f"{refusals + lines + checks} in all" in GUIDE
    assert f"{refusals} for these refusals, {lines} for the list to hand in by, and {checks} that" in GUIDE


def test_the_operators_are_told_how_many_there_are() -> None:
    assert f"on purpose in {len(ALL_MUTANTS)} ways" in (ROOT / "docs/operations.md").read_text()
