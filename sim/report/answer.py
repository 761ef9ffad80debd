"""The answer in one sentence, and what the restrictions are to blame for."""

from __future__ import annotations

from sim.figures.finding import Missing, missing_products
from sim.figures.finished_run import FinishedRun
from sim.figures.wording import percent, tonnes

NONE_MISSING = (
    "In this scenario nothing would be missing: no product would be short by 0.5 % of demand or more "
    "in any month, sector and region."
)
SAME_TONNES = 0.5
"""Differences below this many tonnes are not put into words."""


def answer(run: FinishedRun) -> str:
    """What would be missing most, of which product, where, and for lack of what."""
    missing = missing_products(run)
    if not missing:
        return NONE_MISSING
    worst = missing[0]
    return (
        f"In this scenario {tonnes(worst.shortfall_t, worst.unit)} of {run.product(worst.product)} "
        f"would be missing ({percent(worst.shortfall_t / worst.demand_t)} of the need over the whole "
        f"run){_cause(run, worst)}. Hit most: {run.name('regions', worst.region)} "
        f"({percent(worst.region_share)} of it) and, by use, {run.sector(worst.sector)} "
        f"({percent(worst.sector_share)})."
    )


def difference(run: FinishedRun) -> str:
    """What the same world would lack without restrictions and measures."""
    if not run.levers:
        return (
            "There are no restrictions and no measures in this scenario: it is its own reference."
        )
    missing = missing_products(run)
    short_t = sum(each.shortfall_t for each in missing)
    reference_t = sum(each.reference_t for each in missing)
    if not missing:
        return (
            "The reference, the same world without restrictions and measures, is not compared here."
        )
    unit = missing[0].unit
    if reference_t < SAME_TONNES:
        return (
            "Without the restrictions and measures none of these products would lack anything: all "
            f"{tonnes(short_t, unit)} of them that would be missing come from what the scenario changes."
        )
    return (
        f"Over all products {tonnes(short_t, unit)} would be missing; the same world without "
        f"restrictions and measures would lack {tonnes(reference_t, unit)}, so the scenario's "
        f"difference is {tonnes(short_t - reference_t, unit)}."
    )


def limiter_in_words(run: FinishedRun, limiter: str) -> str:
    """An element's name, a lever's id, or the capacity that was too small."""
    if limiter == "capacity":
        return "capacity"
    return run.name("elements", limiter)


def _cause(run: FinishedRun, worst: Missing) -> str:
    """What stopped most of the product's tonnes, over all who lack it."""
    short = run.worst[run.worst["material"] == worst.product]
    causes = short[short["limited_by"] != ""].groupby("limited_by")["shortfall_t"].sum()
    if causes.empty:
        return ""
    main = str(causes.idxmax())
    if main in {lever.id for lever in run.levers}:
        return f", most of it stopped at the border by {main}"
    if main == "capacity":
        return ", mostly because makers would be at capacity"
    return f", mostly for lack of {limiter_in_words(run, main)}"
