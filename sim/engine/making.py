"""Metal, alloy and magnet making: ingredients become products as far as the scarcest one and the capacity go.

Makers of an `elements` form treat each element for itself; makers of grades follow recipes. The end users
of a maker told apart by a licence each make their part from their own ingredients.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.engine.network import Network, rows_at
from sim.engine.plan import is_maker, recovery_of
from sim.engine.records import SMALL_T
from sim.engine.stocks import Stocks
from sim.engine.works import Batch, Taken
from sim.rules.making import Recipes, Started, started

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]


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
    side_output: IntArray
    """[maker] scrap"""
    side_blend: IntArray
    capacity: FloatArray
    """[time, maker] t/day of product"""
    days: FloatArray
    """[maker] in process"""
    pools: tuple[str, ...]
    """Names of elements and groups that limit an output"""
    recipes: Recipes
    name: str

    def counted_t(self, batch: Batch) -> FloatArray:
        """[maker] product."""
        return batch.product_t.sum(axis=1)

    @property
    def site_of(self) -> IntArray:
        """[unit] maker."""
        return self.unit_maker

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
        if site_id in selling and is_maker(world.sites[site_id]):
            by_form.setdefault(network.shape.makes[site_id], []).append(site_id)
    return [
        _makers(network, form, tuple(by_form[form]))
        for form in sorted(by_form, key=order.__getitem__)
    ]


def _makers(network: Network, form: str, sites: tuple[str, ...]) -> Makers:
    world = network.world
    kind = {f.id: f.kind for f in world.forms}[form]
    graded = tuple(sorted({p for _, f, p in network.outputs if f == form}))
    products = graded if kind == "blend" else network.elements
    unit_maker, unit_share, holder = _units(network, sites)
    output = np.array(
        [[network.output_index((s, form, p)) for p in products] for s in sites], dtype=np.intp
    )
    scrap = [network.output_index((s, world.scrap_form, "")) for s in sites]
    swarf_output = np.array(scrap, dtype=np.intp)
    pools, recipes = _recipes(network, products)
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
        side_output=swarf_output,
        side_blend=np.where(swarf_output >= 0, network.output_blend[swarf_output], -1).astype(
            np.intp
        ),
        capacity=np.array([network.plan.capacity[s] for s in sites]).T,
        days=np.array([np.ceil(world.sites[s].processing_days) for s in sites]),
        pools=pools,
        recipes=recipes,
        name=f"makers of {form}",
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


def _recipes(network: Network, products: tuple[str, ...]) -> tuple[tuple[str, ...], Recipes]:
    """Names of the pools, and what goes into each product of them."""
    group = {m: g for g, members in network.world.groups.items() for m in members}
    number: dict[str, int] = {}
    # A group becomes a pool where its first member stands.
    pool = {e: number.setdefault(group.get(e, e), len(number)) for e in network.elements}
    share, filler = np.zeros((2, len(products), len(number)))
    essential = np.zeros(share.shape, dtype=np.bool_)
    replaced_by = np.full(len(number), -1, dtype=np.intp)
    for g, product in enumerate(products):
        known = network.world.recipes.get(product)
        if known is None:
            share[g, pool[product]] = 1.0
            essential[g, pool[product]] = True
            continue
        for part in known.ingredients:
            k = pool[part.element]
            share[g, k] += part.share
            if part.role == "filler":
                filler[g, k] += part.share
                replaced_by[k] = number.get(part.replaced_by, -1)
            else:
                essential[g, k] = True
    of_element = np.array([pool[e] for e in network.elements], dtype=np.intp)
    return tuple(number), Recipes(of_element, share, essential, filler, replaced_by)


def make(
    makers: Makers, network: Network, stocks: Stocks, wanted_t: FloatArray, planned_t: FloatArray,
    *, day: float, span: float,
) -> tuple[Taken, Batch, FloatArray]:  # fmt: skip
    """Batches towards `wanted_t` [maker, product], and [maker, product, limiter] what was not made.

    `planned_t` is what the plan would have started now; only what is short of that is blamed on an ingredient
    (a pool) or, last, the capacity, since a wish to catch up returns at every review.
    """
    maker, part = makers.unit_maker, makers.unit_share
    wish_t = wanted_t[maker] * part[:, None]
    units = started(
        makers.recipes,
        wish_t=wish_t,
        stock_t=stocks.held[makers.holder],
        yields=makers.recovery[maker],
        limit_t=rows_at(network.plan.days, makers.capacity, day)[maker] * part * span,
    )
    due_t = np.minimum(wish_t, planned_t[maker] * part[:, None])
    return (
        Taken(makers.holder, units.used_t),
        _batch(makers, _by_maker(makers, units.content_t), _by_maker(makers, units.used_t)),
        _not_made(makers, due_t, units),
    )


def planned_batch(makers: Makers, sales: FloatArray, composition: FloatArray, span: float) -> Batch:
    """One review's planned output as it would leave the makers when the run begins."""
    product_t = np.where(makers.output >= 0, sales[makers.output], 0.0) * span
    if makers.by_recipe:
        mix = np.where(makers.output_blend[:, :, None] >= 0, composition[makers.output_blend], 0.0)
        content_t = product_t[:, :, None] * mix
    else:
        content_t = product_t[:, :, None] * np.eye(product_t.shape[1])[None, :, :]
    return _batch(makers, content_t, content_t.sum(axis=1) / makers.recovery[:, None])


def _by_maker(makers: Makers, by_unit: FloatArray) -> FloatArray:
    """Sum [unit, ...] over [maker, ...]."""
    out = np.zeros((len(makers.site), *by_unit.shape[1:]))
    np.add.at(out, makers.unit_maker, by_unit)
    return out


def _batch(makers: Makers, content_t: FloatArray, used_t: FloatArray) -> Batch:
    """From [maker, product, element] content and [maker, element] ingredients."""
    swarf_t = used_t * makers.swarf_share[:, None]
    swarf_t = np.where(makers.side_output[:, None] >= 0, swarf_t, 0.0)
    by_element = content_t.sum(axis=1)
    return Batch(
        product_t=content_t.sum(axis=2) if makers.by_recipe else by_element,
        content_t=content_t if makers.by_recipe else None,
        side_t=swarf_t,
        lost_t=used_t - by_element - swarf_t,
        inside_t=used_t,
    )


def _not_made(makers: Makers, due_t: FloatArray, units: Started) -> FloatArray:
    """[maker, product, limiter] blame the scarcest essential ingredient, then the capacity."""
    n_pools = len(makers.pools)
    out = np.zeros((len(makers.site), len(makers.products), n_pools + 1))
    scarce_t = np.maximum(0.0, due_t - units.able_t)
    if np.any(scarce_t > SMALL_T):
        essential = makers.recipes.essential[None, :, :]
        scarcest = np.where(essential, units.allowed[:, None, :], 2.0).argmin(axis=2)
        unit, product = np.nonzero(scarce_t > SMALL_T)
        where = (makers.unit_maker[unit], product, scarcest[unit, product])
        np.add.at(out, where, scarce_t[unit, product])
    full_t = np.maximum(0.0, np.minimum(due_t, units.able_t) - units.made_t)
    if np.any(full_t > SMALL_T):
        np.add.at(out[:, :, n_pools], makers.unit_maker, full_t)
    return out
