"""The base year: who supplied whom, from which the plan takes today's shares."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from sim.engine.plan.chain import recovery_of
from sim.engine.plan.rates import LineKey
from sim.quantities import DAYS_PER_YEAR
from sim.world.world import Site, World


@dataclass(frozen=True, slots=True)
class BaseYear:
    """Flows of the base year, t/day, sorted by name."""

    world: World
    lines: Mapping[LineKey, float]
    sellers: Mapping[tuple[str, str, str], list[tuple[str, float]]]
    """Buyer, form, product -> (seller, rate)"""
    sales: Mapping[tuple[str, str], float]
    """Seller, product -> rate over all buyers"""

    @classmethod
    def of(cls, world: World) -> BaseYear:
        """Add up the pack's flows."""
        merged: dict[LineKey, float] = defaultdict(float)
        for flow in world.flows:
            key = (flow.seller, flow.buyer, flow.form, flow.product)
            merged[key] += flow.t_per_year / DAYS_PER_YEAR
        lines = {key: merged[key] for key in sorted(merged) if merged[key] > 0}
        sellers: dict[tuple[str, str, str], list[tuple[str, float]]] = defaultdict(list)
        sales: dict[tuple[str, str], float] = defaultdict(float)
        for (seller, buyer, form, product), rate in lines.items():
            sellers[buyer, form, product].append((seller, rate))
            sales[seller, product] += rate
        return cls(world, lines, dict(sellers), dict(sales))

    def sellers_to(self, buyer: str, form: str, product: str) -> list[tuple[str, float]]:
        """(seller, rate) of what a buyer got."""
        return self.sellers.get((buyer, form, product), [])

    def use(self, buyer: str, form: str, product: str) -> float:
        """What a buyer got of a product."""
        return sum(rate for _, rate in self.sellers_to(buyer, form, product))

    def sold(self, seller: str, product: str) -> float:
        """What a seller sold of a product."""
        return self.sales.get((seller, product), 0.0)

    def shares(self, seller: str, form: str) -> dict[str, float]:
        """Buyer -> its part of what a seller sold of a form."""
        out = {
            buyer: rate for (s, buyer, f, _), rate in self.lines.items() if (s, f) == (seller, form)
        }
        total = sum(out.values())
        return {buyer: rate / total for buyer, rate in out.items()} if total > 0 else {}

    def mixed_basket(self, seller: Site) -> dict[str, float]:
        """Composition of the mixed concentrate a plant sent on."""
        parts: dict[str, float] = defaultdict(float)
        for (mine, buyer, form, _), rate in self.lines.items():
            site = self.world.sites.get(mine)
            if buyer == seller.id and site is not None and site.stage == "mine":
                for element, share in site.basket.items():
                    if element not in seller.can_separate:
                        parts[element] += rate * share * recovery_of(seller, form, element)
        total = sum(parts.values())
        return {e: t / total for e, t in parts.items()} if total > 0 else {}
