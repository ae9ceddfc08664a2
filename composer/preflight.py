"""What keeps nothing back and is good to know: the same file or caption went to this account a short while ago."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from composer.consents import choices_of
from composer.judging import account_of, written_choices
from composer.models import Consent, MediaFile, MediaKind, Post
from composer.rules import Choices

# TikTok refuses what it takes for spam, the same thing twice among it, and names no period.
REPEAT_AGE = timedelta(days=7)
# Far more than TikTok takes from one account in that time.
_MOST_READ = 200


def find_repeats(post: Post, *, photos: Sequence[MediaFile], now: datetime) -> tuple[str, ...]:
    """Sentences on what this post repeats of what was sent to its account in the last days; two queries at most.

    Sent is what somebody agreed to and what is closed to edits since: on its way, out, or in the inbox.
    """
    account = account_of(post)
    if account is None:
        return ()
    is_photos = post.kind == MediaKind.PHOTO
    files = list(photos) if is_photos else [post.media] if post.media else []
    choices = written_choices(post)
    sent = (
        Consent.objects.filter(
            account=account,
            voided_at__isnull=True,
            post__locked_at__isnull=False,
            given_at__gte=now - REPEAT_AGE,
        )
        .exclude(post_id=post.pk)
        .prefetch_related("photos")
        .order_by("-given_at")[:_MOST_READ]
    )
    seen: set[str] = set()
    captions: set[str] = set()
    for consent in sent:
        parts = consent.photos.all()
        seen |= {each.sha256 for each in parts} if parts else {consent.media_sha256}
        captions.add(_text_of(choices_of(consent), is_photos=bool(parts)))
    repeats = [file for file in files if file.sha256 in seen]
    return (*_say_files(repeats, files), *_say_text(_text_of(choices, is_photos=is_photos), captions))


def _text_of(choices: Choices, *, is_photos: bool) -> str:
    """What TikTok reads as the words of a post; a video's draft carries none."""
    if choices.is_inbox and not is_photos:
        return ""
    return " ".join(choices.caption.split()).casefold()


def _say_files(repeats: list[MediaFile], files: list[MediaFile]) -> tuple[str, ...]:
    if not repeats:
        return ()
    if len(repeats) == len(files) and len(files) > 1:
        which = "These photos were"
    elif len(repeats) > 1:
        which = f"{len(repeats)} of these photos were"
    else:
        which = f"“{repeats[0].original_name}” was"
    said = f"{which} sent to this account in the last {REPEAT_AGE.days} days."
    return (f"{said} TikTok may refuse the same content twice.",)


def _say_text(text: str, captions: set[str]) -> tuple[str, ...]:
    if not text or text not in captions:
        return ()
    said = (
        f"The same words were sent to this account in the last {REPEAT_AGE.days} days. TikTok may take them for "
        "spam; say it differently."
    )
    return (said,)
