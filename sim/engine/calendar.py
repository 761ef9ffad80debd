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
    sales_from: date | None = None
    """From when on sales are remembered by month although nothing else is; None where nobody asks for it"""

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
        return _months(self.starts, self.ends)

    def months_before(self) -> list[str]:
        """The same of the days before the start from which on sales are remembered; mostly none."""
        return _months(self._sales_from, self.starts)

    def days_in_months(self) -> list[float]:
        """Reported days of each month."""
        out = [0.0] * len(self.months())
        for month, days in self.overlaps(0.0, float(self.horizon_days)):
            out[month] += days
        return out

    def overlaps(self, start: float, end: float) -> list[tuple[int, float]]:
        """(month number, days) for the part of a span that is reported."""
        return self._overlaps(max(start, 0.0), min(end, float(self.horizon_days)), self.starts)

    def overlaps_before(self, start: float, end: float) -> list[tuple[int, float]]:
        """The same for the part before the start in which sales are remembered, by `months_before`."""
        first = self._sales_from
        return self._overlaps(max(start, float(self.day_of(first))), min(end, 0.0), first)

    @property
    def _sales_from(self) -> date:
        return min(self.sales_from or self.starts, self.starts)

    def _overlaps(self, start: float, end: float, first: date) -> list[tuple[int, float]]:
        """(month number, days) of a span; months are numbered from that of the first day."""
        out = []
        while start < end - 1e-9:
            today = self.date_of(start)
            number = (today.year - first.year) * 12 + today.month - first.month
            first_of_next = date(today.year + today.month // 12, today.month % 12 + 1, 1)
            until = min(end, float(self.day_of(first_of_next)))
            out.append((number, until - start))
            start = until
        return out


def _months(first: date, after: date) -> list[str]:
    """`YYYY-MM` of every month that [first, after) touches."""
    out, year, month = [], first.year, first.month
    while date(year, month, 1) < after and first < after:
        out.append(f"{year:04d}-{month:02d}")
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return out
