"""Which trade a restriction meets, told from the pack alone: links, flows and what sellers can sell.

The engine knows the lanes of a run only after planning it. Here a lane counts when it may be used, so
what meets none of these meets none of a run's either; the opposite does not hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from math import inf

from sim.channels.effects import Addition
from sim.lever.cut_off import Chains
from sim.words.quantities import calendar_year
from sim.world.places import Place, is_simulated, places_in
from sim.world.trade import essential_elements
from sim.world.where import Where
from sim.world.world import Site, World


@dataclass
class Reach:
    """The trade of a world until a day, with the sites that a scenario sets to work."""

    world: World
    additions: Sequence[Addition] = ()
    """What levers add to sites"""
    ends: date = date.max
    """First day after the scenario"""
    sold: dict[tuple[str, str, str], dict[str, float]] = field(init=False, default_factory=dict)
    """Seller, buyer, form -> product -> t/yr of the base year; nothing where only a link is."""
    started: frozenset[str] = field(init=False)
    """Sites that levers add to"""
    places: Mapping[str, Place] = field(init=False)
    _used: frozenset[str] = field(init=False)
    """Elements that somebody uses, by themselves or in a product"""
    _bought: dict[tuple[str, str], set[str]] = field(init=False, default_factory=dict)
    """Buyer, form -> products that it took in the base year"""

    def __post_init__(self) -> None:
        for flow in self.world.flows:
            products = self.sold.setdefault((flow.seller, flow.buyer, flow.form), {})
            products[flow.product] = products.get(flow.product, 0.0) + flow.t_per_year
            self._bought.setdefault((flow.buyer, flow.form), set()).add(flow.product)
        self.started = frozenset(addition.site for addition in self.additions)
        for link in self.world.links:
            if self._may_trade(*link[:2]):
                self.sold.setdefault(link, {})
        self.places = places_in(self.world)
        self._used = used_elements(self.world)

    @cached_property
    def chains(self) -> Chains:
        """Who may pass goods on to whom."""
        return Chains(
            self.world, self.places, self.additions, lambda site: self.runs_by(site, self.ends)
        )

    def meets(self, where: Where, *, buyer: str = "", seller: str = "") -> bool:
        """Whether a restriction of this scope may hold any goods back; of one buyer or seller if named."""
        return any(
            self._covers(where, line, product)
            for line in self._leaving(where.country)
            if buyer in ("", line[1]) and seller in ("", line[0])
            for product in {*self.sold[line], *self._may_sell(*line)}
        )

    def exports_t(self, where: Where) -> float:
        """What left in the base year and is in scope, t/yr."""
        return sum(
            t_per_year
            for line in self._leaving(where.country)
            for product, t_per_year in self.sold[line].items()
            if self._covers(where, line, product)
        )

    def may_export(self, country: str, form: str, product: str) -> bool:
        """Whether a product of a form may leave a country."""
        return any(
            product in {*self.sold[line], *self._may_sell(*line)}
            for line in self._leaving(country)
            if line[2] == form
        )

    def shortest_days(self, where: Where) -> float:
        """Days of the quickest way on which goods in scope travelled in the base year; inf where none did."""
        ways = [
            self.world.links[line].transit_days if line in self.world.links else 1.0
            for line in self._leaving(where.country)
            if any(t > 0 and self._covers(where, line, p) for p, t in self.sold[line].items())
        ]
        return min(ways, default=inf)

    def days_of_ways(self, where: Where) -> dict[tuple[str, str], float]:
        """Region and form -> days of the quickest way of such goods in scope there in the base year."""
        days: dict[tuple[str, str], float] = {}
        for line in self._leaving(where.country):
            if any(t > 0 and self._covers(where, line, p) for p, t in self.sold[line].items()):
                at = (self.places[line[1]].region, line[2])
                link = self.world.links.get(line)
                days[at] = min(days.get(at, inf), link.transit_days if link else 1.0)
        return days

    def use_t(self, region: str, form: str, elements: Iterable[str]) -> float:
        """What buyers of a region took of a form in the base year, t/yr; of these elements if any are named."""
        wanted = frozenset(elements)
        return sum(
            t
            for (seller, buyer, of), products in self.sold.items()
            for product, t in products.items()
            if of == form
            and buyer in self.places
            and self.places[buyer].region == region
            and not (
                wanted and wanted.isdisjoint(essential_elements(self.world, seller, of, product))
            )
        )

    def covers_days(self, region: str, form: str) -> list[float]:
        """Days of use that the buyers of a region want to hold of a form."""
        held = (c for c in self.world.covers if c.form == form and c.place in self.places)
        return [c.days for c in held if self.places[c.place].region == region]

    def output_t(self, where: Where) -> float:
        """What the sites in scope made in the base year, t/yr."""
        return sum(site.output_t_per_year for site in self.sites(where))

    def sites(self, where: Where) -> list[Site]:
        """Simulated sites in scope."""
        every = self.world.sites.values()
        return [s for s in every if self._runs(s.id) and where.covers_site(self.world, s.id)]

    def runs_by(self, site: Site, day: date) -> bool:
        """Whether a site may run before a day: it runs today, the pack has it begin, or the scenario does."""
        first = [a.first_output for a in self.additions if a.site == site.id]
        if site.status == "operating" or any(output < day for output in first):
            return True
        return site.status == "project" and not first and site.earliest_start < calendar_year(day)

    def corridors(self) -> list[str]:
        """Corridors that some lane goes by between places that run before the scenario ends."""
        links = (link for link in self.world.links.values() if link.corridor)
        return sorted({link.corridor for link in links if self._both_run(link.seller, link.buyer)})

    def _both_run(self, *ends: str) -> bool:
        sites = (self.world.sites.get(place) for place in ends)
        return all(site is None or self.runs_by(site, self.ends) for site in sites)

    def forms_and_regions(self, exporter: str) -> tuple[list[str], list[str]]:
        """In which forms goods may leave a country, and where they may go."""
        leaving = list(self._leaving(exporter))
        forms, places = {form for _, _, form in leaving}, set[str]()
        places = places.union(*(self.places[buyer].names for _, buyer, _ in leaving))
        return (
            [form.id for form in self.world.forms if form.id in forms],
            [region for region in self.world.regions if region in places],
        )

    def _may_trade(self, seller: str, buyer: str) -> bool:
        """Whether a pair that traded nothing may: the plan keeps to the base year's pairs but for new sites.

        Sites that supply what is still needed take over from each other.
        """
        ends = (self.world.sites.get(seller), self.world.sites.get(buyer))
        new = (s is not None and (s.status != "operating" or s.id in self.started) for s in ends)
        return any(new) or (ends[0] is not None and ends[0].plan == "residual")

    def _covers(self, where: Where, line: tuple[str, str, str], product: str) -> bool:
        return where.covers_line(self.world, (*line, product), self.places[line[1]].names)

    def _leaving(self, exporter: str) -> Iterator[tuple[str, str, str]]:
        for seller, buyer, form in self.sold:
            if self.world.sites[seller].country != exporter or not self._runs(seller):
                continue
            # A buyer that is no place is a pile at home.
            if buyer not in self.places or exporter in self.places[buyer].names:
                continue
            if buyer not in self.world.sites or self._runs(buyer):
                yield seller, buyer, form

    def _runs(self, seller: str) -> bool:
        site = self.world.sites[seller]
        return is_simulated(self.world, site) and (site.status != "asset" or seller in self.started)

    def _may_sell(self, seller: str, buyer: str, form: str) -> list[str]:
        """Products a site may sell to a buyer, who goes on taking what it took in the base year."""
        bought = self._bought.get((buyer, form))
        return [p for p in self._may_make(seller, form) if bought is None or p in bought]

    def _may_make(self, seller: str, form: str) -> list[str]:
        """Products of a form that a site may have; one traded element by element has one for each."""
        site = self.world.sites[seller]
        kind = next((each.kind for each in self.world.forms if each.id == form), "")
        if kind == "elements":
            # A plant sells what it can split; a lever may teach it more. A maker takes what comes.
            split = set() if site.id in self.started else set(site.can_separate)
            symbols = [e.symbol for e in self.world.elements if e.symbol in self._used]
            return [symbol for symbol in symbols if not split or symbol in split]
        grades = {product.id for product in self.world.products if product.form == form}
        return [grade for grade in site.products if grade in grades] or [""]


def used_elements(world: World) -> frozenset[str]:
    """Elements that an end use takes as such or a product holds: others are made and stay where they are."""
    needed = {need.product for need in world.demand}
    parts = {part.element for recipe in world.recipes.values() for part in recipe.ingredients}
    return frozenset(needed | parts)
