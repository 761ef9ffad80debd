"""Swapping: what a grade lacks of one ingredient that gives it its effect, another one gives in part.

A tonne of terbium does for a magnet's heat resistance what two of dysprosium do. Makers follow the recipe as
far as it goes, and swap no more than they must. Whatever replaces the mass (`fill`) fills it or yields it.
Arrays are [ingredient, cell], where a cell is a unit of a maker in a column that lacks one of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.equations.sums import NOISE, ratio

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Swap:
    """What can be swapped in one product."""

    product: int
    pools: IntArray
    """[ingredient] that gives the effect"""
    parts: IntArray
    """[ingredient] its part of the recipes; see `making.Recipes`"""
    weight: FloatArray
    """[ingredient, 1] effect of a tonne of oxide"""
    fill_pool: int
    fill_part: int
    """What makes up the mass, or gives way"""


@dataclass(frozen=True, slots=True)
class Able:
    """How much of what is wished can be made when ingredients are swapped, [cell], from 0 to 1."""

    by_effect: FloatArray
    """As the effect reaches, and the part of it that may be swapped"""
    by_mass: FloatArray
    """As what makes up the mass reaches"""


def able(
    content: FloatArray, weight: FloatArray, given: FloatArray, *, fill: FloatArray,
    fill_given: FloatArray, share: float,
) -> Able:  # fmt: skip
    """What a grade can be made of its wish.

    `content` and `weight` [ingredient, 1] are t in a tonne of the grade, and the effect of each; `given`
    [ingredient, cell] what there is of each over what the wish needs by the recipe, 1 or more where it
    reaches. `fill` [1] is the content of what makes up the mass, `fill_given` [cell] the same of it. At most
    `share` of the grade's effect comes from other ingredients than the recipe says. None of these may lower
    what is made when there is more of it, so a mass that is yielded makes no room for more of the grade.
    """
    effect = content * weight
    whole = _added(effect)
    by_effect = np.minimum(
        ratio(_added(effect * given), whole), _most(-share * whole, np.zeros(1), effect, given)
    )
    strongest = np.array([max(np.delete(weight, i, axis=0)) for i in range(len(weight))])
    to_fill = content * np.maximum(0.0, 1.0 - weight / strongest)
    by_mass = _most(fill, fill * fill_given, to_fill, given)
    return Able(np.minimum(1.0, by_effect), np.minimum(1.0, by_mass))


def _added(values: FloatArray) -> FloatArray:
    """[cell] sums over ingredients, in their order."""
    out = np.zeros(values.shape[1:])
    for each in values:
        out = out + each
    return out


def _most(base: FloatArray, limit: FloatArray, weight: FloatArray, given: FloatArray) -> FloatArray:
    """[cell] the largest f for which base x f + sum of weight x max(0, f - given) stays within the limit.

    The left side is the largest of the sums over any set of ingredients, so the answer is the least over all
    sets; of these only those with the scarcest ingredients count.
    """
    order = np.argsort(given, axis=0, kind="stable")
    weights = np.take_along_axis(np.broadcast_to(weight, given.shape), order, axis=0)
    sorted_given = np.take_along_axis(given, order, axis=0)
    slope, room = np.broadcast_to(base, given.shape[1:]), np.broadcast_to(limit, given.shape[1:])
    most = _over(room, slope)
    for w, g in zip(weights, sorted_given, strict=True):
        slope, room = slope + w, room + w * g
        most = np.minimum(most, _over(room, slope))
    return most


def _over(room: FloatArray, slope: FloatArray) -> FloatArray:
    out: FloatArray = np.divide(room, slope, out=np.full(slope.shape, np.inf), where=slope > 0)
    return out


def swapped(
    content: FloatArray, weight: FloatArray, made_t: FloatArray, have_t: FloatArray
) -> FloatArray:
    """[ingredient, cell] t that go into `made_t` [cell] beyond the recipe; below 0 where less does.

    `have_t` [ingredient, cell] is the grade's part of what there is. What is missing of the one comes from
    those of which there is more than the recipe needs, in proportion to that.
    """
    need_t = content * made_t
    missing_t = np.maximum(0.0, need_t - have_t)
    missing_t = np.where(missing_t > NOISE * need_t, missing_t, 0.0)
    spare_t = np.maximum(0.0, have_t - need_t)
    wanted = _added(weight * missing_t)
    return spare_t * ratio(wanted, _added(weight * spare_t)) - missing_t


def swaps_of(
    effect: FloatArray, made_up_by: Sequence[int], product_of: IntArray, pool_of: IntArray
) -> tuple[Swap, ...]:
    """What can be swapped in each product.

    `effect` [product, pool] is that of a tonne, `made_up_by` [product] the pool that makes up the mass;
    `product_of` and `pool_of` are [part] of the recipes.
    """
    at = {pair: n for n, pair in enumerate(zip(product_of.tolist(), pool_of.tolist(), strict=True))}
    found = []
    for product, (row, fill) in enumerate(zip(effect, made_up_by, strict=True)):
        pools = np.flatnonzero(row > 0)
        if len(pools):
            parts = np.array([at[product, pool] for pool in pools.tolist()], dtype=np.intp)
            found.append(Swap(product, pools, parts, row[pools][:, None], fill, at[product, fill]))
    return tuple(found)
