"""Days and months as the tables write them."""

from __future__ import annotations

from datetime import date
from typing import Any


def month_bounds(month: str) -> tuple[date, date]:
    """First day of a month, and of the next."""
    year, number = (int(part) for part in month.split("-"))
    return date(year, number, 1), date(year + number // 12, number % 12 + 1, 1)


def as_date(written: Any) -> date:
    """A date as YAML gives it, or as text."""
    return written if isinstance(written, date) else date.fromisoformat(str(written))
