"""The notifications page, what is pressed there, the e-mail settings, and the way out of mails."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.clock import database_now
from accounts.models import Delivery, TikTokAccount
from accounts.notifications.digest import zone_of
from accounts.notifications.forms import MailTimesForm
from accounts.notifications.listing import (
    ListFilter,
    account_links,
    card_of,
    deliveries_of,
    shelf_links,
)
from accounts.notifications.unsubscribing import read_wish
from accounts.policy import MemberRequest, PublicRequest, member, public

PER_PAGE = 20


@member
@require_safe
def notification_list(request: MemberRequest) -> HttpResponse:
    """What this person is told, newest first."""
    wanted = ListFilter.from_query(request.GET.get("account", ""), request.GET.get("show", ""))
    page = Paginator(deliveries_of(request.user, wanted), PER_PAGE).get_page(request.GET.get("page"))
    cards = [card_of(delivery) for delivery in page.object_list]
    shelves = shelf_links(request.user, wanted)
    accounts = TikTokAccount.objects.visible_to(request.user)
    return render(
        request,
        "accounts/notification_list.html",
        {
            "page": page,
            "cards": cards,
            "newest": max((card.pk for card in cards), default=0),
            "shelf_links": shelves,
            "account_links": account_links(wanted, accounts),
            "is_filtered": wanted != ListFilter(),
            "has_unread": bool(shelves[1].count),
        },
    )


@member
@require_POST
def notification_open(request: MemberRequest, pk: int) -> HttpResponse:
    """Go where the one thing to do is done; it counts as read."""
    delivery = get_object_or_404(_own(request), pk=pk)
    _mark_read(pk)
    return redirect(delivery.notification.path)


@member
@require_POST
def notification_read(request: MemberRequest, pk: int) -> HttpResponse:
    """Put it away; safe to press twice."""
    get_object_or_404(_own(request), pk=pk)
    _mark_read(pk)
    return redirect(_way_back(request))


@member
@require_POST
def notification_unread(request: MemberRequest, pk: int) -> HttpResponse:
    """Keep it for later."""
    get_object_or_404(_own(request), pk=pk)
    Delivery.objects.filter(pk=pk).update(read_at=None)
    return redirect(_way_back(request))


@member
@require_POST
def notifications_read(request: MemberRequest) -> HttpResponse:
    """Put all of them away, up to the newest that the page showed: what came since stays unread."""
    newest = request.POST.get("newest", "")
    if newest.isascii() and newest.isdigit() and len(newest) <= 18:
        _own(request).filter(read_at__isnull=True, pk__lte=int(newest)).update(read_at=database_now())
    return redirect(_way_back(request))


@member
@require_http_methods(["GET", "HEAD", "POST"])
def notification_settings(request: MemberRequest) -> HttpResponse:
    """When this person is mailed about what."""
    form = MailTimesForm(request.user, request.POST if request.method == "POST" else None)
    if form.is_valid():
        form.save()
        messages.success(request, "Saved.")
        return redirect("notifications:notification-settings")
    context = {"form": form, "zone": zone_of(request.user).key.replace("_", " ")}
    return render(request, "accounts/notification_settings.html", context)


@csrf_exempt  # a mailbox presses it without ever having seen the page; the signature is the permission
@public
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: PublicRequest, token: str) -> HttpResponse:
    """The link in every mail. Looking changes nothing (scanners follow links); pressing ends these mails.

    Answers the one-click POST of RFC 8058 too, which comes without a cookie and follows no redirect.
    """
    wish = read_wish(token)
    if wish is None:
        raise Http404
    if request.method == "POST":
        wish.fulfil()
    context = {"wish": wish, "is_done": request.method == "POST"}
    response = render(request, "accounts/unsubscribe.html", context)
    response["Cache-Control"] = "private, no-store"
    return response


def _own(request: MemberRequest) -> QuerySet[Delivery]:
    return Delivery.objects.visible_to(request.user).select_related("notification")


def _mark_read(pk: int) -> None:
    Delivery.objects.unread().filter(pk=pk).update(read_at=database_now())


def _way_back(request: HttpRequest) -> str:
    """The page it was pressed on, if that is one of ours."""
    there = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(there, allowed_hosts=None)
    return there if there and is_ours else "notifications:notification-list"
