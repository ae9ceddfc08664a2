"""Moving a post on the calendar: the form, read by the clocks of its zone, and the move with its way back."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from django import forms
from django.db import transaction

from accounts.models import User
from accounts.wall_clock import Gap, Repeat, is_zone, resolve, say_moment, say_offset, zone_names
from publishing.models import Publication
from publishing.scheduling import reschedule_publication
from publishing.services import NotPossibleError


@dataclass(frozen=True)
class Wish:
    """When a post is to go out instead. `was` is when the page said that it does; None where it said nothing."""

    at: datetime
    zone: str
    was: datetime | None


@dataclass(frozen=True)
class Moved:
    """A move that was made: in words, and all that takes it back."""

    pk: int
    title: str
    was: datetime
    was_zone: str
    at: datetime
    zone: str

    def to_json(self) -> dict[str, Any]:
        """As a session keeps it until the next page."""
        return {
            "pk": self.pk, "title": self.title, "was": self.was.isoformat(), "was_zone": self.was_zone,
            "at": self.at.isoformat(), "zone": self.zone,
        }  # fmt: skip

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Read what `to_json` wrote."""
        times = {name: datetime.fromisoformat(data[name]) for name in ("was", "at")}
        return cls(**{**data, **times})


class MoveForm(forms.Form):
    """Day, time and zone; `fold` chooses between two moments where clocks go back."""

    day = forms.DateField(label="Day", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    time = forms.TimeField(
        label="Time", widget=forms.TimeInput(attrs={"type": "time", "step": 60}, format="%H:%M")
    )
    zone = forms.ChoiceField(label="Time zone")
    fold = forms.TypedChoiceField(
        label="Which one", choices=[("0", ""), ("1", "")], coerce=int, required=False, empty_value=None
    )
    was = forms.DateTimeField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, zone: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = zone_names()
        own = (*names, zone) if zone not in names else names
        zones: Any = self.fields["zone"]
        zones.choices = [(name, name.replace("_", " ")) for name in own]
        # Both moments, once the chosen time has turned out to come twice.
        self.repeat: Repeat | None = None

    @property
    def repeats(self) -> list[tuple[str, str]]:
        """The two moments to choose from, by value."""
        if self.repeat is None:
            return []
        both = ((0, "first", self.repeat.first), (1, "second", self.repeat.second))
        return [
            (str(fold), f"The {which} {self.repeat.wall:%H:%M} ({say_offset(at, self.repeat.zone)})")
            for fold, which, at in both
        ]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not {"day", "time", "zone"} <= data.keys():
            return data
        try:
            found = resolve(data["day"], data["time"], data["zone"], fold=data.get("fold"))
        except OverflowError:
            self.add_error("day", "No clock shows that day.")
            return data
        if isinstance(found, Gap):
            self.add_error("time", found.words)
        elif isinstance(found, Repeat):
            self.repeat = found
            self.add_error("time", found.words)
        else:
            data["at"] = found
        return data

    def wish(self) -> Wish:
        """What a valid form asks for."""
        data = self.cleaned_data
        return Wish(data["at"], data["zone"], data.get("was"))

    def why_not(self) -> str:
        """All that is wrong with it, in one line, for a card that was let go where it cannot stay."""
        words = " ".join(str(error) for errors in self.errors.values() for error in errors)
        return f"{words} Press Move… on its card to do so." if self.repeat else words


def read_return(at: str, zone: str, was: str) -> Wish:
    """The wish of *Undo*, which names moments. Raises NotPossibleError when it is none that a page of ours made."""
    try:
        moments = [datetime.fromisoformat(text) for text in (at, was)]
    except ValueError:
        moments = []
    if not moments or any(moment.tzinfo is None for moment in moments) or not is_zone(zone):
        raise NotPossibleError("That was not understood, so nothing was moved.")
    return Wish(moments[0], zone, moments[1])


def move_publication(publication_pk: int, wish: Wish, *, user: User, title: str, now: datetime) -> Moved:
    """Give it the time that the person wants. Raises NotPossibleError with the reason where that cannot be."""
    with transaction.atomic():
        rows = Publication.objects.select_for_update(of=("self",)).select_related(
            "account", "consent", "post"
        )
        publication = rows.get(pk=publication_pk)
        was, was_zone = publication.due_at, publication.time_zone
        if wish.was is not None and was not in {wish.was, wish.at}:
            moment = say_moment(was, wish.zone, now=now)
            raise NotPossibleError(f"Somebody has moved it meanwhile, to {moment}. Look again.")
        reschedule_publication(publication, user=user, at=wish.at, time_zone=wish.zone, now=now)
    return Moved(publication.post_id, title, was, was_zone, wish.at, wish.zone)
