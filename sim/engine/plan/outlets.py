"""Outlets: to whom a new seller sells, by what its lever says or by the pack's planned links."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from sim.engine.plan.chain import is_maker
from sim.engine.plan.planning import Planning
from sim.engine.plan.rates import FloatArray, Purchase, shares_of
from sim.world.world import Link, Site


def planned_buyers(planning: Planning, seller: str, form: str) -> dict[str, float]:
    """Buyer that exists -> t/yr that the pack plans for it at design size."""
    links = planning.links_from[seller, form]
    planned = {
        link.buyer: link.planned_full_t_per_year for link in links if is_open(planning, link)
    }
    return {buyer: t for buyer, t in planned.items() if t > 0}


def is_open(planning: Planning, link: Link) -> bool:
    """The buyer exists in this world, and nobody has named other feeders for it."""
    if not planning.sites.takes_goods(link.buyer):
        return False
    feeders = {f for a in planning.sites.additions if a.site == link.buyer for f in a.fed_by}
    return not feeders or link.seller in feeders


def is_taken(planning: Planning, seller: str, buyer: str, form: str) -> FloatArray:
    """1 where the buyer runs when what is sent then arrives, else 0."""
    transit = planning.transit(seller, buyer, form)
    return planning.horizon.later(planning.sites.runs(buyer), transit)


def served_first(planning: Planning, seller: Site) -> list[str]:
    """New makers among the buyers that a seller's lever names: they get what they need, others the rest.

    They used nothing in the base year, so no share of a product can be told for them.
    """
    named = {name for addition in planning.sites.added(seller) for name in addition.sells_to}
    return sorted(n for n in named & planning.sites.active if _is_new_maker(planning, n))


def _is_new_maker(planning: Planning, buyer: str) -> bool:
    site = planning.world.sites[buyer]
    return is_maker(site) and site.status != "operating"


def buyers_of_new(planning: Planning, seller: Site, form: str) -> Mapping[str, float]:
    """Buyers of a new seller and their shares: as its lever says, else as planned in the pack."""
    known = planning.buyers_of_new.get((seller.id, form))
    if known is None:
        known = planning.buyers_of_new[seller.id, form] = _buyers_of_new(planning, seller, form)
    return known


def _buyers_of_new(planning: Planning, seller: Site, form: str) -> dict[str, float]:
    named = next((a.sells_to for a in planning.sites.added(seller) if a.sells_to), None)
    if named:
        first = served_first(planning, seller)
        others = {name: share for name, share in named.items() if name not in first}
        weights = _weights_by_name(planning, others, seller.id, form)
    else:
        weights = planned_buyers(planning, seller.id, form)
    return dict(sorted(shares_of(weights).items()))


def products_of(planning: Planning, maker: Site) -> tuple[str, ...]:
    """What a maker can make: its grades, or the metal of every element."""
    return maker.products or tuple(e.symbol for e in planning.world.elements)


def share_of_new(planning: Planning, seller: Site, purchase: Purchase) -> float:
    """Part of a new plant's output of a product that is for one buyer.

    Planned links say how much goes to a region; inside it buyers count by their use in the base year. For a
    maker, of grades or of metals, the shares run over buyers and products together.
    """
    buyer, form, _ = purchase
    weights, base = buyers_of_new(planning, seller, form), planning.base
    used = base.use(purchase)
    if buyer not in weights or used <= 0:
        return 0.0
    if is_maker(seller):
        used_of_all = sum(base.use(Purchase(buyer, form, p)) for p in products_of(planning, seller))
        return weights[buyer] * used / used_of_all
    share, used_there = _of_region(planning, seller, purchase, planning.region(buyer))
    return share * used / used_there


def _of_region(
    planning: Planning, seller: Site, purchase: Purchase, region: str
) -> tuple[float, float]:
    """Share of a new seller's output that goes to a region, and what its buyers there used of a product."""
    key = seller.id, purchase.form, purchase.product, region
    known = planning.regions_of_new.get(key)
    if known is None:
        weights = buyers_of_new(planning, seller, purchase.form)
        near = [b for b in weights if planning.region(b) == region]
        used = (planning.base.use(Purchase(b, purchase.form, purchase.product)) for b in near)
        known = planning.regions_of_new[key] = sum(weights[b] for b in near), sum(used)
    return known


def _weights_by_name(
    planning: Planning, named: Mapping[str, float], seller: str, form: str
) -> dict[str, float]:
    """Shares by site or region -> weights by buyer."""
    weights: dict[str, float] = defaultdict(float)
    for name, share in sorted(named.items()):
        is_site = name in planning.world.sites
        inside = {name: 1.0} if is_site else _buyers_in(planning, name, seller, form)
        for buyer, weight in inside.items():
            weights[buyer] += share * weight / sum(inside.values())
    return weights


def _buyers_in(planning: Planning, region: str, seller: str, form: str) -> dict[str, float]:
    """Buyers of a region by planned size; where none is planned, all that have a link, alike."""
    planned = planned_buyers(planning, seller, form)
    linked = [link.buyer for link in planning.links_from[seller, form]]
    there = [b for b in linked if planning.region(b) == region]
    by_size = {buyer: planned[buyer] for buyer in there if buyer in planned}
    return by_size or {buyer: 1.0 for buyer in there if planning.sites.takes_goods(buyer)}
