"""Compiling: from a world and what its levers will put in force to the network that the engine runs on.

The network must hold whatever any phase of any lever needs: places of policy stocks, users told apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from sim.channels.effects import Addition, Owned, Passage, Reserve
from sim.engine.calendar import Calendar
from sim.engine.network import Network, SplitBuyer, build_network
from sim.engine.plan import Plan, build_plan
from sim.engine.policy_stocks import policy_stocks
from sim.engine.scopes import lanes_in_scope
from sim.rules.behaviour import Behaviour
from sim.world.where import Where
from sim.world.world import World


@dataclass(frozen=True, slots=True)
class Structure:
    """What a network must hold: levers that ask for the same have the same network."""

    additions: list[Addition]
    reserves: dict[str, Reserve]
    refilled: set[str]
    """Levers whose stock buys back in some phase"""
    by_user: list[Where]
    """Where end users are told apart"""

    @classmethod
    def of(cls, effects: Sequence[Owned]) -> Structure:
        """What the effects of all levers ask for."""
        return cls(
            additions=[effect for _, effect in effects if isinstance(effect, Addition)],
            reserves=reserves_of(effects),
            refilled={
                lever
                for lever, effect in effects
                if isinstance(effect, Reserve) and effect.refill_t_per_day > 0
            },
            by_user=[e.where for _, e in effects if isinstance(e, Passage) and e.by_user],
        )


def compile_network(
    world: World,
    structure: Structure,
    behaviour: Behaviour,
    *,
    calendar: Calendar,
    first_day: float,
) -> Network:
    """The planned network from `first_day` on, with released stockpiles and the end users told apart."""
    span: Any = {
        "starts": calendar.starts,
        "first_day": first_day,
        "last_day": float(calendar.horizon_days),
        "behaviour": behaviour,
    }
    plan, todays = build_plan(world, structure.additions, **span), None
    if behaviour.new_supply is not None:
        todays = build_plan(world, structure.additions, **span, only_todays=True)
        plan = _able_to_step_in(plan, todays)
    piles = policy_stocks(world, plan, structure.reserves, structure.refilled)
    about: Any = {"policy_stocks": piles, "behaviour": behaviour, "todays": todays}
    network = build_network(world, plan, **about)
    split = _split_buyers(network, structure.by_user)
    return build_network(world, plan, split=split, **about) if split else network


def _able_to_step_in(plan: Plan, todays: Plan) -> Plan:
    """The plan, in which residual sites are as large as they would be if nothing new came to run."""
    larger = {
        site: np.maximum(path, todays.capacity.get(site, path)) if site in plan.residual else path
        for site, path in plan.capacity.items()
    }
    return replace(plan, capacity=larger)


def reserves_of(effects: Iterable[Owned]) -> dict[str, Reserve]:
    """Lever -> the first terms of its stock; what a stock holds no phase can restate."""
    first: dict[str, Reserve] = {}
    for lever, effect in effects:
        if isinstance(effect, Reserve):
            first.setdefault(lever, effect)
    return first


def _split_buyers(network: Network, by_user: Iterable[Where]) -> list[SplitBuyer]:
    """Buyers whose end users are told apart.

    At a demand node only the products in scope; at a maker all its ingredients, since each user makes
    its part from its own. Plants are one user each.
    """
    world, lanes = network.world, network.lane_keys()
    found: dict[str, set[tuple[str, str]]] = {}
    for where in by_user:
        covered = lanes_in_scope(world, lanes, where, network.places)
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
