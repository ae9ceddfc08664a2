"""Making a reviewer's link with everything its workspace needs for a first try."""

from datetime import datetime

from django.conf import settings
from django.urls import reverse

from accounts.models import ReviewerLink, User
from accounts.people import workspace_of
from accounts.reviewers import make_link
from composer.samples import add_sample_media


def make_reviewer_link(
    *, note: str, days: int, made_by: User | None, now: datetime
) -> tuple[ReviewerLink, str]:
    """Make a demo workspace with sample media and return its link's row and address. Takes a few seconds.

    The operator may open it first and connect accounts there. Raises ValueError for other than 1 to 90 days.
    """
    link, token = make_link(note=note, days=days, made_by=made_by, now=now)
    add_sample_media(workspace_of(link.user), link.user)
    return link, address_of(token)


def address_of(token: str) -> str:
    """What is given to the reviewer."""
    return f"{settings.PUBLIC_URL}{reverse('review:reviewer-enter', args=[token])}"
