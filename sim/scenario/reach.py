"""Which trade a restriction meets, told from the pack alone: links, flows and what sellers can sell.

The engine knows the lanes of a run only after planning it. Here a lane counts when it may be used, so
what meets none of these meets none of a run's either; the opposite does not hold.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from sim.controls import Scope
from sim.world import World
from sim.world.names import RECYCLING
from sim.world.world import Site


@dataclass(frozen=True, slots=True)
class TradeLane:
    """One seller's goods of one form to one buyer."""

    country: str
    """Of the seller."""
    form: str
    destinations: frozenset[str]
    """Region and country of the buyer."""
    elements: frozenset[str]
    """What a restriction on an element goes by: the essential ones."""
    t_per_year: float
    """In the base year; 0 for what was not sold then."""

    def leaves(self, exporter: str) -> bool:
        """Whether it crosses the border of this exporter."""
        return self.country == exporter and exporter not in self.destinations


def covers(lane: TradeLane, scope: Scope) -> bool:
    """Whether a restriction of this scope may hold a lane's goods back."""
    return (
        lane.leaves(scope.exporter)
        and (not scope.forms or lane.form in scope.forms)
        and (not scope.destinations or bool(lane.destinations & scope.destinations))
        and (not scope.elements or bool(lane.elements & scope.elements))
    )


def lanes_of(world: World, started: Collection[str]) -> list[TradeLane]:
    """Every lane that may be used; `started` are sites that a scenario sets to work."""
    return list(_lanes(world, started))


def _lanes(world: World, started: Collection[str]) -> Iterator[TradeLane]:
    regions = {need.node: need.region for need in world.demand}
    flows: dict[tuple[str, str, str], dict[str, float]] = {}
    for flow in world.flows:
        sold = flows.setdefault((flow.seller, flow.buyer, flow.form), {})
        sold[flow.product] = sold.get(flow.product, 0.0) + flow.t_per_year
    for key in world.links:
        flows.setdefault(key, {})
    for (seller, buyer, form), sold in flows.items():
        site, taker = world.sites[seller], world.sites.get(buyer)
        runs = site.stage in (*world.stages, RECYCLING) and (
            site.status != "asset" or seller in started
        )
        if not runs or (taker is None and buyer not in regions):
            continue  # a pile at home, or a site that does not run
        places = {taker.region, taker.country} if taker else {regions[buyer]}
        products = _products(world, site, form, grows=seller in started)
        may_be_sold = dict.fromkeys(products, 0.0) | sold
        for product, t_per_year in may_be_sold.items():
            essential = _essential(world, site, form, product)
            yield TradeLane(site.country, form, frozenset(places), essential, t_per_year)


def _products(world: World, site: Site, form: str, *, grows: bool) -> list[str]:
    """What a site may sell in a form; a form traded element by element has one product each."""
    kind = next((each.kind for each in world.forms if each.id == form), "")
    if kind == "elements":
        # A plant sells what it can split; a lever may teach it more. A maker takes what comes.
        split = set() if grows else set(site.can_separate)
        return [e.symbol for e in world.elements if not split or e.symbol in split]
    grades = {product.id for product in world.products if product.form == form}
    return [grade for grade in site.products if grade in grades] or [""]


def _essential(world: World, site: Site, form: str, product: str) -> frozenset[str]:
    """The same rule as at the engine's border."""
    recipe = world.recipes.get(product)
    if recipe is not None:
        return frozenset(part.element for part in recipe.ingredients if part.role == "essential")
    if product:
        return frozenset({product})
    if site.basket:
        return frozenset(element for element, share in site.basket.items() if share > 0)
    rest = form == world.mixed_form
    return frozenset(
        e.symbol for e in world.elements if not rest or e.symbol not in site.can_separate
    )
