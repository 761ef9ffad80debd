"""Dates, lists and amounts as a report writes them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sim.words.quantities import plain_number

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def day(when: date) -> str:
    """A date in words: 4 April 2025."""
    return f"{when.day} {_MONTHS[when.month - 1]} {when.year}"


def listed(names: Sequence[str]) -> str:
    """A list in words: a, b and c."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"


def times(number: float, unit: str) -> str:
    """A number of things in words: 1 day, 2.5 days."""
    return f"{plain_number(number)} {unit}{'' if number == 1 else 's'}"


def percent(share: float) -> str:
    """A share in words: 40 %."""
    return f"{plain_number(share * 100.0)} %"


def tonnage(t: float) -> str:
    """A mass as the report writes it: 4,913,474 or 0.25."""
    return f"{t:,.0f}" if abs(t) >= 1000 else plain_number(t)
