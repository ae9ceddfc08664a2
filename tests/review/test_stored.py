"""The privacy page's list of what is kept of TikTok's is the truth about the models."""

from collections import Counter
from html import unescape

from django.apps import apps
from django.test import Client

from review.stored import PARTS
from tests.review.not_tiktoks import NOT_TIKTOKS

LISTED = Counter(column for part in PARTS for thing in part.things for column in thing.columns)


def columns_of_the_models() -> set[str]:
    """Every column of every table, those of Django and allauth included."""
    return {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.concrete_fields
    }


def test_every_column_is_on_the_page_or_known_to_hold_nothing_of_tiktoks() -> None:
    """A new column fails here: put it into review/stored.py, or, if it is ours, into tests/review/not_tiktoks.py."""
    known = set(LISTED) | NOT_TIKTOKS
    assert sorted(columns_of_the_models() - known) == [], "not decided"
    assert sorted(known - columns_of_the_models()) == [], "no such column any more"


def test_no_column_is_decided_twice() -> None:
    assert [column for column, times in LISTED.items() if times > 1] == []
    assert set(LISTED) & NOT_TIKTOKS == set()


def test_the_privacy_page_shows_every_line(client: Client, db: None) -> None:
    page = unescape(client.get("/privacy/").content.decode())
    for part in PARTS:
        assert part.title in page
        for thing in part.things:
            for words in (thing.tiktok, thing.what, thing.why, thing.how_long):
                assert words in page
