"""Much that is due at once, and what a sweep sends for it."""

from datetime import datetime

from accounts.models import Workspace
from composer.models import Consent
from publishing.models import Publication
from publishing.states import State
from tests.factories import make_account, make_consent, make_person, make_post

# What goes to the broker: the task's name and the publication.
Sent = list[tuple[str, int]]


def many_due(count: int, *, since: datetime, accounts: int = 50, **fields: object) -> Workspace:
    """So many publications of a new workspace that are due, written without going through services."""
    user = make_person()
    post = make_post(user.memberships.get().workspace)
    consent: Consent = make_consent(post, user)
    owners = [make_account(post.workspace) for _ in range(accounts)]
    posts = type(post).objects.bulk_create(
        [type(post)(workspace=post.workspace, account=owners[number % accounts]) for number in range(count)],
        batch_size=2000,
    )
    Publication.objects.bulk_create(
        [
            Publication(
                post=each,
                workspace=post.workspace,
                account=owners[number % accounts],
                consent=consent,
                **{"due_at": since, "next_try_at": since, "state": State.SCHEDULED, **fields},
            )
            for number, each in enumerate(posts)
        ],
        batch_size=2000,
    )
    return post.workspace
