"""The outbox over real SMTP: each mail is taken once, wherever its sender dies, freezes or is cut off."""

import smtplib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from accounts.clock import database_now
from accounts.models import Delivery, Kind, Mail, MailOutcome, Notification, TikTokAccount
from accounts.notifications.letters import message_id_of
from accounts.notifications.sending import GIVE_UP_AFTER, put_into_doubt, send_due_mails
from tests.accounts.telling import copy_of, let_time_pass, send_all, tell
from tests.at_once import at_once
from tests.mail_server import MailServer, mail_server
from tests.publishing.crashing import Crash, Points, in_another_worker

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.on_postgres]
WRITES = ("INSERT", "UPDATE", "DELETE")


@pytest.fixture
def server(settings: Any) -> Iterator[MailServer]:
    """A mail server, and the product told to use it."""
    with mail_server() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.EMAIL_TIMEOUT = 2
        yield server


@pytest.fixture
def held(account: TikTokAccount) -> Notification:
    return tell(account)


def only_mail() -> Mail:
    return Mail.objects.get()


def test_goes_out_once_with_an_address_of_its_own(server: MailServer, held: Notification) -> None:
    assert send_all() == 1
    assert send_all() == 0
    [mail] = server.taken
    row = only_mail()
    assert (row.outcome, row.tries) == (MailOutcome.SENT, 1)
    assert server.recipients == ["alice@example.com"]
    assert mail["Message-ID"] == message_id_of(row) == f"<{row.message_id}@localhost>"
    assert mail["Subject"] == f"“{held.subject}” for Poppy is held"


def test_a_line_that_is_only_a_full_stop_ends_no_mail(server: MailServer, account: TikTokAccount) -> None:
    tell(account, happened="One\n.\n..two\r\n.\r\nthree")
    assert send_all() == 1
    body = server.taken[0].get_body(("plain",))
    assert body is not None
    assert "One\n.\n..two\n.\nthree" in body.get_content().replace("\r\n", "\n")


# --- Wherever its sender dies or freezes ------------------------------------------------------------------------


@contextmanager
def points(
    monkeypatch: pytest.MonkeyPatch, at: int | None, strike: Callable[[str], None]
) -> Iterator[Points]:
    """Every word to the mail server, every answer of it and every commit of this thread pass here."""
    watch = Points(at=at, strike=strike)

    def around(name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            watch.reach(f"before {name}")
            answer = work(*args, **kwargs)
            watch.reach(f"after {name}")
            return answer

        return wrapped

    def autocommitted(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if connection.in_atomic_block or not sql.startswith(WRITES):
            return execute(sql, params, many, context)
        return around(" ".join(sql.split()[:2]).replace('"', ""), execute)(sql, params, many, context)

    with monkeypatch.context() as patch:
        patch.setattr(smtplib.SMTP, "send", around("send", smtplib.SMTP.send))
        patch.setattr(smtplib.SMTP, "getreply", around("getreply", smtplib.SMTP.getreply))
        patch.setattr(connection, "commit", around("commit", connection.commit))
        with connection.execute_wrapper(autocommitted):
            yield watch


def sockets_of(monkeypatch: pytest.MonkeyPatch) -> list[smtplib.SMTP]:
    """Connections that are opened from now on: a process that dies takes them along."""
    opened: list[smtplib.SMTP] = []
    connect = smtplib.SMTP.connect

    def remembered(self: smtplib.SMTP, *args: Any, **kwargs: Any) -> Any:
        opened.append(self)
        return connect(self, *args, **kwargs)

    monkeypatch.setattr(smtplib.SMTP, "connect", remembered)
    return opened


def names_of_points(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    with points(monkeypatch, None, lambda _name: None) as watch:
        assert send_all() == 1
    return watch.passed


def settled_after(held: Notification, server: MailServer, name: str) -> str:
    """Other workers go on until nothing is due; returns how the mail ended, having checked that nothing is lost."""
    for _ in range(3):
        let_time_pass()
        send_all()
    mail, copy = Mail.objects.order_by("pk")[0], copy_of(held)
    taken = server.copies_of(message_id_of(mail))
    assert len(server.taken) == taken <= 1, f"{name}: the server took {len(server.taken)}"
    if mail.outcome == MailOutcome.SENT:
        assert taken == 1, name
        return "sent"
    # Nobody knows: not sent again. Unread on the page, and due in the next digest, with a word about it.
    assert mail.outcome == MailOutcome.IN_DOUBT, f"{name}: {mail.outcome}"
    assert (copy.read_at, copy.mail_id, copy.in_digest, copy.mail_in_doubt) == (None, None, True, True), name
    assert copy.mail_due_at is not None
    assert copy.mail_due_at > database_now(), name
    return f"in doubt, {taken} taken"


@pytest.mark.slow
def test_killed_at_any_point_it_is_neither_lost_nor_doubled(
    server: MailServer, account: TikTokAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell(account)
    passed = names_of_points(monkeypatch)
    assert passed.count("after send") >= 6
    opened, ends = sockets_of(monkeypatch), []

    def die(_name: str) -> None:
        for smtp in opened:
            smtp.close()
        connection.close()
        raise Crash

    for number, name in enumerate(passed):
        Notification.objects.all().delete()
        Mail.objects.all().delete()
        server.taken.clear()
        held = tell(account)
        with points(monkeypatch, number, die), pytest.raises(Crash):
            send_all()
        ends.append((name, settled_after(held, server, f"{number} {name}")))
    in_doubt = [number for number, (_, end) in enumerate(ends) if end != "sent"]
    # One stretch only: from the intent's commit to the note of the answer.
    assert in_doubt == list(range(in_doubt[0], in_doubt[-1] + 1))
    assert ends[in_doubt[0]][0] == "after UPDATE accounts_mail"
    assert [ends[number] for number in in_doubt] == [
        ("after UPDATE accounts_mail", "in doubt, 0 taken"),
        ("before send", "in doubt, 0 taken"),
        ("after send", "in doubt, 1 taken"),
        ("before getreply", "in doubt, 1 taken"),
        ("after getreply", "in doubt, 1 taken"),
        ("before UPDATE accounts_mail", "in doubt, 1 taken"),
    ]


@pytest.mark.slow
def test_frozen_at_any_point_it_is_neither_lost_nor_doubled(
    server: MailServer, account: TikTokAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While it stands still its lease runs out and others do all that is due; then it goes on."""
    tell(account)
    passed = names_of_points(monkeypatch)

    def others() -> None:
        for _ in range(2):
            let_time_pass()
            send_all()

    for number, name in enumerate(passed):
        if name == "before commit":
            continue  # it holds the database, and nobody can pass
        Notification.objects.all().delete()
        Mail.objects.all().delete()
        server.taken.clear()
        held = tell(account)
        with points(monkeypatch, number, lambda _name: in_another_worker(others)):
            send_all()
        settled_after(held, server, f"{number} {name}")


# --- However the server behaves -----------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["EHLO", "MAIL", "RCPT", "DATA"])
def test_a_connection_that_breaks_before_the_end_is_tried_again(
    verb: str, server: MailServer, held: Notification
) -> None:
    server.answers[verb] = ["drop"]
    assert send_all() == 0
    assert only_mail().outcome == MailOutcome.OPEN
    let_time_pass()
    assert send_all() == 1
    assert len(server.taken) == 1


@pytest.mark.parametrize(("answer", "taken"), [("take and drop", 1), ("hang", 1), ("drop", 0)])
def test_an_answer_that_never_comes_is_in_doubt_and_not_sent_again(
    answer: str, taken: int, server: MailServer, held: Notification
) -> None:
    server.answers["END"] = [answer]
    assert send_all() == 0
    assert settled_after(held, server, answer) == f"in doubt, {taken} taken"
    copies = Delivery.objects.filter(notification=held)
    copies.update(mail_due_at=database_now() - timedelta(seconds=1))
    assert send_due_mails(now=database_now()) == 1
    digest = server.taken[-1]
    assert digest["Subject"].strip() == f"Daily digest: “{held.subject}” for Poppy is held"
    body = digest.get_body(("plain",))
    assert body is not None
    assert "You may have had an e-mail about this already" in body.get_content()


def test_what_was_read_meanwhile_is_not_told_again(server: MailServer, held: Notification) -> None:
    server.answers["END"] = ["take and drop"]
    send_all()
    Delivery.objects.update(read_at=database_now(), mail_due_at=database_now())
    assert send_due_mails(now=database_now()) == 0
    assert len(server.taken) == 1


@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA", "END"])
def test_a_refusal_for_now_is_tried_again_later(verb: str, server: MailServer, held: Notification) -> None:
    server.answers[verb] = ["451 try later"]
    before = database_now()
    assert send_all() == 0
    mail = only_mail()
    assert (mail.outcome, mail.handed_at, mail.tries) == (MailOutcome.OPEN, None, 1)
    assert timedelta(seconds=59) < mail.due_at - before < timedelta(seconds=75)
    let_time_pass()
    assert send_all() == 1
    assert len(server.taken) == 1


@pytest.mark.parametrize("verb", ["RCPT", "DATA", "END"])
def test_a_refusal_for_good_ends_it_and_the_others_go_out(
    verb: str, server: MailServer, account: TikTokAccount
) -> None:
    tell(account)
    tell(account, Kind.FAILED)
    server.answers[verb] = ["550 no such person"]
    assert send_all() == 1
    assert sorted(Mail.objects.values_list("outcome", flat=True)) == ["refused", "sent"]
    let_time_pass()
    assert send_all() == 0
    assert Delivery.objects.unread().count() == 2


def test_our_own_address_refused_is_the_operators_to_mend(server: MailServer, held: Notification) -> None:
    server.answers["MAIL"] = ["550 relaying denied"]
    send_all()
    assert only_mail().outcome == MailOutcome.OPEN


def test_gives_up_after_three_days(server: MailServer, held: Notification) -> None:
    server.answers["RCPT"] = ["451 try later"] * 2
    send_all()
    Mail.objects.update(created_at=database_now() - GIVE_UP_AFTER)
    let_time_pass()
    send_all()
    assert only_mail().outcome == MailOutcome.REFUSED


def test_a_server_that_is_away_costs_no_try(server: MailServer, held: Notification, settings: Any) -> None:
    settings.EMAIL_PORT = 1
    assert send_all() == 0
    assert (only_mail().outcome, only_mail().tries) == (MailOutcome.OPEN, 0)
    settings.EMAIL_PORT = server.port
    assert send_all() == 0  # not before its minute is over
    let_time_pass()
    assert send_all() == 1


def test_neither_addresses_nor_the_servers_words_are_logged(
    server: MailServer, held: Notification, caplog: pytest.LogCaptureFixture
) -> None:
    server.answers["RCPT"] = ["550 alice@example.com is unknown"]
    send_all()
    assert "was refused (550)" in caplog.text
    assert "alice" not in caplog.text


# --- Two workers at once ------------------------------------------------------------------------------------------


def test_four_workers_send_each_of_many_mails_once(server: MailServer, account: TikTokAccount) -> None:
    for number in range(12):
        tell(account, reason=f"reason{number}")
    past = database_now() - timedelta(seconds=1)
    Delivery.objects.update(mail_due_at=past)
    counts = at_once(*[lambda: send_due_mails(now=database_now())] * 4)
    counts.append(send_due_mails(now=database_now()))
    assert sum(counts) == 12
    assert len({mail["Message-ID"] for mail in server.taken}) == len(server.taken) == 12


def test_nobody_is_put_into_doubt_while_the_answer_is_waited_for(
    server: MailServer, held: Notification
) -> None:
    send_all()
    Mail.objects.update(outcome=MailOutcome.OPEN)  # as it stands between the intent and the answer
    assert put_into_doubt(now=database_now()) == 0
