"""What may fly: a form always, never, or only what is dear enough for its mass."""

from __future__ import annotations

from sim.world.world import World

ALWAYS, IF_DEAR, NEVER = "always", "if_dear", "never"
"""Words of `flies` in forms.csv"""


def may_fly(world: World, form: str, product: str, dear_usd_per_kg: float) -> bool:
    """Whether a product of a form may; what is `if_dear` from a price on."""
    flies = next((each.flies for each in world.forms if each.id == form), NEVER)
    if flies != IF_DEAR:
        return flies == ALWAYS
    price = price_of(world, product)
    return price is not None and price >= dear_usd_per_kg


def price_of(world: World, product: str) -> float | None:
    """USD/kg of an element, or of what a grade is made of; None where the pack has no price."""
    prices = {element.symbol: element.price_usd_per_kg for element in world.elements}
    if product not in world.recipes:
        return prices.get(product)
    parts = [(part.share, prices.get(part.element)) for part in world.recipes[product].ingredients]
    return sum(share * (price or 0.0) for share, price in parts)


def gross_t_per_t(world: World, form: str, product: str) -> float:
    """Tonnes on the scales per tonne of the accounting basis.

    A graded product is weighed as finished; of forms that are traded by element the first is the basis itself
    (oxide), later ones are the element (metal).
    """
    finished = next((p.reo_per_t_finished for p in world.products if p.id == product), None)
    if finished is not None:
        return 1.0 / finished
    by_element = sorted((f for f in world.forms if f.kind == "elements"), key=lambda f: f.order)
    if form not in {each.id for each in by_element[1:]}:
        return 1.0
    return next((e.element_share for e in world.elements if e.symbol == product), 1.0)
