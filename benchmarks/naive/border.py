"""What borders and closures do with a review's days, and quotas with their tonnages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import ceil, floor
from typing import Any

import simpy

from benchmarks.naive.goods import Blend, Line, Way, scaled
from benchmarks.naive.levers import PERIOD_MONTHS, Course
from benchmarks.naive.market import Market
from benchmarks.naive.office import Draw, Numbers, Office

KINDS = ("export_ban", "export_quota", "export_licence", "corridor_closure")


@dataclass
class Stretch:
    """Days of a review on which nothing changes."""

    begins: float
    weight: float
    standings: dict[Line, set[str]]
    """`open`, `held` or `shut`, by each ban and licence that covers the line."""
    closed: frozenset[str]


class Tonnage:
    """What a quota says in one of its phases."""

    def __init__(self, lever: Any, market: Market) -> None:
        self.key: dict[Line, str] = {}
        """What each line in scope counts for."""
        covered, exports = market.covered(lever), defaultdict[str, float](float)
        for line in (x for x in market.lines if x in covered):
            form, product = line.item.form, line.item.product
            key = {"form": form, "element": f"{form} {product}", "all": "all"}[lever.each]
            self.key[line] = key
            exports[key] += line.rate * 365
        part = lever.amount.share_of_base_year
        if part is None:
            part = lever.amount.t_per_year / sum(exports.values())
        self.months = PERIOD_MONTHS[lever.period]
        self.allowed = scaled(exports, part * self.months / 12)
        """Of each key, in a slice."""


class Quota:
    """One lever's tonnages, and its memory of what has left: by line and calendar month."""

    def __init__(self, market: Market, lever: Any) -> None:
        self.starts = market.starts
        self.course = Course(lever, self.starts, lambda said: Tonnage(said, market))
        self.left: dict[int, dict[Line, float]] = defaultdict(lambda: defaultdict(float))

    def month(self, day: float) -> int:
        today = self.starts + timedelta(days=floor(day))
        return today.year * 12 + today.month - 1

    def parts(self, day: float, sent: Mapping[Line, float]) -> dict[Line, float]:
        """Of what each line in scope would send on a stretch: the part that finds room."""
        said = self.course.on(day)
        if said is None:
            return {}
        wanted: Blend = defaultdict(float)
        room = dict(said.allowed)
        for line, key in said.key.items():
            wanted[key] += sent[line]
        for month, left in self.left.items():
            if month // said.months == self.month(day) // said.months:
                for line, key in said.key.items():
                    room[key] -= left[line]
        part = {k: min(1.0, max(0.0, room[k]) / t) if t > 0 else 1.0 for k, t in wanted.items()}
        return {line: part[key] for line, key in said.key.items()}

    def count(self, day: float, sent: Mapping[Line, float]) -> None:
        """Remember what leaves, from the first day in force on."""
        said = self.course.latest(day)
        for line in said.key if said is not None else ():
            self.left[self.month(day)][line] += sent[line]


class Border:
    """Every ban, quota, licence and closure: what each line may do on the days of a review."""

    def __init__(self, market: Market, levers: Sequence[Any], first_day: float, draw: Draw) -> None:
        self.lines, starts = market.lines, market.starts
        of: dict[str, list[Any]] = {kind: [] for kind in KINDS}
        for lever in levers:  # of another kind: not known here
            of[lever.kind].append(lever)
        env, numbers = simpy.Environment(first_day), Numbers()
        self.bans = [Course(x, starts, market.covered) for x in of["export_ban"]]
        self.quotas = [Quota(market, x) for x in of["export_quota"]]
        self.offices = [Office(env, market, x, draw, numbers) for x in of["export_licence"]]
        self.closures = [Course(x, starts, lambda x: x) for x in of["corridor_closure"]]

    def stretches(self, review: float, span: float) -> list[Stretch]:
        """The days until the next review, cut at each midnight at which something changes."""
        stretches: list[Stretch] = []
        before, ends = None, review + span
        for day in (review, *range(ceil(review), ceil(ends))):
            now = self._rules(floor(day))
            if now != before:
                if stretches:
                    stretches[-1].weight = (day - stretches[-1].begins) / span
                stretches.append(self._stretch(day, (ends - day) / span, now[1]))
            before = now
        return stretches

    def _rules(self, day: int) -> tuple[list[Any], list[dict[Line, str]], list[int]]:
        """What levers say, where each licensed line stands, and slices of quotas that have begun."""
        said: list[Any] = [x.on(day) for x in (*self.bans, *self.closures)]
        said += [x.course.on(day) for x in self.quotas] + [x.course.on(day) for x in self.offices]
        begun = [(x.month(day), x.course.latest(day)) for x in self.quotas]
        slices = [month // terms.months for month, terms in begun if terms is not None]
        return said, [office.on(day) for office in self.offices], slices

    def _stretch(self, begins: float, weight: float, licences: list[dict[Line, str]]) -> Stretch:
        standings: dict[Line, set[str]] = defaultdict(set)
        for line, standing in (pair for lines in licences for pair in lines.items()):
            standings[line].add(standing)
        for ban in self.bans:
            for line in ban.on(begins) or ():
                standings[line].add("shut")
        closures = (x.on(begins) for x in self.closures)
        closed = frozenset(said.corridor for said in closures if said is not None)
        return Stretch(begins, weight, standings, closed)

    def clear(self, stretches: Sequence[Stretch]) -> None:
        """Quotas let pass what they have room for; the rest waits, as does what is held."""
        for line in self.lines:
            line.waits = [line.claim * part for part in line.held]
        for number, stretch in enumerate(stretches):
            passed = self._through({x: x.shipped[number] for x in self.lines}, stretch.begins)
            for line, t in passed.items():
                line.waits[number] += 0.0 if line.pushed else line.shipped[number] - t
                line.shipped[number] = t

    def clear_instead(self, stretches: Sequence[Stretch]) -> None:
        """The same with what is sent instead of what waits, but that waits nowhere."""
        for number, stretch in enumerate(stretches):
            passed = self._through({x: x.instead[number] for x in self.lines}, stretch.begins)
            for line, t in passed.items():
                line.instead[number] = t

    def _through(self, sent: Mapping[Line, float], day: float) -> dict[Line, float]:
        """What quotas let pass of what is sent on a stretch; they count it."""
        parts = [quota.parts(day, sent) for quota in self.quotas]
        passed = {x: t * min([1.0, *(p.get(x, 1.0) for p in parts)]) for x, t in sent.items()}
        for quota in self.quotas:
            quota.count(day, passed)
        return passed


def first_way(line: Line, closed: frozenset[str]) -> Way | None:
    """The first way that no lever closes."""
    link = line.link
    if link.corridor not in closed:
        return link.corridor, ceil(link.transit_days)
    if link.next_corridor and link.next_corridor not in closed:
        return link.next_corridor, ceil(link.next_transit_days)
    return None


def spread(line: Line, stretches: Sequence[Stretch], span: float) -> None:
    """Write down which of a review's days a line is open, held or shut, and by which way."""
    line.ways = [first_way(line, stretch.closed) for stretch in stretches]
    found: list[tuple[float, str]] = []
    for way, x in zip(line.ways, stretches, strict=True):
        said = x.standings.get(line, set()) if way is not None else {"shut"}
        found.append((x.weight, next((s for s in ("shut", "held") if s in said), "open")))

    def part(name: str) -> float:
        of = [weight for weight, standing in found if standing == name]
        return 1.0 if len(of) == len(found) else sum(of)

    line.open = part("open")
    line.days = [weight / line.open if standing == "open" else 0.0 for weight, standing in found]
    line.shut = [weight if standing == "shut" else 0.0 for weight, standing in found]
    line.held = [weight if standing == "held" else 0.0 for weight, standing in found]
    way = line.ways[0]
    line.lead = ceil(way[1] if way else line.link.transit_days)
