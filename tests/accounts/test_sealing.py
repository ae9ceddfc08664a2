"""Secrets at rest: bound to their place, readable under old keys, and sealed anew under the first."""

import io
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.clock import database_now
from accounts.management.commands.reencrypt_secrets import sealed_columns
from accounts.models import ConnectRequest, TikTokAccount, TokenPair
from accounts.sealing import Sealer, SealError, sealer
from accounts.tokens import access_token_for
from tests.consent import come_back, consent, last_message, leave
from tests.processes import Simulator

OLD = Fernet.generate_key().decode()
NEW = Fernet.generate_key().decode()


def report(*options: str) -> list[str]:
    written = io.StringIO()
    call_command("reencrypt_secrets", *options, stdout=written)
    return written.getvalue().splitlines()


def test_opens_only_in_its_own_place() -> None:
    sealed = Sealer([OLD]).seal("secret", "here")
    assert Sealer([OLD]).open(sealed, "here") == "secret"
    with pytest.raises(SealError, match="belongs to another row"):
        Sealer([OLD]).open(sealed, "there")


def test_a_secret_may_hold_line_breaks() -> None:
    assert Sealer([OLD]).open(Sealer([OLD]).seal("a\nb", "here"), "here") == "a\nb"


def test_the_same_secret_never_looks_the_same() -> None:
    assert Sealer([OLD]).seal("secret", "here") != Sealer([OLD]).seal("secret", "here")


@pytest.mark.parametrize(
    "damage", [lambda s: s[:-4] + "AAAA", lambda s: "", lambda s: "plain text", lambda s: "é" * 9]
)
def test_a_damaged_secret_does_not_open(damage: Any) -> None:
    with pytest.raises(SealError):
        Sealer([OLD]).open(damage(Sealer([OLD]).seal("secret", "here")), "here")


def test_tells_the_key() -> None:
    sealed = Sealer([OLD]).seal("secret", "here")
    assert Sealer([OLD, NEW]).key_number(sealed) == 0
    assert Sealer([NEW, OLD]).key_number(sealed) == 1
    assert Sealer([NEW]).key_number(sealed) is None


def test_every_sealed_column_of_every_app_is_found() -> None:
    found = {f"{model._meta.label}.{column}" for model, column in sealed_columns()}
    assert found == {
        "accounts.TokenPair.access_token_sealed",
        "accounts.TokenPair.refresh_token_sealed",
        "accounts.ConnectRequest.verifier_sealed",
        "accounts.AccountMove.grant_sealed",
        "publishing.Attempt.upload_url_sealed",
    }


@pytest.fixture
def under_old_key(settings: Any, simulator: Simulator, as_alice: Client) -> TikTokAccount:
    """Poppy connected while OLD was the only key; the key list now begins with NEW."""
    settings.TOKEN_ENCRYPTION_KEYS = [OLD]
    come_back(as_alice, consent(leave(as_alice)))
    settings.TOKEN_ENCRYPTION_KEYS = [NEW, OLD]
    return TikTokAccount.objects.get()


def test_seals_anew_under_the_first_key_so_that_the_old_one_can_go(
    under_old_key: TikTokAccount, settings: Any, simulator: Simulator, as_alice: Client, db: None
) -> None:
    settings.TOKEN_ENCRYPTION_KEYS = [OLD]
    under_way = consent(leave(as_alice), "priya.private")
    settings.TOKEN_ENCRYPTION_KEYS = [NEW, OLD]
    assert "accounts.TokenPair.access_token_sealed: 1 under key 2" in report("--report")
    lines = report()
    assert "accounts.TokenPair.access_token_sealed: 1 sealed anew" in lines
    assert "accounts.TokenPair.refresh_token_sealed: 1 sealed anew" in lines
    assert "accounts.ConnectRequest.verifier_sealed: 2 sealed anew" in lines
    assert "publishing.Attempt.upload_url_sealed: none" in lines
    settings.TOKEN_ENCRYPTION_KEYS = [NEW]
    assert "accounts.TokenPair.access_token_sealed: 1 under key 1" in report("--report")
    token = access_token_for(under_old_key, now=database_now())
    assert access_token_for(under_old_key, now=database_now(), stale=token).startswith("act.")
    assert last_message(come_back(as_alice, under_way)).endswith("is connected.")


def test_a_second_run_writes_nothing(under_old_key: TikTokAccount) -> None:
    report()
    before = TokenPair.objects.values().get()
    assert "accounts.TokenPair.access_token_sealed: 1 already under the first key" in report()
    assert TokenPair.objects.values().get() == before


def test_the_report_writes_nothing(under_old_key: TikTokAccount) -> None:
    before = TokenPair.objects.values().get()
    report("--report")
    assert TokenPair.objects.values().get() == before


def test_a_row_written_meanwhile_is_left_alone(
    under_old_key: TikTokAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A refresh stores its pair between the command's reading and writing."""
    fresh = sealer().seal(
        "act.fresh", f"accounts.TokenPair.access:{under_old_key.pk}:{under_old_key.open_id}"
    )
    reseal = Sealer.reseal

    def reseal_late(self: Sealer, sealed: str) -> str:
        TokenPair.objects.update(access_token_sealed=fresh)
        return reseal(self, sealed)

    monkeypatch.setattr(Sealer, "reseal", reseal_late)
    report()
    assert TokenPair.objects.get().access_token_sealed == fresh


def test_a_key_that_is_missing_is_said(under_old_key: TikTokAccount, settings: Any) -> None:
    settings.TOKEN_ENCRYPTION_KEYS = [NEW]
    before = list(ConnectRequest.objects.values())
    with pytest.raises(CommandError, match="3 secrets cannot be opened"):
        report()
    assert list(ConnectRequest.objects.values()) == before


def test_walks_in_batches(under_old_key: TikTokAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("accounts.management.commands.reencrypt_secrets.BATCH", 2)
    request = ConnectRequest.objects.get()
    for number in range(4):
        request.pk, request.state_hash = None, str(number)
        request.save()
    assert "accounts.ConnectRequest.verifier_sealed: 5 sealed anew" in report()
