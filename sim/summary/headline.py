"""The dozen numbers a reader quotes, worked out from the tables with nothing but the pack's own names."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from sim.engine.records import Records
from sim.summary.long import NAMED_T
from sim.summary.ranking import elements_hit
from sim.summary.regions import ALL
from sim.summary.scope import Scope
from sim.world.places import STOCKPILE
from sim.world.world import World


@dataclass(frozen=True, slots=True)
class About:
    """What a headline needs of the pack: names and units."""

    unit: str
    """What a tonne is"""
    price_unit: str
    elements: Mapping[str, str]
    """Symbol -> name"""
    graded: frozenset[str]
    """Products with a recipe"""
    home: tuple[str, ...]
    """Regions that restricting countries have to themselves"""
    slice: str
    """What peaks are told by: `month`, or the slice of a quota"""

    @classmethod
    def of(cls, world: World, exporters: Sequence[str], slice: str) -> About:
        """Of a pack in memory."""
        own = [world.countries[c].region for c in exporters if world.countries[c].standalone]
        names = {e.symbol: e.name for e in world.elements}
        unit = f"million USD{world.base_year}"
        return cls(world.basis, unit, names, frozenset(world.recipes), tuple(own), slice)


def headline(
    table: pd.DataFrame, worst: pd.DataFrame, by_region: pd.DataFrame, scope: Scope, about: About,
    *, made_without: bool = False, regions: Collection[str] = (),
) -> list[dict[str, Any]]:  # fmt: skip
    """See `headline.json` in `docs/results.md`. Central values: `low` and `high` are empty.

    What counts is what the question is about (`scope`); `regions` narrow that. The world as a whole and what is
    missing outside come second. `made_without`: the worst product also has its output at risk, once what can
    wait is made without.
    """
    whole = {metric: _cumulative(table, metric, run) for metric, run in (
        ("demand", "scenario"), ("shortfall", "scenario"), ("caused", "scenario"),
        ("relieved", "scenario"),
    )} | {"reference": _cumulative(table, "shortfall", "reference")}  # fmt: skip
    its = {name: _counted(values, scope.products, regions) for name, values in whole.items()}
    t = {name: float(values.sum()) for name, values in its.items()}
    labels = {
        "demand": "needed over the whole run, of what the question is about",
        "shortfall": "missing of it",
        "reference": "missing of it in the same world without levers",
        "caused": "missing of it beyond that, by product, user and month",
        "relieved": "missing in that world and not here, by product, user and month",
    }
    ids = {"shortfall": "shortfall_total"}
    out = [
        _number(
            ids.get(name, name if name == "demand" else f"shortfall_{name}"),
            label,
            t[name],
            about.unit,
        )
        for name, label in labels.items()
    ]
    if t["demand"] > 0:
        out.append(_number("shortfall_share", "missing, as a part of that need",
                           100 * t["shortfall"] / t["demand"], "%"))  # fmt: skip
        out.append(_number("caused_share", "missing beyond the reference, as a part of that need",
                           100 * t["caused"] / t["demand"], "%"))  # fmt: skip
    out += _peak(by_region, about, regions)
    grades = its["shortfall"][
        its["shortfall"].index.get_level_values("material").isin(about.graded)
    ]
    if len(grades):
        out.append(_number("shortfall_graded", "missing of it, magnets and other graded products (content)",
                           grades.sum(), about.unit))  # fmt: skip
    counted = worst[worst["in_scope"] == "yes"]
    if regions:
        counted = counted[counted["region"].isin(regions)]
    out += _worst(table, counted, about)
    out += _worst_at_risk(counted, about.slice) if made_without else []
    of_scope = scope.rows(table, regions)
    out += _worst_elements(of_scope, about)
    value, anyway = (
        _cumulative(of_scope, "value_at_risk", run).sum() for run in ("scenario", "reference")
    )
    price = "price of the scarce oxide in what is missing; lost production is not in it"
    out.append(_number("value_at_risk", price, float(value), about.price_unit))
    out.append(_number("value_at_risk_reference", "the same without levers", float(anyway),
                       about.price_unit))  # fmt: skip
    if regions:
        return out
    return [*out, *_outside(whole, its, about), *_flights(table, about)]


def _peak(by_region: pd.DataFrame, about: About, regions: Collection[str]) -> list[dict[str, Any]]:
    """The worst slice of all that counts, beside its average; of several regions only each has one."""
    row = by_region[by_region["region"].isin(regions or [ALL])]
    if len(row) != 1:
        return []
    share, when = float(row["peak_caused"].iloc[0]), str(row["peak_caused_in"].iloc[0])
    said = f"the same in the worst {about.slice}" + (f", {when}" if when else "")
    out = [_number("peak_caused", said, share, "%")]
    first, who = (str(row[name].iloc[0]) for name in ("first_caused", "first_caused_of"))
    if first:
        out.append(_number("first_short", f"first users short beyond the reference ({who}), week to",
                           first, "date"))  # fmt: skip
    return out


def _counted(
    values: pd.Series, pairs: Collection[tuple[str, str]], regions: Collection[str]
) -> pd.Series:
    """Those of the pairs (material, region), and of the regions, or all."""
    material, region = (values.index.get_level_values(k) for k in ("material", "region"))
    kept = [
        (m, r) in pairs and (not regions or r in regions)
        for m, r in zip(material, region, strict=True)
    ]
    return values[kept]


def _outside(
    whole: Mapping[str, pd.Series], its: Mapping[str, pd.Series], about: About
) -> list[dict[str, Any]]:
    """The world as a whole, and what is missing outside of what the question is about."""
    t = {name: float(values.sum()) for name, values in whole.items()}
    out = [
        _number("world_demand", "needed in the whole world, of everything", t["demand"], about.unit),
        _number("world_shortfall", "missing in the whole world, of everything",
                t["shortfall"], about.unit),
        _number("world_reference", "the same in the same world without levers",
                t["reference"], about.unit),
        _number("world_caused", "missing in the whole world beyond that", t["caused"], about.unit),
        _number("outside_caused", "of it outside of what the question is about",
                t["caused"] - float(its["caused"].sum()), about.unit),
        _number("world_relieved", "missing without levers and not here, in the whole world",
                t["relieved"], about.unit),
    ]  # fmt: skip
    for name, id, label in (
        ("shortfall", "shortfall_home", "missing in the restricting countries, of everything"),
        ("caused", "caused_home", "missing there beyond what they lack without levers"),
    ):
        if about.home:
            inside = whole[name][whole[name].index.get_level_values("region").isin(about.home)]
            out.append(
                _number(id, label, float(inside.sum()), about.unit, region=",".join(about.home))
            )
    return out


def transport_and_stockpiles(records: Records, world: World) -> list[dict[str, Any]]:
    """What closures did to goods, in tonnes and days, and what users drew from stockpiles."""
    out = []
    table = records.corridors
    for t, days, id, label in (
        (
            "detoured_t",
            "extra_days",
            "detoured",
            "sent by the next route while a corridor was closed",
        ),
        ("went_on_t", "waited_days", "held_on_way", "held on the way before a closed leg"),
    ):
        total = float(table[t].sum())
        if total > NAMED_T:
            mean = float((table[t] * table[days].fillna(0.0)).sum()) / total
            out.append(_number(id, label, total, world.basis))
            out.append(_number(f"{id}_days", f"days more for what was {label}", mean, "days"))
    stayed = float(table["stayed_t"].sum())
    if stayed > NAMED_T:
        out.append(_number("no_route", "planned, but without an open route", stayed, world.basis))
    stocks, moved = records.stocks_by_month, records.shipments_by_month
    released = stocks.texts["stage"].equal(STOCKPILE) & stocks.present.any(axis=0)
    if released.any():
        piles = stocks.texts["place"].take(released).words()
        drawn = moved.total("dispatched_t")[moved.texts["seller"].among(piles)].sum()
        out.append(_number("stockpile_drawn", "drawn from stockpiles", float(drawn), world.basis))
    return out


def _cumulative(table: pd.DataFrame, metric: str, run: str) -> pd.Series:
    rows = table[(table["metric"] == metric) & (table["run"] == run) & (table["period"] == "all")]
    keys = ["material", "sector", "region"]
    return rows.astype(dict.fromkeys(keys, object)).set_index(keys)["value"].sort_index()


def _number(id: str, label: str, value: Any, unit: str, **keys: str) -> dict[str, Any]:
    cells = {"material": "", "sector": "", "region": "", **keys}
    if isinstance(value, float):
        value = round(value, 6)
    return {
        "id": id,
        "label": label,
        "value": value,
        "low": None,
        "high": None,
        "unit": unit,
        **cells,
    }


def _worst(table: pd.DataFrame, worst: pd.DataFrame, about: About) -> list[dict[str, Any]]:
    """The product x sector-region with the most tonnes missing beyond the reference, and its dates."""
    if worst.empty:
        return []
    row = worst.iloc[0]
    material, sector, region = (str(row[key]) for key in ("material", "sector", "region"))
    keys = {"material": material, "sector": sector, "region": region}
    out = [_number("worst_shortfall", "largest gap of one product in one sector and region",
                   float(row["shortfall_t"]), about.unit, **keys)]  # fmt: skip
    if row["caused_t"] > NAMED_T:
        out.append(_number("worst_caused", "of it beyond what the same world lacks without levers",
                           float(row["caused_t"]), about.unit, **keys))  # fmt: skip
    # With levers, what they add: else the words beside it would blame them for what is missing anyway.
    own, suffix = row["caused_t"] > NAMED_T, ""
    if own and row["shortfall_t"] - row["caused_t"] > NAMED_T:
        suffix = ", beyond the same world without levers"
    for metric, of_levers, label, unit in (
        ("peak_shortfall", "peak_caused", f"its worst {about.slice}{suffix}", "%"),
        ("duration", "duration_caused", f"its months above 5 %{suffix}", "months"),
        (
            "time_to_survive",
            "",
            "days from the first restriction until its first week short",
            "days",
        ),
        (
            "time_to_recover",
            "",
            "days from the first restriction until it is supplied for 90 days",
            "days",
        ),
    ):
        found = of_levers if own and of_levers else metric
        value = _cumulative(table, found, "scenario").get((material, sector, region))
        if value is not None:
            out.append(_number(f"worst_{metric}", label, float(value), unit, **keys))
    for id, label, text, unit in (
        (
            "worst_first_short",
            f"its first week short, to{suffix}",
            row["first_caused" if own else "first_short"],
            "date",
        ),
        ("worst_limited_by", "what stopped most of it", row["limited_by"], ""),
    ):
        if text:
            out.append(_number(id, label, str(text), unit, **keys))
    return out


def _flights(table: pd.DataFrame, about: About) -> list[dict[str, Any]]:
    """What flew to users that were nearly out of it, and what that cost, where anything did."""
    t, musd, anyway_t, anyway_musd = (
        float(_cumulative(table, name, run).sum())
        for run in ("scenario", "reference")
        for name in ("expedited", "air_freight")
    )
    if t <= NAMED_T:
        return []
    return [
        _number(
            "expedited", "flown to users that were nearly out of it, whole world", t, about.unit
        ),
        _number("expedited_reference", "the same without levers", anyway_t, about.unit),
        _number("air_freight", "freight of what flew", musd, about.price_unit),
        _number("air_freight_reference", "the same without levers", anyway_musd, about.price_unit),
    ]


def _worst_at_risk(worst: pd.DataFrame, slice: str) -> list[dict[str, Any]]:
    """What the largest gap leaves of output, once the part of the use that can wait is made without."""
    if worst.empty:
        return []
    row = worst.iloc[0]
    keys = {key: str(row[key]) for key in ("material", "sector", "region")}
    without = "once what can wait is made without"
    return [
        _number("worst_output_at_risk", f"output at risk in its worst {slice}, {without}",
                float(row["output_at_risk"]), "%", **keys),
        _number("worst_weeks_below_80", f"weeks below 80 % of output, {without}",
                float(row["weeks_below_80"]), "weeks", **keys),
    ]  # fmt: skip


def _worst_elements(counted: pd.DataFrame, about: About) -> list[dict[str, Any]]:
    """The two elements with the largest embodied shortfall as a part of their demand; of what counts."""
    short = _cumulative(counted, "embodied_shortfall", "scenario")
    totals = short.groupby("material").sum()
    return [
        _number(
            f"embodied_{symbol}",
            f"{about.elements[str(symbol)]} in products not received, in all",
            float(totals[symbol]),
            about.unit,
            material=str(symbol),
        )
        for symbol in elements_hit(counted).index[:2]
    ]
