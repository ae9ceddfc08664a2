"""Everything is asked anew right before `init`: token, creator, rules, drafts that wait, and the bytes themselves."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings

from accounts.clients import tiktok_client
from accounts.clock import database_now
from accounts.creators import ask_creator
from accounts.hosts import api_host, is_doubtful
from accounts.tokens import access_token_for
from composer.consents import check_consent
from composer.rules import CreatorAnswer, MissingScope
from composer.storing import MediaUnreachableError, open_media
from publishing.attempts import RATE_LIMITED
from publishing.budgets import Endpoint, take_call, wait_for_call
from publishing.caps import CAP_CODES, rest
from publishing.checksums import take_checksum
from publishing.drafts import find_draft_cap
from publishing.files import files_of
from publishing.models import Route
from publishing.obstacles import await_reconnect
from publishing.reasons import Reason
from publishing.states import State
from publishing.steps import Go, Result, Step, Wait, retry_later, wait_turn
from tiktok import Scope
from tiktok.errors import TikTokError


@dataclass(frozen=True)
class Asked:
    """Nothing stands in the way of `init`, and the call is counted: make it now."""

    route: Route
    token: str
    # Of each file, in its order (publishing/checksums.py).
    checksums: Sequence[str]


def ask_anew(step: Step, route: Route) -> Asked | Result:
    """Ask everything there is to ask on this route, and look at every byte once more."""
    account = step.publication.account
    # What needs no call of TikTok's is said at once, whatever the rates.
    full = find_draft_cap(step.publication, now=step.now) if route.is_inbox else None
    if full is not None:
        return full
    # Refreshed here, so that a refresh under way elsewhere is waited for with the worker free for others.
    access_token_for(account, now=step.now)
    endpoint = endpoint_for(route)
    # Who has to wait for `init` anyway asks nothing before: many posts at once would use up each other's calls.
    wait = wait_for_call(account.pk, endpoint, now=step.now)
    if wait:
        return wait_turn(wait, waiting_for=Wait.RATE)
    creator = _ask_creator(step, route)
    if isinstance(creator, Result):
        return creator
    stop = _check(step, creator)
    if stop is not None:
        return stop
    checksums = _check_files(step)
    if isinstance(checksums, Result):
        return checksums
    token = access_token_for(account, now=step.now)
    wait = take_call(account.pk, endpoint, now=database_now())
    return wait_turn(wait, waiting_for=Wait.RATE) if wait else Asked(route, token, checksums)


def endpoint_for(route: Route) -> Endpoint:
    """Which of TikTok's addresses an `init` on this route goes to; each has a rate of its own."""
    if route.has_photos:
        return Endpoint.CONTENT_INIT
    return Endpoint.INBOX_INIT if route.is_inbox else Endpoint.INIT


def _ask_creator(step: Step, route: Route) -> CreatorAnswer | Result:
    """What the creator may post now. A draft asks only for what needs no permission to post."""
    publication = step.publication
    account = publication.account
    if route.is_inbox:
        # An `init` whose answer is lost costs one of few. Should TikTok be down, a question finds it out.
        if is_doubtful(api_host()) and not _answers(step):
            return retry_later(step, Go(State.FAILED, Reason.TIKTOK_UNREACHABLE))
        # Creator info needs video.publish, which a draft does without.
        return MissingScope(Scope.VIDEO_PUBLISH)
    wait = take_call(account.pk, Endpoint.CREATOR_INFO, now=step.now)
    if wait:
        return wait_turn(wait, waiting_for=Wait.RATE)
    answer = ask_creator(account, now=step.now, wait_seconds=0)
    if answer.info is not None:
        return answer.info
    match answer.refusal:
        case "unreachable":
            return retry_later(step, Go(State.FAILED, Reason.TIKTOK_UNREACHABLE))
        case "rate_limited":
            return retry_later(
                step, Go(State.FAILED, RATE_LIMITED), least=settings.TIKTOK_RATE_WINDOW_SECONDS
            )
        case "needs_reconnect":
            return await_reconnect(publication)
        case "missing_scope":
            return Go(State.HELD, Reason.MISSING_SCOPE)
        case code if code in CAP_CODES:
            return rest(step, code, answer.log_id)
        case code:
            return Go(State.HELD, code, detail={"log_id": answer.log_id})


def _answers(step: Step) -> bool:
    """Whether TikTok answers a question that costs nothing; what it answers is no matter."""
    account = step.publication.account
    token = access_token_for(account, now=step.now)
    try:
        with tiktok_client(account, token) as client:
            client.fetch_user_info(["open_id"])
    except TikTokError:
        return not is_doubtful(api_host())
    return True


def _check(step: Step, creator: CreatorAnswer) -> Result | None:
    consent = step.publication.consent
    blocks = check_consent(consent, creator)
    if not blocks:
        return None
    return Go(State.HELD, Reason.RULES_CHANGED, detail={"blocks": [block.text for block in blocks]})


def _check_files(step: Step) -> Sequence[str] | Result:
    """The checksum of each file, if it is byte for byte the one that was agreed to; says which is not."""
    files = files_of(step.publication.consent)
    checksums = []
    for file in files:
        which = {"file": file.media.original_name} if len(files) > 1 else {}
        try:
            with open_media(file.media) as stored:
                checksum = take_checksum(stored, file.sha256)
        except FileNotFoundError:
            return Go(State.HELD, Reason.FILE_MISSING, detail=which)
        except MediaUnreachableError:
            return retry_later(step, Go(State.FAILED, Reason.STORAGE_UNREACHABLE))
        if checksum is None:
            return Go(State.HELD, Reason.FILE_CHANGED, detail=which)
        checksums.append(checksum)
    return checksums
