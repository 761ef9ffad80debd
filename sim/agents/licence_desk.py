"""The office behind an export licence: one case per end user and product group waits for a reviewer or a clock.

A case is filed, waits for a reviewer, is reviewed, and is approved, returned (applies again at once) or
refused (may apply again later). An approval covers the user's orders until it expires; a renewal is filed
one review time before. A pause lets everything pass and empties the queue; licences keep their validity.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from math import ceil, floor, inf

import numpy as np
import numpy.typing as npt
import pandas as pd
import simpy

from sim.channels import Effect, Passage, Verdict
from sim.engine.agents import Agent, Surroundings
from sim.engine.draws import Draws
from sim.engine.monthly import MonthlySums
from sim.levers.export_licence import LicenceTerms
from sim.world.places import PILE
from sim.world.world import Holidays

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]
Step = Callable[["Applicant"], None]

VERDICTS = {"open": Verdict.FREE, "pending": Verdict.HOLD, "refused": Verdict.REFUSE}
"""Standing of a user -> what happens to its goods"""
A_MOMENT = 2.0**-10
"""Days after which all that was filed at a midnight is known; what follows counts from the midnight."""


def working_days_later(start: date, working_days: float, holidays: Holidays | None) -> int:
    """Calendar days until that many working days have passed (Monday to Friday less holidays).

    For years whose calendar is not known, closed weekdays are spread evenly over the year.
    """
    left, day, count = float(working_days), start, 0
    while left > 0:
        day += timedelta(days=1)
        count += 1
        if day.weekday() >= 5:
            continue
        if holidays is None:
            left -= 1
        elif day.year in holidays.known_years:
            left -= day not in holidays.dates
        else:
            left -= 1 - holidays.typical_weekdays_per_year / 261
    return count


@dataclass(slots=True)
class Applicant:
    """One end user before one exporter, for one product group."""

    user: str
    """Place and number, such as `magnets_eu#2`"""
    place: str
    group: str
    military: bool
    lines: IntArray
    number: int | None = None
    """Of its case among those of the same exporter, user and group, from its first application on"""
    valid_until: float = -np.inf
    state: str = "pending"
    """`pending`, `open` or `refused`"""
    attempts: int = 0
    renewal: bool = False
    """Whether its case is, or its next case will be, a renewal"""
    filed: float = -inf
    """Day on which its case was filed"""
    has_case: bool = False
    reviewer: int | None = None
    """The seating of the reviewer who has its case"""
    turn: int = 0
    """Grows with whatever ends what it was waiting for"""
    draws: Draws | None = None
    """For its cases, once it has a number"""
    place_in_queue: float | None = None
    """Drawn; of who has no number yet it may change"""

    @property
    def key(self) -> tuple[str, str]:
        """User and product group."""
        return self.user, self.group


@dataclass(frozen=True, slots=True)
class Decision:
    """A decided case, for the records."""

    applicant: Applicant
    filed_day: float
    decided_day: float
    outcome: str
    valid_until: float
    renewal: bool


def agent(surroundings: Surroundings) -> LicenceDesk:
    """The desk of a lever that has just come into force."""
    return LicenceDesk(surroundings, surroundings.clock.env)


@dataclass(slots=True)
class LicenceDesk(Agent):
    """The office behind one licence lever.

    It keeps a calendar: what is to happen at a moment, for which applicant. All that happens at one moment
    shares an event.
    """

    around: Surroundings
    env: simpy.Environment
    terms: LicenceTerms = field(init=False)
    exporter: str = field(init=False)
    verdict: FloatArray = field(init=False)
    """[line] what its user's standing means for goods"""
    files: dict[tuple[str, str], Applicant] = field(default_factory=dict)
    """User and group -> what the office knows of it, also of those who have left the scope"""
    applicants: list[Applicant] = field(default_factory=list)
    """Those in scope, in the order of their names"""
    decisions: list[Decision] = field(default_factory=list)
    pending_cases: int = 0
    pending_integral: float = 0.0
    """Case-days so far; the recorder takes its differences."""
    is_open: bool = False
    _since: float = 0.0
    _now: float = 0.0
    """The moment that is under way"""
    _calendar: dict[float, list[tuple[Step, Applicant, int]]] = field(default_factory=dict)
    """Moment -> what happens then, to whom, and in which turn it was entered"""
    _queue: list[tuple[float, float, tuple[str, str], Applicant]] = field(default_factory=list)
    """(day filed, draw, name) of each case that waits for a reviewer"""
    _free: int = 0
    """Reviewers without a case"""
    _seating: int = 0
    """Times that the number of reviewers was set"""
    _called: bool = False

    def __post_init__(self) -> None:
        self.verdict = np.zeros(len(self.around.network.line_lane))
        self._since = self._now = self.around.clock.now

    # ---- what the engine asks

    def begin(self, effects: Sequence[Effect]) -> None:
        """In force or resumed: whoever has no valid licence applies. Eased: see `_ease`."""
        (passage,) = effects
        assert isinstance(passage, Passage)
        terms = passage.gate
        assert isinstance(terms, LicenceTerms)
        self.exporter = passage.where.country
        applicants = applicants_of(self.around, passage)
        self._now = self.around.clock.now
        if self.is_open:
            self._ease(terms, applicants)
            return
        self.is_open, self.terms = True, terms
        self._seat_reviewers()
        self._take_on(applicants)
        self._begin(self.applicants)

    def end(self) -> None:
        """Paused or ended: pending cases are dropped, everything passes, licences keep their dates."""
        self.is_open, self._now = False, self.around.clock.now
        for applicant in self.applicants:
            self._drop(applicant)
        self.around.has_changed()

    def published(self) -> FloatArray:
        """[line] verdicts."""
        return self.verdict.copy()

    def case_days(self, day: float) -> float:
        """Case-days pending up to a day."""
        self.pending_integral += self.pending_cases * (day - self._since)
        self._since = day
        return self.pending_integral

    def waited(self) -> list[tuple[float, float]]:
        """(day of the decision, days since the case was filed) of decided cases."""
        return [(d.decided_day, d.decided_day - d.filed_day) for d in self.decisions]

    def tables(self, sums: MonthlySums) -> Mapping[str, pd.DataFrame]:
        """Decided cases, as `Records.licences` says."""
        horizon = sums.calendar.horizon_days
        decided = [d for d in self.decisions if 0 <= d.decided_day < horizon]
        applicants = [d.applicant for d in decided]
        places = self.around.network.places
        table = pd.DataFrame(
            {
                "lever": self.around.lever,
                "exporter": self.exporter,
                "user": [a.user for a in applicants],
                "node": [a.place for a in applicants],
                "region": [places.get(a.place, PILE).region for a in applicants],
                "group": [a.group for a in applicants],
                "filed_day": [d.filed_day for d in decided],
                "decided_day": [d.decided_day for d in decided],
                "outcome": [d.outcome for d in decided],
                "valid_until_day": [
                    d.valid_until if d.outcome == "approve" else np.nan for d in decided
                ],
                "renewal": [d.renewal for d in decided],
            }
        )
        return {"licences": table} if decided else {}

    # ---- the office

    def _ease(self, terms: LicenceTerms, applicants: Sequence[Applicant]) -> None:
        """New terms for what is decided from now on; cases keep their place in the queue and their review.

        Who comes into the scope applies today; who leaves it drops its case.
        """
        before, self.terms = self.terms, terms
        if terms.reviewers != before.reviewers:
            self._seat_reviewers()
        there = {a.key for a in self.applicants}
        self._take_on(applicants)
        newly_general = terms.general_licence - before.general_licence
        again = [a for a in self.applicants if a.key not in there or a.place in newly_general]
        stays = {a.key for a in self.applicants} - {a.key for a in again}
        for key in [key for key in there | {a.key for a in again} if key not in stays]:
            self._drop(self.files[key])
        self._begin(again)

    def _take_on(self, applicants: Sequence[Applicant]) -> None:
        """The users in scope now; of those who were there before only the goods may be others."""
        self.applicants = []
        for new in applicants:
            known = self.files.setdefault(new.key, new)
            known.lines = new.lines
            self.applicants.append(known)
        self.verdict[:] = Verdict.FREE
        for applicant in self.applicants:
            self._mark(applicant)

    def _begin(self, applicants: Sequence[Applicant]) -> None:
        """Their stories begin, in the order of their draws."""
        for applicant in applicants:
            general = applicant.place in self.terms.general_licence
            if not general and applicant.valid_until <= self.env.now:
                self._number(applicant)
        for applicant in sorted(applicants, key=lambda a: (self._order(a), a.key)):
            self._first(applicant)
        self.around.has_changed()

    def _number(self, applicant: Applicant) -> int:
        """Number of its case; given when it first applies, so that one who never does counts for none."""
        if applicant.number is None:
            cases: dict[tuple[str, str, str], int] = self.around.shared
            key = (self.exporter, *applicant.key)
            applicant.number = cases.get(key, 0)
            applicant.place_in_queue = None
            cases[key] = applicant.number + 1
        return applicant.number

    def _draws(self, applicant: Applicant) -> Draws:
        """What is drawn for its cases: keyed by what they are about."""
        if applicant.draws is not None:
            return applicant.draws
        about = (self.exporter, applicant.user, applicant.group, applicant.number or 0)
        draws = Draws(self.around.seed, self.around.replication, *about)
        if applicant.number is not None:
            applicant.draws = draws
        return draws

    def _order(self, applicant: Applicant) -> float:
        """Its place among those who file on the same day; the same for all its cases."""
        if applicant.number is None or applicant.place_in_queue is None:
            applicant.place_in_queue = self._draws(applicant).uniform("order")
        return applicant.place_in_queue

    def _mark(self, applicant: Applicant) -> None:
        self.verdict[applicant.lines] = VERDICTS[applicant.state]

    def _set(self, applicant: Applicant, state: str) -> None:
        if applicant.state != state:
            applicant.state = state
            self._mark(applicant)
            self.around.has_changed()

    def _count(self, change: int) -> None:
        self.case_days(self._now)
        self.pending_cases += change

    # ---- the calendar

    def _at(self, moment: float, step: Step, applicant: Applicant) -> None:
        """Enter a step; it is taken unless the applicant's turn has passed by then."""
        if moment not in self._calendar:
            self._calendar[moment] = []
            event: simpy.Event = self.env.timeout(max(0.0, moment - self.env.now))
            assert event.callbacks is not None
            event.callbacks.append(partial(self._comes, moment))
        self._calendar[moment].append((step, applicant, applicant.turn))

    def _comes(self, moment: float, _: simpy.Event) -> None:
        self._now = moment
        for step, applicant, turn in self._calendar.pop(moment):
            if turn == applicant.turn:
                step(applicant)

    # ---- the story of one applicant

    def _first(self, applicant: Applicant) -> None:
        """It comes into the scope, or the office opens."""
        applicant.turn += 1
        if applicant.place in self.terms.general_licence:
            # A year without cases, then an application like anybody else's.
            self._set(applicant, "open")
            self._at(self._now + self.terms.general_validity_days, self._apply, applicant)
        else:
            self._apply(applicant)

    def _apply(self, applicant: Applicant) -> None:
        """Who has a licence has it renewed in time."""
        if applicant.valid_until > self._now:
            self._enjoy(applicant)
        else:
            self._set(applicant, "pending")
            applicant.renewal = False
            self._file(applicant)

    def _enjoy(self, applicant: Applicant) -> None:
        """Its licence is valid; one review time before it ends a renewal is filed."""
        self._set(applicant, "open")
        applicant.renewal = True
        in_time = applicant.valid_until - ceil(self._nominal_review_days())
        self._at(max(self._now, in_time), self._file, applicant)

    def _file(self, applicant: Applicant) -> None:
        """A case begins: it waits for a reviewer, or for the clock alone."""
        self._number(applicant)
        applicant.attempts += 1
        applicant.filed, applicant.has_case = self._now, True
        applicant.turn += 1
        if applicant.renewal and not self.terms.renewal_holds:
            # The old licence runs out although its renewal is pending.
            self._at(max(self._now, applicant.valid_until), self._lapse, applicant)
        self._count(+1)
        if self.terms.reviewers is None:
            self._begin_review(applicant, self._now)
            return
        self._queue.append((self._now, self._order(applicant), applicant.key, applicant))
        self._call()

    def _lapse(self, applicant: Applicant) -> None:
        self._set(applicant, "pending")

    def _call(self) -> None:
        """Let reviewers take up cases once all that is filed at this moment is known."""
        if not self._called:
            self._called = True
            soon: simpy.Event = self.env.timeout(A_MOMENT)
            assert soon.callbacks is not None
            soon.callbacks.append(partial(self._take_up, self._now))

    def _take_up(self, moment: float, _: simpy.Event) -> None:
        self._now, self._called = moment, False
        self._queue.sort()
        while self._queue and (self._free > 0 or self.terms.reviewers is None):
            self._free -= 1
            applicant = self._queue.pop(0)[-1]
            applicant.reviewer = self._seating
            done = moment
            if self.terms.reviewers is not None:
                done += 7.0 / self.terms.cases_per_reviewer_week
            self._at(done, self._reviewer_done, applicant)

    def _reviewer_done(self, applicant: Applicant) -> None:
        """The reviewer has done his part and takes the next case; the review goes on."""
        self._leave(applicant)
        self._begin_review(applicant, self._now)

    def _leave(self, applicant: Applicant) -> None:
        """A reviewer is free; one of before the reviewers were changed is not replaced."""
        seating, applicant.reviewer = applicant.reviewer, None
        if seating == self._seating:
            self._free += 1
            self._call()

    def _seat_reviewers(self) -> None:
        """All of them are free; whoever waits keeps its place."""
        self._seating += 1
        self._free = self.terms.reviewers or 0
        self._call()

    def _begin_review(self, applicant: Applicant, begins: float) -> None:
        decided = self._decided(begins, applicant.renewal)
        self._at(max(self._now, decided), self._decide, applicant)

    def _decide(self, applicant: Applicant) -> None:
        """The case ends, and with it whatever the applicant was waiting for."""
        self._close(applicant)
        outcome, renewal = self._outcome(applicant), applicant.renewal
        if outcome == "approve":
            since = max(self._now, applicant.valid_until) if renewal else self._now
            applicant.valid_until = since + ceil(self.terms.validity_days)
        self.decisions.append(
            Decision(applicant, applicant.filed, self._now, outcome, applicant.valid_until, renewal)
        )
        if outcome == "approve":
            self._enjoy(applicant)
        elif outcome == "refuse":
            last = max(self._now, applicant.valid_until) if renewal else self._now
            self._at(last, self._refuse, applicant)
        else:
            self._file(applicant)

    def _refuse(self, applicant: Applicant) -> None:
        self._set(applicant, "refused")
        applicant.renewal = False
        self._at(self._now + ceil(self.terms.reapply_days), self._file, applicant)

    def _drop(self, applicant: Applicant) -> None:
        """It leaves the scope, or the office closes: no step of its story is taken any more."""
        if applicant.has_case:
            self._queue = [waiting for waiting in self._queue if waiting[3] is not applicant]
            if applicant.reviewer is not None:
                self._leave(applicant)
            self._close(applicant)
        applicant.turn += 1

    def _close(self, applicant: Applicant) -> None:
        applicant.turn += 1
        applicant.has_case = False
        self._count(-1)

    # ---- reviews

    def _nominal_review_days(self) -> float:
        return self.terms.review_days * (7 / 5 if self.terms.working_days else 1)

    def _decided(self, begins: float, renewal: bool) -> float:
        """The midnight on or after the end of a review."""
        days = self.terms.review_days * (self.terms.renewal_review_factor if renewal else 1.0)
        if self.terms.working_days:
            key = "working days", self.exporter, floor(begins), days
            later = self.around.scopes.worked_out
            if key not in later:
                today = self.around.calendar.starts + timedelta(days=floor(begins))
                later[key] = working_days_later(today, days, self._holidays())
            days = later[key]
        return ceil(begins + days - 1e-9)

    def _holidays(self) -> Holidays | None:
        known = self.around.network.world.holidays
        return known.get(self.exporter, known.get("*"))

    def _outcome(self, applicant: Applicant) -> str:
        if applicant.military and self.terms.military_refused:
            return "refuse"
        drawn = self._draws(applicant).uniform(applicant.attempts)
        if drawn < self.terms.approve:
            return "approve"
        return "return" if drawn < self.terms.approve + self.terms.return_ else "refuse"


def applicants_of(around: Surroundings, passage: Passage) -> list[Applicant]:
    """Cases of one lever: the covered lines by end user and product group, sorted by name."""
    found = around.scopes.worked_out
    key = "applicants", passage.where
    if key not in found:
        found[key] = _applicants(around, passage)
    return [copy(applicant) for applicant in found[key]]


def _applicants(around: Surroundings, passage: Passage) -> list[Applicant]:
    network = around.network
    groups = {form.id: form.licence_group for form in network.world.forms}
    found: dict[tuple[str, int, str], list[int]] = {}
    for line in map(int, np.flatnonzero(around.scopes.lines(passage.where))):
        holder = network.line_holder[line]
        place, form, _ = network.inputs[network.holder_input[holder]]
        key = (place, int(network.holder_user[holder]), groups[form] or form)
        found.setdefault(key, []).append(line)
    return [
        Applicant(
            user=f"{place}#{user + 1}",
            place=place,
            group=group,
            military=bool(network.holder_military[network.line_holder[lines[0]]]),
            lines=np.array(lines, dtype=np.intp),
        )
        for (place, user, group), lines in sorted(found.items())
    ]
