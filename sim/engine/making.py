"""Metal, alloy and magnet making: ingredients become products as far as the scarcest one and the capacity go.

Makers of an `elements` form treat each element for itself; makers of grades follow recipes. The end users
of a maker told apart by a licence each make their part from their own ingredients.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.engine.network import Network, rows_at
from sim.engine.plan import recovery_of
from sim.engine.records import SMALL_T
from sim.engine.stocks import NOISE, Stocks
from sim.equations.recipe import available_share, liebig_output

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Pools:
    """Elements that stand in for one another share a pool; every other element has its own."""

    names: tuple[str, ...]
    of_element: IntArray
    """[element] -> pool"""

    @classmethod
    def of(cls, network: Network) -> Pools:
        """Groups first become pools where their first member stands."""
        group = {m: g for g, members in network.world.groups.items() for m in members}
        names: dict[str, int] = {}
        index = [names.setdefault(group.get(e, e), len(names)) for e in network.elements]
        return cls(tuple(names), np.array(index, dtype=np.intp))

    def total(self, by_element: FloatArray) -> FloatArray:
        """Sums over the members of each pool, [..., element] -> [..., pool]."""
        out = np.zeros((*by_element.shape[:-1], len(self.names)))
        for e, pool in enumerate(self.of_element):
            out[..., pool] += by_element[..., e]
        return out


@dataclass(frozen=True, slots=True)
class Makers:
    """Makers of one kind at once. A unit is one end user's part of a maker."""

    site: tuple[str, ...]
    unit_maker: IntArray
    unit_share: FloatArray
    holder: IntArray
    """[unit, element] ingredients; the dummy where the unit holds none"""
    output: IntArray
    """[maker, product]; the dummy where the maker does not make it"""
    output_blend: IntArray
    """[maker, product]"""
    products: tuple[str, ...]
    recovery: FloatArray
    """[maker] product out per ingredient in"""
    swarf_share: FloatArray
    """[maker] part of the input that leaves as scrap"""
    swarf_output: IntArray
    swarf_blend: IntArray
    capacity: FloatArray
    """[time, maker] t/day of product"""
    batch_days: FloatArray
    pools: Pools
    recipe: FloatArray
    """[product, pool] t in the product per t of product; identity for an `elements` form"""
    essential: BoolArray
    filler: FloatArray
    """[product, pool] part of the recipe that a filler gives"""
    replaced_by: IntArray
    """[pool] pool that takes a filler's place, -1 where there is none"""

    @property
    def by_recipe(self) -> bool:
        """Whether products are grades with recipes."""
        return bool(np.any(self.output_blend >= 0))


def makers_of(network: Network) -> list[Makers]:
    """All makers, those of one form together, in the order of their forms along the chain."""
    world = network.world
    order = {form.id: form.order for form in world.forms}
    by_form: dict[str, list[str]] = {}
    selling = {place for place, _, _ in network.outputs}
    for site_id in sorted(network.plan.active):
        # A project that starts after the horizon has nothing to sell in it.
        if site_id in selling and world.sites[site_id].stage not in (
            "mine",
            "separation",
            "recycling",
        ):
            by_form.setdefault(network.shape.makes[site_id], []).append(site_id)
    return [
        _makers(network, form, tuple(by_form[form]))
        for form in sorted(by_form, key=order.__getitem__)
    ]


def _makers(network: Network, form: str, sites: tuple[str, ...]) -> Makers:
    world, pools = network.world, Pools.of(network)
    kind = {f.id: f.kind for f in world.forms}[form]
    graded = tuple(sorted({p for _, f, p in network.outputs if f == form}))
    products = graded if kind == "blend" else network.elements
    unit_maker, unit_share, holder = _units(network, sites)
    output = np.array(
        [[network.output_index((s, form, p)) for p in products] for s in sites], dtype=np.intp
    )
    scrap = [network.output_index((s, world.scrap_form, "")) for s in sites]
    swarf_output = np.array(scrap, dtype=np.intp)
    recipe, essential, filler, replaced_by = _recipes(network, products, pools)
    takes = {s: network.shape.takes.get(s, "") for s in sites}
    return Makers(
        site=sites,
        unit_maker=unit_maker,
        unit_share=unit_share,
        holder=holder,
        output=output,
        output_blend=np.where(output >= 0, network.output_blend[output], -1).astype(np.intp),
        products=products,
        recovery=np.array([recovery_of(world.sites[s], takes[s], "") for s in sites]),
        swarf_share=np.array([world.sites[s].swarf_share for s in sites]),
        swarf_output=swarf_output,
        swarf_blend=np.where(swarf_output >= 0, network.output_blend[swarf_output], -1).astype(
            np.intp
        ),
        capacity=np.array([network.plan.capacity[s] for s in sites]).T,
        batch_days=np.array([np.ceil(world.sites[s].processing_days) for s in sites]),
        pools=pools,
        recipe=recipe,
        essential=essential,
        filler=filler,
        replaced_by=replaced_by,
    )


def _units(network: Network, sites: tuple[str, ...]) -> tuple[IntArray, FloatArray, IntArray]:
    maker, share, rows = [], [], []
    for m, site in enumerate(sites):
        mine = [h for h, i in enumerate(network.holder_input) if network.inputs[int(i)][0] == site]
        users = sorted({int(network.holder_user[h]) for h in mine}) or [0]
        for user in users:
            row = np.full(len(network.elements), -1, dtype=np.intp)
            part = 1.0
            for h in mine:
                if network.holder_user[h] == user:
                    row[network.input_element[network.holder_input[h]]] = h
                    part = float(network.holder_share[h])
            maker.append(m)
            share.append(part)
            rows.append(row)
    return np.array(maker, dtype=np.intp), np.array(share), np.array(rows, dtype=np.intp)


def _recipes(
    network: Network, products: tuple[str, ...], pools: Pools
) -> tuple[FloatArray, BoolArray, FloatArray, IntArray]:
    n = len(pools.names)
    recipe, filler = np.zeros((len(products), n)), np.zeros((len(products), n))
    essential = np.zeros((len(products), n), dtype=np.bool_)
    replaced_by = np.full(n, -1, dtype=np.intp)
    pool = {e: int(pools.of_element[i]) for i, e in enumerate(network.elements)}
    by_name = {name: k for k, name in enumerate(pools.names)}
    for g, product in enumerate(products):
        known = network.world.recipes.get(product)
        if known is None:
            recipe[g, pool[product]] = 1.0
            essential[g, pool[product]] = True
            continue
        for part in known.ingredients:
            k = pool[part.element]
            recipe[g, k] += part.share
            if part.role == "filler":
                filler[g, k] += part.share
                replaced_by[k] = by_name.get(part.replaced_by, -1)
            else:
                essential[g, k] = True
    return recipe, essential, filler, replaced_by


@dataclass(frozen=True, slots=True)
class MakingBatch:
    """What leaves the makers when this review's batches are done, t."""

    product_t: FloatArray
    """[maker, product]"""
    content_t: FloatArray
    """[maker, product, element]; for an `elements` form products are the elements, so it is diagonal"""
    swarf_t: FloatArray
    """[maker, element]"""
    lost_t: FloatArray
    """[maker, element]"""
    used_t: FloatArray
    """[maker, element] ingredients taken"""
    not_made_t: FloatArray
    """[maker, product, limiter] planned and not started; limiters are the pools, then capacity"""


def make(
    makers: Makers,
    network: Network,
    stocks: Stocks,
    wanted_t: FloatArray,
    planned_t: FloatArray,
    *,
    day: float,
    span: float,
) -> MakingBatch:
    """Start batches towards `wanted_t` [maker, product]; they come out after the maker's batch time.

    `planned_t` is what the plan would have started now; only what is short of that is blamed on an
    ingredient or the capacity, since a wish to catch up returns at every review.
    """
    yields = makers.recovery[makers.unit_maker]
    wish_t = wanted_t[makers.unit_maker] * makers.unit_share[:, None]
    stock_t = stocks.held[makers.holder]
    pooled_t = makers.pools.total(stock_t) * yields[:, None]
    made_t, allowed = liebig_output(wish_t, makers.recipe, makers.essential, pooled_t)
    limit_t = rows_at(network.plan.days, makers.capacity, day)[makers.unit_maker]
    room = available_share(limit_t * makers.unit_share * span, made_t.sum(axis=1))
    before_t, made_t = made_t, made_t * room[:, None]
    parts_t = _fill(makers, made_t, pooled_t)
    used_t, content_t = _draw(makers, parts_t, stock_t, yields)
    stocks.held[makers.holder] -= used_t
    np.maximum(stocks.held, 0.0, out=stocks.held)
    stocks.held[-1] = 0.0
    due_t = np.minimum(wish_t, planned_t[makers.unit_maker] * makers.unit_share[:, None])
    return _batch(makers, due_t, before_t, parts_t.sum(axis=2), allowed, used_t, content_t)


def _fill(makers: Makers, made_t: FloatArray, pooled_t: FloatArray) -> FloatArray:
    """[unit, product, pool] what goes in, in product terms: missing fillers are replaced tonne for tonne."""
    parts_t = made_t[:, :, None] * makers.recipe[None, :, :]
    if not np.any(makers.filler):
        return parts_t
    asked_t = parts_t.sum(axis=1)
    have = available_share(pooled_t, asked_t)
    # What is kept of a filler is not worked out as need less missing: where little is kept, the difference
    # would be mostly rounding.
    kept = np.where(makers.replaced_by >= 0, have, 1.0)[:, None, :]
    filler_t = made_t[:, :, None] * makers.filler[None, :, :]
    parts_t = made_t[:, :, None] * (makers.recipe - makers.filler)[None, :, :] + filler_t * kept
    missing_t = filler_t * (1 - kept)
    for k in np.flatnonzero(makers.replaced_by >= 0):
        parts_t[:, :, makers.replaced_by[k]] += missing_t[:, :, k]
    need_t = parts_t.sum(axis=1)
    # Of a filler that has run out a rounding residue is left over, which must not stop the maker.
    need_t = np.where(need_t > NOISE * asked_t, need_t, 0.0)
    room = available_share(pooled_t, need_t)[:, None, :]
    # A grade waits only for what goes into it.
    by_grade = np.where(parts_t > 0, room, 1.0).min(axis=2, keepdims=True)
    return parts_t * by_grade


def _draw(
    makers: Makers, parts_t: FloatArray, stock_t: FloatArray, yields: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Ingredients taken [unit, element] and product content [unit, product, element].

    Members of a pool are used in proportion to what the unit has of each.
    """
    pool = makers.pools.of_element
    total_t = makers.pools.total(stock_t)[:, pool]
    mix = np.divide(stock_t, total_t, out=np.zeros_like(stock_t), where=total_t > 0)
    content_t = parts_t[:, :, pool] * mix[:, None, :]
    return content_t.sum(axis=1) / yields[:, None], content_t


def _batch(
    makers: Makers,
    due_t: FloatArray,
    before_t: FloatArray,
    made_t: FloatArray,
    allowed: FloatArray,
    used_t: FloatArray,
    content_t: FloatArray,
) -> MakingBatch:
    n = len(makers.site)
    used = np.zeros((n, used_t.shape[1]))
    np.add.at(used, makers.unit_maker, used_t)
    content = np.zeros((n, *content_t.shape[1:]))
    np.add.at(content, makers.unit_maker, content_t)
    if not makers.by_recipe:
        content = np.einsum("mpe,ef->mef", content, np.eye(content.shape[2]))
    product = content.sum(axis=2)
    swarf = used * makers.swarf_share[:, None]
    return MakingBatch(
        product_t=product,
        content_t=content,
        swarf_t=np.where(makers.swarf_output[:, None] >= 0, swarf, 0.0),
        lost_t=used - content.sum(axis=1) - np.where(makers.swarf_output[:, None] >= 0, swarf, 0.0),
        used_t=used,
        not_made_t=_not_made(makers, due_t, before_t, made_t, allowed),
    )


def _not_made(
    makers: Makers, due_t: FloatArray, before_t: FloatArray, made_t: FloatArray, allowed: FloatArray
) -> FloatArray:
    """[maker, product, limiter] blame the scarcest essential ingredient, then the capacity."""
    n_pools = len(makers.pools.names)
    out = np.zeros((len(makers.site), len(makers.products), n_pools + 1))
    scarce_t = np.maximum(0.0, due_t - before_t)
    if np.any(scarce_t > SMALL_T):
        share = np.where(makers.essential[None, :, :], allowed[:, None, :], 2.0)
        scarcest = share.argmin(axis=2)
        unit, product = np.nonzero(scarce_t > SMALL_T)
        where = (makers.unit_maker[unit], product, scarcest[unit, product])
        np.add.at(out, where, scarce_t[unit, product])
    full_t = np.maximum(0.0, np.minimum(due_t, before_t) - made_t)
    if np.any(full_t > SMALL_T):
        np.add.at(out[:, :, n_pools], makers.unit_maker, full_t)
    return out


def land_made(makers: Makers, stocks: Stocks, batch: MakingBatch, which: IntArray) -> None:
    """Put a batch of the makers `which` into their producer stocks."""
    # No two makers and no two products share a producer stock, so nothing is added twice.
    outputs, blends = makers.output[which], makers.output_blend[which]
    sells, blended = outputs >= 0, blends >= 0
    stocks.sold[outputs[sells]] += batch.product_t[which][sells]
    stocks.sold_content[blends[blended]] += batch.content_t[which][blended]
    scraps = which[makers.swarf_output[which] >= 0]
    stocks.sold[makers.swarf_output[scraps]] += batch.swarf_t[scraps].sum(axis=1)
    stocks.sold_content[makers.swarf_blend[scraps]] += batch.swarf_t[scraps]
