"""The cast: simulated creators, what each one is for, and what tests change about them."""

import base64
import hashlib
import json
import re
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

PUBLIC_OPTIONS = ("PUBLIC_TO_EVERYONE", "MUTUAL_FOLLOW_FRIENDS", "SELF_ONLY")
PRIVATE_OPTIONS = ("FOLLOWER_OF_CREATOR", "MUTUAL_FOLLOW_FRIENDS", "SELF_ONLY")
_CROWD_NAME = re.compile(r"crowd\.([1-9]\d{0,6})", re.ASCII)
_APP_VERSION = re.compile(r"\d{1,4}(\.\d{1,4}){1,3}", re.ASCII)


class CreatorError(Exception):
    """A patch names no such creator or setting, or gives it a value of the wrong type."""


@dataclass(frozen=True)
class Creator:
    """A creator as TikTok sees them at this moment."""

    username: str
    nickname: str
    purpose: str
    bio: str
    colour: str
    private: bool = False
    comment_disabled: bool = False
    own_duet_disabled: bool = False
    own_stitch_disabled: bool = False
    max_seconds: int = 600
    # Posts made today through other apps: they eat the same daily cap.
    posts_today: int = 0
    banned: bool = False
    is_target_user: bool = True
    # None: what the account's privacy says.
    own_privacy_options: tuple[str, ...] | None = None
    # Of the TikTok app on the creator's phone.
    app_version: str = "42.1.0"

    @property
    def duet_disabled(self) -> bool:
        return self.private or self.own_duet_disabled

    @property
    def stitch_disabled(self) -> bool:
        return self.private or self.own_stitch_disabled

    @property
    def privacy_level_options(self) -> tuple[str, ...]:
        if self.own_privacy_options is not None:
            return self.own_privacy_options
        return PRIVATE_OPTIONS if self.private else PUBLIC_OPTIONS

    @property
    def app_version_numbers(self) -> tuple[int, ...]:
        return tuple(int(number) for number in self.app_version.split("."))

    @property
    def union_id(self) -> str:
        return _stable_id("union", self.username)

    def open_id(self, client_key: str) -> str:
        """This creator's id for one app; another app gets another one."""
        return _stable_id("-000", client_key + "/" + self.username)

    def to_json(self) -> dict[str, Any]:
        """The settings as the control endpoint reads and writes them."""
        return {
            "username": self.username,
            "nickname": self.nickname,
            "private": self.private,
            "comment_disabled": self.comment_disabled,
            "duet_disabled": self.duet_disabled,
            "stitch_disabled": self.stitch_disabled,
            "max_seconds": self.max_seconds,
            "posts_today": self.posts_today,
            "banned": self.banned,
            "privacy_level_options": list(self.privacy_level_options),
            "app_version": self.app_version,
        }


CAST: dict[str, Creator] = {
    creator.username: creator
    for creator in (
        Creator(
            "poppy.public",
            "Poppy Parade",
            "A public account where everything is allowed. Start here.",
            "Street dance, one corner at a time.",
            "#7a3b9a",
        ),
        Creator(
            "priya.private",
            "Priya at Home",
            "A private account: Followers in place of Everyone, no duets, no stitches.",
            "Balcony garden. Friends only.",
            "#1d6a72",
            private=True,
        ),
        Creator(
            "dana.noduet",
            "Dana Solo",
            "Has switched duets and stitches off.",
            "I sing alone, thank you.",
            "#8a4b12",
            own_duet_disabled=True,
            own_stitch_disabled=True,
        ),
        Creator(
            "casey.nocomments",
            "Casey Quiet",
            "Has switched comments off.",
            "Slow films of slow rivers.",
            "#2f5d9b",
            comment_disabled=True,
        ),
        Creator(
            "miles.sixty",
            "Miles in a Minute",
            "May post videos of 60 seconds at most.",
            "One run, one minute.",
            "#3c6e2d",
            max_seconds=60,
        ),
        Creator(
            "olly.onlyme",
            "Olly for Himself",
            "May be shown to nobody but himself: Only me is all TikTok offers.",
            "A diary with nobody in it but me.",
            "#4d4f8f",
            own_privacy_options=("SELF_ONLY",),
        ),
        Creator(
            "lena.limit",
            "Lena Lots",
            "Has used up today's posts: TikTok refuses more until tomorrow.",
            "Fifteen a day keeps me awake.",
            "#a0382f",
            posts_today=15,
        ),
        Creator(
            "benny.banned",
            "Benny Banned",
            "Is banned from posting.",
            "Back soon, I hope.",
            "#57534e",
            banned=True,
        ),
        Creator(
            "nora.nontarget",
            "Nora Not Invited",
            "Is not a test user of the app's sandbox: consent ends in a refusal.",
            "Just passing by.",
            "#5b4bb0",
            is_target_user=False,
        ),
    )
}

_PATCHABLE: dict[str, tuple[str, type[Any]]] = {
    "nickname": ("nickname", str),
    "private": ("private", bool),
    "comment_disabled": ("comment_disabled", bool),
    "duet_disabled": ("own_duet_disabled", bool),
    "stitch_disabled": ("own_stitch_disabled", bool),
    "max_seconds": ("max_seconds", int),
    "posts_today": ("posts_today", int),
    "banned": ("banned", bool),
    "privacy_level_options": ("own_privacy_options", list),
    "app_version": ("app_version", str),
}


def call_crowd(db: sqlite3.Connection, count: int) -> list[Creator]:
    """From now on there are so many more creators, all alike and everything allowed; pages show the cast only."""
    db.execute("INSERT OR REPLACE INTO notes VALUES ('crowd', ?)", (json.dumps(count),))
    return [_member_of_crowd(number) for number in range(1, count + 1)]


def _member_of_crowd(number: int) -> Creator:
    return Creator(f"crowd.{number}", f"Crowd {number}", "One of many.", "Here with everybody.", "#46606e")


def _find_original(db: sqlite3.Connection, username: str) -> Creator | None:
    """The creator before any change."""
    number = _CROWD_NAME.fullmatch(username)
    if number is None:
        return CAST.get(username)
    row = db.execute("SELECT value FROM notes WHERE name = 'crowd'").fetchone()
    is_there = row is not None and int(number[1]) <= int(row["value"])
    return _member_of_crowd(int(number[1])) if is_there else None


def find_creator(db: sqlite3.Connection, username: str) -> Creator | None:
    """The creator as changed so far, None for a name that nobody has."""
    creator = _find_original(db, username)
    if creator is None:
        return None
    row = db.execute("SELECT changes FROM creators WHERE username = ?", (username,)).fetchone()
    return _apply(creator, json.loads(row["changes"])) if row else creator


def get_creator(db: sqlite3.Connection, username: str) -> Creator:
    """As find_creator, for a name that was read from our own rows."""
    creator = find_creator(db, username)
    if creator is None:
        raise CreatorError(f"there is no creator {username!r}")
    return creator


def all_creators(db: sqlite3.Connection) -> list[Creator]:
    return [get_creator(db, username) for username in CAST]


def patch_creator(db: sqlite3.Connection, username: str, changes: Mapping[str, Any]) -> Creator:
    """Change a creator's settings; raises CreatorError and changes nothing for a bad patch."""
    original = _find_original(db, username)
    if original is None:
        raise CreatorError(f"there is no creator {username!r}")
    for name, value in changes.items():
        if name not in _PATCHABLE:
            raise CreatorError(f"a creator has no setting {name!r}")
        wanted = _PATCHABLE[name][1]
        if value is None and wanted is list:
            continue
        if type(value) is not wanted:
            raise CreatorError(f"{name} must be of type {wanted.__name__}")
        if wanted is list and not all(isinstance(word, str) for word in value):
            raise CreatorError(f"{name} must be a list of words")
        if wanted is int and value < 0:
            raise CreatorError(f"{name} must be 0 or more")
        if name == "app_version" and not _APP_VERSION.fullmatch(value):
            raise CreatorError("app_version must be numbers with dots, as 31.8.0")
    row = db.execute("SELECT changes FROM creators WHERE username = ?", (username,)).fetchone()
    merged = (json.loads(row["changes"]) if row else {}) | dict(changes)
    db.execute("INSERT OR REPLACE INTO creators VALUES (?, ?)", (username, json.dumps(merged)))
    return _apply(original, merged)


def _apply(creator: Creator, changes: Mapping[str, Any]) -> Creator:
    values = {_PATCHABLE[name][0]: value for name, value in changes.items()}
    options = values.get("own_privacy_options")
    if options is not None:
        values["own_privacy_options"] = tuple(options)
    return replace(creator, **values)


def _stable_id(prefix: str, seed: str) -> str:
    digest = hashlib.sha256(f"{prefix}/{seed}".encode()).digest()
    return prefix + base64.urlsafe_b64encode(digest).decode().rstrip("=")[: 36 - len(prefix)]
