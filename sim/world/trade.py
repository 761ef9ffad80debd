"""What a product cannot be made without."""

from __future__ import annotations

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
