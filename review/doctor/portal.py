"""What TikTok's portal is told about this app: whether it is taken there, by written rules and unwritten ones.

https://developers.tiktok.com/doc/login-kit-web and https://developers.tiktok.com/doc/app-review-guidelines
"""

import re
from urllib.parse import urlsplit

from django.conf import settings

from accounts.clients import callback_url
from accounts.scopes import permission_of
from review.doctor.findings import Check, Family, Outcome, fault, ok, warning
from review.doctor.rehearsal import fault_in_earnest
from tiktok import Scope
from tiktok.wire import is_loopback

# "Less than 512 characters", says TikTok.
REDIRECT_URI_LIMIT = 512
# What the composer and the post pages show; a scope that no film can show holds a review up.
_SHOWN = {
    Scope.USER_INFO_BASIC: "Shows whose account is connected: picture and name, on every page that posts.",
    Scope.VIDEO_PUBLISH: "Direct Post: asks what the creator may do, posts, and follows the post until it is out.",
    Scope.VIDEO_UPLOAD: "Sends a draft to the creator's TikTok inbox, where it is finished in TikTok's app.",
}
_KEY = re.compile(r"[a-z0-9-]{8,64}", re.ASCII)


def why_asked(scope: str) -> str:
    """What the product does with a scope, for the form that asks to explain each; empty for one it has no use for."""
    return _SHOWN.get(Scope(scope), "") if scope in list(Scope) else ""


def look_at_redirect_uri() -> Outcome:
    """Byte for byte what TikTok sends people back to; https, no query, not too long, on this very site."""
    return judge_redirect_uri(callback_url(), site=settings.PUBLIC_URL)


def judge_redirect_uri(uri: str, *, site: str) -> Outcome:
    """Whether TikTok's portal takes this address for the web platform, and its reviewers too."""
    parts = urlsplit(uri)
    if f"{parts.scheme}://{parts.netloc}" != site:
        return fault(
            f"{uri} is not on {site}, so people would come back to another site.",
            "Set PUBLIC_URL to the address where people open this site.",
        )
    if parts.query or parts.fragment or "?" in uri or "#" in uri:
        return fault(
            f"{uri} has a query or a fragment.",
            "TikTok takes neither in a redirect URI: remove what follows the path.",
        )
    if len(uri) >= REDIRECT_URI_LIMIT:
        return fault(
            f"It has {len(uri)} characters; TikTok takes fewer than {REDIRECT_URI_LIMIT}.",
            "Use a shorter address as PUBLIC_URL.",
        )
    if is_loopback(parts.hostname or ""):
        return fault_in_earnest(
            f"{uri} is on this machine: TikTok's web platform refuses it, and to a reviewer it reads as an internal "
            "tool.",
            "Put the site on a domain of your own with https, and set PUBLIC_URL to it.",
        )
    if parts.scheme != "https":
        return fault(
            f"{uri} is not https.", "Put a certificate on the site and set PUBLIC_URL to its https address."
        )
    if "tiktok" in uri.lower():
        return warning(
            f"{uri} contains the word “tiktok”, which TikTok has refused in names and addresses.",
            "Use a domain and a path without it.",
        )
    return ok(f"{uri} can be registered as it stands.")


def look_at_scopes() -> Outcome:
    """Only what the product uses and a film can show; all of it, because a later one needs a new review."""
    asked = list(settings.TIKTOK_SCOPES)
    unknown = [scope for scope in asked if scope not in list(Scope)]
    if unknown:
        return fault(
            f"TikTok knows no scope {', '.join(unknown)}, and refuses everybody who connects.",
            "Correct TIKTOK_SCOPES: names of scopes with commas between them.",
        )
    for scope in (Scope.USER_INFO_BASIC, Scope.VIDEO_PUBLISH):
        if scope not in asked:
            return fault(
                f"{scope} is not asked for, so this does not work: “{permission_of(scope).words}”.",
                f"Add {scope} to TIKTOK_SCOPES, and in the portal to the app.",
            )
    idle = [scope for scope in asked if not why_asked(scope)]
    if idle:
        return warning(
            f"{', '.join(idle)} would be asked for, but nothing here uses it, so no film can show it.",
            "Take it out of TIKTOK_SCOPES and out of the app in the portal.",
        )
    if len(set(asked)) < len(asked):
        return warning("A scope is named twice.", "Name each scope once in TIKTOK_SCOPES.")
    return ok(f"{', '.join(asked)}: each is used, and can be shown.")


def look_at_client_key() -> Outcome:
    """A sandbox's key works for its target users only; a key that is something else entirely works for nobody."""
    return judge_client_key(settings.TIKTOK_CLIENT_KEY, settings.TIKTOK_CLIENT_SECRET)


def judge_client_key(key: str, secret: str) -> Outcome:
    """What kind of key it is, by its look. It is not secret: it stands in every consent page's address."""
    where = "It stands in the portal under the app's credentials, as the client key."
    if settings.RUNS_OWN_SIMULATOR:
        return warning(
            "There is no key of TikTok's: TikTok is simulated on this machine.",
            "Make an app at developers.tiktok.com, and set TIKTOK_CLIENT_KEY and TIKTOK_CLIENT_SECRET.",
        )
    if key == secret:
        return fault("Key and secret are the same.", "Set TIKTOK_CLIENT_KEY to the client key. " + where)
    if key.isdigit():
        return fault(
            "It is a number, as the App ID is.",
            "Set TIKTOK_CLIENT_KEY to the client key instead. "
            + where
            + " The App ID goes into the audit's form.",
        )
    if not _KEY.fullmatch(key):
        return fault(
            "It is not in the form of a client key, which is small letters and digits.",
            "Copy it anew, without blanks or quotation marks. " + where,
        )
    if key.startswith("sb"):
        return warning(
            f"{key} is the key of a sandbox: only its target users can connect, and nothing becomes public.",
            "Right for trying and for the review's film. Once TikTok has approved the app, set the production key "
            "and its secret, and let everybody connect again.",
        )
    return ok(f"{key} is not a sandbox's key.")


FAMILY = Family(
    "What TikTok's portal is told",
    (
        Check("redirect-uri", "Redirect URI", look_at_redirect_uri),
        Check("scopes", "Scopes", look_at_scopes),
        Check("client-key", "Client key", look_at_client_key),
    ),
)
