"""The name and the logo as browsers ask for them: icons, and the manifest of a site on a home screen."""

from django.conf import settings
from django.http import Http404, HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from accounts.policy import PublicRequest, public
from review.logos import SIZES, logo_png

MANIFEST_SIZES = (192, 512)


@public
@require_safe
@cache_control(public=True, max_age=3600)
def logo(request: PublicRequest, size: int) -> HttpResponse:
    """The logo, `size` pixels wide and high."""
    if size not in SIZES:
        raise Http404
    return HttpResponse(logo_png(size), content_type="image/png")


@public
@require_safe
@cache_control(public=True, max_age=3600)
def manifest(request: PublicRequest) -> HttpResponse:
    """What a phone calls the site on its home screen."""
    icons = [
        {"src": reverse("review:logo", args=[size]), "sizes": f"{size}x{size}", "type": "image/png"}
        for size in MANIFEST_SIZES
    ]
    name = settings.PRODUCT_NAME
    words = {"name": name, "short_name": name, "start_url": "/", "display": "minimal-ui", "icons": icons}
    return JsonResponse(words, content_type="application/manifest+json")
