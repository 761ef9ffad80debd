"""Origin: which countries stand behind what end users received, by mine, by separation, and by any step."""

from __future__ import annotations

import pandas as pd

from sim.engine.records import Records
from sim.summary.long import by_period, long_rows
from sim.world.world import World

KEYS = {"element": "material", "region": "region", "country": "country"}


def origin_rows(records: Records, world: World, *, monthly: bool) -> list[pd.DataFrame]:
    """`supply_by_origin`, `supply_by_last_processing` and `supply_touched`, t of content delivered."""
    table = records.provenance
    if table.empty:
        return []
    touched = table.assign(country=table["touched"].str.split(",")).explode("country")
    series = {
        "supply_by_origin": table.assign(country=table["mine_country"]),
        "supply_by_last_processing": table.assign(country=table["separation_country"]),
        "supply_touched": touched[touched["country"] != ""],
    }
    return [_rows(t, metric, world.basis, monthly) for metric, t in series.items() if len(t)]


def _rows(table: pd.DataFrame, metric: str, unit: str, monthly: bool) -> pd.DataFrame:
    if monthly:
        grouped = table.groupby([*KEYS, "month"], as_index=False, sort=True)["t"].sum()
        grouped = grouped.rename(columns={"month": "period"})
    else:
        grouped = by_period(table, list(KEYS), ["t"])
    return long_rows(grouped, metric, "t", unit, {**KEYS, "period": "period"}, stage="use")
