"""What a post is called and which picture stands for it, wherever people read of it."""

from django.urls import reverse

from composer.models import MediaFile, MediaState
from composer.rules import Choices

TITLE_LENGTH = 80


def title_of(choices: Choices, *, empty: str = "Post without a caption") -> str:
    """What a post is called on our pages: its title, else the first line of its caption, cut to 80 characters."""
    lines = [choices.title, *choices.caption.splitlines()]
    first_line = next((line.strip() for line in lines if line.strip()), "")
    if len(first_line) > TITLE_LENGTH:
        return first_line[: TITLE_LENGTH - 1].rstrip() + "…"
    return first_line or empty


def poster_url_of(media: MediaFile) -> str:
    """Where the file's picture is; empty when none was made, or when it was deleted with the file."""
    is_there = bool(media.poster) and media.state != MediaState.DELETED
    return reverse("composer:media-poster", args=[media.pk]) if is_there else ""
