"""A process that dies around any commit of a refresh: never is one token of a pair stored without the other."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client

from accounts.clock import database_now
from accounts.models import TikTokAccount, TokenPair
from accounts.tokens import access_token_for
from tests.consent import connect
from tests.processes import Simulator

pytestmark = pytest.mark.django_db(transaction=True)

ALMOST_OVER = timedelta(hours=2) - timedelta(minutes=9)


class DiedError(BaseException):
    """The process is gone: no `except Exception` may see this."""


@contextmanager
def dying_at(monkeypatch: pytest.MonkeyPatch, moment: int) -> Iterator[None]:
    """End everything at this moment: they are counted from 0, one right before and one right after each commit."""
    commit, moments = connection.commit, itertools.count()

    def reach() -> None:
        if next(moments) == moment:
            connection.close()
            raise DiedError

    def watched() -> None:
        reach()
        commit()
        reach()

    with monkeypatch.context() as patch:
        patch.setattr(connection, "commit", watched)
        yield


def tokens_of(account: TikTokAccount) -> tuple[str, str]:
    pair = TokenPair.objects.get(account=account)
    return pair.access_token_sealed, pair.refresh_token_sealed


def test_both_tokens_are_stored_or_neither(
    simulator: Simulator, poppy: TikTokAccount, as_alice: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcomes = []
    for moment in itertools.count():
        connect(as_alice, "poppy.public")
        before = tokens_of(poppy)
        has_died = False
        try:
            with dying_at(monkeypatch, moment):
                access_token_for(poppy, now=database_now() + ALMOST_OVER)
        except DiedError:
            has_died = True
        is_new = [new != old for new, old in zip(tokens_of(poppy), before, strict=True)]
        assert is_new in ([True, True], [False, False]), f"moment {moment}"
        outcomes.append(is_new[0])
        if not has_died:
            break
    # The lease, then the pair: dead before either, between them, after the last; and the run that went well.
    assert outcomes == [False, False, False, True, True]
