"""The landing page and the demo account."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.people import get_demo_user, workspace_of
from accounts.policy import PublicRequest, public
from composer.samples import add_sample_media


@public
@require_safe
def landing(request: PublicRequest) -> HttpResponse:
    """What this is and who may use it; people who are signed in may read it too."""
    return render(request, "review/landing.html")


@public
@require_POST
def demo_start(request: PublicRequest) -> HttpResponse:
    """Sign in as the demo person, with sample videos made on the spot.

    Exists only while TikTok is simulated.
    """
    if not settings.TIKTOK_IS_SIMULATED or settings.IS_PRODUCTION:
        raise Http404
    user = get_demo_user()
    add_sample_media(workspace_of(user), user)
    login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
    messages.success(request, "You are using the demo account. Connect a simulated TikTok account to begin.")
    return redirect("accounts:account-list")
