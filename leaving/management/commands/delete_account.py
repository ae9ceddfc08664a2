"""`manage.py delete_account`: deletes the account of somebody who asked for it and cannot sign in."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.clock import database_now
from accounts.models import User
from leaving.deleting import UnsettledError, begin_deletion, foresee_deletion


class Command(BaseCommand):
    """The same as the person's own button; the workers do the rest, and `--yes` is the confirmation."""

    help = "Delete somebody's account with everything in it: posts, files, consents, keys."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", help="The address the person signs in with.")
        parser.add_argument(
            "--yes", action="store_true", help="Really do it; without, only say what would go."
        )
        parser.add_argument(
            "--unconfirmed-too",
            action="store_true",
            help="Also when posts may be on TikTok without anybody knowing: nobody can find out afterwards.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        person = User.objects.filter(email__iexact=options["email"]).first()
        if person is None:
            raise CommandError("Nobody signs in with that address.")
        if not options["yes"]:
            foreseen = foresee_deletion(person)
            self.stdout.write(
                f"{foreseen.posts} posts, {foreseen.files} files and {len(foreseen.accounts)} TikTok accounts "
                f"would be deleted, {foreseen.waiting} waiting posts cancelled. Nothing was done: add --yes."
            )
            return
        try:
            deletion = begin_deletion(person, now=database_now(), even_unconfirmed=options["unconfirmed_too"])
        except UnsettledError as error:
            words = ", ".join(f"post {row.post_id} ({row.state})" for row in error.publications)
            raise CommandError(
                f"TikTok may be publishing something: {words}. Nothing was done. Wait until it has ended; where it "
                "is unconfirmed and the person cannot say whether it is on TikTok, add --unconfirmed-too."
            ) from error
        self.stdout.write(f"Begun. The workers go on with it: /your-data/deleted/{deletion.pk}/")
