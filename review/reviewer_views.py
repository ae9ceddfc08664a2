"""Where a reviewer's link leads: a page that says what it opens, and the button that opens it."""

from allauth.core import ratelimit
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.clock import database_now
from accounts.policy import PublicRequest, public
from accounts.reviewers import find_link, note_use


@public
@require_http_methods(["GET", "HEAD", "POST"])
def reviewer_enter(request: PublicRequest, token: str) -> HttpResponse:
    """Looking at it opens nothing, because scanners follow links; the button signs in."""
    if not ratelimit.consume(request, action="reviewer_enter"):
        refused: HttpResponse = ratelimit.respond_429(request)
        return refused
    now = database_now()
    link = find_link(token, now=now)
    if link is None or (request.method == "POST" and not note_use(link, now=now)):
        return _closely_kept(render(request, "review/reviewer_ended.html", status=410))
    if request.method != "POST":
        return _closely_kept(render(request, "review/reviewer_enter.html", {"link": link}))
    login(request, link.user, backend=settings.AUTHENTICATION_BACKENDS[0])
    request.session.set_expiry(link.expires_at)
    messages.success(request, "You are in the demo workspace. Nothing here belongs to anybody else.")
    return _closely_kept(redirect("publishing:post-list"))


def _closely_kept(response: HttpResponse) -> HttpResponse:
    """The address is the key: no cache keeps the page, and no other site is told where somebody came from."""
    response["Cache-Control"] = "private, no-store"
    response["Referrer-Policy"] = "same-origin"
    response["X-Robots-Tag"] = "noindex"
    return response
