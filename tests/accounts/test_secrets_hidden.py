"""No token, code, verifier or state anywhere it does not belong: logs, pages, rows, mails, errors, messages."""

import logging
import sqlite3
import traceback
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse

from accounts.clock import database_now
from accounts.creators import ask_creator
from accounts.models import AccountMove, ConnectRequest, TikTokAccount, TokenPair
from accounts.notifications.sending import send_due_mails
from accounts.tokens import access_token_for
from tests.conftest import TOKEN_MARK
from tests.consent import come_back, connect, consent, leave
from tests.processes import Simulator
from tiktok.errors import TikTokError

PAGES = ["/accounts/", "/accounts/local-mail/"]


def everything_stored() -> str:
    return "\n".join(
        str(list(model._default_manager.values())) for model in apps.get_app_config("accounts").get_models()
    )


def test_the_mark_is_in_every_token(simulator: Simulator, poppy: TikTokAccount) -> None:
    """Else the searches below would find nothing whatever we did."""
    assert TOKEN_MARK in access_token_for(poppy, now=database_now())


@pytest.mark.rule("T-1", at="server")
def test_a_life_of_an_account_leaks_nothing(
    simulator: Simulator,
    as_alice: Client,
    as_bob: Client,
    caplog: pytest.LogCaptureFixture,
    mailoutbox: list[Any],
) -> None:
    caplog.set_level(logging.DEBUG)
    url = leave(as_alice)
    query = consent(url)
    secrets = [TOKEN_MARK, query["code"], query["state"], simulator.client_secret]
    seen = [come_back(as_alice, query)]
    account = TikTokAccount.objects.get()
    seen.append(connect(as_bob))
    move = AccountMove.objects.get()
    seen.append(as_bob.get(reverse("accounts:account-move", args=[move.pk])))
    seen.append(as_bob.post(reverse("accounts:move-confirm", args=[move.pk])))
    now = database_now()
    for kind in ("http", "html", "truncated", "drop_after"):
        simulator.fault("refresh", kind, times=1, **({"status": 500} if kind == "http" else {}))
        try:
            access_token_for(account, now=now + timedelta(hours=1, minutes=55))
        except TikTokError as error:
            caplog.handler.stream.write("".join(traceback.format_exception(error)) + repr(vars(error)))
    ask_creator(account, now=now)
    send_due_mails(now=database_now())
    for client in (as_alice, as_bob):
        seen += [client.get(page) for page in PAGES]
    seen.append(as_bob.get(reverse("accounts:disconnect", args=[account.pk])))
    stored = everything_stored()
    seen.append(as_bob.post(reverse("accounts:disconnect", args=[account.pk])))
    texts = {
        "log": caplog.text,
        "database": stored,
        "mail": "\n".join(mail.subject + mail.body for mail in mailoutbox),
        "pages": "\n".join(response.content.decode() + str(response.headers) for response in seen),  # type: ignore[attr-defined]
        "representations": repr([*TokenPair.objects.all(), *ConnectRequest.objects.all(), account, move]),
    }
    for place, text in texts.items():
        for secret in secrets:
            assert secret not in text, f"{secret!r} is in the {place}"
    assert len(mailoutbox) >= 1


def test_the_database_file_holds_no_token(simulator: Simulator, poppy: TikTokAccount, tmp_path: Path) -> None:
    """The rows as bytes, whatever the ORM makes of them."""
    from django.db import connection

    if connection.vendor != "sqlite":
        stored = everything_stored().encode()
    else:
        dump = "\n".join(connection.connection.iterdump())
        stored = dump.encode()
        assert isinstance(connection.connection, sqlite3.Connection)
    assert poppy.open_id.encode() in stored
    assert TOKEN_MARK.encode() not in stored


def test_the_verifier_is_not_in_the_address_bar(simulator: Simulator, as_alice: Client) -> None:
    query = parse_qs(urlsplit(leave(as_alice)).query)
    assert "code_verifier" not in query
    assert ConnectRequest.objects.get().verifier_sealed.startswith("gAAAA")
