"""What belongs where in TikTok's developer portal: the values of this installation, to be copied."""

from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse

from accounts.clients import callback_url
from review.doctor.doors import webhook_url
from review.doctor.portal import why_asked

# TikTok's own size for the icon of an app.
ICON_PIXELS = 1024


@dataclass(frozen=True)
class PortalField:
    """One field of the portal: where it is, what goes in, and what else to know."""

    place: str
    value: str
    note: str = ""


def portal_fields() -> list[PortalField]:
    """The fields in the portal's order; the same for the production app and each sandbox."""
    site = settings.PUBLIC_URL
    fields = [
        PortalField(
            "App details: App name",
            settings.PRODUCT_NAME,
            "The same as your organisation's and the site's name.",
        ),
        PortalField(
            "App details: App icon",
            f"{site}{reverse('review:logo', args=[ICON_PIXELS])}",
            f"{ICON_PIXELS} by {ICON_PIXELS} pixels; save it from this address.",
        ),
        PortalField("App details: Terms of Service URL", f"{site}{reverse('review:terms')}"),
        PortalField("App details: Privacy Policy URL", f"{site}{reverse('review:privacy')}"),
        PortalField("App details: Web/Desktop URL", f"{site}/"),
        PortalField(
            "Login Kit: Redirect URI (Web)", callback_url(), "Byte for byte, the slash at the end included."
        ),
        PortalField(
            "Content Posting API: Direct Post", "On", "Without this switch there is no scope video.publish."
        ),
        PortalField("Webhooks: Callback URL", webhook_url()),
    ]
    if settings.MEDIA_PULL_BASE_URL:
        fields.append(
            PortalField(
                "URL properties: URL prefix",
                settings.MEDIA_PULL_BASE_URL,
                "Verify it for the production app and again for each sandbox.",
            )
        )
    fields += [PortalField(f"Scopes: {scope}", scope, why_asked(scope)) for scope in settings.TIKTOK_SCOPES]
    return fields
