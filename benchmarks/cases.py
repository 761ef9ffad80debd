"""What is timed: runs alone and in batches, the many runs of two processes, and the race with the naive model.

Every run counts from the loaded world on, its plan included and its tables not.
"""

from __future__ import annotations

import gc
import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cache
from time import perf_counter, process_time
from typing import Any
from unittest.mock import patch

import numpy as np

from benchmarks.naive import NaiveModel
from sim.engine import Variant, simulate_all
from sim.engine.batches import WIDTH, put_together
from sim.engine.calendar import Calendar
from sim.engine.draws import keyed_uniform
from sim.engine.records import Records
from sim.engine.simulation import Simulation
from sim.engine.warm_up import first_day
from sim.lever import Restriction
from sim.levers.export_ban import ExportBan
from sim.rules.behaviour import RIGID, Behaviour
from sim.scenario import load
from sim.world import World
from tests.trade_world import trade_world

STARTS = date(2025, 1, 1)
SPAN = 7.0
EXPORTER = "CHN"
BAN_STARTS = date(2026, 1, 1)
DAYS_APART = 37
"""Between the dates of a batch's columns"""

NAIVE_YEARS = 2
NAIVE_DAYS_APART = 11
NAIVE_BAN = {
    "id": "ban", "kind": "export_ban", "exporter": "AAA",
    "starts": date(2025, 3, 1), "ends": date(2026, 3, 1),
}  # fmt: skip
RACED = WIDTH // 2
"""Column of the batch that the naive model runs as well"""


# ---- levers and rules


OF_USERS = ("swaps", "grades", "sharing", "expediting")
"""The rules of users that hold unless switched off and cost time in the run"""


def rules() -> dict[str, Behaviour]:
    """None; supply's rules, without and with the market; those of users too."""
    every = load("baseline").behaviour
    supply = replace(every, **dict.fromkeys(OF_USERS))
    return {
        "rigid": RIGID,
        "no market": replace(supply, market=None),
        "supply": supply,
        "users too": every,
    }


@cache
def shipped_world() -> World:
    """The world of the scenarios that are shipped."""
    return load("baseline").world


@cache
def shipped_lever(scenario: str) -> Restriction:
    """The one restriction of a scenario that is shipped."""
    (lever,) = load(scenario).restrictions
    return lever


def endless(scenario: str) -> Restriction:
    """A shipped restriction from 2026 on, without an end."""
    return shipped_lever(scenario).model_copy(update={"starts": BAN_STARTS, "ends": None})


def later(lever: Restriction, days: int) -> Restriction:
    """The same some days later."""
    by = timedelta(days=days)
    return lever.model_copy(
        update={
            "starts": lever.starts and lever.starts + by,
            "ends": lever.ends and lever.ends + by,
            "phases": tuple(
                phase.model_copy(update={"from_": phase.from_ + by}) for phase in lever.phases
            ),
        }
    )


def bans_and_quotas(number: int) -> Restriction:
    """A full ban, or half a quota, by turns."""
    return endless("china-quota-half" if number % 2 else "china-full-ban-12-months")


def licences(_: int) -> Restriction:
    """The shipped licences on seven elements."""
    return shipped_lever("china-heavy-licences")


KINDS: dict[str, Callable[[int], Restriction]] = {
    "bans and quotas": bans_and_quotas,
    "licences": licences,
}


def variants(kind: str, numbers: Sequence[int], *, provenance: bool = False) -> list[Variant]:
    """Runs of a kind: no two begin on the same day, and each draws by a seed of its own."""
    found = []
    for number in numbers:
        days = DAYS_APART * (number % WIDTH) + number // WIDTH
        lever = later(KINDS[kind](number), days)
        found.append(Variant([lever], seed=number + 1, provenance=provenance))
    return found


# ---- runs


@dataclass(frozen=True, slots=True)
class Case:
    """Runs of one world over so many years."""

    world: World
    variants: Sequence[Variant]
    years: int
    behaviour: Behaviour = RIGID

    @classmethod
    def alone(cls, years: int, *, banned: bool, provenance: bool) -> Case:
        """One run of the shipped world, calm or under the full ban."""
        levers = [endless("china-full-ban-12-months")] if banned else []
        variant = Variant(levers, provenance=provenance, watched=(EXPORTER,))
        return cls(shipped_world(), [variant], years)

    @classmethod
    def batch(
        cls, kind: str, years: int, width: int = WIDTH, *, provenance: bool = False,
        behaviour: Behaviour = RIGID,
    ) -> Case:  # fmt: skip
        """Runs of the shipped world side by side."""
        runs = variants(kind, range(width), provenance=provenance)
        return cls(shipped_world(), runs, years, behaviour)

    def run(self) -> list[Records]:
        """Simulate; raises what a run failed with."""
        outcomes = simulate_all(
            self.world, self.variants, starts=STARTS, ends=ends(self.years),
            behaviour=self.behaviour,
        )  # fmt: skip
        for outcome in outcomes:
            if isinstance(outcome, Exception):
                raise outcome
        return [outcome for outcome in outcomes if not isinstance(outcome, Exception)]

    def seconds(self) -> float:
        """Processor seconds without tables."""
        gc.collect()
        with without_tables():
            began = process_time()
            self.run()
            return process_time() - began

    def put_together(self) -> Simulation:
        """The first of its runs before its first day."""
        one = self.variants[0]
        return put_together(
            self.world, one.levers, Calendar(STARTS, ends(self.years)), SPAN,
            provenance=one.provenance, watched=one.watched,
        )  # fmt: skip

    def compile_seconds(self) -> float:
        """Processor seconds to plan and lay out the arrays."""
        gc.collect()
        began = process_time()
        self.put_together()
        return process_time() - began


def ends(years: int) -> date:
    """First day that is not reported any more."""
    return STARTS.replace(year=STARTS.year + years)


@contextmanager
def without_tables() -> Iterator[None]:
    """No run makes tables for a while; each has None in place of its records."""
    with patch.object(Simulation, "_records", lambda *_: None):
        yield


# ---- many runs in two processes


def make_ready(kind: str) -> None:
    """Load the world and the levers, in a process that is to simulate."""
    variants(kind, range(2))
    shipped_world()


def run_part(kind: str, years: int, first: int, count: int) -> None:
    """Simulate so many runs in batches."""
    with without_tables():
        Case(shipped_world(), variants(kind, range(first, first + count)), years).run()


def many_seconds(kind: str, years: int, runs: int, processes: int = 2) -> float:
    """Seconds of the clock for so many runs, shared out among processes that have loaded the world."""
    context = multiprocessing.get_context("spawn")
    pools = [ProcessPoolExecutor(1, context) for _ in range(processes)]
    try:
        for ready in [pool.submit(make_ready, kind) for pool in pools]:
            ready.result()
        share = runs // processes
        began = perf_counter()
        parts = [
            pool.submit(run_part, kind, years, number * share, share)
            for number, pool in enumerate(pools)
        ]
        for part in parts:
            part.result()
        return perf_counter() - began
    finally:
        for pool in pools:
            pool.shutdown()


# ---- the naive model


def naive_bans() -> list[Variant]:
    """A batch of bans on what the small trading world exports."""
    ban = ExportBan.model_validate(NAIVE_BAN)
    return [
        Variant([later(ban, NAIVE_DAYS_APART * number)], provenance=False)
        for number in range(WIDTH)
    ]


def trading(copies: int, *, alone: bool = False) -> Case:
    """The small trading world so many times side by side: a batch of bans, or the first of them."""
    bans = naive_bans()
    return Case(trade_world(copies), bans[:1] if alone else bans, NAIVE_YEARS)


@dataclass(slots=True)
class Race:
    """A batch of the engine, and the naive model with one of its columns."""

    copies: int
    case: Case = field(init=False)
    lines: int = field(init=False)
    places: int = field(init=False)
    short: dict[float, dict[tuple[str, str], float]] = field(default_factory=dict)
    """Review day -> tonnes by (node, product) of the naive model's last run"""

    def __post_init__(self) -> None:
        self.case = trading(self.copies)
        self.lines = len(self.case.put_together().network.line_lane)
        self.places = len(self.case.world.sites) + len(self.case.world.demand)

    def naive_seconds(self) -> float:
        """Processor seconds of the naive model with one column."""
        world, variant = self.case.world, self.case.variants[RACED]
        gc.collect()
        began = process_time()
        naive = NaiveModel(
            world, variant.levers, starts=STARTS, ends=ends(NAIVE_YEARS),
            first_day=first_day(world, SPAN), draw=keyed_uniform, seed=variant.seed,
        )  # fmt: skip
        self.short = naive.run()
        return process_time() - began

    def difference(self) -> float:
        """Largest difference of any weekly shortfall from the naive model's last run, t."""
        records: Any = self.case.run()[RACED]
        keys = records.use_index[["sector", "region", "product"]].itertuples(index=False)
        columns = [(f"use_{sector}_{region}".lower(), product) for sector, region, product in keys]
        naive = [[self.short[day][column] for column in columns] for day in records.review_day]
        gap = records.review_demand_t - records.review_consumed_t
        return float(np.abs(gap - np.array(naive)).max())
