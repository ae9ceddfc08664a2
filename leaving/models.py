"""The row of a deletion: what is to be done while it goes on, and afterwards a date and some counts."""

import uuid

from django.db import models
from django.db.models import Q

from accounts.models import User, Workspace
from composer.models.work import LeasedWork, WorkQuerySet


class Deletion(LeasedWork):
    """One person's account being deleted, with the workspaces that nobody else belongs to.

    Once it is finished it names nobody: `person` and `workspaces` go with the rows they point to. The key is no
    number that anybody could guess, because it opens the page that tells how far the deletion is.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.OneToOneField(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="deletion"
    )
    workspaces = models.ManyToManyField(Workspace, related_name="+")
    asked_at = models.DateTimeField()
    # Since when nothing new is begun for these workspaces; their files go some moments later (leaving/removing.py).
    stopped_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    posts = models.PositiveIntegerField(default=0)
    files = models.PositiveIntegerField(default=0)
    bytes = models.BigIntegerField(default=0)
    accounts_told = models.PositiveIntegerField(default=0)
    # TikTok could not be told: the app is listed there until the creator removes it.
    accounts_not_told = models.PositiveIntegerField(default=0)

    objects = WorkQuerySet["Deletion"].as_manager()

    class Meta:
        ordering = ["asked_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(finished_at__isnull=True) | Q(person__isnull=True, next_try_at__isnull=True),
                name="deletion_finished_names_nobody",
            )
        ]
        indexes = [
            models.Index(fields=["next_try_at"], name="deletion_due", condition=Q(next_try_at__isnull=False))
        ]

    def __str__(self) -> str:
        return f"deletion asked for at {self.asked_at:%Y-%m-%d %H:%M}"
