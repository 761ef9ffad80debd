"""Which trade a restriction meets, told from the pack alone: links, flows and what sellers can sell.

The engine knows the lanes of a run only after planning it. Here a lane counts when it may be used, so
what meets none of these meets none of a run's either; the opposite does not hold.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from sim.channels import Where
from sim.quantities import DAYS_PER_CALENDAR_YEAR
from sim.world.names import RECYCLING
from sim.world.places import Place, places_in
from sim.world.world import Site, World


@dataclass(slots=True)
class Reach:
    """The trade of a world; `started` are sites that a scenario sets to work."""

    world: World
    started: Collection[str]
    sold: dict[tuple[str, str, str], dict[str, float]] = field(init=False, default_factory=dict)
    """Seller, buyer, form -> product -> t/yr of the base year; nothing where only a link is."""
    _places: Mapping[str, Place] = field(init=False)

    def __post_init__(self) -> None:
        for flow in self.world.flows:
            products = self.sold.setdefault((flow.seller, flow.buyer, flow.form), {})
            products[flow.product] = products.get(flow.product, 0.0) + flow.t_per_year
        for link in self.world.links:
            self.sold.setdefault(link, {})
        self._places = places_in(self.world)

    def meets(self, where: Where) -> bool:
        """Whether a restriction of this scope may hold any goods back."""
        for seller, buyer, form in self._leaving(where.country):
            site = self.world.sites[seller]
            products = {*self.sold[seller, buyer, form], *self._may_sell(site, form)}
            places = self._places[buyer].names
            if any(
                where.covers_line(self.world, (seller, buyer, form, product), places)
                for product in products
            ):
                return True
        return False

    def exports_t(self, where: Where) -> float:
        """What left in the base year and is in scope, t/yr."""
        return sum(
            t_per_year
            for seller, buyer, form in self._leaving(where.country)
            for product, t_per_year in self.sold[seller, buyer, form].items()
            if where.covers_line(
                self.world, (seller, buyer, form, product), self._places[buyer].names
            )
        )

    def sites(self, where: Where) -> list[Site]:
        """Simulated sites in scope."""
        every = self.world.sites.values()
        return [s for s in every if self._runs(s.id) and where.covers_site(self.world, s.id)]

    def runs_by(self, site: Site, day: date) -> bool:
        """Whether a site may run before a day: it runs today, the pack has it begin, or the scenario does."""
        year = day.year + (day.timetuple().tm_yday - 1) / DAYS_PER_CALENDAR_YEAR
        return site.status == "operating" or site.id in self.started or site.earliest_start < year

    def corridors(self) -> list[str]:
        """Corridors that some lane goes by."""
        return sorted({link.corridor for link in self.world.links.values() if link.corridor})

    def forms_and_regions(self, exporter: str) -> tuple[list[str], list[str]]:
        """In which forms goods may leave a country, and where they may go."""
        leaving = list(self._leaving(exporter))
        forms, places = {form for _, _, form in leaving}, set[str]()
        places = places.union(*(self._places[buyer].names for _, buyer, _ in leaving))
        return (
            [form.id for form in self.world.forms if form.id in forms],
            [region for region in self.world.regions if region in places],
        )

    def _leaving(self, exporter: str) -> Iterator[tuple[str, str, str]]:
        for seller, buyer, form in self.sold:
            if self.world.sites[seller].country != exporter or not self._runs(seller):
                continue
            # A buyer that is no place is a pile at home.
            if buyer in self._places and exporter not in self._places[buyer].names:
                yield seller, buyer, form

    def _runs(self, seller: str) -> bool:
        site = self.world.sites[seller]
        simulated = site.stage in self.world.stages or site.stage == RECYCLING
        return simulated and (site.status != "asset" or seller in self.started)

    def _may_sell(self, site: Site, form: str) -> list[str]:
        """Products a site may sell; a form traded element by element has one for each."""
        kind = next((each.kind for each in self.world.forms if each.id == form), "")
        if kind == "elements":
            # A plant sells what it can split; a lever may teach it more. A maker takes what comes.
            split = set() if site.id in self.started else set(site.can_separate)
            return [e.symbol for e in self.world.elements if not split or e.symbol in split]
        grades = {product.id for product in self.world.products if product.form == form}
        return [grade for grade in site.products if grade in grades] or [""]
