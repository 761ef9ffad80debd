"""The office behind an export licence: one case per end user and product group waits for a reviewer or a clock.

A case is filed, waits for a reviewer, is reviewed, and is approved, returned (is reviewed anew) or refused (may
apply again later). An approval covers a tonnage of the user's orders until it expires; a renewal is filed one
review time before, or when little of the tonnage is left. A pause lets everything pass and empties the queue;
licences keep their validity.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import partial
from math import ceil, floor, inf, isfinite, nan

import numpy as np
import numpy.typing as npt
import pandas as pd
import simpy

from sim.agents.licence_applicants import (
    Applicant,
    Decision,
    applicants_of,
    comes_before,
    planned_t_per_day,
)
from sim.channels.effects import Effect, Passage, Verdict
from sim.engine.agents import Agent, Surroundings
from sim.engine.calendar import Calendar
from sim.engine.draws import Draws
from sim.engine.monthly import MonthlySums
from sim.engine.permits import Licensed, Permit
from sim.equations.review_times import part_of_ceiling
from sim.lever.licence import CaseTerms, LicenceTerms
from sim.world.places import PILE
from sim.world.world import Holidays

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]
Step = Callable[[Applicant], None]

VERDICTS = {"open": Verdict.FREE, "pending": Verdict.HOLD, "refused": Verdict.REFUSE}
"""Standing of a user -> what happens to its goods"""
RENEWED_AT = 0.25
"""Part of a licence's tonnage that is left when a renewal is filed."""
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
        left -= _worked(day, holidays)
    return count


def _worked(day: date, holidays: Holidays | None) -> float:
    """The part of a day that counts as a working day."""
    if day.weekday() >= 5:
        return 0.0
    if holidays is None:
        return 1.0
    if day.year in holidays.known_years:
        return float(day not in holidays.dates)
    return 1 - holidays.typical_weekdays_per_year / 261


def each_working_day_later(start: date, most: int, holidays: Holidays | None) -> list[int]:
    """The same for 0, 1, ... `most` working days, in one pass."""
    found, day, count, passed = [0], start, 0, 0.0
    while len(found) <= most:
        day += timedelta(days=1)
        count += 1
        passed += _worked(day, holidays)
        while len(found) <= most and passed >= len(found):
            found.append(count)
    return found


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
    stocks: frozenset[str] = field(init=False)
    """Places of policy stocks"""
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
    case: IntArray = field(init=False)
    """[line] index of the applicant whose licences cover a tonnage, -1 where none does"""
    ever: list[Applicant] = field(default_factory=list)
    """Whoever came before this office, by index"""
    series: IntArray = field(default_factory=lambda: np.zeros(0, dtype=np.intp))
    """[applicant ever] series of its licences; what is left of a series lapses with it"""
    granted_t: FloatArray = field(default_factory=lambda: np.zeros(0))
    """[applicant ever] t that the licences of its series cover"""
    licence_t: FloatArray = field(default_factory=lambda: np.zeros(0))
    """[applicant ever] t that its last licence covered when it was granted"""
    draws_down: BoolArray = field(default_factory=lambda: np.zeros(0, dtype=np.bool_))
    """[applicant ever] whether what leaves counts against its licences"""
    _since: float = 0.0
    _now: float = 0.0
    """The moment that is under way"""
    _calendar: dict[float, list[tuple[Step, Applicant, int | None]]] = field(default_factory=dict)
    """Moment -> what happens then, to whom, and in which turn it was entered; None: in any turn"""
    _queue: list[tuple[float, float, float, tuple[str, str], Applicant]] = field(
        default_factory=list
    )
    """(rank, day filed, draw, name) of each case that waits for a reviewer, in this order"""
    _aside: list[tuple[Applicant, int]] = field(default_factory=list)
    """Cases that would have been decided while the office was stopped, and in which turn"""
    _opened: list[tuple[IntArray, float, float]] = field(default_factory=list)
    """Lines in scope, and from when to when the office was open for them"""
    _open_since: float = 0.0
    _buys_nothing: list[Applicant] = field(default_factory=list)
    """Who does not file, since it plans to buy nothing"""
    _free: int = 0
    """Reviewers without a case"""
    _seating: int = 0
    """Times that the number of reviewers was set"""
    _called: bool = False

    def __post_init__(self) -> None:
        network = self.around.network
        lines = len(network.line_lane)
        self.stocks = frozenset(stock.place for stock in network.policy_stocks)
        self.verdict, self.case = np.zeros(lines), np.full(lines, -1, dtype=np.intp)
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
        self.is_open, self.terms, self._open_since = True, terms, self._now
        self._seat_reviewers()
        self._take_on(applicants)
        self._begin(self.applicants)

    def end(self) -> None:
        """Paused or ended: pending cases are dropped, everything passes, licences keep their dates."""
        self._now = self.around.clock.now
        self._note_what_was_open()
        self.is_open = False
        for applicant in self.applicants:
            self._drop(applicant)
        self.around.has_changed()

    def published(self) -> FloatArray:
        """[line] verdicts."""
        return self.verdict.copy()

    def licensed(self) -> Licensed | None:
        """What its licences cover; None where each covers whatever is ordered."""
        if not (self.case >= 0).any():
            return None
        return Licensed(self.case.copy(), self.series.copy(), self.granted_t.copy())

    def look_back(self, day: float, permit: Permit | None) -> None:
        """Renewals are filed of licences of which little is left; who plans to buy by now files too."""
        if not self.is_open:
            return
        self._now, midnight = day, float(ceil(day))
        if permit is not None:
            n = len(permit.series)
            left_t = self.granted_t.copy()
            left_t[:n] -= np.where(self.series[:n] == permit.series, permit.used_t, 0.0)
            for index in np.flatnonzero(self.draws_down & (left_t <= RENEWED_AT * self.licence_t)):
                applicant = self.ever[index]
                if not applicant.has_case and self._planned(applicant) > 0:
                    self._at(midnight, self._file, applicant)
        for applicant in [each for each in self._buys_nothing if self._planned(each) > 0]:
            self._buys_nothing.remove(applicant)
            self._at(midnight, self._apply, applicant)

    def case_days(self, day: float) -> float:
        """Case-days pending up to a day."""
        self.pending_integral += self.pending_cases * (day - self._since)
        self._since = day
        return self.pending_integral

    def waited(self) -> list[tuple[float, float]]:
        """(day of the decision, days since the case was filed) of decided cases."""
        return [(d.decided_day, d.decided_day - d.filed_day) for d in self.decisions]

    def covered(self, calendar: Calendar) -> Mapping[str, tuple[float, float]]:
        """Month -> t planned in scope while it was open, and t that the licences granted then cover."""
        network, months = self.around.network, calendar.months()
        planned_t, licensed_t = np.zeros(len(months)), np.zeros(len(months))
        for lines, opened, closed in [*self._opened, *self._open_now()]:
            day = opened
            for month, days in calendar.overlaps(opened, closed):
                # The plan is a straight line over so short a time, but for a kink or two.
                day = max(day, 0.0)
                lanes = network.plan_at(day + days / 2)
                per_day = lanes[network.line_lane[lines]] * network.line_share[lines]
                planned_t[month] += per_day.sum() * days
                day += days
        for each in self.decisions:
            if each.outcome == "approve" and 0 <= each.decided_day < calendar.horizon_days:
                ((month, _),) = calendar.overlaps(each.decided_day, each.decided_day + 1e-6)
                if isfinite(each.licensed_t):
                    licensed_t[month] += each.licensed_t
        if not any(isfinite(each.licensed_t) for each in self.decisions):
            licensed_t[:] = nan
        return {
            month: (float(planned), float(licensed))
            for month, planned, licensed in zip(months, planned_t, licensed_t, strict=True)
        }

    def _open_now(self) -> list[tuple[IntArray, float, float]]:
        lines = [applicant.lines for applicant in self.applicants]
        return [(np.concatenate(lines), self._open_since, inf)] if self.is_open and lines else []

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
                "licensed_t": [d.licensed_t if isfinite(d.licensed_t) else nan for d in decided],
            }
        )
        return {"licences": table} if decided else {}

    # ---- the office

    def _ease(self, terms: LicenceTerms, applicants: Sequence[Applicant]) -> None:
        """New terms for what is decided from now on; cases keep their place in the queue and their review.

        Who comes into the scope applies today; who leaves it drops its case.
        """
        self._note_what_was_open()
        before, self.terms = self.terms, terms
        if terms.reviewers != before.reviewers:
            self._seat_reviewers()
        there = {a.key for a in self.applicants}
        self._take_on(applicants)
        if before.stopped and not terms.stopped:
            self._call()
            aside, self._aside = self._aside, []
            for applicant, turn in aside:
                if turn == applicant.turn:
                    self._decide(applicant)
        newly_general = terms.general_licence - before.general_licence
        again = [a for a in self.applicants if a.key not in there or a.place in newly_general]
        stays = {a.key for a in self.applicants} - {a.key for a in again}
        for key in [key for key in there | {a.key for a in again} if key not in stays]:
            self._drop(self.files[key])
        self._begin(again)

    def _note_what_was_open(self) -> None:
        self._opened += [
            (lines, since, self._now) for lines, since, _ in self._open_now() if since < self._now
        ]
        self._open_since = self._now

    def _take_on(self, applicants: Sequence[Applicant]) -> None:
        """The users in scope now; of those who were there before only the goods may be others."""
        places = self.around.network.places
        for applicant in self.applicants:
            applicant.is_inside = False
        self.applicants = []
        for new in applicants:
            known = self.files.setdefault(new.key, new)
            known.lines, known.forms, known.is_inside = new.lines, new.forms, True
            if known.index < 0:
                known.index = len(self.ever)
                self.ever.append(known)
            known.terms = self.terms.of_case(known.forms, places.get(known.place, PILE).names)
            if known.place in self.stocks:  # buys at a rate of its own, which no plan has
                known.terms = replace(known.terms, tonnage_days=inf)
            self.applicants.append(known)
        more = len(self.ever) - len(self.series)
        self.series = np.concatenate([self.series, np.zeros(more, dtype=np.intp)])
        self.granted_t = np.concatenate([self.granted_t, np.zeros(more)])
        self.licence_t = np.concatenate([self.licence_t, np.full(more, inf)])
        self.draws_down = np.zeros(len(self.ever), dtype=np.bool_)
        self.verdict[:], self.case[:] = Verdict.FREE, -1
        for applicant in self.applicants:
            self._mark(applicant)

    def _begin(self, applicants: Sequence[Applicant]) -> None:
        """Their stories begin, in the order of their draws."""
        for applicant in applicants:
            general = applicant.place in self.terms.general_licence
            if (
                not general
                and applicant.valid_until <= self.env.now
                and not self._only_looks(applicant)
            ):
                self._number(applicant)
        for applicant in sorted(applicants, key=lambda a: (self._order(a), a.key)):
            self._first(applicant)
        self.around.has_changed()

    def _planned(self, applicant: Applicant) -> float:
        """t/day that it plans to buy today."""
        return planned_t_per_day(self.around, applicant, floor(self._now))

    def _only_looks(self, applicant: Applicant) -> bool:
        """Whether it does not file, since it plans to buy nothing that a licence could be for."""
        if applicant.place in self.stocks:
            return False
        by_tonnage = isfinite(self._of(applicant).tonnage_days)
        return (self.terms.ruled or by_tonnage) and self._planned(applicant) <= 0.0

    def _of(self, applicant: Applicant) -> CaseTerms:
        return applicant.terms or self.terms.cases

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
        in_grace = applicant.grace_until > self._now
        self.verdict[applicant.lines] = Verdict.FREE if in_grace else VERDICTS[applicant.state]
        has_licence = applicant.state == "open" and not applicant.is_general
        counts = has_licence and not in_grace and isfinite(self.licence_t[applicant.index])
        self.case[applicant.lines] = applicant.index if counts else -1
        self.draws_down[applicant.index] = counts

    def _set(self, applicant: Applicant, state: str, *, is_general: bool = False) -> None:
        if (applicant.state, applicant.is_general) != (state, is_general):
            applicant.state, applicant.is_general = state, is_general
            self._mark(applicant)
            self.around.has_changed()

    def _grace_ends(self, applicant: Applicant) -> None:
        if applicant.is_inside and self.is_open and applicant.grace_until == self._now:
            self._mark(applicant)
            self.around.has_changed()

    def _count(self, change: int) -> None:
        self.case_days(self._now)
        self.pending_cases += change

    # ---- the calendar

    def _at(
        self, moment: float, step: Step, applicant: Applicant, *, in_any_turn: bool = False
    ) -> None:
        """Enter a step; it is taken unless the applicant's turn has passed by then."""
        if moment not in self._calendar:
            self._calendar[moment] = []
            event: simpy.Event = self.env.timeout(max(0.0, moment - self.env.now))
            assert event.callbacks is not None
            event.callbacks.append(partial(self._comes, moment))
        self._calendar[moment].append((step, applicant, None if in_any_turn else applicant.turn))

    def _comes(self, moment: float, _: simpy.Event) -> None:
        self._now = moment
        for step, applicant, turn in self._calendar.pop(moment):
            if turn is None or turn == applicant.turn:
                step(applicant)

    # ---- the story of one applicant

    def _first(self, applicant: Applicant) -> None:
        """It comes into the scope, or the office opens."""
        applicant.turn += 1
        grace_days = self._of(applicant).grace_days
        if grace_days > 0:
            applicant.grace_until = self._now + ceil(grace_days)
            self._at(applicant.grace_until, self._grace_ends, applicant, in_any_turn=True)
            self._mark(applicant)
        if applicant.place in self.terms.general_licence:
            # A year without cases, then an application like anybody else's.
            self._set(applicant, "open", is_general=True)
            self._at(self._now + self.terms.general_validity_days, self._apply, applicant)
        elif applicant.valid_until > self._now or self._only_looks(applicant):
            self._apply(applicant)
        else:
            self._set(applicant, "pending")
            days = self.terms.first_application_days
            after = floor(days * self._draws(applicant).uniform("files")) if days else 0
            self._at(self._now + after, self._apply, applicant) if after else self._apply(applicant)

    def _apply(self, applicant: Applicant) -> None:
        """Who has a licence has it renewed in time; who plans to buy nothing does not file."""
        if applicant.valid_until > self._now:
            self._enjoy(applicant)
            return
        self._set(applicant, "pending")
        applicant.renewal = False
        if self._only_looks(applicant):
            self._buys_nothing.append(applicant)
        else:
            self._file(applicant)

    def _enjoy(self, applicant: Applicant) -> None:
        """Its licence is valid; one review time before it ends a renewal is filed."""
        self._set(applicant, "open")
        applicant.renewal = True
        in_time = applicant.valid_until - ceil(self._nominal_review_days(applicant))
        self._at(max(self._now, in_time), self._file, applicant)

    def _file(self, applicant: Applicant) -> None:
        """A case begins: it waits for a reviewer, or for the clock alone."""
        self._number(applicant)
        applicant.planned_t = self._planned(applicant)
        self._open(applicant)
        self._wait(applicant)

    def _return(self, applicant: Applicant) -> None:
        """It is reviewed anew: at once by who had it, or behind all others."""
        self._open(applicant)
        if self.terms.returned_keep_place:
            self._begin_review(applicant, self._now)
        else:
            self._wait(applicant)

    def _open(self, applicant: Applicant) -> None:
        applicant.filed, applicant.has_case = self._now, True
        applicant.attempts += 1
        applicant.turn += 1
        if applicant.renewal and not self.terms.renewal_holds:
            # The old licence runs out although its renewal is pending.
            self._at(max(self._now, applicant.valid_until), self._lapse, applicant)
        self._count(+1)

    def _wait(self, applicant: Applicant) -> None:
        """For a reviewer, at the end of the queue; for none where the office goes by the clock."""
        if self.terms.reviewers is None:
            self._begin_review(applicant, self._now)
            return
        rank = comes_before(self.around, applicant, self.terms.queue)
        insort(self._queue, (rank, self._now, self._order(applicant), applicant.key, applicant))
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
        if self.terms.stopped:
            return
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
        decided = self._decided(applicant, begins)
        # The next licence of a case does not come before its time.
        decided = max(
            decided, applicant.last_grant + ceil(self._of(applicant).between_licences_days)
        )
        self._at(max(self._now, decided), self._decide, applicant)

    def _decide(self, applicant: Applicant) -> None:
        """The case ends, and with it whatever the applicant was waiting for."""
        if self.terms.stopped:
            self._aside.append((applicant, applicant.turn))
            return
        self._close(applicant)
        outcome, renewal, licensed_t = self._outcome(applicant), applicant.renewal, nan
        if outcome == "approve":
            licensed_t = self._grant(applicant)
        self.decisions.append(
            Decision(
                applicant,
                applicant.filed,
                self._now,
                outcome,
                applicant.valid_until,
                renewal,
                licensed_t,
            )
        )
        if outcome == "approve":
            self._enjoy(applicant)
        elif outcome == "refuse":
            last = max(self._now, applicant.valid_until) if renewal else self._now
            self._at(last, self._refuse, applicant)
        else:
            self._return(applicant)

    def _grant(self, applicant: Applicant) -> float:
        """A licence, and the t that it covers; what is left of the old one is added while that is valid."""
        terms, runs = self._of(applicant), applicant.valid_until > self._now
        tonnage = applicant.planned_t * terms.tonnage_days if applicant.planned_t > 0 else 0.0
        if not isfinite(terms.tonnage_days):
            # A date is all that ends it, so the next one begins where it ends.
            tonnage, since = (
                inf,
                max(self._now, applicant.valid_until) if applicant.renewal else self._now,
            )
        else:
            since = self._now
            if runs and isfinite(self.licence_t[applicant.index]):
                self.granted_t[applicant.index] += tonnage
            else:
                self.series[applicant.index] += 1
                self.granted_t[applicant.index] = tonnage
        applicant.valid_until = since + ceil(terms.validity_days)
        applicant.last_grant, self.licence_t[applicant.index] = self._now, tonnage
        self._mark(applicant)
        self.around.has_changed()
        return tonnage

    def _refuse(self, applicant: Applicant) -> None:
        self._set(applicant, "refused")
        applicant.renewal = False
        self._at(self._now + ceil(self.terms.reapply_days), self._file, applicant)

    def _drop(self, applicant: Applicant) -> None:
        """It leaves the scope, or the office closes: no step of its story is taken any more."""
        if applicant.has_case:
            self._queue = [waiting for waiting in self._queue if waiting[-1] is not applicant]
            if applicant.reviewer is not None:
                self._leave(applicant)
            self._close(applicant)
        self._buys_nothing = [each for each in self._buys_nothing if each is not applicant]
        applicant.turn += 1
        applicant.grace_until = -inf

    def _close(self, applicant: Applicant) -> None:
        applicant.turn += 1
        applicant.has_case = False
        self._count(-1)

    # ---- reviews

    def _nominal_review_days(self, applicant: Applicant) -> float:
        terms = self._of(applicant)
        return terms.review_days * terms.mean_part * (7 / 5 if terms.working_days else 1)

    def _decided(self, applicant: Applicant, begins: float) -> float:
        """The midnight on or after the end of a review."""
        terms, part = self._of(applicant), 1.0
        if terms.mean_part < 1.0:
            drawn = self._draws(applicant).uniform(f"review {applicant.attempts}")
            part = part_of_ceiling(drawn, terms.mean_part)
        days = terms.review_days * part
        days *= self.terms.renewal_review_factor if applicant.renewal else 1.0
        if terms.working_days:
            days = self._working_days(floor(begins), days, terms.review_days, drawn=part < 1.0)
        return ceil(begins + days - 1e-9)

    def _working_days(self, begins: int, days: float, longest: float, *, drawn: bool) -> int:
        """Calendar days until so many working days have passed; of drawn reviews whole ones count."""
        later, today = self.around.scopes.worked_out, self.around.calendar.starts
        key = "working days", self.exporter, begins, longest if drawn else days
        if key not in later:
            today += timedelta(days=begins)
            later[key] = (
                each_working_day_later(today, ceil(longest), self._holidays())
                if drawn
                else working_days_later(today, days, self._holidays())
            )
        known = later[key]
        return int(known[ceil(days - 1e-9)] if drawn else known)

    def _holidays(self) -> Holidays | None:
        known = self.around.network.world.holidays
        return known.get(self.exporter, known.get("*"))

    def _outcome(self, applicant: Applicant) -> str:
        terms = self._of(applicant)
        if applicant.military and terms.military_refused:
            return "refuse"
        drawn = self._draws(applicant).uniform(applicant.attempts)
        if self.terms.ruled and applicant.renewal and applicant.approved_by is not None:
            drawn = applicant.approved_by
        if drawn < terms.approve:
            applicant.approved_by = drawn
            return "approve"
        return "return" if drawn < terms.approve + terms.return_ else "refuse"
