"""Compiling: from a world and what its levers will put in force to the network that the engine runs on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sim.controls import Border, CapacityAddition, Entry, Release, Restriction
from sim.engine.border import lanes_in_scope
from sim.engine.calendar import Calendar
from sim.engine.network import Network, SplitBuyer, build_network
from sim.engine.plan import build_plan
from sim.engine.stockpiling import policy_stocks
from sim.world.world import World


def compile_network(
    world: World,
    entries: Sequence[Entry],
    additions: Sequence[CapacityAddition],
    *,
    calendar: Calendar,
    first_day: float,
) -> Network:
    """The planned network from `first_day` on, with released stockpiles and the end users told apart.

    `entries` are those of all phases of all levers: the network must hold whatever any of them needs.
    """
    plan = build_plan(
        world,
        additions,
        starts=calendar.starts,
        first_day=first_day,
        last_day=float(calendar.horizon_days),
    )
    releases = releases_of(entries)
    refilled = {e.by for e in entries if isinstance(e, Release) and e.refill_t_per_day > 0}
    piles = policy_stocks(world, plan, releases, refilled)
    network = build_network(world, plan, policy_stocks=piles)
    split = _split_buyers(network, entries)
    return build_network(world, plan, split=split, policy_stocks=piles) if split else network


def releases_of(entries: Sequence[Entry]) -> list[Release]:
    """The first terms of each release; what a stockpile is no phase can restate."""
    first = {entry.by: entry for entry in reversed(entries) if isinstance(entry, Release)}
    return list(reversed(first.values()))


def _split_buyers(network: Network, entries: Sequence[Entry]) -> list[SplitBuyer]:
    """Buyers whose end users a licence tells apart.

    At a demand node only the products in scope; at a maker all its ingredients, since each user makes
    its part from its own. Plants are one user each.
    """
    world, lanes = network.world, network.lane_keys()
    found: dict[str, set[tuple[str, str]]] = {}
    for entry in entries:
        if not isinstance(entry, Restriction) or entry.kind is not Border.LICENCE:
            continue
        covered = lanes_in_scope(world, lanes, entry.scope, network.policy_stocks)
        for i in np.flatnonzero(covered):
            _, buyer, form, product = lanes[int(i)]
            site = world.sites.get(buyer)
            if site is None:
                found.setdefault(buyer, set()).add((form, product))
            elif site.stage not in ("separation", "recycling"):
                found.setdefault(buyer, set()).update(
                    (f, p) for place, f, p in network.inputs if place == buyer
                )
    return [SplitBuyer(place, frozenset(inputs)) for place, inputs in sorted(found.items())]
