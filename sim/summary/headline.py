"""The dozen numbers a reader quotes, worked out from the tables with nothing but the pack's own names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from sim.engine.records import Records
from sim.summary.long import NAMED_T
from sim.summary.ranking import elements_hit
from sim.world.places import STOCKPILE
from sim.world.world import World


def headline(
    table: pd.DataFrame,
    worst: pd.DataFrame,
    world: World,
    exporters: Sequence[str],
    *,
    made_without: bool = False,
) -> list[dict[str, Any]]:
    """See `headline.json` in `docs/results.md`. Central values: `low` and `high` are empty.

    `made_without`: the worst product also has its output at risk, once what can wait is made without.
    """
    short = _cumulative(table, "shortfall", "scenario")
    reference = _cumulative(table, "shortfall", "reference")
    caused = _cumulative(table, "caused", "scenario")
    demand = _cumulative(table, "demand", "scenario")
    graded = set(world.recipes)
    out = [
        _number("shortfall_total", "missing over the whole run, all products", short.sum(), world.basis),
        _number("shortfall_reference", "missing in the same world without levers",
                reference.sum(), world.basis),
        _number("shortfall_caused", "missing beyond that, by product, user and month",
                caused.sum(), world.basis),
        _number("shortfall_relieved", "missing there and not here, by product, user and month",
                _cumulative(table, "relieved", "scenario").sum(), world.basis),
        _number("shortfall_share", "missing as a part of demand", 100 * short.sum() / demand.sum(), "%"),
    ]  # fmt: skip
    if exporters:
        own = [world.countries[c].region for c in exporters if world.countries[c].standalone]
        for id, label, t in (
            ("shortfall_home", "missing in the restricting countries", short),
            ("caused_home", "missing there beyond what they lack without levers", caused),
        ):
            inside = t[t.index.get_level_values("region").isin(own)].sum() if len(t) else 0.0
            out.append(_number(id, label, float(inside), world.basis, region=",".join(own)))
    grades = short[short.index.get_level_values("material").isin(graded)]
    if len(grades):
        out.append(_number("shortfall_graded", "missing magnets and other graded products (content)",
                           grades.sum(), world.basis))  # fmt: skip
    out += _flights(table, world)
    out += _worst(table, worst, world)
    out += _worst_at_risk(worst) if made_without else []
    out += _worst_elements(table, world)
    value = _cumulative(table, "value_at_risk", "scenario").sum()
    out.append(_number("value_at_risk", "missing oxide at the pack's prices", value,
                       f"million USD{world.base_year}"))  # fmt: skip
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


def _worst(table: pd.DataFrame, worst: pd.DataFrame, world: World) -> list[dict[str, Any]]:
    """The product x sector-region with the most tonnes missing beyond the reference, and its dates."""
    if worst.empty:
        return []
    row = worst.iloc[0]
    material, sector, region = (str(row[key]) for key in ("material", "sector", "region"))
    keys = {"material": material, "sector": sector, "region": region}
    out = [_number("worst_shortfall", "largest gap of one product in one sector and region",
                   float(row["shortfall_t"]), world.basis, **keys)]  # fmt: skip
    if row["caused_t"] > NAMED_T:
        out.append(_number("worst_caused", "of it beyond what the same world lacks without levers",
                           float(row["caused_t"]), world.basis, **keys))  # fmt: skip
    # With levers, what they add: else the words beside it would blame them for what is missing anyway.
    own, suffix = row["caused_t"] > NAMED_T, ""
    if own and row["shortfall_t"] - row["caused_t"] > NAMED_T:
        suffix = ", beyond the same world without levers"
    for metric, of_levers, label, unit in (
        ("peak_shortfall", "peak_caused", f"its worst month{suffix}", "%"),
        ("duration", "duration_caused", f"months above 5 %{suffix}", "months"),
        (
            "time_to_survive",
            "",
            "days from the first restriction to the first review short",
            "days",
        ),
        ("time_to_recover", "", "days from the first restriction until supplied again", "days"),
    ):
        found = of_levers if own and of_levers else metric
        value = _cumulative(table, found, "scenario").get((material, sector, region))
        if value is not None:
            out.append(_number(f"worst_{metric}", label, float(value), unit, **keys))
    for id, label, text, unit in (
        (
            "worst_first_short",
            f"first review short{suffix}",
            row["first_caused" if own else "first_short"],
            "date",
        ),
        ("worst_limited_by", "what stopped most of it", row["limited_by"], ""),
    ):
        if text:
            out.append(_number(id, label, str(text), unit, **keys))
    return out


def _flights(table: pd.DataFrame, world: World) -> list[dict[str, Any]]:
    """What flew to users that were nearly out of it, and what that cost, where anything did."""
    t, musd = (_cumulative(table, name, "scenario").sum() for name in ("expedited", "air_freight"))
    if t <= NAMED_T:
        return []
    return [
        _number("expedited", "flown to users that were nearly out of it", float(t), world.basis),
        _number("air_freight", "freight of that", float(musd), f"million USD{world.base_year}"),
    ]


def _worst_at_risk(worst: pd.DataFrame) -> list[dict[str, Any]]:
    """What the largest gap leaves of output, once the part of the use that can wait is made without."""
    if worst.empty:
        return []
    row = worst.iloc[0]
    keys = {key: str(row[key]) for key in ("material", "sector", "region")}
    without = "once what can wait is made without"
    return [
        _number("worst_output_at_risk", f"output at risk in its worst month, {without}",
                float(row["output_at_risk"]), "%", **keys),
        _number("worst_weeks_below_80", f"weeks below 80 % of output, {without}",
                float(row["weeks_below_80"]), "weeks", **keys),
    ]  # fmt: skip


def _worst_elements(table: pd.DataFrame, world: World) -> list[dict[str, Any]]:
    """The two elements of value with the largest embodied shortfall as a part of their demand."""
    short = _cumulative(table, "embodied_shortfall", "scenario").groupby("material").sum()
    names = {e.symbol: e.name for e in world.elements}
    return [
        _number(
            f"embodied_{symbol}",
            f"{names[symbol]} in products not received",
            float(short[symbol]),
            world.basis,
            material=str(symbol),
        )
        for symbol in elements_hit(table).index[:2]
    ]
