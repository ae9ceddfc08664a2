"""Posts that were agreed to and are due, without a composer opened for each: put there through the product's models.

`plant` runs this module in the environment of the product; what becomes of the posts, its own worker does.
"""

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import django

from tests.processes import ROOT

if TYPE_CHECKING:  # in the product's environment models come only after django.setup()
    from tests.journeys.people import Person

ANSWER_SECONDS = 120


def plant(person: "Person", media: int, *posts: dict[str, Any]) -> list[int]:
    """Make posts of that file for the person; returns their keys.

    Each names its account by `username` and has a `caption`; `due_in` is in seconds, and below 0 its time has passed
    while nothing was sent.
    """
    done = subprocess.run(
        [sys.executable, "-m", "tests.journeys.planting", str(media), json.dumps(posts)],
        cwd=ROOT, env=person.product.environ, capture_output=True, text=True, timeout=ANSWER_SECONDS, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    keys: list[int] = json.loads(done.stdout.splitlines()[-1])
    return keys


def _plant(media_pk: int, posts: list[dict[str, Any]]) -> list[int]:
    from datetime import timedelta

    from accounts.clock import database_now
    from composer.models import MediaFile
    from tests.factories import make_post, make_publication

    media = MediaFile.objects.get(pk=media_pk)
    workspace = media.workspace
    user = workspace.memberships.get().user
    keys = []
    for post in posts:
        account = workspace.accounts.get(username=post["username"])
        made = make_post(workspace, account=account, media=media, caption=post["caption"])
        at = database_now() + timedelta(seconds=post.get("due_in", 0))
        make_publication(made, user=user, due_at=at, next_try_at=at)
        keys.append(made.pk)
    return keys


if __name__ == "__main__":
    django.setup()
    print(json.dumps(_plant(int(sys.argv[1]), json.loads(sys.argv[2]))))
