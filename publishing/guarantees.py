"""What the database itself refuses: a move the table does not know or nobody tells of, and a rewritten history.

Triggers, made from `publishing.states` and laid anew after every `migrate`: they cannot drift from the table, and
they survive SQLite's way of changing a table (a new one takes the old one's place, and the old one's triggers go
with it). Refused is what any writer tries, a worker's code as much as SQL by hand; both databases raise an
IntegrityError.

- A state changes only along the table, in a transaction that first adds an event of the version it makes:
  of kind *move* for what the engine does by itself, of kind *person*, naming one, for what only a person does.
  Nothing in the table leaves a final state without a person.
- An event is neither changed nor deleted. One change is let through: the person becomes unknown, and nothing else
  changes, when their account is deleted (`SET_NULL`). And it may go with its whole workspace, once that is leaving
  (`Workspace.leaving_at`): the one way out of a history, for the people whose history it is (leaving/removing.py).

TRUNCATE and dropping tables are an administrator's deeds on PostgreSQL and stay possible.
"""

from collections.abc import Mapping
from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from publishing.models import Event
from publishing.states import HUMAN_MOVES, MOVES, State

NO_SUCH_MOVE = "a publication makes no such move (publishing/states.py)"
UNTOLD_MOVE = "a publication moves only with an event that tells of it (Publication.objects.move)"
ONLY_ADDED = "the history of a publication is only ever added to"

_PUBLICATION = "publishing_publication"
_EVENT = "publishing_event"
_WORKSPACE = "accounts_workspace"
_STATE_TRIGGER = "publication_moves_by_the_table"
_EVENT_TRIGGER = "event_only_added"
# SQLite has one trigger for each kind of statement.
_EVENT_UPDATED, _EVENT_DELETED, _EVENT_REPLACED = (
    f"{_EVENT_TRIGGER}_{what}" for what in ("updated", "deleted", "replaced")
)


def pairs_of(moves: Mapping[State, frozenset[State]]) -> list[str]:
    """A table of moves as the triggers write it: `from>to`, sorted."""
    return sorted(f"{from_}>{to}" for from_, targets in moves.items() for to in targets)


def _sql_list(values: list[str]) -> str:
    return ", ".join(f"'{value}'" for value in values)


_PAIR = "(OLD.state || '>' || NEW.state)"
_KNOWN = f"{_PAIR} IN ({_sql_list(sorted({*pairs_of(MOVES), *pairs_of(HUMAN_MOVES)}))})"
# An event from before this very change cannot have the version that it makes.
_TOLD = f"""EXISTS (
        SELECT 1 FROM {_EVENT} event
        WHERE event.publication_id = OLD.id AND event.version = NEW.version AND NEW.version > OLD.version
        AND event.from_state = OLD.state AND event.to_state = NEW.state
        AND ((event.kind = 'move' AND {_PAIR} IN ({_sql_list(pairs_of(MOVES))}))
            OR (event.kind = 'person' AND event.person_id IS NOT NULL
                AND {_PAIR} IN ({_sql_list(pairs_of(HUMAN_MOVES))})))
    )"""  # noqa: S608 - made of this module's own words


# The history goes with its workspace, and never without it.
_IS_LEAVING = f"""EXISTS (
        SELECT 1 FROM {_PUBLICATION} publication
        JOIN {_WORKSPACE} workspace ON workspace.id = publication.workspace_id
        WHERE publication.id = OLD.publication_id AND workspace.leaving_at IS NOT NULL
    )"""  # noqa: S608 - made of this module's own words


def lay_guarantees(using: str = "default", **_signal: Any) -> None:
    """Make the database hold what this module says; after every `migrate`, and harmless when repeated."""
    connection = connections[using]
    if not _has_tables(connection):
        _lift(connection)  # migrated back to before
    elif connection.vendor == "postgresql":
        _execute(connection, _postgresql())
    else:
        _lay_on_sqlite(connection)


def lift_guarantees(using: str = "default", plan: object = None, **_signal: Any) -> None:
    """Before tables change: SQLite renames none that another table's trigger speaks of."""
    connection = connections[using]
    if plan and connection.vendor == "sqlite":
        _lift(connection)


def _lift(connection: BaseDatabaseWrapper) -> None:
    if connection.vendor == "sqlite":
        _execute(connection, [f"DROP TRIGGER IF EXISTS {name}" for name in sqlite_triggers()])
        return
    _execute(
        connection,
        [
            f"DROP FUNCTION IF EXISTS {_STATE_TRIGGER} CASCADE",
            f"DROP FUNCTION IF EXISTS {_EVENT_TRIGGER} CASCADE",
        ],
    )


def _has_tables(connection: BaseDatabaseWrapper) -> bool:
    with connection.cursor() as cursor:
        if not {_PUBLICATION, _EVENT, _WORKSPACE} <= set(connection.introspection.table_names(cursor)):
            return False
        columns = {
            (table, column.name)
            for table in (_EVENT, _WORKSPACE)
            for column in connection.introspection.get_table_description(cursor, table)
        }
    return {(_EVENT, "version"), (_WORKSPACE, "leaving_at")} <= columns


def _execute(connection: BaseDatabaseWrapper, statements: list[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


# --- SQLite -----------------------------------------------------------------------------------------------


def _lay_on_sqlite(connection: BaseDatabaseWrapper) -> None:
    wanted = sqlite_triggers()
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        there = dict(cursor.fetchall())
    for name, sql in wanted.items():
        if there.get(name) != sql:
            _execute(connection, [f"DROP TRIGGER IF EXISTS {name}", sql])


def sqlite_triggers() -> dict[str, str]:
    """Name and statement of each trigger."""
    fields = Event._meta.local_concrete_fields  # noqa: SLF001 - Django's documented Model._meta API
    columns = [field.column for field in fields if field.column != "person_id"]
    is_forgetting = " AND ".join(
        ["NEW.person_id IS NULL", *(f"NEW.{name} IS OLD.{name}" for name in columns)]
    )
    refuse = f"SELECT RAISE(ABORT, '{ONLY_ADDED}');"
    return {
        _STATE_TRIGGER: f"""CREATE TRIGGER {_STATE_TRIGGER} BEFORE UPDATE ON {_PUBLICATION}
WHEN NEW.state IS NOT OLD.state
BEGIN
    SELECT RAISE(ABORT, '{NO_SUCH_MOVE}') WHERE NOT {_KNOWN};
    SELECT RAISE(ABORT, '{UNTOLD_MOVE}') WHERE NOT {_TOLD};
END""",
        _EVENT_UPDATED: f"""CREATE TRIGGER {_EVENT_UPDATED} BEFORE UPDATE ON {_EVENT}
WHEN NOT ({is_forgetting})
BEGIN {refuse} END""",
        _EVENT_DELETED: f"""CREATE TRIGGER {_EVENT_DELETED} BEFORE DELETE ON {_EVENT}
WHEN NOT {_IS_LEAVING}
BEGIN {refuse} END""",
        # INSERT OR REPLACE deletes without the trigger for deleting.
        _EVENT_REPLACED: f"""CREATE TRIGGER {_EVENT_REPLACED} BEFORE INSERT ON {_EVENT}
WHEN EXISTS (SELECT 1 FROM {_EVENT} event WHERE event.id = NEW.id)
BEGIN {refuse} END""",  # noqa: S608 - made of this module's own words
    }


# --- PostgreSQL -------------------------------------------------------------------------------------------


def _postgresql() -> list[str]:
    """Statements that make functions and triggers anew."""
    code = "USING ERRCODE = 'integrity_constraint_violation'"
    return [
        f"""CREATE OR REPLACE FUNCTION {_STATE_TRIGGER}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT {_KNOWN} THEN
        RAISE EXCEPTION '{NO_SUCH_MOVE}' {code};
    END IF;
    IF NOT {_TOLD} THEN
        RAISE EXCEPTION '{UNTOLD_MOVE}' {code};
    END IF;
    RETURN NEW;
END $$""",
        f"""CREATE OR REPLACE FUNCTION {_EVENT_TRIGGER}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND {_IS_LEAVING} THEN
        RETURN OLD;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        OLD.person_id := NULL;
        IF NEW IS NOT DISTINCT FROM OLD THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION '{ONLY_ADDED}' {code};
END $$""",
        f"DROP TRIGGER IF EXISTS {_STATE_TRIGGER} ON {_PUBLICATION}",
        f"""CREATE TRIGGER {_STATE_TRIGGER} BEFORE UPDATE ON {_PUBLICATION} FOR EACH ROW
WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION {_STATE_TRIGGER}()""",
        f"DROP TRIGGER IF EXISTS {_EVENT_TRIGGER} ON {_EVENT}",
        f"""CREATE TRIGGER {_EVENT_TRIGGER} BEFORE UPDATE OR DELETE ON {_EVENT} FOR EACH ROW
EXECUTE FUNCTION {_EVENT_TRIGGER}()""",
    ]
