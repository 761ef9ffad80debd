"""What a pack leaves out and probably should not: it is read, with a warning at the row that it is about."""

from __future__ import annotations

from collections.abc import Iterator
from math import isnan

from sim.words.problems import Problem, quote
from sim.world.build import DESIGN_SPEED, NEW_SUPPLY_DAYS, PILE_DAYS, SHARING_DEGREE, SWAP_SHARE
from sim.world.flying import NEVER
from sim.world.names import MINE, SINK
from sim.world.places import is_simulated
from sim.world.tables import PackText
from sim.world.world import AIR, Row, Site, World

BEHAVIOUR = {
    "pile_days": f"{PILE_DAYS:g} days",
    "new_supply_days": f"{NEW_SUPPLY_DAYS:g} days",
    "swap_share": f"{SWAP_SHARE:g}",
    "design_speed": f"{DESIGN_SPEED:g} a year",
    "sharing_degree": f"{SHARING_DEGREE:g} a week",
    **{n: f"{usual:g} {'days' if n.endswith('days') else 'USD/kg'}" for n, usual in AIR.items()},
}
"""What counts where a pack says nothing of it"""


def cautions(world: World, pack: PackText) -> Iterator[Problem]:
    """Each as a warning; a pack that a scenario changed has those of its rows as they are then."""
    look = _Looking(world, pack)
    yield from look.covers()
    yield from look.sectors()
    yield from look.classes()
    yield from look.products()
    yield from look.sites()
    yield from look.stockpiles()
    yield from look.sources()
    yield from look.defaults()


class _Looking:
    def __init__(self, world: World, pack: PackText) -> None:
        self.world = world
        self._pack = pack
        self._first: dict[tuple[str, str], Row] = {}
        self._sites: dict[tuple[str, str], Row] = {}
        for row in pack.rows:
            self._first.setdefault((row.table, row.key[0]), row)
            if row.table == "sites":
                self._sites[row.key[0], row.parameter] = row

    def covers(self) -> Iterator[Problem]:
        """Who buys a form holds some days of use of it."""
        covered = {(cover.place, cover.form, cover.element) for cover in self.world.covers}
        said = set()
        for row in self._pack.rows:
            if row.table != "flows" or row.key[1].startswith(SINK):
                continue
            _, buyer, form, product = row.key
            has_one = (buyer, form, "") in covered or (buyer, form, product) in covered
            if not has_one and (buyer, form) not in said:
                said.add((buyer, form))
                yield self._caution(
                    row, "buyer",
                    f"no cover for {form} at {quote(buyer)} in covers.csv; it counts as 0 days",
                    f"add a row {buyer},{form},,days to covers.csv",
                )  # fmt: skip

    def sectors(self) -> Iterator[Problem]:
        """A sector needs something, and grows by some rate."""
        used = {need.sector for need in self.world.demand}
        growing = {
            row.key[0]
            for row in self._pack.rows
            if row.table == "sectors" and row.parameter == "growth"
        }
        waiting = {
            row.key[0]
            for row in self._pack.rows
            if row.table == "sectors" and row.parameter == "postponable"
        }
        for id in self.world.sectors:
            row = self._first["sectors", id]
            if id not in used:
                message = f"the sector {quote(id)} needs nothing"
                yield self._caution(
                    row, "id", message, "add rows to demand.csv, or delete its rows"
                )
            elif id not in growing:
                message = f"the sector {quote(id)} has no `growth`; it counts as 0 %/yr"
                yield self._caution(row, "id", message, "add a row `growth`")
        in_haste = [id for id in self.world.sectors if id in used and id not in waiting]
        if in_haste:
            has = "has" if len(in_haste) == 1 else "have"
            yield self._caution(
                self._first["sectors", in_haste[0]], "id",
                f"{', '.join(map(quote, in_haste))} {has} no `postponable`; it counts as 0",
                "add rows `postponable` with the part of a sector's use that can wait, such as 0.1",
            )  # fmt: skip

    def classes(self) -> Iterator[Problem]:
        """Where sectors are of several classes, one comes before another."""
        several = self.world.priority_classes
        if len(several) > 1 and not self.world.classes_in_order:
            row = next(row for row in self._pack.rows if row.parameter == "priority_class")
            message = (
                "the pack does not say in which order its classes are served; they count as "
                f"{', '.join(several)}"
            )
            help = f"add a row `priority_classes` to pack.csv, such as `{' '.join(several)}`"
            yield self._caution(row, "value", message, help)

    def products(self) -> Iterator[Problem]:
        """A grade is made somewhere, from something."""
        made = {grade for site in self.world.sites.values() for grade in site.products}
        for (table, id), row in self._first.items():
            if table == "products" and id not in made:
                help = "add it to `products` of a site, or delete its rows"
                yield self._caution(row, "id", f"nobody makes {quote(id)}", help)

    def sites(self) -> Iterator[Problem]:
        """What a site does not say counts as something that few sites are."""
        for site in self.world.sites.values():
            simulated = is_simulated(self.world, site)
            if simulated and site.stage != MINE:
                for parameter, counts in (("recovery", "100 %"), ("processing_days", "0 days")):
                    if (site.id, parameter) not in self._sites:
                        message = f"{quote(site.id)} has no `{parameter}`; it counts as {counts}"
                        yield self._of_site(site, "stage", message, f"add a row `{parameter}`")
            if site.status == "operating" and simulated and not site.output_t_per_year:
                message = f"{quote(site.id)} is operating, but has no `output`; it stands still"
                yield self._of_site(
                    site, "status", message, "add a row `output`, or write `project`"
                )
            elif site.status == "project":
                yield from self._project(site)

    def _project(self, site: Site) -> Iterator[Problem]:
        if not site.planned_capacity_t_per_year:
            message = f"the project {quote(site.id)} has no `planned_capacity`; it makes nothing"
            yield self._of_site(site, "status", message, "add a row `planned_capacity`")
        elif isnan(site.earliest_start):
            message = (
                f"the project {quote(site.id)} has no `earliest_start`; it never starts by itself"
            )
            yield self._of_site(site, "planned_capacity", message, "add a row `earliest_start`")
        elif site.earliest_start < self.world.base_year:
            message = (
                f"the project {quote(site.id)} starts in {site.earliest_start:.6g}, before the base year "
                f"{self.world.base_year}"
            )
            help = "write when it starts now, or make it an operating site"
            yield self._of_site(site, "earliest_start", message, help)
        elif (site.id, "success") not in self._sites:
            message = f"the project {quote(site.id)} has no `success`; it counts as certain"
            help = "add a row `success` with the chance that it is built"
            yield self._of_site(site, "planned_capacity", message, help)

    def stockpiles(self) -> Iterator[Problem]:
        """A stockpile holds what somebody in its region buys."""
        places = {need.node: need.region for need in self.world.demand} | {
            site.id: site.region for site in self.world.sites.values()
        }
        bought = {(places.get(link.buyer, ""), link.form) for link in self.world.links.values()}
        for pile in self.world.stockpiles.values():
            if (pile.region, pile.form) not in bought:
                message = f"nobody in {quote(pile.region)} buys the {pile.form} of {quote(pile.id)}"
                help = "a release of it reaches nobody; name another form or region"
                yield self._caution(self._first["stockpiles", pile.id], "id", message, help)

    def sources(self) -> Iterator[Problem]:
        """A reader of the results can tell of when a number is."""
        for id, line in self._pack.source_lines.items():
            if not self._pack.sources[id]["year"]:
                place = self._pack.tables["sources"].place(line, "year")
                message = f"the source {quote(id)} has no year"
                yield Problem(place, message, "write the year of publication", severity="warning")

    def defaults(self) -> Iterator[Problem]:
        """What rules of behaviour read."""
        given = {row.parameter for row in self._pack.rows if row.table == "defaults"}
        first = next((row for row in self._pack.rows if row.table == "defaults"), None)
        recipes = self.world.recipes.values()
        flies = any(form.flies != NEVER for form in self.world.forms)
        needed = {
            "swap_share": any(part.effect for each in recipes for part in each.ingredients),
            "design_speed": any(each.other_design for each in self.world.sectors.values()),
            **dict.fromkeys(AIR, flies),
        }
        if not flies:
            row = self._first["forms", self.world.forms[0].id]
            message = "no form has `flies`, so nothing flies to who is nearly out of it"
            help = (
                "add a row `flies` to forms.csv (always, if_dear or never) for what is sent by air"
            )
            yield self._caution(row, "id", message, help)
        for parameter, value in BEHAVIOUR.items():
            if first is not None and parameter not in given and needed.get(parameter, True):
                message = f"the pack has no `{parameter}`; it counts as {value}"
                help = f"add a row `{parameter}` with a source or a note"
                yield self._caution(first, "parameter", message, help)
        if not any(row.table == "requalification" for row in self._pack.rows):
            place = self._pack.tables["requalification"].place(1)
            message = "no row says how long buyers take to accept a new seller; they never do"
            help = (
                "add a row for each form that they should buy from others, such as `oxide,,days,90`"
            )
            yield Problem(place, message, help, severity="warning")

    def _of_site(self, site: Site, parameter: str, message: str, help: str) -> Problem:
        return self._caution(self._sites[site.id, parameter], "value", message, help)

    def _caution(self, row: Row, column: str, message: str, help: str) -> Problem:
        return Problem(self._pack.place(row, column), message, help, severity="warning")
