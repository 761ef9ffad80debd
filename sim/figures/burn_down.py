"""What a stock burn-down shows: stocks by month, and when they run short, are empty and come back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from sim.figures import style
from sim.figures.dates import as_date, month_bounds
from sim.figures.finding import first_days, missing_products
from sim.figures.finished_run import FinishedRun, rows
from sim.figures.place_looks import DASHES, Look, place_looks
from sim.figures.spans import spans_in_force
from sim.figures.wording import capitalised, day_in_words

MOST_PRODUCTS = 4
MOST_STOCKPILES = 2
MOST_LINES = 4
USE, STOCKPILE = "use", "stockpile"
LEAST_DAYS = 1.0
"""Stock for less than a day of mean demand is as good as none."""
BACK_SHARE = 0.9
"""Of what was there in the first month of the run."""
EMPTY_SHARE = 0.01
"""Of its largest stock: a stockpile with less is used up."""
MONTHS_AROUND = 3
"""Shown before the first and after the last date that matters"""
LEAST_MONTHS = 12
NEVER = "no"


@dataclass(frozen=True, slots=True)
class Event:
    """A kind of date: its marker on a line, and the words at the head of its column."""

    id: str
    """Column of the figure's table"""
    marker: str
    words: str


SHORT = Event("first_short", "v", "first users short")
EMPTY = Event("empty_from", "o", "under a day left")
BACK = Event("back_from", "^", f"back to {100 * BACK_SHARE:g}\u00a0%")
DRAWN = Event("drawn_from", "s", "first drawn")
USED_UP = Event("empty_from", "o", "used up")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a panel."""

    name: str
    id: str
    values: pd.Series
    """By month of the run."""
    look: Look
    dates: Sequence[date | None]
    """Of each event of its panel; the first of a month where only that is known, None where it never comes."""
    low: Sequence[str] = ()
    """Months with clearly less than at first"""


@dataclass(frozen=True, slots=True)
class Panel:
    """Lines that share an axis."""

    material: str
    """Empty for a stockpile."""
    title: str
    unit: str
    events: Sequence[Event]
    lines: Sequence[Line]


def panels_of(run: FinishedRun) -> list[Panel]:
    """What lacks most, then stockpiles, then what lacks less."""
    cover = _cover(run)
    return [*cover[:1], *_stockpiles(run), *cover[1:]]


def written(event: Event, day: date | None) -> str:
    """The date as it stands in a table: a day where it is known to the day, else a month."""
    if day is None:
        return NEVER
    return day_in_words(day) if event is SHORT else f"{day:%Y-%m}"


def window(run: FinishedRun, panels: Sequence[Panel]) -> FinishedRun:
    """The run from some months before anything moves to some months after the last date or low stock."""
    lines = [line for panel in panels for line in panel.lines]
    days = [day for line in lines for day in line.dates if day is not None]
    low = [month_bounds(month) for line in lines for month in line.low]
    in_force = [span.starts for span in spans_in_force(run)]
    first = min([*days, *in_force, *(starts for starts, _ in low)], default=run.starts)
    last = max([*days, *(after for _, after in low)], default=run.ends)
    opens = _months_later(first, -MONTHS_AROUND)
    closes = _months_later(last, MONTHS_AROUND)
    return run.between(opens, max(closes, _months_later(opens, LEAST_MONTHS)))


def _months_later(day: date, months: int) -> date:
    """First day of the month so many months later."""
    number = 12 * day.year + day.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)


def _cover(run: FinishedRun) -> list[Panel]:
    """Days of cover of what is missing most, in the regions that lack most of it."""
    cover = rows(run.monthly, "cover")
    cover = cover[cover["stage"] == USE]
    short, looks = first_days(run), place_looks(run)
    # Where something was in force before the run, its first month is no measure of what is usual.
    is_usual = not any(span.began < run.starts for span in spans_in_force(run))
    events = (SHORT, EMPTY, BACK) if is_usual else (SHORT, EMPTY)
    panels = []
    for missing in missing_products(run)[:MOST_PRODUCTS]:
        pairs = short[short["material"] == missing.product]
        column = "caused_t" if missing.caused_t > 0 else "shortfall_t"
        lost = pairs.groupby("region")[column].sum()
        regions = lost.sort_values(ascending=False, kind="stable").index[:MOST_LINES]
        own = cover[cover["material"] == missing.product]
        lines = []
        for region in map(str, regions):
            values = own[own["region"] == region].groupby("period")["value"].mean()
            if values.empty:
                continue
            values = values.reindex(run.months())
            day = as_date(pairs.loc[pairs["region"] == region, "day"].min())
            name, low = run.name("regions", region), _months_low(values)
            dates = (day, *_empty_and_back(values, day, low))[: len(events)]
            lines.append(Line(name, region, values, looks[region], dates, low))
        if lines:
            title = f"{capitalised(run.product(missing.product))}: days of cover of users"
            panels.append(Panel(missing.product, title, "days", events, lines))
    return panels


def _months_low(values: pd.Series) -> list[str]:
    """Months in which clearly less is there than in the first one."""
    known = values.dropna()
    return [str(each) for each in known.index[known < BACK_SHARE * known.iloc[0]]]


def _empty_and_back(
    values: pd.Series, short: date, low: Sequence[str]
) -> tuple[date | None, date | None]:
    """First months since that day with next to no stock, and, after low ones, with nearly the first month's."""
    after = values.loc[f"{short:%Y-%m}" :].dropna()
    then_low = [month for month in low if month in after.index]
    back = after.loc[then_low[0] :].drop(index=then_low) if then_low else after[:0]
    return _first_month(after[after < LEAST_DAYS]), _first_month(back)


def _first_month(values: pd.Series) -> date | None:
    return None if values.empty else month_bounds(str(values.index[0]))[0]


def _stockpiles(run: FinishedRun) -> list[Panel]:
    """Stockpiles that the run has, the tonnes of each material."""
    stock = rows(run.monthly, "stock")
    stock = stock[stock["stage"] == STOCKPILE]
    panels = []
    size = stock.groupby(["region", "country"])["value"].sum()
    for region, country in size.sort_values(ascending=False, kind="stable").index[:MOST_STOCKPILES]:
        own = stock[(stock["region"] == region) & (stock["country"] == country)]
        unit = str(own["unit"].iloc[0])
        by_material = own.groupby("material")["value"]
        drawn = (by_material.max() - by_material.min()).sort_values(ascending=False, kind="stable")
        lines = []
        for number, material in enumerate(map(str, drawn.index[:MOST_LINES])):
            sums = own[own["material"] == material].groupby("period")["value"].sum()
            values = sums.reindex(run.months()).fillna(0.0)
            # Hues stand for regions and countries; what lies in one of them is told apart by grey and dash.
            look = Look(style.GREY if number % 2 else style.INK, DASHES[number], "")
            lines.append(Line(run.product(material), material, values, look, _emptied(values)))
        where = run.name("countries", country) if country else run.name("regions", region)
        panels.append(Panel("", f"Stockpile of {where}, {unit}", unit, (DRAWN, USED_UP), lines))
    return panels


def _emptied(values: pd.Series) -> tuple[date | None, date | None]:
    """First month after its peak in which it has been drawn on, and in which next to nothing is left."""
    peak = values.max()
    after = values.loc[values.idxmax() :]
    return (
        _first_month(after[after < (1 - EMPTY_SHARE) * peak]),
        _first_month(after[after <= EMPTY_SHARE * peak]),
    )
