"""What makers of metal, alloy and magnets start: as far as the scarcest ingredient and the capacity go.

A unit is one end user's part of a maker: it makes from its own ingredients. Elements that stand in for one
another share a pool.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.equations.recipe import available_share, liebig_output
from sim.equations.sums import NOISE

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Recipes:
    """What goes into each product."""

    pool_of: IntArray
    """[element] -> pool"""
    share: FloatArray
    """[product, pool] t in the product per t of product; identity where products are elements"""
    essential: BoolArray
    """[product, pool] without it there is no product"""
    filler: FloatArray
    """[product, pool] part of the recipe that a filler gives"""
    replaced_by: IntArray
    """[pool] pool that takes a filler's place, -1 where there is none"""

    def pooled(self, by_element: FloatArray) -> FloatArray:
        """Sums over the members of each pool, [..., element] -> [..., pool]."""
        out = np.zeros((*by_element.shape[:-1], self.share.shape[1]))
        for element, pool in enumerate(self.pool_of):
            out[..., pool] += by_element[..., element]
        return out


@dataclass(frozen=True, slots=True)
class Started:
    """What units start, t."""

    used_t: FloatArray
    """[unit, element] ingredients taken"""
    content_t: FloatArray
    """[unit, product, element] what will be in the products"""
    able_t: FloatArray
    """[unit, product] what the ingredients alone would allow"""
    made_t: FloatArray
    """[unit, product]"""
    allowed: FloatArray
    """[unit, pool] part of what is wanted of each pool that there is"""


def started(
    recipes: Recipes,
    *,
    wish_t: FloatArray,
    stock_t: FloatArray,
    yields: FloatArray,
    limit_t: FloatArray,
) -> Started:
    """What each unit starts towards `wish_t` [unit, product] from `stock_t` [unit, element].

    `yields` [unit] is product out per ingredient in, `limit_t` [unit] the capacity in t of product.
    """
    pooled_t = recipes.pooled(stock_t) * yields[:, None]
    able_t, allowed = liebig_output(wish_t, recipes.share, recipes.essential, pooled_t)
    room = available_share(limit_t, able_t.sum(axis=1))
    parts_t = _with_fillers(recipes, able_t * room[:, None], pooled_t)
    content_t = parts_t[:, :, recipes.pool_of] * _mix(recipes, stock_t)[:, None, :]
    used_t = content_t.sum(axis=1) / yields[:, None]
    return Started(used_t, content_t, able_t, parts_t.sum(axis=2), allowed)


def _with_fillers(recipes: Recipes, made_t: FloatArray, pooled_t: FloatArray) -> FloatArray:
    """[unit, product, pool] what goes in, in product terms: missing fillers are replaced tonne for tonne."""
    parts_t = made_t[:, :, None] * recipes.share[None, :, :]
    if not np.any(recipes.filler):
        return parts_t
    asked_t = parts_t.sum(axis=1)
    have = available_share(pooled_t, asked_t)
    # What is kept of a filler is not worked out as need less missing: where little is kept, the difference
    # would be mostly rounding.
    kept = np.where(recipes.replaced_by >= 0, have, 1.0)[:, None, :]
    filler_t = made_t[:, :, None] * recipes.filler[None, :, :]
    parts_t = made_t[:, :, None] * (recipes.share - recipes.filler)[None, :, :] + filler_t * kept
    missing_t = filler_t * (1 - kept)
    for k in np.flatnonzero(recipes.replaced_by >= 0):
        parts_t[:, :, recipes.replaced_by[k]] += missing_t[:, :, k]
    need_t = parts_t.sum(axis=1)
    # Of a filler that has run out a rounding residue is left over, which must not stop the maker.
    need_t = np.where(need_t > NOISE * asked_t, need_t, 0.0)
    room = available_share(pooled_t, need_t)[:, None, :]
    # A grade waits only for what goes into it.
    by_grade = np.where(parts_t > 0, room, 1.0).min(axis=2, keepdims=True)
    filled: FloatArray = parts_t * by_grade
    return filled


def _mix(recipes: Recipes, stock_t: FloatArray) -> FloatArray:
    """[unit, element] its part of its pool: members are used in proportion to what the unit has of each."""
    total_t = recipes.pooled(stock_t)[:, recipes.pool_of]
    return np.divide(stock_t, total_t, out=np.zeros_like(stock_t), where=total_t > 0)
