"""Metal, alloy and magnet making: ingredients become products as far as the scarcest one and the capacity go.

Makers of an `elements` form treat each element for itself; makers of grades follow recipes. The end users
of a maker told apart by a licence each make their part from their own ingredients.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from sim.engine.network import Network, rows_at
from sim.engine.plan import is_maker, made_of, recovery_of
from sim.engine.records import SMALL_T
from sim.engine.stocks import Stocks
from sim.engine.works import Batch, Taken
from sim.equations.sums import Groups, total
from sim.rules.making import Recipes, Started, started, with_shares

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
    """As they are when the run begins; see `recipes_on`"""
    share: FloatArray
    """[time, product, pool] of `recipes`, as `filler`"""
    filler: FloatArray
    is_thrifted: bool
    """Whether they ever change"""
    units: Groups
    """[unit] maker"""
    name: str

    def counted_t(self, batch: Batch) -> FloatArray:
        """[maker, column] product."""
        return self.total(batch.product_t)

    def total(self, by_product_t: FloatArray) -> FloatArray:
        """[maker, column] of [maker, product, column]."""
        return total(by_product_t, axis=1)

    @property
    def site_of(self) -> IntArray:
        """[unit] maker."""
        return self.unit_maker

    @property
    def parts(self) -> int:
        """How many ingredients go into all its products, each counted for itself."""
        return len(self.recipes.part_share)

    @property
    def by_recipe(self) -> bool:
        """Whether products are grades with recipes."""
        return bool(np.any(self.output_blend >= 0))


@dataclass(frozen=True, slots=True)
class Making:
    """What makers of one kind start at a review."""

    taken: Taken
    batch: Batch
    not_made_t: FloatArray | None
    """[maker, product, limiter, column] short of the plan, by what limited it; None: nothing"""
    swapped_t: FloatArray | None
    """[maker, part, column] in it beyond the recipe, below 0 where less is; None: nothing was swapped"""


def recipes_on(makers: Makers, network: Network, day: float) -> Recipes:
    """What makers follow on a day; which elements go into what never changes, only how much of each."""
    if not makers.is_thrifted:
        return makers.recipes
    days = network.plan.days
    return with_shares(
        makers.recipes, rows_at(days, makers.share, day), rows_at(days, makers.filler, day)
    )


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
    pools, recipes, share, filler = _recipes(network, products)
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
        share=share,
        filler=filler,
        is_thrifted=bool((share != share[0]).any()),
        units=Groups(unit_maker, len(sites)),
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


def _recipes(
    network: Network, products: tuple[str, ...]
) -> tuple[tuple[str, ...], Recipes, FloatArray, FloatArray]:
    """Names of the pools, what goes into each product of them at first, and [time, product, pool] over time."""
    world, plan = network.world, network.plan
    group = {m: g for g, members in world.groups.items() for m in members}
    number: dict[str, int] = {}
    # A group becomes a pool where its first member stands.
    pool = {e: number.setdefault(group.get(e, e), len(number)) for e in network.elements}
    share, filler = np.zeros((2, len(plan.days), len(products), len(number)))
    essential = np.zeros(share.shape[1:], dtype=np.bool_)
    effect, made_up_by = np.zeros(share.shape[1:]), [-1] * len(products)
    element_share = {element.symbol: element.element_share for element in world.elements}
    replaced_by = np.full(len(number), -1, dtype=np.intp)
    for g, product in enumerate(products):
        known = world.recipes.get(product)
        fillers = [p for p in known.ingredients if p.role == "filler"] if known else []
        for part in fillers:
            replaced_by[pool[part.element]] = number.get(part.replaced_by, -1)
        for part in known.ingredients if known else ():
            if part.effect > 0:
                effect[g, pool[part.element]] = part.effect * element_share[part.element]
                made_up_by[g] = number.get(part.replaced_by, pool.get(part.replaced_by, -1))
        of_filler = {part.element for part in fillers}
        for element, parts in made_of(world, product, plan.years, network.behaviour.limits).items():
            share[:, g, pool[element]] += parts
            if element in of_filler:
                filler[:, g, pool[element]] += parts
            else:
                essential[g, pool[element]] = True
    of_element = np.array([pool[e] for e in network.elements], dtype=np.intp)
    first = Recipes(of_element, share[0], essential, filler[0], replaced_by)
    rule = network.behaviour.swaps
    if rule is not None:
        first = replace(first, effect=effect, made_up_by=tuple(made_up_by), swap_share=rule.share)
    return tuple(number), first, share, filler


def make(
    makers: Makers, network: Network, stocks: Stocks, wanted_t: FloatArray, planned_t: FloatArray,
    *, day: float, span: float,
) -> Making:  # fmt: skip
    """Batches towards `wanted_t` [maker, product, column].

    `planned_t` is what the plan would have started now; only what is short of that is blamed on an ingredient
    (a pool) or, last, the capacity, since a wish to catch up returns at every review.
    """
    maker, part = makers.unit_maker, makers.unit_share[:, None]
    wish_t = _first(wanted_t)[:, maker] * part
    units = started(
        recipes_on(makers, network, day),
        wish_t=wish_t,
        stock_t=stocks.held[makers.holder.T],
        yields=makers.recovery[maker],
        limit_t=rows_at(network.plan.days, makers.capacity, day)[maker][:, None] * part * span,
    )
    due_t = np.minimum(wish_t, _first(planned_t)[:, maker] * part)
    used_t = _by_maker(makers, units.used_t)
    return Making(
        Taken(makers.holder, _first(units.used_t)),
        _batch(makers, _content(makers, units), used_t),
        _not_made(makers, due_t, units),
        None if units.swapped_t is None else _by_maker(makers, units.swapped_t),
    )


def _first(table: FloatArray) -> FloatArray:
    """[b, a, column] of [a, b, column]."""
    return np.ascontiguousarray(np.swapaxes(table, 0, 1))


def _content(makers: Makers, units: Started) -> FloatArray:
    """[maker, product, element, column] of grades; [maker, element, column] where products are elements."""
    recipes = makers.recipes
    if not makers.by_recipe:
        return _by_maker(makers, recipes.cell_element.total(units.content_t))
    content_t = _by_maker(makers, units.content_t)
    out = np.zeros(
        (len(makers.site), len(makers.products), len(recipes.pool_of), content_t.shape[2])
    )
    product = recipes.part_product.number[recipes.cell_part]
    out[:, product, recipes.cell_element.number] = content_t
    return out


def planned_batch(makers: Makers, sales: FloatArray, composition: FloatArray, span: float) -> Batch:
    """One review's planned output as it would leave the makers when the run begins.

    `sales` [output + 1, column] t/day, `composition` [output blend + 1, element, column].
    """
    product_t = np.where((makers.output >= 0)[..., None], sales[makers.output], 0.0) * span
    content_t, by_element = product_t, product_t
    if makers.by_recipe:
        is_blend = (makers.output_blend >= 0)[:, :, None, None]
        mix = np.where(is_blend, composition[makers.output_blend], 0.0)
        content_t = product_t[:, :, None] * mix
        by_element = total(content_t, axis=1)
    return _batch(makers, content_t, by_element / makers.recovery[:, None, None])


def _by_maker(makers: Makers, by_unit: FloatArray) -> FloatArray:
    """[maker, x, column] sums of [x, unit, column]."""
    return makers.units.total(by_unit.swapaxes(0, 1))


def _batch(makers: Makers, content_t: FloatArray, used_t: FloatArray) -> Batch:
    """From content, see `_content`, and [maker, element, column] ingredients."""
    swarf_t = used_t * makers.swarf_share[:, None, None]
    swarf_t = np.where((makers.side_output >= 0)[:, None, None], swarf_t, 0.0)
    by_element = total(content_t, axis=1) if makers.by_recipe else content_t
    return Batch(
        product_t=total(content_t, axis=2) if makers.by_recipe else by_element,
        content_t=content_t if makers.by_recipe else None,
        side_t=swarf_t,
        lost_t=used_t - by_element - swarf_t,
        inside_t=used_t,
    )


def _not_made(makers: Makers, due_t: FloatArray, units: Started) -> FloatArray | None:
    """[maker, product, limiter, column] blame the scarcest essential ingredient, then the capacity."""
    scarce_t = np.maximum(0.0, due_t - units.able_t)
    full_t = np.maximum(0.0, np.minimum(due_t, units.able_t) - units.made_t)
    scarce, full = np.nonzero(scarce_t > SMALL_T), np.nonzero(full_t > SMALL_T)
    if not len(scarce[0]) and not len(full[0]):
        return None
    n_pools, columns = len(makers.pools), due_t.shape[2]
    out = np.zeros((len(makers.site), len(makers.products), n_pools + 1, columns))
    product, unit, column = scarce
    allowed = units.allowed[:, unit, column].T
    for swapped, allows in units.allowed_swapped.items():
        these = product == swapped
        allowed[these] = allows[:, unit[these], column[these]].T
    scarcest = np.where(makers.recipes.essential[product], allowed, 2.0).argmin(axis=1)
    np.add.at(out, (makers.unit_maker[unit], product, scarcest, column), scarce_t[scarce])
    product, unit, column = full
    capacity = np.full(len(unit), n_pools)
    np.add.at(out, (makers.unit_maker[unit], product, capacity, column), full_t[full])
    return out
