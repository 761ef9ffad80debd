"""Origin: which countries stand behind what end users received, by mine, by separation, and by any step."""

from __future__ import annotations

import pandas as pd

from sim.engine.records import SMALL_T, Records
from sim.summary.long import by_month, by_period, long_rows
from sim.world.world import World

KEYS = {"element": "material", "region": "region", "country": "country"}


def origin_rows(records: Records, world: World, *, monthly: bool) -> list[pd.DataFrame]:
    """`supply_by_origin`, `supply_by_last_processing` and `supply_touched`, t of content delivered."""
    table = records.provenance
    if table.empty:
        return []
    series = {
        "supply_by_origin": table.assign(country=table["mine_country"]),
        "supply_by_last_processing": table.assign(country=table["separation_country"]),
        "supply_touched": _touched(table),
    }
    return [_rows(t, metric, world.basis, monthly) for metric, t in series.items() if len(t)]


def _touched(table: pd.DataFrame) -> pd.DataFrame:
    """One row for each restricting country in which any step took place."""
    some = table[table["touched"] != ""]
    countries = {text: str(text).split(",") for text in some["touched"].unique()}
    return some.assign(country=some["touched"].astype(object).map(countries)).explode("country")


def _rows(table: pd.DataFrame, metric: str, unit: str, monthly: bool) -> pd.DataFrame:
    sums = (by_month if monthly else by_period)(table, list(KEYS), ["t"])
    some = sums[sums["t"] > SMALL_T]
    return long_rows(some, metric, "t", unit, {**KEYS, "period": "period"}, stage="use")
