"""Capacity ramp-up: a mine, plant or maker starts, or grows, along an S-curve.

The site must be in the pack. For a site that runs already the capacity comes on top; a project that
starts by itself in a growing world follows the lever instead.

A plant needs its feed and a mine its plant: what nothing starts must be started too, and `check` names what is
missing.

Limits: a project counts with its chance of success, so its tonnes are an average over success and
failure; it costs nothing, and nobody delays it because demand is weak.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import inf
from typing import Literal

from pydantic import Field, ValidationError, ValidationInfo, field_validator

from sim.channels.effects import Addition, Effect
from sim.lever import (
    Caution,
    Customer,
    Date,
    Days,
    Lever,
    Measure,
    NamedElements,
    Outcome,
    PackRows,
    Phase,
    Reach,
    Share,
    Site,
    Sites,
    TonnesPerYear,
    at,
    day,
    expand_groups,
    fault,
    listed,
    percent,
    used_elements,
    world_of,
)
from sim.words.problems import suggest
from sim.words.quantities import DAYS_PER_YEAR, plain_number
from sim.world.places import places_in
from sim.world.world import Site as WorldSite
from sim.world.world import World

MANY_TIMES = 10.0
"""An addition as many times the size of its site is probably in another unit."""


class CapacityRampUp(Measure):
    """What people write under `kind: capacity_ramp_up`; None stands for the pack's own value."""

    pack_rows = PackRows(
        "sites",
        {
            "planned_capacity": "capacity",
            "success": "success",
            "ramp_cap": "achieved",
            "ramp_years": "ramp",
            "recovery": "",
            "processing_days": "",
        },
        named_by="site",
    )

    first_day_key = "first_output"
    outcome = Outcome(
        "project",
        "{made} made ({stage}), with what is added counted at {expected_share} % of its design size{parts}.",
        parts=(
            "; {more} more than at the base year's rate of {before} a year",
            "; {no_more} than at the base year's rate of {before} a year",
            "; it {cut_off}",
        ),
    )

    kind: Literal["capacity_ramp_up"]
    site: Site
    """Site of the pack that starts or grows."""
    first_output: Date
    """Day of the first output."""
    capacity: TonnesPerYear | None = None
    """Design size, in the same basis as the site's capacity in the pack; left out: the pack's."""
    ramp: Days | None = Field(default=None, examples=["4 years"])
    """Time from 10 to 90 % of what is reached; left out: the pack's."""
    success: Share | None = Field(default=None, examples=["25 %"])
    """Chance that it is built, more than 0 %; the central run weighs the capacity with it. Left out:
    the pack's."""
    achieved: Share | None = Field(default=None, examples=["75 %"])
    """Part of the design size that is reached in the end; left out: the pack's."""
    can_separate: NamedElements = ()
    """Elements the plant splits out from then on, beside those it can already; left out: no more."""
    fed_by: Sites = ()
    """Sites whose output it takes, among those that the pack links to it; left out: as in the pack."""
    sells_to: Mapping[Customer, Share] = Field(default_factory=dict)
    """Regions or sites with their share of planned sales, which make 100 %; a new maker among them gets what
    it needs first, and the others share what is left. Left out: all buyers of the product."""

    def timeline(self) -> tuple[Phase, ...]:
        """In force from the first output; the ramp is the lever's own."""
        return (Phase("in_force", self.first_output),)

    def separated_elements(self, world: World) -> tuple[str, ...]:
        """Element symbols of `can_separate`, groups expanded."""
        return expand_groups(self.can_separate, world)

    @field_validator("ramp", "success")
    @classmethod
    def _more_than_nothing(cls, given: float | None) -> float | None:
        if given == 0.0:
            raise fault("zero is not possible here", "leave the lever out if it is never built")
        return given

    @field_validator("can_separate")
    @classmethod
    def _only_where_elements_are_separated(
        cls, elements: tuple[str, ...], info: ValidationInfo
    ) -> tuple[str, ...]:
        site, world = _known_site(info)
        if not elements or world is None or site is None:
            return elements
        stages = {other.stage for other in world.sites.values() if other.can_separate}
        if site.stage not in stages:
            raise fault(
                f"{site.name} is a {site.stage} site and separates nothing",
                f"`can_separate` is for sites of the stage {' or '.join(sorted(stages))}",
                at_key=True,
            )
        return elements

    @field_validator("fed_by")
    @classmethod
    def _only_where_something_is_fed(
        cls, feeders: tuple[str, ...], info: ValidationInfo
    ) -> tuple[str, ...]:
        site, world = _known_site(info)
        if feeders and site is not None and site.basket:
            raise fault(
                f"{site.name} is a mine and takes no feed",
                "name the mine under `fed_by` of the plant that takes its ore",
                at_key=True,
            )
        if site is not None and site.id in feeders:
            raise fault(f"`{site.id}` cannot feed itself", "name the sites before it in the chain")
        if site is not None and world is not None:
            sellers = sorted({seller for seller, buyer, _ in world.links if buyer == site.id})
            _refuse_strangers(dict(enumerate(feeders)), sellers, "from", site)
        return feeders

    @field_validator("sells_to", mode="before")
    @classmethod
    def _shares_by_customer(cls, written: object) -> object:
        if not isinstance(written, Mapping) or not written:
            raise fault("`sells_to` says who buys which share", "for example {EU: 60 %, USA: 40 %}")
        return written

    @field_validator("sells_to")
    @classmethod
    def _sales_add_up(
        cls, sells_to: Mapping[str, float], info: ValidationInfo
    ) -> Mapping[str, float]:
        if sells_to and abs(sum(sells_to.values()) - 1.0) > 1e-9:
            raise fault(
                f"the shares add up to {percent(sum(sells_to.values()))}", "they must make 100 %"
            )
        site, world = _known_site(info)
        if site is not None and site.id in sells_to:
            raise fault(f"`{site.id}` cannot sell to itself", "name a region or another site")
        if site is not None and world is not None:
            _refuse_strangers(
                {name: name for name in sells_to}, _buyers(site.id, world), "to", site
            )
        return sells_to

    def cautions(self, reach: Reach) -> Iterator[Caution]:
        """A first output before the pack thinks it possible; a site without feed or buyers."""
        site = reach.world.sites[self.site]
        yield from self._early(reach)
        if site.status == "operating":
            yield from self._added_to(site, reach)
        used = used_elements(reach.world)
        idle = [e for e in self.separated_elements(reach.world) if e not in used]
        if idle:
            yield Caution(
                ("can_separate",),
                f"nobody uses {listed(idle)}, so `{self.id}` would be the same without",
                "leave it out",
                needless=tuple(idle),
            )
        why = reach.chains.why_cut_off(site) or reach.chains.why_late(site)
        if why:
            yield Caution(
                ("site",),
                f"`{self.site}` {why}",
                "start what is missing too, in time; links can be added in a pack of your own",
            )
        empty = reach.chains.regions_without_buyer(site, self.sells_to)
        if empty:
            yield Caution(
                ("sells_to",),
                f"nobody in {listed(empty)} to whom a link leads uses what `{self.site}` makes, so that part "
                "is not sold there",
                "name a region that uses it",
            )

    def _early(self, reach: Reach) -> Iterator[Caution]:
        """A first output before the range of the pack's own date."""
        rows = (r for r in reach.world.rows if r.table == "sites" and r.key[0] == self.site)
        row = next((r for r in rows if r.parameter == "earliest_start"), None)
        earliest = float(row.low or row.value) if row else -inf
        if row is not None and self.first_output.year < earliest // 1:
            range_ = f"{row.low} to {row.high}" if row.low and row.high else row.value
            yield Caution(
                ("first_output",),
                f"first output in {self.first_output.year} is earlier than the pack thinks possible ({range_})",
                "if it is meant, say why: `first_output: {value: ..., reason: ...}`",
                unless_said=True,
            )

    def _added_to(self, site: WorldSite, reach: Reach) -> Iterator[Caution]:
        """An addition to what runs already: its size, and whether capacity is what limits the site."""
        if self.capacity is None and site.planned_capacity_t_per_year <= 0:
            yield Caution(
                ("site",),
                f"`{site.id}` runs already and the pack plans no more for it, so `{self.id}` adds nothing",
                "give a `capacity`: it comes on top",
            )
            return
        now = site.capacity_t_per_year
        size = self.capacity or 0.0
        if size >= MANY_TIMES * now or 0 < size <= now / MANY_TIMES**2:
            yield Caution(
                ("capacity",),
                f"`capacity` of `{self.id}` adds {plain_number(size)} to the {plain_number(now)} "
                f"{reach.world.basis} a year that `{site.id}` has",
                "if it is meant, say why: `capacity: {value: ..., reason: ...}`",
                unless_said=True,
            )
        feeders = {link.seller for link in reach.world.links.values() if link.buyer == site.id}
        if self.can_separate or self.fed_by or feeders & reach.started:
            return
        why = ""
        if site.plan == "residual":
            why = "it supplies what is still needed, with whatever capacity that takes"
        elif site.can_separate:
            why = "what it makes follows from its feed"
        elif not site.basket:
            why = "what it makes follows from what its buyers need"
        if why:
            yield Caution(
                ("capacity", "site"),
                f"`{site.id}` runs already, and {why}: more capacity is felt only where it would run "
                "short of it",
                "look in the page at what it makes beyond the base year's rate",
            )

    def beside(self, other: Lever, world: World) -> Iterator[Caution]:
        """Two additions to one site that name other buyers: a site has one way to share out what it sells."""
        if not isinstance(other, CapacityRampUp) or other.site != self.site:
            return
        if self.sells_to and other.sells_to and self.sells_to != other.sells_to:
            yield Caution(
                ("sells_to",),
                f"`{self.id}` and `{other.id}` add to one site and name other buyers; only one of them counts",
                "give both the same `sells_to`",
            )

    def about(self, world: World) -> str:
        """Name of the site."""
        return world.sites[self.site].name

    def effects(self, world: World) -> tuple[Effect, ...]:
        """The path of its capacity; the pack's own values where the scenario gives none."""
        site = world.sites[self.site]
        addition = Addition(
            site=self.site,
            capacity_t_per_year=self.capacity,
            first_output=self.first_output,
            ramp_days=site.ramp_days if self.ramp is None else self.ramp,
            success=site.success if self.success is None else self.success,
            achieved=site.ramp_cap if self.achieved is None else self.achieved,
            can_separate=self.separated_elements(world),
            fed_by=self.fed_by,
            sells_to=dict(self.sells_to),
        )
        return (addition,)

    def sentence(self, world: World) -> str:
        """The project in plain words."""
        site = world.sites[self.site]
        country = world.countries[site.country].name
        start = f"{site.name} ({country}) has its first output on {day(self.first_output)}"
        return f"{start}: {'; '.join(self.clauses(world))}."

    def clauses(self, world: World) -> list[str]:
        """Size, ramp, chances, and who is served."""
        site = world.sites[self.site]
        size = site.planned_capacity_t_per_year if self.capacity is None else self.capacity
        years = site.ramp_years if self.ramp is None else self.ramp / DAYS_PER_YEAR
        success = site.success if self.success is None else self.success
        achieved = site.ramp_cap if self.achieved is None else self.achieved
        names = {element.symbol: element.name for element in world.elements}
        words = [
            f"designed for {plain_number(size)} {world.basis} a year",
            f"{plain_number(years)} years from 10 to 90 % of what is reached",
            f"built with a chance of {percent(success)}, then {percent(achieved)} of design size",
        ]
        if self.can_separate:
            separated = [names[symbol] for symbol in self.separated_elements(world)]
            words.append(f"separates {listed(separated)}")
        if self.fed_by:
            words.append(f"fed by {listed([world.sites[feeder].name for feeder in self.fed_by])}")
        if self.sells_to:
            names = {region.id: region.name for region in world.regions.values()}
            names |= {other.id: other.name for other in world.sites.values()}
            sales = [f"{percent(share)} to {names[to]}" for to, share in self.sells_to.items()]
            words.append(f"sells {listed(sales)}")
        return words


def _refuse_strangers(
    named: Mapping[int, str] | Mapping[str, str], linked: list[str], way: str, site: WorldSite
) -> None:
    """Partners of a site that no link of the pack leads to or from."""
    wrong = [
        at(
            (where,),
            fault(
                f"the pack has no link {way} `{name}` for `{site.id}`",
                suggest(name, linked),
                at_key=isinstance(where, str),
            ),
        )
        for where, name in named.items()
        if name not in linked
    ]
    if wrong:
        raise ValidationError.from_exception_data("links", wrong)


def _buyers(seller: str, world: World) -> list[str]:
    """Regions and sites that a link leads to from a seller."""
    places = places_in(world)
    buyers = sorted({buyer for sells, buyer, _ in world.links if sells == seller})
    regions = {places[buyer].region for buyer in buyers if buyer in places}
    return [*sorted(regions), *(buyer for buyer in buyers if buyer in world.sites)]


def _known_site(info: ValidationInfo) -> tuple[WorldSite | None, World | None]:
    """The site of the lever in the world it is checked against."""
    world = world_of(info)
    site = info.data.get("site")
    return (world.sites.get(site) if world and site else None), world
