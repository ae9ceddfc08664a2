"""What `make chaos` does inside an installation: thousands of agreed posts made at once, and how they ended."""

import hashlib
import json
import random
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.chaos.plan import ROUTES
from tests.inside import answer

BATCH = 500
PER_WORKSPACE = 10
# So much of the access token's life is left to every tenth account: it is refreshed before its first post.
SOON = 300


def seed(order_path: str) -> Any:
    """Make the people, accounts and posts that the order names; the first is due three seconds from its end."""
    from django.db.models import F

    from accounts.clock import database_now
    from accounts.models import User, Workspace
    from publishing.models import Publication
    from tests.factories import make_person

    order = json.loads(Path(order_path).read_text())
    dice = random.Random(order["seed"])
    user: User = make_person("chaos@example.com")
    spaces = Workspace.objects.bulk_create(
        Workspace(name=f"Chaos {number}") for number in range(-(-len(order["members"]) // PER_WORKSPACE))
    )
    accounts = make_accounts(order["members"], spaces)
    media = [make_media_of(space, order["files"]) for space in spaces]
    begin = database_now()
    for first in range(0, order["posts"], BATCH):
        numbers = range(first, min(first + BATCH, order["posts"]))
        make_posts(numbers, order, accounts, media, user, begin, dice)
    shift = database_now() + timedelta(seconds=3) - begin
    Publication.objects.update(due_at=F("due_at") + shift, next_try_at=F("next_try_at") + shift)
    return {"posts": Publication.objects.count(), "begins_at": (begin + shift).isoformat()}


def make_accounts(members: list[dict[str, Any]], spaces: list[Any]) -> list[Any]:
    from django.conf import settings

    from accounts.clock import database_now
    from accounts.models import TikTokAccount
    from accounts.tokens import store_grant
    from tests.factories import CREATOR_INFO
    from tiktok.types import TokenGrant

    accounts = TikTokAccount.objects.bulk_create(
        TikTokAccount(
            workspace=spaces[number // PER_WORKSPACE],
            username=member["username"],
            nickname=member["nickname"],
            client_key=settings.TIKTOK_CLIENT_KEY,
            open_id=member["open_id"],
            granted_scopes=member["scopes"],
            creator_info=CREATOR_INFO.to_json()
            | {"username": member["username"], "nickname": member["nickname"]},
        )
        for number, member in enumerate(members)
    )
    now = database_now()
    for number, (account, member) in enumerate(zip(accounts, members, strict=True)):
        grant = TokenGrant(
            access_token=member["access_token"],
            refresh_token=member["refresh_token"],
            open_id=member["open_id"],
            scopes=frozenset(member["scopes"]),
            expires_in=SOON if number % 10 == 0 else int(member["expires_in"]),
            refresh_expires_in=int(member["refresh_expires_in"]),
        )
        store_grant(account, grant, now=now)
    return accounts


def make_media_of(space: Any, files: dict[str, Any]) -> dict[str, Any]:
    """The same few files in every workspace: rows of their own, one copy of the bytes."""
    from tests.factories import make_media, make_photo

    def place(path: str) -> dict[str, Any]:
        from django.conf import settings

        with Path(path).open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        name = f"media/{sha256}{Path(path).suffix}"
        target = Path(settings.MEDIA_ROOT) / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.exists():
            shutil.copyfile(path, target)
        return {"sha256": sha256, "file": name, "size_bytes": target.stat().st_size}

    return {
        "video": make_media(space, **place(files["video"]), duration_ms=1500),
        "large": make_media(space, **place(files["large"]), duration_ms=1500) if files["large"] else None,
        "photos": [make_photo(space, **place(path)) for path in files["photos"]],
    }


def make_posts(
    numbers: range,
    order: dict[str, Any],
    accounts: list[Any],
    media: list[Any],
    user: Any,
    begin: Any,
    dice: Any,
) -> None:
    from composer.judging import written_choices
    from composer.models import Consent, ConsentPhoto, Destination, MediaKind, Post, PostPhoto
    from composer.rules import declaration_for, photos_sha256
    from publishing.models import Publication
    from publishing.states import State

    posts = []
    routes = order.get("routes", ROUTES)
    for number in numbers:
        place = number % len(accounts)
        account = accounts[place]
        route = routes[(number // len(accounts) + place) % len(routes)]
        has_photos = route.endswith("photos")
        files = media[place // PER_WORKSPACE]
        video = files["large"] if number < order["large"] and files["large"] else files["video"]
        posts.append(
            Post(
                workspace_id=account.workspace_id,
                account=account,
                kind=MediaKind.PHOTO if has_photos else MediaKind.VIDEO,
                media=None if has_photos else video,
                caption=f"chaos {number}",
                title=f"chaos {number}" if has_photos else "",
                destination=Destination.INBOX if route.startswith("inbox") else Destination.DIRECT,
                privacy_level="PUBLIC_TO_EVERYONE",
                allow_comment=True,
                creator_info=account.creator_info,
                locked_at=begin,
            )
        )
    Post.objects.bulk_create(posts)
    consents, photos = [], []
    for number, post in zip(numbers, posts, strict=True):
        pictures = (
            media[number % len(accounts) // PER_WORKSPACE]["photos"] if post.kind == MediaKind.PHOTO else []
        )
        choices = written_choices(post)
        consents.append(
            Consent(
                post=post,
                given_by=user,
                account=post.account,
                creator_shown=post.account.creator_info,
                choices=choices.to_json(),
                declaration=declaration_for(choices).text,
                media=pictures[0] if pictures else post.media,
                media_sha256=photos_sha256(each.sha256 for each in pictures)
                if pictures
                else post.media.sha256,
            )
        )
        photos.append(pictures)
    Consent.objects.bulk_create(consents)
    PostPhoto.objects.bulk_create(
        PostPhoto(post=post, media=each, position=position)
        for post, pictures in zip(posts, photos, strict=True)
        for position, each in enumerate(pictures)
    )
    ConsentPhoto.objects.bulk_create(
        ConsentPhoto(consent=consent, media=each, position=position, sha256=each.sha256)
        for consent, pictures in zip(consents, photos, strict=True)
        for position, each in enumerate(pictures)
    )
    dues = [begin + timedelta(seconds=dice.uniform(0, order["seconds"])) for _number in numbers]
    Publication.objects.bulk_create(
        Publication(
            post=post,
            workspace_id=post.workspace_id,
            account=post.account,
            consent=consent,
            state=State.SCHEDULED,
            due_at=due_at,
            next_try_at=due_at,
        )
        for post, consent, due_at in zip(posts, consents, dues, strict=True)
    )


def report(path: str) -> Any:
    """Write how every post ended into that file, for the checker."""
    from publishing.models import Attempt, Event, Publication
    from publishing.routes import route_of
    from publishing.states import State

    began = dict(
        Event.objects.filter(to_state=State.STARTING).order_by("-pk").values_list("publication_id", "at")
    )
    attempts: dict[int, list[str]] = {}
    for publication_id, publish_id in Attempt.objects.exclude(publish_id=None).values_list(
        "publication_id", "publish_id"
    ):
        attempts.setdefault(publication_id, []).append(publish_id)
    rows = Publication.objects.select_related("post", "account", "consent__media").order_by("pk")
    wishes = [
        {
            "pk": row.pk,
            "caption": row.post.caption,
            "creator": row.account.username,
            "account_state": row.account.state,
            "route": str(route_of(row.consent)),
            "state": row.state,
            "reason": row.reason,
            "publish_ids": attempts.get(row.pk, []),
            "sha256": row.consent.media_sha256,
            "late_seconds": (began[row.pk] - row.due_at).total_seconds() if row.pk in began else None,
        }
        for row in rows.iterator(chunk_size=1000)
    ]
    Path(path).write_text(json.dumps(wishes))
    return len(wishes)


if __name__ == "__main__":
    answer({"seed": seed, "report": report})
