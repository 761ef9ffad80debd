"""Planning: what the steps of the plan share."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sim.channels.effects import Addition
from sim.engine.plan.base_year import BaseYear
from sim.engine.plan.chain import ChainShape
from sim.engine.plan.horizon import Horizon
from sim.engine.plan.rates import Draft
from sim.engine.plan.sites import Sites
from sim.rules.behaviour import Behaviour, Limits
from sim.world.places import PILE, Place, places_in
from sim.world.world import Link, World

USUAL_TRANSIT_DAYS = 30.0
"""On the way to a buyer that nobody supplied in the base year."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Planning:
    """The world as the plan sees it, with its lead times, and the draft to which each step adds."""

    world: World
    horizon: Horizon
    behaviour: Behaviour
    shape: ChainShape
    sites: Sites
    base: BaseYear
    links_from: Mapping[tuple[str, str], Sequence[Link]]
    """Seller, form -> its links"""
    links_to: Mapping[tuple[str, str], Sequence[Link]]
    """Buyer, form -> its links"""
    places: Mapping[str, Place]
    """Sites and demand nodes"""
    covers: Mapping[tuple[str, str, str], float]
    """Place, form, element (or empty) -> days"""
    draft: Draft
    buyers_of_new: dict[tuple[str, str], Mapping[str, float]] = field(default_factory=dict)
    """New seller and form -> buyers and their shares, once they have been asked for"""
    regions_of_new: dict[tuple[str, str, str, str], tuple[float, float]] = field(
        default_factory=dict
    )
    """New seller, form, product and region -> its share, and what was used there; the same"""

    @classmethod
    def of(
        cls, world: World, additions: Sequence[Addition], horizon: Horizon, behaviour: Behaviour,
        *, only_todays: bool,
    ) -> Planning:  # fmt: skip
        """A world and what levers add to it, with nothing planned yet."""
        links_from: dict[tuple[str, str], list[Link]] = defaultdict(list)
        links_to: dict[tuple[str, str], list[Link]] = defaultdict(list)
        for _, link in sorted(world.links.items()):
            links_from[link.seller, link.form].append(link)
            links_to[link.buyer, link.form].append(link)
        shape = ChainShape.of(world)
        return cls(
            world=world,
            horizon=horizon,
            behaviour=behaviour,
            shape=shape,
            sites=Sites(
                world=world,
                shape=shape,
                horizon=horizon,
                additions=additions,
                only_todays=only_todays,
            ),
            base=BaseYear.of(world),
            links_from=links_from,
            links_to=links_to,
            places=places_in(world),
            covers={(c.place, c.form, c.element): c.days for c in world.covers},
            draft=Draft(),
        )

    @property
    def limits(self) -> Limits | None:
        """The rule that growth has its limits, where it holds."""
        return self.behaviour.limits

    def region(self, place: str) -> str:
        """Of a site or demand node."""
        return self.places.get(place, PILE).region

    def transit(self, seller: str, buyer: str, form: str) -> float:
        """Days on the way; on-site and unlisted pairs take one day."""
        link = self.world.links.get((seller, buyer, form))
        return link.transit_days if link else 1.0

    def mean_transit(self, flows: Sequence[tuple[str, float]], buyer: str, form: str) -> float:
        """Days on the way to a buyer, weighed by what its suppliers send (seller, rate)."""
        total = sum(rate for _, rate in flows)
        if total <= 0:
            return USUAL_TRANSIT_DAYS
        return sum(rate * self.transit(s, buyer, form) for s, rate in flows) / total

    def cover(self, place: str, form: str, element: str = "") -> float:
        """Days of use the place wants to hold."""
        specific = self.covers.get((place, form, element))
        return specific if specific is not None else self.covers.get((place, form, ""), 0.0)

    def lag(self, seller: str, buyer: str, form: str) -> float:
        """Days from dispatch until feed is used."""
        return self.transit(seller, buyer, form) + self.cover(buyer, form)
