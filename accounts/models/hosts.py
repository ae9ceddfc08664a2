"""The row that all processes share about a host of TikTok's: whether it answers."""

from django.db import models


class Host(models.Model):
    """A host of TikTok's by what it is used for: how often in a row it did not answer, and when it is asked next."""

    # `api open.tiktokapis.com`, `upload open-upload.tiktokapis.com`.
    name = models.CharField(max_length=300, unique=True)
    silences = models.PositiveIntegerField(default=0)
    # Set once it was silent too often in a row: then one caller at a time tries, from `next_try_at` on.
    silent_since = models.DateTimeField(null=True, blank=True)
    next_try_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(silent_since__isnull=True, next_try_at__isnull=True)
                | models.Q(silent_since__isnull=False, next_try_at__isnull=False),
                name="host_silent_whole",
            )
        ]

    def __str__(self) -> str:
        return self.name
