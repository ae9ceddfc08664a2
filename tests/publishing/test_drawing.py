"""docs/publishing.md shows the very table of moves."""

from publishing.drawing import MEANINGS, PAGE, page
from publishing.states import HUMAN_MOVES, MOVES, State


def test_the_page_is_what_the_table_draws() -> None:
    assert PAGE.read_text() == page(), "python -m publishing.drawing writes it anew"


def test_every_state_and_every_move_is_on_it() -> None:
    drawn = page()
    assert set(MEANINGS) == set(State)
    for table, arrow in ((MOVES, "-->"), (HUMAN_MOVES, "-.->")):
        for from_, targets in table.items():
            for to in targets:
                assert f"    {from_} {arrow} {to}\n" in drawn
    moves = sum(len(targets) for table in (MOVES, HUMAN_MOVES) for targets in table.values())
    assert drawn.count(" --> ") + drawn.count(" -.-> ") == moves
