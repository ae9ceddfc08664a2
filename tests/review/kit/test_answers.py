"""The answers for TikTok's forms fit their fields, say what is true of the site, and make nothing up."""

import re
from typing import Any

import pytest

from review.kit.answers import Answer, forms
from review.stored import PARTS
from tiktok import Scope

LONGEST_NAME = "N" * 50
# What a reviewer reads as a tool for oneself, or for copying (TikTok's Content Sharing Guidelines, intended use).
NOT_TO_BE_SAID = re.compile(
    r"\b(internal|personal|private|my|our|multi-brand|agency|repost|mirror|bulk|test|team)\b", re.IGNORECASE
)


def answer_to(field: str) -> Answer:
    (found,) = [answer for form in forms() for answer in form.answers if answer.field == field]
    return found


@pytest.fixture(autouse=True)
def in_production(settings: Any) -> None:
    settings.PUBLIC_URL, settings.IS_PRODUCTION = "https://stage.example.org", True
    settings.PRODUCT_NAME, settings.OPERATOR_NAME = "Stagelight", "Stagelight"


def test_every_answer_fits_its_field_with_the_longest_name_and_every_scope(settings: Any) -> None:
    settings.PRODUCT_NAME = LONGEST_NAME
    settings.TIKTOK_SCOPES = [str(scope) for scope in Scope]
    limited = {
        answer.field: (answer.letters, answer.limit)
        for form in forms()
        for answer in form.answers
        if answer.limit
    }
    assert {limit for _, limit in limited.values()} == {120, 600, 1000}
    assert {field: sizes for field, sizes in limited.items() if sizes[0] > sizes[1]} == {}


def test_direct_post_is_named_in_both_free_texts_and_every_scope_is_explained() -> None:
    explanation = answer_to("Explain how each product and scope works").text
    for text in (explanation, answer_to("Goal of the application and benefit of the API").text):
        assert "Direct Post" in text
    for scope in ("user.info.basic", "video.publish", "video.upload"):
        assert re.search(rf"^{re.escape(scope)} \S", explanation, re.MULTILINE), scope
    assert "video.list" not in explanation


def test_nothing_sounds_like_a_tool_for_oneself() -> None:
    said = [answer.text for form in forms() for answer in form.answers if not answer.is_placeholder]
    assert len(said) > 12
    assert [text for text in said if NOT_TO_BE_SAID.search(text)] == []


def test_name_site_and_addresses_are_the_operators_own() -> None:
    assert answer_to("App name").text == answer_to("Organization name").text == "Stagelight"
    assert answer_to("Organization website").text == "https://stage.example.org/"
    assert answer_to("Terms of Service URL").text == "https://stage.example.org/terms/"
    assert answer_to("Privacy Policy URL").text == "https://stage.example.org/privacy/"
    assert answer_to("Redirect URI").text == "https://stage.example.org/accounts/connect/callback/"


def test_every_stored_field_is_listed_as_on_the_privacy_page() -> None:
    listed = answer_to("API response fields stored in the database").text
    assert len(listed.splitlines()) == len(PARTS)
    for field in ("open_id", "access_token, expires_in", "creator_nickname", "publish_id", "fail_reason"):
        assert field in listed
    assert "the same answer" not in listed


def test_two_names_are_warned_of(settings: Any) -> None:
    assert "use one name" not in answer_to("Organization name").hint
    settings.OPERATOR_NAME = "Acme & Sons"
    assert "“Acme & Sons”: use one name" in answer_to("Organization name").hint
    settings.PRODUCT_NAME = "TikTok Helper"
    assert "social network's name: change it" in answer_to("App name").hint


@pytest.mark.parametrize(
    "field",
    [
        "Full name",
        "App ID",
        "Approximate daily users posting",
        "How the estimate was determined",
        "Three boxes: terms, demo account, truthfulness",
    ],
)
def test_what_only_the_operator_knows_is_left_open(field: str) -> None:
    assert answer_to(field).is_placeholder


def test_an_address_that_only_this_machine_can_open_is_left_open(settings: Any) -> None:
    settings.PUBLIC_URL, settings.IS_PRODUCTION = "http://localhost:8000", False
    for field in ("Organization website", "Terms of Service URL", "Redirect URI"):
        assert answer_to(field).is_placeholder
        assert "localhost" not in answer_to(field).text
