"""Hashtags that a workspace uses together, kept under a name: saved from a caption, listed, deleted."""

import re

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import Workspace
from composer.captions import PHOTO_CAPTION_LIMIT, list_hashtags, utf16_length
from composer.models import HashtagGroup

# The composer shows them all at once.
MAX_GROUPS = 30
MAX_NAME_LENGTH = 40

# What neither a name nor a hashtag has any use for, and what no database keeps.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


class HashtagGroupError(Exception):
    """The group was not saved; `text` says why, and what to do, to the person."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


def groups_of(workspace: Workspace) -> QuerySet[HashtagGroup]:
    """The workspace's groups by name; at most MAX_GROUPS."""
    return HashtagGroup.objects.filter(workspace=workspace)


def save_group(workspace: Workspace, *, name: str, text: str) -> HashtagGroup:
    """Keep the hashtags in `text`, each once, under `name`; a group of that name in any case is replaced.

    Raises HashtagGroupError when the name is empty or too long, when there is no hashtag, or when the workspace
    has MAX_GROUPS groups of other names.
    """
    name = " ".join(_CONTROL.sub(" ", name).split())
    hashtags = list_hashtags(_CONTROL.sub(" ", text))
    if not name:
        raise HashtagGroupError("Give the group a name, then save it.")
    if len(name) > MAX_NAME_LENGTH:
        raise HashtagGroupError(f"The name has more than {MAX_NAME_LENGTH} characters. Shorten it.")
    if not hashtags:
        raise HashtagGroupError("The caption has no hashtag yet. Type some, then save them as a group.")
    if utf16_length(hashtags) > PHOTO_CAPTION_LIMIT:
        raise HashtagGroupError("These are more hashtags than any caption can hold. Take some out.")
    with transaction.atomic():
        # One at a time: two saves at once must neither pass the limit nor make the same name twice.
        Workspace.objects.select_for_update().get(pk=workspace.pk)
        groups = list(groups_of(workspace))
        group = next((each for each in groups if each.name.casefold() == name.casefold()), None)
        if group is None:
            if len(groups) >= MAX_GROUPS:
                raise HashtagGroupError(f"There are {MAX_GROUPS} groups already. Delete one to save another.")
            return HashtagGroup.objects.create(workspace=workspace, name=name, hashtags=hashtags)
        group.name, group.hashtags = name, hashtags
        group.save(update_fields=["name", "hashtags"])
        return group


def delete_group(group: HashtagGroup) -> None:
    """Forget a group; captions that use its hashtags keep them."""
    group.delete()
