"""Fills calendars: posts at times, many at once where a test needs a full month."""

from datetime import datetime
from typing import Any

from accounts.models import TikTokAccount, User
from accounts.people import workspace_of
from composer.models import Consent, MediaFile, Post
from publishing.models import Publication
from publishing.states import State
from tests.factories import make_consent, make_media, make_post, make_publication


def plan(
    user: User, account: TikTokAccount, at: datetime, *, caption: str = "Fog", **fields: Any
) -> Publication:
    """A post of that account that is scheduled for then."""
    own = {name: fields.pop(name) for name in ("media", "destination") if name in fields}
    post = make_post(workspace_of(user), account=account, caption=caption, **own)
    return make_publication(post, user=user, due_at=at, next_try_at=at, **fields)


def plan_many(user: User, account: TikTokAccount, times: list[datetime]) -> None:
    """One post for each time, all with the same file, in four statements."""
    workspace = workspace_of(user)
    media: MediaFile = make_media(workspace)
    posts = Post.objects.bulk_create(
        Post(workspace=workspace, account=account, media=media, caption=f"Post {number}", locked_at=at)
        for number, at in enumerate(times)
    )
    like = make_consent(make_post(workspace, account=account, media=media), user)
    kept = {"given_by": user, "account": account, "media": media, "media_sha256": media.sha256}
    consents = Consent.objects.bulk_create(
        Consent(post=post, creator_shown=like.creator_shown, choices=like.choices, declaration="", **kept)
        for post in posts
    )
    Publication.objects.bulk_create(
        Publication(
            post=post,
            workspace=workspace,
            account=account,
            consent=consent,
            state=State.SCHEDULED,
            due_at=at,
            next_try_at=at,
        )
        for post, consent, at in zip(posts, consents, times, strict=True)
    )
