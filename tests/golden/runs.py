"""Each shipped scenario simulated once for all tests that look at it, without provenance.

Scenarios of the same world and days are simulated side by side, as whoever compares them would do it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache

import pandas as pd

from sim.engine import Variant, outcome_of, simulate_all
from sim.engine.records import Records
from sim.pipeline.in_memory import exporters
from sim.pipeline.resolved import slice_months
from sim.rules.behaviour import RIGID, Behaviour
from sim.scenario import Scenario, load, shipped_names
from sim.summary import Summary, summarise


@dataclass(frozen=True)
class Span:
    """What scenarios must share to be simulated side by side, hence with one reference."""

    world: str
    starts: date
    ends: date
    review_days: float
    seed: int

    @staticmethod
    def of(scenario: Scenario) -> Span:
        return Span(
            scenario.world.content_hash, scenario.starts, scenario.ends, scenario.review_days,
            scenario.seed,
        )  # fmt: skip


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
def scenarios() -> tuple[Scenario, ...]:
    """All that come with the program."""
    return tuple(load(name) for name in shipped_names())


def _behaviour(scenario: Scenario, rigid: bool) -> Behaviour:
    return RIGID if rigid else scenario.behaviour


@cache
def side_by_side(about: Span, rigid: bool) -> dict[str, Records]:
    """By name the central runs of all scenarios of the same world and days; the reference has no name.

    `rigid` without any rule of behaviour, else with all of them.
    """
    those = [scenario for scenario in scenarios() if Span.of(scenario) == about]
    levers = {"": (), **{scenario.name: scenario.levers for scenario in those}}
    variants = [Variant(each, about.seed, provenance=False) for each in levers.values()]
    outcomes = simulate_all(
        those[0].world, variants, starts=about.starts, ends=about.ends,
        review_days=about.review_days, behaviour=_behaviour(those[0], rigid),
    )  # fmt: skip
    return dict(zip(levers, map(outcome_of, outcomes), strict=True))


@cache
def shipped(name: str, *, rigid: bool = True) -> Shipped:
    """The central run of a shipped scenario."""
    (scenario,) = (each for each in scenarios() if each.name == name)
    runs = side_by_side(Span.of(scenario), rigid)
    records = runs[name] if scenario.levers else runs[""]
    summary = summarise(
        records, runs[""], scenario.world, starts=scenario.starts, ends=scenario.ends,
        exporters=exporters(scenario), behaviour=_behaviour(scenario, rigid),
        restrictions=scenario.about,
        slice_months=slice_months(scenario),
    )  # fmt: skip
    return Shipped(scenario, records, runs[""], summary)
