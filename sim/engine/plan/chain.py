"""The shape of the chain: which form goes into and comes out of a site, and what is won of it."""

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
        makes, takes = {}, {}
        for site in world.sites.values():
            if site.products:
                makes[site.id] = product_form[site.products[0]]
            elif sold[site.id]:
                makes[site.id] = sorted(sold[site.id])[0]
            if bought[site.id]:
                takes[site.id] = sorted(bought[site.id])[0]
        mines = [s.id for s in world.sites.values() if s.stage == "mine" and s.id in makes]
        return cls(makes, takes, makes[mines[0]] if mines else "")


def is_residual(site: Site) -> bool:
    """Whether a site supplies what is still needed, instead of following a path of its own."""
    return site.plan == "residual" and site.status == "operating"


def is_maker(site: Site) -> bool:
    """Whether a site makes metal, alloy or magnets."""
    return site.stage not in ("mine", "separation", "recycling")


def recovery_of(site: Site, form: str, element: str) -> float:
    """Recovery of an element from an input form: its own, the form's, or the site's default."""
    for key in (f"{form}:{element}", form, "*"):
        if key in site.recovery:
            return site.recovery[key]
    return 1.0
