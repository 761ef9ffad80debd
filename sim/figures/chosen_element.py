"""The one element a figure is about: the one of value that users who count lack most."""

from __future__ import annotations

from collections.abc import Collection

from sim.figures.finding import NOTICEABLE_SHARE
from sim.figures.finished_run import FinishedRun, use_rows
from sim.summary.ranking import elements_hit


def element_hit(run: FinishedRun, among: Collection[str] | None = None) -> str | None:
    """Of these elements (or all) the first in the page's order of those hit; None where none is."""
    need_t, short_t = (
        use_rows(run.monthly, metric).groupby("material")["value"].sum()
        for metric in ("embodied_demand", "embodied_shortfall")
    )
    share = (short_t / need_t.where(need_t > 0)).dropna()
    noticed = set(share[share >= NOTICEABLE_SHARE / 10].index)
    hit = (str(element) for element in elements_hit(run.summary).index if element in noticed)
    return next((element for element in hit if among is None or element in among), None)


def element_needed_most(run: FinishedRun) -> str | None:
    """The one of which users who count need the most tonnes."""
    need_t = use_rows(run.monthly, "embodied_demand").groupby("material")["value"].sum()
    return None if need_t.empty else str(need_t.idxmax())


def outside_exporters(run: FinishedRun) -> str:
    """` outside China`, or nothing where nobody restricts."""
    inside = [run.name("regions", region) for region in run.exporting_regions]
    return f" outside {', '.join(inside)}" if inside else ""
