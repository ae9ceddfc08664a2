"""The creators, files and posts the rule tests talk about."""

from dataclasses import replace

from composer.rules import (
    INBOX,
    Block,
    Choices,
    ClientState,
    Media,
    PostKind,
    Readiness,
    Ruling,
    carousel_of,
    rule_on,
)
from tiktok.types import CreatorInfo

EVERYONE, FRIENDS = "PUBLIC_TO_EVERYONE", "MUTUAL_FOLLOW_FRIENDS"
FOLLOWERS, ONLY_ME = "FOLLOWER_OF_CREATOR", "SELF_ONLY"

AUDITED = ClientState(is_audited=True, can_pull=True)
UNAUDITED = ClientState(is_audited=False, can_pull=True)
# TikTok has verified no address of ours: it takes no photos.
NO_PULL = ClientState(is_audited=True, can_pull=False)

VIDEO = Media(PostKind.VIDEO, Readiness.READY, 15_000, "a" * 64)
FOG = Media(PostKind.PHOTO, Readiness.READY, None, "b" * 64, "fog.jpg")
SEA = Media(PostKind.PHOTO, Readiness.READY, None, "c" * 64, "sea.webp")
PHOTOS = carousel_of([FOG, SEA])


def creator(
    *options: str,
    nickname: str = "Poppy",
    username: str = "poppy.public",
    comment_disabled: bool = False,
    duet_disabled: bool = False,
    stitch_disabled: bool = False,
    seconds: int = 60,
) -> CreatorInfo:
    return CreatorInfo(
        avatar_url="",
        username=username,
        nickname=nickname,
        privacy_level_options=options,
        comment_disabled=comment_disabled,
        duet_disabled=duet_disabled,
        stitch_disabled=stitch_disabled,
        max_video_post_duration_sec=seconds,
    )


POPPY = creator(EVERYONE, FRIENDS, ONLY_ME)
PRIYA = creator(
    FOLLOWERS,
    FRIENDS,
    ONLY_ME,
    nickname="Priya",
    username="priya.private",
    duet_disabled=True,
    stitch_disabled=True,
)

FINE = Choices(caption="Hello", privacy_level=EVERYONE)
# Everything that a draft cannot carry, chosen all the same.
DRAFT = replace(FINE, destination=INBOX, allow_comment=True, is_aigc=True, cover_timestamp_ms=3000)


def ruling(answer=POPPY, media=VIDEO, choices=FINE, client=AUDITED) -> Ruling:
    return rule_on(answer, media, choices, client)


def only_block(given: Ruling) -> Block:
    (block,) = given.blocks
    return block


def option(given: Ruling, value: str):
    (found,) = [option for option in given.privacy_options if option.value == value]
    return found


def box(given: Ruling, name: str):
    (found,) = [tick for tick in (*given.interactions, *given.disclosure.boxes) if tick.name == name]
    return found
