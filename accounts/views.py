"""The accounts page, what can be done to one account there, and the mail of a local run."""

from dataclasses import dataclass
from ipaddress import ip_address

from allauth.account import views as allauth_views
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.clock import database_now
from accounts.disconnecting import disconnect
from accounts.health import Health, health_of
from accounts.local_mail import read_local_mail
from accounts.models import Delivery, Kind, TikTokAccount
from accounts.people import vouch_for_address
from accounts.policy import MemberRequest, PublicRequest, holder, member, public
from accounts.scopes import Permission, permissions_of

_YEAR = 365 * 24 * 3600


@dataclass(frozen=True)
class AccountCard:
    """One account as the page shows it."""

    account: TikTokAccount
    health: Health
    permissions: list[Permission]

    @property
    def longest_video(self) -> str:
        """How long a video may be, as TikTok last said; empty when it never did."""
        info = self.account.latest_creator_info
        if info is None or not info.max_video_post_duration_sec:
            return ""
        minutes, seconds = divmod(info.max_video_post_duration_sec, 60)
        parts = [f"{minutes} min"] if minutes else []
        return " ".join([*parts, f"{seconds} s"] if seconds else parts)


@member
@require_safe
def account_list(request: MemberRequest) -> HttpResponse:
    """Whose accounts these are, what they allowed, and whether they work."""
    accounts = TikTokAccount.objects.filter(workspace=request.workspace).connected()
    return render(
        request,
        "accounts/account_list.html",
        {
            "cards": [
                AccountCard(account, health_of(account), permissions_of(account.granted_scopes))
                for account in accounts
            ],
            "moved_away": Delivery.objects.visible_to(request.user)
            .unread()
            .filter(notification__kind=Kind.MOVED_AWAY)
            .select_related("notification")
            .order_by("-pk"),
        },
    )


@member
@require_http_methods(["GET", "HEAD", "POST"])
def account_disconnect(request: MemberRequest, pk: int) -> HttpResponse:
    """Ask first, then disconnect."""
    account = get_object_or_404(TikTokAccount.objects.connected(), pk=pk, workspace=request.workspace)
    if request.method != "POST":
        return render(request, "accounts/account_disconnect.html", {"account": account})
    if disconnect(account, now=database_now()):
        messages.success(request, f"{account} is disconnected. TikTok has been told.")
    else:
        messages.warning(
            request,
            f"{account} is disconnected here and its keys are forgotten, but TikTok could not be told. "
            f"To remove "
            "the permission there too, open the TikTok app: Settings and privacy, Security and permissions, "
            "Apps and services permissions.",
        )
    return redirect("accounts:account-list")


@member
@require_safe
def account_avatar(request: MemberRequest, pk: int) -> HttpResponse:
    """Our copy of the creator's picture. Its address changes with it, so the browser may keep it."""
    account = get_object_or_404(TikTokAccount.objects.exclude(avatar=""), pk=pk, workspace=request.workspace)
    content_type = "image/png" if str(account.avatar.name).endswith(".png") else "image/jpeg"
    try:
        with account.avatar.open("rb") as picture:  # 256 pixels a side at most
            response = HttpResponse(picture.read(), content_type=content_type)
    except FileNotFoundError:
        raise Http404 from None
    response["Cache-Control"] = f"private, max-age={_YEAR}, immutable"
    return response


@holder
def email_change(request: MemberRequest) -> HttpResponseBase:
    """allauth's page, after making sure that the address there is now survives a change that is not confirmed."""
    if not settings.HAS_MAIL_SERVER:
        vouch_for_address(request.user)
    response: HttpResponseBase = allauth_views.email(request)
    return response


@public
@require_safe
def local_mail(request: PublicRequest) -> HttpResponse:
    """The mail of a local run without a mail server: whoever sits at this machine may read it.

    It shows links that reset passwords, so it exists only where Greenroom serves this machine alone.
    """
    is_local_run = not settings.IS_PRODUCTION and not settings.HAS_MAIL_SERVER
    if not is_local_run or not ip_address(request.META["REMOTE_ADDR"]).is_loopback:
        raise Http404
    response = render(request, "accounts/local_mail.html", {"mails": read_local_mail()})
    response["Cache-Control"] = "private, no-store"
    return response
