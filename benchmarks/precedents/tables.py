"""The rows of the precedents, and the spans of months that they give: sums are used once, or taken apart.

A span is so much in certain months: a row as it stands, or what a row leaves when others are taken away.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sim.world.world import Source

FOLDER = Path(__file__).parent
EXPORTS = "exports"
LAST = "2025-03"
"""No row may speak of a later month."""


@dataclass(frozen=True, slots=True)
class Row:
    """One value as it was published."""

    metals: tuple[str, ...]
    period: str
    """A day, a month, a year, or two months with a stroke between them"""
    what: str
    value: float | None
    unit: str
    role: str
    """`base`, `outcome`, `rule`, `stock`, `compared` (in a sentence only), or `listed` (a share)"""
    source: str
    confidence: str
    known_on: str
    reprinted: bool
    note: str

    @property
    def months(self) -> tuple[str, ...]:
        """Each month that it is about, such as 2023-08."""
        return months_of(self.period)


@dataclass(frozen=True, slots=True)
class Span:
    """So much of a metal in certain months."""

    metal: str
    months: tuple[str, ...]
    amount: float
    """In all of its months together, in the unit of its rows"""
    unit: str
    rows: tuple[Row, ...]
    """What it was made of"""

    @property
    def a_month(self) -> float:
        """Mean of its months."""
        return self.amount / len(self.months)

    @property
    def name(self) -> str:
        """First month, and the last where it has several."""
        first, last = self.months[0], self.months[-1]
        return first if first == last else f"{first} to {last}"


def months_of(period: str) -> tuple[str, ...]:
    """2023 has twelve, 2023-08 and 2023-08-01 one, 2023-01/2023-05 five."""
    first, _, last = period.partition("/")
    if len(first) == 4:
        first, last = f"{first}-01", f"{first}-12"
    return tuple(between(first[:7], (last or first)[:7]))


def between(first: str, last: str) -> Iterable[str]:
    """Each month from the first to the last."""
    year, month = map(int, first.split("-"))
    while (name := f"{year}-{month:02}") <= last:
        yield name
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)


@cache
def rows() -> tuple[Row, ...]:
    """All rows that are used, in the order of the file."""
    with (FOLDER / "rows.csv").open(encoding="utf-8", newline="") as file:
        return tuple(_row(written) for written in csv.DictReader(file))


def _row(written: dict[str, str]) -> Row:
    value = float(written["value"]) if written["value"] else None
    return Row(
        tuple(written["metal"].split(", ")), written["period"], written["what"], value, written["unit"],
        written["role"], written["source"], written["confidence"], written["known_on"],
        written["reprinted"] == "yes", written["note"],
    )  # fmt: skip


@cache
def sources() -> dict[str, Source]:
    """Source id -> source."""
    with (FOLDER / "sources.csv").open(encoding="utf-8", newline="") as file:
        return {written["id"]: Source(**written) for written in csv.DictReader(file)}


def row(metal: str, period: str, what: str = EXPORTS) -> Row:
    """The one row about it."""
    (found,) = (x for x in rows() if metal in x.metals and (x.period, x.what) == (period, what))
    return found


def as_published(metal: str, period: str, what: str = EXPORTS) -> Span:
    """A row as it stands."""
    found = row(metal, period, what)
    assert found.value is not None
    return Span(metal, found.months, found.value, found.unit, (found,))


def rest(metal: str, whole: str, less: Sequence[str]) -> Span:
    """What a period leaves when others within it are taken away."""
    total, parts = as_published(metal, whole), [as_published(metal, period) for period in less]
    gone = [month for part in parts for month in part.months]
    assert len(gone) == len(set(gone))
    assert set(gone) < set(total.months)
    left = tuple(month for month in total.months if month not in gone)
    amount = total.amount - sum(part.amount for part in parts)
    return Span(
        metal, left, amount, total.unit, (*total.rows, *(x for part in parts for x in part.rows))
    )


def in_force(metal: str) -> str:
    """The day on which the licence came into force, 2023-08-01."""
    (found,) = (x for x in rows() if metal in x.metals and x.what == "in force")
    return found.period


def review_days() -> float:
    """Working days that the rule of 2023 allows a review."""
    value = row("gallium", in_force("gallium"), "review at most").value
    assert value is not None
    return value


def base(metal: str) -> Span:
    """Exports before the rule.

    Gallium is known for the year alone and for the months from August; germanium to May, and July is a rush
    after the announcement. Antimony's year less the months from September.
    """
    if metal == "gallium":
        return rest(metal, "2023", months_of("2023-08/2023-12"))
    if metal == "germanium":
        return as_published(metal, "2023-01/2023-05")
    return rest(metal, "2024", months_of("2024-09/2024-12"))


def singly_known() -> float:
    """Mean of the months of gallium before the rule that are known singly, to compare with its base, kg."""
    months = [x.value for x in rows() if x.role == "compared" and x.value is not None]
    return sum(months) / len(months)


def outcomes(metal: str) -> tuple[Span, ...]:
    """Exports under the rule in the order of time, each month in one span alone.

    Months that nobody published are one span: the year 2024 less the months that are known.
    """
    known = [x for x in rows() if metal in x.metals and x.role == "outcome" and len(x.months) == 1]
    spans = [as_published(metal, x.period) for x in known]
    if metal != "antimony":
        within = [x.period for x in known if x.period.startswith("2024")]
        spans.append(rest(metal, "2024", within))
    return tuple(sorted(spans, key=lambda span: span.months))


def listed_share() -> float:
    """Part of antimony's exports, by tonnage, that the list of 2024 is about: metal, in August 2024.

    Oxide is left out whole, although some of it is as pure as the list says.
    """
    metal, oxide = (
        as_published("antimony", "2024-08", f"exports of {x}") for x in ("metal", "oxide")
    )
    return metal.amount / (metal.amount + oxide.amount)


def stock_days() -> float:
    """What users of gallium in the United States held at the end of 2022, days of their use."""
    use = as_published("gallium", "2022", "use in the United States")
    held = as_published("gallium", "2022", "stock of users in the United States")
    return 365.0 * held.amount / use.amount
