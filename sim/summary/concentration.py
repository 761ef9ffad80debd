"""Concentration: how much of each stage hangs on one country."""

from __future__ import annotations

import pandas as pd

from sim.engine.records import Records
from sim.summary.flows import PRODUCTION, main_output
from sim.summary.long import by_period, long_rows
from sim.world.world import World


def concentration_rows(records: Records, world: World) -> list[pd.DataFrame]:
    """HHI of output by country, per stage and per product of it, and N-1 cover per stage."""
    made = by_period(main_output(records, world), PRODUCTION, ["output_t"])
    made = made[made["output_t"] > 0]
    stages = made.groupby(["stage", "country", "period"], as_index=False, sort=True, observed=True)
    whole = stages[["output_t"]].sum()
    names = {"stage": "stage", "period": "period"}
    return [
        long_rows(hhi(whole, ["stage", "period"]), "hhi", "hhi", "0 to 1", names),
        long_rows(
            hhi(made, ["stage", "material", "period"]), "hhi", "hhi", "0 to 1",
            {**names, "material": "material"},
        ),
        long_rows(n1_cover(whole, records), "n1_cover", "cover", "fraction", names),
    ]  # fmt: skip


def hhi(made: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Herfindahl-Hirschman index: sum of the squared shares of countries in output, 0 to 1."""
    share = made["output_t"] / made.groupby(keys, observed=True)["output_t"].transform("sum")
    squares = made.assign(hhi=share**2).groupby(keys, as_index=False, sort=True, observed=True)
    return squares[["hhi"]].sum()


def n1_cover(made: pd.DataFrame, records: Records) -> pd.DataFrame:
    """(supply - largest country's) / (demand - that country's demand), per stage and period.

    The leader's own demand is taken off too (the variant the IEA prints, Global Critical Minerals Outlook
    2025); demand is that of all end uses, so the ratio reads as a bound for stages before use.
    """
    demand = by_period(records.use, ["region"], ["demand_t"])
    total = demand.groupby("period")["demand_t"].sum()
    own = demand.set_index(["region", "period"])["demand_t"]
    rows = []
    for (stage, period), part in made.groupby(["stage", "period"], sort=True, observed=True):
        leader = part.loc[part["output_t"].idxmax()]
        left = total[period] - own.get((leader["country"], period), 0.0)
        if left > 0:
            rows.append((stage, period, (part["output_t"].sum() - leader["output_t"]) / left))
    return pd.DataFrame(rows, columns=["stage", "period", "cover"])
