"""What SQL by hand cannot do either: move a publication past the table or past its history, rewrite what happened."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from publishing.guarantees import NO_SUCH_MOVE, ONLY_ADDED, UNTOLD_MOVE, pairs_of
from publishing.models import Event, EventKind, Publication
from publishing.states import FINAL_STATES, HUMAN_MOVES, MOVES, State
from tests.factories import make_event, make_person, make_publication, put_into

pytestmark = [pytest.mark.django_db, pytest.mark.on_postgres]


def refused(work: Callable[[], Any]) -> str:
    """Have it refused by the database; returns the first line of its words, empty when it did it."""
    try:
        with transaction.atomic():
            work()
    except IntegrityError as error:
        return str(error).splitlines()[0]
    return ""


def sql(statement: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


@pytest.fixture
def publication() -> Publication:
    return make_publication()


def set_state(publication: Publication, state: str) -> None:
    sql(
        "UPDATE publishing_publication SET state = %s, version = version + 1 WHERE id = %s",
        state,
        publication.pk,
    )


def tell(publication: Publication, from_: State, to: State, **fields: Any) -> Event:
    version = Publication.objects.values_list("version", flat=True).get(pk=publication.pk) + 1
    return make_event(publication, to, from_state=from_, **{"version": version, **fields})


def test_the_database_knows_the_very_table(publication: Publication) -> None:
    """Every pair of states, tried with a word of the engine's and with a person's."""
    person = make_person()
    tellers: dict[EventKind, Any] = {EventKind.MOVE: None, EventKind.PERSON: person}
    let_through: dict[EventKind, set[str]] = {kind: set() for kind in tellers}
    for from_ in State:
        put_into(publication, from_)
        for to in set(State) - {from_}:
            for kind, who in tellers.items():
                mark = transaction.savepoint()
                tell(publication, from_, to, kind=kind, person=who)
                if not refused(lambda to=to: set_state(publication, to)):
                    let_through[kind].add(f"{from_}>{to}")
                transaction.savepoint_rollback(mark)
    # What stays in its state (another time for a scheduled post) is no change of it.
    stays = {f"{state}>{state}" for state in State}
    assert let_through == {
        EventKind.MOVE: set(pairs_of(MOVES)) - stays,
        EventKind.PERSON: set(pairs_of(HUMAN_MOVES)) - stays,
    }


def test_says_which_of_the_two_is_missing(publication: Publication) -> None:
    assert refused(lambda: set_state(publication, State.PUBLISHED)) == NO_SUCH_MOVE
    assert refused(lambda: set_state(publication, State.STARTING)) == UNTOLD_MOVE


@pytest.mark.parametrize("final", sorted(FINAL_STATES))
def test_nothing_leaves_a_final_state_without_a_person_who_is_named(
    publication: Publication, final: State
) -> None:
    put_into(publication, final)
    for to in set(State) - {final}:
        assert refused(lambda to=to: set_state(publication, to)), to
        assert refused(lambda to=to: Publication.objects.update(state=to)), to
        tell(publication, final, to, kind=EventKind.MOVE, version=None)
        assert refused(lambda to=to: set_state(publication, to)), to
        mark = transaction.savepoint()
        tell(publication, final, to, kind=EventKind.PERSON, person=None)
        assert refused(lambda to=to: set_state(publication, to)), to
        transaction.savepoint_rollback(mark)
    publication.refresh_from_db()
    assert publication.state == final


def test_a_word_given_for_an_earlier_move_counts_for_no_other(publication: Publication) -> None:
    person = make_person()
    moved = Publication.objects.move(publication.pk, State.SCHEDULED, State.CANCELLED, person=person)
    assert moved
    moved = Publication.objects.move(publication.pk, State.CANCELLED, State.SCHEDULED, person=person)
    assert moved
    assert refused(lambda: set_state(publication, State.CANCELLED)) == UNTOLD_MOVE
    same_version = "UPDATE publishing_publication SET state = 'cancelled' WHERE id = %s"
    assert refused(lambda: sql(same_version, publication.pk)) == UNTOLD_MOVE
    told = list(publication.events.values_list("to_state", "version", "person"))
    assert told == [(State.CANCELLED, 2, person.pk), (State.SCHEDULED, 3, person.pk)]


def test_one_version_is_told_of_once(publication: Publication) -> None:
    tell(publication, State.SCHEDULED, State.STARTING)
    assert refused(lambda: tell(publication, State.SCHEDULED, State.HELD))
    assert publication.events.count() == 1


def test_a_line_of_the_history_is_neither_changed_nor_deleted(publication: Publication) -> None:
    event = make_event(publication, State.STARTING, person=make_person())
    before = Event.objects.values().get()
    for change in (
        {"at": timezone.now()},
        {"detail": {"status": "other"}},
        {"name": "other"},
        {"person": make_person()},
        {"person": None, "code": "other"},
    ):
        assert refused(lambda change=change: Event.objects.update(**change)) == ONLY_ADDED, change
    assert refused(event.delete) == ONLY_ADDED
    assert refused(lambda: Event.objects.all()._raw_delete("default")) == ONLY_ADDED
    if connection.vendor == "sqlite":
        again = "INSERT OR REPLACE INTO publishing_event SELECT * FROM publishing_event"
        assert refused(lambda: sql(again)) == ONLY_ADDED
    assert Event.objects.values().get() == before


def test_a_person_who_leaves_leaves_the_history_behind(publication: Publication) -> None:
    person = make_person()
    event = make_event(publication, State.CANCELLED, kind=EventKind.PERSON, person=person)
    workspace = person.memberships.get().workspace
    person.memberships.all().delete()
    workspace.delete()
    person.delete()
    event.refresh_from_db()
    assert (event.person, event.to_state) == (None, State.CANCELLED)


@pytest.mark.django_db(transaction=True)
def test_it_holds_again_after_the_tables_were_made_anew(publication: Publication) -> None:
    """SQLite changes a table by putting another in its place: the triggers go, and come back by themselves."""
    call_command("migrate", "publishing", "0003", verbosity=0)
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM sqlite_master WHERE type = 'trigger'"
                if connection.vendor == "sqlite"
                else "SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal"
            )
            assert cursor.fetchone() == (0,)
    finally:
        call_command("migrate", verbosity=0)
    assert refused(lambda: set_state(publication, State.STARTING)) == UNTOLD_MOVE
