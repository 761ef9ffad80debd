"""What a run is counted against: the demand that its question is about.

A ban on a country's exports is felt by those who buy abroad what it is about. Divided by all demand of the
world, most of which was never aimed at, the same gap looks small. So shares, headline and figures count the
products and regions in here; the world as a whole is a second number.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from sim.summary.service import NOTICEABLE_SHARE, Needs, beyond
from sim.tables import TABLES
from sim.tables.measures import IN_SCOPE, SERVICE
from sim.world.places import USE
from sim.world.trade import essential_elements, forms_before, forms_of_stages, sold_abroad
from sim.world.where import Where
from sim.world.world import World

Pair = tuple[str, str]
"""A product or an element, and a region of use"""
Basis = Literal["restrictions", "gaps", "all"]
PRODUCT, ELEMENT, UNUSED = "product", "element", "unused element"
OF_ELEMENTS = tuple(each.name for each in SERVICE if each.of_elements)
"""Measures of the elements in what end users need"""
OF_PRODUCTS = tuple(each.name for each in SERVICE if not each.of_elements)
"""The same of products"""
IN_ALL_GOODS = "_in_all_goods"
"""Behind a metric of `OF_ELEMENTS` as `Scope.rows` has it: of all goods, beside that of goods in scope"""


@dataclass(frozen=True, slots=True)
class Scope:
    """Which demand counts, and why."""

    products: frozenset[Pair]
    elements: frozenset[Pair]
    basis: Basis
    """What it follows from: what restrictions are about; without any, gaps against the reference; else
    everything."""
    unused: tuple[str, ...] = ()
    """Restricted elements that nobody in this world uses"""

    def rows(self, table: pd.DataFrame, regions: Collection[str] = ()) -> pd.DataFrame:
        """The long table without what end users elsewhere need of other things; `regions` narrow it.

        Rows of other stages stay: what plants make is nobody's need. An element counts in goods
        that count: where others hold it too, the metric is that of goods in scope, and that of all has
        `IN_ALL_GOODS` behind it.
        """
        table = _of_goods_in_scope(table)
        use = (table["stage"] == USE).to_numpy()
        elements, products = _of_metrics(table["metric"])
        counted = (elements & among(table, self.elements)) | (
            products & among(table, self.products)
        )
        kept = ~use | counted | ~(elements | products)
        if regions:
            kept &= ~use | table["region"].isin(["", *regions]).to_numpy()
        return table[kept]

    def table(self) -> pd.DataFrame:
        """As it stands in `scope.csv`; a row for each pair."""
        rows = [
            *((PRODUCT, *pair, self.basis) for pair in sorted(self.products)),
            *((ELEMENT, *pair, self.basis) for pair in sorted(self.elements)),
            *((UNUSED, symbol, "", self.basis) for symbol in self.unused),
        ]
        return pd.DataFrame(rows, columns=TABLES["scope"].names, dtype=str)


def read_scope(table: pd.DataFrame) -> Scope:
    """The scope that `Scope.table` wrote."""
    pairs = {
        what: frozenset(zip(its["material"], its["region"], strict=True))
        for what, its in table.groupby("what")
    }
    basis: Basis = table["basis"].iloc[0] if len(table) else "all"
    unused = tuple(sorted(symbol for symbol, _ in pairs.get(UNUSED, ())))
    return Scope(pairs.get(PRODUCT, frozenset()), pairs.get(ELEMENT, frozenset()), basis, unused)


def among(table: pd.DataFrame, pairs: Collection[Pair]) -> npt.NDArray[np.bool_]:
    """[row] whether `material` and `region` are one of these pairs."""
    material, region = (table[name].astype("category").cat for name in ("material", "region"))
    rows = {name: code for code, name in enumerate(material.categories)}
    columns = {name: code for code, name in enumerate(region.categories)}
    wanted = np.zeros((len(rows) + 1, len(columns) + 1), dtype=np.bool_)
    for m, r in pairs:
        if m in rows and r in columns:
            wanted[rows[m], columns[r]] = True
    found: npt.NDArray[np.bool_] = wanted[material.codes.to_numpy(), region.codes.to_numpy()]
    return found


def _of_metrics(metrics: pd.Series) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """[row] whether a metric is of the elements that end users need, and whether of the products."""
    of_elements = [*OF_ELEMENTS, *(f"{metric}{IN_ALL_GOODS}" for metric in OF_ELEMENTS)]
    return metrics.isin(of_elements).to_numpy(), metrics.isin(OF_PRODUCTS).to_numpy()


def _of_goods_in_scope(table: pd.DataFrame) -> pd.DataFrame:
    """The table with what elements are in goods in scope under the name of the metric, where it is written."""
    metrics = table["metric"].astype("category").cat
    written = table["metric"].isin([f"{metric}{IN_SCOPE}" for metric in OF_ELEMENTS]).to_numpy()
    if not written.any():
        return table
    pairs = set(zip(*(table.loc[written, c] for c in ("material", "region")), strict=True))
    shared = among(table, pairs)
    endings = ("", IN_SCOPE, IN_ALL_GOODS)
    kinds = sorted({*metrics.categories, *(f"{m}{end}" for m in OF_ELEMENTS for end in endings)})
    number = {kind: code for code, kind in enumerate(kinds)}
    codes = metrics.set_categories(kinds).cat.codes.to_numpy().copy()
    for metric in OF_ELEMENTS:
        codes[shared & (codes == number[metric])] = number[f"{metric}{IN_ALL_GOODS}"]
        codes[codes == number[f"{metric}{IN_SCOPE}"]] = number[metric]
    return table.assign(metric=pd.Categorical.from_codes(codes, categories=kinds))


def shared_elements(world: World, scope: Scope) -> frozenset[Pair]:
    """Elements in scope that goods out of scope hold too, and the region."""
    others = _holding(world, set(_needed(world)) - scope.products, "all")
    return scope.elements & others.elements


def scope_of(world: World, restricted: Sequence[Where], needs: Needs, reference: Needs) -> Scope:
    """Of what restrictions are about (`restricted`, those that meet trade); else of gaps; else of all."""
    if restricted:
        scope = of_restrictions(world, restricted)
        if scope.products:
            return scope
    gaps = _gaps(needs, reference)
    if gaps:
        return _holding(world, gaps, "gaps")
    return _holding(world, set(_needed(world)), "all")


def of_restrictions(world: World, restricted: Sequence[Where]) -> Scope:
    """The union of what they are about, in the places they are aimed at.

    These are the destinations that each names, or all regions but the restricting country's own. A product
    counts where goods in scope that the country sells are what it is, or are made into it: a restricted element
    is then essential in it. Of ore and other mixtures all that is in them stays at home with what is named.
    """
    before = forms_before(world)
    form_of = {product.id: product.form for product in world.products}
    pairs: set[Pair] = set()
    elements: set[Pair] = set()
    for where in restricted:
        goods, places = list(_goods(world, where)), _places(world, where)
        for product, region in _needed(world):
            if region not in places:
                continue
            its = _form_of_use(world, product, region, form_of)
            named = frozenset[str]().union(
                *(_named(world, each, product) for each in goods
                  if any(each.form == form or each.form in before.get(form, ()) for form in its))
            )  # fmt: skip
            if named:
                pairs.add((product, region))
                elements |= {(element, region) for element in named}
    used = {element for element, _ in _holding(world, set(_needed(world)), "all").elements}
    unused = sorted(set[str]().union(*(where.elements for where in restricted)) - used)
    return Scope(frozenset(pairs), frozenset(elements), "restrictions", tuple(unused))


@dataclass(frozen=True, slots=True)
class _Goods:
    """What a restriction keeps at home: of a form these elements, or this grade."""

    form: str
    elements: frozenset[str]
    grade: str = ""


def _goods(world: World, where: Where) -> Iterator[_Goods]:
    """Goods in scope that the country sells abroad."""
    forms = where.forms or frozenset(form.id for form in world.forms)
    if where.stages:
        forms &= forms_of_stages(world, where.country, where.stages)
    every = frozenset(element.symbol for element in world.elements)
    for seller, form, product in sorted(sold_abroad(world, where.country)):
        if form not in forms:
            continue
        if product in world.recipes:
            named = _named(world, _Goods(form, where.elements or every), product)
            if named:
                yield _Goods(form, named, product)
            continue
        # Ore and mixed concentrate are one mixture: all of it stays at home with what is named.
        holds = essential_elements(world, seller, form, product)
        if not where.elements or holds & where.elements:
            yield _Goods(form, holds)


def _places(world: World, where: Where) -> set[str]:
    if not where.destinations:
        own = world.countries[where.country]
        return set(world.regions) - ({own.region} if own.standalone else set())
    country_regions = {country.id: country.region for country in world.countries.values()}
    return {place if place in world.regions else country_regions.get(place, place)
            for place in where.destinations}  # fmt: skip


def _named(world: World, goods: _Goods, product: str) -> frozenset[str]:
    """Elements of a product that are kept at home; nothing where it can be made without any of them."""
    if goods.grade:
        return goods.elements if goods.grade == product else frozenset()
    recipe = world.recipes.get(product)
    parts = recipe.ingredients if recipe else ()
    every = frozenset(part.element for part in parts) or frozenset({product})
    essential = frozenset(part.element for part in parts if part.role == "essential") or every
    return every & goods.elements if essential & goods.elements else frozenset()


def _form_of_use(
    world: World, product: str, region: str, form_of: dict[str, str]
) -> frozenset[str]:
    """In which form users of a region buy a product: an element, as their sectors do."""
    if product in world.recipes:
        return frozenset({form_of[product]})
    sectors = {need.sector for need in world.demand
               if (need.product, need.region) == (product, region)}  # fmt: skip
    return frozenset(world.sectors[sector].form for sector in sectors)


def _needed(world: World) -> Iterator[Pair]:
    return iter(dict.fromkeys((need.product, need.region) for need in world.demand))


def _gaps(needs: Needs, reference: Needs) -> set[Pair]:
    """Products and regions that lack a noticeable part of a month's demand more, or less, than anyway."""
    over = needs.over(("material", "region"))
    difference, demand = over.sums(beyond(needs, reference)), over.sums(needs.demand)
    found = (demand > 0) & (np.abs(difference) >= NOTICEABLE_SHARE * demand)
    pairs = list(zip(*(over.texts[c].words() for c in ("material", "region")), strict=True))
    return {pairs[n] for n in np.flatnonzero(found.any(axis=0))}


def _holding(world: World, pairs: Iterable[Pair], basis: Basis) -> Scope:
    """These products, and all elements in them."""
    parts = {product: {part.element for part in recipe.ingredients}
             for product, recipe in world.recipes.items()}  # fmt: skip
    chosen = frozenset(pairs)
    elements = {(e, region) for product, region in chosen for e in parts.get(product, {product})}
    return Scope(chosen, frozenset(elements), basis)
