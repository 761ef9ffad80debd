"""The regime: what levers allow on the days that a review sells for.

It runs ahead of the goods to the end of these days, in an environment of its own: dates are known, and no
agent looks at goods. Phases and decisions cut the days into stretches on which nothing changes. On a stretch
a line is shut, held or open; where several levers meet, the strictest counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from math import floor, inf

import numpy as np
import numpy.typing as npt

from sim.channels.effects import Capacity, Passage, Rank, Reserve, Room, Route, Verdict
from sim.engine.agents import Agent
from sim.engine.calendar import Calendar
from sim.engine.channels import CAPACITY, PASSAGE, RANK, InForce
from sim.engine.clock import Clock
from sim.engine.network import Network
from sim.engine.permits import Licensed
from sim.engine.scopes import Scopes
from sim.engine.stoppers import Stoppers
from sim.engine.transport import Routes, Transport
from sim.world.where import Where

FloatArray = npt.NDArray[np.float64]
ShortArray = npt.NDArray[np.int16]
BoolArray = npt.NDArray[np.bool_]
Given = tuple[str, BoolArray, FloatArray | float]
"""Lever, positions that it is about, and what it says of them"""
Masks = tuple[tuple[str, BoolArray], ...]
"""(lever, what it stops) in the order in which levers are to blame"""


@dataclass(frozen=True, slots=True, eq=False)
class Allowed:
    """What holds as long as nothing changes."""

    shut: BoolArray
    """[line] orders go back to the buyer"""
    held: BoolArray
    """[line] goods wait at the seller"""
    open: BoolArray
    """[line]"""
    stopper: ShortArray
    """[line] number of the first lever that stops it, -1 where none does"""
    has_stoppers: bool
    """Whether any lever may stop a line"""
    state: ShortArray
    """[line] differs where a line is treated, or laid to a lever, in another way"""
    tier: FloatArray | None
    """[line] in which order a seller serves; None: all alike"""
    capacity: FloatArray
    """[site] part of its size at which it runs"""
    sites_are_free: bool
    """Whether all sites run as they like"""
    stop_sites: Masks
    unlicensed: BoolArray | None
    """[line] refused since its user's licence was; None where there are no licences"""
    licensed: Sequence[tuple[str, Licensed]]
    """By lever: what licences cover, where they cover a tonnage"""
    rooms: Sequence[tuple[str, Room]]
    """By lever: of lines, and of sites"""
    site_rooms: Sequence[tuple[str, Room]]
    reserves: Mapping[str, Reserve]
    routes: Routes


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days of a review on which nothing changes."""

    starts: float
    ends: float
    part: float
    """Of the days between two reviews"""
    month: int
    """Counted from year 0; 0 as long as no tonnage has come into force"""
    allowed: Allowed


Columns = Sequence[Sequence[Stretch]]
"""Of each column the days in stretches"""


@dataclass(slots=True)
class Regime:
    """What is allowed, day by day, as far as reviews have asked."""

    network: Network
    clock: Clock
    """Ahead of the goods"""
    calendar: Calendar
    in_force: InForce
    scopes: Scopes
    transport: Transport
    stoppers: Stoppers
    agents: dict[str, Agent] = field(default_factory=dict)
    """By lever, from its first day in force on"""
    case_days: dict[str, float] = field(default_factory=dict)
    """Lever -> case-days pending up to the last review that has asked"""
    about: tuple[Where, ...] = ()
    """What goods restrictions are about that are in force on any of the days that were looked at last"""
    _about: tuple[int, tuple[Where, ...]] = (-1, ())
    """Version of what is in force, and what it is about"""
    _slices: dict[str, int] = field(default_factory=dict)
    """Lever whose room has come into force -> months of its slices"""
    _allowed: Allowed | None = None
    _version: int = -1

    @classmethod
    def of(
        cls, network: Network, clock: Clock, calendar: Calendar, levers: Sequence[str],
        transport: Transport, stoppers: Stoppers, scopes: Scopes,
    ) -> Regime:  # fmt: skip
        """Nothing is in force yet; `levers` are in the order of what they say."""
        in_force = InForce({lever: rank for rank, lever in enumerate(levers)})
        return cls(network, clock, calendar, in_force, scopes, transport, stoppers)

    def look(self, day: float) -> Sequence[Stretch]:
        """The stretches from a review to the next."""
        env, until = self.clock.env, day + self.clock.span
        while env.peek() < day:
            env.step()
        self.case_days = {lever: agent.case_days(day) for lever, agent in self.agents.items()}
        found, start, now = [], day, self.allowed()
        self.about = self._about_now()
        if env.peek() >= until and not self._slices:
            return [self.stretch(day, until, now)]
        seen = day
        while (at := min(env.peek(), self._next_month(seen))) < until:
            seen = at
            while env.peek() <= at:
                env.step()
            following = self.allowed()
            self.about = tuple(dict.fromkeys((*self.about, *self._about_now())))
            if following is not now or self._turns(at):
                found.append(self.stretch(start, at, now))
                start, now = at, following
        found.append(self.stretch(start, until, now))
        return found

    def _about_now(self) -> tuple[Where, ...]:
        """What goods the restrictions in force are about."""
        effects = self.in_force
        if self._about[0] != effects.version:
            scopes = [passage.where for _, passage in effects.of(Passage)]
            scopes += [room.where for _, room in effects.of(Room) if not room.of_sites]
            self._about = effects.version, tuple(dict.fromkeys(scopes))
        return self._about[1]

    def stretch(self, starts: float, ends: float, allowed: Allowed) -> Stretch:
        """Days of a review on which nothing changes."""
        part = (ends - starts) / self.clock.span
        # Only rooms ask for the month.
        month = self._month(starts) if self._slices else 0
        return Stretch(starts, ends, part, month, allowed)

    # ---- slices of the calendar

    def _month(self, day: float) -> int:
        today = self.calendar.date_of(day)
        return today.year * 12 + today.month - 1

    def _next_month(self, day: float) -> float:
        """The next first day of a month, as a slice may turn on it; never where no room is in sight."""
        if not self._slices:
            return inf
        today = self.calendar.date_of(day)
        first = date(today.year + today.month // 12, today.month % 12 + 1, 1)
        return float(self.calendar.day_of(first))

    def _turns(self, day: float) -> bool:
        """Whether a slice begins on a day."""
        if day != floor(day) or self.calendar.date_of(day).day != 1:
            return False
        month = self._month(day)
        return any(month % length == 0 for length in self._slices.values())

    # ---- what is allowed

    def allowed(self) -> Allowed:
        """What is allowed now; the same object as long as nothing changes."""
        if self._allowed is None or self._version != self.in_force.version:
            self._version, self._allowed = self.in_force.version, self._read()
        return self._allowed

    def _read(self) -> Allowed:
        effects, scopes = self.in_force, self.scopes
        lines, sites = len(self.network.line_lane), len(self.network.sites)
        routes = self.transport.routes_under([route for _, route in effects.of(Route)])
        passages, capacities = list(self._passages()), list(self._capacities())
        # What an agent says of lines that its lever is not about is neutral.
        verdict = PASSAGE.array(
            lines,
            [(None if isinstance(v, np.ndarray) else mask, v) for _, mask, v in passages],
        )
        shut = (verdict == Verdict.REFUSE) | routes.closed
        held = (verdict == Verdict.HOLD) & ~shut
        ranks = [(scopes.lines(rank.where), float(rank.tier)) for _, rank in effects.of(Rank)]
        rooms = effects.of(Room)
        self._slices |= {lever: room.months for lever, room in rooms}
        capacity = CAPACITY.array(sites, [(mask, value) for _, mask, value in capacities])
        of_sites = [(lever, room) for lever, room in rooms if room.of_sites]
        licensed = list(self._licensed())
        stops = list(self._stop_lines(passages, routes, licensed))
        stopper = self._first(stops, lines)
        return Allowed(
            shut=shut,
            held=held,
            open=~(shut | held),
            stopper=stopper,
            has_stoppers=bool(stops),
            state=3 * stopper + (shut + 2 * held.astype(np.int16)),
            tier=RANK.array(lines, ranks) if ranks else None,
            capacity=capacity,
            sites_are_free=not of_sites and bool((capacity == CAPACITY.neutral).all()),
            stop_sites=tuple(self._stop_sites(capacities)),
            unlicensed=self._unlicensed(passages),
            licensed=licensed,
            rooms=[(lever, room) for lever, room in rooms if not room.of_sites],
            site_rooms=of_sites,
            reserves=dict(effects.of(Reserve)),
            routes=routes,
        )

    def _first(self, stops: Sequence[tuple[str, BoolArray]], size: int) -> ShortArray:
        """[position] number of the first lever that stops it, -1 where none does."""
        out = np.full(size, -1, dtype=np.int16)
        for lever, mask in reversed(stops):
            out[mask] = self.stoppers.number[lever]
        return out

    def _passages(self) -> Iterator[Given]:
        for lever, passage in self.in_force.of(Passage):
            given = passage.gate is None
            value = float(passage.verdict) if given else self.agents[lever].published()
            yield lever, self.scopes.lines(passage.where), value

    def _licensed(self) -> Iterator[tuple[str, Licensed]]:
        for lever, passage in self.in_force.of(Passage):
            licensed = self.agents[lever].licensed() if passage.by_user else None
            if licensed is not None:
                yield lever, licensed

    def _unlicensed(self, passages: Sequence[Given]) -> BoolArray | None:
        """Lines of users whom an agent refuses one by one: a ban refuses everybody, and binds no user."""
        gated = {lever for lever, passage in self.in_force.of(Passage) if passage.by_user}
        refused = [
            mask & (value == Verdict.REFUSE) for lever, mask, value in passages if lever in gated
        ]
        return np.any(refused, axis=0) if refused else None

    def _capacities(self) -> Iterator[Given]:
        for lever, capacity in self.in_force.of(Capacity):
            value = capacity.part if capacity.gate is None else self.agents[lever].published()
            yield lever, self.scopes.sites(capacity.where), value

    def _stop_lines(
        self, passages: Sequence[Given], routes: Routes, licensed: Sequence[tuple[str, Licensed]]
    ) -> Iterator[tuple[str, BoolArray]]:
        """What refuses goods comes before what lets them wait, a missing licence before a full quota."""
        gated = {lever for lever, passage in self.in_force.of(Passage) if passage.gate is not None}
        yield from ((lever, mask) for lever, mask, _ in passages if lever not in gated)
        for lever, route in self.in_force.of(Route):
            if route.closed:
                yield lever, routes.closed & self.transport.goes_by(route.corridor)
        for lever, mask, value in passages:
            if lever in gated:
                yield lever, mask & (value > Verdict.FREE)
        for lever, covers in licensed:
            yield lever, covers.counts
        for lever, room in self.in_force.of(Room):
            if not room.of_sites:
                yield lever, self.scopes.lines(room.where)

    def _stop_sites(self, capacities: Sequence[Given]) -> Iterator[tuple[str, BoolArray]]:
        for lever, mask, value in capacities:
            yield lever, mask & (value < CAPACITY.neutral)
        for lever, room in self.in_force.of(Room):
            if room.of_sites:
                yield lever, self.scopes.sites(room.where)
