"""Rules beside the five points: intended use, technical considerations, the API, unaudited clients, our own."""

from review.guideline.requirement import Requirement

_CHECK_SEND = "composer.rules.check_send"
_MEDIA_BLOCKS = "composer.rules.media.media_blocks"
_TEXT_BLOCKS = "composer.rules.audience.text_blocks"

OTHERS: tuple[Requirement, ...] = (
    Requirement(
        "IU-1",
        "iu-1-original-content",
        "Files come from the person: from their device, or from a link they paste. Nothing is searched for or "
        "copied on other platforms.",
        operator="What the site says it is for, and that nobody uses it to copy from elsewhere.",
    ),
    Requirement(
        "IU-2",
        "iu-2-wide-audience",
        "Anybody can sign up and post for accounts of their own.",
        server=("accounts.adapter.AccountAdapter",),
        operator="That sign-up is open, and that the site reads like what it is: a product for everybody.",
    ),
    Requirement(
        "API-1",
        "api-1-permission-to-post",
        "An account that was connected without the permission to post says so and offers to reconnect.",
        page=("composer/_account.html",),
        server=("composer.rules.account.account_blocks",),
        worker=("publishing.asking.ask_anew",),
    ),
    Requirement(
        "API-3",
        "api-3-permission-for-drafts",
        "An account that was connected without the permission for drafts says so and offers to reconnect.",
        page=("composer/_account.html",),
        server=("composer.rules.account.account_blocks",),
        worker=("publishing.routes.scope_for",),
    ),
    Requirement(
        "U-1",
        "u-1-five-people-a-day",
        "Before the audit the page says that five people may post in 24 hours.",
        page=("composer/_account.html",),
        server=("composer.rules.account.account_blocks",),
        worker=("publishing.caps.client_usage",),
    ),
    Requirement(
        "U-2",
        "u-2-private-account",
        "Before the audit a public account is told to become private first; the post button is disabled.",
        page=("composer/_account.html",),
        server=("composer.rules.account.account_blocks",),
        worker=(_CHECK_SEND,),
    ),
    Requirement(
        "G-1",
        "g-1-file-checked",
        "A file that has not passed its checks keeps the post back and says why.",
        page=("composer/_media.html",),
        server=(_MEDIA_BLOCKS,),
        worker=(_CHECK_SEND,),
    ),
    Requirement(
        "API-4",
        "api-4-video-or-photos",
        "A post is one video or up to 35 photos.",
        page=("composer/_media.html",),
        server=(_MEDIA_BLOCKS,),
    ),
    Requirement(
        "API-5",
        "api-5-verified-address",
        "Without an address that TikTok has verified, photos cannot be posted; the page says who can change that.",
        page=("composer/_media.html",),
        server=(_MEDIA_BLOCKS,),
        operator="The address is verified in TikTok's portal, for every configuration.",
    ),
    Requirement(
        "API-6",
        "api-6-draft-length",
        "A draft for the inbox lasts at most ten minutes.",
        server=(_MEDIA_BLOCKS,),
    ),
    Requirement(
        "API-7",
        "api-7-cover-frame",
        "The cover is chosen among the video's own frames.",
        page=("composer/_cover.html",),
        server=(_MEDIA_BLOCKS,),
        worker=("composer.rules.to_post_info",),
    ),
    Requirement(
        "API-8",
        "api-8-photo-title",
        "The title of photos counts up to 90.",
        page=("composer/_texts.html",),
        server=(_TEXT_BLOCKS,),
    ),
    Requirement(
        "API-2",
        "api-2-caption-length",
        "The caption counts as TikTok counts, up to 2,200, for photos up to 4,000.",
        page=("composer/_texts.html",),
        server=(_TEXT_BLOCKS,),
    ),
    Requirement(
        "U-3",
        "u-3-only-me",
        "Before the audit “Only me” is the one visibility that can be chosen, and it is not chosen for anybody.",
        page=("ui/_listbox.html",),
        server=("composer.rules.audience.privacy_blocks",),
        worker=(_CHECK_SEND,),
    ),
    Requirement(
        "API-9",
        "api-9-ai-generated",
        "A switch, off at first, has TikTok label the post as AI-generated.",
        page=("composer/_ai_label.html",),
        server=("composer.rules.Choices",),
        worker=("composer.rules.to_post_info",),
    ),
    Requirement(
        "API-10",
        "api-10-draft-is-finished-in-the-app",
        "For a draft the page says that the creator finishes it in the TikTok app.",
        page=("composer/_finish.html",),
        server=("composer.rules.inbox.inbox_terms",),
    ),
    Requirement(
        "T-1",
        "t-1-client-secret",
        "The secret of the app stands in no page, no log and no repository.",
        server=("accounts.sealing.Sealer",),
        operator="The secret is kept in a file only the service can read, and is shared with nobody.",
    ),
    Requirement(
        "T-2",
        "t-2-way-of-transfer",
        "Videos are sent as files; photos are fetched by TikTok from an address it has verified.",
        worker=("publishing.routes.route_of",),
    ),
)
