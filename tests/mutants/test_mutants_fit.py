"""Every mutant still fits the code it breaks; whether tests catch them is for `make mutants` to show."""

import pytest

from tests.mutants.__main__ import ALL_MUTANTS, ROOT, changed
from tests.mutants.mutants import Mutant


@pytest.mark.parametrize("mutant", ALL_MUTANTS, ids=lambda mutant: mutant.name)
def test_finds_its_places_and_names_tests_that_exist(mutant: Mutant) -> None:
    texts: dict[str, str] = {}
    for change in mutant.changes:
        texts[change.path] = changed(texts.get(change.path) or (ROOT / change.path).read_text(), change)
    for test in mutant.tests:
        path, _, name = test.partition("::")
        text = (ROOT / path).read_text()
        assert not name or f"def {name.partition('[')[0]}(" in text
