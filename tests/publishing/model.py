"""A post's life as a machine that hypothesis plays: people, workers, faults and TikTok in any order.

After every rule the truth, which is TikTok's ledger, is held against what the rows say.
"""

import itertools
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass

import pytest
from django.test import Client
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule

from accounts.clock import database_now
from accounts.models import AccountState, TikTokAccount, User
from composer.judging import ask_about, rule_on_post
from composer.models import MediaFile, Post
from publishing.engine import advance
from publishing.models import Attempt, Publication, Route
from publishing.services import (
    NotPossibleError,
    cancel_publication,
    hold_moved_away,
    publish_post,
    reopen_post,
    resume_reconnected,
    try_again,
)
from publishing.starting import leave_together
from publishing.states import FINAL_STATES, RESTING_STATES, State
from tests.consent import connect
from tests.factories import make_carousel, make_media, make_photo, make_post, make_publication
from tests.processes import Simulator
from tests.publishing.crashing import Crash, die, in_another_worker, let_time_pass, points
from tests.publishing.driving import skip_wait
from tests.publishing.ways import LANDED
from tiktok import CreatorInfo

CREATOR = "poppy.public"
# Nothing of a post in these is, or ever comes to be, on TikTok.
NOT_THERE = {State.DRAFT, State.SCHEDULED, State.HELD, State.FAILED, State.CANCELLED}
CALLS = ("creator_info", "video_init", "inbox_init", "content_init", "chunk", "status", "refresh")
LOSSES = ("reset_before", "drop_before", "reset_after", "drop_after", "truncated", "html")
# More than any single step passes.
POINTS = st.integers(0, 40)
LONGEST_END = 60


@dataclass
class World:
    """What all plays share: one database, one simulated TikTok, one person with one account."""

    simulator: Simulator
    account: TikTokAccount
    user: User
    client: Client
    film: bytes
    photo: bytes
    numbers: "itertools.count[int]"

    def film_of_its_own(self) -> MediaFile:
        """The film with a tail that only this post has, so that the ledger tells the posts apart."""
        content = self.film + next(self.numbers).to_bytes(8, "big")
        return make_media(self.account.workspace, content=content, duration_ms=1500)

    def photos_of_its_own(self) -> list[MediaFile]:
        """Two photos; what stands behind a JPEG's end changes no picture."""
        contents = [self.photo + next(self.numbers).to_bytes(8, "big") for _ in range(2)]
        return [make_photo(self.account.workspace, content=content) for content in contents]


def machine_in(world: World) -> type[RuleBasedStateMachine]:
    """The machine for a world; hypothesis makes one for every play."""

    class PostsInAnyOrder(Posts):
        def __init__(self) -> None:
            super().__init__(world)

    return PostsInAnyOrder


class Posts(RuleBasedStateMachine):
    """Some posts of one account, and everything that may happen to them."""

    posts = Bundle("posts")

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world
        self.keys: dict[int, str] = {}  # publication → the hash TikTok has when it has all of it
        self.patch = pytest.MonkeyPatch()
        self.is_removed = False  # by the creator, in TikTok's own settings
        world.simulator.clear_faults()
        self._connect()

    # --- People -------------------------------------------------------------------------------------------------

    @initialize(target=posts, route=st.sampled_from(list(Route)[:4]))
    def first(self, route: Route) -> int:
        return self._new(route)

    @rule(target=posts, route=st.sampled_from(list(Route)[:4]))
    def schedule(self, route: Route) -> object:
        return self._new(route) if len(self.keys) < 4 else multiple()

    @rule(post=posts)
    def edit_and_post_anew(self, post: int) -> None:
        publication = self._get(post)
        with suppress(NotPossibleError):
            if publication.state != State.DRAFT:
                reopen_post(publication, user=self.world.user)
            draft = Post.objects.get(pk=publication.post_id)
            now = database_now()
            answer = ask_about(draft, now=now)
            creator = answer if isinstance(answer, CreatorInfo) else None
            ruling = rule_on_post(draft, answer)
            publish_post(draft, user=self.world.user, creator=creator, ruling=ruling, now=now)

    @rule(post=posts)
    def cancel(self, post: int) -> None:
        with suppress(NotPossibleError):
            cancel_publication(self._get(post), user=self.world.user)

    @rule(post=posts)
    def press_try_again(self, post: int) -> None:
        with suppress(NotPossibleError):
            try_again(self._get(post), user=self.world.user, now=database_now())

    @rule()
    def reconnect(self) -> None:
        self._connect()

    # --- Workers ------------------------------------------------------------------------------------------------

    @rule(post=posts)
    def due(self, post: int) -> None:
        skip_wait(self._get(post))

    @rule(post=posts)
    def time_passes(self, post: int) -> None:
        let_time_pass(self._get(post))

    @rule(post=posts)
    def step(self, post: int) -> None:
        skip_wait(self._get(post))
        advance(post)

    @rule(post=posts, point=POINTS)
    def crash(self, post: int, point: int) -> None:
        let_time_pass(self._get(post))
        with points(self.patch, point, die), suppress(Crash):
            advance(post)

    @rule(post=posts, point=POINTS, steps=st.integers(1, 4))
    def freeze_while_others_work(self, post: int, point: int, steps: int) -> None:
        def others(name: str) -> None:
            if not name.startswith("after "):
                return  # a transaction may be open: who is frozen inside one lets nobody in
            for _ in range(steps):
                in_another_worker(lambda: let_time_pass(self._get(post)))
                in_another_worker(lambda: advance(post))

        let_time_pass(self._get(post))
        with points(self.patch, point, others):
            advance(post)

    @rule()
    def sweep(self) -> None:
        hold_moved_away()
        resume_reconnected(database_now())
        leave_together(database_now())

    @rule(post=posts, point=st.integers(0, 1))
    def crash_the_sweep(self, post: int, point: int) -> None:
        let_time_pass(self._get(post))
        with points(self.patch, point, die), suppress(Crash):
            leave_together(database_now())

    # --- TikTok and the line to it ------------------------------------------------------------------------------

    @rule(call=st.sampled_from(CALLS), loss=st.sampled_from(LOSSES))
    def lose(self, call: str, loss: str) -> None:
        self.world.simulator.fault(call, loss)

    @rule(call=st.sampled_from(CALLS))
    def answer_with_an_error(self, call: str) -> None:
        self.world.simulator.fault(call, "http", status=503, done=True)

    @rule()
    def fail_inside_tiktok(self) -> None:
        self.world.simulator.fault("status", "fail_reason", reason="internal")

    @rule()
    def expire_the_token(self) -> None:
        self.world.simulator.expire(CREATOR)

    @rule()
    def remove_the_app(self) -> None:
        self.world.simulator.revoke(CREATOR)
        self.is_removed = True

    # --- What must hold -----------------------------------------------------------------------------------------

    @invariant()
    def rows_and_ledger_agree(self) -> None:
        there = self._landings()
        for publication in Publication.objects.filter(pk__in=self.keys):
            landed = there[self.keys[publication.pk]]
            assert landed <= 1, f"{publication} stands on TikTok {landed} times"
            state = State(publication.state)
            if state in {State.PUBLISHED, State.IN_INBOX}:
                assert landed == 1, f"{publication} is not on TikTok"
            if state in NOT_THERE:
                assert landed == 0, f"{publication} is on TikTok"
            assert state not in FINAL_STATES or publication.lease_token is None, f"{publication} is leased"
            attempts: list[Attempt] = list(publication.attempts.all())
            assert sum(attempt.may_be_public for attempt in attempts) <= 1

    def teardown(self) -> None:
        """Once nothing disturbs any more, every post comes to an end that says the truth."""
        try:
            self.world.simulator.clear_faults()
            self._connect()
            for post in self.keys:
                self._finish(post)
            self.rows_and_ledger_agree()
        finally:
            self.patch.undo()

    # --- Helpers ------------------------------------------------------------------------------------------------

    def _new(self, route: Route) -> int:
        world, number = self.world, next(self.world.numbers)
        fields = {
            "account": world.account,
            "caption": f"n{number}",
            "destination": "inbox" if route.is_inbox else "direct",
        }
        if route.has_photos:
            photos = world.photos_of_its_own()
            key = photos[0].sha256
            post = make_carousel(world.account.workspace, photos=photos, **fields)
        else:
            film = world.film_of_its_own()
            key = film.sha256
            post = make_post(world.account.workspace, media=film, **fields)
        publication = make_publication(post, user=world.user, next_try_at=database_now())
        self.keys[publication.pk] = key
        return publication.pk

    def _get(self, post: int) -> Publication:
        return Publication.objects.select_related("account", "consent", "post").get(pk=post)

    def _connect(self) -> None:
        account = TikTokAccount.objects.get(pk=self.world.account.pk)
        if account.state != AccountState.CONNECTED or self.is_removed:
            connect(self.world.client, CREATOR)
            self.is_removed = False
        resume_reconnected(database_now())

    def _landings(self) -> Counter[str]:
        """How often each post stands on TikTok, on the profile or in the inbox, by the hash of its first file."""
        there: Counter[str] = Counter()
        for post in self.world.simulator.posts():
            if post["status"] in LANDED:
                key = post["photos"][0]["sha256"] if post["photos"] else post["sha256"]
                there[key] += max(1, len(post["landings"]))
        return there

    def _finish(self, post: int) -> None:
        for _ in range(LONGEST_END):
            publication = self._get(post)
            if publication.state in RESTING_STATES | {State.PUBLISHED, State.IN_INBOX}:
                return
            let_time_pass(publication)
            advance(post)
            if publication.state == State.PROCESSING:
                time.sleep(0.05)  # TikTok looks at the files in the meantime
        raise AssertionError(f"{self._get(post)} does not come to an end")
