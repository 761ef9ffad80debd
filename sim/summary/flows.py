"""Flows and stocks along the chain: production, trade, stocks, transit, goods held, what limited whom."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from sim.engine.records import Records
from sim.summary.long import by_period, long_rows, mean_by_period
from sim.world.world import World

PRODUCTION = ["stage", "material", "country"]


def production(records: Records) -> pd.DataFrame:
    """Output by stage, country and product: mines by element, plants by oxide, makers by grade or element.

    Scrap and mixed concentrate are by-products and not counted.
    """
    table = records.production
    graded = table["product"].where(table["product"] != "", table["element"])
    table = table.assign(material=graded)
    keys = ["month", *PRODUCTION, "form"]
    return table.groupby(keys, as_index=False, sort=True)["output_t"].sum()


def main_output(records: Records, world: World) -> pd.DataFrame:
    """`production` without by-products."""
    aside = [world.mixed_form, world.scrap_form]
    table = production(records)
    return table[~table["form"].isin(aside)]


def flow_rows(
    records: Records, world: World, days: Mapping[str, float], *, monthly: bool
) -> list[pd.DataFrame]:
    """All metrics of this topic, by month or by year and over the run."""
    unit = world.basis
    made = main_output(records, world)
    rows = [_sum(made, "production", "output_t", PRODUCTION, unit, monthly)]
    rows += _trade(records, unit, monthly)
    rows += _levels(records, unit, days, monthly)
    rows += _limits(records, unit, monthly)
    rows += _licences(records, days, monthly)
    return [r for r in rows if len(r)]


def _sum(
    table: pd.DataFrame, metric: str, value: str, keys: list[str], unit: str, monthly: bool,
    **fixed: str,
) -> pd.DataFrame:  # fmt: skip
    if table.empty:
        return pd.DataFrame()
    if monthly:
        grouped = table.groupby([*keys, "month"], as_index=False, sort=True)[value].sum()
        grouped = grouped.rename(columns={"month": "period"})
    else:
        grouped = by_period(table, keys, [value])
    return long_rows(grouped, metric, value, unit, {k: k for k in [*keys, "period"]}, **fixed)


def _mean(
    table: pd.DataFrame, metric: str, value: str, keys: list[str], unit: str,
    days: Mapping[str, float], monthly: bool, **fixed: str,
) -> pd.DataFrame:  # fmt: skip
    if table.empty:
        return pd.DataFrame()
    if monthly:
        return _sum(table, metric, value, keys, unit, monthly=True, **fixed)
    grouped = mean_by_period(table, keys, value, days)
    return long_rows(grouped, metric, value, unit, {k: k for k in [*keys, "period"]}, **fixed)


def _trade(records: Records, unit: str, monthly: bool) -> list[pd.DataFrame]:
    """Exports by seller's country, imports by buyer's region; what stays in a country or region is neither."""
    table = records.shipments
    abroad = table[
        (table["seller_country"] != table["buyer_country"])
        & (table["seller_country"] != table["buyer_region"])
        & (table["buyer_region"] != "")
    ]
    abroad = abroad.assign(
        material=abroad["product"], stage=abroad["form"], country=abroad["seller_country"]
    )
    imports = abroad[abroad["seller_region"] != abroad["buyer_region"]].assign(
        region=lambda t: t["buyer_region"]
    )
    return [
        _sum(abroad, "exports", "dispatched_t", ["stage", "material", "country"], unit, monthly),
        _sum(imports, "imports", "arrived_t", ["stage", "material", "region"], unit, monthly),
    ]


def _levels(
    records: Records, unit: str, days: Mapping[str, float], monthly: bool
) -> list[pd.DataFrame]:
    stocks = records.stocks[records.stocks["stage"] != "pile"].rename(
        columns={"product": "material"}
    )
    keys = ["stage", "material", "region"]
    lanes = records.shipments.rename(columns={"product": "material", "form": "stage"})
    to_region = lanes.assign(region=lanes["buyer_region"])
    held = lanes.assign(country=lanes["seller_country"], region=lanes["buyer_region"])
    held = held[held["held_t"] > 0]
    users = stocks[(stocks["stage"] == "use") & stocks["cover_days"].notna()]
    users = users.assign(rate=users["stock_t"] / users["cover_days"])
    rows = [
        _mean(stocks, "stock", "stock_t", keys, unit, days, monthly),
        _mean(stocks[stocks["unsold_t"] > 0], "unsold", "unsold_t", keys, unit, days, monthly),
        _mean(to_region, "in_transit", "in_transit_t", keys, unit, days, monthly),
        _mean(held, "held_at_border", "held_t", [*keys, "country"], unit, days, monthly),
    ]
    if monthly and len(users):
        cover = users.groupby([*keys, "month"], as_index=False, sort=True)[
            ["stock_t", "rate"]
        ].sum()
        cover["cover"] = (cover["stock_t"] / cover["rate"]).where(cover["rate"] > 0)
        names = {**{k: k for k in keys}, "month": "period"}
        rows.append(long_rows(cover, "cover", "cover", "days", names))
    return rows


def _limits(records: Records, unit: str, monthly: bool) -> list[pd.DataFrame]:
    """Planned tonnes not made or not let through; `sector` holds the place, `country` what limited it."""
    table = records.limits.rename(columns={"product": "material", "place": "sector"}).drop(
        columns=["country"], errors="ignore"
    )
    table = table.rename(columns={"limited_by": "country"})
    return [
        _sum(
            table,
            "limited_by",
            "t",
            ["stage", "material", "sector", "region", "country"],
            unit,
            monthly,
        )
    ]


def _licences(records: Records, days: Mapping[str, float], monthly: bool) -> list[pd.DataFrame]:
    table = records.licences_pending.rename(columns={"lever": "sector"})
    return [_mean(table, "licences_pending", "cases", ["sector"], "cases", days, monthly)]
