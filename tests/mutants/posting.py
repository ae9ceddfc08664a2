"""Point 5 of the list to hand in by, and its lines for all points and for the site, no longer kept by the product."""

from tests.mutants.mutants import Change, forgotten

EDIT = "tests/composer/test_post_edit.py::"
DISCLOSURE = "tests/composer/test_rules_disclosure.py::test_rule_"
COMBINATIONS = "tests/composer/test_rules_every_combination.py::test_"
SEND = "tests/composer/test_rules_send.py::test_"
REFUSAL = "tests/review/test_refusals.py::test_refusal_"
WALK = "tests/review/test_audit_walk.py::test_the_page_shows_what_each_step_says"
DETAIL = "tests/publishing/test_post_detail.py::test_"
PUBLISH = "tests/publishing/test_post_publish.py::"
FINISH = "templates/composer/_finish.html"
FORM = "templates/composer/_post_form.html"
TICK = "templates/composer/_tick.html"
POST = "composer/models/posts.py"
RULES = "composer/rules/"

POSTING_MUTANTS = (
    # --- Point 5 ---------------------------------------------------------------------------------------------
    forgotten(
        "5",
        "the preview is another file",
        EDIT + "TestAFullDraft::test_previews_the_very_file",
        Change(
            "templates/composer/_preview.html",
            'src="{{ page.video.url }}"',
            'src="{{ page.video.poster_url }}"',
        ),
    ),
    forgotten(
        "5",
        "the bytes are changed on their way",
        "tests/publishing/test_sending_a_video.py::test_a_large_video_goes_in_chunks_and_arrives_byte_for_byte",
        Change(
            "publishing/sending.py",
            "            yield block\n",
            '            yield block[:-1] + b"\\xff"\n',
        ),
    ),
    forgotten(
        "5",
        "the button does not say what it does",
        EDIT + "TestAFullDraft::test_can_be_posted",
        Change(
            "composer/pages.py",
            '"Send to TikTok inbox" if self.ruling.inbox else "Post to TikTok"',
            '"Send to TikTok inbox" if self.ruling.inbox else "Continue"',
        ),
    ),
    forgotten(
        "5",
        "consent is stored for what stood there before the press",
        PUBLISH + "TestAPressThatGoesThrough::test_stores_consent_and_puts_the_post_on_its_way",
        Change(
            "publishing/publish_view.py",
            "    return _publish(request, submission.post, declared",
            "    return _publish(request, post, declared",
        ),
    ),
    forgotten(
        "5",
        "Enter in a field posts",
        EDIT + "TestAnEmptyDraft::test_nothing_can_be_posted_by_pressing_enter",
        Change(
            FORM,
            "formaction=\"{% url 'composer:post-check' page.post.pk %}\" hidden data-enter",
            "formaction=\"{% url 'publishing:post-publish' page.post.pk %}\" hidden data-enter",
        ),
    ),
    forgotten(
        "5",
        "the page says nothing of minutes before the press",
        REFUSAL + "09_the_processing_notice_stands_before_and_after_posting",
        Change(FINISH, "{{ page.ruling.processing_notice }}", ""),
    ),
    forgotten(
        "5",
        "the page says nothing of minutes after the press",
        REFUSAL + "09_the_processing_notice_stands_before_and_after_posting",
        Change(
            "publishing/post_page.py",
            'few_minutes=PROCESSING_NOTICE if state in ON_THE_WAY and not kind.is_inbox else "",',
            'few_minutes="",',
        ),
    ),
    forgotten(
        "5",
        "the state is not followed",
        DETAIL + "asks_right_after_the_engine_does",
        Change(
            "templates/publishing/_post_progress.html",
            "{% if page.poll_seconds %} hx-get=",
            "{% if False %} hx-get=",
        ),
    ),
    forgotten(
        "5",
        "the published post has no link",
        DETAIL + "links_to_the_post_by_its_first_id",
        Change(
            "publishing/post_page.py",
            "link=tiktok_link(publication) if is_out or may_be_out(publication) else None,",
            "link=None,",
        ),
    ),
    forgotten(
        "5",
        "a failure has no reason",
        DETAIL + "explains_a_failure_and_names_the_log_id",
        Change(
            "publishing/post_page.py",
            "trouble=_trouble(publication, attempt) if state in _EXPLAINED else None,",
            "trouble=None,",
        ),
    ),
    forgotten(
        "5",
        "the page goes away once the post is out",
        "tests/publishing/test_live_pages.py::test_the_post_page_follows_keeps_focus_announces_and_stops",
        Change(
            "publishing/views.py",
            '    return render(request, "publishing/_post_progress.html", {"page": page})\n',
            '    if post.publication.state == "published":\n'
            '        return HttpResponseClientRedirect(reverse("publishing:post-list"))\n'
            '    return render(request, "publishing/_post_progress.html", {"page": page})\n',
        ),
    ),
    # --- All points ------------------------------------------------------------------------------------------
    forgotten(
        "all",
        "the server takes what the page would not send",
        PUBLISH + "TestAForgedForm::test_that_skips_a_rule_is_refused",
        Change(
            "publishing/publish_view.py",
            "if not ruling.can_post or not plan.is_clear or",
            "if not plan.is_clear or",
        ),
        Change(
            "publishing/services.py",
            "if not ruling.can_post or stored.account is None:",
            "if stored.account is None:",
        ),
    ),
    forgotten(
        "all",
        "the worker's rules are looser than the page's",
        COMBINATIONS + "the_worker_decides_like_the_page",
        Change(RULES + "sending.py", "blocks = list(ruling.blocks)", "blocks: list[Block] = []"),
    ),
    forgotten(
        "all",
        "the worker asks no rules",
        "tests/publishing/test_tiktoks_refusals.py::"
        "test_a_visibility_that_is_no_longer_offered_holds_the_post_and_changes_nothing",
        Change("publishing/asking.py", "    if not blocks:\n", "    if blocks is not None:\n"),
    ),
    forgotten(
        "all",
        "a video without a visibility goes to everyone",
        SEND + "there_is_no_visibility_to_fall_back_on",
        Change(
            RULES + "sending.py",
            "title=normalise_caption(choices.caption),\n"
            "        privacy_level=PrivacyLevel(choices.privacy_level),",
            "title=normalise_caption(choices.caption),\n"
            '        privacy_level=PrivacyLevel(choices.privacy_level or "PUBLIC_TO_EVERYONE"),',
        ),
    ),
    forgotten(
        "all",
        "photos without a visibility go to everyone",
        SEND + "there_is_no_visibility_to_fall_back_on",
        Change(
            RULES + "sending.py",
            "description=description,\n        privacy_level=PrivacyLevel(choices.privacy_level),",
            "description=description,\n"
            '        privacy_level=PrivacyLevel(choices.privacy_level or "PUBLIC_TO_EVERYONE"),',
        ),
    ),
    forgotten(
        "all",
        "what looks disabled can be operated",
        WALK,
        Change(TICK, "{% if tick.is_disabled %} disabled{% endif %}", ""),
    ),
    forgotten(
        "all",
        "a visibility that looks disabled can be chosen",
        WALK,
        Change(
            "templates/ui/_listbox.html", "{% elif option.is_disabled %} disabled{% endif %}", "{% endif %}"
        ),
    ),
    forgotten(
        "all",
        "a ticked box that shut cannot be unticked",
        COMBINATIONS + "a_ticked_box_can_always_be_unticked_and_every_disabled_control_says_why",
        Change(RULES + "ruling.py", "return self.is_greyed and not self.is_ticked", "return self.is_greyed"),
    ),
    forgotten(
        "all",
        "branded content is open where nobody could be shown it",
        DISCLOSURE + "3b_i_where_nobody_may_be_shown_branded_content_its_box_is_disabled",
        Change(
            RULES + "disclosure.py",
            "if creator is not None and not branded_levels(creator):",
            "if creator is None:",
        ),
    ),
    forgotten(
        "all",
        "a copy chooses for its creator",
        "tests/composer/test_copy.py::test_carries_files_and_words_and_no_choice",
        Change(
            "composer/copying.py",
            "        title=choices.title,\n",
            "        title=choices.title,\n        privacy_level=post.privacy_level,\n",
        ),
    ),
    forgotten(
        "all",
        "the AI label is on beforehand",
        EDIT + "TestAnEmptyDraft::test_offers_the_label_of_ai_generated_content_and_leaves_it_off",
        Change(
            POST,
            "is_aigc = models.BooleanField(default=False)",
            "is_aigc = models.BooleanField(default=True)",
        ),
    ),
    forgotten(
        "site",
        "strangers cannot sign up",
        "tests/accounts/test_sign_up.py::test_makes_a_person_and_their_workspace",
        Change("accounts/adapter.py", "return settings.SIGN_UP_OPEN", "return False"),
    ),
)
