"""`manage.py reviewer_link`: makes, lists, renews and revokes the links by which TikTok's reviewers come in."""

from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.clock import database_now
from accounts.models import ReviewerLink
from accounts.reviewers import LONGEST_DAYS, USUAL_DAYS, renew_link, revoke_link
from review.reviewer_links import address_of, make_reviewer_link


class Command(BaseCommand):
    """Prints the link once; only its hash is kept, so that a lost one is renewed, not looked up."""

    help = "Make a link that opens a demo workspace of its own for a reviewer, and nothing else."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--days", type=int, default=USUAL_DAYS, help=f"How long it lives, 1 to {LONGEST_DAYS} days."
        )
        parser.add_argument("--note", default="", help="Whom it is for, at most 120 characters.")
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--list", action="store_true", help="List the links and when they were last used.")
        what.add_argument("--renew", type=int, metavar="NUMBER", help="A new link to the same workspace.")
        what.add_argument("--revoke", type=int, metavar="NUMBER", help="End a link and all its sessions.")

    def handle(self, *args: Any, **options: Any) -> None:
        now = database_now()
        if options["list"]:
            for link in ReviewerLink.objects.all():
                self.stdout.write(_line(link, now=now))
            return
        if options["revoke"] is not None:
            link = _find(options["revoke"])
            revoke_link(link, now=now)
            self.stdout.write(f"Link {link.pk} opens nothing any more, and its sessions have ended.")
            return
        if len(options["note"]) > 120:
            raise CommandError("The note is longer than 120 characters.")
        try:
            if options["renew"] is not None:
                address = address_of(renew_link(_find(options["renew"]), days=options["days"], now=now))
            else:
                _link, address = make_reviewer_link(
                    note=options["note"], days=options["days"], made_by=None, now=now
                )
        except ValueError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(address)


def _find(pk: int) -> ReviewerLink:
    try:
        return ReviewerLink.objects.get(pk=pk)
    except ReviewerLink.DoesNotExist:
        raise CommandError(f"There is no link {pk}. See `manage.py reviewer_link --list`.") from None


def _line(link: ReviewerLink, *, now: datetime) -> str:
    if link.revoked_at is not None:
        state = f"revoked {link.revoked_at:%Y-%m-%d}"
    else:
        state = f"{'until' if link.is_live(now) else 'ended'} {link.expires_at:%Y-%m-%d %H:%M} UTC"
    used = f"last used {link.last_used_at:%Y-%m-%d %H:%M} UTC" if link.last_used_at else "never used"
    return f"{link.pk}  {state}, {used}  {link.note}".rstrip()
