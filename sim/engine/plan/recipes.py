"""What products are made of over the years of a run: less of what is thrifted, where the limits say so."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from sim.rules.behaviour import Limits
from sim.world.thrift import content, is_thrifted
from sim.world.world import World

FloatArray = npt.NDArray[np.float64]


def made_of(
    world: World, product: str, years: FloatArray, limits: Limits | None
) -> Mapping[str, FloatArray | float]:
    """Element -> its share in what makers start, over [time] `years` since the base year or always the same."""
    recipe = world.recipes.get(product)
    if recipe is None:
        return {product: 1.0}
    if limits is not None and limits.thrifting and is_thrifted(recipe):
        return content(world, recipe, years)
    return {part.element: part.share for part in recipe.ingredients}
