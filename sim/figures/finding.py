"""What is missing in a run, in which product, region and sector: the numbers behind every message."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from sim.figures.finished_run import FinishedRun, use_rows
from sim.summary.service import NOTICEABLE_SHARE as NOTICEABLE_SHARE

PLACE = ["material", "sector", "region"]


@dataclass(frozen=True, slots=True)
class Missing:
    """What one product lacks over the whole run."""

    product: str
    shortfall_t: float
    reference_t: float
    """The same in the world without restrictions and measures."""
    caused_t: float
    """What is missing beyond that, month by month."""
    demand_t: float
    unit: str
    region: str
    """Region with the largest part of what is caused, or of all that is missing where nothing is."""
    region_share: float
    sector: str
    """Sector with the largest part, of the same."""
    sector_share: float


def missing_products(run: FinishedRun) -> list[Missing]:
    """Products short in any sector-region; nothing where all is covered.

    Those of which most is missing beyond the reference come first, then those of which most is missing.
    """
    caused = whole_run(use_rows(run.summary, "caused"))[[*PLACE, "value"]]
    short = short_pairs(run).merge(
        caused.rename(columns={"value": "caused_t"}), on=PLACE, how="left"
    )
    short = short.fillna({"caused_t": 0.0})
    totals = short.groupby("material")["shortfall_t"].sum()
    reference = whole_run(use_rows(run.summary, "shortfall", run="reference"))
    demand = whole_run(use_rows(run.summary, "demand"))
    found = [
        _missing(str(product), short[short["material"] == product], reference, demand)
        for product, shortfall_t in totals.items()
        if shortfall_t > 0
    ]
    return sorted(found, key=lambda each: (-each.caused_t, -each.shortfall_t, each.product))


def short_anyway(run: FinishedRun) -> pd.DataFrame:
    """Rows of the run's reference that lack a noticeable part of their demand in some month."""
    return run.reference[run.reference["first_month"] != ""]


def is_compared(run: FinishedRun) -> bool:
    """Whether what levers do is told apart from what is missing anyway."""
    return bool(run.levers) and len(short_anyway(run)) > 0


def first_days(run: FinishedRun) -> pd.DataFrame:
    """Gaps of more than 5 %, with the first `day` of each; with levers, beyond the reference."""
    column = "first_caused" if run.levers else "first_short"
    short = run.worst[run.worst[column] != ""]
    return short.assign(day=short[column])


def short_pairs(run: FinishedRun) -> pd.DataFrame:
    """Product x sector-region short by a noticeable part of demand in some month, the worst first.

    Columns: material, sector, region, peak_share, share, shortfall_t, unit.
    """
    keys = ["material", "sector", "region"]
    peak = peak_shares(run)
    total = whole_run(use_rows(run.summary, "shortfall"))[[*keys, "value", "unit"]]
    pairs = peak.merge(total.rename(columns={"value": "shortfall_t"}), on=keys, how="inner")
    noticeable = pairs[pairs["peak_share"] >= NOTICEABLE_SHARE]
    order = ["peak_share", "shortfall_t", *keys]
    return noticeable.sort_values(order, ascending=[False, False, True, True, True]).reset_index(
        drop=True
    )


def peak_shares(run: FinishedRun) -> pd.DataFrame:
    """Worst slice of each product x sector-region as a part of its demand, and the whole run beside it.

    Columns: material, sector, region, peak_share, share.
    """
    peak = _as_share(whole_run(use_rows(run.summary, "peak_shortfall")))
    found = peak[[*PLACE, "value"]].rename(columns={"value": "peak_share"})
    for metric in ("shortfall", "demand"):
        total = whole_run(use_rows(run.summary, metric))[[*PLACE, "value"]]
        found = found.merge(total.rename(columns={"value": metric}), on=PLACE, how="left")
    share = (found["shortfall"] / found["demand"].where(found["demand"] > 0)).fillna(0.0)
    return found[[*PLACE, "peak_share"]].assign(share=share)


def whole_run(table: pd.DataFrame) -> pd.DataFrame:
    """Rows that stand for the whole run, not for a year."""
    return table[table["period"] == "all"]


def _missing(
    product: str, pairs: pd.DataFrame, reference: pd.DataFrame, demand: pd.DataFrame
) -> Missing:
    caused_t = float(pairs["caused_t"].sum())
    # Who lacks most of what the levers do; without levers, of all that is missing.
    column = "caused_t" if caused_t > 0 else "shortfall_t"
    region, region_share = _largest(pairs, "region", column)
    sector, sector_share = _largest(pairs, "sector", column)
    return Missing(
        product=product,
        shortfall_t=float(pairs["shortfall_t"].sum()),
        reference_t=_total_t(reference, product),
        caused_t=caused_t,
        demand_t=_total_t(demand, product),
        unit=str(pairs["unit"].iloc[0]),
        region=region,
        region_share=region_share,
        sector=sector,
        sector_share=sector_share,
    )


def _total_t(table: pd.DataFrame, product: str) -> float:
    return float(table.loc[table["material"] == product, "value"].sum())


def _largest(pairs: pd.DataFrame, key: str, column: str) -> tuple[str, float]:
    totals = pairs.groupby(key)[column].sum()
    return str(totals.idxmax()), float(totals.max() / totals.sum())


def _as_share(table: pd.DataFrame) -> pd.DataFrame:
    """Percentages as fractions."""
    factor = table["unit"].astype(object).map(lambda unit: 0.01 if unit.startswith("%") else 1.0)
    return table.assign(value=table["value"] * factor)
