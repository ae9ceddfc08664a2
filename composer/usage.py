"""Where files are used: which drafts show them, which posts went out with them, and which of those need them yet."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from composer.models import Consent, MediaFile, Post, PostPhoto


@dataclass(frozen=True, slots=True)
class Usage:
    """The posts that a file is part of, by what they need of it; the newest first."""

    drafts: tuple[Post, ...] = ()
    # On their way, or held on it: without the bytes they could not be sent.
    needing: tuple[Post, ...] = ()
    # TikTok has everything; only the history names the file.
    finished: tuple[Post, ...] = ()

    @property
    def posts(self) -> tuple[Post, ...]:
        """Those that were sent, or are to be."""
        return self.needing + self.finished

    def __bool__(self) -> bool:
        return bool(self.drafts or self.needing or self.finished)


def posts_using(media_pks: Iterable[int]) -> QuerySet[Post]:
    """Posts that show one of these files or were agreed to with one of them; consents that ended do not count."""
    keys = list(media_pks)
    carousels = PostPhoto.objects.filter(media__in=keys).values("post")
    agreed = Consent.objects.filter(Q(media__in=keys) | Q(photos__media__in=keys), voided_at__isnull=True)
    return Post.objects.filter(
        Q(media__in=keys) | Q(pk__in=carousels) | Q(pk__in=agreed.values("post"))
    ).order_by("-pk")


def sort_uses(posts: Iterable[Post]) -> Usage:
    """Sort the posts of one file by what they need of it."""
    drafts, needing, finished = [], [], []
    for post in posts:
        if post.is_editable:
            drafts.append(post)
        elif post.media_released_at is None:
            needing.append(post)
        else:
            finished.append(post)
    return Usage(tuple(drafts), tuple(needing), tuple(finished))


def usage_of(media: MediaFile) -> Usage:
    """Where a file is used now; one query."""
    return sort_uses(posts_using([media.pk]).select_related("account"))
