"""A landed post in the words and addresses of a page, and what all pages share."""

from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Response, make_response, render_template

from simulator.avatars import avatar_url
from simulator.creators import Creator
from simulator.landings import Landing
from simulator.posts import Post
from simulator.pulls import Pull
from simulator.world import the_world

VISIBILITY_WORDS: dict[str, str] = {
    "PUBLIC_TO_EVERYONE": "Everyone",
    "MUTUAL_FOLLOW_FRIENDS": "Friends",
    "FOLLOWER_OF_CREATOR": "Followers",
    "SELF_ONLY": "Only me",
}


@dataclass(frozen=True)
class Picture:
    """One picture of a carousel as a page shows it."""

    url: str
    sha256: str
    width: int | None
    height: int | None
    bytes: int
    is_cover: bool


@dataclass(frozen=True)
class PostCard:
    """One post on a profile."""

    post: Post
    landing: Landing
    pictures: tuple[Picture, ...]
    labels: tuple[str, ...]
    allowed: tuple[tuple[str, bool], ...]
    note: str

    @property
    def title(self) -> str:
        return self.post.title or ("No title" if self.post.is_photo else "No caption")

    @property
    def url(self) -> str:
        return post_url(self.post, self.landing)

    @property
    def visibility(self) -> str:
        return VISIBILITY_WORDS[self.landing.privacy_level]

    @property
    def posted(self) -> datetime:
        return datetime.fromtimestamp(self.landing.posted_at, UTC)

    @property
    def cover(self) -> Picture | None:
        """The picture a carousel shows first."""
        return next((picture for picture in self.pictures if picture.is_cover), None)

    @property
    def received_bytes(self) -> int:
        return self.post.uploaded_bytes or sum(picture.bytes for picture in self.pictures)


def make_card(post: Post, landing: Landing, pulls: list[Pull]) -> PostCard:
    labels = []
    # TikTok's words; paid partnership stands alone when both are disclosed.
    if post.brand_content_toggle:
        labels.append("Paid partnership")
    elif post.brand_organic_toggle:
        labels.append("Promotional content")
    if post.is_aigc:
        labels.append("Creator labeled as AI-generated")
    if post.auto_add_music:
        labels.append("Music added automatically")
    note = ""
    if landing.is_public and landing.post_id is None:
        note = "Moderation is still looking at this post; its public id comes in a moment."
    allowed = [("Comments", post.comment_allowed)]
    if not post.is_photo:
        allowed += [("Duets", post.duet_allowed), ("Stitches", post.stitch_allowed)]
    url = post_url(post, landing)
    pictures = [
        Picture(
            f"{url}/{pull.position}",
            pull.sha256,
            pull.width,
            pull.height,
            pull.bytes,
            pull.position == post.cover_index,
        )
        for pull in pulls
    ]
    return PostCard(
        post=post,
        landing=landing,
        pictures=tuple(pictures) if post.is_photo else (),
        labels=tuple(labels),
        allowed=tuple(allowed),
        note=note,
    )


def post_url(post: Post, landing: Landing) -> str:
    """Where a post stands, as on TikTok."""
    return f"/@{post.username}/{'photo' if post.is_photo else 'video'}/{landing.key}"


def avatar_of(creator: Creator) -> str:
    """The picture's address on this host, whatever name the visitor reached it by."""
    world = the_world()
    return avatar_url(world, creator.username).removeprefix(world.settings.public_url)


def show_page(template: str, **context: object) -> Response:
    """A page that no browser keeps."""
    response = make_response(render_template(template, avatar_of=avatar_of, **context))
    response.headers["Cache-Control"] = "no-store"
    return response
