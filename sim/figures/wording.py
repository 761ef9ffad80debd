"""Numbers, dates and names as people read them: two significant figures, a unit, no surplus digits."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import date

SIGNIFICANT_FIGURES = 2
NO_BREAK = "\u00a0"
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def two_figures(value: float) -> str:
    """A number to two significant figures, thousands set off by commas: 3,400 or 0.035."""
    if not math.isfinite(value):
        return "n/a"
    if value == 0:
        return "0"
    places = SIGNIFICANT_FIGURES - 1 - math.floor(math.log10(abs(value)))
    rounded = round(value, places)
    # Rounding may carry into the next power of ten (9.96 -> 10), which needs a digit less.
    places = SIGNIFICANT_FIGURES - 1 - math.floor(math.log10(abs(rounded)))
    return f"{rounded:,.{max(0, places)}f}"


def tonnes(value: float, unit: str) -> str:
    """A mass with its unit, kept on one line."""
    return f"{two_figures(value)}{NO_BREAK}{unit.replace(' ', NO_BREAK)}"


def percent(share: float) -> str:
    """A fraction as a percentage to two significant figures; what rounds to nothing says so."""
    value = 100.0 * share
    if 0 < abs(value) < 0.1:
        return f"under 0.1{NO_BREAK}%"
    if abs(value) >= 99.5:
        return f"{value:.0f}{NO_BREAK}%"
    return f"{two_figures(value)}{NO_BREAK}%"


def month_in_words(month: str) -> str:
    """`2026-09` as people say it: Sep 2026."""
    year, number = month.split("-")[:2]
    return f"{MONTHS[int(number) - 1]}{NO_BREAK}{year}"


def day_in_words(day: date) -> str:
    """An ISO date, with plain hyphens: others become boxes where text is pasted."""
    return day.isoformat()


def joined(first: str, then: str) -> str:
    """Two statements; the first may lack its full stop, either may be empty."""
    if not first or not then:
        return first or then
    return f"{first}{'' if first.endswith('.') else '.'} {then}"


def join_in_words(names: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"


def shares_in_words(shares: Iterable[tuple[str, float]]) -> str:
    """`China 62 %, Myanmar 30 %`."""
    return ", ".join(f"{name} {percent(share)}" for name, share in shares)


def capitalised(text: str) -> str:
    """The text with a capital first letter, the others as they are."""
    return text[:1].upper() + text[1:]


def uncapitalised(text: str) -> str:
    """A name inside a sentence: `Wind turbines` loses its capital, `EV traction` and `MRI` keep theirs."""
    return text[:1].lower() + text[1:] if text[1:2].islower() else text


_PLURAL_OR_COMMON = ("Union", "States", "Kingdom", "Republic", "Emirates", "world", "countries")
"""Last words of names that have an article inside a sentence"""


def with_article(name: str) -> str:
    """A place inside a sentence: `the European Union`, `the rest of the world`, `Japan`."""
    if not name.endswith(_PLURAL_OR_COMMON):
        return name
    return f"the {uncapitalised(name)}" if name.startswith("Rest ") else f"the {name}"
