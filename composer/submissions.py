"""Takes a sent composer form to the draft service: the one way in for autosave, *Check* and *Post to TikTok*."""

from dataclasses import dataclass

from django.http import Http404, QueryDict

from accounts.clock import database_now
from accounts.models import Workspace
from composer.drafts import DraftContent, PageState, SaveOutcome, save_draft
from composer.forms import CAPTION_MAX_LENGTH, DraftForm
from composer.models import MediaFile, Post


class MalformedFormError(Exception):
    """What came is no form of ours. Nothing was changed; `text` says so to the person."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


@dataclass(frozen=True, slots=True)
class Submission:
    """A form that was read and handed to the draft service, with what became of it."""

    outcome: SaveOutcome
    # As it is stored now, whatever was sent.
    post: Post
    content: DraftContent
    page: PageState


def save_submission(
    sent: QueryDict, post: Post, *, workspace: Workspace, media: MediaFile | None = None
) -> Submission:
    """Save what a page sent, with `media` instead of the file it names when one came with it.

    Raises MalformedFormError, and Http404 for somebody else's account or file; both change nothing.
    """
    data = sent.copy()
    if media is not None:
        data["media"] = str(media.pk)
    form = DraftForm(data, workspace=workspace)
    if form.is_valid():
        saved = save_draft(post, form.content, page=form.page, now=database_now())
        return Submission(saved.outcome, saved.post, form.content, form.page)
    if form.names_foreign_row:
        raise Http404
    if "caption" in form.errors:
        raise MalformedFormError(
            f"Not saved: the caption is longer than the {CAPTION_MAX_LENGTH:,} characters that a draft keeps, or "
            "holds characters that no caption can have. Shorten it; it stays on this page until you do."
        )
    raise MalformedFormError("Not saved: the form was incomplete. Reload the page and try again.")
