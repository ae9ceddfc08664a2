"""Makes people and things for tests: plain functions, each with only what a test wants to say named."""

import hashlib
import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.files.base import ContentFile
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import TikTokAccount, User, Workspace
from accounts.people import workspace_of
from composer.judging import photos_of, written_choices
from composer.models import Consent, ConsentPhoto, MediaFile, MediaKind, MediaState, Post, PostPhoto
from composer.rules import declaration_for, photos_sha256
from publishing.guarantees import lay_guarantees, sqlite_triggers
from publishing.models import Attempt, Event, EventKind, Publication
from publishing.states import State
from tiktok.types import CreatorInfo, PrivacyLevel, Scope

PASSWORD = "correct horse battery"
CREATOR_INFO = CreatorInfo(
    avatar_url="",
    username="poppy.public",
    nickname="Poppy",
    privacy_level_options=(
        PrivacyLevel.PUBLIC_TO_EVERYONE,
        PrivacyLevel.MUTUAL_FOLLOW_FRIENDS,
        PrivacyLevel.SELF_ONLY,
    ),
    comment_disabled=False,
    duet_disabled=False,
    stitch_disabled=False,
    max_video_post_duration_sec=600,
)

_numbers = itertools.count(1)


def make_person(email: str = "", *, is_staff: bool = False) -> User:
    """Make somebody who can sign in with PASSWORD and has a workspace of their own."""
    person = User.objects.create_user(
        email or f"person{next(_numbers)}@example.com", PASSWORD, is_staff=is_staff
    )
    workspace_of(person)
    return person


def make_account(workspace: Workspace, **fields: Any) -> TikTokAccount:
    """Make a connected TikTok account that may post; it holds no tokens."""
    username = fields.pop("username", CREATOR_INFO.username)
    nickname = fields.pop("nickname", CREATOR_INFO.nickname)
    return TikTokAccount.objects.create(
        workspace=workspace,
        username=username,
        nickname=nickname,
        **{
            "client_key": "test-key",
            "open_id": f"open-id-{next(_numbers)}",
            "granted_scopes": [
                Scope.USER_INFO_BASIC.value,
                Scope.VIDEO_PUBLISH.value,
                Scope.VIDEO_UPLOAD.value,
            ],
            "creator_info": CREATOR_INFO.to_json() | {"username": username, "nickname": nickname},
            **fields,
        },
    )


def make_media(workspace: Workspace, *, content: bytes | None = None, **fields: Any) -> MediaFile:
    """Make a video that passed its checks; its bytes are on disk only when `content` is given."""
    number = next(_numbers)
    sha256 = hashlib.sha256(content if content is not None else str(number).encode()).hexdigest()
    media = MediaFile(
        workspace=workspace,
        **{
            "state": MediaState.READY,
            "original_name": f"video-{number}.mp4",
            "size_bytes": len(content) if content is not None else 10_000_000,
            "sha256": sha256,
            "content_type": "video/mp4",
            "container": "mp4",
            "video_codec": "h264",
            "width": 1080,
            "height": 1920,
            "frames_per_second": 30.0,
            "duration_ms": 12_000,
            **fields,
        },
    )
    if content is not None:
        media.file.save(f"{sha256}.{media.container}", ContentFile(content), save=False)
    else:
        media.file.name = media.file.name or f"media/{sha256}.{media.container}"
    media.save()
    return media


def make_photo(workspace: Workspace, *, content: bytes | None = None, **fields: Any) -> MediaFile:
    """Make a photo that passed its checks; its bytes are on disk only when `content` is given."""
    number = next(_numbers)
    return make_media(
        workspace,
        content=content,
        **{
            "kind": MediaKind.PHOTO,
            "original_name": f"photo-{number}.jpg",
            "sha256": hashlib.sha256(
                content if content is not None else f"photo {number}".encode()
            ).hexdigest(),
            "size_bytes": len(content) if content is not None else 400_000,
            "content_type": "image/jpeg",
            "container": "jpg",
            "video_codec": "",
            "frames_per_second": None,
            "duration_ms": None,
            **fields,
        },
    )


def make_carousel(workspace: Workspace, *, photos: int | list[MediaFile] = 3, **fields: Any) -> Post:
    """Make a draft of photos with everything chosen; so many are made, unless they are given."""
    files = [make_photo(workspace) for _ in range(photos)] if isinstance(photos, int) else photos
    post = make_post(workspace, **{"kind": MediaKind.PHOTO, "media": None, **fields})
    PostPhoto.objects.bulk_create(
        PostPhoto(post=post, media=file, position=position) for position, file in enumerate(files)
    )
    return post


def make_post(workspace: Workspace, **fields: Any) -> Post:
    """Make a draft with everything chosen; `account` and `media` are made unless given (or given as None)."""
    account = fields.pop("account") if "account" in fields else make_account(workspace)
    media = fields.pop("media") if "media" in fields else make_media(workspace)
    return Post.objects.create(
        workspace=workspace,
        account=account,
        media=media,
        **{
            "caption": "A walk through the fog",
            "privacy_level": PrivacyLevel.PUBLIC_TO_EVERYONE.value,
            "allow_comment": True,
            "creator_info": account.creator_info if account else None,
            **fields,
        },
    )


def make_consent(post: Post, user: User, **fields: Any) -> Consent:
    """Consent to the post exactly as it stands."""
    assert post.account is not None
    choices = written_choices(post)
    photos = photos_of(post)
    cover = next((each for each in photos if each.pk == post.cover_photo_id), photos[0] if photos else None)
    media = cover or post.media
    assert media is not None
    consent = Consent.objects.create(
        post=post,
        given_by=user,
        account=post.account,
        media=media,
        **{
            "creator_shown": post.account.creator_info or {},
            "choices": choices.to_json(),
            "declaration": declaration_for(choices).text,
            "media_sha256": photos_sha256(each.sha256 for each in photos) if photos else media.sha256,
            **fields,
        },
    )
    ConsentPhoto.objects.bulk_create(
        ConsentPhoto(consent=consent, media=each, position=position, sha256=each.sha256)
        for position, each in enumerate(photos)
    )
    return consent


def make_publication(
    post: Post | None = None, *, user: User | None = None, state: State = State.SCHEDULED, **fields: Any
) -> Publication:
    """Make the sending side of a post, locked unless it was taken back; it rests where `state` says.

    Without `next_try_at` no step is due.
    """
    user = user or make_person()
    post = post or make_post(workspace_of(user))
    consent = fields.pop("consent", None) or make_consent(post, user)
    now = timezone.now()
    publication = Publication.objects.create(
        post=post,
        workspace=post.workspace,
        account=consent.account,
        consent=consent,
        state=state,
        # Due at once: never after its row, whose time the database counts in whole milliseconds.
        **{"due_at": now - timedelta(milliseconds=1), **fields},
    )
    post.locked_at = None if state == State.DRAFT else now
    post.save(update_fields=["locked_at"])
    return publication


def make_attempt(publication: Publication, **fields: Any) -> Attempt:
    """Make the publication's next attempt, answered by TikTok and with no byte sent yet."""
    number = fields.pop("number", publication.attempts.count() + 1)
    total = publication.consent.media.size_bytes
    started_at = fields.pop("init_started_at", timezone.now())
    return Attempt.objects.create(
        publication=publication,
        number=number,
        **{
            "payload": {},
            "payload_sha256": "0" * 64,
            "media_sha256": publication.consent.media_sha256,
            "total_bytes": total,
            "chunk_size": total,
            "total_chunk_count": 1,
            "init_started_at": started_at,
            "init_finished_at": started_at,
            "publish_id": f"v_pub_file~v2-1.{next(_numbers)}",
            **fields,
        },
    )


def make_event(publication: Publication, name: str, **fields: Any) -> Event:
    """Add one line to the history; a move unless `kind` says otherwise."""
    kind = fields.pop("kind", EventKind.MOVE)
    states = {"to_state": name} if kind != EventKind.CALL else {}
    return Event.objects.create(publication=publication, name=name, kind=kind, **{**states, **fields})


def force(rows: QuerySet[Any], **fields: Any) -> None:
    """Write past what the database guarantees about moves and histories: where a test begins, not what it tests."""
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL session_replication_role = replica")  # no triggers; a superuser's right
            rows.update(**fields)
            cursor.execute("SET LOCAL session_replication_role = DEFAULT")
        else:
            for name in sqlite_triggers():
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
            rows.update(**fields)
            lay_guarantees()


def put_into(publication: Publication, state: State, **fields: Any) -> None:
    """Have the publication stand in that state, whatever the way there would have been."""
    force(Publication.objects.filter(pk=publication.pk), state=state, **fields)
    publication.refresh_from_db()


def moment(text: str) -> datetime:
    """An aware UTC datetime from `2026-11-21 10:00`."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
