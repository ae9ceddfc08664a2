"""Reviewers' links: made, renewed, revoked and opened.

A link is a random secret signed with SECRET_KEY, so that what was guessed or damaged is refused without a look at
the database; kept is the secret's hash. Behind each stands a person of its own (`User.is_reviewer`) who belongs to
one demo workspace, has no password and an address that receives no mail. `accounts.backends` knows that person only
while the link is live, and a new secret changes the stand-in for their password: so revoking, renewing and the end
of the time all end every session at its next request.
"""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.db.models import F

from accounts.models import Membership, ReviewerLink, Role, User, Workspace

LONGEST_DAYS = 90
USUAL_DAYS = 14
# .example can never receive mail (RFC 2606).
_ADDRESS = "reviewer-{}@reviewer.example"


def is_reviewer(user: User) -> bool:
    """Whether somebody came by a reviewer's link: they use a demo workspace, with a login that they share."""
    return user.is_reviewer


def make_link(*, note: str, days: int, made_by: User | None, now: datetime) -> tuple[ReviewerLink, str]:
    """Make a demo workspace with its person and a link to it; returns the row and the token, which is not kept.

    Raises ValueError for other than 1 to 90 days.
    """
    expires_at = _end(days, now=now)
    token, secret_sha256 = _new_token()
    with transaction.atomic():
        user = User(email=_ADDRESS.format(secrets.token_hex(4)), is_reviewer=True)
        user.set_unusable_password()
        user.save()
        workspace = Workspace.objects.create(name="Demo workspace")
        Membership.objects.create(workspace=workspace, user=user, role=Role.OWNER)
        link = ReviewerLink.objects.create(
            user=user, note=note, secret_sha256=secret_sha256, made_by=made_by, expires_at=expires_at
        )
    return link, token


def renew_link(link: ReviewerLink, *, days: int, now: datetime) -> str:
    """Put a new link to the same workspace in the place of the old one, which ends; returns the new one's token."""
    expires_at = _end(days, now=now)
    token, secret_sha256 = _new_token()
    with transaction.atomic():
        ReviewerLink.objects.filter(pk=link.pk).update(
            secret_sha256=secret_sha256, expires_at=expires_at, revoked_at=None
        )
        _end_sessions(link)
    return token


def revoke_link(link: ReviewerLink, *, now: datetime) -> None:
    """End it and every session that came by it. The workspace stays as it is; safe to call twice."""
    with transaction.atomic():
        ReviewerLink.objects.filter(pk=link.pk, revoked_at__isnull=True).update(revoked_at=now)
        _end_sessions(link)


def find_link(token: str, *, now: datetime) -> ReviewerLink | None:
    """The live link that this token belongs to; None for whatever is wrong with it."""
    try:
        secret = _signer().unsign(token)
    except BadSignature:
        return None
    return ReviewerLink.objects.live(now).select_related("user").filter(secret_sha256=_hash(secret)).first()


def note_use(link: ReviewerLink, *, now: datetime) -> bool:
    """Write down that somebody comes in by it; False when it has ended meanwhile."""
    live = ReviewerLink.objects.live(now).filter(pk=link.pk, secret_sha256=link.secret_sha256)
    return bool(live.update(last_used_at=now, uses=F("uses") + 1))


def _end(days: int, *, now: datetime) -> datetime:
    if not 1 <= days <= LONGEST_DAYS:
        raise ValueError(f"A reviewer's link lives 1 to {LONGEST_DAYS} days.")
    return now + timedelta(days=days)


def _new_token() -> tuple[str, str]:
    secret = secrets.token_urlsafe(32)
    return _signer().sign(secret), _hash(secret)


def _end_sessions(link: ReviewerLink) -> None:
    # A session holds a hash of what stands in the password's place, and that is random.
    user = User.objects.get(pk=link.user_id)
    user.set_unusable_password()
    user.save(update_fields=["password"])


def _signer() -> Signer:
    return Signer(salt="accounts.reviewers", sep=".")


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
