"""What kind of post it is, in words: video or photos, a post or a draft, sent or fetched."""

from dataclasses import dataclass

from composer.consents import choices_of
from composer.models import MediaKind, Post
from publishing.models import Attempt, Publication
from publishing.routes import route_of


@dataclass(frozen=True)
class Kind:
    """The traits that pages speak of differently. `count` is the number of photos, 0 for a video."""

    count: int
    is_inbox: bool
    is_pulled: bool

    @property
    def has_photos(self) -> bool:
        return self.count > 0

    @property
    def words(self) -> str:
        """As a list shows it: `Video`, `3 photos`, `Video, as a draft`."""
        what = "Video" if not self.count else "1 photo" if self.count == 1 else f"{self.count} photos"
        return f"{what}, as a draft" if self.is_inbox else what

    @property
    def files(self) -> str:
        """What is on its way: `file`, `photo`, `photos`."""
        return "file" if not self.count else "photo" if self.count == 1 else "photos"

    @property
    def end(self) -> str:
        """What it comes to."""
        return "In the creator's inbox" if self.is_inbox else "Published"


def kind_of(publication: Publication, attempt: Attempt | None) -> Kind:
    """The kind of what was agreed to; reads prefetched photos. The newest attempt says how it went."""
    consent = publication.consent
    route = attempt.way if attempt is not None else route_of(consent)
    return Kind(
        count=max(1, len(consent.photos.all())) if consent.media.is_photo else 0,
        is_inbox=choices_of(consent).is_inbox,
        is_pulled=route.is_pulled,
    )


def words_of_draft(post: Post) -> str:
    """The same words for a post that is still being written; reads prefetched photos."""
    count = len(post.post_photos.all()) if post.kind == MediaKind.PHOTO else 0
    if post.kind == MediaKind.PHOTO and not count:
        return "Photos"
    return Kind(count=count, is_inbox=False, is_pulled=False).words
