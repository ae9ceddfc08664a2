"""When a part of the machinery was last seen at work: one row each, written by the work itself."""

from datetime import datetime, timedelta

from django.db import models

# Often enough for a page, rare enough to cost nothing beside four sweeps a second.
BEAT_EVERY = timedelta(seconds=2)


class PulseName(models.TextChoices):
    """What is watched."""

    # Beat, the broker and a worker together: the sweep runs only where all three do.
    SWEEP = "sweep", "Finding what is due"
    # A message through the threads that take the steps of posts.
    STEPS = "steps", "Taking steps"


class PulseQuerySet(models.QuerySet["Pulse"]):
    def beat(self, name: PulseName, *, now: datetime) -> None:
        """Note that this part is at work; at most every two seconds, in one conditional UPDATE."""
        if self.filter(name=name, at__gt=now - BEAT_EVERY).exists():
            return
        if not self.filter(name=name).update(at=now):
            self.bulk_create([Pulse(name=name, at=now)], ignore_conflicts=True)


class Pulse(models.Model):
    """A part of the machinery, and when it was last seen at work (the database's clock)."""

    name = models.CharField(max_length=20, choices=PulseName, primary_key=True)
    at = models.DateTimeField()

    objects = PulseQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.name} at {self.at:%H:%M:%S}"
