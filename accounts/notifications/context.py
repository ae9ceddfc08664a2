"""What the frame around every page knows about notifications."""

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts.models import User
from accounts.notifications.listing import COUNTED, unread_count


def unread(request: HttpRequest) -> dict[str, object]:
    """`unread_notifications`: asked only when a whole page is drawn for somebody who is signed in."""

    def words() -> str:
        user = getattr(request, "user", None)
        count = unread_count(user) if isinstance(user, User) else 0
        return f"{COUNTED - 1}+" if count >= COUNTED else str(count or "")

    return {"unread_notifications": SimpleLazyObject(words)}
