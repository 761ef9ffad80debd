"""Ways: how long goods take between places that never traded, by the shortest chain of the pack's lanes."""

from __future__ import annotations

import heapq
from collections import defaultdict
from dataclasses import dataclass, field
from math import inf

from sim.world.places import PILE, Place, places_in
from sim.world.world import World


@dataclass(slots=True)
class Ways:
    """Days between countries, or regions of end uses; a lane serves both directions."""

    world: World
    _places: dict[str, Place] = field(init=False)
    _legs: dict[str, dict[str, float]] = field(init=False)
    """Country or region -> neighbour -> days"""
    _from: dict[str, dict[str, float]] = field(init=False, default_factory=dict)
    """Start -> goal -> days, once it was asked for"""

    def __post_init__(self) -> None:
        self._places = dict(places_in(self.world))
        self._legs = defaultdict(dict)
        for link in self.world.links.values():
            ends = self._node(link.seller), self._node(link.buyer)
            for one, other in (ends, ends[::-1]):
                known = self._legs[one].get(other, inf)
                self._legs[one][other] = min(known, link.transit_days)

    def days(self, seller: str, buyer: str) -> float:
        """Whole days from one place to another; infinite where no chain of lanes leads there."""
        start, goal = self._node(seller), self._node(buyer)
        link = self._legs.get(start, {}).get(goal)
        if link is not None:
            return link
        if start not in self._from:
            self._from[start] = self._shortest(start)
        return self._from[start].get(goal, inf)

    def _node(self, place: str) -> str:
        known = self._places.get(place, PILE)
        return known.country or known.region

    def _shortest(self, start: str) -> dict[str, float]:
        found: dict[str, float] = {}
        open_ = [(0.0, start)]
        while open_:
            days, here = heapq.heappop(open_)
            if here in found:
                continue
            found[here] = days
            for there, leg in self._legs.get(here, {}).items():
                if there not in found:
                    heapq.heappush(open_, (days + leg, there))
        return found
