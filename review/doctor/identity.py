"""Who this app claims to be: names, domain and audience, which TikTok's reviewers judge before anything else.

Each look stands for refusals that operators have really received.
"""

import ipaddress
import re
from urllib.parse import urlsplit

from django.conf import settings

from review.doctor.findings import Check, Family, Outcome, fault, ok, warning
from review.doctor.rehearsal import fault_in_earnest
from tiktok.wire import is_loopback

# As this project is called: everybody else's installation needs a name that is not taken.
OUR_NAME = "greenroom"
_NETWORKS = (
    "tiktok",
    "instagram",
    "facebook",
    "youtube",
    "twitter",
    "snapchat",
    "linkedin",
    "pinterest",
    "threads",
)
# Words by which a tool for a few people, or one that is not finished, gives itself away.
_NARROW = (
    *(
        "internal",
        "personal",
        "private",
        "my",
        "our",
        "team",
        "agency",
        "staff",
        "test",
        "testing",
        "demo",
        "beta",
    ),
    *("dev", "staging", "sandbox", "repost", "reposter", "mirror", "downloader", "bot"),
)
_LEGAL_FORMS = frozenset(
    {
        *(
            "ab",
            "ag",
            "bv",
            "co",
            "corp",
            "gbr",
            "gmbh",
            "inc",
            "kg",
            "limited",
            "llc",
            "llp",
            "ltd",
            "oy",
            "plc",
        ),
        *("pty", "sa", "sarl", "sas", "srl", "ug"),
    }
)
# Below these, the name in front is anybody's: nobody sees a domain of yours, and some change by themselves.
_SHARED = (
    *(
        "github.io",
        "gitlab.io",
        "pages.dev",
        "workers.dev",
        "vercel.app",
        "netlify.app",
        "herokuapp.com",
        "fly.dev",
    ),
    *(
        "onrender.com",
        "railway.app",
        "replit.app",
        "azurewebsites.net",
        "run.app",
        "web.app",
        "firebaseapp.com",
    ),
    *(
        "ngrok.io",
        "ngrok.app",
        "ngrok-free.app",
        "ngrok-free.dev",
        "trycloudflare.com",
        "loca.lt",
        "serveo.net",
    ),
    *("duckdns.org", "ddns.net", "no-ip.org", "nip.io", "sslip.io", "ts.net", "amazonaws.com"),
)
_RESERVED = (".local", ".internal", ".lan", ".home", ".test", ".invalid", ".example")


def look_at_app_name() -> Outcome:
    """The app's name in the portal is the site's: its own, and no network's."""
    name = settings.PRODUCT_NAME
    plain = _letters(name)
    for network in _NETWORKS:
        if network in plain:
            return fault(
                f"“{name}” has “{network}” in it; TikTok refuses names of networks in the names of apps.",
                "Choose another PRODUCT_NAME, and use it for the app in the portal as well.",
            )
    if plain == OUR_NAME:
        return fault_in_earnest(
            f"The site is still called “{name}”, as every new installation is. TikTok refuses names that are not "
            "unique.",
            "Choose a name of your own: set PRODUCT_NAME, and name the app in the portal exactly so.",
        )
    return ok(f"“{name}” is a name of your own. Name the app in the portal exactly so.")


def look_at_organisation_name() -> Outcome:
    """TikTok has refused apps whose organisation is called differently."""
    name, organisation = settings.PRODUCT_NAME, settings.OPERATOR_NAME
    if not organisation:
        return fault_in_earnest(
            "Nobody is named as the operator, so terms and privacy page say so.",
            "Set OPERATOR_NAME to the organisation or person behind this site.",
        )
    if _letters(_without_legal_form(organisation)) != _letters(_without_legal_form(name)):
        return warning(
            f"The app would be called “{name}”, the organisation “{organisation}”. TikTok has refused apps "
            "because the two differed.",
            f"Best give both one name. Otherwise write “{name}” as the organisation's name in both of TikTok's "
            "forms, if that is true.",
        )
    return ok(f"App, site and organisation have one name: “{organisation}”.")


def look_at_contact() -> Outcome:
    """Terms and privacy page need somebody to write to."""
    missing = [name for name in ("OPERATOR_EMAIL", "OPERATOR_ADDRESS") if not getattr(settings, name)]
    if missing:
        return fault_in_earnest(
            "The public pages name no way to reach you.",
            f"Set {' and '.join(missing)}; both stand on those pages.",
        )
    return ok(f"People reach you at {settings.OPERATOR_EMAIL}, and by letter.")


def look_at_name_and_domain() -> Outcome:
    """A reviewer holds the name against the address bar."""
    return judge_name_and_domain(settings.PRODUCT_NAME, urlsplit(settings.PUBLIC_URL).hostname or "")


def judge_name_and_domain(name: str, host: str) -> Outcome:
    """Whether the site's name can be read in its domain."""
    if is_loopback(host):
        return fault_in_earnest(
            f"{host} is no domain that a name could match.", "Put the site on a domain of your own."
        )
    words = [
        word for word in re.findall(r"[a-z0-9]+", name.lower()) if len(word) > 4 and word not in _LEGAL_FORMS
    ]
    plain = _letters(host)
    if (_letters(name) and _letters(name) in plain) or any(word in plain for word in words):
        return ok(f"“{name}” can be read in {host}.")
    return warning(
        f"Nothing of “{name}” can be read in {host}. TikTok has refused apps whose name did not match their domain.",
        "Choose a domain with the name in it, or a name that the domain has.",
    )


def look_at_domain() -> Outcome:
    """A domain of the operator's own, which strangers can open and TikTok can verify."""
    return judge_domain(urlsplit(settings.PUBLIC_URL).hostname or "")


def judge_domain(host: str) -> Outcome:
    """Whether this is a name that TikTok's portal and its reviewers take for the home of a product."""
    cure = "Put the site on a domain of your own, and set PUBLIC_URL to it."
    if is_loopback(host) or host.endswith(_RESERVED) or "." not in host:
        return fault_in_earnest(
            f"{host} leads nowhere from outside; to a reviewer it reads as an internal tool.", cure
        )
    try:
        ipaddress.ip_address(host)
    except ValueError:
        pass
    else:
        return fault(f"{host} is a number, not a domain. TikTok verifies domains.", cure)
    for shared in _SHARED:
        if host == shared or host.endswith(f".{shared}"):
            return fault(
                f"{host} lies under {shared}, which is not yours: you can neither verify it nor keep it for good.",
                cure,
            )
    return ok(f"{host} can be a domain of your own.")


def look_at_audience() -> Outcome:
    """For a wide audience: the most frequent refusal of all is “personal or internal use”."""
    if not settings.SIGN_UP_OPEN:
        return fault(
            "Strangers cannot sign up. TikTok refuses apps for personal or internal use.",
            "Set SIGN_UP_OPEN=true, and leave it so while the app is used.",
        )
    for name in (settings.PRODUCT_NAME, settings.OPERATOR_NAME):
        narrow = [word for word in re.findall(r"[a-z]+", name.lower()) if word in _NARROW]
        if narrow:
            return warning(
                f"“{narrow[0]}” in “{name}” sounds like a tool for a few people, or one that is not finished.",
                "Choose a name that a product for any creator could have, and keep such words out of both forms.",
            )
    return ok(
        "Strangers can sign up, and no name sounds internal. In both forms describe what any creator can do here, "
        "not what you do with it."
    )


def _letters(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())


def _without_legal_form(name: str) -> str:
    words = re.sub(r"[.,]", "", name.lower()).split()
    while len(words) > 1 and words[-1] in _LEGAL_FORMS:
        words.pop()
    return " ".join(words)


FAMILY = Family(
    "Who this app claims to be",
    (
        Check("app-name", "Name of the app", look_at_app_name),
        Check("organisation-name", "Name of the organisation", look_at_organisation_name),
        Check("contact", "Contact", look_at_contact),
        Check("domain", "Domain", look_at_domain),
        Check("name-and-domain", "Name and domain", look_at_name_and_domain),
        Check("audience", "Open to everybody", look_at_audience),
    ),
)
