"""The licence office: its queue, its reviewers and its decisions, in a calendar of its own that runs ahead."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Generator
from dataclasses import dataclass
from datetime import timedelta
from math import ceil, floor
from typing import Any

import simpy

from benchmarks.naive.goods import NOTHING, Life, Line
from benchmarks.naive.levers import Course
from benchmarks.naive.market import Market

Draw = Callable[..., float]
"""(exporter, `place#user`, group, number, attempt or `order`) -> a number in [0, 1)."""

Numbers = Counter[tuple[str, str, str]]
"""Cases so far of an exporter, user and group, before all offices."""

NEVER = float("-inf")
GENERAL_DAYS = 365
AFTER_MIDNIGHT = 1 / 64
"""When what happened at midnight is known and reviewers take up cases."""
NOON = 0.5


class Terms:
    """How applications are treated, and whose; what the lever leaves out is the pack's."""

    def __init__(self, lever: Any, market: Market) -> None:
        pack = market.world.licence_office

        def given(value: Any, default: Any) -> Any:
            return default if value is None else value

        office = given(lever.office, pack)
        self.covered = market.covered(lever)
        self.reviewers = 0 if office == "clock" else office.reviewers
        self.work_days = 0.0 if office == "clock" else 7 / office.cases_per_week
        self.review_days = lever.review.days if lever.review else pack.review_days
        self.working = bool(lever.review and lever.review.working)
        self.nominal_review = ceil(self.review_days * (1.4 if self.working else 1))
        self.approve = given(lever.approve, pack.approve)
        self.return_ = given(lever.return_, pack.return_)
        self.validity_days = ceil(given(lever.validity, pack.validity_days))
        self.holds = lever.renewal != "lapses"
        self.refuses_military = given(lever.military, pack.military) == "refuse"
        self.general = set(lever.general_licence)


@dataclass(eq=False)
class Case:
    """One end user before one office, for one product group."""

    place: str
    user: str
    group: str
    military: bool
    number: int | None = None
    """Among those of the same exporter, user and group; None before it first applies."""
    attempts: int = 0
    valid_until: float = NEVER
    general_until: float = NEVER
    held_over: bool = False
    """The old licence covers while its renewal is pending."""
    refused: bool = False
    story: simpy.Process | None = None
    turn: Any = None
    """Event: a reviewer takes it up, who will have `done`."""
    done: float = NEVER

    def standing(self, day: int) -> str:
        if day < max(self.valid_until, self.general_until):
            return "open"
        return "shut" if self.refused else "open" if self.held_over else "held"


class Office:
    """One lever's office. What is filed on a day queues by draw, behind what was filed before."""

    def __init__(
        self, env: simpy.Environment, market: Market, lever: Any, draw: Draw, numbers: Numbers
    ) -> None:
        self.env, self.world, self.starts = env, market.world, market.starts
        self.exporter, self.of_case, self.numbers = lever.exporter, draw, numbers
        self.course = Course(lever, self.starts, lambda said: Terms(said, market))
        self.terms: Any = None
        """`Terms` in force."""
        self.cases: dict[tuple[str, str], Case] = {}
        self.case_of: dict[Line, Case] = {}
        groups = {form.id: form.licence_group for form in self.world.forms}
        scopes = [terms.covered for _, terms in self.course.steps if terms is not None]
        for line in frozenset[Line]().union(*scopes):
            h, users = line.holding, self.world.end_users.get(line.holding.place)
            military = bool(users and users.military[h.user])
            case = Case(h.place, f"{h.place}#{h.user + 1}", groups[h.form], military)
            self.case_of[line] = self.cases.setdefault((case.user, case.group), case)
        self.free_at: list[float] = []
        """For each reviewer."""
        self.filed: list[Case] = []
        self.queue: list[Case] = []
        later = [step for step in self.course.steps if step[0] > env.now]
        for day, terms in [(env.now, self.course.on(env.now)), *later]:
            env.process(self.phase(day, terms))
        env.process(self.reviewers())

    def on(self, day: int) -> dict[Line, str]:
        """Which lines in scope are open, held or shut on a day."""
        if self.env.now < day + NOON:
            self.env.run(until=day + NOON)
        covered = self.terms.covered if self.terms is not None else ()
        return {line: self.case_of[line].standing(day) for line in covered}

    def draw(self, case: Case, what: str | int) -> float:
        return self.of_case(self.exporter, case.user, case.group, case.number, what)

    # ---- the lever's phases

    def phase(self, day: float, terms: Terms | None) -> Life:
        """Begin, pause, ease or end: who is new applies, who is out is free, the others notice nothing."""
        yield self.until_day(day)
        before, self.terms = self.terms, terms
        inside = {self.case_of[line] for line in terms.covered} if terms is not None else set()
        general = (terms.general if terms else set()) - (before.general if before else set())
        for case in self.cases.values():
            if case.story is not None and (case not in inside or case.place in general):
                self.drop(case)
        if terms is not None and (before is None or before.reviewers != terms.reviewers):
            self.free_at = [day] * terms.reviewers
            for case in self.cases.values():  # in the hands of those who were there before
                case.done = NEVER
        for case in sorted(inside, key=lambda case: (case.user, case.group)):
            if case.story is None:
                case.story = self.env.process(self.life(case))

    def drop(self, case: Case) -> None:
        """Nothing of it is left but its number and the date of its licence."""
        if case.story is not None:
            case.story.interrupt()
        if case.done > self.env.now:
            self.free_at[self.free_at.index(case.done)] = self.env.now
            self.free_at.sort()
        self.filed = [other for other in self.filed if other is not case]
        self.queue = [other for other in self.queue if other is not case]
        case.story, case.held_over, case.refused = None, False, False
        case.general_until = case.done = NEVER

    # ---- cases

    def until_day(self, day: float) -> simpy.Event:
        return self.env.timeout(max(0.0, day - self.env.now))

    def life(self, case: Case) -> Life:
        """Apply, be reviewed, hold a licence, renew it; until the case is dropped."""
        try:
            if case.place in self.terms.general:
                case.general_until = self.env.now + GENERAL_DAYS
                yield self.until_day(case.general_until)
            renewal = case.valid_until > self.env.now
            while True:
                if renewal:
                    yield self.until_day(case.valid_until - self.terms.nominal_review)
                case.held_over = renewal and self.terms.holds
                outcome = yield from self.review(case, renewal)
                if outcome == "approve":
                    renewal, case.refused = True, False
                elif outcome == "refuse":
                    renewal, case.refused = False, True
                    yield self.until_day(case.valid_until)
                    yield self.env.timeout(ceil(self.world.licence_office.reapply_days))
        except simpy.Interrupt:
            pass

    def review(self, case: Case, renewal: bool) -> Generator[simpy.Event, Any, str]:
        """The wait for a reviewer, the reviewer's work, the review; each under the terms of its day."""
        if case.number is None:
            name = (self.exporter, case.user, case.group)
            case.number = self.numbers[name]
            self.numbers[name] += 1
        case.attempts += 1
        began = float(self.env.now)
        if self.terms.reviewers:
            case.turn = self.env.event()
            self.filed.append(case)
            began = yield case.turn
            yield self.until_day(began)
        terms = self.terms
        factor = self.world.licence_office.renewal_review_factor if renewal else 1
        after = self._working_day if terms.working else float.__add__
        decided = ceil(after(began, terms.review_days * factor) - NOTHING)
        yield self.until_day(decided)
        terms = self.terms
        drawn = self.draw(case, case.attempts)
        if case.military and terms.refuses_military:
            return "refuse"
        if drawn < terms.approve:
            since = max(decided, case.valid_until) if renewal else decided
            case.valid_until = since + terms.validity_days
            return "approve"
        return "return" if drawn < terms.approve + terms.return_ else "refuse"

    def _working_day(self, began: float, left: float) -> float:
        holidays = self.world.holidays
        known = holidays.get(self.exporter, holidays.get("*"))
        closed = known.dates if known is not None else frozenset()
        day = floor(began)
        while left > 0:
            day += 1
            today = self.starts + timedelta(days=day)
            left -= today.weekday() < 5 and today not in closed
        return began + day - floor(began)

    def reviewers(self) -> Life:
        """From each midnight to the next: whoever is free takes up the case that waits longest."""
        today = floor(self.env.now)
        while True:
            yield self.until_day(today + AFTER_MIDNIGHT)
            self.queue += sorted(self.filed, key=lambda x: (self.draw(x, "order"), x.user, x.group))
            self.filed = []
            while self.queue:
                done = float(today)
                if self.terms.reviewers:
                    if self.free_at[0] >= today + 1:
                        break
                    done = max(done, self.free_at[0]) + self.terms.work_days
                    heapq.heapreplace(self.free_at, done)
                case = self.queue.pop(0)
                case.done = done
                case.turn.succeed(done)
            today += 1
