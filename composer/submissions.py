"""Takes a sent composer form to the draft service: the one way in for autosave, *Check* and *Post to TikTok*."""

from collections.abc import Callable
from dataclasses import dataclass

from django.http import Http404, QueryDict

from accounts.clock import database_now
from accounts.models import Workspace
from composer.drafts import DraftContent, PageState, SaveOutcome, save_draft
from composer.forms import CAPTION_MAX_LENGTH, DraftForm
from composer.models import Post
from composer.rules import MAX_PHOTOS

Change = Callable[[DraftContent], DraftContent]


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
    sent: QueryDict, post: Post, *, workspace: Workspace, change: Change | None = None
) -> Submission:
    """Save what a page sent, after `change` when it was sent by a button that stands for one.

    Raises MalformedFormError, and Http404 for somebody else's account or file; both change nothing. What `change`
    raises comes through, and nothing is saved then either.
    """
    form = DraftForm(sent, workspace=workspace, post=post)
    if form.is_valid():
        content = change(form.content) if change else form.content
        saved = save_draft(post, content, page=form.page, now=database_now())
        return Submission(saved.outcome, saved.post, content, form.page)
    if form.is_valid_but_for_rows and form.is_outdated:
        # A file that the page shows was deleted since, and taken out of the draft: no more than an edit elsewhere.
        return Submission(SaveOutcome.CONFLICT, post, form.content, form.page)
    if form.names_foreign_row:
        raise Http404
    if form.has_too_many_photos:
        raise MalformedFormError(
            f"Not saved: these are more than the {MAX_PHOTOS} photos that TikTok takes in one post. Take some out."
        )
    for name, noun in (("caption", "caption"), ("title", "title")):
        if name in form.errors:
            raise MalformedFormError(
                f"Not saved: the {noun} is longer than the {CAPTION_MAX_LENGTH:,} characters that a draft keeps, or "
                f"holds characters that no {noun} can have. Shorten it; it stays on this page until you do."
            )
    raise MalformedFormError("Not saved: the form was incomplete. Reload the page and try again.")
