"""The shape of the chain: which form goes into and comes out of a site, and what kind of site it is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from sim.world.world import Site, World


@dataclass(frozen=True, slots=True)
class ChainShape:
    """Forms in and out of each site; the engine's only knowledge of what a stage is."""

    makes: Mapping[str, str]
    """Site -> form of its main product."""
    takes: Mapping[str, str]
    """Maker -> form of its ingredients."""
    mine_form: str
    """What mines make; empty where there is no mine."""

    @classmethod
    def of(cls, world: World) -> ChainShape:
        """Read the forms from products, flows and links of the pack."""
        product_form = {product.id: product.form for product in world.products}
        aside = {world.mixed_form, world.scrap_form}
        sold: dict[str, set[str]] = defaultdict(set)
        bought: dict[str, set[str]] = defaultdict(set)
        pairs = [(f.seller, f.buyer, f.form) for f in world.flows]
        for seller, buyer, form in [*pairs, *world.links]:
            if form not in aside:
                sold[seller].add(form)
                bought[buyer].add(form)
        makes = {site: min(sold[site]) for site in world.sites if sold[site]}
        makes |= {s.id: product_form[s.products[0]] for s in world.sites.values() if s.products}
        takes = {site: min(bought[site]) for site in world.sites if bought[site]}
        ores = [makes[s.id] for s in world.sites.values() if s.stage == "mine" and s.id in makes]
        return cls(makes, takes, ores[0] if ores else "")


def separates(site: Site) -> bool:
    """Whether a site splits what it is fed into elements."""
    return site.stage in ("separation", "recycling")


def is_maker(site: Site) -> bool:
    """Whether a site makes metal, alloy or magnets."""
    return site.stage != "mine" and not separates(site)
