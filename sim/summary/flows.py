"""Flows and stocks along the chain: production, trade, stocks, transit, goods held, what limited whom."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from sim.engine.records import SMALL_T, Records
from sim.summary.long import by_month, by_period, long_rows, mean_by_period
from sim.world.places import PILE, STOCKPILE, USE, places_in
from sim.world.world import World

PRODUCTION = ["stage", "material", "country"]


def main_output(records: Records, world: World) -> pd.DataFrame:
    """Output by stage, country and product: mines by element, plants by oxide, makers by grade or element.

    Scrap and mixed concentrate are by-products and left out.
    """
    table = records.production
    table = table[~table["form"].isin([world.mixed_form, world.scrap_form])]
    product, element = (table[c].to_numpy(dtype=object) for c in ("product", "element"))
    table = table.assign(material=np.where(product == "", element, product))
    return table.groupby(["month", *PRODUCTION], as_index=False, sort=True, observed=True)[
        ["output_t"]
    ].sum()


def flow_rows(
    records: Records, world: World, days: Mapping[str, float], *, monthly: bool
) -> list[pd.DataFrame]:
    """All metrics of this topic, by month or by year and over the run."""
    unit = world.basis
    made = main_output(records, world)
    rows = [_sum(made, "production", "output_t", PRODUCTION, unit, monthly)]
    rows += _trade(records, world, monthly)
    rows += _levels(records, world, days, monthly)
    rows += _limits(records, unit, monthly)
    rows += _licences(records, days, monthly)
    return [r for r in rows if len(r)]


def _sum(
    table: pd.DataFrame, metric: str, value: str, keys: list[str], unit: str, monthly: bool
) -> pd.DataFrame:
    if table.empty:
        return pd.DataFrame()
    sums = by_month if monthly else by_period
    return _rows(sums(table, keys, [value]), metric, value, keys, unit)


def _mean(
    table: pd.DataFrame, metric: str, value: str, keys: list[str], unit: str,
    days: Mapping[str, float], monthly: bool,
) -> pd.DataFrame:  # fmt: skip
    if monthly or table.empty:
        return _sum(table, metric, value, keys, unit, monthly)
    return _rows(mean_by_period(table, keys, value, days), metric, value, keys, unit)


def _rows(table: pd.DataFrame, metric: str, value: str, keys: list[str], unit: str) -> pd.DataFrame:
    some = table[table[value].abs() > SMALL_T]
    return long_rows(some, metric, value, unit, {k: k for k in [*keys, "period"]})


def _lanes(records: Records, world: World) -> pd.DataFrame:
    """Shipments with the stage the goods left, and the sector of the end use they go to."""
    table = records.shipments
    stages = {id: place.stage for id, place in places_in(world).items()}
    return table.assign(
        material=table["product"],
        stage=_named(table["seller"], stages, STOCKPILE),
        sector=_named(table["buyer"], _sectors(world)),
        country=table["seller_country"],
        region=table["buyer_region"],
    )


def _sectors(world: World) -> Mapping[str, str]:
    return {demand.node: demand.sector for demand in world.demand}


def _named(ids: pd.Series, names: Mapping[str, str], other: str = "") -> pd.Categorical:
    """What each id stands for; `other` where it is not among the names."""
    codes, found = pd.factorize(ids)
    written = np.array([names.get(str(id), other) for id in found], dtype=object)
    return pd.Categorical(written[codes] if len(found) else [])


def _trade(records: Records, world: World, monthly: bool) -> list[pd.DataFrame]:
    """Exports by seller's country, imports by buyer's region.

    What stays in a country is no export, what stays in a region no import. The country of an end use is
    known only as its region, so a sale to end users of the own region is no export either.
    """
    lanes = _lanes(records, world)
    seller, buyer, seller_region, buyer_region = (
        lanes[column].to_numpy(dtype=object)
        for column in ("seller_country", "buyer_country", "seller_region", "buyer_region")
    )
    leaves_region = (seller_region != buyer_region) & (buyer_region != "")
    leaves_country = np.where(buyer == "", leaves_region, seller != buyer) & (seller != "")
    return [
        _sum(lanes[leaves_country], "exports", "dispatched_t", PRODUCTION, world.basis, monthly),
        _sum(
            lanes[leaves_region], "imports", "arrived_t", ["stage", "material", "region"],
            world.basis, monthly,
        ),
    ]  # fmt: skip


def _levels(
    records: Records, world: World, days: Mapping[str, float], monthly: bool
) -> list[pd.DataFrame]:
    """Time averages; the sectors of end uses are told apart by year only, by month see the records."""
    unit = world.basis
    keys = ["stage", "material", *([] if monthly else ["sector"]), "region"]
    stocks = records.stocks[records.stocks["stage"] != PILE.stage]
    stocks = stocks.assign(
        material=stocks["product"], sector=_named(stocks["place"], _sectors(world))
    )
    lanes = _lanes(records, world)
    rows = [
        _mean(stocks, "stock", "stock_t", keys, unit, days, monthly),
        _mean(stocks, "unsold", "unsold_t", keys, unit, days, monthly),
        _mean(lanes, "in_transit", "in_transit_t", keys, unit, days, monthly),
        _mean(lanes, "held_at_border", "held_t", [*keys, "country"], unit, days, monthly),
    ]
    users, policy = (stocks[stocks["stage"] == stage] for stage in (USE, STOCKPILE))
    rows.append(_mean(policy, "cover", "cover_days", keys, "days", days, monthly))
    return [*rows, _cover(users, records.use, keys, days, monthly)]


def _cover(
    stocks: pd.DataFrame, use: pd.DataFrame, keys: list[str], days: Mapping[str, float],
    monthly: bool,
) -> pd.DataFrame:  # fmt: skip
    """Days of cover of end uses = mean stock / mean daily demand = tonne-days held / tonnes demanded."""
    held = stocks.assign(t_days=stocks["stock_t"] * stocks["month"].astype(object).map(days))
    asked = use.assign(stage=USE, material=use["product"])
    columns = ["month", *keys]
    table = pd.concat([held[[*columns, "t_days"]], asked[[*columns, "demand_t"]]])
    sums = (by_month if monthly else by_period)(table, keys, ["t_days", "demand_t"])
    sums["cover"] = (sums["t_days"] / sums["demand_t"]).where(sums["demand_t"] > SMALL_T)
    return long_rows(sums, "cover", "cover", "days", {k: k for k in [*keys, "period"]})


def _limits(records: Records, unit: str, monthly: bool) -> list[pd.DataFrame]:
    """Planned tonnes not made or not let through; `sector` holds the place, `country` what limited it."""
    table = records.limits.assign(
        material=lambda t: t["product"],
        sector=lambda t: t["place"],
        country=lambda t: t["limited_by"],
    )
    keys = ["stage", "material", "sector", "region", "country"]
    return [_sum(table, "limited_by", "t", keys, unit, monthly)]


def _licences(records: Records, days: Mapping[str, float], monthly: bool) -> list[pd.DataFrame]:
    table = records.licences_pending.rename(columns={"lever": "sector"})
    return [_mean(table, "licences_pending", "cases", ["sector"], "cases", days, monthly)]
