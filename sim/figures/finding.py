"""What is missing in a run, in which product, region and sector: the numbers behind every message."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from sim.figures.finished_run import FinishedRun, use_rows

NOTICEABLE_SHARE = 0.005
"""Shortfalls below this part of demand count as none, as in the calibration (0.5 %)."""


@dataclass(frozen=True, slots=True)
class Missing:
    """What one product lacks over the whole run."""

    product: str
    shortfall_t: float
    reference_t: float
    """The same in the world without restrictions and measures."""
    demand_t: float
    unit: str
    region: str
    """Region with the largest part of it."""
    region_share: float
    sector: str
    """Sector with the largest part of it."""
    sector_share: float


def missing_products(run: FinishedRun) -> list[Missing]:
    """Products short in any sector-region, the largest tonnage first; nothing where all is covered."""
    short = short_pairs(run)
    totals = short.groupby("material")["shortfall_t"].sum()
    reference = whole_run(use_rows(run.summary, "shortfall", run="reference"))
    demand = whole_run(use_rows(run.summary, "demand"))
    found = [
        _missing(str(product), short[short["material"] == product], reference, demand)
        for product, shortfall_t in totals.items()
        if shortfall_t > 0
    ]
    return sorted(found, key=lambda missing: (-missing.shortfall_t, missing.product))


def short_pairs(run: FinishedRun) -> pd.DataFrame:
    """Product x sector-region short by a noticeable part of demand in some month, the worst first.

    Columns: material, sector, region, peak_share, shortfall_t, unit.
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
    """Worst month of each product x sector-region as a part of its demand.

    Columns: material, sector, region, peak_share.
    """
    peak = _as_share(whole_run(use_rows(run.summary, "peak_shortfall")))
    return peak[["material", "sector", "region", "value"]].rename(columns={"value": "peak_share"})


def whole_run(table: pd.DataFrame) -> pd.DataFrame:
    """Rows that stand for the whole run, not for a year."""
    return table[table["period"] == "all"]


def _missing(
    product: str, pairs: pd.DataFrame, reference: pd.DataFrame, demand: pd.DataFrame
) -> Missing:
    shortfall_t = float(pairs["shortfall_t"].sum())
    region, region_t = _largest(pairs, "region")
    sector, sector_t = _largest(pairs, "sector")
    return Missing(
        product=product,
        shortfall_t=shortfall_t,
        reference_t=_total_t(reference, product),
        demand_t=_total_t(demand, product),
        unit=str(pairs["unit"].iloc[0]),
        region=region,
        region_share=region_t / shortfall_t,
        sector=sector,
        sector_share=sector_t / shortfall_t,
    )


def _total_t(table: pd.DataFrame, product: str) -> float:
    return float(table.loc[table["material"] == product, "value"].sum())


def _largest(pairs: pd.DataFrame, column: str) -> tuple[str, float]:
    totals = pairs.groupby(column)["shortfall_t"].sum()
    return str(totals.idxmax()), float(totals.max())


def _as_share(table: pd.DataFrame) -> pd.DataFrame:
    """Percentages as fractions."""
    factor = table["unit"].astype(object).map(lambda unit: 0.01 if unit.startswith("%") else 1.0)
    return table.assign(value=table["value"] * factor)
