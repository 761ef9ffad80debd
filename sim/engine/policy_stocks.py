"""Policy stocks: the places, buyers and suppliers that the stockpiles of levers bring into the network."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np

from sim.channels.effects import Reserve
from sim.engine.network import PolicyStock
from sim.engine.plan import LineKey, Plan
from sim.world.places import PILE, places_in
from sim.world.trade import essential_elements
from sim.world.world import World


def policy_stocks(
    world: World, plan: Plan, reserves: Mapping[str, Reserve], refilled: Collection[str]
) -> list[PolicyStock]:
    """Places, products, buyers and suppliers of the stockpiles that levers release, one of each lever.

    `refilled` are the levers that buy back in some phase.
    """
    if not reserves:
        return []
    places = places_in(world)
    lines = [key for key, rate in plan.lines.items() if np.any(rate > 0)]
    found = []
    for lever, release in reserves.items():
        into = [
            (seller, buyer, form, product)
            for seller, buyer, form, product in lines
            if form == release.form
            and places.get(buyer, PILE).region == release.region
            and _is_stored(world, seller, form, product, release)
        ]
        place = f"{release.stockpile}/{lever}"
        sales: set[LineKey] = {(place, b, f, p) for _, b, f, p in into}
        buys: dict[LineKey, LineKey] = {}
        if lever in refilled:
            # From the smallest to the largest customer, so that the largest stays.
            for key in sorted(into, key=lambda key: (float(plan.lines[key].mean()), key)):
                seller, _, form, product = key
                buys[seller, place, form, product] = key
        stock = PolicyStock(lever, place, release.region, release.form, frozenset(sales), buys)
        found.append(stock)
    return found


def _is_stored(world: World, seller: str, form: str, product: str, release: Reserve) -> bool:
    if not release.elements:
        return True
    return bool(essential_elements(world, seller, form, product) & release.elements)
