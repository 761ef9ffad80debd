"""Where whoever holds goods is: sites and end uses by their id, with country, region and stage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sim.world.names import RECYCLING
from sim.world.world import Site, World

USE, STOCKPILE = "use", "stockpile"
"""Stages of what is no site."""


@dataclass(frozen=True, slots=True)
class Place:
    """What an id stands for; of end users and stockpiles only the region is known."""

    country: str
    """Empty where it is no site."""
    region: str
    stage: str
    """One of the pack's stages, `recycling`, `use`, `stockpile` or `pile`."""

    @property
    def names(self) -> frozenset[str]:
        """Region and country, by either of which a destination may be named."""
        return frozenset(name for name in (self.region, self.country) if name)


PILE = Place("", "", "pile")
"""Whatever has no place of its own: a pile at its seller's."""


def places_in(world: World) -> Mapping[str, Place]:
    """Every site and end use; stockpiles are added by whoever knows which are released."""
    end_uses = {need.node: Place("", need.region, USE) for need in world.demand}
    sites = {site.id: Place(site.country, site.region, site.stage) for site in world.sites.values()}
    return end_uses | sites


def is_simulated(world: World, site: Site) -> bool:
    """Whether the stage of a site is one of those that a run follows."""
    return site.stage in (*world.stages, RECYCLING)
