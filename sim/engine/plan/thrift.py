"""Thrift: what a grade holds once less of an ingredient does, and what replaces it makes up the mass."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from sim.engine.plan.rates import FloatArray
from sim.equations.growth import growth_factor
from sim.world.world import Ingredient, Recipe, World


def content(world: World, recipe: Recipe, years: FloatArray) -> dict[str, FloatArray]:
    """Element -> its share in a product made so many years after the base year; the shares add to 1."""
    shares = {part.element: np.full_like(years, part.share) for part in recipe.ingredients}
    for part in recipe.ingredients:
        weights = _weights(world, recipe, part)
        if part.thrift_per_year > 0 and weights:
            kept = growth_factor(years, rate_per_year=-part.thrift_per_year)
            saved = part.share * (1 - kept)
            shares[part.element] = shares[part.element] - saved
            for element, weight in weights.items():
                shares[element] = shares[element] + saved * weight
    return shares


def thrifted(world: World, recipe: Recipe, years: float) -> Recipe:
    """The recipe of a product made so many years after the base year."""
    shares = content(world, recipe, np.array([years]))
    parts = (replace(p, share=float(shares[p.element][0])) for p in recipe.ingredients)
    return replace(recipe, ingredients=tuple(parts))


def is_thrifted(recipe: Recipe) -> bool:
    """Whether less of an ingredient goes into it each year."""
    return any(part.thrift_per_year > 0 for part in recipe.ingredients)


def _weights(world: World, recipe: Recipe, part: Ingredient) -> Mapping[str, float]:
    """Who makes up the mass of an ingredient: what replaces it, in its mix in the recipe."""
    named = set(world.groups.get(part.replaced_by, (part.replaced_by,))) - {part.element}
    there = {p.element: p.share for p in recipe.ingredients if p.element in named}
    total = sum(there.values())
    return {element: share / total for element, share in there.items()} if total > 0 else {}
