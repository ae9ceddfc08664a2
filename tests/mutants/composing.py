"""Points 1 to 4 of the list to hand in by (docs/tiktok-review.md), line by line no longer kept by the composer."""

from tests.mutants.mutants import Change, forgotten

EDIT = "tests/composer/test_post_edit.py::"
EMPTY = EDIT + "TestAnEmptyDraft::test_has_no_choice_made"
FOLLOWS = EDIT + "TestSaving::test_shows_what_follows"
CANNOT = "tests/composer/test_who_cannot_post.py::TestACreatorWhoCannotPost::"
AUDIENCE = "tests/composer/test_rules_audience.py::test_rule_"
DISCLOSURE = "tests/composer/test_rules_disclosure.py::test_rule_"
COMBINATIONS = "tests/composer/test_rules_every_combination.py::test_"
SEND = "tests/composer/test_rules_send.py::test_"
REFUSAL = "tests/review/test_refusals.py::test_refusal_"
WALK = "tests/review/test_audit_walk.py::test_the_page_shows_what_each_step_says"
FINISH = "templates/composer/_finish.html"
FORM = "templates/composer/_post_form.html"
POST = "composer/models/posts.py"
RULES = "composer/rules/"

ACCOUNT_PART = "templates/composer/_account.html"

COMPOSING_MUTANTS = (
    # --- Point 1 ---------------------------------------------------------------------------------------------
    forgotten(
        "1",
        "TikTok is not asked when the page opens",
        EDIT + "TestOpening::test_asks_tiktok_every_time",
        Change(
            "composer/views.py",
            "    answer = ask_about(post, now=database_now())\n    # Read anew",
            "    answer = stored_answer(post)\n    # Read anew",
        ),
    ),
    forgotten(
        "1",
        "a cache may keep the page",
        EDIT + "TestOpening::test_is_kept_by_no_cache",
        Change(
            "accounts/policy.py",
            "patch_cache_control(response, private=True, no_store=True)",
            "patch_cache_control(response, private=True)",
        ),
    ),
    forgotten(
        "1",
        "the nickname is not shown",
        WALK,
        Change(ACCOUNT_PART, "nickname=page.ruling.creator.nickname", 'nickname=""'),
    ),
    forgotten(
        "1",
        "the @username is not shown",
        WALK,
        Change(ACCOUNT_PART, "username=page.ruling.creator.username", 'username=""'),
    ),
    forgotten(
        "1",
        "the longest video is not said",
        WALK,
        Change(ACCOUNT_PART, "{% if page.ruling.longest_video %}", "{% if False %}"),
    ),
    forgotten(
        "1",
        "the account stands below the choices",
        WALK,
        Change(FORM, '  {% include "composer/_account.html" %}\n', ""),
        Change(
            FORM,
            '  {% include "composer/_when.html" %}\n',
            '  {% include "composer/_when.html" %}\n  {% include "composer/_account.html" %}\n',
        ),
    ),
    forgotten(
        "1",
        "nothing is said of a creator who cannot post",
        CANNOT + "test_is_told_so_and_nothing_can_be_sent",
        Change(
            RULES + "account.py",
            "        case CannotPost():\n            return (_block_of_refusal(answer, client),)",
            "        case CannotPost():\n            return ()",
        ),
    ),
    forgotten(
        "1",
        "nothing is said of a TikTok without an answer",
        CANNOT + "test_tiktok_that_cannot_be_reached_leaves_no_list",
        Change(RULES + "account.py", 'return (Block("1", text, "account", Act.ASK_AGAIN),)', "return ()"),
    ),
    forgotten(
        "1",
        "the button stays open whatever was said",
        CANNOT + "test_is_told_so_and_nothing_can_be_sent",
        Change(FINISH, "{% if not page.can_post or page.is_outdated %} disabled{% endif %}", ""),
    ),
    forgotten(
        "1",
        "the creator's limit on the length is not held",
        CANNOT + "test_a_video_too_long_for_this_creator_is_explained",
        Change(RULES + "media.py", "if media.duration_ms <= limit_ms:", "if media.duration_ms:"),
    ),
    # --- Point 2 ---------------------------------------------------------------------------------------------
    forgotten(
        "2",
        "the caption starts with words of ours",
        EMPTY,
        Change(
            POST,
            "    caption = models.TextField(blank=True)\n",
            '    caption = models.TextField(blank=True, default="#new")\n',
        ),
    ),
    forgotten(
        "2",
        "words of ours are added to the caption",
        SEND + "the_caption_goes_out_with_single_line_ends_and_otherwise_untouched",
        Change(
            RULES + "sending.py",
            "title=normalise_caption(choices.caption),",
            'title=normalise_caption(choices.caption) + " #new",',
        ),
    ),
    forgotten(
        "2",
        "a visibility is chosen beforehand",
        EMPTY,
        Change(
            POST,
            "privacy_level = models.CharField(max_length=60, blank=True)",
            'privacy_level = models.CharField(max_length=60, blank=True, default="PUBLIC_TO_EVERYONE")',
        ),
    ),
    forgotten(
        "2",
        "the list of visibilities is one of ours",
        EDIT + "TestAnEmptyDraft::test_offers_exactly_what_tiktok_returned",
        Change(
            RULES + "audience.py",
            "in dict.fromkeys(creator.privacy_level_options))\n\n\ndef _option",
            "in PRIVACY_LABELS)\n\n\ndef _option",
        ),
    ),
    forgotten(
        "2",
        "branded content takes the chosen visibility away",
        COMBINATIONS + "nothing_chosen_is_rewritten",
        Change(
            RULES + "audience.py",
            "    is_chosen = word == choices.privacy_level\n",
            "    is_chosen = word == choices.privacy_level and not choices.is_branded_content\n",
        ),
    ),
    forgotten(
        "2",
        "duets are ticked beforehand",
        EMPTY,
        Change(
            POST,
            "allow_duet = models.BooleanField(default=False)",
            "allow_duet = models.BooleanField(default=True)",
        ),
    ),
    forgotten(
        "2",
        "what TikTok reports as off stays open",
        AUDIENCE + "2c_i_interactions_tiktok_reports_as_off_are_disabled_and_say_why",
        Change(
            RULES + "audience.py",
            'is_off = creator.duet_disabled if name == "duet" else creator.stitch_disabled',
            "is_off = False",
        ),
    ),
    forgotten(
        "2",
        "photos show duet and stitch",
        AUDIENCE + "2c_iii_a_photo_post_shows_comments_only_and_forgives_what_it_hides",
        Change(
            RULES + "audience.py",
            'is_shown=name == "comment" or media.kind is PostKind.VIDEO,',
            "is_shown=True,",
        ),
    ),
    forgotten(
        "2",
        "TikTok is told what is ticked, not its opposite",
        SEND + "allowances_become_their_opposites",
        Change(
            RULES + "sending.py",
            "creator.duet_disabled or not choices.allow_duet",
            "creator.duet_disabled or choices.allow_duet",
        ),
    ),
    forgotten(
        "2",
        "the music declaration has no link",
        DISCLOSURE + "2_note_the_music_usage_confirmation_is_a_link_and_always_there",
        Change(
            RULES + "declaration.py",
            "DeclarationPart(says.MUSIC_USAGE_CONFIRMATION, says.MUSIC_USAGE_CONFIRMATION_URL),",
            "DeclarationPart(says.MUSIC_USAGE_CONFIRMATION),",
        ),
    ),
    forgotten(
        "2",
        "the declaration shows only once the post can go out",
        EDIT + "TestAnEmptyDraft::test_says_that_processing_takes_minutes_and_what_posting_means",
        Change(
            FINISH,
            '<p class="declaration" id="declaration">',
            '{% if page.can_post %}<p class="declaration" id="declaration">',
        ),
        Change(
            FINISH, '</p>\n<div class="finish__buttons">', '</p>{% endif %}\n<div class="finish__buttons">'
        ),
    ),
    # --- Point 3 ---------------------------------------------------------------------------------------------
    forgotten(
        "3",
        "the switch is on beforehand",
        EMPTY,
        Change(
            POST,
            "discloses = models.BooleanField(default=False)",
            "discloses = models.BooleanField(default=True)",
        ),
    ),
    forgotten(
        "3",
        "a box is ticked beforehand",
        REFUSAL + "08_both_boxes_start_unticked_and_the_declaration_follows_them",
        Change(
            POST,
            "your_brand = models.BooleanField(default=False)",
            "your_brand = models.BooleanField(default=True)",
        ),
    ),
    forgotten(
        "3",
        "a disclosure that says nothing passes",
        FOLLOWS,
        Change(
            RULES + "disclosure.py",
            "if choices.discloses and not choices.your_brand and not choices.branded_content:",
            "if not choices:",
        ),
    ),
    forgotten(
        "3",
        "the button says something else first",
        DISCLOSURE + "3a_viii_is_what_the_button_says_before_anything_else",
        Change(
            RULES + "ruling.py",
            "texts = [block.text for block in self.blocks if block.rule == NOTHING_INDICATED_RULE]",
            "texts: list[str] = []",
        ),
    ),
    forgotten(
        "3",
        "the button says nothing on hover",
        FOLLOWS,
        Change(FINISH, '{% if page.button_reason %} title="{{ page.button_reason }}"{% endif %}', ""),
    ),
    forgotten(
        "3",
        "a label stands there before any tick",
        COMBINATIONS + "labels_and_declarations_follow_the_disclosure_and_a_draft_makes_none",
        Change(
            RULES + "disclosure.py",
            'return says.PROMPT_YOUR_BRAND if choices.is_your_brand else ""',
            'return says.PROMPT_YOUR_BRAND if choices.discloses else ""',
        ),
    ),
    forgotten(
        "3",
        "a label is in words of ours",
        COMBINATIONS + "labels_and_declarations_follow_the_disclosure_and_a_draft_makes_none",
        Change(RULES + "mandated.py", "labeled as 'Paid partnership'", "labeled as 'Partnership'"),
    ),
    forgotten(
        "3",
        "the page does not show the label",
        FOLLOWS,
        Change("templates/composer/_disclosure.html", "{% if disclosure.prompt %}", "{% if False %}"),
    ),
    forgotten(
        "3",
        "only me stays open beside branded content",
        DISCLOSURE + "3b_iii_with_branded_content_ticked_first_only_me_is_disabled_with_tiktoks_text",
        Change(
            RULES + "audience.py",
            "    if choices.is_branded_content and word not in BRANDED_LEVELS:\n",
            "    if choices.is_branded_content and not word:\n",
        ),
    ),
    forgotten(
        "3",
        "branded content stays open beside only me",
        DISCLOSURE + "3b_ii_with_only_me_chosen_branded_content_is_disabled_and_says_why",
        Change(RULES + "disclosure.py", 'reason=barrier.box_reason if barrier else "",', 'reason="",'),
    ),
    forgotten(
        "3",
        "only me is taken away by branded content",
        EDIT + "TestSaving::test_branded_content_and_only_me_never_rewrite_each_other",
        Change(
            "composer/forms.py",
            'privacy_level=data["privacy_level"],',
            'privacy_level="" if data["branded_content"] and data["discloses"] else data["privacy_level"],',
        ),
    ),
    # --- Point 4 ---------------------------------------------------------------------------------------------
    forgotten(
        "4",
        "the declaration never changes",
        DISCLOSURE + "4_the_declaration_follows_the_disclosure",
        Change(RULES + "declaration.py", "    if not choices.is_branded_content:\n", "    if choices:\n"),
    ),
    forgotten(
        "4",
        "the policy has no link",
        DISCLOSURE + "4_ii_both_policies_are_links",
        Change(
            RULES + "declaration.py",
            "DeclarationPart(says.BRANDED_CONTENT_POLICY, says.BRANDED_CONTENT_POLICY_URL),",
            "DeclarationPart(says.BRANDED_CONTENT_POLICY),",
        ),
    ),
    forgotten(
        "4",
        "the page shows the declaration without its links",
        FOLLOWS,
        Change(
            FINISH,
            '{% if part.url %}<a href="{{ part.url }}" target="_blank" rel="noopener">{{ part.text }}</a>'
            "{% else %}{{ part.text }}{% endif %}",
            "{{ part.text }}",
        ),
    ),
)
