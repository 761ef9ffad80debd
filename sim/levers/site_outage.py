"""Site outage: a mine, plant or maker stands still, for once from a date, or again and again by a hazard.

Name a site, or a country and a stage for all of them at once. From a date it lasts for the `repair`
time. With a `hazard` each site fails so many times a year, each by itself, and is repaired; only then may it
have `phases` or an end. What a site does not make meanwhile it makes up for afterwards as far as its capacity
goes; what is in process goes on.

Limits: a site is out as a whole, nobody repairs faster because goods are short, and no site fails because
another did. The central run counts a hazard with its expected availability, 1 / (1 + hazard x repair).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import (
    BeforeValidator,
    Discriminator,
    Field,
    ModelWrapValidatorHandler,
    Tag,
    ValidationError,
    ValidationInfo,
    model_validator,
)
from pydantic_core import PydanticCustomError

from sim.channels.effects import Capacity, Effect
from sim.lever import (
    AtLeastADay,
    Caution,
    Country,
    Date,
    Reach,
    Shock,
    Site,
    Stage,
    StrictModel,
    TimesPerYear,
    at,
    fault,
    read_date,
    times,
)
from sim.words.quantities import DAYS_PER_YEAR, plain_number
from sim.world.where import Where
from sim.world.world import World

LEAST_AVAILABILITY = 0.5
LONGEST_REPAIR_DAYS = 5 * DAYS_PER_YEAR
"""Beyond these a number is probably in another unit."""


class RepairRange(StrictModel):
    """A repair time that is not known: a triangular distribution."""

    low: AtLeastADay
    """The shortest."""
    likely: AtLeastADay
    """The likeliest."""
    high: AtLeastADay
    """The longest."""


def _repair(written: object, info: ValidationInfo) -> object:
    if not isinstance(written, Mapping):
        return written
    repair = RepairRange.model_validate(written, context=info.context)
    if not repair.low <= repair.likely <= repair.high:
        raise fault(
            "`low`, `likely` and `high` are not in order",
            "for example {low: 20 d, likely: 45 d, high: 120 d}",
        )
    return repair


def _form_of_repair(written: object) -> str:
    """One of the two, so that a slip in a time is not called a slip in a range too."""
    return "range" if isinstance(written, Mapping | RepairRange) else "time"


@dataclass(frozen=True, slots=True)
class OutageTerms:
    """How often sites fail and how long they stand still; days are calendar days."""

    times_per_year: float
    low_days: float
    likely_days: float
    high_days: float

    @property
    def repair_days(self) -> float:
        """Expected."""
        return (self.low_days + self.likely_days + self.high_days) / 3

    @property
    def availability(self) -> float:
        """Expected part of the time at which a site runs: up / (up + down) of an alternating renewal."""
        return 1.0 / (1.0 + self.times_per_year * self.repair_days / DAYS_PER_YEAR)


class SiteOutage(Shock):
    """What people write under `kind: site_outage`."""

    fixed = frozenset({"site", "country", "stage", "from"})
    may_be_absent = frozenset({"site", "country", "stage", "from", "hazard"})
    agent: ClassVar[str] = "sim.agents.site_outage"

    kind: Literal["site_outage"]
    site: Site | None = None
    """The only site that fails; left out: every site of the country and stage."""
    country: Country | None = None
    """Country whose sites fail; left out: any, of the stage."""
    stage: Stage | None = None
    """Stage whose sites fail; left out: any, in the country."""
    from_: Date | None = Field(default=None, alias="from", examples=["2026-04-01"])
    """First day of an outage that happens once; another word for `starts`."""
    hazard: TimesPerYear | None = Field(default=None, examples=["0.5 a year"])
    """How often a year each site fails; left out: once, from the first day on, until it is repaired."""
    repair: Annotated[
        Annotated[AtLeastADay, Tag("time")] | Annotated[RepairRange, Tag("range")],
        Discriminator(_form_of_repair),
        BeforeValidator(_repair),
    ] = Field(examples=["60 d", {"low": "20 d", "likely": "45 d", "high": "120 d"}])
    """Time until it runs again, or its range; the central run takes the mean of a range."""

    @model_validator(mode="wrap")
    @classmethod
    def _once_or_by_hazard(
        cls, written: Any, read: ModelWrapValidatorHandler[Self], info: ValidationInfo
    ) -> Self:
        lever = read(_with_start(written))
        if lever.site is None and lever.country is None and lever.stage is None:
            raise fault("it names no site", "add `site`, or `country`, `stage` or both")
        if lever.site is not None and (lever.country is not None or lever.stage is not None):
            key = "country" if lever.country is not None else "stage"
            raise _refused(key, "`site` says already which site fails", "leave one of them out")
        if lever.hazard is not None:
            return lever
        if lever.ends is not None or lever.phases or lever.starts is None:
            key = "ends" if lever.ends is not None else "phases"
            message = "an outage that happens once lasts for its `repair` time"
            raise _refused(key, message, f"leave `{key}` out, or give a `hazard`")
        days = ceil(lever.terms().repair_days)
        return lever.model_copy(update={"ends": lever.starts + timedelta(days=days)})

    def terms(self) -> OutageTerms:
        """Times and repair in base units."""
        repair = self.repair
        low, likely, high = (
            (repair.low, repair.likely, repair.high)
            if isinstance(repair, RepairRange)
            else (repair, repair, repair)
        )
        return OutageTerms(self.hazard or 0.0, low, likely, high)

    def sentence(self, world: World) -> str:
        """The outage in plain words."""
        return f"{self._who(world)} {', '.join(self.clauses(world))}: {self.date_words(world)}."

    def clauses(self, world: World) -> list[str]:
        """How long the sites stand still, and how often."""
        terms = self.terms()
        repair = times(round(terms.repair_days, 1), "day")
        if self.hazard is None:
            return [f"stand still for {repair}"]
        return [
            f"fail {times(self.hazard, 'time')} a year each and are repaired after {repair}",
            f"so that they run {plain_number(round(100 * terms.availability, 1))} % of the time",
        ]

    def about(self, world: World) -> str:
        """Name of the site, or which sites."""
        if self.site is not None:
            return world.sites[self.site].name
        where = f" in {world.countries[self.country].name}" if self.country else ""
        return f"all {self.stage}{' ' if self.stage else ''}sites{where}"

    def _who(self, world: World) -> str:
        if self.site is not None:
            return f"The works of {world.sites[self.site].name}"
        who = self.about(world)
        return who[0].upper() + who[1:]

    def meets(self, reach: Reach) -> bool:
        """Whether some site that runs is one of those that fail."""
        return bool(reach.sites(self._where()))

    def cautions(self, reach: Reach) -> Iterator[Caution]:
        """Settings that no site meets together; sites that run only when it is over."""
        sites = reach.sites(self._where())
        if not sites:
            one = self.site is not None
            yield Caution(
                ("site", "stage", "country"),
                f"`{self.id}` meets no site of this world that runs, so it has no effect",
                "set it to work by a measure" if one else "leave out `stage` or `country`",
            )
        elif self.ends is not None and not any(reach.runs_by(site, self.ends) for site in sites):
            yield Caution(
                ("site", "stage", "country"),
                f"`{self.id}` is over before a site that it names begins to run, so it has no effect",
                "give it a later date",
            )
        terms = self.terms()
        if self.hazard is not None and terms.availability < LEAST_AVAILABILITY:
            percent = plain_number(round(100 * terms.availability, 1))
            yield Caution(
                ("hazard",),
                f"with `{self.id}` a site would run only {percent} % of the time",
                "`hazard` is a number of times a year, `repair` the days that each takes",
            )
        elif terms.repair_days > LONGEST_REPAIR_DAYS:
            years = plain_number(round(terms.repair_days / DAYS_PER_YEAR, 1))
            yield Caution(
                ("repair",),
                f"`{self.id}` takes {years} years to repair",
                "a site that is lost for good is better taken out by `changes`",
            )

    def effects(self, world: World) -> tuple[Effect, ...]:
        """The part of their capacity at which the sites run: none, or what the hazard leaves."""
        if self.hazard is None:
            return (Capacity(self._where(), 0.0),)
        terms = self.terms()
        return (Capacity(self._where(), terms.availability, gate=terms),)

    def _where(self) -> Where:
        sites, stages = (
            frozenset() if name is None else frozenset({name}) for name in (self.site, self.stage)
        )
        return Where(self.country or "", stages=stages, sites=sites)


def _refused(key: str, message: str, help_: str) -> ValidationError:
    return ValidationError.from_exception_data("settings", [at((key,), fault(message, help_))])


def _with_start(written: Any) -> Any:
    """What stands under `from` is the first day; another beside it would contradict it."""
    if not isinstance(written, Mapping):
        return written
    if all(written.get(key) is None for key in ("from", "starts", "phases", "hazard")):
        raise _refused("from", "it has no date", "add `from`, or a `hazard` and `starts`")
    if written.get("from") is None:
        return written
    if written.get("hazard") is not None or written.get("starts") is not None:
        key = "starts" if written.get("starts") is not None else "hazard"
        message = "`from` is the first day of an outage that happens once"
        raise _refused("from", message, f"leave `from` or `{key}` out")
    try:
        return {**written, "starts": read_date(written["from"])}
    except PydanticCustomError:
        # The date itself is refused; that it gives no start is not a second fault.
        return {**written, "starts": date(2000, 1, 1)}
