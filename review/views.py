"""The landing page and the demo account."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.people import get_demo_user, workspace_of
from accounts.policy import PublicRequest, public
from accounts.scopes import permissions_of
from composer.samples import add_sample_media


@public
@require_safe
def landing(request: PublicRequest) -> HttpResponse:
    """What this is and who may use it; people who are signed in may read it too."""
    context = {
        "has_demo": _has_demo(),
        "permissions": permissions_of(settings.TIKTOK_SCOPES),
        "operator_name": settings.OPERATOR_NAME,
        "operator_email": settings.OPERATOR_EMAIL,
        # Of every picture that `make pictures` takes.
        "shot_width": 1800,
        "shot_height": 1140,
    }
    return render(request, "review/landing.html", context)


@public
@require_POST
def demo_start(request: PublicRequest) -> HttpResponse:
    """Sign in as the demo person, with sample videos made on the spot.

    Exists only while TikTok is simulated.
    """
    if not _has_demo():
        raise Http404
    user = get_demo_user()
    add_sample_media(workspace_of(user), user)
    login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
    messages.success(request, "You are using the demo account. Connect a simulated TikTok account to begin.")
    return redirect("accounts:account-list")


def _has_demo() -> bool:
    return settings.TIKTOK_IS_SIMULATED and not settings.IS_PRODUCTION
