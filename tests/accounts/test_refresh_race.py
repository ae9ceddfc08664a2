"""Many callers at once make one refresh; frozen processes and late answers harm nothing."""

import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from django.db import connection
from django.test import Client

from accounts.clock import database_now
from accounts.models import AccountState, Notification, TikTokAccount, TokenPair
from accounts.tokens import NeedsReconnectError, RefreshBusyError, access_token_for, forget_tokens
from tests.at_once import at_once
from tests.consent import connect
from tests.processes import Simulator

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.on_postgres]

ALMOST_OVER = timedelta(hours=2) - timedelta(minutes=9)
CALLERS = 16


def in_thread(work: Callable[[], str]) -> str:
    try:
        return work()
    finally:
        connection.close()


def persistent(account: TikTokAccount, now: datetime) -> str:
    """A caller that comes back while somebody else is at it."""
    for _ in range(200):
        try:
            return access_token_for(account, now=now)
        except RefreshBusyError:
            time.sleep(0.05)
    raise AssertionError("never got a token")


def test_sixteen_callers_make_one_refresh(simulator: Simulator, poppy: TikTokAccount) -> None:
    now = database_now() + ALMOST_OVER
    simulator.fault("refresh", "slow", seconds=0.3, times=None)
    tokens = at_once(*[lambda: persistent(poppy, now)] * CALLERS)
    assert simulator.calls("refresh") == 1
    assert len(set(tokens)) == 1
    poppy.refresh_from_db()
    assert poppy.state == AccountState.CONNECTED


def test_callers_that_all_hold_the_same_dead_token_make_one_refresh(
    simulator: Simulator, poppy: TikTokAccount
) -> None:
    now = database_now()
    dead = access_token_for(poppy, now=now)

    def call() -> str:
        for _ in range(200):
            try:
                return access_token_for(poppy, now=now, stale=dead)
            except RefreshBusyError:
                time.sleep(0.05)
        raise AssertionError("never got a token")

    tokens = set(at_once(*[call] * CALLERS))
    assert len(tokens) == 1
    assert dead not in tokens
    assert simulator.calls("refresh") == 1


@contextmanager
def slow_road(simulator: Simulator, settings: Any) -> Iterator[threading.Event]:
    """A way to TikTok that keeps the first answer back until the event is set, and lets all others through."""
    may_arrive = threading.Event()
    is_first = threading.Lock()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            path = self.rfile.readline().split()[1].decode()
            headers = {}
            while line := self.rfile.readline().strip():
                name, _, value = line.decode().partition(": ")
                headers[name.lower()] = value
            body = self.rfile.read(int(headers.get("content-length", 0)))
            headers = {"content-type": headers["content-type"]}
            answer = httpx.post(simulator.url + path, content=body, headers=headers, trust_env=False)
            if is_first.acquire(blocking=False):
                assert may_arrive.wait(20)
            head = f"HTTP/1.1 {answer.status_code} OK\r\nContent-Length: {len(answer.content)}\r\n"
            self.wfile.write(f"{head}Connection: close\r\n\r\n".encode() + answer.content)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings.TIKTOK_API_URL = f"http://localhost:{server.server_address[1]}"
        yield may_arrive
        settings.TIKTOK_API_URL = simulator.url
        server.shutdown()


def test_a_frozen_process_that_comes_back_with_the_pair_heals_the_account(
    simulator: Simulator, poppy: TikTokAccount, settings: Any
) -> None:
    """Its lease ended while it waited for TikTok, and another process found the old token dead."""
    now = database_now() + ALMOST_OVER
    with slow_road(simulator, settings) as may_arrive, ThreadPoolExecutor(1) as pool:
        frozen = pool.submit(in_thread, lambda: access_token_for(poppy, now=now))
        wait_until(lambda: simulator.calls("refresh") == 1)
        with pytest.raises(RefreshBusyError):
            access_token_for(poppy, now=now)
        with pytest.raises(NeedsReconnectError):
            access_token_for(poppy, now=now + timedelta(seconds=31))
        assert state_of(poppy) == AccountState.NEEDS_RECONNECT
        may_arrive.set()
        token = frozen.result(timeout=20)
    assert state_of(poppy) == AccountState.CONNECTED
    assert access_token_for(poppy, now=now) == token
    assert access_token_for(poppy, now=now, stale=token) != token
    assert Notification.objects.count() == 1


def test_a_frozen_process_that_comes_back_refused_takes_what_the_other_fetched(
    simulator: Simulator, poppy: TikTokAccount
) -> None:
    """TikTok takes up its request only after another process has refreshed with the same token."""
    now = database_now() + ALMOST_OVER
    simulator.fault("refresh", "slow", seconds=1.5, times=1)
    with ThreadPoolExecutor(1) as pool:
        frozen = pool.submit(in_thread, lambda: access_token_for(poppy, now=now))
        wait_until(lambda: simulator.calls("refresh") == 1)
        token = access_token_for(poppy, now=now + timedelta(seconds=31))
        assert frozen.result(timeout=20) == token
    assert simulator.calls("refresh") == 2
    assert state_of(poppy) == AccountState.CONNECTED
    assert Notification.objects.count() == 0


def test_disconnecting_while_tiktok_answers_wins(
    simulator: Simulator, poppy: TikTokAccount, settings: Any
) -> None:
    now = database_now() + ALMOST_OVER
    with slow_road(simulator, settings) as may_arrive, ThreadPoolExecutor(1) as pool:
        under_way = pool.submit(in_thread, lambda: access_token_for(poppy, now=now))
        wait_until(lambda: simulator.calls("refresh") == 1)
        forget_tokens(poppy)
        TikTokAccount.objects.filter(pk=poppy.pk).update(state=AccountState.DISCONNECTED)
        may_arrive.set()
        with pytest.raises(NeedsReconnectError):
            under_way.result(timeout=20)
    assert TokenPair.objects.count() == 0
    assert state_of(poppy) == AccountState.DISCONNECTED


def test_connecting_anew_while_tiktok_answers_wins(
    simulator: Simulator, poppy: TikTokAccount, settings: Any, as_alice: Client
) -> None:
    now = database_now() + ALMOST_OVER
    with slow_road(simulator, settings) as may_arrive, ThreadPoolExecutor(1) as pool:
        under_way = pool.submit(in_thread, lambda: access_token_for(poppy, now=now))
        wait_until(lambda: simulator.calls("refresh") == 1)
        connect(as_alice)
        connected = access_token_for(poppy, now=database_now())
        may_arrive.set()
        assert under_way.result(timeout=20) == connected
    assert access_token_for(poppy, now=database_now()) == connected


def state_of(account: TikTokAccount) -> str:
    return TikTokAccount.objects.values_list("state", flat=True).get(pk=account.pk)


def wait_until(is_true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not is_true():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.02)
