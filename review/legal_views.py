"""The terms, the privacy page and the way to have data deleted: templates filled in by settings and by the code."""

from datetime import date

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.policy import PublicRequest, public
from review.stored import NEVER_ASKED, PARTS

# When the words were last changed; a new date belongs to every change of meaning.
CHANGED_ON = date(2026, 11, 30)


@public
@require_safe
def terms(request: PublicRequest) -> HttpResponse:
    """What people and the operator agree on."""
    return _show(request, "review/terms.html")


@public
@require_safe
def privacy(request: PublicRequest) -> HttpResponse:
    """What is kept, why, how long and who gets it; what comes from TikTok field by field."""
    return _show(request, "review/privacy.html", parts=PARTS, never_asked=NEVER_ASKED)


@public
@require_safe
def data_deletion(request: PublicRequest) -> HttpResponse:
    """How to have everything deleted, step by step."""
    return _show(request, "review/data_deletion.html")


def _show(request: PublicRequest, template: str, **context: object) -> HttpResponse:
    common = {
        "operator_name": settings.OPERATOR_NAME,
        "operator_address": settings.OPERATOR_ADDRESS,
        "operator_email": settings.OPERATOR_EMAIL,
        "is_filled_in": bool(
            settings.OPERATOR_NAME and settings.OPERATOR_ADDRESS and settings.OPERATOR_EMAIL
        ),
        "site_url": settings.PUBLIC_URL,
        "session_days": settings.SESSION_COOKIE_AGE // (24 * 3600),
        "changed_on": CHANGED_ON,
    }
    return render(request, template, common | context)
