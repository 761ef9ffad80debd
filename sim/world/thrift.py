"""Thrift: what a grade holds once less of an ingredient does, and what replaces it makes up the mass."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sim.words.quantities import DAYS_PER_CALENDAR_YEAR
from sim.world.world import Ingredient, Recipe, World


def years_since(world: World, day: date) -> float:
    """From the middle of the base year, from which everything grows."""
    return (day - date(world.base_year, 7, 1)).days / DAYS_PER_CALENDAR_YEAR


def content(world: World, recipe: Recipe, years: Any) -> dict[str, Any]:
    """Element -> its share in a product made so many years after the base year; the shares add to 1.

    `years` is a number, or an array of any shape, which the shares then have too.
    """
    shares = {part.element: part.share + 0.0 * years for part in recipe.ingredients}
    for part in recipe.ingredients:
        weights = _weights(world, recipe, part)
        if part.thrift_per_year > 0 and weights:
            saved = part.share * (1 - (1 - part.thrift_per_year) ** years)
            shares[part.element] = shares[part.element] - saved
            for element, weight in weights.items():
                shares[element] = shares[element] + saved * weight
    return shares


def is_thrifted(recipe: Recipe) -> bool:
    """Whether less of an ingredient goes into it each year."""
    return any(part.thrift_per_year > 0 for part in recipe.ingredients)


def _weights(world: World, recipe: Recipe, part: Ingredient) -> Mapping[str, float]:
    """Who makes up the mass of an ingredient: what replaces it, in its mix in the recipe."""
    named = set(world.groups.get(part.replaced_by, (part.replaced_by,))) - {part.element}
    there = {p.element: p.share for p in recipe.ingredients if p.element in named}
    total = sum(there.values())
    return {element: share / total for element, share in there.items()} if total > 0 else {}
