"""Our hooks in allauth: whoever signs up gets a workspace in the same transaction."""

from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest

from accounts.models import User
from accounts.people import make_workspace_for


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Sign-up is open to everybody, as TikTok demands of apps that post for people, unless a setting closes it."""

    error_messages: ClassVar = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": (
            "This address and this password do not go together. Check both, or reset the password."
        ),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return settings.SIGN_UP_OPEN

    def is_email_verified(self, request: HttpRequest, email: str) -> bool:
        """Without a mail server nothing can be proved, and in a local run nothing needs to be."""
        return not settings.HAS_MAIL_SERVER or bool(super().is_email_verified(request, email))

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:  # noqa: FBT001, FBT002
        """Save the new person and their workspace, both or neither."""
        with transaction.atomic():
            saved: User = super().save_user(request, user, form, commit=commit)
            if commit:
                make_workspace_for(saved)
        return saved
