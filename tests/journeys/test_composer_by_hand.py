"""The composer in a real browser: it saves itself, takes files in, and everything works from the keyboard."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.journeys.people import Composer, Person, hold
from tests.media import make_video

pytestmark = pytest.mark.browser


def focused(page: Page) -> str:
    """The id of what has the focus."""
    return str(page.evaluate("document.activeElement.id"))


@pytest.fixture
def composer(person: Person, film: Path) -> Composer:
    """Poppy's page with a video chosen."""
    person.connect("poppy.public")
    return person.compose(film)


class TestSavingItself:
    def test_leaving_in_the_middle_of_a_word_and_returning_loses_nothing(
        self, person: Person, composer: Composer
    ) -> None:
        address = person.page.url
        composer.caption.press_sequentially("Half a wor")
        # At once: the half second after typing has not passed.
        person.page.get_by_role("link", name="Accounts").click()
        person.page.wait_for_url("**/accounts/")
        person.page.goto(address)
        expect(composer.caption).to_have_value("Half a wor")

    def test_reloading_in_the_middle_of_a_word_loses_nothing(
        self, person: Person, composer: Composer
    ) -> None:
        composer.caption.press_sequentially("Half a wor")
        person.page.reload()
        expect(composer.caption).to_have_value("Half a wor")

    @pytest.mark.parametrize("what", ["typed and ticked", "picked"])
    def test_what_was_done_before_the_scripts_had_come_is_saved_too(
        self, what: str, person: Person, composer: Composer
    ) -> None:
        page = person.page
        held = hold(page, r"/post-autosave\b")
        page.reload(wait_until="commit")
        if what == "picked":
            # The dropdown over it has its own script, which is there.
            page.locator("#visibility-native").select_option("SELF_ONLY", force=True)
        else:
            composer.caption.fill("On a slow line")
            page.get_by_role("checkbox", name="Comment").check()
        expect(composer.saved).to_be_visible()
        with page.expect_response("**/save/"):
            for route in held:
                route.continue_()
        composer.wait_until_saved()
        page.unroute_all()
        page.reload()
        chosen = composer.chosen()
        if what == "picked":
            assert chosen["privacy_level"] == "SELF_ONLY"
        else:
            assert chosen["caption"] == "On a slow line"
            assert "allow_comment" in chosen

    def test_a_page_that_was_only_opened_saves_nothing(self, person: Person, composer: Composer) -> None:
        page = person.page
        composer.caption.fill("As it is, #dance\nand a second line")
        page.get_by_role("checkbox", name="Comment").check()
        composer.choose("Only me")
        for _ in range(4):
            page.get_by_role("button", name="+1 s").click()
        # The last moment of four seconds: none of the slider's steps, which go by a tenth.
        expect(page.locator("#cover-at")).to_have_text("0:03.999")
        composer.wait_until_saved()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(f"{request.method} {request.url}"))
        page.reload(wait_until="networkidle")
        page.wait_for_timeout(1000)
        assert any(call.startswith("GET ") for call in asked)
        assert [call for call in asked if call.startswith("POST ")] == []
        expect(page.locator("#cover-at")).to_have_text("0:03.999")

    def test_typing_goes_on_while_answers_arrive(self, person: Person, composer: Composer) -> None:
        text = "A caption that takes a while to type, with pauses. "
        for _ in range(4):
            composer.caption.press_sequentially(text, delay=8)
            person.page.wait_for_timeout(620)
        composer.wait_until_saved()
        assert focused(person.page) == "caption"
        expect(composer.caption).to_have_value(text * 4)
        person.page.reload()
        expect(composer.caption).to_have_value(text * 4)

    def test_boxes_ticked_faster_than_answers_arrive_all_stay(
        self, person: Person, composer: Composer
    ) -> None:
        slow = re.compile(r"/save/$")
        person.page.route(slow, lambda route: (person.page.wait_for_timeout(300), route.continue_())[1])
        for box in (composer.comment, composer.duet, composer.stitch):
            box.check()
        composer.disclose.check()
        composer.wait_until_saved()
        for box in (composer.comment, composer.duet, composer.stitch, composer.disclose):
            expect(box).to_be_checked()
        person.page.unroute(slow)
        person.page.reload()
        for box in (composer.comment, composer.duet, composer.stitch, composer.disclose):
            expect(box).to_be_checked()

    def test_a_second_window_is_noticed_and_nothing_is_overwritten(
        self, person: Person, composer: Composer
    ) -> None:
        person.context.watch.expect(r"HTTP 409 POST .*/save/")  # type: ignore[attr-defined]
        person.context.watch.expect(r"Response Status Error Code 409")  # type: ignore[attr-defined]
        other = Composer(person.context.new_page())
        other.page.goto(person.page.url)
        other.caption.fill("From the other window")
        other.wait_until_saved()
        composer.caption.fill("From this one")
        notice = person.page.get_by_role("alert")
        expect(notice).to_contain_text("This draft was changed in another window.")
        # Also far down the form, where the typing was.
        composer.button.scroll_into_view_if_needed()
        expect(notice).to_be_in_viewport()
        expect(composer.caption).to_have_value("From this one")
        expect(composer.button).to_be_disabled()
        person.page.get_by_role("link", name="Open the saved version").click()
        expect(composer.caption).to_have_value("From the other window")

    def test_a_draft_that_was_deleted_meanwhile_is_missed_at_once(
        self, person: Person, composer: Composer
    ) -> None:
        person.context.watch.expect(r"HTTP 404 POST .*/save/")  # type: ignore[attr-defined]
        person.context.watch.expect(r"Response Status Error Code 404")  # type: ignore[attr-defined]
        person.post(person.page.url.removeprefix(person.product.url).replace("/edit/", "/delete/"))
        composer.caption.fill("Typed into nothing")
        notice = person.page.get_by_text("This draft is no longer there.")
        expect(notice).to_have_count(1)
        expect(notice).to_be_in_viewport()
        expect(composer.button).to_be_disabled()
        composer.caption.fill("Typed into nothing, twice")
        expect(composer.caption).to_have_value("Typed into nothing, twice")
        expect(notice).to_have_count(1)

    def test_a_lost_connection_is_said_and_made_up_for(self, person: Person, composer: Composer) -> None:
        person.context.watch.expect(r"ERR_INTERNET_DISCONNECTED|htmx:|request failed")  # type: ignore[attr-defined]
        person.context.set_offline(True)
        composer.caption.fill("Written in a tunnel")
        expect(person.page.locator("#save-state")).to_have_text("Not saved yet")
        person.context.set_offline(False)
        composer.wait_until_saved()
        person.page.reload()
        expect(composer.caption).to_have_value("Written in a tunnel")

    def test_being_signed_out_meanwhile_loses_nothing(self, person: Person, composer: Composer) -> None:
        person.context.clear_cookies(name=re.compile("session"))
        composer.caption.fill("Typed long after lunch")
        expect(person.page.locator("#messages")).to_contain_text("What you typed last is not saved.")
        expect(person.page.locator("#save-state")).to_have_text("Not saved yet")
        expect(composer.caption).to_have_value("Typed long after lunch")


class TestFiles:
    def test_a_refused_file_is_explained_and_the_chosen_one_stays(
        self, person: Person, composer: Composer, film: Path, tmp_path: Path
    ) -> None:
        notes = tmp_path / "notes.mp4"
        notes.write_text("no video at all " * 200)
        person.page.get_by_text("Choose another video").click()
        person.page.set_input_files("#upload-file", notes)
        line = person.page.locator("#upload .upload-line", has_text="notes.mp4")
        expect(line).to_contain_text("This is a text file")
        line.get_by_role("button", name="Put away notes.mp4").click()
        expect(line).to_be_hidden()
        expect(person.page.locator("#video-line")).to_contain_text(film.name)

    def test_an_upload_shows_its_progress_and_can_be_cancelled(
        self, person: Person, composer: Composer, tmp_path: Path
    ) -> None:
        large = tmp_path / "large.mp4"
        with large.open("wb") as file:
            file.truncate(60 * 1024**2)
        speed = person.context.new_cdp_session(person.page)
        speed.send(
            "Network.emulateNetworkConditions",
            {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 4 * 1024**2},
        )
        person.page.get_by_text("Choose another video").click()
        person.page.set_input_files("#upload-file", large)
        expect(person.page.locator("#upload")).to_contain_text(re.compile(r"[1-9][\d.]* MB of 60\.0 MB"))
        # The draft goes on saving itself meanwhile, and leaves the upload alone.
        composer.caption.fill("Typed while uploading")
        composer.wait_until_saved()
        expect(person.page.get_by_role("progressbar", name="large.mp4")).to_be_visible()
        person.page.get_by_role("button", name="Cancel large.mp4").click()
        expect(person.page.get_by_role("progressbar", name="large.mp4")).to_be_hidden()
        expect(person.page.get_by_text("Choose files")).to_be_visible()

    def test_a_file_over_the_limit_is_not_even_sent(
        self, person: Person, composer: Composer, tmp_path: Path
    ) -> None:
        huge = tmp_path / "huge.mp4"
        with huge.open("wb") as file:
            file.truncate(4 * 1024**3 + 1)
        sent: list[str] = []
        person.page.on("request", lambda request: sent.append(request.method))
        person.page.get_by_text("Choose another video").click()
        person.page.set_input_files("#upload-file", huge)
        expect(person.page.locator("#upload")).to_contain_text(
            "This file is too large: it has 4,294,967,297 bytes, and at most 4 GB can be uploaded."
        )
        assert not {"POST", "PATCH"} & set(sent)

    def test_a_finished_upload_is_chosen_and_the_focus_is_kept(self, person: Person, film: Path) -> None:
        person.connect("poppy.public")
        person.start_post()
        person.page.set_input_files("#upload-file", film)
        expect(person.page.locator("#video-line")).to_contain_text(film.name)
        expect(person.page.locator("#video-change")).to_be_focused()


class TestByKeyboard:
    def test_the_visibility_is_picked_on_purpose_and_says_why_not(
        self, person: Person, composer: Composer
    ) -> None:
        composer.disclose.check()
        composer.branded_content.check()
        composer.wait_until_saved()
        composer.visibility.focus()
        person.page.keyboard.press("ArrowDown")
        person.page.keyboard.press("End")
        person.page.keyboard.press("Enter")
        # "Only me" can be reached and read, never chosen.
        expect(composer.option("Only me")).to_be_visible()
        expect(composer.option("Only me")).to_contain_text(
            "Branded content visibility cannot be set to private."
        )
        expect(composer.visibility).to_have_text("Select…")
        person.page.keyboard.press("Tab")
        expect(composer.visibility).to_have_text("Select…")
        composer.visibility.focus()
        person.page.keyboard.press("ArrowDown")
        person.page.keyboard.press("f")
        person.page.keyboard.press("Enter")
        expect(composer.visibility).to_have_text("Friends")
        composer.wait_until_saved()
        expect(composer.visibility).to_be_focused()
        expect(composer.button).to_be_enabled()

    def test_enter_posts_nothing_by_accident(self, person: Person, composer: Composer) -> None:
        composer.choose("Friends")
        expect(composer.button).to_be_enabled()
        address = person.page.url
        composer.comment.focus()
        person.page.keyboard.press("Enter")
        person.page.wait_for_timeout(400)
        assert person.page.url == address

    def test_a_video_is_chosen_and_the_focus_goes_to_changing_it(
        self, person: Person, composer: Composer, tmp_path: Path
    ) -> None:
        person.upload(make_video(tmp_path / "second.mp4", seconds=4, height=720))
        person.page.reload()
        person.page.locator("#video-change").focus()
        person.page.keyboard.press("Enter")
        person.page.get_by_role("button", name="second.mp4").focus()
        person.page.keyboard.press("Enter")
        expect(person.page.locator("#video-line")).to_contain_text("second.mp4")
        expect(person.page.locator("#video-change")).to_be_focused()

    def test_a_box_that_shuts_under_ones_hand_does_not_lose_the_focus(
        self, person: Person, composer: Composer
    ) -> None:
        composer.duet.check()
        composer.wait_until_saved()
        person.product.simulator.control("POST", "/creators/poppy.public", {"duet_disabled": True})
        person.page.reload()
        composer.duet.uncheck()
        composer.wait_until_saved()
        expect(composer.duet).to_be_focused()
        person.page.keyboard.press("Tab")
        expect(composer.duet).to_be_disabled()


def test_works_without_scripts(
    person: Person, open_browser: Callable[..., BrowserContext], film: Path
) -> None:
    person.connect("poppy.public")
    plain = open_browser(person.product, java_script_enabled=False)
    plain.add_cookies(person.context.cookies())  # type: ignore[arg-type]
    page = plain.new_page()
    page.goto(f"{person.product.url}/posts/")
    page.get_by_role("button", name="New post").first.click()
    page.get_by_label("Caption").fill("No scripts here")
    page.set_input_files("#upload-file", film)
    page.get_by_role("button", name="Upload").click()
    expect(page.locator("#video-line")).to_contain_text(film.name)
    expect(page.get_by_label("Caption")).to_have_value("No scripts here")
    page.locator("select[name=privacy_level]").select_option(label="Friends")
    expect(page.get_by_role("button", name="Post to TikTok")).to_be_disabled()
    page.get_by_role("button", name="Check").click()
    page.get_by_role("button", name="Post to TikTok").click()
    expect(page).to_have_url(re.compile(r"/posts/\d+/$"))
