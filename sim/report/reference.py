"""What is short without any lever: said first and by itself, so that nobody blames a restriction for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from sim.figures.counting import goods, users
from sim.figures.finding import short_anyway, whole_run
from sim.figures.finished_run import FinishedRun, rows, use_rows
from sim.figures.wording import capitalised, join_in_words, month_in_words, percent, tonnes
from sim.report.limiters import limiter_in_words
from sim.summary.cause import CEILINGS

MOST_NAMED = 5
"""Products and regions that are named one by one."""


@dataclass(frozen=True, slots=True)
class Anyway:
    """The page's first section."""

    title: str
    introduction: str
    gaps: Sequence[str]
    """Product, region, month and tonnes"""
    why: str
    caution: str


def anyway(run: FinishedRun) -> Anyway | None:
    """What the world lacks without levers; None where it lacks nothing worth a word."""
    short = short_anyway(run)
    if short.empty:
        return None
    total_t, demand_t = float(short["shortfall_t"].sum()), _demand_t(run)
    part = f"{percent(total_t / demand_t)} of what {users(run)} need of {goods(run)}"
    amount = f"{tonnes(total_t, run.unit)} over the whole run ({part})"
    if not run.levers:
        return Anyway(
            "What is short, though nothing is restricted",
            f"There is no restriction, shock or measure in this scenario, and its world would lack {amount}:",
            _gaps(run, short), _why(run, short), "",
        )  # fmt: skip
    return Anyway(
        "Short without any restriction",
        f"Without restrictions, shocks and measures the same world would already lack {amount}:",
        _gaps(run, short),
        _why(run, short),
        "None of this comes from the scenario's levers. What they do is what is missing beyond it, below.",
    )


def _demand_t(run: FinishedRun) -> float:
    return float(whole_run(use_rows(run.summary, "demand"))["value"].sum())


def _gaps(run: FinishedRun, short: pd.DataFrame) -> list[str]:
    """The largest by product and region, and what the others add up to."""
    each = short.groupby(["material", "region"]).agg({"shortfall_t": "sum", "first_month": "min"})
    each = each.sort_values("shortfall_t", ascending=False, kind="stable")
    said = [
        f"{capitalised(run.product(str(material)))} in {run.region(str(region))}, from "
        f"{month_in_words(row['first_month'])}: {tonnes(float(row['shortfall_t']), run.unit)}"
        for (material, region), row in each.head(MOST_NAMED).iterrows()
    ]
    others = each.iloc[MOST_NAMED:]
    if len(others):
        said.append(
            f"{len(others)} more products and regions, the first from "
            f"{month_in_words(others['first_month'].min())}: "
            f"{tonnes(float(others['shortfall_t'].sum()), run.unit)}"
        )
    return said


def _why(run: FinishedRun, short: pd.DataFrame) -> str:
    """What limited it, and how much ore was never dug where growth has its limits."""
    causes = short[short["limited_by"] != ""].groupby("limited_by")["shortfall_t"].sum()
    causes = causes.sort_values(ascending=False, kind="stable")
    lacked = [limiter_in_words(run, str(each)) for each in causes.index if each != CEILINGS]
    moved = whole_run(rows(run.summary, "moved_by_rule", run="reference"))
    cut_t = float(moved.loc[moved["sector"] == CEILINGS, "value"].sum())
    parts = []
    if cut_t > 0:
        parts.append(
            "Why: the mines and plants that supply what is still needed may grow only so fast. "
            f"{tonnes(cut_t, run.unit)} of the ore that the plan asks of them over the run would not be dug; "
            "stocks along the chain make up for it at first."
        )
    if lacked:
        parts.append(f"Makers and users would lack {join_in_words(lacked[:3])}.")
    return " ".join(parts)
