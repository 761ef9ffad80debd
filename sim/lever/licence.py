"""What a regime of licences hands to the office behind it: how it works, and how it treats each case."""

from __future__ import annotations

from dataclasses import dataclass

Names = frozenset[str]

ARRIVAL, LARGE_FIRST, BY_CLASS = "arrival", "large first", "by class"
"""Orders of the queue"""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseTerms:
    """How a case is treated. Durations are calendar days unless `working_days`."""

    review_days: float
    """The longest that a review takes."""
    working_days: bool
    mean_part: float
    """Mean of the reviews as a part of the longest; 1: every one takes as long."""
    approve: float
    return_: float
    refuse: float
    validity_days: float
    tonnage_days: float
    """Days of planned use that a licence covers; infinite: whatever its user orders."""
    between_licences_days: float
    """From one grant to the next, at least."""
    covered_share: float | None
    """Part of planned use that licences cover at most, from which that follows; None: it is given itself."""
    military_refused: bool
    grace_days: float
    """In which goods pass that were declared before."""


@dataclass(frozen=True, slots=True)
class TermsFor:
    """Terms of the cases for some forms and destinations; empty: for all."""

    forms: Names
    destinations: Names
    terms: CaseTerms


@dataclass(frozen=True, slots=True, kw_only=True)
class LicenceTerms:
    """How an office works, and how it treats cases."""

    reviewers: int | None
    """None: no queue, every case takes the review time (`office: clock`)."""
    cases_per_reviewer_week: float
    stopped: bool
    """Nothing is reviewed and nothing decided."""
    queue: str
    returned_keep_place: bool
    first_application_days: float
    """Over which first applications come in."""
    reapply_days: float
    renewal_holds: bool
    renewal_review_factor: float
    ruled: bool
    """Whether a renewal has the draw of the approval before it, and nobody files who plans to buy nothing."""
    general_licence: Names
    """Buyers (places) that pass without a case."""
    cases: CaseTerms
    """Of cases that no entry of `special` is about."""
    special: tuple[TermsFor, ...] = ()
    """The first that fits counts."""
    general_validity_days: float = 365.0

    def of_case(self, forms: Names, places: Names) -> CaseTerms:
        """The terms of a case for these forms of a buyer in these regions and countries."""
        for each in self.special:
            fits = not each.forms or forms <= each.forms
            if fits and (not each.destinations or not each.destinations.isdisjoint(places)):
                return each.terms
        return self.cases
