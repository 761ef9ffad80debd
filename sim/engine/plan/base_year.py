"""The base year: who supplied whom, from which the plan takes today's shares."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from sim.engine.plan.rates import LineKey, Purchase, shares_of
from sim.words.quantities import DAYS_PER_YEAR
from sim.world.balance import recovery_of
from sim.world.world import Site, World


@dataclass(frozen=True, slots=True)
class BaseYear:
    """Flows of the base year, t/day, sorted by name."""

    world: World
    lines: Mapping[LineKey, float]
    sellers: Mapping[Purchase, list[tuple[str, float]]]
    """What was bought -> (seller, rate)"""
    sales: Mapping[tuple[str, str], float]
    """Seller, product -> rate over all buyers"""
    feeds: Mapping[str, list[tuple[str, str, float]]]
    """Buyer -> (seller, form, rate)"""
    uses: Mapping[Purchase, float]
    """What was bought -> rate from all sellers"""
    buyers: Mapping[tuple[str, str], Mapping[str, float]]
    """Seller, form -> buyer -> rate; of blends"""

    @classmethod
    def of(cls, world: World) -> BaseYear:
        """Add up the pack's flows."""
        merged: dict[LineKey, float] = defaultdict(float)
        for flow in world.flows:
            key = (flow.seller, flow.buyer, flow.form, flow.product)
            merged[key] += flow.t_per_year / DAYS_PER_YEAR
        lines = {key: merged[key] for key in sorted(merged) if merged[key] > 0}
        sellers: dict[Purchase, list[tuple[str, float]]] = defaultdict(list)
        sales: dict[tuple[str, str], float] = defaultdict(float)
        feeds: dict[str, list[tuple[str, str, float]]] = defaultdict(list)
        buyers: dict[tuple[str, str], dict[str, float]] = defaultdict(dict)
        for (seller, *bought), rate in lines.items():
            purchase = Purchase(*bought)
            sellers[purchase].append((seller, rate))
            sales[seller, purchase.product] += rate
            feeds[purchase.buyer].append((seller, purchase.form, rate))
            buyers[seller, purchase.form][purchase.buyer] = rate
        uses = {purchase: sum(rate for _, rate in flows) for purchase, flows in sellers.items()}
        return cls(world, lines, sellers, sales, feeds, uses, buyers)

    def use(self, purchase: Purchase) -> float:
        """What a buyer got of a product."""
        return self.uses.get(purchase, 0.0)

    def shares(self, seller: str, form: str) -> dict[str, float]:
        """Buyer -> its part of what a seller sold of a blend."""
        return shares_of(self.buyers.get((seller, form), {}))

    def feed(self, plant: str) -> list[tuple[str, str, float]]:
        """(seller, form, rate) of what a plant took in."""
        return self.feeds.get(plant, [])

    def composition(self, seller: Site, form: str) -> Mapping[str, float]:
        """Parts of the elements in a mine's ore, or in the mixed concentrate that a plant sent on."""
        return self._mixed(seller) if form == self.world.mixed_form else seller.basket

    def _mixed(self, plant: Site) -> dict[str, float]:
        parts: dict[str, float] = defaultdict(float)
        for seller, form, rate in self.feed(plant.id):
            for element, share in self.world.sites[seller].basket.items():
                if element not in plant.can_separate:
                    parts[element] += rate * share * recovery_of(plant, form, element)
        return shares_of(parts)
