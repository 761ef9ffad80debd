"""What is allowed now: bans, quotas, licence terms and added capacity, each entry owned by a lever.

Every combination rule is free of order, so levers commute: bans and licences must all let a lot pass,
every quota must have room, added capacities add up, elements a site can separate are united. Ending a
phase takes away the lever's own entries and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum


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


@dataclass(slots=True)
class Controls:
    """The entries in force now; `version` grows with each change so that tables are rebuilt only then."""

    restrictions: dict[str, Restriction] = field(default_factory=dict)
    version: int = 0

    def restrict(self, entry: Restriction) -> None:
        """Put a lever's entry in force, replacing an earlier one of the same lever."""
        self.restrictions[entry.by] = entry
        self.version += 1

    def lift(self, *, by: str) -> None:
        """Take away whatever the lever had put in force."""
        if self.restrictions.pop(by, None) is not None:
            self.version += 1

    def in_force(self, kind: Border) -> Iterable[Restriction]:
        """Entries of one kind, sorted by lever id so that results do not depend on their order."""
        return [
            self.restrictions[by]
            for by in sorted(self.restrictions)
            if self.restrictions[by].kind is kind
        ]
