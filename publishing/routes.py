"""Which way a post goes to TikTok: decided by what was agreed to and by the settings, never by what failed before."""

from django.conf import settings

from composer.consents import choices_of
from composer.models import Consent
from publishing.models import Route
from tiktok import Scope


def route_of(consent: Consent) -> Route:
    """The one way for this consent. A post never becomes a draft, nor a draft a post."""
    is_inbox = choices_of(consent).is_inbox
    if consent.media.is_photo:
        # TikTok takes no photos any other way.
        return Route.INBOX_PHOTOS if is_inbox else Route.PHOTOS
    if settings.PULL_VIDEOS:
        return Route.INBOX_VIDEO_PULL if is_inbox else Route.VIDEO_PULL
    return Route.INBOX_VIDEO_FILE if is_inbox else Route.VIDEO_FILE


def scope_for(route: Route) -> Scope:
    """What the creator must have allowed for this way."""
    return Scope.VIDEO_UPLOAD if route.is_inbox else Scope.VIDEO_PUBLISH
