"""What TikTok has refused others for, put into our code, one refusal after the other (docs/tiktok-review.md)."""

from tests.mutants.mutants import Change, Mutant

REFUSALS = "tests/review/test_refusals.py::test_refusal_"


def refusal(name: str, change: Change, test: str) -> Mutant:
    """One refusal by its number, and its own test, which must not pass any more."""
    return Mutant(f"refusal {test[:2]}: {name}", (change,), (REFUSALS + test,))


REFUSAL_MUTANTS = (
    refusal(
        "a public page reads like a tool of one's own",
        Change(
            "templates/review/compliance.html",
            '<div class="page-head"><h1>How ',
            '<div class="page-head"><h1>How our team sees that ',
        ),
        "01_no_public_page_reads_like_a_tool_of_ones_own",
    ),
    refusal(
        "the last page does not lead to TikTok",
        Change(
            "publishing/post_page.py",
            "link=tiktok_link(publication) if is_out or may_be_out(publication) else None,",
            "link=None,",
        ),
        "02_the_last_page_leads_to_the_post_on_tiktok",
    ),
    refusal(
        "a rule is left out of the walk",
        Change("review/audit/steps.py", '("5c", "5d"),', '("5c",),'),
        "03_every_rule_of_points_1_to_5_is_shown_and_proved",
    ),
    refusal(
        "before the audit the other visibilities are shut",
        Change(
            "composer/rules/audience.py",
            'return PrivacyOption(word, label, is_chosen, reason=NO_AUDIT_YET, rule="U-3")',
            'return PrivacyOption(word, label, is_chosen, is_disabled=True, reason=NO_AUDIT_YET, rule="U-3")',
        ),
        "04_every_setting_can_be_shown_with_every_other_in_the_guidelines_order_before_the_audit",
    ),
    refusal(
        "comments are ticked beforehand",
        Change(
            "composer/models/posts.py",
            "allow_comment = models.BooleanField(default=False)",
            "allow_comment = models.BooleanField(default=True)",
        ),
        "05_nickname_and_preview_are_there_and_nothing_is_ticked_or_labelled",
    ),
    refusal(
        "your brand wins over branded content",
        Change(
            "composer/rules/disclosure.py",
            "    if choices.is_branded_content:\n        return says.PROMPT_BRANDED_CONTENT\n",
            "    if choices.is_branded_content and not choices.is_your_brand:\n"
            "        return says.PROMPT_BRANDED_CONTENT\n",
        ),
        "06_both_boxes_say_paid_partnership",
    ),
    refusal(
        "only me stays open until a visibility is chosen",
        Change(
            "composer/rules/audience.py",
            "    if choices.is_branded_content and word not in BRANDED_LEVELS:\n",
            "    if choices.is_branded_content and choices.privacy_level and word not in BRANDED_LEVELS:\n",
        ),
        "07_branded_before_privacy",
    ),
    refusal(
        "the declaration never changes",
        Change(
            "composer/rules/declaration.py", "    if not choices.is_branded_content:\n", "    if choices:\n"
        ),
        "08_both_boxes_start_unticked_and_the_declaration_follows_them",
    ),
    refusal(
        "nobody is told that it takes minutes",
        Change(
            "composer/rules/judgement.py",
            '    "After you post, TikTok may take a few minutes to process the content '
            'before it shows on your profile."\n',
            '    "After you post, the content shows on your profile."\n',
        ),
        "09_the_processing_notice_stands_before_and_after_posting",
    ),
    refusal(
        "the consent page is skipped for whoever has agreed before",
        Change("tiktok/oauth.py", "                disable_auto_auth=1,\n", ""),
        "10_tiktok_shows_its_consent_page_with_every_permission_each_time",
    ),
    refusal(
        "what is refused as a post goes out as a draft",
        Change(
            "publishing/init_file.py",
            "    except TikTokError as error:\n        return judge_failed_init",
            "    except TikTokError as error:\n"
            "        with tiktok_client(step.publication.account, asked.token) as client:\n"
            "            return _take_answer(attempt, client.init_inbox_video(plan))\n"
            "        return judge_failed_init",
        ),
        "11_a_refused_direct_post_never_becomes_a_draft",
    ),
    refusal(
        "another name stands on the pages",
        Change(
            "templates/base.html",
            "{% block title_suffix %} · {{ product_name }}{% endblock %}",
            "{% block title_suffix %} · Greenroom{% endblock %}",
        ),
        "12_every_page_carries_the_name_that_the_operator_gave",
    ),
    refusal(
        "the media address does not say how long the file is",
        Change("publishing/pull_views.py", '    response["Content-Length"] = str(part.size)\n', ""),
        "13_tiktok_fetches_photos_directly_with_type_and_length",
    ),
    refusal(
        "TikTok is not asked when the page opens",
        Change(
            "composer/views.py",
            "    answer = ask_about(post, now=database_now())\n    # Read anew",
            "    answer = stored_answer(post)\n    # Read anew",
        ),
        "14_the_composer_has_all_that_others_lacked",
    ),
)
