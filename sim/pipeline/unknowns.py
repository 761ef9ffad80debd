"""Unknowns: how far a result hangs on what nobody knows of a restriction, and on luck.

A handful of further central runs: what is unknown at the end that holds back most, at the other, and with
other draws. The levers say what is unknown of them, and whether draws decide about them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd

from sim.engine import Variant, outcome_of, simulate_all
from sim.engine.records import Records
from sim.lever import Lever
from sim.run_folder.run_folder import CENTRAL, DRAWN, EASIEST, HARDEST
from sim.scenario import Scenario
from sim.summary import beyond, first_beyond, products_needed
from sim.summary.scope import Scope, of_restrictions
from sim.tables import TABLES

Row = list[Any]
"""Of the table `unknowns`"""
OTHER_DRAWS = 3


@dataclass(frozen=True, slots=True)
class Other:
    """A further central run."""

    run: str
    levers: tuple[Lever, ...]
    seed: int


def others(scenario: Scenario, seed: int) -> list[Other]:
    """What is run besides; nothing where all is known and no draw decides."""
    levers, found = scenario.levers, []
    felt = [lever for lever in levers if lever.id not in scenario.idle]
    ends = {lever.id: lever.ends_of_unknowns(scenario.world) for lever in felt}
    if any(both is not None for both in ends.values()):
        for which, run in enumerate((HARDEST, EASIEST)):
            moved = tuple(both[which] if (both := ends.get(x.id)) else x for x in levers)
            found.append(Other(run, moved, seed))
    if any(lever.is_drawn for lever in felt):
        found += [Other(DRAWN, levers, seed + n) for n in range(1, OTHER_DRAWS + 1)]
    return found


def rows_of_others(
    scenario: Scenario, runs: Sequence[Other], progress: Callable[[float], None] | None = None
) -> list[Row]:
    """Of each a row of the table; the runs and their reference are simulated side by side."""
    about: Any = {
        "starts": scenario.starts, "ends": scenario.ends, "review_days": scenario.review_days,
        "behaviour": scenario.behaviour, "progress": progress,
    }  # fmt: skip
    variants = [Variant(each.levers, each.seed, provenance=False) for each in runs]
    calm = Variant((), scenario.seed, provenance=False)
    reference, *found = map(outcome_of, simulate_all(scenario.world, [calm, *variants], **about))
    scope = _scope(scenario)
    return [
        _row(scenario, scope, each.run, each.seed, records, reference)
        for each, records in zip(runs, found, strict=True)
    ]


def unknowns_table(
    scenario: Scenario, seed: int, records: Records, reference: Records, others: Sequence[Row]
) -> pd.DataFrame:
    """A row for each run, the central one first; empty where there is no other. Columns as declared."""
    rows: list[Row] = []
    if others:
        rows = [_row(scenario, _scope(scenario), CENTRAL, seed, records, reference), *others]
    return pd.DataFrame(rows, columns=TABLES["unknowns"].names)


def _scope(scenario: Scenario) -> Scope | None:
    """What counts, as in the run's own tables; None for everything, where nothing is restricted."""
    where = [each for its in scenario.about.values() for each in its]
    scope = of_restrictions(scenario.world, where) if where else None
    return scope if scope and scope.products else None


def _row(
    scenario: Scenario,
    scope: Scope | None,
    run: str,
    seed: int,
    records: Records,
    reference: Records,
) -> Row:
    needs = products_needed(records)
    its = np.array([scope is None or pair in scope.products for pair in needs.pairs()], dtype=bool)
    caused = beyond(needs, products_needed(reference)).clip(min=0.0) * its
    first = {
        key: day for key, day in first_beyond(records, reference).items()
        if scope is None or (key[0], key[2]) in scope.products
    }  # fmt: skip
    row: Row = [run, seed, float(needs.shortfall[:, its].sum()), float(caused.sum())]
    if not first:
        return [*row, "", "", "", "", ""]
    day = min(first.values())
    who = sorted(key for key, when in first.items() if when == day)
    # Of several on one day the one that lacks most over the run stands for them.
    texts = [needs.groups.texts[column].words() for column in ("material", "sector", "region")]
    lacking = dict(zip(zip(*texts, strict=True), caused.sum(axis=0), strict=True))
    material, sector, region = max(who, key=lambda key: (lacking.get(key, 0.0), key))
    date = (scenario.starts + timedelta(days=int(day))).isoformat()
    return [*row, date, material, sector, region, "; ".join(map(" ".join, who))]
