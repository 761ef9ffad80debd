"""Each product in a line, for the reader of a region: what its users need and lack of it, from when."""

from __future__ import annotations

from dataclasses import dataclass

from sim.figures.finding import whole_run
from sim.figures.finished_run import FinishedRun, use_rows
from sim.figures.wording import capitalised
from sim.report.content import NEVER, two


@dataclass(frozen=True, slots=True)
class ProductRow:
    """A product as the page prints it; percentages without their sign."""

    id: str
    name: str
    need_t: str
    missing_t: str
    share: str
    """Of what is needed of it over the run"""
    first_short: str
    """The first of its users' dates"""
    weeks_below_80: str
    """The most that any of its users has"""


def product_rows(run: FinishedRun) -> list[ProductRow]:
    """What counts, the most tonnes missing (with levers: beyond the reference) first; nothing for everybody."""
    if not run.regions:
        return []
    missing = "caused" if run.levers else "shortfall"
    t = {
        metric: whole_run(use_rows(run.summary, metric)).groupby("material")["value"].sum()
        for metric in ("demand", missing)
    }
    weeks = whole_run(use_rows(run.summary, "weeks_below_80")).groupby("material")["value"].max()
    day = "first_caused" if run.levers else "first_short"
    first = run.worst[run.worst[day] != ""].groupby("material")[day].min()
    short_t = t[missing].reindex(t["demand"].index).fillna(0.0)
    order = sorted(t["demand"].index, key=lambda product: (-short_t[product], str(product)))
    return [
        ProductRow(
            id=str(product),
            name=capitalised(run.product(str(product))),
            need_t=two(float(t["demand"][product])),
            missing_t=two(float(short_t[product])),
            share=two(100 * float(short_t[product] / t["demand"][product])),
            first_short=str(first.get(product, NEVER)),
            weeks_below_80=f"{float(weeks.get(product, 0.0)):.0f}",
        )
        for product in order
    ]
