"""Each region in a line: what its users would lack, from when, for how long, and what stops it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sim.figures.counting import slice_in_words, week_in_words
from sim.figures.finished_run import FinishedRun
from sim.figures.wording import capitalised, uncapitalised
from sim.report.content import NEVER, two
from sim.summary.regions import ALL


@dataclass(frozen=True, slots=True)
class RegionRow:
    """A region as the page prints it; percentages without their sign."""

    id: str
    name: str
    missing_t: str
    share: str
    """Of what its users need"""
    peak: str
    """In the worst slice, and which one that is"""
    first_short: str
    """When, and who"""
    weeks_below_80: str
    output_at_risk: str
    cause: str


def region_rows(run: FinishedRun) -> list[RegionRow]:
    """The regions whose users count, those first of which levers (or, without any, all) take most."""
    table = run.by_region[run.by_region["region"] != ALL]
    return [_row(run, row) for row in table.to_dict("records")]


def _row(run: FinishedRun, row: Mapping[Any, Any]) -> RegionRow:
    own = bool(run.levers)
    peak, first = ("peak_caused", "first_caused") if own else ("peak", "first_short")
    in_slice = slice_in_words(str(row[f"{peak}_in"]))
    return RegionRow(
        id=str(row["region"]),
        name=str(row["region_name"]),
        missing_t=two(float(row["caused_t" if own else "shortfall_t"])),
        share=two(float(row["caused_share" if own else "share"])),
        peak=f"{two(float(row[peak]))} ({in_slice})" if in_slice else "0",
        first_short=_first(run, str(row[first]), str(row[f"{first}_of"])),
        weeks_below_80=_weeks(float(row["weeks_below_80"]), str(row["weeks_below_80_of"])),
        output_at_risk=two(float(row["output_at_risk"])),
        cause=capitalised(str(row["cause"])) if row["limited_by"] else "",
    )


def _first(run: FinishedRun, day: str, who: str) -> str:
    if not day:
        return NEVER
    return f"{capitalised(week_in_words(run, day))}: {uncapitalised(who)}"


def _weeks(weeks: float, who: str) -> str:
    return f"{weeks:.0f}: {uncapitalised(who)}" if round(weeks) else "none"
