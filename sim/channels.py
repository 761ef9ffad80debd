"""What levers can change: one channel for each decision of a review, with the values that a lever may give it.

A lever returns *effects*, values of channels, for the settings of one phase. It touches no stock, no array
and no other lever. How the values of several levers combine stands with each channel in
`sim.engine.channels`; every rule there is free of order, so levers commute.

| channel | what it decides | who gives it a value today |
| --- | --- | --- |
| `Passage` | whether goods may leave: refused, held, free | bans; licences, whose desk says for whom |
| `Room` | how many tonnes may leave, or be made, in a slice of the calendar | quotas |
| `Capacity` | the part of its size at which a site runs | outages |
| `Rank` | in which order a seller serves its lines | quotas on production: home first |
| `Route` | which legs of a corridor are open, how much they carry, how long they take | closures, better legs |
| `Reserve` | which policy stocks may be drawn on | stockpiles |
| `Addition` | what the plan counts on beside what runs today | new mines and plants |
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum

from sim.world.trade import essential_elements
from sim.world.world import World

Names = frozenset[str]
ALL: Names = frozenset()
"""An empty set of names stands for all of them."""


@dataclass(frozen=True, slots=True)
class Where:
    """What an effect is about: lines that leave a country, or sites."""

    country: str
    """That the goods leave, or that the sites lie in; empty: sites of any country, and no line."""
    destinations: Names = ALL
    """Regions or countries of buyers."""
    elements: Names = ALL
    forms: Names = ALL
    stages: Names = ALL
    """Of the sites, or of the sellers."""
    sites: Names = ALL

    def covers_line(
        self, world: World, line: tuple[str, str, str, str], places: Names | None
    ) -> bool:
        """Whether it is about a line (seller, buyer, form, product) to a buyer in these places.

        A line is covered when the buyer lies abroad, the form is listed, and the product cannot be made
        without a listed element. `places` is None for a pile, which lies where it is made.
        """
        seller, _, form, product = line
        origin = world.sites.get(seller)
        if origin is None or origin.country != self.country or places is None:
            return False
        if self.country in places or not (self.names_form(form) and self.names_any(places)):
            return False
        if self.stages and origin.stage not in self.stages:
            return False
        return not self.elements or not self.elements.isdisjoint(
            essential_elements(world, seller, form, product)
        )

    def includes(self, other: Where) -> bool:
        """Whether every line that another scope covers is in this one too, told from the names alone."""
        if self.country != other.country:
            return False
        pairs = (
            (self.destinations, other.destinations), (self.elements, other.elements),
            (self.forms, other.forms), (self.stages, other.stages), (self.sites, other.sites),
        )  # fmt: skip
        return all(not mine or (bool(theirs) and theirs <= mine) for mine, theirs in pairs)

    def names_form(self, form: str) -> bool:
        """Whether a form is listed."""
        return not self.forms or form in self.forms

    def names_any(self, places: Iterable[str]) -> bool:
        """Whether one of a buyer's places is listed."""
        return not self.destinations or not self.destinations.isdisjoint(places)

    def covers_site(self, world: World, site: str) -> bool:
        """Whether it is about a site."""
        here = world.sites[site]
        return (
            (not self.country or here.country == self.country)
            and (not self.stages or here.stage in self.stages)
            and (not self.sites or site in self.sites)
        )


class Verdict(IntEnum):
    """What happens to goods that are to leave; of several verdicts the strictest counts."""

    FREE = 0
    HOLD = 1
    """They wait at the seller."""
    REFUSE = 2
    """Their order goes back to the buyer."""


@dataclass(frozen=True, slots=True)
class Passage:
    """Whether goods may leave."""

    where: Where
    verdict: Verdict
    gate: object | None = None
    """Terms under which an agent of the lever's kind decides line by line; the verdict is the least it says
    of a line that it does not let pass."""

    @property
    def by_user(self) -> bool:
        """Whether end users must be told apart, since the gate decides for each."""
        return self.gate is not None


@dataclass(frozen=True, slots=True)
class Room:
    """Tonnes that may leave, or be made, in a slice of the calendar; the rest waits, or is not made."""

    where: Where
    of_sites: bool
    """Whether it limits what sites make; otherwise what leaves."""
    share_of_base_year: float | None
    """Of the base year's exports in scope, or of its output; None where a rate is given."""
    t_per_year: float | None
    months: int
    """Length of a slice."""
    each: str = "all"
    """`form`, `element` or `all`: what has a tonnage of its own."""


@dataclass(frozen=True, slots=True)
class Capacity:
    """The part of its capacity, and of its plan, at which a site runs."""

    where: Where
    part: float
    gate: object | None = None
    """Terms under which an agent of the lever's kind says the part site by site; `part` is then not read."""


@dataclass(frozen=True, slots=True)
class Rank:
    """A seller serves its lines of a lower tier in full before those of a higher one."""

    where: Where
    tier: int


@dataclass(frozen=True, slots=True)
class Route:
    """What holds for a leg of a corridor."""

    corridor: str
    leg: int | None
    """Position of the leg; None: all of them."""
    closed: bool = False
    """Nothing may enter the corridor."""
    holds: bool = False
    """Lots under way wait before a closed leg; otherwise they sail on."""
    t_per_week: float | None = None
    """None: as in the pack."""
    days: float | None = None
    """None: as in the pack."""


@dataclass(frozen=True, slots=True)
class Reserve:
    """A policy stock from which users of its region may draw; each lever has one of its own."""

    stockpile: str
    region: str
    form: str
    elements: Names
    """Products that contain one of them as an essential ingredient."""
    size_t: float | None
    """What it holds when the run begins; None where `size_days` says it."""
    size_days: float | None
    """The same in days of the region's planned use on the first day."""
    below_days: float | None
    """A user whose stock has sunk below so many days draws; None: below its usual cover."""
    t_per_day: float
    """The most that is given out."""
    floor_share: float
    """Part of the size that is never given out."""
    refill_t_per_day: float
    """The most that is bought back."""


@dataclass(frozen=True, slots=True)
class Addition:
    """A mine, plant or maker that starts, or grows, from a day on."""

    site: str
    capacity_t_per_year: float | None
    """Design size; None: the pack's planned capacity."""
    first_output: date
    ramp_days: float
    success: float
    achieved: float
    can_separate: tuple[str, ...] = ()
    fed_by: tuple[str, ...] = ()
    sells_to: Mapping[str, float] = field(default_factory=dict, hash=False)

    @property
    def risked_share(self) -> float:
        """Part of the design size that the central run builds."""
        return self.success * self.achieved


Effect = Passage | Room | Capacity | Rank | Route | Reserve | Addition
Owned = tuple[str, Effect]
"""A lever's id and one of its effects."""
