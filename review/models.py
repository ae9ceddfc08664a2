"""The rows of the public site: what TikTok asks for as proof that its addresses are ours."""

from django.db import models
from django.db.models.functions import Now

from accounts.models import User


class SignatureFile(models.Model):
    """A file by which TikTok sees that an address is ours; each configuration of an app has one of its own."""

    # The random part of its name and of its content.
    token = models.CharField(max_length=100, unique=True)
    # For the operator to know it by: production, or which sandbox.
    note = models.CharField(max_length=60, blank=True)
    added_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    added_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return f"tiktok{self.token}.txt"

    @property
    def content(self) -> str:
        return f"tiktok-developers-site-verification={self.token}"
