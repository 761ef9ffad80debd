"""From final use up: what buyers will need, stage by stage, and who is to supply it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

import numpy as np

from sim.engine.plan.chain import is_maker, separates
from sim.engine.plan.outlets import products_of, served_first, share_of_new
from sim.engine.plan.planning import Planning
from sim.engine.plan.rates import FloatArray, Purchase, Rates, ratio
from sim.engine.plan.recipes import made_of
from sim.engine.plan.separating import run_plant
from sim.words.quantities import DAYS_PER_YEAR
from sim.world.balance import recovery_of
from sim.world.world import Site


def pull(planning: Planning, demand: Mapping[tuple[str, str], FloatArray]) -> None:
    """Form by form from the end of the chain; `demand` is (node, product) -> [time] t/day."""
    world, shape = planning.world, planning.shape
    bought = {d.node: world.sectors[d.sector].form for d in world.demand}
    needs = {Purchase(node, bought[node], p): rate for (node, p), rate in demand.items()}
    first = {
        buyer for seller in planning.sites.running() for buyer in served_first(planning, seller)
    }
    for form in _made_forms(planning):
        bought_here = sorted(p for p in needs if p.form == form)
        for purchase in sorted(bought_here, key=lambda p: p.buyer not in first):
            _supply(planning, purchase, needs[purchase])
        for site in planning.sites.running():
            if is_maker(site) and shape.makes[site.id] == form:
                used = _ingredients(planning, site)
                _send_scrap(planning, site, used)
                needs |= {Purchase(site.id, shape.takes[site.id], e): t for e, t in used.items()}
        for recycler in planning.sites.running("recycling"):
            run_plant(planning, recycler)


def _made_forms(planning: Planning) -> list[str]:
    """What plants and makers make, from the end of the chain."""
    made = set(planning.shape.makes.values()) - {planning.shape.mine_form}
    forms = sorted(planning.world.forms, key=lambda form: -form.order)
    return [form.id for form in forms if form.id in made]


# ---- who supplies a need


def _supply(planning: Planning, purchase: Purchase, use: FloatArray) -> None:
    """Planned purchases of one product: new plants, then today's suppliers, then residual ones.

    A buyer has to get a lead time ahead what it will use.
    """
    flows = planning.base.sellers[purchase]
    transit = planning.mean_transit(flows, purchase.buyer, purchase.form)
    need = planning.horizon.later(use, transit + planning.cover(*purchase))
    today = {seller: rate for seller, rate in flows if seller in planning.sites.active}
    if today:
        left = _supply_from_new(planning, purchase, need)
        _supply_from_today(planning, purchase, left, today)
    else:
        _supply_new_buyer(planning, purchase, need)


def _supply_from_today(
    planning: Planning, purchase: Purchase, need: FloatArray, today: Mapping[str, float]
) -> None:
    """Own suppliers in proportion to their sales as far as they can grow, then residual ones.

    Where there is no residual supplier, own ones are planned beyond what they have.
    """
    own = {s: rate for s, rate in today.items() if s not in planning.sites.residual}
    residual = {s: rate for s, rate in today.items() if s not in own}
    residual = residual or _residual_sellers(planning, purchase)
    growth = need / sum(today.values())
    given = {s: rate * np.minimum(growth, _room(planning, s, purchase)) for s, rate in own.items()}
    total = planning.horizon.total(given.values())
    left = np.maximum(0.0, need - total)
    more = 1.0 if residual else ratio(left + total, total, otherwise=1.0)
    for seller, path in given.items():
        planning.draft.lines.add(purchase.line_from(seller), path * more)
    _share_out(planning, purchase, left, residual)


def _share_out(
    planning: Planning, purchase: Purchase, need: FloatArray, weights: Mapping[str, float]
) -> None:
    """Let sellers supply a need in proportion to their weights."""
    for seller, weight in weights.items():
        path = need * weight / sum(weights.values())
        planning.draft.lines.add(purchase.line_from(seller), path)


def _supply_new_buyer(planning: Planning, purchase: Purchase, need: FloatArray) -> None:
    """A maker without a past buys where the pack's planned links say."""
    sites = planning.sites
    weights = {
        link.seller: link.planned_full_t_per_year
        for link in planning.links_to[purchase.buyer, purchase.form]
        if link.seller in sites.active and sites.can_make(link.seller, purchase.product)
    }
    _share_out(planning, purchase, need, {s: t for s, t in weights.items() if t > 0})


def _residual_sellers(planning: Planning, purchase: Purchase) -> dict[str, float]:
    """Residual suppliers of the same form to the same buyer, for a product they did not send before."""
    sellers: dict[str, float] = defaultdict(float)
    for (seller, buyer, form, _), rate in planning.base.lines.items():
        if (buyer, form) == purchase[:2] and seller in planning.sites.residual:
            sellers[seller] += rate
    return {s: t for s, t in sellers.items() if planning.sites.can_make(s, purchase.product)}


def _room(planning: Planning, seller: str, purchase: Purchase) -> FloatArray:
    """How far an own supplier can grow its base-year sales of a product."""
    site, key = planning.world.sites[seller], (seller, purchase.product)
    most, before = planning.draft.supply.get(key), planning.base.sales[key]
    if is_maker(site):
        most, before = planning.sites.capacity[seller], site.output_t_per_year / DAYS_PER_YEAR
    return planning.horizon.ones() if most is None or before <= 0 else most / before


def _most(planning: Planning, seller: Site, product: str) -> FloatArray | None:
    """What a seller can sell of a product at most, t/day: a plant what it wins, a maker what it can make."""
    if separates(seller):
        return planning.draft.supply.get((seller.id, product))
    can_make = planning.sites.can_make(seller.id, product)
    return planning.sites.capacity[seller.id] if can_make else None


def _supply_from_new(planning: Planning, purchase: Purchase, need: FloatArray) -> FloatArray:
    """Lines from new suppliers, capped at the need; returns what is left of it."""
    offers = {}
    for link in planning.links_to[purchase.buyer, purchase.form]:
        seller = planning.world.sites[link.seller]
        if seller.id in planning.sites.active and seller.status != "operating":
            share = share_of_new(planning, seller, purchase)
            most = _most(planning, seller, purchase.product)
            if share > 0 and most is not None:
                offers[seller.id] = _left_of(planning, seller, purchase, most) * share
    total = planning.horizon.total(offers.values())
    taken = np.minimum(1.0, ratio(need, total, otherwise=1.0))
    for seller_id, path in offers.items():
        planning.draft.lines.add(purchase.line_from(seller_id), path * taken)
    return need - total * taken


def _left_of(planning: Planning, seller: Site, purchase: Purchase, most: FloatArray) -> FloatArray:
    """What a new seller has left once the new makers that its lever names are served.

    A plant makes so much of each element, a maker so much of all products together.
    """
    first = served_first(planning, seller)
    products = [purchase.product] if separates(seller) else products_of(planning, seller)
    keys = [(seller.id, buyer, purchase.form, p) for buyer in first for p in products]
    lines = planning.draft.lines
    given = planning.horizon.total(lines[key] for key in keys if key in lines)
    return np.maximum(most - given, 0.0)


# ---- what makers need


def _ingredients(planning: Planning, maker: Site) -> Rates[str]:
    """What a maker will use of each element, from what it plans to sell, t/day."""
    lag = maker.processing_days + planning.world.defaults.producer_stock_days
    used: Rates[str] = Rates()
    for product, sales in _sales(planning, maker).items():
        takes = planning.shape.takes[maker.id]
        started = planning.horizon.later(sales, lag) / recovery_of(maker, takes, product)
        shares = made_of(planning.world, product, planning.horizon.years, planning.limits)
        for element, share in shares.items():
            used.add(element, started * share)
    return used


def _sales(planning: Planning, maker: Site) -> Rates[str]:
    """What a maker sells of each product."""
    sales: Rates[str] = Rates()
    lines, made = planning.draft.lines, planning.shape.makes[maker.id]
    for key in sorted(key for key in lines if key[0] == maker.id and key[2] == made):
        sales.add(key[3], lines[key])
    return sales


def _send_scrap(planning: Planning, maker: Site, used: Mapping[str, FloatArray]) -> None:
    """Offcuts of what a maker uses, once they are made, to those that took them in the base year."""
    form, earlier = planning.world.scrap_form, planning.horizon.earlier
    scrap = {e: earlier(t, maker.processing_days) * maker.swarf_share for e, t in used.items()}
    if maker.swarf_share > 0:
        for buyer, share in planning.base.shares(maker.id, form).items():
            planning.draft.send_blend((maker.id, buyer, form, ""), scrap, share)
