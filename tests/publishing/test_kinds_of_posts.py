"""Carousels, drafts and fetched files on the pages: said as what they are, in the list and on their own page."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.people import workspace_of
from composer.models import Destination, MediaFile, MediaState, Post
from publishing.models import Attempt, AttemptOutcome, EventKind, Publication, PullFile, Route
from publishing.presentation import tiktok_link
from publishing.states import State
from publishing.timeline import timeline_of
from tests.factories import (
    force,
    make_attempt,
    make_carousel,
    make_event,
    make_photo,
    make_post,
    make_publication,
    put_into,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def signed_in(client: Client, alice: User) -> Client:
    client.force_login(alice)
    return client


def carousel(alice: User, state: State = State.PROCESSING, *, photos: int = 3, **fields: Any) -> Publication:
    workspace = workspace_of(alice)
    files = [
        make_photo(workspace, poster=f"posters/{number}.jpg", size_bytes=1_000_000)
        for number in range(photos)
    ]
    post_fields = fields.pop("post", {})
    post = make_carousel(workspace, photos=files, cover_photo=files[-1], title="Three views", **post_fields)
    return make_publication(post, user=alice, state=state, **fields)


def draft(alice: User, state: State = State.IN_INBOX, **fields: Any) -> Publication:
    post = make_post(workspace_of(alice), destination=Destination.INBOX)
    return make_publication(post, user=alice, state=state, delivered_at=timezone.now(), **fields)


def fetch(attempt: Attempt, *, whole: int) -> None:
    """So many files have gone out whole, half of the next one."""
    now = attempt.init_started_at + timedelta(seconds=1)
    for position, photo in enumerate(attempt.publication.consent.photos.all()):
        is_whole = position < whole
        PullFile.objects.create(
            attempt=attempt,
            position=position,
            media=photo.media,
            token_sha256=f"{attempt.pk}{position}",
            name=f"{position + 1}.jpg",
            size_bytes=photo.media.size_bytes,
            content_type="image/jpeg",
            requests=1 if position <= whole else 0,
            bytes_served=photo.media.size_bytes
            if is_whole
            else photo.media.size_bytes // 2 * (position == whole),
            first_asked_at=now if position <= whole else None,
            last_asked_at=now if position <= whole else None,
            last_byte_at=now + timedelta(seconds=position + 1) if is_whole else None,
        )


def page_of(client: Client, publication: Publication) -> Any:
    response = client.get(reverse("publishing:post-detail", args=[publication.post_id]))
    assert response.status_code == 200
    return response.context["page"]


def words_on(client: Client, publication: Publication) -> str:
    response = client.get(reverse("publishing:post-detail", args=[publication.post_id]))
    return " ".join(response.text.split())


def card_of(client: Client, post: Post) -> Any:
    cards = client.get(reverse("publishing:post-list")).context["cards"]
    return next(card for card in cards if card.pk == post.pk)


# --- The list ---------------------------------------------------------------------------------------------


def test_the_list_says_what_each_post_is(signed_in: Client, alice: User) -> None:
    workspace = workspace_of(alice)
    assert card_of(signed_in, carousel(alice).post).kind == "3 photos"
    assert card_of(signed_in, carousel(alice, photos=1).post).kind == "1 photo"
    assert card_of(signed_in, draft(alice).post).kind == "Video, as a draft"
    one = card_of(signed_in, carousel(alice, post={"destination": Destination.INBOX}).post)
    assert one.kind == "3 photos, as a draft"
    assert card_of(signed_in, make_carousel(workspace, photos=2)).kind == "2 photos"
    assert card_of(signed_in, make_post(workspace)).kind == "Video"


def test_a_carousel_is_called_by_its_title_and_shows_its_cover(signed_in: Client, alice: User) -> None:
    publication = carousel(alice)
    card = card_of(signed_in, publication.post)
    cover = publication.consent.photos.last().media  # type: ignore[union-attr]
    assert card.title == "Three views"
    assert card.poster_url == reverse("composer:media-poster", args=[cover.pk])


@pytest.mark.parametrize(
    ("fields", "advice"),
    [
        ({"photos": 0}, "Choose photos."),
        ({"photos": 1, "privacy_level": ""}, "Choose who can view it."),
        (
            {"photos": 1, "privacy_level": "", "destination": Destination.INBOX},
            "Look it over and post it.",
        ),
    ],
)
def test_a_draft_carousel_says_what_it_lacks(
    signed_in: Client, alice: User, fields: dict[str, Any], advice: str
) -> None:
    assert card_of(signed_in, make_carousel(workspace_of(alice), **fields)).advice == advice


def test_a_deleted_file_leaves_no_broken_picture(signed_in: Client, alice: User) -> None:
    publication = carousel(alice, State.PUBLISHED)
    MediaFile.objects.update(state=MediaState.DELETED)
    assert card_of(signed_in, publication.post).poster_url == ""
    page = page_of(signed_in, publication)
    assert page.preview.is_deleted
    assert {picture.url for picture in page.preview.pictures} == {""}
    assert "Deleted from the library after TikTok had it." in words_on(signed_in, publication)


# --- The page of a carousel -------------------------------------------------------------------------------


def test_a_carousel_shows_its_photos_in_order_with_the_cover_named(signed_in: Client, alice: User) -> None:
    publication = carousel(alice, post={"allow_duet": True, "auto_add_music": True, "is_aigc": True})
    page = page_of(signed_in, publication)
    photos = list(publication.consent.photos.all())
    assert [(picture.number, picture.url, picture.is_cover) for picture in page.preview.pictures] == [
        (number + 1, reverse("composer:media-file", args=[photo.media_id]), number == 2)
        for number, photo in enumerate(photos)
    ]
    assert page.preview.title == "Three views"
    assert page.preview.labels == ("Creator labeled as AI-generated",)
    assert page.agreement.text_name == "Description"
    assert page.agreement.choices == (
        ("Who can view", "Everyone"),
        ("Allowed", "Comment"),
        ("Commercial content", "Not disclosed"),
        ("Music", "TikTok adds some"),
        ("AI-generated", "Labeled as AI-generated"),
    )


def test_a_published_carousel_has_a_link_of_its_own_kind(alice: User, settings: Any) -> None:
    settings.TIKTOK_AUTH_URL = "https://www.tiktok.com"
    link = tiktok_link(carousel(alice, State.PUBLISHED, post_ids=["7602997517160123666"]))
    assert link.url == "https://www.tiktok.com/@poppy.public/photo/7602997517160123666"


def test_a_photo_that_tiktok_refuses_is_explained_by_the_limits_of_photos(
    signed_in: Client, alice: User
) -> None:
    page = page_of(signed_in, carousel(alice, State.FAILED, reason="picture_size_check_failed"))
    assert "at most 1080 pixels" in page.trouble.explanation.what_happened


def test_says_which_of_several_files_changed(signed_in: Client, alice: User) -> None:
    publication = carousel(alice, State.HELD, reason="file_changed")
    make_event(publication, State.HELD, detail={"file": "beach.jpg"})
    assert page_of(signed_in, publication).trouble.particulars == ("It is about beach.jpg.",)


# --- What TikTok fetches ----------------------------------------------------------------------------------


def test_the_bytes_tiktok_fetches_are_shown_file_by_file(signed_in: Client, alice: User) -> None:
    publication = carousel(alice)
    attempt = make_attempt(publication, route=Route.PHOTOS, gate="open", total_bytes=3_000_000)
    fetch(attempt, whole=1)
    page = page_of(signed_in, publication)
    assert (page.standing.bar.value, page.standing.bar.max) == (1_500_000, 3_000_000)
    assert page.bytes_label == "Bytes fetched by TikTok"
    assert page.standing.status == "TikTok fetches what it needs from us."
    assert [(file.name, file.is_whole, file.requests) for file in page.fetched.files] == [
        ("Photo 1", True, 1),
        ("Photo 2", False, 1),
        ("Photo 3", False, 0),
    ]
    assert "What TikTok fetched: 1.4\xa0MB of 2.9\xa0MB" in page_text(signed_in, publication)


def page_text(client: Client, publication: Publication) -> str:
    return client.get(reverse("publishing:post-detail", args=[publication.post_id])).text


def test_once_all_is_fetched_there_is_no_bar(signed_in: Client, alice: User) -> None:
    publication = carousel(alice)
    fetch(make_attempt(publication, route=Route.PHOTOS, gate="open", total_bytes=3_000_000), whole=3)
    page = page_of(signed_in, publication)
    assert page.standing.bar is None
    assert page.fetched.whole == 3


def test_a_video_we_send_has_no_such_list(signed_in: Client, alice: User) -> None:
    publication = make_publication(make_post(workspace_of(alice)), user=alice, state=State.PROCESSING)
    make_attempt(publication)
    page = page_of(signed_in, publication)
    assert page.fetched is None
    assert page.bytes_label == "Bytes sent"


def test_the_history_tells_what_was_fetched_and_when(alice: User) -> None:
    publication = carousel(alice)
    attempt = make_attempt(publication, route=Route.PHOTOS, gate="open", total_bytes=3_000_000)
    fetch(attempt, whole=3)
    began = attempt.init_started_at
    for seconds, name, fields in (
        (-1, State.STARTING, {"from_state": State.SCHEDULED}),
        (0.5, State.PROCESSING, {"from_state": State.STARTING, "attempt": attempt}),
        (9, State.PUBLISHED, {"from_state": State.PROCESSING, "attempt": attempt}),
    ):
        event = make_event(publication, name, **fields)
        force(type(event).objects.filter(pk=event.pk), at=began + timedelta(seconds=seconds))
    put_into(publication, State.PUBLISHED)
    told = [
        (moment.title, moment.text) for moment in timeline_of(publication, now=timezone.now()).moments[1:]
    ]
    assert told == [
        ("A worker took it up", "It asks TikTok about the account and checks the photos."),
        ("TikTok confirmed that it fetches the photos", ""),
        (
            "TikTok began to fetch",
            "3 photos, each from an address of its own that works for this attempt only.",
        ),
        ("TikTok has fetched everything", "2.9\xa0MB in 3 requests."),
        ("Published", "Who can view: Everyone."),
    ]


@pytest.mark.parametrize(
    ("name", "code", "title"),
    [
        ("fetched_unanswered", "fetched_unanswered", "TikTok fetched before it answered"),
        ("gate_turned_off", "fetched_unanswered", "TikTok fetched before it answered"),
        ("pull_revoked", "init_unanswered", "The addresses of the files ended"),
        ("cancel", "ok", "TikTok was asked to cancel"),
        ("cancel", "publish_not_cancellable", "TikTok can no longer cancel it"),
    ],
)
def test_what_happened_to_the_addresses_is_told(alice: User, name: str, code: str, title: str) -> None:
    publication = carousel(alice)
    make_event(publication, name, kind=EventKind.CALL, code=code)
    assert timeline_of(publication, now=timezone.now()).moments[1].title == title


def test_who_pressed_cancel_is_told(alice: User) -> None:
    publication = carousel(alice)
    make_event(publication, "cancel_asked", kind=EventKind.PERSON, to_state="", person=alice)
    moment = timeline_of(publication, now=timezone.now()).moments[1]
    assert (moment.title, moment.text) == (
        "Cancel was pressed",
        f"By {alice}. TikTok may have it in reach, so TikTok is asked.",
    )


# --- The page of a draft ----------------------------------------------------------------------------------


def test_a_draft_says_what_the_creator_does_and_how_long_we_ask(signed_in: Client, alice: User) -> None:
    publication = draft(alice)
    page = page_of(signed_in, publication)
    assert page.standing.headline == "In the creator's inbox"
    assert page.inbox.days_left == 30
    assert page.inbox.needs_new_app is False
    assert page.agreement.choices == (
        ("Sent as", "A draft to the TikTok inbox; the creator chooses the rest in TikTok"),
    )
    words = words_on(signed_in, publication)
    assert "tap the notification in the inbox" in words
    assert "for another 30 days, ever more rarely" in words
    titles = [moment.title for moment in page.timeline.moments]
    assert titles[0] == "Send to TikTok inbox was pressed"
    assert titles[-2:] == ["Waiting for the creator to post it in TikTok", "Published"]


def test_a_draft_of_photos_needs_a_newer_app(signed_in: Client, alice: User) -> None:
    publication = carousel(
        alice, State.IN_INBOX, post={"destination": Destination.INBOX}, delivered_at=timezone.now()
    )
    make_attempt(publication, route=Route.INBOX_PHOTOS, outcome=AttemptOutcome.DELIVERED)
    assert page_of(signed_in, publication).inbox.needs_new_app is True
    assert "version 31.8 or newer" in words_on(signed_in, publication)


def test_after_thirty_days_a_draft_is_no_longer_asked_about(signed_in: Client, alice: User) -> None:
    publication = draft(alice)
    Publication.objects.update(delivered_at=timezone.now() - timedelta(days=30, hours=1))
    assert "TikTok is no longer asked about it" in words_on(signed_in, publication)
    assert page_of(signed_in, publication).poll_seconds is None


def test_a_page_looks_out_for_a_draft_only_while_the_next_answer_is_near(
    signed_in: Client, alice: User
) -> None:
    publication = draft(alice, next_try_at=timezone.now() + timedelta(seconds=50))
    assert page_of(signed_in, publication).poll_seconds == 30
    Publication.objects.update(next_try_at=timezone.now() + timedelta(hours=2))
    assert page_of(signed_in, publication).poll_seconds is None


def test_a_draft_that_was_posted_says_so(signed_in: Client, alice: User) -> None:
    publication = draft(alice, State.PUBLISHED, published_at=timezone.now())
    page = page_of(signed_in, publication)
    assert page.standing.sentence == "TikTok says that the creator has posted it."
    assert page.link_note == (
        "Who can view it, the creator chose in TikTok. A link comes only if that is everyone."
    )
    assert page.inbox is None


def test_a_full_inbox_says_when_there_is_room_again(signed_in: Client, alice: User) -> None:
    publication = draft(alice, State.HELD, reason="spam_risk_too_many_pending_share")
    make_event(publication, State.HELD, detail={"room_at": "2026-11-22T10:00:00+00:00"})
    page = page_of(signed_in, publication)
    assert page.trouble.retry_at.isoformat() == "2026-11-22T10:00:00+00:00"
    assert "There is room again from" in words_on(signed_in, publication)
