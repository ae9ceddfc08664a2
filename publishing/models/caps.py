"""How many posts TikTok takes: what was learned about each creator, and until when posting rests."""

from datetime import datetime

from django.db import models
from django.db.models import Q

from accounts.models import TikTokAccount, User


class PostingCap(models.Model):
    """What is known of the posts TikTok takes for one creator in 24 hours, and the pause after it took no more.

    Without a row nothing has been learned: typically it takes about 15, all apps together.
    """

    account = models.OneToOneField(TikTokAccount, on_delete=models.CASCADE, related_name="posting_cap")
    # Learned, and from what: TikTok's refusal, or a post that passed; null while it is only assumed.
    cap = models.PositiveIntegerField(null=True, blank=True)
    learned_at = models.DateTimeField(null=True, blank=True)
    learned_from = models.CharField(max_length=100, blank=True)
    # Posts of this account wait until then, and why (TikTok's code).
    paused_at = models.DateTimeField(null=True, blank=True)
    paused_until = models.DateTimeField(null=True, blank=True)
    paused_code = models.CharField(max_length=100, blank=True)
    tiktok_log_id = models.CharField(max_length=100, blank=True)
    # Who ended a pause before its time ("Try now"), and when.
    ended_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(paused_until__isnull=True) | ~Q(paused_code=""),
                name="posting_cap_pause_has_a_reason",
            )
        ]

    def __str__(self) -> str:
        return f"posts of account {self.account_id}"

    def is_paused(self, now: datetime) -> bool:
        return self.paused_until is not None and self.paused_until > now


class ClientPause(models.Model):
    """TikTok takes posts for no further creator through this client: creators that have posted already go on."""

    client_key = models.CharField(max_length=64, primary_key=True)
    paused_at = models.DateTimeField()
    paused_until = models.DateTimeField()
    # How many creators had posted when TikTok said so.
    creators = models.PositiveIntegerField()
    tiktok_log_id = models.CharField(max_length=100, blank=True)

    def __str__(self) -> str:
        return f"no further creators until {self.paused_until:%H:%M}"
