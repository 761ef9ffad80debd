"""Which levers of a scenario a site has to do with, told from the pack alone."""

from __future__ import annotations

from collections.abc import Iterable

from sim.channels.effects import Addition, Capacity, Effect, Passage, Rank, Reserve, Room, Route
from sim.lever.lever import Lever
from sim.lever.reach import Reach
from sim.world.world import Site


def touched_by(site: Site, levers: Iterable[Lever], reach: Reach) -> list[str]:
    """Ids of the levers that act on a site or name it, or whose scope its feed or its output may come into."""
    return [
        lever.id
        for lever in levers
        if any(_touches(effect, site, reach) for effect in lever.in_any_phase(reach.world))
    ]


def _touches(effect: Effect, site: Site, reach: Reach) -> bool:
    world = reach.world
    partners = _partners(site, reach)
    match effect:
        case Addition():
            return site.id in {effect.site, *effect.fed_by, *effect.sells_to}
        case Passage() | Room(of_sites=False):
            where = effect.where
            return reach.meets(where, buyer=site.id) or reach.meets(where, seller=site.id)
        case Capacity() | Rank() | Room():
            simulated = [each for each in (site.id, *partners) if each in world.sites]
            return any(effect.where.covers_site(world, each) for each in simulated)
        case Route():
            lanes = (link for link in world.links.values() if site.id in (link.seller, link.buyer))
            return any(link.corridor == effect.corridor for link in lanes)
        case Reserve():
            return world.countries[site.country].region == effect.region


def _partners(site: Site, reach: Reach) -> set[str]:
    """Whom it may buy from or sell to."""
    ends = ((seller, buyer) for seller, buyer, _ in reach.sold)
    return {other for pair in ends if site.id in pair for other in pair} - {site.id}
