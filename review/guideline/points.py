"""TikTok's points 1 to 5, as its Direct Post audit walks through them.

https://developers.tiktok.com/doc/content-sharing-guidelines#required_ux_implementation_in_your_app
"""

from review.guideline.requirement import Requirement

_CHECK_SEND = "composer.rules.check_send"
_POST_INFO = "composer.rules.to_post_info"
_PUBLISH = "publishing.publish_view.post_publish"
_ASK_ANEW = "publishing.asking.ask_anew"
_DISCLOSURE = "composer/_disclosure.html"
_DISCLOSURE_RULE = "composer.rules.disclosure.disclosure"
_FINISH = "composer/_finish.html"
_TICK = "composer/_tick.html"
_LIST = "ui/_listbox.html"

POINTS: tuple[Requirement, ...] = (
    Requirement(
        "1",
        "1-latest-creator-info",
        "The account part shows what TikTok answered a moment ago; opening the page again asks again.",
        page=("composer.views.post_edit",),
        server=(_PUBLISH,),
        worker=(_ASK_ANEW,),
    ),
    Requirement(
        "1a",
        "1a-nickname",
        "The creator's nickname stands at the top of the page, with picture and @username.",
        page=("composer/_account.html",),
    ),
    Requirement(
        "1b",
        "1b-cannot-post-now",
        "A red notice says that this creator cannot post now and to try again later; the post button is disabled.",
        page=("composer/_account.html", _FINISH),
        server=("composer.rules.account.account_blocks", _PUBLISH),
        worker=(_ASK_ANEW,),
    ),
    Requirement(
        "1c",
        "1c-video-too-long",
        "The page names the longest video this creator may post. A longer one is refused with both lengths, and the "
        "post button is disabled.",
        page=("composer/_media.html", _FINISH),
        server=("composer.rules.media.media_blocks",),
        worker=(_CHECK_SEND,),
    ),
    Requirement(
        "2a",
        "2a-title",
        "The caption is an empty field that the person fills in; photos have a title besides.",
        page=("composer/_texts.html",),
        server=("composer.drafts.save_draft",),
        worker=(_POST_INFO,),
    ),
    Requirement(
        "2b-i",
        "2b-i-privacy-options",
        "The list under “Who can view” holds exactly what TikTok returned for this creator: without Everyone for a "
        "private account, without Followers for a public one.",
        page=("composer/_audience.html", _LIST),
        server=("composer.rules.audience.privacy_blocks",),
        worker=(_CHECK_SEND,),
    ),
    Requirement(
        "2b-ii",
        "2b-ii-no-default-privacy",
        "The dropdown opens on “Select…”. Nothing is chosen for anybody, even where one option is left.",
        page=(_LIST,),
        server=("composer.rules.audience.privacy_blocks",),
        worker=(_POST_INFO,),
    ),
    Requirement(
        "2c-i",
        "2c-i-interactions-greyed",
        "What the creator has switched off in TikTok is greyed, cannot be ticked, and says why.",
        page=(_TICK,),
        server=("composer.rules.audience.interaction_blocks",),
        worker=(_CHECK_SEND, _POST_INFO),
    ),
    Requirement(
        "2c-ii",
        "2c-ii-no-default-interactions",
        "Allow Comment, Duet and Stitch are all unticked until the person ticks them.",
        page=(_TICK,),
        server=("composer.rules.Choices",),
        worker=(_POST_INFO,),
    ),
    Requirement(
        "2c-iii",
        "2c-iii-photos-comment-only",
        "A photo post offers Allow Comment and nothing else.",
        page=("composer/_audience.html",),
        server=("composer.rules.audience.interactions",),
        worker=("composer.rules.to_photo_post_info",),
    ),
    Requirement(
        "2-NOTE",
        "2-note-music-usage",
        "Right above the post button stands the declaration, with the Music Usage Confirmation as a real link.",
        page=(_FINISH,),
        server=(_PUBLISH,),
        worker=(_CHECK_SEND,),
    ),
    Requirement(
        "3a-i",
        "3a-i-disclosure-off",
        "The switch “Disclose commercial content” is off, with TikTok's sentence on what it is for below it.",
        page=(_DISCLOSURE,),
        server=("composer.rules.Choices",),
        worker=(_POST_INFO,),
    ),
    Requirement(
        "3a-ii",
        "3a-ii-two-boxes",
        "Switched on, it shows “Your brand” and “Branded content”, both unticked; both may be ticked together.",
        page=(_DISCLOSURE,),
        server=(_DISCLOSURE_RULE,),
        worker=(_POST_INFO,),
    ),
    Requirement(
        "3a-iii",
        "3a-iii-your-brand-help",
        "“Your brand” is explained in TikTok's words.",
        page=(_TICK, _DISCLOSURE_RULE),
    ),
    Requirement(
        "3a-iv",
        "3a-iv-promotional-content",
        "With “Your brand” ticked the page says that the post will be labelled “Promotional content”; before that it "
        "says nothing of labels.",
        page=(_DISCLOSURE, _DISCLOSURE_RULE),
    ),
    Requirement(
        "3a-v",
        "3a-v-branded-content-help",
        "“Branded content” is explained in TikTok's words.",
        page=(_TICK, _DISCLOSURE_RULE),
    ),
    Requirement(
        "3a-vi",
        "3a-vi-paid-partnership",
        "With “Branded content” ticked the page says that the post will be labelled “Paid partnership”.",
        page=(_DISCLOSURE, _DISCLOSURE_RULE),
    ),
    Requirement(
        "3a-vii",
        "3a-vii-both-paid-partnership",
        "With both ticked there is one sentence, and it says “Paid partnership”.",
        page=(_DISCLOSURE, _DISCLOSURE_RULE),
    ),
    Requirement(
        "3a-viii",
        "3a-viii-nothing-ticked",
        "With the switch on and no box ticked the post button is disabled; the reason stands beside it and shows on "
        "hover.",
        page=(_FINISH,),
        server=("composer.rules.disclosure.disclosure_blocks",),
        worker=(_CHECK_SEND,),
    ),
    Requirement(
        "3b-i",
        "3b-i-branded-audience",
        "With “Branded content” ticked only Everyone and Friends can be chosen.",
        page=(_LIST,),
        server=("composer.rules.disclosure.disclosure_blocks",),
        worker=(_CHECK_SEND,),
    ),
    Requirement(
        "3b-ii",
        "3b-ii-only-me-first",
        "With “Only me” chosen “Branded content” is disabled and says that branded content cannot be private. "
        "Nothing chosen is changed.",
        page=(_TICK,),
        server=("composer.rules.disclosure.disclosure_blocks",),
        worker=(_CHECK_SEND,),
    ),
    Requirement(
        "3b-iii",
        "3b-iii-branded-first",
        "With “Branded content” ticked before the visibility is chosen, “Only me” is greyed in the list; the reason "
        "stands beside it and shows on hover.",
        page=(_LIST,),
        server=("composer.rules.audience.privacy_options",),
        worker=(_CHECK_SEND,),
    ),
    Requirement(
        "4-i",
        "4-i-music-only",
        "With the switch off, or with “Your brand” alone, the declaration names the Music Usage Confirmation.",
        page=(_FINISH,),
        server=(_PUBLISH,),
        worker=(_CHECK_SEND,),
    ),
    Requirement(
        "4-ii",
        "4-ii-branded-policy",
        "With “Branded content” the declaration names the Branded Content Policy and the Music Usage Confirmation, "
        "both as links.",
        page=(_FINISH,),
        server=(_PUBLISH,),
        worker=(_CHECK_SEND,),
    ),
    Requirement(
        "4-iii",
        "4-iii-both-policies",
        "With both boxes the declaration names both policies too.",
        page=(_FINISH,),
        server=(_PUBLISH,),
        worker=(_CHECK_SEND,),
    ),
    Requirement(
        "5a",
        "5a-preview",
        "The preview plays the very file that will be sent, with its cover and its caption.",
        page=("composer/_preview.html",),
        server=("composer.consents.consent_to_post",),
        worker=(_CHECK_SEND, "publishing.checksums.SentChecksum"),
    ),
    Requirement(
        "5b",
        "5b-nothing-added",
        "No watermark, no logo, no added words: the caption is empty or the person's own, and can be edited.",
        page=("composer/_preview.html", "composer/_texts.html"),
        server=("composer.drafts.make_draft",),
        worker=("publishing.sending.send", _POST_INFO),
    ),
    Requirement(
        "5c",
        "5c-express-consent",
        "Nothing reaches TikTok before the person presses the post button below the declaration.",
        page=(_FINISH,),
        server=(_PUBLISH, "composer.consents.consent_to_post"),
        worker=(_CHECK_SEND,),
    ),
    Requirement(
        "5d",
        "5d-processing-notice",
        "Before and after posting the page says that it may take a few minutes until the post shows on the profile.",
        page=(_FINISH, "publishing/_post_progress.html"),
        server=("composer.rules.rule_on",),
    ),
    Requirement(
        "5e",
        "5e-status",
        "After posting the same page follows the post until TikTok says that it is out, or why it is not.",
        page=("publishing/_post_progress.html",),
        server=("publishing.webhook_view.webhook_tiktok",),
        worker=("publishing.polling.poll", "publishing.webhooks.hear_due_deliveries"),
    ),
)
