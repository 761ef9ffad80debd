"""Days and months: which months a review's span falls in, and dates of days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from math import floor


@dataclass(frozen=True, slots=True)
class Calendar:
    """Days count from `starts`; months cover [starts, ends)."""

    starts: date
    ends: date

    @property
    def horizon_days(self) -> int:
        """Length of what is reported."""
        return (self.ends - self.starts).days

    def date_of(self, day: float) -> date:
        """The date on which a day falls."""
        return self.starts + timedelta(days=floor(day))

    def day_of(self, when: date) -> int:
        """Days from the start; negative before it."""
        return (when - self.starts).days

    def months(self) -> list[str]:
        """`YYYY-MM` of every month that is touched."""
        out, year, month = [], self.starts.year, self.starts.month
        last = self.ends - timedelta(days=1)
        while (year, month) <= (last.year, last.month):
            out.append(f"{year:04d}-{month:02d}")
            year, month = (year + 1, 1) if month == 12 else (year, month + 1)
        return out

    def days_in_months(self) -> list[float]:
        """Reported days of each month."""
        out = [0.0] * len(self.months())
        for month, days in self.overlaps(0.0, float(self.horizon_days)):
            out[month] += days
        return out

    def overlaps(self, start: float, end: float) -> list[tuple[int, float]]:
        """(month number, days) for the part of a span that is reported."""
        start, end = max(start, 0.0), min(end, float(self.horizon_days))
        out = []
        while start < end - 1e-9:
            today = self.date_of(start)
            number = (today.year - self.starts.year) * 12 + today.month - self.starts.month
            first_of_next = date(today.year + today.month // 12, today.month % 12 + 1, 1)
            until = min(end, float(self.day_of(first_of_next)))
            out.append((number, until - start))
            start = until
        return out
