"""What is mailed when: at once, gathered, once a day where the person lives; and the ways out of it."""

import re
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from accounts.clock import database_now
from accounts.models import Delivery, Kind, Mail, MailChoice, MailTime, Membership, TikTokAccount, User
from accounts.notifications.about_accounts import (
    settle_pause,
    tell_ends_soon,
    tell_moved_away,
    tell_needs_reconnect,
    tell_paused,
)
from accounts.notifications.choices import set_times, times_of
from accounts.notifications.digest import next_digest
from accounts.notifications.packing import SPACING
from accounts.notifications.sending import send_due_mails
from accounts.notifications.telling import settle
from accounts.notifications.unsubscribing import unsubscribe_url
from accounts.tasks import send_mails_due
from tests.accounts.telling import at, copy_of, send_all, tell
from tests.factories import make_account, make_person

pytestmark = pytest.mark.on_postgres

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def now(db: None) -> Any:
    return database_now()


def test_says_what_happened_to_which_account_and_what_to_do(
    account: TikTokAccount, mailoutbox: list[Any], settings: Any
) -> None:
    settings.PUBLIC_URL = "https://green.example.org"
    held = tell(account, subject="Tea at four", path="/posts/7/")
    send_all()
    [mail] = mailoutbox
    assert (mail.subject, mail.to) == ("“Tea at four” for Poppy is held", ["alice@example.com"])
    link = unsubscribe_url(copy_of(held).person_id, "held")
    assert mail.body == (
        "“Tea at four” for Poppy is held\n\n"
        "TikTok no longer allows what you chose.\n\n"
        "Choose again.\n\n"
        "Open the post: https://green.example.org/posts/7/\n\n"
        "-- \nGreenroom\n"
        "All notifications: https://green.example.org/notifications/\n"
        "When you are mailed, and about what: https://green.example.org/settings/notifications/\n"
        f"No more e-mail of this kind: {link}\n\n"
    )
    [(html, kind)] = [(part.content, part.mimetype) for part in mail.alternatives]
    assert kind == "text/html"
    assert '<a href="https://green.example.org/posts/7/">Open the post</a>' in html
    headers = mail.message()
    assert headers["List-Unsubscribe"] == f"<{link}>"
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert headers["Auto-Submitted"] == "auto-generated"


def test_names_and_titles_are_text_and_forge_no_header(account: TikTokAccount, mailoutbox: list[Any]) -> None:
    TikTokAccount.objects.update(nickname="Evil\r\nBcc: all@example.com")
    account.refresh_from_db()
    tell(account, subject="<b>bold</b> {account}")
    send_all()
    assert mailoutbox[0].subject == "“<b>bold</b> {account}” for Evil Bcc: all@example.com is held"
    assert mailoutbox[0].to == ["alice@example.com"]
    assert "&lt;b&gt;bold&lt;/b&gt;" in mailoutbox[0].alternatives[0].content


def test_each_of_the_workspaces_people_gets_a_mail_of_their_own(
    account: TikTokAccount, bob: User, mailoutbox: list[Any]
) -> None:
    Membership.objects.create(workspace=account.workspace, user=bob)
    tell(account)
    assert send_all() == 2
    assert sorted(mail.to[0] for mail in mailoutbox) == ["alice@example.com", "bob@example.com"]
    assert len({mail.message()["Message-ID"] for mail in mailoutbox}) == 2


def test_who_left_meanwhile_is_told_nothing(account: TikTokAccount, bob: User, mailoutbox: list[Any]) -> None:
    membership = Membership.objects.create(workspace=account.workspace, user=bob)
    tell(account)
    membership.delete()
    assert send_all() == 1
    assert [mail.to for mail in mailoutbox] == [["alice@example.com"]]


class TestGathering:
    def test_ten_of_a_kind_within_a_minute_are_one_mail(
        self, account: TikTokAccount, mailoutbox: list[Any], now: Any
    ) -> None:
        for number in range(10):
            tell(account, subject=f"Morning {number}", now=now + timedelta(seconds=3 * number))
        assert send_due_mails(now=now + timedelta(seconds=59)) == 0
        send_all()
        [mail] = mailoutbox
        assert mail.subject == "10 posts for Poppy are held"
        assert all(f"- Morning {number}\n" in mail.body for number in range(10))
        assert mail.body.count("Choose again.") == 1

    def test_another_reason_or_account_is_another_mail(
        self, account: TikTokAccount, mailoutbox: list[Any]
    ) -> None:
        tell(account)
        tell(account, reason="file_changed")
        tell(account, Kind.FAILED)
        tell(make_account(account.workspace, nickname="Lena"))
        send_all()
        assert len(mailoutbox) == 4

    def test_what_follows_soon_after_waits_for_one_more_mail(
        self, account: TikTokAccount, mailoutbox: list[Any], now: Any
    ) -> None:
        tell(account)
        send_all()
        sent_at = Mail.objects.get().created_at
        for _ in range(5):
            tell(account)
        assert send_all() == 0
        assert set(Delivery.objects.filter(mail=None).values_list("mail_due_at", flat=True)) == {
            sent_at + SPACING
        }
        Mail.objects.update(created_at=now - SPACING)
        assert send_all() == 1
        assert mailoutbox[-1].subject == "5 posts for Poppy are held"

    def test_an_account_is_told_of_at_once(
        self, account: TikTokAccount, mailoutbox: list[Any], now: Any
    ) -> None:
        tell_needs_reconnect(account, workspace_id=account.workspace_id, reason="refresh_lost", now=now)
        assert send_due_mails(now=now) == 1
        [mail] = mailoutbox
        assert mail.subject == "Poppy needs reconnecting"
        assert "the answer was lost on the way. Posts for it wait; nothing is lost." in mail.body
        assert f"Reconnect: http://localhost:8000/accounts/#account-{account.pk}\n" in mail.body

    def test_a_long_list_is_cut(self, account: TikTokAccount, mailoutbox: list[Any]) -> None:
        for _ in range(23):
            tell(account)
        send_all()
        assert mailoutbox[0].body.count("http://localhost:8000/posts/") == 20
        assert "and 3 more." in mailoutbox[0].body

    def test_what_was_read_or_settled_before_is_not_mailed(
        self, account: TikTokAccount, mailoutbox: list[Any], now: Any
    ) -> None:
        Delivery.objects.filter(notification=tell(account)).update(read_at=now)
        settle(tell(account, Kind.FAILED).about, now=now)
        assert send_all() == 0
        assert Mail.objects.count() == 0

    def test_what_is_settled_after_packing_is_not_sent(
        self, account: TikTokAccount, mailoutbox: list[Any], now: Any
    ) -> None:
        held = tell(account)
        Delivery.objects.update(mail=Mail.objects.create(person=copy_of(held).person, due_at=now))
        settle(held.about, now=now)
        assert send_all() == 0
        assert Mail.objects.get().outcome == "not_needed"


class TestDigest:
    @pytest.fixture(autouse=True)
    def in_berlin(self, alice: User) -> None:
        alice.time_zone = "Europe/Berlin"
        alice.save()

    def test_comes_once_a_day_at_the_hour_and_place_of_the_person(
        self, account: TikTokAccount, mailoutbox: list[Any]
    ) -> None:
        for text in ("2026-07-01 05:00", "2026-07-01 18:00", "2026-07-02 05:59"):
            tell(account, Kind.PUBLISHED, now=at(text))
        assert set(Delivery.objects.values_list("mail_due_at", flat=True)) == {
            at("2026-07-01 06:00"),
            at("2026-07-02 06:00"),
        }
        assert send_due_mails(now=at("2026-07-01 05:59")) == 0
        Delivery.objects.filter(mail_due_at=at("2026-07-01 06:00")).delete()
        send_due_mails(now=at("2026-07-02 06:00"))
        assert [mail.subject for mail in mailoutbox] == ["Daily digest: 2 posts for Poppy are published"]

    def test_one_mail_for_everything_what_needs_somebody_first(
        self, account: TikTokAccount, alice: User, mailoutbox: list[Any]
    ) -> None:
        set_times(alice, times_of(alice) | {"held": "digest"}, hour=8)
        noon = at("2026-07-01 12:00")
        tell(account, Kind.PUBLISHED, subject="Fog", happened="", to_do="", now=noon)
        tell(account, Kind.HELD, subject="Sea", now=noon)
        send_due_mails(now=at("2026-07-02 06:00"))
        [mail] = mailoutbox
        assert mail.subject == "Daily digest: “Sea” for Poppy is held, and 1 more"
        assert mail.body.index("“Sea” for Poppy is held") < mail.body.index("“Fog” for Poppy is published")
        assert "No more daily digests: http" in mail.body

    @pytest.mark.parametrize(
        ("now", "hour", "due"),
        [
            # Clocks go forward at 01:00 UTC on 29 March 2026, back on 25 October.
            ("2026-03-28 07:00", 8, "2026-03-29 06:00"),
            ("2026-03-27 08:00", 8, "2026-03-28 07:00"),
            ("2026-10-24 06:00", 8, "2026-10-25 07:00"),
            # 02:00 does not exist on that day: the hour after. It comes twice in October: the first.
            ("2026-03-28 12:00", 2, "2026-03-29 01:00"),
            ("2026-10-24 12:00", 2, "2026-10-25 00:00"),
            ("2026-10-25 00:00", 2, "2026-10-26 01:00"),
            ("2026-07-01 05:59", 8, "2026-07-01 06:00"),
            ("2026-07-01 06:00", 8, "2026-07-02 06:00"),
            ("2026-07-01 22:30", 0, "2026-07-02 22:00"),
        ],
    )
    def test_is_right_across_the_change_of_clocks(self, now: str, hour: int, due: str) -> None:
        assert next_digest(at(now), hour=hour, zone=BERLIN) == at(due)

    def test_comes_every_day_of_a_year_exactly_once(self) -> None:
        for hour in range(24):
            moment, days = at("2026-01-01 12:00"), []
            for _ in range(365):
                moment = next_digest(moment, hour=hour, zone=BERLIN)
                days.append(moment.astimezone(BERLIN).date())
            assert len(set(days)) == 365, hour

    def test_another_hour_moves_what_waits(self, account: TikTokAccount, alice: User) -> None:
        published = tell(account, Kind.PUBLISHED)
        set_times(alice, times_of(alice), hour=20)
        due = copy_of(published).mail_due_at
        assert due is not None
        assert due.astimezone(BERLIN).hour == 20

    def test_another_time_zone_moves_what_waits(
        self, account: TikTokAccount, alice: User, as_alice: Client
    ) -> None:
        published, held = tell(account, Kind.PUBLISHED), tell(account)
        before = copy_of(held).mail_due_at
        as_alice.post("/accounts/settings/zone/", {"time_zone": "Asia/Tokyo"})
        due = copy_of(published).mail_due_at
        assert due is not None
        assert due.astimezone(ZoneInfo("Asia/Tokyo")).hour == 8
        assert copy_of(held).mail_due_at == before

    def test_a_place_this_machine_does_not_know_counts_as_utc(
        self, account: TikTokAccount, alice: User
    ) -> None:
        alice.time_zone = "Mars/Olympus_Mons"
        alice.save()
        due = copy_of(tell(account, Kind.PUBLISHED, now=at("2026-07-01 05:00"))).mail_due_at
        assert due == at("2026-07-01 08:00")


class TestSettings:
    def form(self, **changes: str) -> dict[str, str]:
        usual = dict.fromkeys(Kind.values, "at_once")
        return {**usual, "published": "digest", "delivered": "digest", "digest_hour": "8", **changes}

    def test_what_needs_somebody_is_mailed_at_once_and_the_rest_once_a_day(self, alice: User) -> None:
        assert times_of(alice) == {
            kind: MailTime.DIGEST if kind in {"published", "delivered"} else MailTime.AT_ONCE
            for kind in Kind.values
        }

    def test_are_stored_and_shown(self, as_alice: Client, alice: User) -> None:
        response = as_alice.post("/settings/notifications/", self.form(held="off", digest_hour="21"))
        assert response.status_code == 302
        alice.refresh_from_db()
        assert (times_of(alice)["held"], alice.digest_hour) == ("off", 21)
        page = as_alice.get("/settings/notifications/").content.decode()
        assert re.search(r'<input type="radio" name="held" value="off"[^>]* checked>', page)
        assert '<option value="21" selected>21:00</option>' in page

    @pytest.mark.parametrize("changes", [{"held": "now and then"}, {"digest_hour": "24"}, {"failed": ""}])
    def test_nonsense_is_refused_and_changes_nothing(
        self, changes: dict[str, str], as_alice: Client, alice: User
    ) -> None:
        response = as_alice.post("/settings/notifications/", self.form(paused="off", **changes))
        assert response.status_code == 200
        assert MailChoice.objects.count() == 0

    def test_off_is_off_but_it_is_told_in_the_app(
        self, account: TikTokAccount, alice: User, mailoutbox: list[Any]
    ) -> None:
        set_times(alice, times_of(alice) | {"held": "off"}, hour=8)
        held = tell(account)
        assert send_all() == 0
        assert copy_of(held).read_at is None

    def test_a_change_counts_for_what_waits(
        self, account: TikTokAccount, alice: User, mailoutbox: list[Any]
    ) -> None:
        tell(account)
        set_times(alice, times_of(alice) | {"held": "off"}, hour=8)
        assert send_all() == 0

    def test_bobs_are_his_own(self, as_bob: Client, alice: User, bob: User) -> None:
        as_bob.post("/settings/notifications/", self.form(held="off"))
        assert (times_of(alice)["held"], times_of(bob)["held"]) == ("at_once", "off")


class TestUnsubscribing:
    @pytest.fixture
    def path(self, alice: User) -> str:
        return unsubscribe_url(alice.pk, "held").removeprefix("http://localhost:8000")

    def test_one_click_of_the_mailbox(self, path: str, alice: User) -> None:
        """RFC 8058: a POST without cookies, a form token or a page before it; answered without a redirect."""
        mailbox = Client(enforce_csrf_checks=True)
        response = mailbox.post(path, {"List-Unsubscribe": "One-Click"})
        assert response.status_code == 200
        assert times_of(alice) == {kind: times_of(make_person())[kind] for kind in Kind.values} | {
            "held": "off"
        }
        assert mailbox.post(path).status_code == 200  # safe to press twice

    def test_looking_changes_nothing(self, path: str, alice: User, client: Client) -> None:
        page = client.get(path).content.decode()
        assert "alice@example.com will get no more e-mail about “a post is held”." in page
        assert client.head(path).status_code == 200
        assert times_of(alice)["held"] == "at_once"

    def test_a_digests_link_ends_digests(self, alice: User, client: Client) -> None:
        client.post(unsubscribe_url(alice.pk, "digest").removeprefix("http://localhost:8000"))
        assert {kind for kind, time in times_of(alice).items() if time == "off"} == {"published", "delivered"}

    @pytest.mark.parametrize("change", [lambda p: p[:-2] + "/", lambda p: p.replace(":held", ":failed")])
    def test_a_link_we_never_made_does_nothing(
        self, change: Any, path: str, alice: User, client: Client
    ) -> None:
        assert client.post(change(path)).status_code == 404
        assert times_of(alice)["held"] == "at_once"

    def test_somebody_who_is_gone(self, path: str, alice: User, client: Client) -> None:
        alice.delete()
        assert client.post(path).status_code == 404


class TestAboutAccounts:
    def test_a_pause_is_told_once_until_it_is_over(
        self, account: TikTokAccount, mailoutbox: list[Any], now: Any
    ) -> None:
        until = now + timedelta(hours=20)
        assert tell_paused(account, reason="spam_risk_too_many_posts", until=until, now=now)
        assert not tell_paused(
            account, reason="spam_risk_too_many_posts", until=until + timedelta(1), now=now
        )
        send_due_mails(now=now)
        assert mailoutbox[0].subject == "Poppy pauses"
        assert f"Until {until:%-d %B %Y, %H:%M} UTC." in mailoutbox[0].body
        settle_pause(account, now=now)
        assert tell_paused(account, reason="", until=until + timedelta(days=2), now=now)

    def test_a_permission_that_ends_is_told_at_each_mark_once(
        self, account: TikTokAccount, mailoutbox: list[Any], now: Any
    ) -> None:
        ends_at = now + timedelta(days=14)
        for days in (14, 14, 7, 2, 1):
            tell_ends_soon(account, days_left=days, ends_at=ends_at, now=now)
            send_due_mails(now=now)
        assert len(mailoutbox) == 4
        assert "ends in 14 days." in mailoutbox[0].body
        assert "ends in 1 day." in mailoutbox[-1].body
        assert Delivery.objects.unread().count() == 1  # the newest replaces the older ones

    def test_an_account_that_was_moved_away(
        self, account: TikTokAccount, mailoutbox: list[Any], now: Any
    ) -> None:
        assert tell_moved_away(account, workspace_id=account.workspace_id, move_id=1, now=now)
        assert not tell_moved_away(account, workspace_id=account.workspace_id, move_id=1, now=now)
        send_mails_due()
        assert mailoutbox[0].subject == "Poppy was moved to another workspace"
        assert "change the password" in mailoutbox[0].body
