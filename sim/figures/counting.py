"""What a run is counted against, in words: whose need, of which goods, and when it is worst."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pandas as pd

from sim.figures.dates import as_date
from sim.figures.finished_run import FinishedRun
from sim.figures.wording import NO_BREAK, join_in_words, month_in_words, with_article
from sim.summary.long import months_of_slice, slice_name
from sim.summary.regions import ALL
from sim.words.quantities import DAYS_PER_WEEK

MOST_NAMED = 4
"""Regions that are named one by one"""


@dataclass(frozen=True, slots=True)
class Total:
    """All that counts, or what one region has of it."""

    demand_t: float
    shortfall_t: float
    caused_t: float
    peak_share: float
    """Of what is missing in the worst slice; with levers, beyond the reference"""
    peak_in: str
    """That slice in words"""


def users(run: FinishedRun, *, all_of_them: bool = False) -> str:
    """Whose need counts: `users outside China`, `users in Japan`, `users everywhere`.

    `all_of_them` also where the run is shown for the readers of some regions.
    """
    return f"users {places(run, all_of_them=all_of_them)}"


def places(run: FinishedRun, *, all_of_them: bool = False) -> str:
    """Where: `outside China`, `in Japan and the European Union`, `everywhere`."""
    every = set((run.scenario.get("names") or {}).get("regions") or ())
    counted = {region for _, region in run.scope.products}
    if run.regions and not all_of_them:
        return f"in {_listed(run, run.regions)}"
    others = every - counted
    if not others:
        return "everywhere"
    if others <= set(run.exporting_regions):
        return f"outside {_listed(run, sorted(others))}"
    names = sorted(counted, key=lambda region: run.name("regions", region))
    if len(names) > MOST_NAMED and len(others) <= MOST_NAMED:
        return f"everywhere but in {_listed(run, sorted(others))}"
    if len(names) > MOST_NAMED:
        return f"in {len(names)} of {len(every)} regions"
    return f"in {_listed(run, names)}"


def goods(run: FinishedRun) -> str:
    """Of which goods: `the goods that the restriction is about`, `everything`."""
    if run.scope.basis == "all":
        return "everything"
    if run.scope.basis == "gaps":
        return "the goods of which the scenario changes what is missing"
    felt = [x for x in run.levers if x.heading == "restrictions" and not x.meets_nothing]
    is_about = "restriction is" if len(felt) == 1 else "restrictions are"
    return f"the goods that the {is_about} about"


def counted(run: FinishedRun) -> str:
    """For the line below a title: what is counted, in a few words."""
    if run.scope.basis == "all" and not run.regions:
        return "all users and goods"
    return f"{users(run)}, {goods(run)}"


def total(run: FinishedRun) -> Total | None:
    """All that counts; None where several regions are shown, of which each has its own."""
    table = run.by_region
    row = table if run.regions else table[table["region"] == ALL]
    if len(row) != 1:
        return None
    only = row.iloc[0]
    peak = "peak_caused" if run.levers else "peak"
    return Total(
        float(only["demand_t"]),
        float(only["shortfall_t"]),
        float(only["caused_t"]),
        float(only[peak]) / 100,
        slice_in_words(str(only[f"{peak}_in"])),
    )


def worst_slice(run: FinishedRun, table: pd.DataFrame) -> tuple[float, str]:
    """Of months (`month`, `shortfall_t`, `demand_t`) the worst slice: its share missing, and its name."""
    length = months_of_slice(run.slice)
    names = [slice_name(month, length) for month in table["month"]]
    sums = table.groupby(names)[["shortfall_t", "demand_t"]].sum()
    share = sums["shortfall_t"] / sums["demand_t"].where(sums["demand_t"] > 0)
    return float(share.max()), slice_in_words(str(share.idxmax()))


def slice_in_words(written: str) -> str:
    """`2026-09` is Sep 2026, `2026-Q3` is Q3 2026."""
    year, _, which = written.partition("-")
    if which.isdigit():
        return month_in_words(written)
    return f"{which}{NO_BREAK}{year}" if which else year


def week_in_words(run: FinishedRun, day: date | str) -> str:
    """The days for which a date stands: dates are those of planning reviews, each for the days before it."""
    written, span = as_date(day).isoformat(), review_in_words(run)
    return f"on {written}" if span == "day" else f"in the {span} to {written}"


def review_in_words(run: FinishedRun) -> str:
    """How long a planning review stands for: `week`, `day`, `14 days`."""
    days = float(run.scenario.get("review_days") or 1)
    if days <= 1:
        return "day"
    return "week" if days == DAYS_PER_WEEK else f"{days:.0f}{NO_BREAK}days"


def _listed(run: FinishedRun, regions: tuple[str, ...] | list[str]) -> str:
    return join_in_words([with_article(run.name("regions", region)) for region in regions])
