"""What the list to hand in by says of film and texts, no longer kept by the evidence kit."""

from tests.mutants.mutants import Change, forgotten

FILM = "tests/review/kit/test_film.py::test_"
GUIDE = "tests/review/kit/test_guide.py::test_"
ANSWERS = "tests/review/kit/test_answers.py::test_"
WHOLE = "tests/review/kit/test_whole_kit.py::test_every_state_shows_and_every_paper_is_written"
CAMERA = "review/kit/camera.py"

KIT_MUTANTS = (
    forgotten(
        "film",
        "a line stands above the window of what is handed in",
        FILM + "what_is_handed_in_is_the_window_as_it_is_with_nothing_above_or_over_it",
        Change(CAMERA, "height = (TOP if self._is_rehearsal else 0) + HEIGHT", "height = TOP + HEIGHT"),
        Change(
            CAMERA,
            "        if self._is_rehearsal:\n            parts.insert",
            "        if parts:\n            parts.insert",
        ),
    ),
    forgotten(
        "film",
        "something is painted over the window",
        FILM + "what_is_handed_in_is_the_window_as_it_is_with_nothing_above_or_over_it",
        Change(
            CAMERA,
            "parts = [_as_yuv(window), _bottom_frame(self.words)]",
            "parts = [_bottom_frame(self.words).reformat(WIDTH, HEIGHT), _bottom_frame(self.words)]",
        ),
    ),
    forgotten(
        "film",
        "the pointer is left out",
        FILM + "the_pointer_is_in_the_picture",
        Change(CAMERA, '"draw_mouse": "1"', '"draw_mouse": "0"'),
    ),
    forgotten(
        "film",
        "the window has no address bar",
        GUIDE + "the_whole_window_is_filmed_with_its_address_bar",
        Change("review/kit/browser.py", '            "--no-first-run",\n', '            "--kiosk",\n'),
    ),
    forgotten(
        "film",
        "waiting for the person is filmed",
        FILM + "a_pause_is_not_in_the_film",
        Change(CAMERA, "self._is_paused = True", "self._is_paused = False"),
    ),
    forgotten(
        "film",
        "any hover text will do",
        GUIDE + "a_hover_text_that_does_not_show_is_named",
        Change(
            "review/kit/guide.py",
            "if not said or (text is not None and said != text):",
            "if not said:",
        ),
    ),
    forgotten(
        "film",
        "a hover text counts before it is seen",
        GUIDE + "a_title_that_opens_no_hover_text_is_named",
        Change(
            "review/kit/guide.py",
            "        self._wait_for(lambda: self.pointer.count_windows() > before, "
            '"the hover text did not open")\n',
            "",
        ),
    ),
    forgotten(
        "film",
        "a state that does not show is passed over",
        GUIDE + "a_control_that_is_not_there_is_named",
        Change(
            "review/kit/guide.py",
            "            first = requirement(numbers[0])\n",
            "            return\n            first = requirement(numbers[0])\n",
        ),
    ),
    forgotten(
        "film",
        "a rehearsal does not say so",
        FILM + "a_rehearsal_says_so_on_every_frame",
        Change(
            "review/kit/strips.py",
            '    ImageDraw.Draw(strip).text((WIDTH // 2, TOP // 2), REHEARSAL, "#ffffff", _font(20), anchor="mm")\n',
            "",
        ),
    ),
    forgotten(
        "film",
        "a rehearsal says so on its first frame alone",
        FILM + "a_rehearsal_says_so_on_every_frame",
        Change(
            CAMERA,
            "            parts.insert(0, _top_frame())\n",
            "            parts.insert(0, _top_frame() if self._number < 1 else _bottom_frame(Words()))\n",
        ),
    ),
    forgotten(
        "film",
        "the film must be loaded whole before it starts",
        FILM + "a_rehearsal_says_so_on_every_frame",
        Change(CAMERA, 'options={"movflags": "+faststart"}', "options={}"),
    ),
    forgotten(
        "film",
        "the film is in another format",
        FILM + "a_rehearsal_says_so_on_every_frame",
        Change(
            CAMERA, 'options = {"preset": "veryfast", "crf": "23", "bf": "0"}', "options: dict[str, str] = {}"
        ),
        Change(CAMERA, 'out.add_stream("libx264",', 'out.add_stream("mpeg4",'),
    ),
    forgotten(
        "film",
        "the consent page is left before its scopes were shown",
        WHOLE,
        Change(
            "review/kit/arriving.py",
            "    for scope in stage.scopes:\n        guide.point",
            "    for scope in stage.scopes[:1]:\n        guide.point",
        ),
    ),
    forgotten(
        "film",
        "it ends on the product",
        WHOLE,
        Change("review/kit/run.py", '        ("On TikTok", posting.end_on_tiktok),\n', ""),
    ),
    forgotten(
        "texts",
        "the explanation does not name Direct Post",
        ANSWERS + "direct_post_is_named_in_both_free_texts_and_every_scope_is_explained",
        Change(
            "review/kit/answers.py",
            '"(Content Posting API, Direct Post): the post page',
            '"(Content Posting API): the post page',
        ),
    ),
    forgotten(
        "texts",
        "the goal does not name Direct Post",
        ANSWERS + "direct_post_is_named_in_both_free_texts_and_every_scope_is_explained",
        Change("review/kit/answers.py", '"Direct Post lets creators who', '"It lets creators who'),
    ),
    forgotten(
        "texts",
        "a scope is not explained",
        ANSWERS + "direct_post_is_named_in_both_free_texts_and_every_scope_is_explained",
        Change("review/kit/answers.py", "            *scopes,\n", "            *scopes[1:],\n"),
    ),
    forgotten(
        "texts",
        "an answer is longer than its field",
        ANSWERS + "every_answer_fits_its_field_with_the_longest_name_and_every_scope",
        Change(
            "review/kit/answers.py",
            "photos to TikTok, choosing every setting yourself.",
            "photos to TikTok, choosing every setting yourself, at once or at a time of your own choice.",
        ),
    ),
    forgotten(
        "texts",
        "the estimate is made up",
        ANSWERS + "what_only_the_operator_knows_is_left_open",
        Change("review/kit/answers.py", '"[your honest estimate]"', '"101-300"'),
    ),
)
