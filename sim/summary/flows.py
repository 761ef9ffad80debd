"""Flows and stocks along the chain: production, trade, stocks, transit, goods held, what limited whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from sim.engine.panel import Panel, Texts
from sim.engine.records import SMALL_T, Records
from sim.rules.behaviour import Behaviour
from sim.summary.long import Block, Groups, Periods, means_block, sums_block
from sim.world.flying import gross_t_per_t
from sim.world.places import PILE, STOCKPILE, USE, places_in
from sim.world.world import World

PRODUCTION = ("stage", "material", "country")
FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Output:
    """What sites made, by month: mines by element, plants by oxide, makers by grade or element.

    Scrap and mixed concentrate are by-products and left out.
    """

    groups: Groups
    """By `stage`, `material` and `country`"""
    made: FloatArray
    """[month, group] t"""


def main_output(records: Records, world: World) -> Output:
    """Of all sites."""
    table = records.production_by_month
    texts = table.texts
    product, element = (texts[column].words() for column in ("product", "element"))
    material = Texts.of(p or e for p, e in zip(product, element, strict=True))
    kept = ~texts["form"].among((world.mixed_form, world.scrap_form))
    groups = Groups.of(
        {"stage": texts["stage"], "material": material, "country": texts["country"]}, kept
    )
    return Output(groups, groups.sums(table.values["output_t"]))


def flow_blocks(
    records: Records, output: Output, world: World, periods: Periods, behaviour: Behaviour
) -> list[Block]:
    """All metrics of this topic; by month without what only years have room for."""
    unit = world.basis
    lanes = _lanes(records, world)
    blocks = [
        sums_block("production", unit, periods, Groups.of(output.groups.texts), output.made),
        *_trade(records.shipments_by_month, lanes, unit, periods),
        *_levels(records, lanes, world, periods),
        _limits(records.limits_by_month, unit, periods),
    ]
    return [
        *blocks,
        *_licences(records, periods),
        *_flights(records, lanes, world, periods, behaviour),
        *_rules(records, unit, periods),
        *_idle(records, unit, periods),
        *_swaps(records, unit, periods),
        *_substitutes(records, unit, periods),
    ]


def _lanes(records: Records, world: World) -> dict[str, Texts]:
    """Of shipments: the stage the goods left, and the sector of the end use they go to."""
    texts = records.shipments_by_month.texts
    stages = {id: place.stage for id, place in places_in(world).items()}
    sectors = _sectors(world)
    return {
        "stage": texts["seller"].renamed(lambda id: stages.get(id, STOCKPILE)),
        "material": texts["product"],
        "sector": texts["buyer"].renamed(lambda id: sectors.get(id, "")),
        "region": texts["buyer_region"],
        "country": texts["seller_country"],
    }


def _sectors(world: World) -> Mapping[str, str]:
    return {demand.node: demand.sector for demand in world.demand}


def _trade(
    shipments: Panel, lanes: Mapping[str, Texts], unit: str, periods: Periods
) -> list[Block]:
    """Exports by seller's country, imports by buyer's region."""
    exported = Groups.of(
        {column: lanes[column] for column in PRODUCTION}, leaves_country(shipments)
    )
    imported = Groups.of(
        {c: lanes[c] for c in ("stage", "material", "region")}, _leaves_region(shipments)
    )
    sent, came = (shipments.values[column] for column in ("dispatched_t", "arrived_t"))
    return [
        sums_block("exports", unit, periods, exported, sent),
        sums_block("imports", unit, periods, imported, came),
    ]


def leaves_country(shipments: Panel) -> BoolArray:
    """[lane] whether it is an export.

    What stays in a country is none. The country of an end use is known only as its region, so a sale to end
    users of the own region is none either.
    """
    seller, buyer = (
        np.array(shipments.texts[column].words(), dtype=object)
        for column in ("seller_country", "buyer_country")
    )
    abroad = np.where(buyer == "", _leaves_region(shipments), seller != buyer)
    leaves: BoolArray = abroad & (seller != "")
    return leaves


def _leaves_region(shipments: Panel) -> BoolArray:
    """[lane] whether it is an import: what stays in a region is none."""
    seller, buyer = (
        np.array(shipments.texts[column].words(), dtype=object)
        for column in ("seller_region", "buyer_region")
    )
    leaves: BoolArray = (seller != buyer) & (buyer != "")
    return leaves


def _flights(
    records: Records, lanes: Mapping[str, Texts], world: World, periods: Periods, behaviour: Behaviour
) -> list[Block]:  # fmt: skip
    """What flew to users that were nearly out of it, and what that cost; by year."""
    rule, shipments = behaviour.expediting, records.shipments_by_month
    if rule is None or periods.monthly:
        return []
    flown_t = shipments.values["flown_t"]
    groups = Groups.of({column: lanes[column] for column in ("stage", "material", "region")})
    sold = zip(*(shipments.texts[column].words() for column in ("form", "product")), strict=True)
    # 1 USD/kg is 1,000 USD/t.
    musd_per_t = np.array([gross_t_per_t(world, *each) for each in sold]) * rule.freight / 1000
    return [
        sums_block("expedited", world.basis, periods, groups, flown_t),
        sums_block(
            "air_freight", f"million USD{world.base_year}", periods, groups, flown_t * musd_per_t
        ),
    ]


def _levels(
    records: Records, lanes: Mapping[str, Texts], world: World, periods: Periods
) -> list[Block]:
    """Stocks, cover, goods under way and goods held; by month they are summed over sectors."""
    table, unit, sectors = records.stocks_by_month, world.basis, _sectors(world)
    keys = ("stage", "material", *(() if periods.monthly else ("sector",)), "region")
    texts = {
        "stage": table.texts["stage"],
        "material": table.texts["product"],
        "sector": table.texts["place"].renamed(lambda id: sectors.get(id, "")),
        "region": table.texts["region"],
    }
    stocks = {column: texts[column] for column in keys}
    kept = ~texts["stage"].equal(PILE.stage)
    moved = {column: lanes[column] for column in keys}
    in_stock = table.values["stock_t"]
    values = records.shipments_by_month.values
    blocks = [means_block("stock", unit, periods, Groups.of(stocks, kept), in_stock)]
    if not periods.monthly:
        blocks += [
            means_block("unsold", unit, periods, Groups.of(stocks, kept), table.values["unsold_t"]),
            means_block("in_transit", unit, periods, Groups.of(moved), values["in_transit_t"]),
        ]
    held = Groups.of({**moved, "country": lanes["country"]})
    policy = Groups.of(stocks, texts["stage"].equal(STOCKPILE))
    days = np.nan_to_num(table.values["cover_days"], nan=0.0)
    return [
        *blocks,
        means_block("held_at_border", unit, periods, held, values["held_t"]),
        means_block("cover", "days", periods, policy, days),
        _cover(records, {k: texts[k] for k in keys if k != "stage"}, periods),
    ]


def _cover(records: Records, stocks: Mapping[str, Texts], periods: Periods) -> Block:
    """Days of cover of end uses = mean stock / mean daily demand = tonne-days held / tonnes demanded."""
    use, table = records.use_by_month, records.stocks_by_month
    users = np.flatnonzero(table.texts["stage"].equal(USE))
    asked = {
        "material": use.texts["product"],
        **{k: use.texts[k] for k in stocks if k != "material"},
    }
    both = {
        column: Texts.of([*its.take(users).words(), *asked[column].words()])
        for column, its in stocks.items()
    }
    t_days = table.values["stock_t"][:, users] * periods.days[:, None]
    demand = use.values["demand_t"]
    groups = Groups.of(both)
    held_t_days, demand_t = (
        groups.sums(periods.sums(np.concatenate(parts, axis=1)))
        for parts in ((t_days, np.zeros_like(demand)), (np.zeros_like(t_days), demand))
    )
    asks = demand_t > SMALL_T
    cover = np.divide(held_t_days, demand_t, out=np.zeros_like(demand_t), where=asks)
    return Block("cover", "days", periods.names, {**groups.texts, "stage": USE}, cover, asks)


def _limits(limits: Panel, unit: str, periods: Periods) -> Block:
    """Planned tonnes not made or not let through; `country` holds what limited it.

    `sector` holds the place; by month places are summed.
    """
    texts = {
        "stage": limits.texts["stage"],
        "material": limits.texts["product"],
        "region": limits.texts["region"],
        "country": limits.texts["limited_by"],
    }
    if not periods.monthly:
        texts["sector"] = limits.texts["place"]
    return sums_block("limited_by", unit, periods, Groups.of(texts), limits.values["t"])


def _rules(records: Records, unit: str, periods: Periods) -> list[Block]:
    """What each rule of behaviour moved, by year; `sector` holds the rule."""
    table = records.rules
    if table.empty or periods.monthly:
        return []
    rule, months = Texts.of(table["rule"].astype(str)), records.use_by_month.months
    moved = np.zeros((len(months), len(rule.names)))
    moved[[months.index(month) for month in table["month"].astype(str)], rule.codes] = table["t"]
    groups = Groups.of({"sector": Texts.of(rule.names)})
    return [sums_block("moved_by_rule", unit, periods, groups, moved)]


def _idle(records: Records, unit: str, periods: Periods) -> list[Block]:
    """What lay unsold while somebody lacked it, by year; `stage` holds the form, `sector` the reason."""
    keys = {"stage": "form", "material": "product", "sector": "reason"}
    found = None if periods.monthly else _by_keys(records.idle, keys, records)
    return [means_block("idle", unit, periods, *found)] if found else []


def _swaps(records: Records, unit: str, periods: Periods) -> list[Block]:
    """What went into grades beyond their recipe, by year; `sector` holds the grade."""
    keys = {"material": "ingredient", "sector": "product", "region": "region"}
    found = None if periods.monthly else _by_keys(records.swaps, keys, records)
    return [sums_block("swapped", unit, periods, *found)] if found else []


def _substitutes(records: Records, unit: str, periods: Periods) -> list[Block]:
    """What came instead of the grade that was asked, by year; `country` holds the grade that came."""
    keys = {"material": "product", "sector": "sector", "region": "region", "country": "came"}
    found = None if periods.monthly else _by_keys(records.substitutes, keys, records)
    return [sums_block("substituted", unit, periods, *found)] if found else []


def _by_keys(
    table: pd.DataFrame, keys: Mapping[str, str], records: Records
) -> tuple[Groups, FloatArray] | None:
    """Of a table by month with a column `t`: its groups by other names, and [month, group] sums."""
    if table.empty:
        return None
    each = table.pivot_table(
        "t",
        index=list(keys.values()),
        columns="month",
        aggfunc="sum",
        fill_value=0.0,
        observed=True,
    ).reindex(columns=records.use_by_month.months, fill_value=0.0)
    texts = {
        key: Texts.of(each.index.get_level_values(name).astype(str)) for key, name in keys.items()
    }
    return Groups.of(texts), each.to_numpy().T


def _licences(records: Records, periods: Periods) -> list[Block]:
    """Cases that wait for a decision; `sector` holds the lever."""
    table = records.licences_pending
    if table.empty:
        return []
    lever = Texts.of(table["lever"].astype(str))
    months = records.use_by_month.months
    cases = np.zeros((len(months), len(lever.names)))
    at = [months.index(month) for month in table["month"].astype(str)]
    cases[at, lever.codes] = table["cases"].to_numpy()
    groups = Groups.of({"sector": Texts.of(lever.names)})
    return [means_block("licences_pending", "cases", periods, groups, cases)]
