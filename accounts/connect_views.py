"""The trip to TikTok and back as pages see it: connect, reconnect, the return, the offer to move."""

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST, require_safe

from accounts.clients import callback_url
from accounts.clock import database_now
from accounts.connecting import ConnectOutcome, Returned, finish_connect, start_connect
from accounts.creators import ask_creator
from accounts.health import HealthKind, health_of
from accounts.models import AccountMove, TikTokAccount, Workspace
from accounts.moving import MoveEndedError, confirm_move, decline_move
from accounts.policy import MemberRequest, member
from accounts.refusals import sentence_for

if TYPE_CHECKING:
    from django.contrib.sessions.backends.base import SessionBase


@member
@require_POST
def account_connect(request: MemberRequest) -> HttpResponse:
    """Send the person to TikTok's consent page."""
    return _leave_for_tiktok(request)


@member
@require_POST
def account_reconnect(request: MemberRequest, pk: int) -> HttpResponse:
    """The same for an account that is known; TikTok must come back with that very account."""
    account = get_object_or_404(TikTokAccount.objects.connected(), pk=pk, workspace=request.workspace)
    return _leave_for_tiktok(request, account)


@member
@require_GET
def connect_callback(request: MemberRequest) -> HttpResponse:
    """Where TikTok sends people back to. Always answers with a redirect: the code stays in no address bar.

    That a GET changes something is OAuth's doing; the one-time state stands in for the form's token.
    """
    outcome = finish_connect(
        Returned(
            state=request.GET.get("state", ""),
            code=request.GET.get("code", ""),
            error=request.GET.get("error", ""),
            error_type=request.GET.get("error_type", ""),
        ),
        user=request.user,
        session_key=_session_key(request),
        now=database_now(),
    )
    response: HttpResponse
    if outcome.move is not None:
        response = redirect("accounts:account-move", pk=outcome.move.pk)
    elif outcome.account is not None:
        _tell_connected(request, outcome.account, is_new=outcome.is_new)
        response = _onwards(outcome.next_path)
    else:
        _tell_refused(request, outcome)
        response = redirect("accounts:account-list")
    response["Referrer-Policy"] = "no-referrer"
    return response


@member
@require_safe
def account_move(request: MemberRequest, pk: int) -> HttpResponse:
    """The offer to move an account here from the workspace it is in."""
    move = _open_move(request, pk)
    old_workspace = Workspace.objects.of(request.user).filter(pk=move.from_workspace_id).first()
    return render(
        request,
        "accounts/account_move.html",
        {"move": move, "account": move.account, "old_workspace": old_workspace},
    )


@member
@require_POST
def move_confirm(request: MemberRequest, pk: int) -> HttpResponse:
    """Move the account here."""
    move = _open_move(request, pk)
    try:
        account = confirm_move(move, now=database_now())
    except MoveEndedError:
        messages.error(
            request,
            "This account changed since you were asked, so it was not moved. Press Connect TikTok account to "
            "start again.",
        )
        return redirect("accounts:account-list")
    ask_creator(account, now=database_now())
    messages.success(request, f"{account} was moved to this workspace. The people of the other one are told.")
    return _onwards(move.next_path)


@member
@require_POST
def move_decline(request: MemberRequest, pk: int) -> HttpResponse:
    """Leave the account where it is."""
    decline_move(_open_move(request, pk), now=database_now())
    messages.info(request, "The account stays in the other workspace. Nothing changed there.")
    return redirect("accounts:account-list")


def _leave_for_tiktok(request: MemberRequest, account: TikTokAccount | None = None) -> HttpResponse:
    url = start_connect(
        request.user,
        workspace=request.workspace,
        session_key=_session_key(request),
        now=database_now(),
        account=account,
        next_path=_safe_path(request.POST.get("next", "")),
    )
    return HttpResponseRedirect(url)


def _session_key(request: MemberRequest) -> str:
    session: SessionBase = request.session
    if session.session_key is None:
        raise RuntimeError("Somebody is signed in without a session.")
    return session.session_key


def _safe_path(path: str) -> str:
    """A path of this site, else nothing: `//evil`, `\\\\evil`, `https:evil` and line breaks are not."""
    is_ours = path.startswith("/") and url_has_allowed_host_and_scheme(path, allowed_hosts=None)
    if not is_ours or len(path) > 500 or any(ord(letter) < 33 for letter in path):
        return ""
    return path if not urlsplit(path).netloc else ""


def _onwards(next_path: str) -> HttpResponse:
    return HttpResponseRedirect(next_path) if next_path else redirect("accounts:account-list")


def _open_move(request: MemberRequest, pk: int) -> AccountMove:
    moves = AccountMove.objects.open_for(request.user, database_now()).filter(to_workspace=request.workspace)
    return get_object_or_404(
        moves.select_related("account", "from_workspace", "to_workspace", "asked_by"), pk=pk
    )


def _tell_connected(request: MemberRequest, account: TikTokAccount, *, is_new: bool) -> None:
    health = health_of(account)
    done = f"{account} is {'connected' if is_new else 'connected again'}."
    if health.kind == HealthKind.CONNECTED:
        messages.success(request, done)
    else:
        messages.warning(request, f"{done} {health.text}")


def _tell_refused(request: MemberRequest, outcome: ConnectOutcome) -> None:
    if outcome.refusal is None:
        raise RuntimeError("A trip to TikTok ended in nothing.")
    name = str(outcome.subject) if outcome.subject else ""
    sentence = sentence_for(outcome.refusal, name=name, redirect=callback_url(), code=outcome.code)
    if sentence.is_fault:
        messages.error(request, sentence.text)
    else:
        messages.info(request, sentence.text)
