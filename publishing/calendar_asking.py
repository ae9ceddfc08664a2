"""What the address of the calendar asks for, and the addresses of what lies beside it. Knows no rows."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Self

from django.urls import reverse
from django.utils.http import urlencode

from publishing.calendar import View, day_after, day_before

# Nothing is older, nothing is planned for later; far from where dates end.
FIRST_YEAR, LAST_YEAR = 2020, 2100


@dataclass(frozen=True)
class Asked:
    """One calendar: how much of it, which day it holds, whose posts. Words it does not know ask for nothing."""

    view: View
    day: date
    account_pk: int | None = None

    @classmethod
    def from_query(cls, view: str, day: str, account: str, *, today: date) -> Self:
        """Read `?view=week&day=2026-11-27&account=7` as people and bookmarks write it."""
        account_pk = int(account) if account.isascii() and account.isdigit() and len(account) <= 18 else None
        known = View(view) if view in list(View) else View.MONTH
        return cls(known, read_day(day) or today, account_pk)

    @property
    def query(self) -> str:
        """The same, as an address carries it."""
        words = {"view": self.view.value, "day": self.day.isoformat(), "account": str(self.account_pk or "")}
        return urlencode({name: word for name, word in words.items() if word})

    @property
    def url(self) -> str:
        return f"{reverse('publishing:calendar')}?{self.query}"

    def on(self, day: date, view: View | None = None) -> Self:
        """The calendar around another day."""
        return replace(self, day=day, view=view or self.view)

    def of(self, account_pk: int | None) -> Self:
        """The same days, of another account or of all."""
        return replace(self, account_pk=account_pk)

    @property
    def before(self) -> Self:
        return self.on(day_before(self.view, self.day))

    @property
    def after(self) -> Self:
        return self.on(day_after(self.view, self.day))


def read_day(text: str) -> date | None:
    """The day of `2026-11-27`; None for anything else, and for days that no plan reaches."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if FIRST_YEAR <= day.year <= LAST_YEAR else None
