"""Each shipped scenario simulated once for all tests that look at it, without provenance."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import pandas as pd

from sim.engine import simulate
from sim.engine.records import Records
from sim.pipeline import exporters
from sim.scenario import Scenario, load
from sim.summary import Summary, summarise


@dataclass(frozen=True)
class Shipped:
    """A scenario, its records and its tables."""

    scenario: Scenario
    records: Records
    reference: Records
    summary: Summary

    def gap(self, **where: str) -> pd.Series:
        """Monthly shortfall in t of the rows chosen, scenario world."""
        return self._monthly(self.records, where)

    def reference_gap(self, **where: str) -> pd.Series:
        """The same in the reference."""
        return self._monthly(self.reference, where)

    @staticmethod
    def _monthly(records: Records, where: dict[str, str]) -> pd.Series:
        use = records.use.assign(gap=records.use["demand_t"] - records.use["consumed_t"])
        for column, value in where.items():
            use = use[use[column] == value]
        return use.groupby("month")["gap"].sum()


@cache
def shipped(name: str) -> Shipped:
    """The central run of a shipped scenario."""
    scenario = load(name)

    def one(levers: tuple[object, ...]) -> Records:
        return simulate(
            scenario.world, levers, starts=scenario.starts, ends=scenario.ends,
            review_days=scenario.review_days, seed=scenario.seed, provenance=False,
        )  # type: ignore[arg-type]  # fmt: skip

    records = one(scenario.levers)
    reference = one(()) if scenario.levers else records
    summary = summarise(
        records, reference, scenario.world, starts=scenario.starts, ends=scenario.ends,
        exporters=exporters(scenario),
    )  # fmt: skip
    return Shipped(scenario, records, reference, summary)
