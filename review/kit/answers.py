"""Ready answers for TikTok's two forms: the app review in the portal, and the audit for Direct Post.

Which fields there are, and how long an answer may be, is known from people who filled them in
(docs/tiktok-review.md). What only the operator knows stays a placeholder:
a made-up answer is what TikTok bans for.
"""

from dataclasses import dataclass
from urllib.parse import urljoin

from django.conf import settings
from django.urls import reverse

from review.stored import PARTS
from tiktok import Scope

# Letters the portal takes.
DESCRIPTION_LIMIT, EXPLANATION_LIMIT = 120, 1000
# TikTok names none for the free texts of the audit form; nobody reads more.
_FREE_TEXT_LIMIT = 600
_SHARES_OF_DAY = (
    "Less than 100, 101-300, 301-500, 501-1,000, 1,001-3,000, 3,001-5,000, 5,001-10,000, More than 10,000, "
    "Prefer not to say, Building a new application"
)
_OPENS = {
    Scope.USER_INFO_BASIC: "shows the picture and name of the connected account, so that the creator sees where a "
    "post goes.",
    Scope.USER_INFO_PROFILE: "shows the @username of the connected account and links to its profile.",
    Scope.USER_INFO_STATS: "shows creators the followers and likes of their account.",
    Scope.VIDEO_LIST: "shows creators how their own public videos do.",
    Scope.VIDEO_PUBLISH: "(Content Posting API, Direct Post): the post page asks for the newest creator info, "
    "offers the privacy levels TikTok returns, and posts when the creator presses Post to TikTok.",
    Scope.VIDEO_UPLOAD: "sends a video as a draft that the creator finishes in TikTok.",
}


@dataclass(frozen=True)
class Answer:
    """What belongs into one field. `limit` is in letters, 0 for none; `hint` is for the operator alone."""

    field: str
    text: str
    limit: int = 0
    hint: str = ""

    @property
    def is_placeholder(self) -> bool:
        """Whether only the operator can answer this."""
        return self.text.startswith("[")

    @property
    def letters(self) -> int:
        return len(self.text)


@dataclass(frozen=True)
class Form:
    """One form, or one step of it."""

    name: str
    where: str
    answers: tuple[Answer, ...]


def forms() -> tuple[Form, ...]:
    """Both forms, filled in with what the settings say."""
    return (_app_review(), *_audit())


def _app_review() -> Form:
    return Form(
        "App review",
        "developers.tiktok.com, your app, before it is submitted for the first time",
        (
            _name("App name", "No social network's name may be in it."),
            Answer("App icon", "[your logo as a square of 1024 x 1024 pixels, PNG or JPEG, at most 5 MB]"),
            Answer("Category", "[the portal's category that fits what your site is for]"),
            Answer(
                "Description",
                "Plan and post your own videos and photos to TikTok, choosing every setting yourself.",
                DESCRIPTION_LIMIT,
                "Is shown on the consent page.",
            ),
            _public("Web/Desktop URL", "review:landing"),
            _public("Terms of Service URL", "review:terms"),
            _public("Privacy Policy URL", "review:privacy"),
            Answer("Platforms", "Web"),
            _public("Redirect URI", "accounts:connect-callback", "The same to the letter, slash included."),
            Answer("Products", "Login Kit; Content Posting API with Direct Post switched on"),
            Answer("Scopes", ", ".join(settings.TIKTOK_SCOPES), hint="Only what the film shows."),
            Answer("Explain how each product and scope works", _explanation(), EXPLANATION_LIMIT),
            Answer(
                "Demo video",
                "film.mp4",
                hint="Of a run with --live: never hand in a rehearsal. 50 MB at most.",
            ),
        ),
    )


def _audit() -> tuple[Form, ...]:
    where = "developers.tiktok.com/application/content-posting-api, from the app once it is live"
    return (
        Form(
            "Direct Post audit 1: General information",
            where,
            (
                Answer("Full name", "[the name of the person who applies]"),
                _name(
                    "Organization name", "TikTok refuses applications where it differs from the app's name."
                ),
                _public("Organization website", "review:landing"),
                Answer(
                    "Describe your organization's work as it relates to TikTok", _work(), _FREE_TEXT_LIMIT
                ),
                Answer("TikTok representative e-mail", "", hint="Leave it empty unless TikTok gave you one."),
            ),
        ),
        Form(
            "Direct Post audit 2: API client information",
            where,
            (
                Answer(
                    "App ID",
                    "[the number in the address of your app's page in the portal]",
                    hint="Not the client key: that is refused as malformed.",
                ),
                Answer("Goal of the application and benefit of the API", _goal(), _FREE_TEXT_LIMIT),
                Answer(
                    "Approximate daily users posting",
                    "[your honest estimate]",
                    hint=f"TikTok offers: {_SHARES_OF_DAY}. It becomes the cap of creators in 24 hours.",
                ),
                Answer(
                    "How the estimate was determined",
                    "[where the estimate comes from: sign-ups, a list, a launch]",
                ),
            ),
        ),
        Form(
            "Direct Post audit 3: Supporting documents",
            where,
            (
                Answer("Videos", "film.mp4", hint="Of a run with --live. At most three MP4, 50 MB each."),
                Answer("API response fields stored in the database", _stored_fields()),
            ),
        ),
        Form(
            "Direct Post audit 4: Declaration",
            where,
            (
                Answer(
                    "Three boxes: terms, demo account, truthfulness",
                    "[only you can declare this]",
                    hint="Read every answer above once more first. A false one can end in a ban.",
                ),
            ),
        ),
    )


def _name(field: str, hint: str) -> Answer:
    hints = [hint]
    if "tiktok" in settings.PRODUCT_NAME.lower():
        hints.append("PRODUCT_NAME holds a social network's name: change it.")
    if settings.OPERATOR_NAME and settings.OPERATOR_NAME != settings.PRODUCT_NAME:
        hints.append(
            f"OPERATOR_NAME says “{settings.OPERATOR_NAME}”: use one name for app, site and organisation."
        )
    return Answer(field, settings.PRODUCT_NAME, hint=" ".join(hints))


def _public(field: str, name: str, hint: str = "") -> Answer:
    """An address of the site; on this machine alone nobody at TikTok could open it."""
    path = reverse(name)
    if not settings.IS_PRODUCTION:
        return Answer(
            field, f"[https://your-domain{path}]", hint="Set PUBLIC_URL to the address people open."
        )
    return Answer(field, urljoin(settings.PUBLIC_URL, path), hint=hint)


def _explanation() -> str:
    scopes = [f"{scope} {_OPENS[Scope(scope)]}" for scope in settings.TIKTOK_SCOPES if scope in _OPENS]
    return "\n".join(
        [
            f"{settings.PRODUCT_NAME} is open to every creator.",
            "Login Kit: Connect TikTok account leads to TikTok's consent page.",
            *scopes,
            "Nothing is posted without the creator's consent, and nothing is added to the content.",
        ]
    )


def _stored_fields() -> str:
    """As the privacy page lists them, and a test holds them against the models; each once a part."""
    parts = {part.title: ", ".join(thing.tiktok for thing in part.things).split(", ") for part in PARTS}
    # What has no field of its own is described in words there.
    fields = {
        title: dict.fromkeys(name for name in names if " " not in name) for title, names in parts.items()
    }
    return "\n".join(f"{title}: {', '.join(names)}." for title, names in fields.items())


def _work() -> str:
    return (
        f"{settings.PRODUCT_NAME} is a website where any creator can sign up, connect their TikTok account and post "
        "original videos and photos with Direct Post. Creators see the very file that will be sent, choose title, "
        "privacy, interactions and commercial disclosure by hand for every post, and follow it until it is published."
    )


def _goal() -> str:
    return (
        "Direct Post lets creators who prepare videos on a computer publish them from there, at once or at a time "
        "they choose, with every TikTok setting in view. They save the detour over a phone, and TikTok gets original "
        "content with correct privacy, disclosure and consent, given by the creator for each post."
    )
