"""What each rule of behaviour does to the headlines of some scenarios: each alone off, or on, and all off.

    python -m benchmarks.behaviour [SCENARIO ...]

prints the table of `docs/behaviour.md`: t missing over the whole run, of all products and of magnets and other
graded ones, beyond the same world without levers, and what moved most where a rule is off.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import fields, replace

import pandas as pd

from sim.engine import Variant, outcome_of, simulate_all
from sim.engine.records import Records
from sim.rules.behaviour import PROPORTIONAL, RIGID, SERVING, Behaviour, Designs, Priority, Sharing
from sim.scenario import Scenario, load

SCENARIOS = ("china-full-ban-12-months", "china-heavy-licences", "c5-mines-and-separation")
LEAST_T = 1.0
"""Smaller changes are not named."""
MEASURES = ("postponable",)
"""Rules that change no tonne."""
NAMED = 3
"""Products that are named where a rule is off."""


def worlds(free: Behaviour) -> Iterator[tuple[str, Behaviour]]:
    """All rules that hold unless a scenario says otherwise, each of them alone off, each other one on, none."""
    yield "all rules", free
    for rule in fields(Behaviour):
        if getattr(free, rule.name) is not None and rule.name not in MEASURES:
            yield f"without `{rule.name}`", replace(free, **{rule.name: None})
    yield "sharing all within a week", replace(free, sharing=Sharing(1.0))
    yield "with `designs`, 10 % a year", replace(free, designs=Designs(0.1))
    for sellers in SERVING:
        if sellers != PROPORTIONAL:
            named = replace(free, priority=Priority(sellers=sellers))
            yield f"with `priority`, sellers {sellers.replace('_', ' ')}", named
    yield "`rigid`", RIGID


def missing_t(scenario: Scenario, behaviour: Behaviour) -> tuple[pd.Series, pd.Series]:
    """By product what is missing with the scenario's levers, and without, t."""
    variants = [
        Variant(levers, scenario.seed, provenance=False) for levers in (scenario.levers, ())
    ]
    outcomes = simulate_all(
        scenario.world, variants, starts=scenario.starts, ends=scenario.ends,
        review_days=scenario.review_days, behaviour=behaviour,
    )  # fmt: skip
    own, reference = (_by_product(outcome_of(outcome)) for outcome in outcomes)
    return own, reference


def _by_product(records: Records) -> pd.Series:
    use = records.use
    return (use["demand_t"] - use["consumed_t"]).groupby(use["product"], observed=True).sum()


def rows(name: str) -> Iterator[str]:
    """Lines of the table for one scenario."""
    scenario, free = load(name), None
    graded = list(scenario.world.recipes)
    for called, behaviour in worlds(scenario.behaviour):
        own, reference = missing_t(scenario, behaviour)
        free = own if free is None else free
        cells = [
            f"{own.sum():,.0f}",
            f"{own.reindex(graded).sum():,.0f}",
            f"{reference.sum():,.0f}",
        ]
        yield f"| {called} | {' | '.join(cells)} | {_moved(own - free)} |"


def _moved(change: pd.Series) -> str:
    """Products whose missing tonnes moved most."""
    most = change[change.abs() >= LEAST_T].abs().sort_values(ascending=False).index[:NAMED]
    return ", ".join(f"{product} {change[product]:+,.0f}" for product in most)


def main(names: Sequence[str]) -> None:
    """Print the table."""
    for name in names or SCENARIOS:
        print(f"\n`{name}`\n\n| rules | missing, t | of it graded | in the reference | moved, t |")
        print("| --- | --- | --- | --- | --- |")
        for row in rows(name):
            print(row, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
