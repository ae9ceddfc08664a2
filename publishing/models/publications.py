"""The sending side of a post: the row that says what to do next, its lease, and the one writer of its state."""

import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import Case, Exists, F, Max, OuterRef, Q, Value, When, Window
from django.db.models.functions import Now, RowNumber

from accounts.clock import database_now
from accounts.models import AccountMove, AccountState, TikTokAccount, User, Workspace
from accounts.tokens import REFRESH_BEFORE_END
from composer.models import Consent, Post
from publishing.states import RESTING_STATES, State, is_allowed

from .attempts import Attempt, AttemptOutcome, Event, EventKind, Gate
from .telling import is_told, tell_of_move

# A step that reads the whole file, to hash or to send it.
_READING_STATES = (State.STARTING, State.UPLOADING)


class LeaseLostError(Exception):
    """Somebody else has the publication, or a person stopped it: touch nothing more, at TikTok least of all."""


@dataclass(frozen=True)
class Lease:
    """The right to act on one publication; every write carries its token and stops when it matches no row."""

    publication_id: int
    token: uuid.UUID
    epoch: int
    now: datetime  # the database's clock at the claim
    seconds: float


class PublicationQuerySet(models.QuerySet["Publication"]):
    def visible_to(self, user: User) -> Self:
        """The publications of the workspaces this person belongs to."""
        return self.filter(workspace__memberships__user=user)

    def due(self, now: datetime) -> Self:
        """Those with a step to take now and nobody at it, the longest waiting first."""
        rows = self._with_a_step_to_take(now).filter(Q(lease_until__isnull=True) | Q(lease_until__lt=now))
        return rows.order_by("next_try_at", "pk")

    def _with_a_step_to_take(self, now: datetime) -> Self:
        """By the index `publication_due`: what is due, whether somebody is at it or not."""
        return self.exclude(state__in=RESTING_STATES).filter(next_try_at__lte=now)

    def on_large_files(self, *, is_large: bool) -> Self:
        """Those whose next step reads a large file whole (PUBLISHING_LARGE_BYTES), or else all others."""
        large = Q(state__in=_READING_STATES, consent__media__size_bytes__gt=settings.PUBLISHING_LARGE_BYTES)
        return self.filter(large if is_large else ~large)

    def to_hand_out(self, now: datetime, *, per_account: int, most: int) -> list[int]:
        """Keys of what is due and has no message on its way, in the order in which they should go.

        Every workspace has a turn before one has its second, whatever waits longest; what it has under way counts as
        turns it has had. Within a workspace what has been begun goes before what has not: behind thousands that wait
        a post at TikTok would lose its upload URL, and one whose worker died would lie there for long. Of one account
        `per_account` may be under way: who waits for a TikTok that does not answer about one creator keeps nobody
        else's posts waiting.
        """
        is_under_way = Q(lease_until__gte=now) | Q(handed_out_until__gte=now)
        # A lease that ran out was a dead worker's: whoever ends a step gives it back.
        is_begun = Q(state__in=(State.UPLOADING, State.PROCESSING)) | Q(lease_until__lt=now)
        order = (
            F("is_under_way").desc(),
            F("is_begun").desc(),
            F("next_try_at").asc(),
            F("pk").asc(),
        )
        rows = (
            self._with_a_step_to_take(now)
            .annotate(
                is_under_way=Case(When(is_under_way, then=Value(1)), default=Value(0)),
                is_begun=Case(When(is_begun, then=Value(1)), default=Value(0)),
            )
            .annotate(
                turn=Window(RowNumber(), partition_by=F("workspace_id"), order_by=order),
                turn_of_account=Window(RowNumber(), partition_by=F("account_id"), order_by=order),
            )
            .filter(turn_of_account__lte=per_account)
            .order_by("is_under_way", "turn", "next_try_at", "pk")
        )
        found = rows.values_list("pk", "is_under_way")[:most]
        return [pk for pk, under_way in found if not under_way]

    def due_on_schedule(self, now: datetime) -> Self:
        """What is due and has not left the schedule, with no message on its way and nobody at it."""
        free = Q(handed_out_until__isnull=True) | Q(handed_out_until__lt=now)
        return self.due(now).filter(free, state=State.SCHEDULED)

    def by_turns(self) -> Self:
        """Every workspace has a turn before one has its second, and within one the longest waiting goes first."""
        order = (F("next_try_at").asc(), F("pk").asc())
        turn = Window(RowNumber(), partition_by=F("workspace_id"), order_by=order)
        return self.annotate(turn=turn).order_by("turn", "next_try_at", "pk")

    def handed_out(self, now: datetime) -> Self:
        """Those that a message is on its way for."""
        return self._with_a_step_to_take(now).filter(handed_out_until__gte=now)

    def hand_out(self, pks: Iterable[int], *, now: datetime, until: datetime) -> list[int]:
        """Note that messages are on their way; returns those that are ours, in the order given.

        A row that another sweep or a worker holds is theirs: nobody is waited for, and nobody waits long for us,
        because two statements take them all.
        """
        pks = list(pks)
        if not pks:
            return []
        free = self.due(now).filter(pk__in=pks)
        free = free.filter(Q(handed_out_until__isnull=True) | Q(handed_out_until__lt=now))
        with transaction.atomic():
            locked = free.order_by("pk").select_for_update(skip_locked=True)
            ours = set(locked.values_list("pk", flat=True))
            self.filter(pk__in=ours).update(handed_out_until=until)
        return [pk for pk in pks if pk in ours]

    def take_back(self, pks: Iterable[int]) -> None:
        """Their messages could not be sent: hand them out again with the next sweep."""
        self.filter(pk__in=list(pks), lease_token__isnull=True).update(handed_out_until=None)

    def needing_tokens(self, now: datetime, *, within: timedelta) -> "models.QuerySet[Publication, Any]":
        """Accounts (key, until when) whose access token ends before posts that are due soon can be sent with it.

        Not those that were given a fresh one within that time: it lasts no longer.
        """
        soon = self.filter(state=State.SCHEDULED, next_try_at__gt=now, next_try_at__lte=now + within).filter(
            account__state=AccountState.CONNECTED,
            account__client_key=settings.TIKTOK_CLIENT_KEY,
            account__tokens__access_expires_at__lt=F("next_try_at") + REFRESH_BEFORE_END,
            account__tokens__refreshed_at__lte=now - within,
        )
        accounts = soon.order_by().values_list("account_id").annotate(last_at=Max("next_try_at"))
        return accounts.order_by("last_at", "account_id")

    def waiting_for_a_moved_account(self) -> Self:
        """Not yet at TikTok, and the account has gone to another workspace."""
        # By way of the accounts that ever moved, which are few, and asked for first: PostgreSQL would rather walk
        # through every publication there is (0.6 s of a million), four times a second.
        moved = list(AccountMove.objects.filter(confirmed_at__isnull=False).values_list("account", flat=True))
        if not moved:
            return self.none()
        waiting = self.filter(
            account__in=moved, state__in=[State.SCHEDULED, State.WAITING_RECONNECT]
        ).order_by()
        return waiting.exclude(account__workspace=F("workspace")).exclude(self._may_be_public())

    def waiting_for_a_connected_account(self, now: datetime) -> Self:
        """Waiting for a reconnection that has happened.

        With a moved account only those that may be on TikTok already: nothing more is sent for them, but what
        became of them is still asked. One whose account had seemed connected all along waits for `next_try_at`,
        or for somebody who connects it anew.
        """
        waiting = self.filter(
            state=State.WAITING_RECONNECT,
            account__state=AccountState.CONNECTED,
            account__client_key=settings.TIKTOK_CLIENT_KEY,
        ).filter(
            Q(next_try_at__isnull=True)
            | Q(next_try_at__lte=now)
            | Q(account__connected_at__gt=F("updated_at"))
        )
        return waiting.filter(Q(account__workspace=F("workspace")) | self._may_be_public())

    @staticmethod
    def _may_be_public() -> Q:
        open_attempts = Attempt.objects.filter(publication=OuterRef("pk")).exclude(
            outcome=AttemptOutcome.FAILED
        )
        return Q(Exists(open_attempts.filter(Q(final_intent_at__isnull=False) | Q(gate=Gate.OPEN))))

    def claim(self, pk: int, *, seconds: float) -> Lease | None:
        """Take the lease on one due publication; None when it is not due or somebody has it."""
        now = database_now()
        token = uuid.uuid4()
        claimed = (
            self.due(now)
            .order_by()
            .filter(pk=pk)
            .update(
                lease_token=token,
                lease_until=now + timedelta(seconds=seconds),
                lease_epoch=F("lease_epoch") + 1,
                handed_out_until=None,
                version=F("version") + 1,
            )
        )
        if not claimed:
            return None
        epoch = self.values_list("lease_epoch", flat=True).get(pk=pk)
        return Lease(publication_id=pk, token=token, epoch=epoch, now=now, seconds=seconds)

    def renew(self, lease: Lease) -> bool:
        """Push the lease's end out; False means that it is lost."""
        until = database_now() + timedelta(seconds=lease.seconds)
        return bool(
            self.filter(pk=lease.publication_id, lease_token=lease.token).update(
                lease_until=until, version=F("version") + 1
            )
        )

    @contextmanager
    def fenced(self, lease: Lease) -> Iterator[None]:
        """A transaction whose writes happen only under the lease: raises LeaseLostError, and rolls back, without.

        Taking the row first also orders it against a person's *Cancel*, which takes the same row.
        """
        with transaction.atomic():
            if not self.renew(lease):
                raise LeaseLostError
            yield

    def move(
        self,
        pk: int,
        from_: State,
        to: State,
        *,
        lease: Lease | None = None,
        person: User | None = None,
        reason: str = "",
        attempt: "Attempt | None" = None,
        detail: dict[str, Any] | None = None,
        **fields: Any,
    ) -> bool:
        """Move a publication from one state to another; with `move_together` the only writer of `state`.

        Under the row's lock, and for the engine only under its lease: an event first, then the state, in one
        transaction; the lease ends. The database refuses any change of state that no event of that very version
        tells of (publishing/guarantees.py). False means that the row is no longer as thought: stop. A person's
        move needs no lease and takes the publication away from whoever holds one. Raises ValueError for a move
        that the table does not know. Who is to be told of the move is told in the same transaction.
        """
        if not is_allowed(from_, to, by_person=person is not None):
            raise ValueError(f"No move from {from_} to {to}.")
        rows = self.filter(pk=pk, state=from_)
        if lease is not None:
            rows = rows.filter(lease_token=lease.token)
        with transaction.atomic():
            version = rows.select_for_update().values_list("version", flat=True).first()
            if version is None:
                return False
            [event] = self._write_move(
                {pk: version},
                Event(
                    attempt=attempt,
                    kind=EventKind.PERSON if person else EventKind.MOVE,
                    name=to,
                    from_state=from_,
                    to_state=to,
                    code=reason,
                    person=person,
                    detail=detail or {},
                ),
                fields,
            )
            if is_told(from_, to):
                tell_of_move(
                    self.model.objects.select_related("account", "consent__media").get(pk=pk),
                    from_,
                    event_id=event.pk,
                    by_person=person is not None,
                    now=database_now(),
                )
        return True

    def move_together(self, rows: Iterable["Publication"], from_: State, to: State, **fields: Any) -> None:
        """The same move for many at once, of the engine's own and of those that nobody is told of.

        The caller's transaction has locked the rows as they are given. Whoever held a lease on one has lost it.
        """
        if not is_allowed(from_, to, by_person=False) or is_told(from_, to):
            raise ValueError(f"No move from {from_} to {to} for many at once.")
        event = Event(kind=EventKind.MOVE, name=to, from_state=from_, to_state=to)
        self._write_move({row.pk: row.version for row in rows}, event, fields)

    def _write_move(self, versions: Mapping[int, int], event: Event, fields: dict[str, Any]) -> list[Event]:
        """Under the rows' locks, by key and version: first an event for each, like that one, then the rows."""
        events = []
        for pk, version in versions.items():
            each = copy(event)
            each.publication_id, each.version = pk, version + 1
            events.append(each)
        events = Event.objects.bulk_create(events)
        self.filter(pk__in=versions).update(
            state=event.to_state,
            reason=event.code,
            lease_token=None,
            lease_until=None,
            version=F("version") + 1,
            updated_at=Now(),
            **{"waiting_for": "", **fields},
        )
        return events

    def settle(self, lease: Lease, *, next_try_at: datetime | Case | None, **fields: Any) -> bool:
        """End a step that stays in its state: write when the next one is due and give the lease back."""
        return bool(
            self.filter(pk=lease.publication_id, lease_token=lease.token).update(
                next_try_at=next_try_at,
                lease_token=None,
                lease_until=None,
                version=F("version") + 1,
                updated_at=Now(),
                **fields,
            )
        )


class Publication(models.Model):
    """The sending side of a post: where it stands, when the next step is due, who is at it."""

    post = models.OneToOneField(Post, on_delete=models.PROTECT, related_name="publication")
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="publications")
    account = models.ForeignKey(TikTokAccount, on_delete=models.PROTECT, related_name="publications")
    consent = models.ForeignKey(Consent, on_delete=models.PROTECT, related_name="publications")
    state = models.CharField(max_length=20, default=State.SCHEDULED)
    # Why it rests where it rests: TikTok's error code or fail_reason, or a word of ours (publishing/explanations.py).
    reason = models.CharField(max_length=100, blank=True)
    tiktok_log_id = models.CharField(max_length=100, blank=True)
    due_at = models.DateTimeField()
    time_zone = models.CharField(max_length=64, default="UTC")
    # When the next step is due; null while only a person or the account can bring it on.
    next_try_at = models.DateTimeField(null=True, blank=True)
    # Retries in a row without progress.
    tries = models.PositiveIntegerField(default=0)
    # What it waits for, where the page should say so (publishing/steps.py); empty while it simply goes on.
    waiting_for = models.CharField(max_length=20, blank=True)
    # How many attempts stood before a person last asked for one: the limit counts from there.
    attempts_before = models.PositiveIntegerField(default=0)
    # Until when the sweep believes the message it sent to be on its way; the claim clears it.
    handed_out_until = models.DateTimeField(null=True, blank=True)
    lease_token = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    lease_epoch = models.BigIntegerField(default=0)
    version = models.BigIntegerField(default=1)
    # A person wants it stopped although TikTok may publish it: TikTok is asked to cancel (publishing/cancelling.py).
    cancel_asked_at = models.DateTimeField(null=True, blank=True)
    # How TikTok answered that: empty until it has, "ok", or the code of its refusal.
    cancel_answer = models.CharField(max_length=100, blank=True)
    # TikTok's post ids as strings, none until TikTok names one (public posts only, after moderation).
    post_ids = models.JSONField(default=list)
    # An event of TikTok's has it asked once more, where it would not be asked by itself; cleared by that step.
    hinted_at = models.DateTimeField(null=True, blank=True)
    # When TikTok had put it into the creator's inbox.
    delivered_at = models.DateTimeField(null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())

    objects = PublicationQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [
            # The sweep's index; the states are literals so that the planner can match it.
            models.Index(
                fields=["next_try_at", "id"],
                name="publication_due",
                condition=Q(next_try_at__isnull=False),
            ),
            # What the sweep looks through for accounts that are connected again.
            models.Index(
                fields=["account"],
                name="publication_reconnect",
                condition=Q(state=State.WAITING_RECONNECT.value),
            ),
            models.Index(fields=["workspace", "-id"], name="publication_newest"),
            models.Index(fields=["workspace", "due_at"], name="publication_calendar"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[s.value for s in State]), name="publication_state_known"
            ),
            models.CheckConstraint(
                condition=Q(lease_token__isnull=True, lease_until__isnull=True)
                | Q(lease_token__isnull=False, lease_until__isnull=False),
                name="publication_lease_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"publication {self.pk} ({self.state})"
