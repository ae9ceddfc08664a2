"""System checks for what may be unwise but need not stop a start; `config.production` holds what must."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Tags, register


@register(Tags.security, deploy=True)
def check_mail_server(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """Password resets and warnings about posts need a mail server."""
    if settings.HAS_MAIL_SERVER:
        return []
    return [
        checks.Warning(
            "EMAIL_URL is not set: password resets and warnings about posts cannot be delivered.",
            hint="Set EMAIL_URL, for example submission://user:password@mail.example.org:587",
            id="greenroom.W001",
        )
    ]
