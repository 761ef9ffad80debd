"""Concentration: how much of each stage hangs on one country."""

from __future__ import annotations

import pandas as pd

from sim.engine.records import Records
from sim.summary.flows import main_output
from sim.summary.long import by_period, long_rows
from sim.summary.service import with_shortfall
from sim.world.world import World


def concentration_rows(records: Records, world: World) -> list[pd.DataFrame]:
    """HHI of output by country at each stage, and N-1 cover, by year and over the run."""
    made = by_period(main_output(records, world), ["stage", "country"], ["output_t"])
    made = made[made["output_t"] > 0]
    share = made["output_t"] / made.groupby(["stage", "period"])["output_t"].transform("sum")
    index = (
        made.assign(squared=share**2).groupby(["stage", "period"], as_index=False)["squared"].sum()
    )
    names = {"stage": "stage", "period": "period"}
    rows = [long_rows(index, "hhi", "squared", "0 to 1", names)]
    rows.append(long_rows(n1_cover(made, records), "n1_cover", "cover", "fraction", names))
    return rows


def n1_cover(made: pd.DataFrame, records: Records) -> pd.DataFrame:
    """(supply - largest country's) / (demand - that country's demand), per stage and period.

    The leader's own demand is taken off too (the variant the IEA prints, Global Critical Minerals Outlook
    2025); demand is that of all end uses, so the ratio reads as a bound for stages before use.
    """
    use = with_shortfall(records.use)
    demand = by_period(use, ["region"], ["demand_t"])
    total = demand.groupby("period")["demand_t"].sum()
    own = demand.set_index(["region", "period"])["demand_t"]
    rows = []
    for (stage, period), part in made.groupby(["stage", "period"], sort=True):
        leader = part.loc[part["output_t"].idxmax()]
        left = total[period] - own.get((leader["country"], period), 0.0)
        if left > 0:
            rows.append((stage, period, (part["output_t"].sum() - leader["output_t"]) / left))
    return pd.DataFrame(rows, columns=["stage", "period", "cover"])
