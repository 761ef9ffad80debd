"""Branching: what is the same for all columns is simulated once, alone, and carried over to each of them.

Until a lever does something for the first time all runs of a network are one. Nothing of them is a generator,
so the state can be copied: arrays, goods on the way, batches in plants, trains with their next steps, and what
the tracer and the recorder know. What follows has the same bytes as if it had been simulated from the start.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from math import floor
from typing import Any

import numpy as np
import simpy

from sim.channels.effects import Reserve
from sim.engine.arrivals import OnTheWay
from sim.engine.calendar import Calendar
from sim.engine.clock import NOON, Clock
from sim.engine.column import Variant
from sim.engine.simulation import Simulation
from sim.equations.sums import spread
from sim.world.world import World


def common_variant(world: World, variants: Sequence[Variant]) -> Variant | None:
    """What all of these are before any lever acts; None where they are not the same even then."""
    if any(isinstance(e, Reserve) for v in variants for _, e in v.effects(world)):
        return None  # a policy stock is there from the first day, as large as its lever says
    tracked = {variant.tracked(world) for variant in variants}
    traced = {variant.traced(world) for variant in variants if variant.provenance}
    if len(tracked) > 1 or len(traced) > 1:
        return None
    (corridors,) = tracked
    watched = next(iter(traced), ())
    return Variant(provenance=bool(traced), watched=watched, also_tracked=corridors)


def last_common_review(
    world: World, variants: Sequence[Variant], calendar: Calendar, first_day: float, span: float
) -> float:
    """The last review that sells for days before any lever acts; before the first where there is none."""
    begins = min(variant.begins(world, calendar) for variant in variants)
    first = first_day + NOON
    if begins == np.inf:
        return float("inf")
    return first + floor((begins - span - first) / span) * span


def branch(trunk: Simulation, variants: Sequence[Variant]) -> Simulation:
    """The state of the one column of `trunk`, after a review, as that of each of these variants."""
    clock = trunk.clock
    own = Clock(simpy.Environment(clock.now), clock.span, clock.next_review, clock.review_number)
    branches = Simulation.of(
        trunk.network, variants, trunk.calendar, own, trunk.common, own_clocks_begin=clock.now
    )
    _goods(trunk, branches)
    _records(trunk, branches)
    (before,) = trunk.columns
    for column in branches.columns:
        column.transport.carry_over(before.transport)
        column.coming = before.coming
        column.begin()
    return branches


def _copy_arrays(source: Any, goal: Any) -> None:
    """All arrays of a part, into each column."""
    for each in fields(source):
        value = getattr(source, each.name)
        if isinstance(value, np.ndarray) and value.dtype == np.float64:
            np.copyto(getattr(goal, each.name), value)


def _goods(trunk: Simulation, branches: Simulation) -> None:
    n, source, goal = len(branches.columns), trunk.goods, branches.goods
    _copy_arrays(source.stocks, goal.stocks)
    np.copyto(goal.in_process_t, source.in_process_t)
    goal.in_plants = {
        review: [made.spread(n) for made in batches] for review, batches in source.in_plants.items()
    }
    if trunk.selling.new_supply is not None and branches.selling.new_supply is not None:
        branches.selling.new_supply.carry_over(trunk.selling.new_supply)
    parts: list[tuple[Any, Any]] = [
        (getattr(trunk.selling, name), getattr(branches.selling, name))
        for name in ("trouble", "market", "grades")
    ]
    parts.append((trunk.consumption.designs, branches.consumption.designs))
    before, now = trunk.selling.dispatching, branches.selling.dispatching
    parts += [(before.beside, now.beside), (before.expediting, now.expediting)]
    for known, anew in parts:
        if known is not None and anew is not None:
            anew.carry_over(known)
    if trunk.production.to_order is not None and branches.production.to_order is not None:
        branches.production.to_order.carry_over(trunk.production.to_order)
    branches.selling.unmet_t = np.repeat(trunk.selling.unmet_t, n, axis=1)
    _on_the_way(trunk.on_the_way, branches.on_the_way)


def _on_the_way(source: OnTheWay, goal: OnTheWay) -> None:
    n = goal.columns
    goal.sent = {
        timetable: {review: sent.spread(n) for review, sent in by_review.items()}
        for timetable, by_review in source.sent.items()
    }
    for review, arrivals in source.due.items():
        goal.due[review] = arrivals.spread(n)
    for column in sorted(goal.traced):
        for review, senders in source.senders.items():
            goal.senders.setdefault(review, {})[column] = list(senders[0])
        for (_, review), parts in source.under_way.items():
            goal.under_way[column, review] = parts


def _records(trunk: Simulation, branches: Simulation) -> None:
    n, source, goal = len(branches.columns), trunk.recorder, branches.recorder
    _copy_arrays(trunk.ledger, branches.ledger)
    _copy_arrays(trunk.tally, branches.tally)
    goal.goods.carry_over(source.goods)
    goal.review_day = list(source.review_day)
    goal.review_demand = [spread(table, n) for table in source.review_demand]
    goal.review_consumed = [spread(table, n) for table in source.review_consumed]
    if source.levels is not None:
        sold, held, waiting = (spread(table, n) for table in source.levels)
        goal.levels = sold, held, waiting
    for watch in goal.watches:
        if watch.tracer is not None and source.watches[0].tracer is not None:
            watch.tracer.carry_over(source.watches[0].tracer)
