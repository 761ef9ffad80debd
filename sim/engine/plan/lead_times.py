"""Lead times: days on the way, and days of use that a buyer wants to hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sim.world.world import World

USUAL_TRANSIT_DAYS = 30.0
"""On the way to a buyer that nobody supplied in the base year."""


@dataclass(frozen=True, slots=True)
class LeadTimes:
    """Transit and cover of a world."""

    world: World
    cover: Mapping[tuple[str, str, str], float]
    """Place, form, element (or empty) -> days"""

    @classmethod
    def of(cls, world: World) -> LeadTimes:
        """As the pack has them."""
        return cls(world, {(c.place, c.form, c.element): c.days for c in world.covers})

    def transit(self, seller: str, buyer: str, form: str) -> float:
        """Days on the way; on-site and unlisted pairs take one day."""
        link = self.world.links.get((seller, buyer, form))
        return link.transit_days if link else 1.0

    def cover_days(self, place: str, form: str, element: str) -> float:
        """Days of use the place wants to hold."""
        specific = self.cover.get((place, form, element))
        return specific if specific is not None else self.cover.get((place, form, ""), 0.0)

    def mean_transit(self, flows: Sequence[tuple[str, float]], buyer: str, form: str) -> float:
        """Days on the way to a buyer, weighed by what its suppliers send (seller, rate)."""
        total = sum(rate for _, rate in flows)
        if total <= 0:
            return USUAL_TRANSIT_DAYS
        return sum(rate * self.transit(s, buyer, form) for s, rate in flows) / total
