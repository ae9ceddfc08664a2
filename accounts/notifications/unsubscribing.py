"""The links in mails that end mails of their kind: signed, for one person and one kind, good without signing in."""

from dataclasses import dataclass

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse

from accounts.models import Kind, MailTime, User
from accounts.notifications.choices import set_times, times_of

DIGEST = "digest"
_signer = Signer(salt="accounts.notifications.unsubscribe")


@dataclass(frozen=True)
class Wish:
    """Whose mails of which kind are to end; `scope` is a kind, or DIGEST for all that comes once a day."""

    person: User
    scope: str

    @property
    def words(self) -> str:
        """What ends, as a sentence goes on after *No more*."""
        return "daily digests" if self.scope == DIGEST else f"e-mail about “{Kind(self.scope).label.lower()}”"

    def fulfil(self) -> None:
        """End these mails. In the app everything is still told."""
        times = times_of(self.person)
        ended = (
            [kind for kind, time in times.items() if time == MailTime.DIGEST]
            if self.scope == DIGEST
            else [self.scope]
        )
        set_times(self.person, times | dict.fromkeys(ended, MailTime.OFF), hour=self.person.digest_hour)


def unsubscribe_url(person_pk: int, scope: str) -> str:
    """The address that ends these mails, with the host."""
    token = _signer.sign(f"{person_pk}:{scope}")
    return f"{settings.PUBLIC_URL}{reverse('notifications:unsubscribe', args=[token])}"


def read_wish(token: str) -> Wish | None:
    """What a link asks for; None when we never made it, or the person is gone."""
    try:
        person_pk, _, scope = _signer.unsign(token).partition(":")
    except BadSignature:
        return None
    person = User.objects.filter(pk=person_pk, is_active=True).first()
    return Wish(person, scope) if person is not None and scope in {DIGEST, *Kind.values} else None
