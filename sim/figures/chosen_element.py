"""The one element a figure is about: the one of value that users outside the exporters lack most."""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd

from sim.figures.finding import NOTICEABLE_SHARE
from sim.figures.finished_run import FinishedRun, use_rows
from sim.summary.ranking import of_value

LEAST_VALUE_SHARE = 0.05
"""Of the value at risk: one element is shown, so it should be one that costs."""


def outside(run: FinishedRun, table: pd.DataFrame) -> pd.DataFrame:
    """Rows of regions that no restricting country lies in."""
    return table[~table["region"].isin(run.exporting_regions)]


def element_hit_outside(run: FinishedRun, among: Collection[str] | None = None) -> str | None:
    """Of these elements (or all) the one with the largest part of its need missing; None where none is."""
    need_t, short_t = (
        outside(run, use_rows(run.monthly, metric)).groupby("material")["value"].sum()
        for metric in ("embodied_demand", "embodied_shortfall")
    )
    share = (short_t / need_t.where(need_t > 0)).dropna()
    noticed = [str(element) for element in share[share >= NOTICEABLE_SHARE / 10].index]
    hit = of_value(run.summary, noticed, least=LEAST_VALUE_SHARE)
    wanted = [element for element in hit if among is None or element in among]
    return min(wanted, key=lambda element: (-share[element], element), default=None)


def element_needed_most(run: FinishedRun) -> str | None:
    """The one with the largest tonnage needed outside the restricting countries."""
    need = outside(run, use_rows(run.monthly, "embodied_demand"))
    need_t = need.groupby("material")["value"].sum()
    return None if need_t.empty else str(need_t.idxmax())


def where_outside(run: FinishedRun) -> str:
    """` outside China`, or nothing where nobody restricts."""
    inside = [run.name("regions", region) for region in run.exporting_regions]
    return f" outside {', '.join(inside)}" if inside else ""
