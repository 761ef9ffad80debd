"""Does the base year close? What each site should send, against what its flows say; t/yr."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sim.world.names import RECYCLING, SINK
from sim.world.world import Flow, Site, World

Parts = dict[str, float]
"""Element -> t/yr."""


@dataclass(frozen=True, slots=True)
class Closure:
    """One comparison; where `may_be_less`, what the flows leave of `expected_t` is unsold."""

    place: str
    what: str
    expected_t: float
    flows_t: float
    may_be_less: bool = False

    @property
    def residual(self) -> float:
        """What does not close, as a share of the larger side; 0 for tonnes below a gram."""
        gap = self.flows_t - self.expected_t
        if self.may_be_less:
            gap = max(0.0, gap)
        largest = max(abs(self.expected_t), abs(self.flows_t))
        return abs(gap) / largest if largest > 1e-6 else 0.0


def closures(world: World) -> list[Closure]:
    """Every comparison the base year allows."""
    return list(_Balance(world).all())


class _Balance:
    def __init__(self, world: World) -> None:
        self.world = world
        self.into: dict[str, list[Flow]] = defaultdict(list)
        self.out: dict[str, list[Flow]] = defaultdict(list)
        for flow in world.flows:
            self.into[flow.buyer].append(flow)
            self.out[flow.seller].append(flow)
        self._mixed: dict[str, Parts] = {}

    def all(self) -> Iterator[Closure]:
        for site in self.world.sites.values():
            if site.status != "operating":
                continue
            if site.stage == "mine":
                yield Closure(site.id, "output", site.output_t_per_year, self.sold(site))
            elif site.stage in ("separation", RECYCLING):
                yield from self.plant(site)
            else:
                yield from self.maker(site)
        yield from self.use()

    def sold(self, site: Site, form: str = "") -> float:
        """Sales of a site in one form, or in all but mixed concentrate and scrap."""
        aside = (self.world.mixed_form, self.world.scrap_form)
        return sum(
            flow.t_per_year
            for flow in self.out[site.id]
            if (flow.form == form if form else flow.form not in aside)
        )

    def plant(self, site: Site) -> Iterator[Closure]:
        """Separation and recycling: feed times recovery, split as far as the plant can."""
        fed = sum(f.t_per_year for f in self.into[site.id])
        recovered = self.recovered(site)
        if site.stage == RECYCLING:
            yield Closure(site.id, "output", site.output_t_per_year, sum(recovered.values()))
        else:
            yield Closure(site.id, "feed", site.output_t_per_year, fed)
        sold = self.by_product(site, self.world.mixed_form)
        for element in sorted({*recovered, *sold}):
            made = recovered.get(element, 0.0) if element in site.can_separate else 0.0
            yield Closure(site.id, element, made, sold.get(element, 0.0), may_be_less=True)
        rest = sum(t for element, t in recovered.items() if element not in site.can_separate)
        yield Closure(site.id, "mixed concentrate", rest, self.sold(site, self.world.mixed_form))

    def by_product(self, site: Site, *without: str) -> Parts:
        """Sales by product."""
        parts: Parts = defaultdict(float)
        for flow in self.out[site.id]:
            if flow.form not in without:
                parts[flow.product] += flow.t_per_year
        return parts

    def recovered(self, plant: Site) -> Parts:
        """What a plant wins of each element from its feed."""
        parts: Parts = defaultdict(float)
        for flow in self.into[plant.id]:
            composition = self.composition(self.world.sites[flow.seller])
            for element, share in composition.items():
                parts[element] += flow.t_per_year * share * recovery_of(plant, flow.form, element)
        return parts

    def composition(self, seller: Site) -> Mapping[str, float]:
        """Shares of the elements in a blend: a mine's basket, a plant's rest, a maker's offcuts."""
        if seller.stage == "mine":
            return seller.basket
        if seller.id not in self._mixed:
            self._mixed[seller.id] = {}  # ends a circle of plants that feed one another
            if seller.stage == "separation":
                won = self.recovered(seller)
                parts = {e: t for e, t in won.items() if e not in seller.can_separate}
            else:
                parts = self.ingredients(seller)
            total = sum(parts.values())
            self._mixed[seller.id] = {e: t / total for e, t in parts.items()} if total > 0 else {}
        return self._mixed[seller.id]

    def ingredients(self, maker: Site) -> Parts:
        """What a maker buys of each element."""
        parts: Parts = defaultdict(float)
        for flow in self.into[maker.id]:
            parts[flow.product] += flow.t_per_year
        return parts

    def maker(self, site: Site) -> Iterator[Closure]:
        """Ingredients times recovery are the contents of what is sold."""
        scrap = self.world.scrap_form
        bought, content = self.ingredients(site), self.content(site)
        yield Closure(site.id, "output", site.output_t_per_year, self.sold(site))
        for element in sorted({*bought, *content}):
            form = self.into[site.id][0].form if self.into[site.id] else ""
            made = bought.get(element, 0.0) * recovery_of(site, form, element)
            yield Closure(site.id, element, made, content.get(element, 0.0))
        sent = self.sold(site, scrap)
        if sent > 0:
            yield Closure(site.id, scrap, sum(bought.values()) * site.swarf_share, sent)

    def content(self, site: Site) -> Parts:
        """Elements in what a maker sells."""
        parts: Parts = defaultdict(float)
        for product, t in self.by_product(site, self.world.scrap_form).items():
            recipe = self.world.recipes.get(product)
            if recipe is None:
                parts[product] += t
                continue
            for ingredient in recipe.ingredients:
                parts[ingredient.element] += t * ingredient.share
        return parts

    def use(self) -> Iterator[Closure]:
        """What each demand node gets is what it needs."""
        needs: dict[tuple[str, str], float] = defaultdict(float)
        for need in self.world.demand:
            needs[need.node, need.product] += need.t_per_year
        arrive: dict[tuple[str, str], float] = defaultdict(float)
        for flow in self.world.flows:
            if flow.buyer not in self.world.sites and not flow.buyer.startswith(SINK):
                arrive[flow.buyer, flow.product] += flow.t_per_year
        for node, product in sorted({*needs, *arrive}):
            key = node, product
            yield Closure(node, product, needs.get(key, 0.0), arrive.get(key, 0.0))


def recovery_of(site: Site, form: str, element: str) -> float:
    """Recovery of an element from an input form: its own, the form's, or the site's default."""
    for key in (f"{form}:{element}", form, "*"):
        if key in site.recovery:
            return site.recovery[key]
    return 1.0
