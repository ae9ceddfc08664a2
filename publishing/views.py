"""The pages of posts: the list, one post with its progress, and what may be pressed there."""

from collections.abc import Callable

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from accounts.clock import database_now
from accounts.models import TikTokAccount
from accounts.policy import MemberRequest, member, operator
from publishing.caps import client_usage, end_pause, usage_of
from publishing.drafts import MAX_PENDING, count_drafts
from publishing.gates import gate_off_in_force, turn_gate_on
from publishing.listing import (
    ON_THE_WAY,
    ListFilter,
    account_links,
    count_shelves,
    post_in_full,
    posts_of,
    shelf_links,
)
from publishing.models import Publication
from publishing.post_page import page_of
from publishing.presentation import card_of, soonest
from publishing.services import NotPossibleError, cancel_publication, reopen_post, try_again
from publishing.silence import find_silence
from publishing.states import State

POSTS_PER_PAGE = 20


@member
@require_safe
def post_list(request: MemberRequest) -> HttpResponse:
    """All posts of this person, newest first; asked by htmx, only the list."""
    wanted = ListFilter.from_query(request.GET.get("account", ""), request.GET.get("state", ""))
    now = timezone.now()
    page = Paginator(posts_of(request.user, wanted), POSTS_PER_PAGE).get_page(request.GET.get("page"))
    cards = [card_of(post, now=now, own_zone=request.user.time_zone) for post in page.object_list]
    accounts = list(TikTokAccount.objects.visible_to(request.user))
    context = {
        "page": page,
        "cards": cards,
        "poll_seconds": soonest(card.poll_seconds for card in cards),
        "poll_url": request.get_full_path(),
        "account_links": account_links(wanted, accounts),
        "shelf_links": shelf_links(wanted, count_shelves(request.user, wanted)),
        "is_filtered": wanted != ListFilter(),
        "has_accounts": bool(accounts),
        "gate_off": gate_off_in_force() if request.user.is_staff else None,
    }
    template = "publishing/_post_list.html" if request.htmx else "publishing/post_list.html"
    response = render(request, template, context)
    patch_vary_headers(response, ["HX-Request"])
    return response


@member
@require_safe
def post_detail(request: MemberRequest, pk: int) -> HttpResponse:
    """One post: where it stands, what happened, what may be pressed. A draft opens in the composer."""
    post = get_object_or_404(post_in_full(request.user, pk))
    page = page_of(post, now=timezone.now(), own_zone=request.user.time_zone)
    if page is None:
        return redirect("composer:post-edit", pk)
    return render(request, "publishing/post_detail.html", {"page": page})


@member
@require_safe
def post_progress(request: MemberRequest, pk: int) -> HttpResponse:
    """The part of a post's page that changes by itself; it stops asking once nothing will change any more."""
    post = get_object_or_404(post_in_full(request.user, pk))
    page = page_of(post, now=timezone.now(), own_zone=request.user.time_zone)
    if page is None:
        return HttpResponseClientRedirect(reverse("composer:post-edit", args=[pk]))
    return render(request, "publishing/_post_progress.html", {"page": page})


@member
@require_POST
def post_try_again(request: MemberRequest, pk: int) -> HttpResponse:
    """Send the same post once more, where that is safe."""
    publication = _publication(request, pk)
    if publication.state not in ON_THE_WAY:  # else somebody pressed twice, and it is being done
        _act(request, lambda: try_again(publication, user=request.user, now=database_now()))
    return redirect("publishing:post-detail", pk)


@member
@require_POST
def post_cancel(request: MemberRequest, pk: int) -> HttpResponse:
    """Stop a post before TikTok could publish it."""
    publication = _publication(request, pk)
    if publication.state != State.CANCELLED:
        _act(request, lambda: cancel_publication(publication, user=request.user))
    return redirect("publishing:post-detail", pk)


@member
@require_POST
def post_reopen(request: MemberRequest, pk: int) -> HttpResponse:
    """Make a post a draft again and open it in the composer."""
    publication = _publication(request, pk)
    is_open = publication.state == State.DRAFT or _act(
        request, lambda: reopen_post(publication, user=request.user)
    )
    return redirect("composer:post-edit" if is_open else "publishing:post-detail", pk)


@member
@require_safe
def pending_drafts(request: MemberRequest, account_pk: int) -> HttpResponse:
    """How many of the five drafts TikTok takes in 24 hours wait in this account's inbox."""
    account = get_object_or_404(TikTokAccount.objects.visible_to(request.user), pk=account_pk)
    now = database_now()
    context = {"account": account, "drafts": count_drafts(account.pk, now=now), "max_pending": MAX_PENDING}
    return render(request, "publishing/_pending_drafts.html", context)


@member
@require_safe
def posting_meter(request: MemberRequest, account_pk: int) -> HttpResponse:
    """How much of an account's posts of 24 hours is used, and until when it rests; `?form` where a form may stand."""
    account = get_object_or_404(TikTokAccount.objects.visible_to(request.user), pk=account_pk)
    now = database_now()
    usage = usage_of(account, now=now)
    client = client_usage(account.client_key, now=now)
    context = {
        "account": account,
        "usage": usage,
        "figure": f"{usage.count} of about {usage.cap}",
        "client": client if client.cap else None,
        "has_form": "form" in request.GET,
    }
    return render(request, "publishing/_posting_meter.html", context)


@member
@require_POST
def pause_end(request: MemberRequest, account_pk: int) -> HttpResponse:
    """Try the posts of an account that rests now; pressed twice, the second press changes nothing."""
    account = get_object_or_404(TikTokAccount.objects.visible_to(request.user), pk=account_pk)
    if end_pause(account, user=request.user):
        messages.success(request, f"Posts for {account} are tried again now.")
    post = request.POST.get("post", "")
    if post.isdecimal() and Publication.objects.visible_to(request.user).filter(post_id=int(post)).exists():
        return redirect("publishing:post-detail", int(post))
    return redirect("accounts:account-list")


@member
@require_safe
def sending_silence(request: MemberRequest) -> HttpResponse:
    """The line at the top of every page while nothing is being sent; empty once that is over."""
    silence = find_silence(timezone.now())
    context = {"silence": silence, "is_operator": request.user.is_staff}
    return render(request, "publishing/_silence.html", context)


@operator
@require_POST
def gate_hold(request: MemberRequest) -> HttpResponse:
    """Hold the commit gate again, after it had turned itself off. Pressed twice it is held once."""
    turn_gate_on(user=request.user, now=database_now())
    return redirect("publishing:post-list")


def _publication(request: MemberRequest, pk: int) -> Publication:
    """The publication of one of this person's posts; `pk` is the post's."""
    rows = Publication.objects.visible_to(request.user).select_related("account", "consent", "post")
    return get_object_or_404(rows, post_id=pk)


def _act(request: MemberRequest, action: Callable[[], None]) -> bool:
    """Do it, or say why it is not possible."""
    try:
        action()
    except NotPossibleError as refusal:
        messages.error(request, str(refusal))
        return False
    return True
