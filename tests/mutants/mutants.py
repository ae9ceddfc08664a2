"""The ways in which a publisher loses or doubles posts, as changes to our code, and the tests that must notice."""

from dataclasses import dataclass

CRASH = "tests/publishing/test_crash_points.py::"
DIES = CRASH + "test_a_worker_that_dies_at_any_point_neither_loses_nor_doubles_the_post"
FREEZES = CRASH + "test_a_worker_that_freezes_at_any_point_and_wakes_up_when_all_is_done_changes_nothing"
LOSES = CRASH + "test_a_lost_request_or_answer_costs_an_announcement_and_never_a_post"
HINTS = "tests/publishing/test_webhook_hints.py::"
SENDING = "tests/publishing/test_sending_a_video.py::"


@dataclass(frozen=True)
class Change:
    """In this file, `old`, which stands there exactly once, becomes `new`."""

    path: str
    old: str
    new: str


@dataclass(frozen=True)
class Mutant:
    """One thing forgotten or done wrong; `tests` are those that must not pass any more, the quickest first."""

    name: str
    changes: tuple[Change, ...]
    tests: tuple[str, ...]


def forgotten(point: str, what: str, test: str, *changes: Change) -> Mutant:
    """What a line of docs/tiktok-review.md says, kept no more, and the test of that line that must not pass."""
    return Mutant(f"list {point}: {what}", changes, (test,))


PUBLICATIONS = "publishing/models/publications.py"

MUTANTS = (
    Mutant(
        "fencing dropped: workers write without showing their lease",
        (
            Change(
                PUBLICATIONS,
                "rows = rows.filter(lease_token=lease.token)",
                "rows = rows.filter(pk=pk)",
            ),
            Change(
                PUBLICATIONS,
                "self.filter(pk=lease.publication_id, lease_token=lease.token).update(\n"
                "                lease_until=until,",
                "self.filter(pk=lease.publication_id).update(\n                lease_until=until,",
            ),
            Change(
                PUBLICATIONS,
                "self.filter(pk=lease.publication_id, lease_token=lease.token).update(\n"
                "                next_try_at=next_try_at,",
                "self.filter(pk=lease.publication_id).update(\n                next_try_at=next_try_at,",
            ),
        ),
        (FREEZES + "[video_file]",),
    ),
    Mutant(
        "claim without a look at the lease: two workers have it at once",
        (
            Change(
                PUBLICATIONS,
                "rows = self._with_a_step_to_take(now).filter("
                "Q(lease_until__isnull=True) | Q(lease_until__lt=now))\n"
                "        return rows",
                "rows = self._with_a_step_to_take(now)\n        return rows",
            ),
        ),
        ("tests/publishing/test_guarantees.py::test_one_of_many_gets_the_lease",),
    ),
    Mutant(
        "heartbeat forgotten: a lease ends under a worker that is alive",
        (
            Change("publishing/heartbeats.py", "        self._thread.start()\n", "        pass\n"),
            Change("publishing/heartbeats.py", "        self._thread.join()\n", "        pass\n"),
        ),
        ("tests/publishing/test_heartbeats.py", "tests/publishing/test_interruptions.py"),
    ),
    Mutant(
        "worker's clock instead of the database's",
        (
            Change(
                "accounts/clock.py",
                "    with connection.cursor() as cursor:",
                "    return datetime.now(UTC)\n    with connection.cursor() as cursor:",
            ),
        ),
        ("tests/publishing/test_guarantees.py::test_a_workers_wrong_clock_makes_nothing_due",),
    ),
    Mutant(
        "the database allows two attempts that may become public",
        (
            Change(
                "publishing/migrations/0001_initial.py",
                'fields=("publication",),\n                name="attempt_one_public"',
                'fields=("publication", "number"),\n                name="attempt_one_public"',
            ),
        ),
        ("tests/publishing/test_guarantees.py::test_a_second_attempt_that_may_become_public_is_refused",),
    ),
    Mutant(
        "intent to send the last chunk written after it was sent",
        (
            Change(
                "publishing/sending.py",
                "        if obstacle is None:\n            self._note_final_intent()\n        return obstacle",
                "        return obstacle",
            ),
            Change(
                "publishing/sending.py",
                "            attempt.next_byte = attempt.bytes_sent = attempt.total_bytes\n",
                "            attempt.final_intent_at = attempt.final_intent_at or database_now()\n"
                "            attempt.next_byte = attempt.bytes_sent = attempt.total_bytes\n",
            ),
            Change(
                "publishing/sending.py",
                'attempt.save(update_fields=["next_byte", "bytes_sent", "upload_finished_at"])',
                'attempt.save(update_fields=["next_byte", "bytes_sent", "upload_finished_at", "final_intent_at"])',
            ),
        ),
        (SENDING + "test_a_lost_answer_to_the_last_chunk_never_makes_a_second_init", DIES + "[video_file]"),
    ),
    Mutant(
        "blind init after a chunk whose answer was lost",
        (
            Change(
                "publishing/sending.py",
                "            return Stay(\n"
                "                after=gap_seconds(0 if has_moved else step.publication.tries),\n"
                "                is_progress=False,\n"
                "                is_first_try=has_moved,\n"
                "                write=lambda: _store_progress(attempt, progress),\n"
                "            )",
                "            gap = gap_seconds(step.publication.tries)\n"
                "            return Go(State.STARTING, after=gap, write=lambda: end_attempt(attempt, step, 'lost'))",
            ),
        ),
        (SENDING + "test_a_lost_answer_to_the_last_chunk_never_makes_a_second_init",),
    ),
    Mutant(
        "publish_id stored late: the gate opens in a transaction of its own before",
        (
            Change(
                "publishing/init_pull.py",
                "    at = database_now()\n\n    def write() -> None:",
                "    at = database_now()\n"
                "    Attempt.objects.filter(pk=attempt.pk).update(gate=Gate.OPEN, gate_opened_at=at)\n\n"
                "    def write() -> None:",
            ),
        ),
        (DIES + "[photos]",),
    ),
    Mutant(
        "commit gate always open",
        (
            Change(
                "publishing/pulls.py",
                "    return Gate(gate) if outcome == AttemptOutcome.OPEN and gate != Gate.NONE else Gate.REVOKED",
                "    return Gate.OPEN",
            ),
            Change(
                "publishing/pulls.py",
                "    return is_going_on and now - attempt.init_started_at < LIFE",
                "    return now - attempt.init_started_at < LIFE",
            ),
        ),
        (LOSES + "[drop_after-photos]", DIES + "[photos]"),
    ),
    Mutant(
        "one lost answer turns the commit gate off",
        (Change("publishing/gates.py", "DOUBTS_THAT_PROVE = 3", "DOUBTS_THAT_PROVE = 1"),),
        (
            "tests/publishing/test_commit_gate.py::test_a_lost_answer_after_a_long_wait_leaves_the_gate_as_it_is[photos]",
        ),
    ),
    Mutant(
        "a dead token while TikTok processes leads back to init",
        (
            Change(
                "publishing/polling.py",
                "        access_token_for(account, now=now, stale=token)\n"
                "        return Stay(after=_gap(step), is_progress=False)",
                "        access_token_for(account, now=now, stale=token)\n"
                "        return Go(State.STARTING, after=0, write=lambda: end_attempt(attempt, step, 'token'))",
            ),
        ),
        (SENDING + "test_an_access_token_that_dies_while_tiktok_processes_leads_back_to_the_same_question",),
    ),
    Mutant(
        "accepted taken for published",
        (
            Change(
                "publishing/polling.py",
                "        case word if word in WAITING:\n",
                "        case word if word in WAITING and attempt.upload_finished_at:\n"
                "            return complete(step, attempt, state)\n"
                "        case word if word in WAITING:\n",
            ),
        ),
        (SENDING + "test_what_tiktok_has_accepted_is_not_yet_published",),
    ),
    Mutant(
        "a failure that TikTok forbids to repeat is repeated",
        (
            Change(
                "publishing/polling.py",
                "    is_safe_to_repeat = reason in RETRYABLE_FAILURES and",
                "    is_safe_to_repeat =",
            ),
        ),
        ("tests/publishing/test_tiktoks_refusals.py",),
    ),
    Mutant(
        "refresh without its lock",
        (
            Change(
                "accounts/tokens.py",
                "    if not _claim(pair, now=now):\n        token =",
                "    if not _claim(pair, now=now) and False:\n        token =",
            ),
        ),
        ("tests/accounts/test_refresh_race.py::test_sixteen_callers_make_one_refresh",),
    ),
    Mutant(
        "refreshed tokens written in two statements",
        (
            Change(
                "accounts/tokens.py",
                "    with transaction.atomic(durable=True):\n        stored = TokenPair",
                "    first = {'access_token_sealed': _seal(account, 'access', grant.access_token)}\n"
                "    with transaction.atomic(durable=True):\n"
                "        TokenPair.objects.filter(pk=pair.pk, version=pair.version).update(**first)\n"
                "    with transaction.atomic(durable=True):\n        stored = TokenPair",
            ),
        ),
        ("tests/accounts/test_refresh_dies.py",),
    ),
    Mutant(
        "a webhook moves the post by itself",
        (
            Change(
                "publishing/webhooks.py",
                "        return _hurry(attempt, now=now)",
                "        if webhook.name == WebhookName.PUBLISH_COMPLETE:\n"
                "            state = State(attempt.publication.state)\n"
                "            Publication.objects.move(attempt.publication_id, state, State.PUBLISHED)\n"
                "        return _hurry(attempt, now=now)",
            ),
        ),
        (HINTS + "test_every_event_about_a_post_makes_the_question_due_and_moves_nothing",),
    ),
    Mutant(
        "the limit for going out late ignored",
        (
            Change(
                "publishing/starting.py",
                "    return find_lateness(publication, now=now) or find_obstacle",
                "    return find_obstacle",
            ),
        ),
        ("tests/publishing/test_schedule.py",),
    ),
    Mutant(
        "what has to be held leaves the schedule with the others",
        (
            Change(
                "publishing/starting.py",
                "        return _find_what_holds(publication, now) is None",
                "        return True",
            ),
        ),
        ("tests/publishing/test_leaving_together.py",),
    ),
    Mutant(
        "what lay through an outage goes out however late",
        (
            Change(
                "publishing/starting.py",
                "    if was_left_alone(publication, now=step.now) and not _attempts_of(publication):",
                "    if False:",
            ),
        ),
        ("tests/publishing/test_leaving_together.py",),
    ),
)
