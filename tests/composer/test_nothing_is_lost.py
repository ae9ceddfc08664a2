"""What a page cannot send, because its control is disabled or not shown, stays as it was chosen."""

import pytest
from django.test import Client
from django.urls import reverse

from composer.models import Post
from tests.composer.composing import open_page, save, stored
from tests.composer.people import EVERYONE, FRIENDS, ONLY_ME
from tests.processes import Simulator

NO_PRIVATE = "Branded content visibility cannot be set to private."


class TestNothingIsLostByOmission:
    """A control that is disabled or not shown sends nothing; what was chosen with it must survive all the same."""

    @pytest.fixture
    def everything(self, as_alice: Client, ready: Post) -> Post:
        Post.objects.filter(pk=ready.pk).update(
            allow_comment=True, allow_duet=True, allow_stitch=True, privacy_level=EVERYONE, your_brand=True
        )
        return ready

    def test_a_ticked_box_that_tiktok_forbids_now(
        self, as_alice: Client, everything: Post, simulator: Simulator
    ) -> None:
        simulator.control("POST", "/creators/poppy.public", {"duet_disabled": True})
        page = open_page(as_alice, everything)
        assert page["allow_duet"].is_ticked
        assert not page["allow_duet"].is_disabled
        assert "In TikTok's settings Poppy Parade allows nobody to use Duet." in page.words_of(
            "allow_duet-note"
        )
        assert page.post_button.is_disabled
        page = save(as_alice, everything, page, caption="Something else")
        assert stored(everything).allow_duet
        page = save(as_alice, everything, page, 2, allow_duet=False)
        assert not stored(everything).allow_duet
        assert page["allow_duet"].is_disabled
        assert not page.post_button.is_disabled

    def test_an_unticked_box_that_tiktok_forbids_is_disabled_and_says_why(
        self, as_alice: Client, empty: Post, simulator: Simulator
    ) -> None:
        simulator.control("POST", "/creators/poppy.public", {"comment_disabled": True})
        page = open_page(as_alice, empty)
        assert page["allow_comment"].is_disabled
        assert "allows nobody to comment" in page.words_of("allow_comment-note")
        assert any("allows nobody to comment" in words for words in page.hover_words)

    def test_boxes_under_a_disclosure_that_is_off(self, as_alice: Client, everything: Post) -> None:
        page = open_page(as_alice, everything)
        assert not page.has("your_brand")
        save(as_alice, everything, page, caption="Something else")
        assert stored(everything).your_brand
        assert not stored(everything).discloses

    def test_everything_while_tiktok_cannot_be_reached(
        self, as_alice: Client, everything: Post, simulator: Simulator
    ) -> None:
        simulator.fault("creator_info", "http", status=503, times=None)
        page = open_page(as_alice, everything)
        save(as_alice, everything, page, caption="Written meanwhile")
        post = stored(everything)
        assert (post.caption, post.privacy_level) == ("Written meanwhile", EVERYONE)
        assert (post.allow_comment, post.allow_duet, post.allow_stitch) == (True, True, True)

    def test_a_visibility_tiktok_does_not_offer_any_more(
        self, as_alice: Client, everything: Post, simulator: Simulator
    ) -> None:
        simulator.control("POST", "/creators/poppy.public", {"private": True})
        Post.objects.filter(pk=everything.pk).update(allow_duet=False, allow_stitch=False)
        page = open_page(as_alice, everything)
        assert page.words_of("visibility") == "Everyone"
        assert "TikTok does not offer it to Poppy Parade now" in page.words_of("visibility-notes")
        assert page.post_button.is_disabled
        page = save(as_alice, everything, page, caption="Something else")
        assert stored(everything).privacy_level == EVERYONE
        save(as_alice, everything, page, 2, privacy_level=FRIENDS)
        assert stored(everything).privacy_level == FRIENDS

    def test_branded_content_and_only_me_each_stay_as_chosen(self, as_alice: Client, ready: Post) -> None:
        page = open_page(as_alice, ready)
        page = save(as_alice, ready, page, discloses=True, privacy_level=ONLY_ME)
        assert page["branded_content"].is_disabled
        assert NO_PRIVATE in page.words_of("branded_content-note")
        # Sent all the same, by a forged form: stored, shown ticked, and nothing can be posted.
        data = page.sends() | {"branded_content": "on", "seq": "2"}
        as_alice.post(reverse("composer:post-save", args=[ready.pk]), data)
        page = open_page(as_alice, ready)
        post = stored(ready)
        assert (post.branded_content, post.privacy_level) == (True, ONLY_ME)
        assert page["branded_content"].is_ticked
        assert not page["branded_content"].is_disabled
        assert page.post_button.is_disabled
        page = save(as_alice, ready, page, privacy_level=EVERYONE)
        assert not page.post_button.is_disabled

    def test_only_me_is_disabled_by_branded_content_and_says_why(self, as_alice: Client, ready: Post) -> None:
        page = open_page(as_alice, ready)
        page = save(as_alice, ready, page, discloses=True)
        page = save(as_alice, ready, page, 2, branded_content=True)
        only_me = next(each for each in page["privacy_level"].options if each.attrs["value"] == ONLY_ME)
        assert only_me.is_disabled
        assert NO_PRIVATE in only_me.words
        assert NO_PRIVATE in page.hover_words
        assert NO_PRIVATE in page.words_of("visibility-list")
