"""What makers of metal, alloy and magnets start: as far as the scarcest ingredient and the capacity go.

A unit is one end user's part of a maker: it makes from its own ingredients. Elements that stand in for one
another share a pool. Recipes are lists of what goes into what, as most products are made of few elements.
Where a grade asks for an effect, ingredients that give it are swapped as `swapping` says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from sim.equations.recipe import available_share, liebig_output
from sim.equations.sums import NOISE, Groups, ratio, starts_of_runs, total
from sim.rules.swapping import Swap, able, swapped, swaps_of

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]


PLENTY = 1e6
"""Times what is needed; more of it makes no difference."""


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
    effect: FloatArray | None = None
    """[product, pool] of a tonne of it; None where nothing is swapped"""
    made_up_by: tuple[int, ...] = ()
    """[product] pool that makes up the mass of a swap, -1 where none does"""
    swap_share: float = 0.0
    """Part of a product's effect that other ingredients may give than the recipe says"""
    pools: Groups = field(init=False)
    """[element] pool"""
    part_product: Groups = field(init=False)
    """[part] product; a part is a pool that can go into a product"""
    part_pool: Groups = field(init=False)
    """[part] pool"""
    part_share: FloatArray = field(init=False)
    """[part, 1, 1] t per t of product"""
    part_filler: FloatArray = field(init=False)
    """[part, 1, 1] of it, what a filler gives that can be replaced"""
    instead: IntArray = field(init=False)
    """[part] part of the same product that takes the place of its filler, -1 where none does"""
    cell_part: IntArray = field(init=False)
    """[cell] part; a cell is an element that can go into a product"""
    cell_element: Groups = field(init=False)
    """[cell] element"""
    swaps: tuple[Swap, ...] = field(init=False)

    def __post_init__(self) -> None:
        products, pools = self.share.shape
        can = self.share > 0
        for product, pool in np.argwhere(self.filler > 0).tolist():
            if self.replaced_by[pool] >= 0:
                can[product, self.replaced_by[pool]] = True
        product_of, pool_of = np.nonzero(can)
        at = {pair: n for n, pair in enumerate(zip(product_of, pool_of, strict=True))}
        replaced = self.replaced_by[pool_of]
        fills = (self.filler[product_of, pool_of] > 0) & (replaced >= 0)
        instead = [
            at[g, k] if ok else -1 for g, k, ok in zip(product_of, replaced, fills, strict=True)
        ]
        part, element = np.nonzero(pool_of[:, None] == self.pool_of[None, :])
        own = self.filler[product_of, pool_of]
        swaps = () if self.effect is None else (
            swaps_of(self.effect, self.made_up_by, product_of, pool_of)
        )  # fmt: skip
        for name, value in {
            "pools": Groups(self.pool_of, pools),
            "part_product": Groups(product_of, products),
            "part_pool": Groups(pool_of, pools),
            "part_share": self.share[product_of, pool_of][:, None, None],
            "part_filler": np.where(fills, own, 0.0)[:, None, None],
            "instead": np.array(instead, dtype=np.intp),
            "cell_part": part,
            "cell_element": Groups(element, len(self.pool_of)),
            "swaps": swaps,
        }.items():
            object.__setattr__(self, name, value)


def with_shares(recipes: Recipes, share: FloatArray, filler: FloatArray) -> Recipes:
    """The same recipes with other `share` and `filler` [product, pool]; what goes into what stays."""
    changed = copy(recipes)
    product, pool = recipes.part_product.number, recipes.part_pool.number
    fills = recipes.part_filler > 0
    for name, value in {
        "share": share,
        "filler": filler,
        "part_share": share[product, pool][:, None, None],
        "part_filler": np.where(fills, filler[product, pool][:, None, None], 0.0),
    }.items():
        object.__setattr__(changed, name, value)
    return changed


@dataclass(frozen=True, slots=True)
class Started:
    """What units start, t."""

    used_t: FloatArray
    """[element, unit, column] ingredients taken"""
    content_t: FloatArray
    """[cell, unit, column] what will be in the products, see `Recipes.cell_part`"""
    able_t: FloatArray
    """[product, unit, column] what the ingredients alone would allow"""
    made_t: FloatArray
    """[product, unit, column]"""
    allowed: FloatArray
    """[pool, unit, column] part of what is wanted of each pool that there is"""
    allowed_swapped: Mapping[int, FloatArray]
    """Product -> the same of a product of which something was swapped: as far as that helps"""
    swapped_t: FloatArray | None
    """[part, unit, column] what went in beyond the recipe, below 0 where less did; None: nothing was swapped"""


def started(
    recipes: Recipes,
    *,
    wish_t: FloatArray,
    stock_t: FloatArray,
    yields: FloatArray,
    limit_t: FloatArray,
) -> Started:
    """What each unit starts towards `wish_t` [product, unit, column] from `stock_t` [element, unit, column].

    `yields` [unit] is product out per ingredient in, `limit_t` [unit, column] the capacity in t of product.
    """
    yields = yields[:, None]
    whole_t = recipes.pools.total(stock_t)
    pooled_t = whole_t * yields
    able_t, allowed = liebig_output(wish_t, recipes.share, recipes.essential, pooled_t)
    lacks = _lacking(recipes, wish_t, pooled_t, allowed)
    allowed_swapped = {each.swap.product: _enable(recipes, each, able_t, allowed) for each in lacks}
    made_t = able_t * available_share(limit_t, total(able_t, axis=0))
    swapped_t = _swapped(recipes, lacks, made_t) if lacks else None
    parts_t = _with_fillers(recipes, made_t, pooled_t, swapped_t)
    # Members of a pool are used in proportion to what the unit has of each.
    mix = ratio(stock_t, recipes.pools.spread(whole_t))
    content_t = parts_t.take(recipes.cell_part, axis=0)
    content_t *= recipes.cell_element.spread(mix)
    used_t = recipes.cell_element.total(content_t) / yields
    made_t = recipes.part_product.total(parts_t)
    return Started(used_t, content_t, able_t, made_t, allowed, allowed_swapped, swapped_t)


@dataclass(frozen=True, slots=True)
class _Lack:
    """Where a product lacks an ingredient that can be swapped."""

    swap: Swap
    unit: IntArray
    """[cell]"""
    column: IntArray
    """[cell]"""
    content: FloatArray
    """[ingredient, 1] t in a tonne of the product"""
    wish_t: FloatArray
    """[cell]"""
    given: FloatArray
    """[ingredient, cell] what there is of each over what all products need of it"""
    fill_given: FloatArray
    """[cell] the same of what makes up the mass"""


def _lacking(
    recipes: Recipes, wish_t: FloatArray, pooled_t: FloatArray, allowed: FloatArray
) -> list[_Lack]:
    found = []
    product_of, pool_of = recipes.part_product.number, recipes.part_pool
    for swap in recipes.swaps:
        short = (allowed.take(swap.pools, axis=0) < 1.0).any(axis=0) & (wish_t[swap.product] > 0)
        unit, column = np.nonzero(short)
        if not len(unit):
            continue
        wishes_t = wish_t[:, unit, column]
        need_t = pool_of.total(wishes_t.take(product_of, axis=0) * recipes.part_share[..., 0])
        # Of a wish next to nothing there is a multiple that no number holds; so much is never needed.
        have_t = np.minimum(pooled_t[:, unit, column], PLENTY * need_t)
        given = np.divide(have_t, need_t, out=np.ones_like(need_t), where=need_t > 0)
        found.append(
            _Lack(
                swap, unit, column, recipes.part_share[swap.parts, :, 0], wishes_t[swap.product],
                given[swap.pools], given[swap.fill_pool],
            )
        )  # fmt: skip
    return found


def _enable(recipes: Recipes, lack: _Lack, able_t: FloatArray, allowed: FloatArray) -> FloatArray:
    """Raise `able_t` as far as swaps do.

    Returns the part of the wish [pool, unit, column] that each pool then allows the product.
    """
    swap, unit, column = lack.swap, lack.unit, lack.column
    can = able(
        lack.content, swap.weight, lack.given, fill=recipes.part_share[swap.fill_part, 0],
        fill_given=lack.fill_given, share=recipes.swap_share,
    )  # fmt: skip
    allows = allowed.copy()
    of_cells = allowed[:, unit, column]
    scarcest = lack.given.argmin(axis=0)
    # What limits is laid to the scarcest of those that give the effect.
    of_cells[swap.pools] = 1.0
    of_cells[swap.pools[scarcest], np.arange(len(unit))] = can.by_effect
    of_cells[swap.fill_pool] = can.by_mass
    allows[:, unit, column] = of_cells
    essential = np.flatnonzero(recipes.essential[swap.product])
    part = of_cells[essential].min(axis=0)
    able_t[swap.product, unit, column] = np.maximum(
        able_t[swap.product, unit, column], lack.wish_t * part
    )
    return allows


def _swapped(recipes: Recipes, lacks: Sequence[_Lack], made_t: FloatArray) -> FloatArray:
    """[part, unit, column] t that go into what is made beyond the recipe, by all swaps."""
    out = np.zeros((len(recipes.part_share), *made_t.shape[1:]))
    for lack in lacks:
        swap, unit, column = lack.swap, lack.unit, lack.column
        have_t = lack.given * lack.content * lack.wish_t
        more_t = swapped(lack.content, swap.weight, made_t[swap.product, unit, column], have_t)
        for part, t in zip(swap.parts.tolist(), more_t, strict=True):
            out[part, unit, column] = t
            out[swap.fill_part, unit, column] -= t
    return out


def _with_fillers(
    recipes: Recipes, made_t: FloatArray, pooled_t: FloatArray, swapped_t: FloatArray | None
) -> FloatArray:
    """[part, unit, column] what goes in, in product terms: missing fillers are replaced tonne for tonne.

    `swapped_t` is what goes in beyond the recipe; it becomes less where less is made.
    """
    made_of_t = recipes.part_product.spread(made_t)
    parts_t: FloatArray = made_of_t * recipes.part_share
    if swapped_t is not None:
        parts_t += swapped_t
    if not np.any(recipes.filler):
        return parts_t
    asked_t = recipes.part_pool.total(parts_t)
    have = recipes.part_pool.spread(available_share(pooled_t, asked_t))
    # What is kept of a filler is not worked out as need less missing: where little is kept, the difference
    # would be mostly rounding.
    filler_t = made_of_t * recipes.part_filler
    parts_t = made_of_t * (recipes.part_share - recipes.part_filler) + filler_t * have
    if swapped_t is not None:
        parts_t += swapped_t
    missing_t = filler_t * (1 - have)
    for part, other in enumerate(recipes.instead.tolist()):
        if other >= 0:
            parts_t[other] += missing_t[part]
    need_t = recipes.part_pool.total(parts_t)
    # Of a filler that has run out a rounding residue is left over, which must not stop the maker.
    need_t = np.where(need_t > NOISE * asked_t, need_t, 0.0)
    room = recipes.part_pool.spread(available_share(pooled_t, need_t))
    # A product waits only for what goes into it.
    by_product, product = np.ones_like(made_t), recipes.part_product.number
    first = starts_of_runs(product)
    least = np.minimum.reduceat(np.where(parts_t > 0, room, 1.0), first, axis=0)
    by_product[product[first]] = least
    by_part = recipes.part_product.spread(by_product)
    parts_t *= by_part
    if swapped_t is not None:
        swapped_t *= by_part
    return parts_t
