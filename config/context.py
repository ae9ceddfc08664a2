"""What every template may know about this installation."""

from django.conf import settings
from django.http import HttpRequest


def installation(_request: HttpRequest) -> dict[str, object]:
    """Template variables that do not depend on the page."""
    return {
        "product_name": settings.PRODUCT_NAME,
        "is_sign_up_open": settings.SIGN_UP_OPEN,
        "has_own_logo": bool(settings.PRODUCT_LOGO),
        "tiktok_is_simulated": settings.TIKTOK_IS_SIMULATED,
        "tiktok_web_url": settings.TIKTOK_AUTH_URL,
        "is_local_run": not settings.IS_PRODUCTION and not settings.HAS_MAIL_SERVER,
    }
