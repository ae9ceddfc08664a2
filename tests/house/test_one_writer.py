"""The state of a publication has one writer, and no remote call is made inside a transaction."""

import ast
from collections.abc import Iterator
from pathlib import Path

from config.env import BASE_DIR

PUBLISHING = sorted(
    path for path in (BASE_DIR / "publishing").rglob("*.py") if "migrations" not in path.parts
)
WRITERS = {"update", "create", "update_or_create", "get_or_create", "bulk_create"}


def state_writes(path: Path) -> Iterator[str]:
    """Places that set `state` by keyword in a write, or by assignment."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WRITERS:
            yield from (f"{path.name}:{node.lineno}" for keyword in node.keywords if keyword.arg == "state")
        if isinstance(node, ast.Assign | ast.AugAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from (
                f"{path.name}:{node.lineno}"
                for target in targets
                if isinstance(target, ast.Attribute) and target.attr == "state"
            )


def test_only_move_writes_the_state() -> None:
    writes = [write for path in PUBLISHING for write in state_writes(path)]
    assert len(writes) == 1
    assert writes[0].startswith("publications.py:")


REMOTE = {
    "init_video", "init_inbox_video", "pull_video", "pull_inbox_video", "post_photos", "upload_photos", "cancel",
    "fetch_status", "query_creator_info", "put_chunk", "ask_creator", "ask_status",
    "access_token_for", "exchange_code", "refresh", "revoke", "fetch_user_info", "ask_about",
}  # fmt: skip
TRANSACTIONS = {"atomic", "fenced"}


def calls_in_transactions(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.With):
            continue
        opened = {
            call.func.attr
            for item in node.items
            if isinstance(call := item.context_expr, ast.Call) and isinstance(call.func, ast.Attribute)
        }
        if not opened & TRANSACTIONS:
            continue
        for statement in node.body:
            for inner in ast.walk(statement):
                if isinstance(inner, ast.Call):
                    name = getattr(inner.func, "attr", getattr(inner.func, "id", ""))
                    if name in REMOTE:
                        yield f"{path.relative_to(BASE_DIR)}:{inner.lineno} {name}"


def test_nobody_talks_to_tiktok_with_a_transaction_open() -> None:
    sources = [
        path
        for app in ("accounts", "composer", "publishing", "leaving", "review")
        for path in (BASE_DIR / app).rglob("*.py")
        if "migrations" not in path.parts
    ]
    assert len(sources) > 40
    assert [call for path in sources for call in calls_in_transactions(path)] == []


def test_only_a_deletion_lets_histories_go() -> None:
    """The mark by which the database lets a history be deleted is set in one place."""
    marking = {
        str(path.relative_to(BASE_DIR))
        for app in ("accounts", "composer", "publishing", "leaving", "review")
        for path in (BASE_DIR / app).rglob("*.py")
        if "migrations" not in path.parts and "leaving_at=" in path.read_text()
    }
    assert marking == {"leaving/deleting.py"}
