"""Draws docs/publishing.md from `publishing.states`: `python -m publishing.drawing` writes it anew. Pure."""

from pathlib import Path

from publishing.states import FINAL_STATES, HUMAN_MOVES, MOVES, RESTING_STATES, State

PAGE = Path(__file__).resolve().parent.parent / "docs" / "publishing.md"
MEANINGS: dict[State, str] = {
    State.DRAFT: "Taken back by a person: the post is being edited again.",
    State.SCHEDULED: "Waits for its time, or for a worker.",
    State.STARTING: "Everything is asked anew (token, creator, rules, files), then `init`.",
    State.UPLOADING: "TikTok gave a publish id; bytes are on their way.",
    State.PROCESSING: "TikTok has every byte, or may have: only its status is asked.",
    State.IN_INBOX: "Delivered as a draft; the creator finishes it in the TikTok app.",
    State.PUBLISHED: "TikTok said so, or a person who looked; a public id may still come.",
    State.HELD: "Nothing can be public; a person must decide something first.",
    State.WAITING_RECONNECT: "The account's tokens are dead; goes on by itself once it is reconnected.",
    State.UNCONFIRMED: "TikTok may or may not have it: its status, or a person who looked, settles it.",
    State.FAILED: "TikTok refused, or we gave up before it could have become public.",
    State.CANCELLED: "Stopped by a person: nothing became public.",
}
HEAD = """# The life of a publication

Written by `python -m publishing.drawing` from `publishing/states.py`; a test fails when the two differ. The database
refuses every other move (`publishing/guarantees.py`).

Solid: the engine, by itself. Dotted: only a person, by pressing a button, who is named in the history.
"""


def page() -> str:
    """The whole page."""
    return "\n".join([HEAD, "```mermaid", *_picture(), "```", "", *_table()]) + "\n"


def _picture() -> list[str]:
    lines = ["flowchart TD"]
    for state in State:
        shape = f'{state}(["{_word(state)}"])' if state in FINAL_STATES else f'{state}["{_word(state)}"]'
        lines.append(f"    {shape}")
    for table, arrow in ((MOVES, "-->"), (HUMAN_MOVES, "-.->")):
        lines += [f"    {from_} {arrow} {to}" for from_ in State for to in _in_order(table, from_)]
    return lines


def _table() -> list[str]:
    rows = ["| state | what it means | by itself | by a person | |", "|---|---|---|---|---|"]
    for state in State:
        by_engine, by_person = (
            ", ".join(_word(to) for to in _in_order(table, state)) for table in (MOVES, HUMAN_MOVES)
        )
        rows.append(f"| {_word(state)} | {MEANINGS[state]} | {by_engine} | {by_person} | {_kind(state)} |")
    return rows


def _in_order(table: dict[State, frozenset[State]], from_: State) -> list[State]:
    return [to for to in State if to in table.get(from_, frozenset())]


def _kind(state: State) -> str:
    if state in FINAL_STATES:
        return "final"
    return "rests" if state in RESTING_STATES else ""


def _word(state: State) -> str:
    return state.value.replace("_", " ")


if __name__ == "__main__":
    PAGE.write_text(page())
