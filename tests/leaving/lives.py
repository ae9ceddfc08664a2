"""A person with something in every table, for the tests of taking along and of leaving."""

import hashlib
import json
from datetime import timedelta
from typing import Any

from allauth.account.models import EmailAddress, EmailConfirmation
from django.core.files.base import ContentFile

from accounts.clock import database_now
from accounts.models import (
    AccountMove,
    ConnectRequest,
    Delivery,
    Kind,
    Mail,
    MailChoice,
    MailTime,
    Notification,
    TikTokAccount,
    User,
    Workspace,
)
from accounts.tokens import store_grant
from composer.arriving import path_of
from composer.models import Arrival, ArrivalSource, Fix, HashtagGroup
from composer.parts import start_file
from publishing.models import (
    AccountCall,
    PostingCap,
    PullFile,
    PullHit,
    Route,
    VisibilityChange,
    WebhookDelivery,
)
from publishing.states import State
from tests.factories import (
    make_account,
    make_attempt,
    make_carousel,
    make_event,
    make_media,
    make_photo,
    make_post,
    make_publication,
)
from tiktok.types import TokenGrant


def live(person: User, workspace: Workspace, *, account: TikTokAccount | None = None) -> TikTokAccount:
    """Do a bit of everything as this person; every word and file of theirs holds the first part of their address."""
    word = person.email.partition("@")[0]
    now = database_now()
    if account is None:
        account = make_account(workspace, username=f"{word}.tiktok", nickname=f"{word} on TikTok")
        store_grant(account, _grant(account), now=now)
    account.avatar.save(f"avatars/{word}.jpg", ContentFile(f"picture of {word}".encode()))
    media = make_media(
        workspace, content=f"film of {word}".encode(), original_name=f"{word}.mp4", uploaded_by=person
    )
    media.poster.save(f"{word}.jpg", ContentFile(f"poster of {word}".encode()))
    photos = [
        make_photo(workspace, content=f"{n} {word}".encode(), original_name=f"{word} {n}.jpg") for n in (1, 2)
    ]
    film = make_publication(
        make_post(workspace, account=account, media=media, caption=f"{word} walks", author=person),
        user=person, state=State.PUBLISHED, post_ids=["7"],
    )  # fmt: skip
    carousel = make_publication(
        make_carousel(workspace, account=account, photos=photos, caption=f"{word} rests"), user=person,
        state=State.SCHEDULED,
    )  # fmt: skip
    attempt = make_attempt(film, payload={"title": f"{word} walks"}, outcome="published")
    make_event(film, State.PUBLISHED, attempt=attempt, person=person, detail={"by": word})
    VisibilityChange.objects.create(publication=film, post_id="7", is_public=True, at=now)
    pulled = make_attempt(carousel, route=Route.PHOTOS, outcome="failed", chunk_size=0, total_chunk_count=0)
    file = PullFile.objects.create(
        attempt=pulled, position=0, media=photos[0], token_sha256=_hash(word), name="1.jpg", size_bytes=1,
        content_type="image/jpeg",
    )  # fmt: skip
    PullHit.objects.create(file=file, method="GET", first_byte=0, last_byte=0)
    make_post(workspace, account=account, media=None, caption=f"{word} drafts", author=person)
    Fix.objects.create(media=media, recipe="video_mp4", user=person, state="failed", error=word)
    arrival = Arrival.objects.create(
        workspace=workspace, user=person, source=ArrivalSource.TUS, name=f"{word} coming.mp4", size_bytes=10
    )
    start_file(path_of(arrival.pk))
    HashtagGroup.objects.create(workspace=workspace, name=word, hashtags=f"#{word}")
    AccountCall.objects.create(account=account, endpoint="init", at=now)
    PostingCap.objects.create(account=account, cap=15)
    WebhookDelivery.objects.create(
        body=_event(account.open_id), body_sha256=_hash(account.open_id), signed_at=now
    )
    _be_told(person, workspace, account, word)
    return account


def _be_told(person: User, workspace: Workspace, account: TikTokAccount, word: str) -> None:
    now = database_now()
    notice = Notification.objects.create(
        workspace=workspace, account=account, account_name=account.nickname, kind=Kind.HELD, key=f"held {word}",
        about="post", subject=f"{word} walks", action="Look", path="/",
    )  # fmt: skip
    mail = Mail.objects.create(person=person, due_at=now)
    Delivery.objects.create(notification=notice, person=person, mail=mail)
    MailChoice.objects.create(person=person, kind=Kind.PUBLISHED, time=MailTime.OFF)
    address = EmailAddress.objects.create(user=person, email=person.email, primary=True)
    EmailConfirmation.objects.create(email_address=address, key=_hash(word))
    ConnectRequest.objects.create(
        state_hash=_hash(f"state {word}"), session_hash=_hash("session"), user=person, workspace=workspace,
        purpose="connect", verifier_sealed="sealed", expires_at=now + timedelta(minutes=10),
    )  # fmt: skip
    AccountMove.objects.create(
        account=account, from_workspace=workspace, to_workspace=workspace, asked_by=person, expires_at=now
    )


def stored_files(settings: Any) -> list[str]:
    """Everything below the library's folder."""
    return sorted(
        str(path.relative_to(settings.MEDIA_ROOT))
        for path in settings.MEDIA_ROOT.rglob("*")
        if path.is_file()
    )


def _grant(account: TikTokAccount) -> TokenGrant:
    return TokenGrant(
        access_token="access", refresh_token="refresh", open_id=account.open_id, scopes=frozenset({"video.publish"}),
        expires_in=86400, refresh_expires_in=31536000,
    )  # fmt: skip


def _event(open_id: str) -> bytes:
    return json.dumps({"event": "post.publish.complete", "user_openid": open_id}).encode()


def _hash(word: str) -> str:
    return hashlib.sha256(word.encode()).hexdigest()
