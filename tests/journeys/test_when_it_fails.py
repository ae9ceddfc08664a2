"""Posts that do not go well: the page says so in plain words, offers what is safe, and nothing goes out twice."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.people import Composer, Person
from tests.publishing.driving import film as padded_film

pytestmark = pytest.mark.browser

PostIt = Callable[..., Page]

# Six chunks, so that there is something left to stop.
LARGE = 64_000_001 + 3_000_000
# Pauses between tries grow.
PATIENCE_MS = 60_000


@pytest.fixture
def post_it(person: Person, film: Path) -> PostIt:
    """Have poppy's post pressed, with faults lying in wait; returns the page of the post."""
    person.connect("poppy.public")

    def post_it(*faults: dict[str, Any]) -> Page:
        composer = person.compose(film)
        composer.caption.fill("Tea at four")
        composer.choose("Friends")
        for fault in faults:
            person.product.simulator.fault(**fault)
        press_post(composer)
        return composer.page

    return post_it


def press_post(composer: Composer) -> None:
    composer.button.click()
    expect(composer.page).to_have_url(re.compile(r"/posts/\d+/$"))


def outcomes(person: Person) -> list[str]:
    """How TikTok ended each post that arrived, oldest first."""
    return [post["status"] for post in sorted(person.product.posts(), key=lambda post: post["created_at"])]


def expect_explained(page: Page, *, title: str, what: str, who: str, to_do: str) -> None:
    trouble = page.get_by_role("region", name=title)
    expect(trouble.locator("dt")).to_contain_text(["What happened", "Who must act", "What to do"])
    for words in (what, who, to_do):
        expect(trouble).to_contain_text(words)


@pytest.mark.parametrize(
    ("reason", "title", "what", "to_do"),
    [
        (
            "file_format_check_failed",
            "TikTok cannot read this kind of file",
            "does not take its format. Nothing was published.",
            "choose a file that fits",
        ),
        (
            "spam_risk_text",
            "TikTok judged the caption risky",
            "found the caption or title risky or spam-like. Nothing was published.",
            "write another caption",
        ),
    ],
)
def test_what_cannot_go_well_twice_is_explained_and_not_offered_again(
    person: Person, post_it: PostIt, reason: str, title: str, what: str, to_do: str
) -> None:
    page = post_it({"on": "status", "kind": "fail_reason", "reason": reason})
    expect(page.get_by_role("heading", name="Failed", exact=True)).to_be_visible()
    expect_explained(page, title=title, what=what, who="You", to_do=to_do)
    expect(page.get_by_role("button", name="Try again")).to_have_count(0)
    expect(page.get_by_text("Not offered: the same post would most likely end the same way.")).to_be_visible()

    page.get_by_role("button", name="Edit and post again").click()
    composer = Composer(page)
    expect(composer.caption).to_have_value("Tea at four")
    expect(composer.visibility).to_have_text("Friends")
    composer.caption.fill("Tea at five")
    composer.wait_until_saved()
    press_post(composer)
    expect(page.get_by_role("heading", name="Published")).to_be_visible()
    assert outcomes(person) == ["FAILED", "PUBLISH_COMPLETE"]


def test_a_fault_of_tiktoks_own_is_tried_by_itself_and_then_handed_over(
    person: Person, post_it: PostIt
) -> None:
    page = post_it({"on": "status", "kind": "fail_reason", "reason": "internal", "times": 3})
    expect(page.get_by_role("heading", name="Failed", exact=True)).to_be_visible(timeout=PATIENCE_MS)
    expect_explained(
        page,
        title="A part of TikTok was not available",
        what="gave up. Nothing was published.",
        who="Nobody",
        to_do="Try again in a few minutes.",
    )
    expect(page.get_by_text("Safe, it cannot post twice.")).to_be_visible()
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("heading", name="Published")).to_be_visible(timeout=PATIENCE_MS)
    assert outcomes(person) == ["FAILED", "FAILED", "FAILED", "PUBLISH_COMPLETE"]


@pytest.mark.parametrize(
    "fault",
    [
        # The first question is that of the press itself.
        pytest.param(
            {"on": "creator_info", "kind": "http", "status": 503, "skip": 1}, id="asking-about-the-creator"
        ),
        pytest.param({"on": "video_init", "kind": "drop_after"}, id="announcing"),
        pytest.param({"on": "chunk", "kind": "http", "status": 503}, id="sending-refused"),
        pytest.param({"on": "chunk", "kind": "drop_after"}, id="sending-answer-lost"),
        pytest.param({"on": "status", "kind": "html", "times": 2}, id="asking-how-it-stands"),
    ],
)
def test_a_lost_answer_is_made_up_for_by_itself(
    person: Person, post_it: PostIt, fault: dict[str, Any]
) -> None:
    page = post_it(fault)
    expect(page.get_by_role("heading", name="Published")).to_be_visible(timeout=PATIENCE_MS)
    assert [each["times"] for each in person.product.simulator.faults()] == [0], "the fault never struck"
    assert outcomes(person).count("PUBLISH_COMPLETE") == 1


def test_a_slow_upload_can_be_cancelled_and_sent_later(person: Person, tmp_path: Path) -> None:
    simulator = person.product.simulator
    simulator.fault("chunk", "slow", seconds=2, times=None)
    person.connect("poppy.public")
    composer = person.start_post()
    page = composer.page
    page.get_by_label("Choose files").set_input_files(padded_film(tmp_path, pad_to=LARGE))
    expect(page.get_by_label(re.compile("^Preview of "))).to_be_visible()
    composer.wait_until_saved()
    composer.choose("Friends")
    press_post(composer)
    expect(page.get_by_role("heading", name=re.compile(r"^Sending [1-9]\d? %$"))).to_be_visible()
    expect(page.get_by_role("progressbar", name="Bytes sent")).to_be_visible()

    page.get_by_role("button", name="Cancel this post").click()
    expect(page.get_by_role("heading", name="Cancelled", exact=True)).to_be_visible()
    expect(page.get_by_role("region", name="Cancelled")).to_contain_text(
        "It was stopped in time, nothing was published. To send it after all, try again or edit it first."
    )
    simulator.clear_faults()
    assert "PUBLISH_COMPLETE" not in outcomes(person)

    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("heading", name="Published")).to_be_visible()
    assert outcomes(person).count("PUBLISH_COMPLETE") == 1
    [out] = person.product.posts(status="PUBLISH_COMPLETE")
    assert out["bytes"] == LARGE


def test_a_creator_who_took_access_away_reconnects_from_the_draft(person: Person, film: Path) -> None:
    person.connect("poppy.public")
    composer = person.compose(film)
    composer.caption.fill("Tea at four")
    composer.choose("Friends")
    person.context.watch.expect(r"HTTP 422 POST .*/publish/$")  # type: ignore[attr-defined]
    person.product.simulator.revoke("poppy.public")
    composer.button.click()
    page = composer.page
    expect(page.get_by_role("alert")).to_contain_text("Nothing was sent to TikTok.")
    expect(page.get_by_role("alert")).to_contain_text("Reconnect it; your draft is kept.")
    page.get_by_role("button", name="Reconnect").click()
    page.get_by_label("Poppy Parade").check()
    page.get_by_role("button", name="Continue").click()
    expect(composer.caption).to_have_value("Tea at four")
    expect(composer.visibility).to_have_text("Friends")
    press_post(composer)
    expect(page.get_by_role("heading", name="Published")).to_be_visible()
    assert outcomes(person) == ["PUBLISH_COMPLETE"]
