"""Hostile files in the check: each refused with its own sentence, at once, with nothing opened besides it."""

import resource

import pytest

from composer.media.check import check_media
from tests.composer.test_check import children
from tests.hostile import HostileFile, hostile_files, hostile_labels

pytestmark = pytest.mark.slow

# Processor time of the child, so that a busy machine changes nothing; on an idle one it is the time by the clock.
MAX_SECONDS = 1.0


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> dict[str, HostileFile]:
    return {str(file): file for file in hostile_files(tmp_path_factory.mktemp("hostile"))}


def processor_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@pytest.mark.parametrize("label", hostile_labels())
def test_is_refused_at_once_with_its_own_sentence(corpus: dict[str, HostileFile], label: str) -> None:
    file = corpus[label]
    before = sorted(file.path.parent.iterdir()), file.path.read_bytes(), children()
    started = processor_seconds()
    result = check_media(file.path)
    assert processor_seconds() - started < MAX_SECONDS
    assert (result.faults[0].code, result.faults[0].text) == (file.code, file.why)
    assert (result.is_ok, result.fix, result.is_conclusive, result.kind in {"video", "photo"}) == (
        False,
        None,
        True,
        True,
    )
    assert (sorted(file.path.parent.iterdir()), file.path.read_bytes(), children()) == before


def test_the_corpus_holds_what_it_should(corpus: dict[str, HostileFile]) -> None:
    assert len(corpus) == len(hostile_labels()) >= 80
    assert sum(file.path.stat().st_size for file in corpus.values()) < 10_000_000
    assert {file.code for file in corpus.values()} == {
        "cut_off",
        "empty",
        "foreign_data",
        "no_picture",
        "not_media",
        "too_many_pixels",
        "undecodable",
        "unreadable",
    }
