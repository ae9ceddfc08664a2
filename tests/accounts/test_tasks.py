"""The tasks: thin doors that find what is due by the database's clock."""

from datetime import timedelta

from django.test import Client

from accounts.clock import database_now
from accounts.connecting import forget_ended_requests
from accounts.models import AccountMove, ConnectRequest, TikTokAccount
from accounts.tasks import copy_avatars_due, forget_ended_offers
from config.celery import app
from tests.consent import connect, leave
from tests.processes import Simulator


def test_beat_knows_them_all() -> None:
    scheduled = {entry["task"] for entry in app.conf.beat_schedule.values()}
    assert {
        "accounts.tasks.copy_avatars_due",
        "accounts.tasks.send_mails_due",
        "accounts.tasks.forget_ended_offers",
    } <= scheduled


def test_copies_pictures(simulator: Simulator, poppy: TikTokAccount) -> None:
    copy_avatars_due()
    poppy.refresh_from_db()
    assert poppy.avatar_url.startswith(f"/accounts/{poppy.pk}/avatar/?v=")


def test_forgets_trips_that_ended_a_day_ago(simulator: Simulator, as_alice: Client) -> None:
    leave(as_alice)
    now = database_now()
    forget_ended_requests(now=now + timedelta(hours=24))
    assert ConnectRequest.objects.count() == 1
    forget_ended_requests(now=now + timedelta(hours=24, minutes=11))
    assert ConnectRequest.objects.count() == 0


def test_forgets_offers_and_keeps_the_history_of_moves(
    simulator: Simulator, poppy: TikTokAccount, as_bob: Client
) -> None:
    connect(as_bob)
    ConnectRequest.objects.update(expires_at=database_now() - timedelta(days=2))
    AccountMove.objects.update(expires_at=database_now() - timedelta(days=2), confirmed_at=database_now())
    forget_ended_offers()
    assert (ConnectRequest.objects.count(), AccountMove.objects.count()) == (0, 1)
    AccountMove.objects.update(confirmed_at=None)
    forget_ended_offers()
    assert AccountMove.objects.count() == 0
