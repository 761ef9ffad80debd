"""Outlets: to whom a new seller sells, by what its lever says or by the pack's planned links."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from sim.engine.plan.base_year import BaseYear
from sim.engine.plan.sites import Sites
from sim.world.places import PILE, Place, places_in
from sim.world.world import Link, Site, World


@dataclass(slots=True)
class Outlets:
    """Links between sellers and buyers, and the shares of new sellers."""

    world: World
    sites: Sites
    base: BaseYear
    by_seller: dict[str, list[Link]] = field(init=False)
    by_buyer: dict[str, list[Link]] = field(init=False)
    _places: Mapping[str, Place] = field(init=False)

    def __post_init__(self) -> None:
        self.by_seller, self.by_buyer = defaultdict(list), defaultdict(list)
        for pair in sorted(self.world.links):
            link = self.world.links[pair]
            self.by_seller[link.seller].append(link)
            self.by_buyer[link.buyer].append(link)
        self._places = places_in(self.world)

    def region_of(self, place: str) -> str:
        """Region of a site or a demand node."""
        return self._places.get(place, PILE).region

    def planned(self, seller: str, form: str) -> list[Link]:
        """Links of a seller that the pack plans to fill, to buyers that exist."""
        return [
            link
            for link in self.by_seller[seller]
            if link.form == form and link.planned_full_t_per_year > 0 and self.is_open(link)
        ]

    def is_open(self, link: Link) -> bool:
        """The buyer exists in this world, and nobody has named other buyers or feeders instead."""
        buyer = self.world.sites.get(link.buyer)
        if buyer is None:
            return True
        if buyer.id not in self.sites.active:
            return False
        named = [feeder for a in self.sites.added(buyer) for feeder in a.fed_by]
        return not named or link.seller in named

    def shares(self, seller: Site, form: str) -> dict[str, float]:
        """Buyers of a new seller and their shares: as its lever says, else as planned in the pack."""
        weights = {
            link.buyer: link.planned_full_t_per_year for link in self.planned(seller.id, form)
        }
        named = self._named_buyers(seller)
        if named:
            weights = self._weights_by_name(seller, form, weights, named)
        total = sum(weights.values())
        return {b: w / total for b, w in sorted(weights.items())} if total > 0 else {}

    def shares_of_product(self, seller: Site, form: str, product: str) -> dict[str, float]:
        """Shares of a new plant's output of one product by buyer: planned links, weighed by the buyers' use.

        For a maker of several grades the shares run over buyers and grades together.
        """
        weights, base = self.shares(seller, form), self.base
        use = {b: base.use(b, form, product) for b in weights}
        if seller.products:
            all_use = {b: sum(base.use(b, form, p) for p in seller.products) for b in weights}
            return {b: w * use[b] / all_use[b] for b, w in weights.items() if all_use[b] > 0}
        by_region: dict[str, float] = defaultdict(float)
        for buyer, weight in weights.items():
            by_region[self.region_of(buyer)] += weight
        in_region: dict[str, float] = defaultdict(float)
        for buyer in weights:
            in_region[self.region_of(buyer)] += use[buyer]
        return {
            b: by_region[self.region_of(b)] * use[b] / in_region[self.region_of(b)]
            for b in weights
            if use[b] > 0
        }

    def _named_buyers(self, seller: Site) -> dict[str, float]:
        for addition in self.sites.added(seller):
            if addition.sells_to:
                return dict(addition.sells_to)
        return {}

    def _weights_by_name(
        self, seller: Site, form: str, planned: Mapping[str, float], named: Mapping[str, float]
    ) -> dict[str, float]:
        """Shares by site or region -> weights by buyer; inside a region by planned size."""
        weights: dict[str, float] = {}
        for name, share in sorted(named.items()):
            if name in self.world.sites:
                weights[name] = weights.get(name, 0.0) + share
                continue
            inside = {b: w for b, w in planned.items() if self.region_of(b) == name}
            inside = inside or self._linked_in(name, seller, form)
            total = sum(inside.values())
            for buyer, weight in inside.items():
                weights[buyer] = weights.get(buyer, 0.0) + share * weight / total
        return weights

    def _linked_in(self, region: str, seller: Site, form: str) -> dict[str, float]:
        """Buyers of a region that a seller has a link to, all alike."""
        return {
            link.buyer: 1.0
            for link in self.by_seller[seller.id]
            if link.form == form
            and self.region_of(link.buyer) == region
            and (link.buyer not in self.world.sites or link.buyer in self.sites.active)
        }
