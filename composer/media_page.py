"""What the page of one file shows: what it is, whether TikTok takes it, what can be done, where it is used."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.http import urlencode

from composer.fixes import UNDER_WAY, drafts_to_switch, fix_to_show, recipe_for
from composer.library_page import STATE_LOOKS, say_dimensions, say_length
from composer.media.recipes import Recipe
from composer.media.words import say_bytes
from composer.models import Fix, FixState, MediaFile, MediaState, Post
from composer.serving import INLINE_TYPES
from composer.usage import Usage, usage_of

# Photos offered for a cover, the newest first; an older one is found by looking for it in the library.
OFFERED_PHOTOS = 24
_CONTAINERS = {
    "mp4": "MP4",
    "mov": "MOV",
    "webm": "WebM",
    "mkv": "MKV",
    "avi": "AVI",
    "3gp": "3GP",
    "jpeg": "JPEG",
    "webp": "WebP",
    "png": "PNG",
    "heic": "HEIC",
    "heif": "HEIF",
    "avif": "AVIF",
    "gif": "GIF",
    "tiff": "TIFF",
    "bmp": "BMP",
}
_CODECS = {
    "h264": "H.264",
    "hevc": "H.265",
    "vp8": "VP8",
    "vp9": "VP9",
    "av1": "AV1",
    "mpeg4": "MPEG-4 Part 2",
    "aac": "AAC",
    "opus": "Opus",
    "vorbis": "Vorbis",
    "mp3": "MP3",
}
# What each recipe's button says, and what pressing it does.
_OFFERS = {
    Recipe.PHOTO_JPEG: (
        "Make a JPEG TikTok takes",
        "Makes a JPEG within TikTok's limits. Nothing is cut away, no mark is added, its location is removed.",
    ),
    Recipe.VIDEO_MP4: (
        "Convert to MP4 (H.264)",
        "Makes an MP4 with H.264 and AAC within TikTok's limits. Nothing is cut away and no mark is added.",
    ),
}
_STILL_OF_AN_ANIMATION = (
    "Makes a JPEG of the first picture: it does not move. It is within TikTok's limits, no mark is added, its "
    "location is removed."
)
_MADE_BY = {
    Recipe.PHOTO_JPEG: "Made fit for TikTok as a JPEG",
    Recipe.VIDEO_MP4: "Converted to MP4 (H.264)",
    Recipe.COVER_PICTURE: "Opens with a cover picture of its own",
}
_DOING = {
    Recipe.PHOTO_JPEG: "Making the JPEG",
    Recipe.VIDEO_MP4: "Converting to MP4 (H.264)",
    Recipe.COVER_PICTURE: "Putting your cover in front",
}


@dataclass(frozen=True, slots=True)
class Preview:
    """How a file is shown: exactly one of `video_url` and `picture_url` has an address, or neither."""

    name: str
    video_url: str
    picture_url: str
    poster_url: str
    frame_url: str
    filmstrip_url: str
    duration_ms: int
    # From one picture of the video to the next.
    step_ms: int


@dataclass(frozen=True, slots=True)
class FixOffer:
    """A fix that can be asked for."""

    recipe: str
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class SideBySide:
    """One of the two files that are compared before the new one is used."""

    title: str
    preview: Preview
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class DraftChoice:
    """A draft that may use the new file at once; chosen for a person who came from it."""

    pk: int
    title: str
    url: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class FixPanel:
    """The fix of a file that goes on, waits to be decided upon, or failed."""

    fix: Fix
    heading: str
    is_under_way: bool
    is_done: bool
    percent: int
    post_pk: int | None
    state_url: str
    # The words by which a screen reader learns that something has changed.
    sides: tuple[SideBySide, ...]
    drafts: tuple[DraftChoice, ...]


@dataclass(frozen=True, slots=True)
class UseLink:
    """A draft or a post that has the file."""

    title: str
    url: str
    account: str


@dataclass(frozen=True, slots=True)
class MediaPage:
    """Everything the template reads."""

    media: MediaFile
    state_word: str
    state_icon: str
    state_tone: str
    preview: Preview | None
    facts: tuple[tuple[str, str], ...]
    offer: FixOffer | None
    panel: FixPanel | None
    can_have_cover: bool
    photos: tuple[MediaFile, ...]
    drafts: tuple[UseLink, ...]
    posts: tuple[UseLink, ...]
    is_needed: bool
    original: MediaFile | None
    made_by: str
    derivatives: tuple[MediaFile, ...]
    post_pk: int | None
    has_bytes: bool


def make_media_page(media: MediaFile, *, post_pk: int | None = None) -> MediaPage:
    """Arrange one file for showing; `post_pk` is the draft that the person came from."""
    usage = usage_of(media)
    fix = fix_to_show(media)
    word, icon, tone = STATE_LOOKS[media.state]
    has_bytes = media.state in {MediaState.READY, MediaState.FIXABLE}
    can_have_cover = media.is_ready and not media.is_photo
    photos = (
        MediaFile.objects.filter(workspace_id=media.workspace_id, kind="photo").ready()[:OFFERED_PHOTOS]
        if can_have_cover
        else ()
    )
    return MediaPage(
        media=media,
        state_word=word,
        state_icon=icon,
        state_tone=tone,
        preview=preview_of(media) if has_bytes else None,
        facts=facts_of(media),
        offer=offer_of(media) if has_bytes else None,
        panel=panel_of(fix, post_pk=post_pk) if fix is not None else None,
        can_have_cover=can_have_cover,
        photos=tuple(photos),
        drafts=use_links(usage.drafts),
        posts=use_links(usage.posts),
        is_needed=bool(usage.needing),
        original=media.original,
        made_by=_MADE_BY.get(Recipe(media.recipe), "") if media.recipe else "",
        derivatives=tuple(
            media.derivatives.filter(is_proposal=False).exclude(state=MediaState.DELETED).order_by("pk")
        ),
        post_pk=post_pk,
        has_bytes=has_bytes,
    )


def preview_of(media: MediaFile) -> Preview:
    """How to show a file whose bytes are there."""
    poster_url = reverse("composer:media-poster", args=[media.pk]) if media.poster else ""
    file_url = reverse("composer:media-file", args=[media.pk])
    can_show = media.content_type in INLINE_TYPES
    if media.is_photo:
        return Preview(
            media.original_name, "", file_url if can_show else poster_url, poster_url, "", "", 0, 0
        )
    return Preview(
        name=media.original_name,
        video_url=file_url if can_show else "",
        picture_url="",
        poster_url=poster_url,
        frame_url=reverse("composer:media-frame", args=[media.pk]),
        filmstrip_url=reverse("composer:media-filmstrip", args=[media.pk]),
        duration_ms=media.duration_ms or 0,
        step_ms=round(1000 / media.frames_per_second) if media.frames_per_second else 100,
    )


def facts_of(media: MediaFile) -> tuple[tuple[str, str], ...]:
    """What a file is, as pairs of a word and its value."""
    rate = f"{media.frames_per_second:.2f}".rstrip("0").rstrip(".") if media.frames_per_second else ""
    facts = (
        ("Size", say_bytes(media.size_bytes)),
        ("Dimensions", f"{dimensions} pixels" if (dimensions := say_dimensions(media)) else ""),
        ("Length", say_length(media.duration_ms) if media.duration_ms and not media.is_photo else ""),
        ("Format", _CONTAINERS.get(media.container, media.container.upper())),
        ("Picture", _CODECS.get(media.video_codec, media.video_codec) if not media.is_photo else ""),
        ("Frames a second", rate if not media.is_photo else ""),
        ("Sound", "" if media.is_photo else _CODECS.get(media.audio_codec, media.audio_codec) or "None"),
    )
    return tuple((name, value) for name, value in facts if value)


def offer_of(media: MediaFile) -> FixOffer | None:
    """The fix that makes a file fit, or plays in every browser, where there is one."""
    recipe = recipe_for(media)
    if recipe is None:
        return None
    label, text = _OFFERS[recipe]
    if any(fault["code"] == "photo_animated" for fault in media.faults):
        text = _STILL_OF_AN_ANIMATION
    return FixOffer(recipe.value, label, text)


def panel_of(fix: Fix, *, post_pk: int | None) -> FixPanel:
    """A fix as the page shows it; the files are compared once there is a result."""
    recipe = Recipe(fix.recipe)
    is_done = fix.state == FixState.DONE and fix.result is not None
    query = f"?{urlencode({'post': post_pk})}" if post_pk else ""
    drafts = drafts_to_switch(fix) if is_done else ()
    return FixPanel(
        fix=fix,
        heading=_DOING[recipe],
        is_under_way=fix.state in UNDER_WAY,
        is_done=is_done,
        percent=fix.progress // 10,
        post_pk=post_pk,
        state_url=reverse("composer:fix-state", args=[fix.pk]) + query,
        sides=(_side("Original", fix.media), _side("New file", fix.result))
        if is_done and fix.result is not None
        else (),
        drafts=tuple(
            DraftChoice(draft.pk, title_of(draft), _edit_url(draft), is_chosen=draft.pk == post_pk)
            for draft in drafts
        ),
    )


def use_links(posts: Iterable[Post]) -> tuple[UseLink, ...]:
    """Posts as links, by what they say."""
    return tuple(
        UseLink(
            title=title_of(post),
            url=_edit_url(post) if post.is_editable else reverse("publishing:post-detail", args=[post.pk]),
            account=post.account.display_name if post.account else "",
        )
        for post in posts
    )


def title_of(post: Post) -> str:
    """What a post is called in a list: the beginning of its words."""
    words = " ".join((post.title or post.caption).split())
    if not words:
        return (
            f"Draft {post.pk} without a caption" if post.is_editable else f"Post {post.pk} without a caption"
        )
    return words if len(words) <= 60 else f"{words[:59].rstrip()}…"


def say_why_needed(media: MediaFile, usage: Usage) -> str:
    """Why a file was not deleted, and what to press."""
    names = ", ".join(f"“{title_of(post)}”" for post in usage.needing[:3])
    more = f" and {len(usage.needing) - 3} more" if len(usage.needing) > 3 else ""
    which = "a post that is not finished" if len(usage.needing) == 1 else "posts that are not finished"
    return (
        f"“{media.original_name}” was not deleted: it is needed by {which}: {names}{more}. "
        "It can go once that is out. Or open the post for changes and choose another file."
    )


def _side(title: str, media: MediaFile) -> SideBySide:
    return SideBySide(title, preview_of(media), facts_of(media))


def _edit_url(post: Post) -> str:
    return reverse("composer:post-edit", args=[post.pk])
