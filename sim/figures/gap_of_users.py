"""When something is missing to users who count: of one element, and of each buyer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pandas as pd

from sim.figures.chosen_element import element_hit
from sim.figures.dates import month_bounds
from sim.figures.finding import NOTICEABLE_SHARE, first_days
from sim.figures.finished_run import FinishedRun, use_rows
from sim.summary.service import SHORT_SHARE


@dataclass(frozen=True, slots=True)
class Gap:
    """An element that users who count lack beyond the reference."""

    element: str
    months: tuple[str, ...]
    """Those in which more than `share` of what they need is missing"""
    share: float
    t: float
    """What is missing beyond the reference in these months"""
    unit: str

    @property
    def first(self) -> str:
        """Month from which it is missing."""
        return self.months[0]

    @property
    def last(self) -> str:
        """Last month in which it is."""
        return self.months[-1]

    def spans(self, run: FinishedRun) -> list[tuple[date, date]]:
        """First day, and the day after the last, of each time in which it is missing."""
        spans: list[tuple[date, date]] = []
        for month in self.months:
            first, after = month_bounds(month)
            first, after = max(first, run.starts), min(after, run.ends)
            if spans and spans[-1][1] == first:
                first = spans.pop()[0]
            spans.append((first, after))
        return spans


def gap_of(run: FinishedRun) -> Gap | None:
    """Of the element hit most; None where nothing noticeable is missing."""
    element = element_hit(run)
    if element is None:
        return None
    by_month = {
        (metric, world): _by_month(run, metric, world, element)
        for metric, world in (
            ("embodied_demand", "scenario"), ("embodied_shortfall", "scenario"),
            ("embodied_shortfall", "reference"),
        )
    }  # fmt: skip
    more = by_month["embodied_shortfall", "scenario"].sub(
        by_month["embodied_shortfall", "reference"], fill_value=0.0
    )
    part = more / by_month["embodied_demand", "scenario"].reindex(more.index)
    # What is a gap elsewhere too; where it never comes to that, what is noticed at all.
    share = next((s for s in (SHORT_SHARE, NOTICEABLE_SHARE) if (part >= s).any()), None)
    if share is None:
        return None
    missing = more[part >= share]
    unit = str(use_rows(run.monthly, "embodied_shortfall")["unit"].iloc[0])
    months = tuple(str(month) for month in missing.index)
    return Gap(element, months, round(share, 6), float(missing.sum()), unit)


def _by_month(run: FinishedRun, metric: str, world: str, element: str) -> pd.Series:
    table = use_rows(run.monthly, metric, run=world)
    return table[table["material"] == element].groupby("period")["value"].sum().sort_index()


def lacking_users(run: FinishedRun) -> pd.DataFrame:
    """month, product, region: users there lack a noticeable part of a product, once they lack it by levers."""
    use = run.record("use")
    first = first_days(run)
    if use.empty or first.empty:
        return pd.DataFrame(columns=["month", "product", "region"])
    begins = first.assign(begins=first["day"].str[:7])[["material", "sector", "region", "begins"]]
    found = use.merge(
        begins, left_on=["product", "sector", "region"], right_on=["material", "sector", "region"]
    )
    is_short = found["demand_t"] - found["consumed_t"] >= NOTICEABLE_SHARE * found["demand_t"]
    found = found[is_short & (found["month"] >= found["begins"])]
    return found[["month", "product", "region"]].drop_duplicates()


def held_up_makers(run: FinishedRun) -> pd.DataFrame:
    """month, place, product: a maker makes less for want of that ingredient, once a lever takes something."""
    limits = run.record("limits")
    begins = min(
        (x.in_force for x in run.levers if x.restricts and x.in_force and not x.meets_nothing),
        default=None,
    )
    if limits.empty or begins is None:
        return pd.DataFrame(columns=["month", "place", "product"])
    found = limits[(limits["kind"] == "ingredient") & (limits["month"] >= begins.isoformat()[:7])]
    found = found[["month", "place", "limited_by"]].rename(columns={"limited_by": "product"})
    return found.drop_duplicates()
