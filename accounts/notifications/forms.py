"""The form of a person's e-mail settings: a time for each kind, and the hour of the digest."""

from collections.abc import Iterator

from django import forms
from django.forms import BoundField

from accounts.models import Kind, MailTime, User
from accounts.notifications.choices import set_times, times_of
from accounts.notifications.kinds import MANNERS

_TIMES = [(MailTime.AT_ONCE, "At once"), (MailTime.DIGEST, "Daily digest"), (MailTime.OFF, "Off")]


class MailTimesForm(forms.Form):
    """What one person wants; every kind has a field of its name."""

    digest_hour = forms.TypedChoiceField(
        label="The digest comes at",
        choices=[(hour, f"{hour:02}:00") for hour in range(24)],
        coerce=int,
        widget=forms.Select(attrs={"class": "input"}),
    )

    def __init__(self, person: User, data: object = None) -> None:
        times = times_of(person)
        super().__init__(data, initial={**times, "digest_hour": person.digest_hour})  # type: ignore[arg-type]
        self.person = person
        for kind in Kind.values:
            self.fields[kind] = forms.ChoiceField(
                label=MANNERS[kind].label,
                help_text=MANNERS[kind].explained,
                choices=_TIMES,
                widget=forms.RadioSelect,
            )

    @property
    def kinds(self) -> Iterator[BoundField]:
        """The fields of the kinds, in their order."""
        return (self[kind] for kind in Kind.values)

    def save(self) -> None:
        times = {kind: self.cleaned_data[kind] for kind in Kind.values}
        set_times(self.person, times, hour=self.cleaned_data["digest_hour"])
