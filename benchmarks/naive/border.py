"""What borders do: quotas with their tonnages, and the licence office with its queue."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil, floor
from typing import Any

import simpy

from benchmarks.naive.goods import NOTHING, Blend, Life, Line, scaled
from sim.world import World

Draw = Callable[..., float]
"""(seed, name...) -> a number in [0, 1)."""


class Quota:
    """Tonnages of one lever, full again at each slice of the calendar."""

    def __init__(self) -> None:
        self.slice = -1
        self.used: Blend = defaultdict(float)

    def open(self, terms: Any, covered: Iterable[Line]) -> None:
        self.terms = terms
        self.key: dict[Line, str] = {}
        exports: Blend = defaultdict(float)
        for line in covered:
            form, product = line.item.form, line.item.product
            key = {"form": form, "element": f"{form} {product}", "all": "all"}[terms.each]
            self.key[line] = key
            exports[key] += line.rate * 365
        part = terms.share_of_base_year
        if part is None:
            part = terms.t_per_year / sum(exports.values())
        self.allowed = scaled(exports, part * terms.period_months / 12)

    def turn(self, today: date) -> None:
        number = (today.year * 12 + today.month - 1) // self.terms.period_months
        if number != self.slice:
            self.slice = number
            self.used.clear()

    def parts(self) -> dict[Line, float]:
        wanted: Blend = defaultdict(float)
        for line, key in self.key.items():
            wanted[key] += line.shipped
        part = {
            key: min(1.0, max(0.0, self.allowed[key] - self.used[key]) / t) if t > 0 else 1.0
            for key, t in wanted.items()
        }
        return {line: part[key] for line, key in self.key.items()}

    def count(self) -> None:
        for line, key in self.key.items():
            self.used[key] += line.shipped


@dataclass(eq=False)
class Case:
    """One end user before the office, for one product group, from its first application on."""

    name: str
    place: str
    military: bool
    state: str = "pending"
    """Or `open` or `refused`."""
    valid_until: float = float("-inf")
    attempts: int = 0


class Office:
    """Applications wait in a line, first come first served, for the first reviewer who is free."""

    def __init__(
        self,
        env: simpy.Environment,
        world: World,
        entry: Any,
        covered: Iterable[Line],
        *,
        starts: date,
        draw: Draw,
        seed: int,
    ) -> None:
        self.env, self.world, self.by, self.starts = env, world, entry.by, starts
        self.draw, self.seed = draw, seed
        self.terms = entry.licence
        self.exporter = entry.scope.exporter
        self.cases: dict[str, Case] = {}
        self.case_of: dict[Line, Case] = {}
        groups = {form.id: form.licence_group for form in world.forms}
        for line in covered:
            h = line.holding
            name = f"{h.place}#{h.user + 1}/{self.exporter}/{groups[h.form] or h.form}"
            users = world.end_users.get(h.place)
            military = bool(users and users.military[h.user])
            self.case_of[line] = self.cases.setdefault(name, Case(name, h.place, military))
        self.session = 0
        self.free_at: list[float] = []

    def open(self) -> None:
        self.session += 1
        self.free_at = [float(self.env.now)] * (self.terms.reviewers or 0)

        def turn(case: Case) -> tuple[float, str]:
            return self.draw(self.seed, self.by, "order", case.name), case.name

        for case in sorted(self.cases.values(), key=turn):
            self.env.process(self.story(case, self.session))

    def until_day(self, day: float) -> simpy.Event:
        return self.env.timeout(max(0.0, day - self.env.now))

    def close(self) -> None:
        self.session += 1

    def story(self, case: Case, session: int) -> Life:
        """Apply, be reviewed, hold a licence, renew it; all of it stops with the session."""
        if case.place in self.terms.general_licence:
            case.state = "open"
            yield self.env.timeout(self.terms.general_validity_days)
            if self.session != session:
                return
        renewal = case.valid_until > self.env.now
        case.state = "open" if renewal else "pending"
        while self.session == session:
            if case.state == "open":
                yield self.until_day(case.valid_until - self.review_time())
                renewal = True
            if self.session != session:
                return
            outcome = yield from self.review(case, session, renewal)
            if self.session != session:
                return
            if outcome == "approve":
                case.state = "open"
            elif outcome == "refuse":
                if renewal:
                    yield self.until_day(case.valid_until)
                if self.session == session:
                    case.state = "refused"
                yield self.env.timeout(ceil(self.terms.reapply_days))
                renewal = False

    def review_time(self) -> int:
        return ceil(self.terms.review_days * (1.4 if self.terms.working_days else 1))

    def review(self, case: Case, session: int, renewal: bool) -> Generator[simpy.Event, Any, str]:
        """The wait for the reviewer who is free first, the reviewer's work, the review."""
        terms = self.terms
        case.attempts += 1
        if renewal and not terms.renewal_holds:
            self.env.process(self.lapses(case, session))
        if terms.reviewers:
            begins = max(self.env.now, heapq.heappop(self.free_at))
            heapq.heappush(self.free_at, begins + 7 / terms.cases_per_reviewer_week)
            yield self.until_day(begins + 7 / terms.cases_per_reviewer_week)
        days = terms.review_days * (terms.renewal_review_factor if renewal else 1)
        ends = self.working_day(days) if terms.working_days else self.env.now + days
        yield self.until_day(ceil(ends - NOTHING))
        if self.session != session:
            return "dropped"
        drawn = self.draw(self.seed, self.by, case.name, case.attempts)
        if case.military and terms.military_refused:
            return "refuse"
        if drawn < terms.approve:
            since = max(self.env.now, case.valid_until) if renewal else self.env.now
            case.valid_until = since + ceil(terms.validity_days)
            return "approve"
        return "return" if drawn < terms.approve + terms.return_ else "refuse"

    def working_day(self, left: float) -> float:
        holidays = self.world.holidays
        known = holidays.get(self.exporter, holidays.get("*"))
        closed = known.dates if known is not None else frozenset()
        day = floor(self.env.now)
        while left > 0:
            day += 1
            today = self.starts + timedelta(days=day)
            left -= today.weekday() < 5 and today not in closed
        return self.env.now + day - floor(self.env.now)

    def lapses(self, case: Case, session: int) -> Life:
        """Without `holds` the old licence runs out although its renewal is pending."""
        yield self.until_day(case.valid_until)
        if self.session == session and case.valid_until <= self.env.now and case.state == "open":
            case.state = "pending"
