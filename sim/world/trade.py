"""What a product cannot be made without, and which forms come before others in the chain."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping

from sim.world.places import places_in
from sim.world.world import World


def essential_elements(world: World, seller: str, form: str, product: str) -> frozenset[str]:
    """Elements without which a product is not what it is; a blend without a recipe: all it can hold."""
    recipe = world.recipes.get(product)
    if recipe is not None:
        return frozenset(part.element for part in recipe.ingredients if part.role == "essential")
    if product:
        return frozenset({product})
    site = world.sites[seller]
    if site.basket:
        return frozenset(element for element, share in site.basket.items() if share > 0)
    rest = form == world.mixed_form
    symbols = (element.symbol for element in world.elements)
    return frozenset(e for e in symbols if not rest or e not in site.can_separate)


def forms_before(world: World) -> Mapping[str, frozenset[str]]:
    """Form -> all forms from which it is made, at whatever remove; told from what sites buy and sell."""
    bought: dict[str, set[str]] = defaultdict(set)
    sold: dict[str, set[str]] = defaultdict(set)
    for seller, buyer, form in _traded(world):
        sold[seller].add(form)
        bought[buyer].add(form)
    straight: dict[str, set[str]] = defaultdict(set)
    for site, forms in sold.items():
        for form in forms - {world.scrap_form, world.mixed_form}:
            straight[form] |= bought[site] - {form}
    found = {form: set(its) for form, its in straight.items()}
    for _ in found:  # no chain is longer than it has forms
        for its in found.values():
            its |= {earlier for form in [*its] for earlier in straight.get(form, ())}
    return {form: frozenset(its) for form, its in found.items()}


def forms_of_stages(world: World, country: str, stages: Collection[str]) -> frozenset[str]:
    """Forms that the sites of these stages in a country sell."""
    its = {s.id for s in world.sites.values() if s.country == country and s.stage in stages}
    forms = {form for seller, _, form in _traded(world) if seller in its}
    return frozenset(forms - {world.scrap_form})


def sold_abroad(world: World, country: str) -> frozenset[tuple[str, str, str]]:
    """Seller, form and product of all that sites of a country sell abroad; a mixture has no product.

    Of a site that sold nothing in the base year: all that its links may carry.
    """
    places = places_in(world)
    its = {s.id for s in world.sites.values() if s.country == country}
    own = world.countries[country]
    home = {country, *([own.region] if own.standalone else [])}
    kinds = {form.id: form.kind for form in world.forms}

    def leaves(seller: str, buyer: str) -> bool:
        return seller in its and buyer in places and home.isdisjoint(places[buyer].names)

    found = {(f.seller, f.form, f.product) for f in world.flows if leaves(f.seller, f.buyer)}
    sold = {flow.seller for flow in world.flows}
    for seller, buyer, form in world.links:
        if seller in sold or not leaves(seller, buyer):
            continue
        site = world.sites[seller]
        products = site.products or (site.can_separate if kinds[form] == "elements" else ())
        found |= {(seller, form, product) for product in products or ("",)}
    return frozenset(found)


def _traded(world: World) -> Iterator[tuple[str, str, str]]:
    yield from ((flow.seller, flow.buyer, flow.form) for flow in world.flows)
    yield from world.links
