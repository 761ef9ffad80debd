"""What is allowed now, and what helps: each entry is owned by a lever.

Every combination rule is free of order, so levers commute: bans and licences must all let a lot pass,
every quota must have room, a corridor is open while no lever closes it, of several new terms of a leg the
better one counts, added capacities add up, elements a site can separate are united, and each release has
a stock of its own. Ending a phase takes away the lever's own entries and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar


@dataclass(frozen=True, slots=True)
class Scope:
    """What a restriction covers: exporter, destinations (regions or countries), elements, forms."""

    exporter: str
    destinations: frozenset[str]
    """Empty: everywhere outside the exporter."""
    elements: frozenset[str]
    """Empty: every element."""
    forms: frozenset[str]
    """Empty: every form."""

    def names(self, form: str, places: frozenset[str]) -> bool:
        """Whether a form that goes to a buyer in these places is covered, elements aside."""
        right_form = not self.forms or form in self.forms
        return right_form and (not self.destinations or not places.isdisjoint(self.destinations))


@dataclass(frozen=True, slots=True)
class QuotaTerms:
    """A tonnage per slice of the calendar."""

    share_of_base_year: float | None
    """Of the base year's planned exports in scope; None where a rate is given."""
    t_per_year: float | None
    period_months: int
    each: str
    """`form`, `element` or `all`: what a tonnage of its own is counted for."""


@dataclass(frozen=True, slots=True)
class LicenceTerms:
    """How an application is treated. Durations are calendar days unless `working_days`."""

    reviewers: int | None
    """None: no queue, every case takes the review time (`office: clock`)."""
    cases_per_reviewer_week: float
    review_days: float
    working_days: bool
    approve: float
    return_: float
    refuse: float
    reapply_days: float
    validity_days: float
    renewal_holds: bool
    renewal_review_factor: float
    military_refused: bool
    general_licence: frozenset[str]
    """Buyers (places) that pass without a case."""
    general_validity_days: float = 365.0


@dataclass(frozen=True, slots=True)
class CapacityAddition:
    """A mine, plant or maker that starts, or grows, from a date. Dates are days from the scenario's start."""

    lever: str
    site: str
    capacity_t_per_year: float | None
    """Design size; None: the pack's planned capacity."""
    first_output_day: float
    ramp_days: float
    success: float
    achieved: float
    can_separate: tuple[str, ...] = ()
    fed_by: tuple[str, ...] = ()
    sells_to: Mapping[str, float] = field(default_factory=dict)

    @property
    def risked_share(self) -> float:
        """Part of the design size that the central run builds."""
        return self.success * self.achieved


class Border(StrEnum):
    """What a restriction does with a lot in its scope."""

    BAN = "ban"
    QUOTA = "quota"
    LICENCE = "licence"


@dataclass(frozen=True, slots=True)
class Restriction:
    """One entry at the border, as long as its lever's phase lasts."""

    by: str
    kind: Border
    scope: Scope
    quota: QuotaTerms | None = None
    licence: LicenceTerms | None = None


@dataclass(frozen=True, slots=True)
class Closure:
    """A corridor that nothing may enter, as long as its lever's phase lasts."""

    by: str
    corridor: str
    leg: int | None
    """Position of the only leg that is closed; None: all of them."""
    holds: bool
    """Whether lots under way wait before a closed leg; otherwise they sail on."""


@dataclass(frozen=True, slots=True)
class LegTerms:
    """What a leg of a corridor can do while its lever's phase lasts."""

    by: str
    corridor: str
    leg: int
    """Position of the leg."""
    capacity_t_per_week: float | None
    """None: as in the pack."""
    days: float | None
    """None: as in the pack."""


@dataclass(frozen=True, slots=True)
class Release:
    """A stockpile from which users of its region may draw, as long as its lever's phase lasts."""

    by: str
    stockpile: str
    region: str
    form: str
    elements: frozenset[str]
    """Products that contain one of them as an essential ingredient; empty: every product."""
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


Entry = Restriction | Closure | LegTerms | Release
"""What a lever can put in force."""
Kind = TypeVar("Kind", Closure, LegTerms, Release)


@dataclass(slots=True)
class Controls:
    """The entries in force now; `version` grows with each change so that tables are rebuilt only then."""

    entries: dict[str, Entry] = field(default_factory=dict)
    """Lever id -> its entry."""
    ranks: Mapping[str, int] = field(default_factory=dict)
    """Lever id -> its place among all; among equals the first is named"""
    quota_periods: dict[str, int] = field(default_factory=dict)
    """Quota that has come into force -> months of its slices"""
    version: int = 0

    def put(self, entry: Entry) -> None:
        """Put a lever's entry in force, replacing an earlier one of the same lever."""
        self.entries[entry.by] = entry
        self.version += 1
        if isinstance(entry, Restriction) and entry.quota is not None:
            self.quota_periods[entry.by] = entry.quota.period_months

    def lift(self, *, by: str) -> None:
        """Take away whatever the lever had put in force."""
        if self.entries.pop(by, None) is not None:
            self.version += 1

    def has_changed(self) -> None:
        """Say that what an entry allows is another thing now, such as when a licence was decided."""
        self.version += 1

    def at_border(self, kind: Border) -> list[Restriction]:
        """Restrictions of one kind."""
        return [e for e in self._ranked() if isinstance(e, Restriction) and e.kind is kind]

    def of_type(self, kind: type[Kind]) -> list[Kind]:
        """Entries of one type."""
        return [e for e in self._ranked() if isinstance(e, kind)]

    def _ranked(self) -> list[Entry]:
        """Never in the order in which phases began."""
        return [self.entries[by] for by in sorted(self.entries, key=self._rank)]

    def _rank(self, by: str) -> tuple[int, str]:
        return self.ranks.get(by, 0), by
