"""Upload URLs at rest: they carry an upload token, so they are sealed like any other secret."""

from accounts.sealing import sealer
from publishing.models import Attempt


def seal_upload_url(attempt: Attempt, url: str) -> str:
    """Seal an upload URL for the row it belongs to."""
    return sealer().seal(url, _place(attempt))


def open_upload_url(attempt: Attempt) -> str:
    """The upload URL of an attempt. Raises accounts.sealing.SealError when it cannot be opened."""
    return sealer().open(attempt.upload_url_sealed, _place(attempt))


def _place(attempt: Attempt) -> str:
    return f"publishing.Attempt.upload_url:{attempt.pk}"
