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

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum

from sim.world.where import Names, Where


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
