"""What to tell a person when connecting did not work: one plain sentence for each reason. Pure."""

from dataclasses import dataclass
from enum import StrEnum


class Refusal(StrEnum):
    """Why connecting an account did not work."""

    CANCELLED = "cancelled"
    NON_SANDBOX_TARGET = "non_sandbox_target"
    STATE_MISSING = "state_missing"
    STATE_UNKNOWN = "state_unknown"
    STATE_USED = "state_used"
    STATE_EXPIRED = "state_expired"
    STATE_FOREIGN = "state_foreign"
    NO_LONGER_MEMBER = "no_longer_member"
    CODE_MISSING = "code_missing"
    CODE_DEAD = "code_dead"
    OTHER_ACCOUNT = "other_account"
    BAD_CREDENTIALS = "bad_credentials"
    BAD_CLIENT_KEY = "bad_client_key"
    BAD_REDIRECT = "bad_redirect"
    BAD_CHALLENGE = "bad_challenge"
    BAD_SCOPE = "bad_scope"
    UNREACHABLE = "unreachable"
    TIKTOK_BUSY = "tiktok_busy"
    REFUSED = "refused"


@dataclass(frozen=True)
class Sentence:
    """What happened, who must act, what to press; `is_fault` is False where nothing went wrong."""

    text: str
    is_fault: bool = True


_SENTENCES = {
    Refusal.CANCELLED: Sentence(
        "No account was connected: TikTok's page was left without allowing it. "
        "Press Connect TikTok account to "
        "try again.",
        is_fault=False,
    ),
    Refusal.NON_SANDBOX_TARGET: Sentence(
        "TikTok did not let this account in: the app is in TikTok's sandbox, and the account is not one of "
        "its "
        "target users. The operator can add it in TikTok's developer portal (Sandbox, Target users); that "
        "can "
        "take an hour to work."
    ),
    Refusal.STATE_MISSING: Sentence(
        "TikTok's answer did not say which request it belongs to, so nothing was changed. "
        "Press Connect TikTok "
        "account to start again."
    ),
    Refusal.STATE_UNKNOWN: Sentence(
        "This answer belongs to no request we know of, so nothing was changed. "
        "Press Connect TikTok account to "
        "start again."
    ),
    Refusal.STATE_USED: Sentence(
        "This answer from TikTok was used before, so nothing more was changed. If the account is not in the "
        "list, press Connect TikTok account to start again.",
        is_fault=False,
    ),
    Refusal.STATE_EXPIRED: Sentence(
        "It took more than ten minutes to come back from TikTok, so nothing was changed. "
        "Press Connect TikTok "
        "account to start again."
    ),
    Refusal.STATE_FOREIGN: Sentence(
        "This answer from TikTok belongs to another sign-in, so nothing was changed. "
        "Connect the account in the "
        "browser and with the sign-in that you started from."
    ),
    Refusal.NO_LONGER_MEMBER: Sentence(
        "You are no longer a member of the workspace you started from, so nothing was changed."
    ),
    Refusal.CODE_MISSING: Sentence(
        "TikTok's answer was incomplete, so nothing was changed. Press Connect TikTok account to start again."
    ),
    Refusal.CODE_DEAD: Sentence(
        "TikTok says that this permission was used before or has run out. Press Connect TikTok account to "
        "start again."
    ),
    Refusal.OTHER_ACCOUNT: Sentence(
        "You came back from TikTok with another account than {name}, so nothing was changed. "
        "Sign in to TikTok "
        "as {name} and press Reconnect, or press Connect TikTok account to add the other one."
    ),
    Refusal.BAD_CREDENTIALS: Sentence(
        "TikTok did not accept this installation's client key and secret. The operator must check "
        "TIKTOK_CLIENT_KEY and TIKTOK_CLIENT_SECRET; trying again before that will not help."
    ),
    Refusal.BAD_CLIENT_KEY: Sentence(
        "TikTok does not know this installation's client key. "
        "The operator must check TIKTOK_CLIENT_KEY; trying "
        "again before that will not help."
    ),
    Refusal.BAD_REDIRECT: Sentence(
        "TikTok does not accept the address it should send people back to. "
        "The operator must register {redirect} "
        "with the app in TikTok's developer portal, letter for letter, or correct PUBLIC_URL."
    ),
    Refusal.BAD_CHALLENGE: Sentence(
        "TikTok could not match its answer to the request it came from, so nothing was changed. "
        "Press Connect "
        "TikTok account to start again; if it happens again, tell the operator."
    ),
    Refusal.BAD_SCOPE: Sentence(
        "TikTok does not offer all the permissions this installation asks for. The operator must compare "
        "TIKTOK_SCOPES with the products and scopes of the app in TikTok's developer portal."
    ),
    Refusal.UNREACHABLE: Sentence(
        "TikTok could not be reached, so nothing was changed. "
        "Wait a minute, then press Connect TikTok account "
        "to start again."
    ),
    Refusal.TIKTOK_BUSY: Sentence(
        "TikTok says that it has a fault of its own, so nothing was changed. Wait a few minutes, then press "
        "Connect TikTok account to start again."
    ),
    Refusal.REFUSED: Sentence(
        "TikTok refused the connection without saying why in words we know (“{code}”), so nothing was "
        "changed. "
        "Press Connect TikTok account to try again; if it happens again, tell the operator that code."
    ),
}


def sentence_for(refusal: Refusal, *, name: str = "", redirect: str = "", code: str = "") -> Sentence:
    """The sentence to show.

    `name` is the account's, `redirect` our callback address, `code` TikTok's word.
    """
    sentence = _SENTENCES[refusal]
    text = sentence.text.format(name=name or "the account", redirect=redirect, code=code)
    return Sentence(text, is_fault=sentence.is_fault)


def refusal_at_consent(error: str, error_type: str) -> Refusal:
    """Why TikTok's consent page sent somebody back without a code.

    `error_type` is not documented; only it tells a sandbox's stranger from somebody who pressed Cancel.
    """
    if error_type == "non_sandbox_target":
        return Refusal.NON_SANDBOX_TARGET
    by_type = {
        "client_key": Refusal.BAD_CLIENT_KEY,
        "redirect_uri": Refusal.BAD_REDIRECT,
        "scope": Refusal.BAD_SCOPE,
        "code_challenge": Refusal.BAD_CHALLENGE,
    }
    by_error = {
        "access_denied": Refusal.CANCELLED,
        "invalid_scope": Refusal.BAD_SCOPE,
        "invalid_client": Refusal.BAD_CLIENT_KEY,
        "unauthorized_client": Refusal.BAD_CLIENT_KEY,
        "server_error": Refusal.TIKTOK_BUSY,
        "temporarily_unavailable": Refusal.TIKTOK_BUSY,
    }
    return by_type.get(error_type) or by_error.get(error) or Refusal.REFUSED


def refusal_at_exchange(code: str, description: str) -> Refusal:
    """Why TikTok's token endpoint gave no tokens for the code; `invalid_request` says more in its text."""
    words = description.lower()
    if code == "invalid_request" and "redirect" in words:
        return Refusal.BAD_REDIRECT
    if code == "invalid_request" and ("verifier" in words or "challenge" in words):
        return Refusal.BAD_CHALLENGE
    if code == "invalid_request" and "secret" in words:
        return Refusal.BAD_CREDENTIALS
    return {
        "invalid_grant": Refusal.CODE_DEAD,
        "invalid_client": Refusal.BAD_CREDENTIALS,
        "unauthorized_client": Refusal.BAD_CREDENTIALS,
        "invalid_scope": Refusal.BAD_SCOPE,
        "server_error": Refusal.TIKTOK_BUSY,
        "temporarily_unavailable": Refusal.TIKTOK_BUSY,
        "rate_limit_exceeded": Refusal.TIKTOK_BUSY,
    }.get(code, Refusal.REFUSED)
