"""Simulating: runs of one world, those of the same network side by side in batches."""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from typing import Any

import numpy as np

from sim.engine.branching import branch, common_variant, last_common_review
from sim.engine.calendar import Calendar
from sim.engine.clock import NOON, Clock
from sim.engine.column import Common, Variant
from sim.engine.compiling import Structure, compile_network
from sim.engine.draws import CENTRAL_RUN
from sim.engine.network import Network
from sim.engine.phases import LeverLike
from sim.engine.records import Records
from sim.engine.simulation import Simulation, last_review
from sim.engine.warm_up import first_day
from sim.rules.behaviour import RIGID, Behaviour
from sim.world.ruled import as_ruled
from sim.world.world import World

WIDTH = 16
"""Columns of a batch: wider ones are no faster, and take more room."""


def simulate(
    world: World,
    levers: Sequence[LeverLike],
    *,
    starts: date,
    ends: date,
    review_days: float = 7.0,
    behaviour: Behaviour = RIGID,
    seed: int = 1,
    replication: int = CENTRAL_RUN,
    provenance: bool = True,
    watched: Sequence[str] = (),
    progress: Callable[[float], None] | None = None,
) -> Records:
    """Simulate one run of one world; raises `BalanceError` if a tonne appears or vanishes.

    A `replication` above 0 draws what levers leave to chance; 0 is the central run. `watched` are countries
    whose share in each tonne's path is wanted beside that of the levers' exporters.
    """
    variant = Variant(levers, seed, replication, provenance, tuple(watched))
    return simulate_one(
        world, variant, starts=starts, ends=ends, review_days=review_days, behaviour=behaviour,
        progress=progress,
    )  # fmt: skip


def simulate_one(world: World, variant: Variant, **about: Any) -> Records:
    """One variant alone, see `simulate_all`; raises what it failed with."""
    (outcome,) = simulate_all(world, [variant], **about)
    return outcome_of(outcome)


def outcome_of(outcome: Records | Exception) -> Records:
    """The records of a run; raises what it failed with."""
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


def share_a_network(world: World, variants: Sequence[Variant]) -> bool:
    """Whether these ask for the same network, so that they are simulated side by side."""
    first, *others = (Structure.of(variant.effects(world)) for variant in variants)
    return all(other == first for other in others)


def simulate_all(
    world: World,
    variants: Sequence[Variant],
    *,
    starts: date,
    ends: date,
    review_days: float = 7.0,
    behaviour: Behaviour = RIGID,
    width: int = WIDTH,
    sales_from: date | None = None,
    progress: Callable[[float], None] | None = None,
) -> list[Records | Exception]:
    """Simulate variants of one world, up to `width` at a time; of each its records, or why it has none.

    Every variant has the same bytes whatever is simulated beside it. `sales_from` asks for shipments of the
    warm-up from that day on (`Records.shipments_before`); there are none if it does not reach back so far.
    """
    world = as_ruled(world, behaviour)
    outcomes = dict[int, Records | Exception]()
    begins = first_day(world, review_days, starts, behaviour)
    calendar = Calendar(starts, ends, _within(sales_from, starts, begins))
    last = last_review(calendar, review_days)
    batches = [
        (network, numbers[start : start + width])
        for network, numbers in _by_network(world, variants, behaviour, calendar, review_days)
        for start in range(0, len(numbers), width)
    ]
    trunks = _Trunks(world, calendar, begins, review_days)
    for done, (network, numbers) in enumerate(batches):

        def tell(day: float, done: int = done) -> None:
            if progress is not None:
                progress((done + (day - begins) / (last - begins)) / len(batches))

        simulation = trunks.grown(network, [variants[n] for n in numbers], tell)
        simulation.go_on(last, tell)
        outcomes.update(zip(numbers, simulation.end(), strict=True))
        # Its parts know one another, so that it would stay in memory for a while.
        del simulation
        gc.collect()
    return [outcomes[n] for n in range(len(variants))]


def _within(sales_from: date | None, starts: date, begins: float) -> date | None:
    """That day, if all that is sold from then on is sold by reviews of the warm-up, which begins on a day."""
    if sales_from is None or (sales_from - starts).days < begins + NOON:
        return None
    return sales_from


def simulate_many(
    world: World,
    variants: Sequence[Variant],
    executor: Executor,
    *,
    chunk: int = WIDTH,
    **about: Any,
) -> list[Records | Exception]:
    """The same in chunks that an executor works on, in other processes if it has any; see `simulate_all`."""
    chunks = [variants[start : start + chunk] for start in range(0, len(variants), chunk)]
    handed_over = [executor.submit(simulate_all, world, each, **about) for each in chunks]
    return [outcome for each in handed_over for outcome in each.result()]


@dataclass(slots=True)
class _Trunks:
    """What runs of a network have in common before any lever acts, simulated once."""

    world: World
    calendar: Calendar
    first_day: float
    span: float
    _grown: tuple[Network, Variant, Simulation] | None = None
    """The last one: batches of a network come one after the other"""

    def grown(
        self, network: Network, variants: Sequence[Variant], tell: Callable[[float], None]
    ) -> Simulation:
        """A simulation of these variants, as far as they are the same."""
        common = common_variant(self.world, variants) if len(variants) > 1 else None
        last = last_common_review(self.world, variants, self.calendar, self.first_day, self.span)
        last = min(last, last_review(self.calendar, self.span))
        if common is None or last < self.first_day:
            simulation = self._new(network, variants)
            simulation.begin()
            return simulation
        return branch(self._trunk(network, common, last, tell), variants)

    def _trunk(
        self, network: Network, common: Variant, last: float, tell: Callable[[float], None]
    ) -> Simulation:
        trunk = None
        if self._grown is not None:
            known, variant, grown = self._grown
            if (
                known is network
                and variant == common
                and grown.clock.next_review <= last + self.span
            ):
                trunk = grown
        if trunk is None:
            trunk = self._new(network, [common])
            trunk.begin()
        trunk.go_on(last, tell)
        self._grown = network, common, trunk
        return trunk

    def _new(self, network: Network, variants: Sequence[Variant]) -> Simulation:
        return Simulation.of(
            network, variants, self.calendar, Clock.starting(self.first_day, self.span),
            Common.of(network), own_clocks_begin=self.first_day,
        )  # fmt: skip


def put_together(
    world: World, levers: Sequence[LeverLike], calendar: Calendar, span: float,
    behaviour: Behaviour = RIGID, **variant: Any,
) -> Simulation:  # fmt: skip
    """One run before its first day; `variant` are further fields of `Variant`."""
    world, one = as_ruled(world, behaviour), Variant(levers, **variant)
    ((network, _),) = _by_network(world, [one], behaviour, calendar, span)
    begins = first_day(world, span, calendar.starts, behaviour)
    clock = Clock.starting(begins, span)
    return Simulation.of(
        network, [one], calendar, clock, Common.of(network), own_clocks_begin=begins
    )


@dataclass(frozen=True, slots=True)
class _Compiled:
    network: Network
    structures: list[Structure]
    """That it was compiled for"""
    numbers: list[int]
    """Of the variants that it suits"""


def _by_network(
    world: World, variants: Sequence[Variant], behaviour: Behaviour, calendar: Calendar, span: float
) -> list[tuple[Network, list[int]]]:
    """Networks with the numbers of their variants; what asks for the same is compiled once."""
    found: list[_Compiled] = []
    for number, variant in enumerate(variants):
        structure = Structure.of(variant.effects(world))
        compiled = next((known for known in found if structure in known.structures), None)
        if compiled is None:
            network = compile_network(
                world,
                structure,
                behaviour,
                calendar=calendar,
                first_day=first_day(world, span, calendar.starts, behaviour),
            )
            compiled = next((known for known in found if is_same(known.network, network)), None)
            if compiled is None:
                compiled = _Compiled(network, [], [])
                found.append(compiled)
            compiled.structures.append(structure)
        compiled.numbers.append(number)
    return [(compiled.network, compiled.numbers) for compiled in found]


def is_same(one: Any, other: Any) -> bool:
    """Whether two networks, or parts of them, hold the same."""
    if one is other:
        return True
    if type(one) is not type(other):
        return False
    if isinstance(one, np.ndarray):
        return np.array_equal(one, other, equal_nan=one.dtype.kind == "f")
    if is_dataclass(one):
        names = [each.name for each in fields(one)]
        return all(is_same(getattr(one, name), getattr(other, name)) for name in names)
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(is_same(one[k], other[k]) for k in one)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(is_same, one, other))
    return bool(one == other)
