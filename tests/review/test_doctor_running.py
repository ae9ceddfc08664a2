"""How the doctor runs its checks: each in its time, none able to spoil the rest or to tell a secret."""

import time
from typing import Any

import pytest

from review.doctor.checkup import FAMILIES, Report, Section
from review.doctor.findings import Check, Finding, Outcome, Verdict, fault, first_wrong, ok, warning
from review.doctor.running import AT_ONCE, run_checks, without_secrets, worst_of


def fine() -> Outcome:
    return ok("All is well.")


def broken() -> Outcome:
    raise RuntimeError("no route to\n  the moon")


def hanging() -> Outcome:
    time.sleep(3)
    return ok("At last.")


def test_a_broken_check_is_a_fault_with_its_reason() -> None:
    findings = run_checks([Check("broken", "Broken", broken), Check("fine", "Fine", fine)])
    assert [(finding.slug, finding.verdict) for finding in findings] == [
        ("broken", Verdict.FAULT),
        ("fine", Verdict.OK),
    ]
    assert findings[0].found == "The check itself broke: RuntimeError: no route to the moon"
    assert "Traceback" not in findings[0].found


def test_a_check_that_hangs_costs_its_own_time_and_nobody_elses() -> None:
    checks = [Check(f"hanging-{number}", "Hanging", hanging) for number in range(2 * AT_ONCE)]
    began = time.monotonic()
    findings = run_checks([*checks, Check("fine", "Fine", fine)], seconds=0.3)
    assert time.monotonic() - began < 2.5
    assert [finding.verdict for finding in findings] == [Verdict.FAULT] * len(checks) + [Verdict.OK]
    assert "no answer within 0 seconds" in findings[0].found


def test_no_secret_gets_into_a_finding(settings: Any) -> None:
    settings.TIKTOK_CLIENT_SECRET = "the-client-secret"
    settings.REDIS_URL = "redis://:redis%2Dpassword@localhost/0"
    settings.DATABASES["default"]["PASSWORD"] = "database-password"
    secrets = ["the-client-secret", "redis-password", "database-password", settings.SECRET_KEY]
    secrets += settings.TOKEN_ENCRYPTION_KEYS
    try:

        def telling() -> Outcome:
            raise RuntimeError(" ".join(reversed(secrets)))

        check = Check("telling", "Telling", lambda: warning(secrets[0], secrets[1]))
        told = run_checks([Check("raising", "Raising", telling), check])
    finally:
        settings.DATABASES["default"]["PASSWORD"] = ""
    for finding in told:
        assert not [secret for secret in secrets if secret in finding.found + finding.cure]
    assert (told[1].found, told[1].cure) == ("…", "…")


def test_what_is_no_secret_stays(settings: Any) -> None:
    # None, as an address without a password has it.
    settings.DATABASES["default"]["PASSWORD"] = None
    assert without_secrets(f"{settings.PUBLIC_URL} is fine") == f"{settings.PUBLIC_URL} is fine"


@pytest.mark.parametrize(
    ("verdicts", "worst"),
    [
        ([], Verdict.OK),
        ([Verdict.OK, Verdict.WARNING], Verdict.WARNING),
        ([Verdict.FAULT, Verdict.WARNING, Verdict.OK], Verdict.FAULT),
    ],
)
def test_the_worst_decides(verdicts: list[Verdict], worst: Verdict) -> None:
    assert worst_of(Finding("a", "A", verdict, "") for verdict in verdicts) == worst


def test_faults_come_before_warnings() -> None:
    mild, grave = warning("mild", "x"), fault("grave", "x")
    assert first_wrong(None, mild, grave, otherwise=fine()) == grave
    assert first_wrong(None, mild, otherwise=fine()) == mild
    assert first_wrong(None, otherwise=fine()) == fine()


def test_the_summary_counts() -> None:
    findings = tuple(Finding("a", "A", verdict, "") for verdict in (Verdict.FAULT, Verdict.OK, Verdict.OK))
    assert Report((Section("s", findings),)).summary == "1 fault, 0 warnings, 2 ok"


def test_every_check_has_a_name_of_its_own() -> None:
    slugs = [check.slug for family in FAMILIES for check in family.checks]
    assert len(set(slugs)) == len(slugs)
    assert all(slug == slug.lower() and " " not in slug for slug in slugs)
