"""The page of one post: where it stands, why, what may be pressed, and when it stops asking."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import AccountState, User
from accounts.people import workspace_of
from publishing.models import EventKind, Publication
from publishing.post_page import PostPage
from publishing.reasons import Reason
from publishing.states import State
from tests.factories import make_attempt, make_event, make_media, make_post, make_publication

pytestmark = pytest.mark.django_db
MB = 1024 * 1024


def publish(user: User, state: State, **fields: object) -> Publication:
    post_fields = fields.pop("post", {})
    assert isinstance(post_fields, dict)
    return make_publication(make_post(workspace_of(user), **post_fields), user=user, state=state, **fields)


def url_of(publication: Publication) -> str:
    return reverse("publishing:post-detail", args=[publication.post.pk])


def page_for(client: Client, publication: Publication) -> PostPage:
    response = client.get(url_of(publication))
    assert response.status_code == 200
    page: PostPage = response.context["page"]
    return page


@pytest.fixture
def signed_in(client: Client, alice: User) -> Client:
    client.force_login(alice)
    return client


def test_a_draft_opens_in_the_composer(signed_in: Client, alice: User) -> None:
    draft = make_post(workspace_of(alice))
    taken_back = publish(alice, State.DRAFT).post
    for post in (draft, taken_back):
        response = signed_in.get(reverse("publishing:post-detail", args=[post.pk]))
        assert response.status_code == 302
        assert response["Location"] == reverse("composer:post-edit", args=[post.pk])


@pytest.mark.rule("5e", at="page")
@pytest.mark.parametrize(
    ("state", "words"),
    [
        (State.SCHEDULED, "Waiting to be sent"),
        (State.STARTING, "Getting ready"),
        (State.UPLOADING, "Sending"),
        (State.PROCESSING, "TikTok is processing"),
        (State.IN_INBOX, "In the creator's inbox"),
        (State.PUBLISHED, "Published"),
        (State.HELD, "Held"),
        (State.WAITING_RECONNECT, "Needs reconnecting"),
        (State.UNCONFIRMED, "Unconfirmed"),
        (State.FAILED, "Failed"),
        (State.CANCELLED, "Cancelled"),
    ],
)
def test_says_every_state_in_words(signed_in: Client, alice: User, state: State, words: str) -> None:
    publication = publish(alice, state)
    page = page_for(signed_in, publication)
    assert page.standing.headline == words
    assert page.standing.sentence.endswith(".")


def test_shows_the_bytes_on_their_way(signed_in: Client, alice: User) -> None:
    media = make_media(workspace_of(alice), size_bytes=100 * MB)
    publication = publish(alice, State.UPLOADING, post={"media": media}, next_try_at=timezone.now())
    make_attempt(publication, bytes_sent=43 * MB, upload_started_at=timezone.now())
    html = signed_in.get(url_of(publication)).content.decode()
    assert f'max="{100 * MB}" value="{43 * MB}"' in html
    assert "43.0\xa0MB of 100.0\xa0MB" in html


def test_never_says_hundred_percent_before_tiktok_has_it_all(signed_in: Client, alice: User) -> None:
    publication = publish(alice, State.UPLOADING)
    attempt = make_attempt(publication, upload_started_at=timezone.now())
    attempt.bytes_sent = attempt.total_bytes
    attempt.save()
    assert page_for(signed_in, publication).pill.progress == 99


def test_says_what_tiktok_says(signed_in: Client, alice: User) -> None:
    publication = publish(alice, State.PROCESSING)
    make_attempt(publication, remote_status="PROCESSING_UPLOAD", final_intent_at=timezone.now())
    assert page_for(signed_in, publication).standing.status == "TikTok has the upload and is working on it."


def test_shows_an_unknown_status_as_it_came(signed_in: Client, alice: User) -> None:
    publication = publish(alice, State.UNCONFIRMED, reason=Reason.UNKNOWN_STATUS)
    make_attempt(publication, remote_status="DREAMING", final_intent_at=timezone.now())
    assert page_for(signed_in, publication).standing.status == (
        "TikTok says “DREAMING”, a word it does not explain."
    )


@pytest.mark.rule("5d", at="page")
@pytest.mark.parametrize("state", [State.SCHEDULED, State.STARTING, State.UPLOADING, State.PROCESSING])
def test_says_that_it_may_take_a_few_minutes(signed_in: Client, alice: User, state: State) -> None:
    html = signed_in.get(url_of(publish(alice, state))).content.decode()
    assert "TikTok may take a few minutes to process the content before it shows on your profile." in html


def test_links_to_the_post_by_its_first_id(signed_in: Client, alice: User, settings: object) -> None:
    settings.TIKTOK_AUTH_URL = "https://www.tiktok.com"  # type: ignore[attr-defined]
    publication = publish(alice, State.PUBLISHED, post_ids=["7601447475849021452", "2"])
    html = signed_in.get(url_of(publication)).content.decode()
    assert 'href="https://www.tiktok.com/@poppy.public/video/7601447475849021452"' in html
    assert page_for(signed_in, publication).link_note == ""


def test_without_an_id_links_to_the_profile_and_says_that_the_link_comes(
    signed_in: Client, alice: User, settings: object
) -> None:
    settings.TIKTOK_AUTH_URL = "https://www.tiktok.com"  # type: ignore[attr-defined]
    publication = publish(alice, State.PUBLISHED, published_at=timezone.now())
    page = page_for(signed_in, publication)
    assert page.link is not None
    assert (page.link.label, page.link.url) == (
        "See the profile on TikTok",
        "https://www.tiktok.com/@poppy.public",
    )
    assert (
        page.link_note == "The link to the post comes once TikTok has looked it over, mostly within minutes."
    )


def test_a_post_for_few_says_that_it_gets_no_link(signed_in: Client, alice: User) -> None:
    publication = publish(alice, State.PUBLISHED, post={"privacy_level": "SELF_ONLY"})
    assert page_for(signed_in, publication).link_note == (
        "TikTok gives no link to posts that not everyone can view. This one is for: Only me."
    )


def test_explains_a_failure_and_names_the_log_id(signed_in: Client, alice: User) -> None:
    publication = publish(
        alice, State.FAILED, reason="frame_rate_check_failed", tiktok_log_id="20261121100000ABCDEF"
    )
    make_attempt(publication, publish_id="v_pub_file~v2-1.777", outcome="failed")
    html = signed_in.get(url_of(publication)).content.decode()
    assert "The frame rate does not fit" in html
    assert "TikTok takes 23 to 60 frames per second, and measured something else." in html
    assert "<dd>You</dd>" in html
    assert "<code>frame_rate_check_failed</code>" in html
    assert "<code>20261121100000ABCDEF</code>" in html
    assert "<code>v_pub_file~v2-1.777</code>" in html


def test_takes_the_log_id_from_the_history_where_the_row_has_none(signed_in: Client, alice: User) -> None:
    publication = publish(alice, State.HELD, reason="spam_risk_too_many_posts")
    make_event(publication, State.HELD, code="spam_risk_too_many_posts", detail={"log_id": "2026HELD"})
    trouble = page_for(signed_in, publication).trouble
    assert trouble is not None
    assert trouble.log_id == "2026HELD"


def test_says_which_rule_changed(signed_in: Client, alice: User) -> None:
    publication = publish(alice, State.HELD, reason=Reason.RULES_CHANGED)
    make_event(
        publication,
        State.HELD,
        code=Reason.RULES_CHANGED,
        detail={"blocks": ["Poppy has switched off comments."]},
    )
    assert "<li>Poppy has switched off comments.</li>" in signed_in.get(url_of(publication)).content.decode()


def test_shows_an_unknown_reason_as_it_came(signed_in: Client, alice: User) -> None:
    publication = publish(alice, State.FAILED, reason="a_word_of_tomorrow")
    page = page_for(signed_in, publication)
    assert page.trouble is not None
    assert "“a_word_of_tomorrow”" in page.trouble.explanation.what_happened
    assert page.actions.can_try_again is False


@pytest.mark.parametrize(
    ("state", "reason", "is_offered"),
    [
        (State.FAILED, "internal", True),
        (State.FAILED, Reason.INIT_UNANSWERED, True),
        (State.HELD, "spam_risk_too_many_posts", True),
        (State.HELD, Reason.TIKTOK_UNREACHABLE, True),
        (State.CANCELLED, Reason.STOPPED_BY_PERSON, True),
        (State.FAILED, "auth_removed", False),
        (State.FAILED, "spam_risk", False),
        (State.FAILED, "spam_risk_text", False),
        (State.HELD, "spam_risk_user_banned_from_posting", False),
        (State.FAILED, "file_format_check_failed", False),
        (State.HELD, Reason.RULES_CHANGED, False),
        (State.HELD, Reason.ACCOUNT_MOVED, False),
        (State.UNCONFIRMED, Reason.UNKNOWN_PUBLISH_ID, False),
        (State.UNCONFIRMED, "internal_error", False),
        (State.PROCESSING, "", False),
        (State.PUBLISHED, "", False),
    ],
)
def test_offers_try_again_only_where_it_is_safe(
    signed_in: Client, alice: User, state: State, reason: str, is_offered: bool
) -> None:
    publication = publish(alice, state, reason=reason)
    html = signed_in.get(url_of(publication)).content.decode()
    action = f'action="{reverse("publishing:post-try-again", args=[publication.post.pk])}"'
    assert (action in html) is is_offered


@pytest.mark.parametrize(
    ("state", "reason"),
    [(State.UNCONFIRMED, "scope_not_authorized"), (State.HELD, "spam_risk_too_many_posts")],
)
def test_promises_nothing_about_a_post_that_may_be_out(
    signed_in: Client, alice: User, state: State, reason: str
) -> None:
    publication = publish(alice, state, reason=reason)
    make_attempt(publication, final_intent_at=timezone.now())
    response = signed_in.get(url_of(publication))
    page = response.context["page"]
    assert "Nothing was published" not in response.content.decode()
    assert page.trouble.retry_words == "Only after a look at the profile: else it could post twice."
    assert (page.actions.can_try_again, page.actions.can_reopen) == (False, False)
    assert page.link.label == "See the profile on TikTok"


@pytest.mark.parametrize("account_state", [AccountState.NEEDS_RECONNECT, AccountState.DISCONNECTED])
def test_does_not_offer_try_again_while_the_account_cannot(
    signed_in: Client, alice: User, account_state: AccountState
) -> None:
    publication = publish(alice, State.FAILED, reason="internal")
    publication.account.state = account_state
    publication.account.save()
    assert page_for(signed_in, publication).actions.can_try_again is False


def test_offers_to_reconnect_where_that_is_what_helps(signed_in: Client, alice: User) -> None:
    publication = publish(alice, State.WAITING_RECONNECT, reason=Reason.NEEDS_RECONNECT)
    publication.account.state = AccountState.NEEDS_RECONNECT
    publication.account.save()
    html = signed_in.get(url_of(publication)).content.decode()
    assert f'action="{reverse("accounts:reconnect", args=[publication.account.pk])}"' in html
    assert page_for(signed_in, publication).actions.primary == "reconnect"


def test_a_missing_permission_is_asked_for_until_the_account_came_back(
    signed_in: Client, alice: User
) -> None:
    publication = publish(alice, State.HELD, reason=Reason.MISSING_SCOPE)
    account = publication.account
    account.connected_at = timezone.now() - timedelta(days=1)
    account.save()
    assert page_for(signed_in, publication).actions.primary == "reconnect"
    account.connected_at = timezone.now() + timedelta(seconds=5)
    account.save()
    actions = page_for(signed_in, publication).actions
    assert (actions.can_reconnect, actions.primary) == (False, "try-again")


def test_offers_to_cancel_and_says_who_decides_once_the_last_part_goes_out(
    signed_in: Client, alice: User
) -> None:
    publication = publish(alice, State.UPLOADING)
    attempt = make_attempt(publication, upload_started_at=timezone.now())
    before = page_for(signed_in, publication).actions
    assert (before.can_cancel, before.cancel_note) == (True, "")
    attempt.final_intent_at = timezone.now()
    attempt.save()
    after = page_for(signed_in, publication).actions
    assert (after.can_cancel, after.cancel_note) == (
        True,
        "The last part is on its way to TikTok: TikTok is asked to stop, and decides whether it still can.",
    )


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("", "TikTok is being asked to cancel it. Whether it still can, its answer tells."),
        ("ok", "TikTok was asked to cancel it and agreed. Whether that was in time, its status tells."),
        ("publish_not_cancellable", "TikTok can no longer cancel it, so it goes on."),
    ],
)
def test_says_how_far_the_cancelling_is(signed_in: Client, alice: User, answer: str, words: str) -> None:
    publication = publish(alice, State.PROCESSING, cancel_asked_at=timezone.now(), cancel_answer=answer)
    make_attempt(publication, route="photos", gate="open")
    page = page_for(signed_in, publication)
    assert page.standing.sentence == words
    assert page.actions.can_cancel is False


@pytest.mark.parametrize(
    ("state", "is_offered"),
    [
        (State.SCHEDULED, True),
        (State.HELD, True),
        (State.WAITING_RECONNECT, True),
        (State.FAILED, True),
        (State.CANCELLED, True),
        (State.STARTING, False),
        (State.UPLOADING, False),
        (State.PROCESSING, False),
        (State.UNCONFIRMED, False),
        (State.PUBLISHED, False),
    ],
)
def test_offers_to_edit_where_the_table_of_moves_allows_it(
    signed_in: Client, alice: User, state: State, is_offered: bool
) -> None:
    assert page_for(signed_in, publish(alice, state)).actions.can_reopen is is_offered


def test_shows_what_was_agreed_to(signed_in: Client, alice: User) -> None:
    publication = publish(
        alice,
        State.PUBLISHED,
        post={
            "caption": "Fog\n#quiet",
            "privacy_level": "MUTUAL_FOLLOW_FRIENDS",
            "allow_duet": True,
            "discloses": True,
            "branded_content": True,
        },
    )
    page = page_for(signed_in, publication)
    assert page.agreement.by == str(alice)
    assert page.agreement.choices == (
        ("Who can view", "Friends"),
        ("Allowed", "Comment, Duet"),
        ("Commercial content", "Branded content"),
    )
    assert page.preview.caption == "Fog\n#quiet"
    assert page.preview.labels == ("Paid partnership",)
    assert page.preview.video_url == reverse("composer:media-file", args=[publication.consent.media.pk])


def test_says_when_the_next_try_is(signed_in: Client, alice: User) -> None:
    later = timezone.now() + timedelta(seconds=40)
    publication = publish(alice, State.STARTING, tries=3, next_try_at=later)
    assert page_for(signed_in, publication).standing.next_try_at == later


@pytest.mark.parametrize(
    ("state", "wait", "every"),
    [
        (State.UPLOADING, -1, "every 2s"),
        (State.PROCESSING, 4.5, "every 6s"),
        (State.PROCESSING, 300, "every 30s"),
        (State.UNCONFIRMED, 3600, "every 30s"),
    ],
)
def test_asks_right_after_the_engine_does(
    signed_in: Client, alice: User, state: State, wait: float, every: str
) -> None:
    publication = publish(alice, state, next_try_at=timezone.now() + timedelta(seconds=wait))
    html = signed_in.get(url_of(publication)).content.decode()
    progress_url = reverse("publishing:post-progress", args=[publication.post.pk])
    assert f'hx-get="{progress_url}" hx-trigger="{every}"' in html


@pytest.mark.parametrize(
    "state", [State.PUBLISHED, State.FAILED, State.CANCELLED, State.HELD, State.WAITING_RECONNECT]
)
def test_stops_asking_when_nothing_changes_by_itself(signed_in: Client, alice: User, state: State) -> None:
    publication = publish(alice, state)
    for url in (url_of(publication), reverse("publishing:post-progress", args=[publication.post.pk])):
        assert "hx-trigger" not in signed_in.get(url).content.decode()


def test_looks_out_for_the_link_only_for_a_while(signed_in: Client, alice: User) -> None:
    soon = timezone.now() + timedelta(seconds=10)
    fresh = publish(alice, State.PUBLISHED, published_at=timezone.now(), next_try_at=soon)
    old = publish(
        alice, State.PUBLISHED, published_at=timezone.now() - timedelta(minutes=31), next_try_at=soon
    )
    assert page_for(signed_in, fresh).poll_seconds in {11, 12}
    assert page_for(signed_in, old).poll_seconds is None


def test_the_fragment_is_the_changing_part_alone(signed_in: Client, alice: User) -> None:
    publication = publish(alice, State.PROCESSING, next_try_at=timezone.now())
    html = signed_in.get(reverse("publishing:post-progress", args=[publication.post.pk])).content.decode()
    assert f'id="post-progress-{publication.post.pk}"' in html
    assert 'role="status"' in html
    assert "<html" not in html
    assert "<video" not in html


def test_the_announcement_leaves_out_the_figure_that_changes_all_the_time(
    signed_in: Client, alice: User
) -> None:
    publication = publish(alice, State.UPLOADING)
    make_attempt(publication, bytes_sent=5_000_000, upload_started_at=timezone.now())
    html = signed_in.get(url_of(publication)).content.decode()
    announcement = html.split(f'id="post-announcement-{publication.post.pk}">')[1].split("</p>")[0]
    assert announcement == (
        "Sending. The file goes to TikTok part by part. You can close this page; sending goes on."
    )


def test_the_fragment_of_a_post_taken_back_leads_to_the_composer(signed_in: Client, alice: User) -> None:
    post = publish(alice, State.DRAFT).post
    response = signed_in.get(reverse("publishing:post-progress", args=[post.pk]))
    assert response["HX-Redirect"] == reverse("composer:post-edit", args=[post.pk])


@pytest.mark.parametrize("name", ["post-detail", "post-progress"])
def test_bob_finds_nothing_at_the_address_of_alice(client: Client, alice: User, bob: User, name: str) -> None:
    publication = publish(alice, State.PUBLISHED, post={"caption": "Only for Alice's eyes"})
    client.force_login(bob)
    response = client.get(reverse(f"publishing:{name}", args=[publication.post.pk]))
    assert response.status_code == 404
    assert "Only for Alice" not in response.content.decode()


def test_the_number_of_queries_does_not_grow_with_the_history(signed_in: Client, alice: User) -> None:
    publication = publish(alice, State.PROCESSING)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            signed_in.get(url_of(publication))
        return len(captured)

    make_attempt(publication)
    make_event(publication, State.STARTING, from_state=State.SCHEDULED)
    few = queries()
    for number in range(2, 6):
        attempt = make_attempt(publication, number=number)
        make_event(publication, "init", kind=EventKind.CALL, attempt=attempt)
        make_event(publication, State.SCHEDULED, kind=EventKind.PERSON, person=alice, from_state=State.FAILED)
        make_event(publication, State.FAILED, code="internal", attempt=attempt)
    assert queries() == few
    assert few <= 12  # one of them counts the unread notifications, two ask whether anything is being sent


def test_never_reads_the_sealed_upload_address(signed_in: Client, alice: User) -> None:
    publication = publish(alice, State.UPLOADING)
    make_attempt(publication, upload_url_sealed="SENTINEL-sealed-address")
    with CaptureQueriesContext(connection) as captured:
        html = signed_in.get(url_of(publication)).content.decode()
    assert "SENTINEL" not in html
    assert [query["sql"] for query in captured if "upload_url_sealed" in query["sql"]] == []
