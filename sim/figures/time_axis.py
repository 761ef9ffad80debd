"""The calendar along the bottom of a plot."""

from __future__ import annotations

from datetime import date

from matplotlib.axes import Axes
from matplotlib.dates import date2num

from sim.figures.dates import month_bounds
from sim.figures.finished_run import FinishedRun
from sim.figures.wording import MONTHS

MOST_TICKS = 7
STEPS_IN_MONTHS = (1, 2, 3, 6, 12, 24, 36, 60, 120)


def month_edges(run: FinishedRun) -> list[float]:
    """Where months begin inside the run, with its first and last day, as matplotlib counts days."""
    begins = [max(month_bounds(month)[0], run.starts) for month in run.months()]
    return [day_number(day) for day in [*begins, run.ends]]


def day_number(day: date) -> float:
    """A date as matplotlib counts days."""
    return float(date2num(day))  # type: ignore[no-untyped-call]


def set_calendar(axes: Axes, run: FinishedRun, *, labelled: bool, most: int = MOST_TICKS) -> None:
    """Limit an axis to the run and put round dates under it."""
    ticks = round_dates(run.starts, run.ends, most)
    axes.set_xlim(day_number(run.starts), day_number(run.ends))
    by_year = all(day.month == 1 for day in ticks)
    names = [f"{day.year}" if by_year else f"{MONTHS[day.month - 1]}\n{day.year}" for day in ticks]
    axes.set_xticks([day_number(day) for day in ticks], names if labelled else [""] * len(ticks))
    axes.tick_params(axis="x", length=3)
    if labelled:
        axes.set_xlabel("start of the year" if by_year else "start of the month", labelpad=2)


def round_dates(starts: date, ends: date, most: int) -> list[date]:
    """At most so many month starts at a round distance from one another."""
    first = starts.year * 12 + starts.month - 1 + (starts.day > 1)
    last = ends.year * 12 + ends.month - 1
    for step in STEPS_IN_MONTHS:
        chosen = [month for month in range(first, last + 1) if month % step == 0]
        if len(chosen) <= most:
            break
    return [date(month // 12, month % 12 + 1, 1) for month in chosen]
