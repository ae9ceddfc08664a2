"""Every combination of choices, creator and client, held against the guideline said once more."""

from collections import defaultdict
from dataclasses import replace
from functools import cache
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from composer.rules import (
    DIRECT,
    INBOX,
    CannotPost,
    Choices,
    ConsentSnapshot,
    Media,
    MissingScope,
    NeedsReconnect,
    NoAccount,
    Readiness,
    Ruling,
    Unreachable,
    carousel_of,
    check_send,
    place_of,
    rule_on,
)
from tests.composer.people import (
    AUDITED,
    EVERYONE,
    FOG,
    FOLLOWERS,
    FRIENDS,
    NO_PULL,
    ONLY_ME,
    PHOTOS,
    POPPY,
    PRIYA,
    SEA,
    UNAUDITED,
    VIDEO,
    creator,
)
from tiktok.types import CreatorInfo

UNKNOWN = "CLOSE_FRIENDS"
LEVELS = ("", EVERYONE, FRIENDS, FOLLOWERS, ONLY_ME, UNKNOWN)

CREATORS = {
    "public": POPPY,
    "private": PRIYA,
    "public, comments off": creator(EVERYONE, FRIENDS, ONLY_ME, comment_disabled=True),
    "public, duet and stitch off": creator(
        EVERYONE, FRIENDS, ONLY_ME, duet_disabled=True, stitch_disabled=True
    ),
    "only me": creator(ONLY_ME),
    "followers and only me": creator(FOLLOWERS, ONLY_ME),
    "followers": creator(FOLLOWERS),
    "friends": creator(FRIENDS),
    "a new word beside the old": creator(UNKNOWN, EVERYONE, ONLY_ME),
    "a new word alone": creator(UNKNOWN),
    "nothing": creator(),
}
REFUSALS = {
    "no account": NoAccount(),
    "needs reconnecting": NeedsReconnect(),
    "no leave to post": MissingScope("video.publish"),
    "no leave to send drafts": MissingScope("video.upload"),
    "unreachable": Unreachable(),
    "too many posts": CannotPost("spam_risk_too_many_posts"),
    "too many people": CannotPost("reached_active_user_cap"),
    "banned": CannotPost("spam_risk_user_banned_from_posting"),
}
# What the label and the music change is nothing of the rules': they are set with every second combination.
CHOICES = tuple(
    Choices(
        "",
        level,
        *flags,
        destination=destination,
        is_aigc=flags.count(True) % 2 == 1,
        auto_add_music=flags.count(True) % 2 == 0,
    )
    for destination in (DIRECT, INBOX)
    for level in LEVELS
    for flags in product((False, True), repeat=6)
)
# A draft may last ten minutes, whatever the creator's own limit (60 s here); a direct post may not.
LONG = replace(VIDEO, duration_ms=600_000)
TOO_LONG = replace(VIDEO, duration_ms=600_001)
BAD_PHOTO = carousel_of([FOG, replace(SEA, readiness=Readiness.FIXABLE)])
INTERACTIONS = ("allow_comment", "allow_duet", "allow_stitch")

PROMOTIONAL = "Your photo/video will be labeled as 'Promotional content'"
PAID = "Your photo/video will be labeled as 'Paid partnership'"
MUSIC = "By posting, you agree to TikTok's Music Usage Confirmation."
POLICY_AND_MUSIC = "By posting, you agree to TikTok's Branded Content Policy and Music Usage Confirmation."

# By toggle, Your brand, Branded content.
LABELS_AND_DECLARATIONS = {
    (False, False, False): ("", MUSIC),
    (False, True, False): ("", MUSIC),
    (False, False, True): ("", MUSIC),
    (False, True, True): ("", MUSIC),
    (True, False, False): ("", MUSIC),
    (True, True, False): (PROMOTIONAL, MUSIC),
    (True, False, True): (PAID, POLICY_AND_MUSIC),
    (True, True, True): (PAID, POLICY_AND_MUSIC),
}

situations = pytest.mark.parametrize(
    ("answer", "media", "client"),
    [
        pytest.param(
            answer, media, client, id=f"{who}, {media.kind}, {'' if client.is_audited else 'un'}audited"
        )
        for (who, answer), media, client in product(
            {**CREATORS, **REFUSALS}.items(), (VIDEO, PHOTOS), (AUDITED, UNAUDITED)
        )
    ]
    + [
        pytest.param(POPPY, media, client, id=name)
        for name, media, client in (
            ("photos, nothing to fetch them from", PHOTOS, NO_PULL),
            ("video, nothing to fetch it from", VIDEO, NO_PULL),
            ("a photo to be fixed", BAD_PHOTO, AUDITED),
            ("no photo", carousel_of([]), AUDITED),
            ("36 photos", carousel_of([FOG] * 36), AUDITED),
            ("35 photos", carousel_of([FOG] * 35), AUDITED),
            ("ten minutes", LONG, AUDITED),
            ("a hair over ten minutes", TOO_LONG, AUDITED),
        )
    ],
)


@cache
def ruled(answer, media, choices, client) -> Ruling:
    return rule_on(answer, media, choices, client)


def tiktok_allows(answer, media, choices: Choices, client) -> bool:
    """The guideline said once more, as one condition."""
    if not are_files_fine(answer, media, choices, client):
        return False
    if choices.destination == INBOX:
        return is_draft_fine(answer)
    if not isinstance(answer, CreatorInfo):
        return False
    level = choices.privacy_level
    is_offered = level in answer.privacy_level_options and level in (EVERYONE, FRIENDS, FOLLOWERS, ONLY_ME)
    is_allowed_to_us = client.is_audited or (
        level == ONLY_ME and EVERYONE not in answer.privacy_level_options
    )
    is_comment_fine = not (choices.allow_comment and answer.comment_disabled)
    is_duet_fine = media.kind == "photo" or not (choices.allow_duet and answer.duet_disabled)
    is_stitch_fine = media.kind == "photo" or not (choices.allow_stitch and answer.stitch_disabled)
    is_disclosure_fine = not choices.discloses or choices.your_brand or choices.branded_content
    is_audience_fine = not (choices.discloses and choices.branded_content) or level in (EVERYONE, FRIENDS)
    return (
        is_offered
        and is_allowed_to_us
        and is_comment_fine
        and is_duet_fine
        and is_stitch_fine
        and is_disclosure_fine
        and is_audience_fine
    )


def are_files_fine(answer, media: Media, choices: Choices, client) -> bool:
    if media.kind == "photo":
        return client.can_pull and 1 <= len(media.photos) <= 35 and media.is_ready
    longest = answer.max_video_post_duration_sec if isinstance(answer, CreatorInfo) else 600
    return media.duration_ms <= (600 if choices.destination == INBOX else longest) * 1000


def is_draft_fine(answer) -> bool:
    """Whoever may be asked, or may not be asked only because they did not allow posts; caps on posts do not count."""
    caps_on_posts = (CannotPost("spam_risk_too_many_posts"), CannotPost("reached_active_user_cap"))
    return isinstance(answer, CreatorInfo) or answer in (MissingScope("video.publish"), *caps_on_posts)


def ticks_of(ruling: Ruling):
    return (*ruling.interactions, *ruling.disclosure.boxes)


def moves_from(choices: Choices, ruling: Ruling):
    """What the person can do on the page: every control that can be operated, as (control, choices after)."""
    yield "destination", replace(choices, destination=DIRECT if ruling.inbox else INBOX)
    if ruling.inbox:
        # Nothing else is on the page of a draft.
        return
    yield "discloses", replace(choices, discloses=not choices.discloses)
    for option in ruling.privacy_options:
        if not option.is_disabled:
            yield "privacy_level", replace(choices, privacy_level=option.value)
    for tick in ticks_of(ruling):
        if tick.is_shown and not tick.is_disabled:
            yield tick.name, replace(choices, **{tick.name: not tick.is_ticked})


@situations
def test_a_post_can_be_sent_exactly_when_tiktok_allows_it(answer, media, client):
    for choices in CHOICES:
        assert ruled(answer, media, choices, client).can_post is tiktok_allows(answer, media, choices, client)


@situations
def test_the_worker_decides_like_the_page(answer, media, client):
    for choices in CHOICES:
        ruling = ruled(answer, media, choices, client)
        consented = ConsentSnapshot(choices, ruling.declaration.text, media.sha256)
        blocks = check_send(consented, answer, media, client)
        # Nobody can have agreed to a post of nothing.
        if not media.sha256:
            assert blocks[-1].rule == "5c"
            blocks = blocks[:-1]
        assert blocks == ruling.blocks


@situations
def test_nothing_chosen_is_rewritten(answer, media, client):
    for choices in CHOICES:
        ruling = ruled(answer, media, choices, client)
        ticked = {tick.name: tick.is_ticked for tick in ticks_of(ruling)}
        assert all(getattr(choices, name) is is_ticked for name, is_ticked in ticked.items())
        assert len(ticked) == 5
        assert ruling.disclosure.is_on is choices.discloses
        offered = [option.value for option in ruling.privacy_options]
        expected = [choices.privacy_level] if choices.privacy_level in offered else []
        assert [option.value for option in ruling.privacy_options if option.is_chosen] == expected


@situations
def test_a_ticked_box_can_always_be_unticked_and_every_disabled_control_says_why(answer, media, client):
    for choices in CHOICES:
        ruling = ruled(answer, media, choices, client)
        for tick in ticks_of(ruling):
            assert not (tick.is_ticked and tick.is_disabled)
            assert tick.is_greyed or not tick.is_disabled
            assert tick.is_greyed is bool(tick.reason)
        for option in ruling.privacy_options:
            # Before the audit what cannot be posted yet can be shown; the button keeps it back.
            assert (option.is_disabled or option.rule == "U-3") is bool(option.reason)


@situations
def test_labels_and_declarations_follow_the_disclosure_and_a_draft_makes_none(answer, media, client):
    for choices in CHOICES:
        ruling = ruled(answer, media, choices, client)
        if choices.destination == INBOX:
            assert (ruling.disclosure.prompt, ruling.declaration.text, ruling.aigc_label) == ("", MUSIC, "")
            continue
        assert ruling.aigc_label == ("Creator labeled as AI-generated" if choices.is_aigc else "")
        disclosed = (choices.discloses, choices.your_brand, choices.branded_content)
        assert (ruling.disclosure.prompt, ruling.declaration.text) == LABELS_AND_DECLARATIONS[disclosed]


@situations
def test_every_block_is_a_registered_rule_in_tiktoks_order_with_a_sentence_on_its_field(
    answer, media, client
):
    fields = {"account", "media", "caption", "privacy_level", "discloses", "branded_content", *INTERACTIONS}
    for choices in CHOICES:
        ruling = ruled(answer, media, choices, client)
        places = [place_of(block.rule) for block in ruling.blocks]
        assert places == sorted(places)
        assert {block.field for block in ruling.blocks} <= fields
        assert all(block.text.endswith(".") for block in ruling.blocks)
        assert bool(ruling.button_reason) is not ruling.can_post
        pointed = [*ruling.privacy_options, *ticks_of(ruling), *ruling.warnings, ruling.declaration]
        for item in pointed:
            place_of(item.rule)


@situations
def test_the_visibilities_are_those_of_tiktok(answer, media, client):
    offered = answer.privacy_level_options if isinstance(answer, CreatorInfo) else ()
    for choices in CHOICES:
        listed = ruled(answer, media, choices, client).privacy_options
        assert tuple(option.value for option in listed) == offered


@situations
def test_branded_content_and_a_narrow_audience_grey_each_other(answer, media, client):
    for choices in CHOICES:
        ruling = ruled(answer, media, choices, client)
        branded = ruling.disclosure.boxes[1]
        if choices.privacy_level in (ONLY_ME, FOLLOWERS):
            assert branded.is_greyed
        if choices.is_branded_content:
            narrow = [o for o in ruling.privacy_options if o.value in (ONLY_ME, FOLLOWERS)]
            assert all(o.is_disabled for o in narrow)


@situations
def test_operating_a_control_that_is_open_breaks_no_rule(answer, media, client):
    """Only the toggle and the destination may: they bring back what was set under them before."""
    for choices in CHOICES:
        ruling = ruled(answer, media, choices, client)
        # And before the audit a visibility may be shown that cannot be posted yet.
        rules = {block.rule for block in ruling.blocks} | {"3a-viii", "U-3"}
        for control, after in moves_from(choices, ruling):
            if control not in ("discloses", "destination"):
                assert {block.rule for block in ruled(answer, media, after, client).blocks} <= rules


@situations
def test_there_is_no_dead_end(answer, media, client):
    """From every combination, however it came about, open controls lead to a post that can be sent."""
    allowed = [choices for choices in CHOICES if tiktok_allows(answer, media, choices, client)]
    if not allowed:
        # A draft is always left, unless the files or the account cannot be sent at all.
        drafts = [choices for choices in CHOICES if choices.destination == INBOX]
        assert not is_draft_fine(answer) or not are_files_fine(answer, media, drafts[0], client)
        return
    came_from = defaultdict(set)
    for choices in CHOICES:
        for _, after in moves_from(choices, ruled(answer, media, choices, client)):
            came_from[after].add(choices)
    saved, fresh = set(allowed), list(allowed)
    while fresh:
        for before in came_from[fresh.pop()] - saved:
            saved.add(before)
            fresh.append(before)
    assert saved == set(CHOICES)


words = st.sampled_from((EVERYONE, FRIENDS, FOLLOWERS, ONLY_ME, UNKNOWN, "self_only"))
creators = st.builds(
    CreatorInfo,
    avatar_url=st.just(""),
    username=st.text(max_size=5),
    nickname=st.text(max_size=5),
    privacy_level_options=st.lists(words, max_size=6).map(tuple),
    comment_disabled=st.booleans(),
    duet_disabled=st.booleans(),
    stitch_disabled=st.booleans(),
    max_video_post_duration_sec=st.integers(15, 600),
)
choices_of_anybody = st.builds(
    Choices,
    caption=st.text(max_size=20),
    privacy_level=words,
    destination=st.sampled_from((DIRECT, INBOX)),
    is_aigc=st.booleans(),
)


@settings(max_examples=300)
@given(creators, choices_of_anybody, st.sampled_from((VIDEO, PHOTOS)), st.sampled_from((AUDITED, UNAUDITED)))
def test_whatever_tiktok_returns_and_a_form_holds_the_answer_is_tiktoks(answer, choices, media, client):
    ruling = rule_on(answer, media, choices, client)
    assert ruling.can_post is tiktok_allows(answer, media, choices, client)
    assert [option.value for option in ruling.privacy_options] == list(
        dict.fromkeys(answer.privacy_level_options)
    )
