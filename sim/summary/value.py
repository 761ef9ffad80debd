"""Value at risk: the missing oxide at the pack's prices. No value added: no source for it is in the pack."""

from __future__ import annotations

import pandas as pd

from sim.engine.records import Records
from sim.summary.long import by_period, long_rows
from sim.summary.service import embodied, with_shortfall
from sim.world.world import World


def value_rows(records: Records, world: World) -> list[pd.DataFrame]:
    """Embodied shortfall x oxide price, million USD of the pack's base year (1 USD/kg = 1,000 USD/t)."""
    price = {e.symbol: e.price_usd_per_kg or 0.0 for e in world.elements}
    table = embodied(with_shortfall(records.use), world)
    table["musd"] = table["shortfall_t"] * table["element"].map(price) * 1000 / 1e6
    sums = by_period(table, ["element", "sector", "region"], ["musd"])
    names = {"element": "material", "sector": "sector", "region": "region", "period": "period"}
    unit = f"million USD{world.base_year}"
    return [long_rows(sums, "value_at_risk", "musd", unit, names, stage="use")]
