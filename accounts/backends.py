"""Who a session belongs to: asked at every request, so that what ended a person's login ends it at once."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest

from accounts.clock import database_now
from accounts.models import ReviewerLink, User


class Backend(AuthenticationBackend):  # type: ignore[misc]
    """allauth's, except that reviewers come by their link only, and are known only while it is live."""

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> AbstractBaseUser | None:
        """Nobody signs in to a reviewer's login with a password, whatever somebody made of it."""
        user: AbstractBaseUser | None = super().authenticate(request, **credentials)
        return None if isinstance(user, User) and user.is_reviewer else user

    def get_user(self, user_id: Any) -> AbstractBaseUser | None:
        user: AbstractBaseUser | None = super().get_user(user_id)
        if isinstance(user, User) and user.is_reviewer:
            live = ReviewerLink.objects.live(database_now()).filter(user=user)
            return user if live.exists() else None
        return user
