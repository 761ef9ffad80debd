"""The regime: what levers allow on the days that a review sells for.

It runs ahead of the goods to the end of these days, in an environment of its own: dates are known, and the
licence office decides without looking at goods. Phases and decisions cut the days into stretches on which
nothing changes. On a stretch a line is shut, held or open; where several levers meet, shut beats held.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from math import floor

import numpy as np
import numpy.typing as npt

from sim.controls import Border, Closure, Controls, LegTerms, Release, Restriction
from sim.engine.border import Borders
from sim.engine.calendar import Calendar
from sim.engine.clock import Clock
from sim.engine.licence_desks import LicenceDesks
from sim.engine.network import Network
from sim.engine.transport import Routes, Transport

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Allowed:
    """What holds as long as nothing changes; masks are [line]."""

    shut: BoolArray
    """Orders go back to the buyer"""
    held: BoolArray
    """Goods wait at the seller"""
    open: BoolArray
    stoppers: tuple[tuple[str, BoolArray], ...]
    """(lever, lines it stops) in the order in which levers are to blame"""
    quotas: Mapping[str, Restriction]
    releases: Mapping[str, Release]
    routes: Routes


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days of a review on which nothing changes."""

    starts: float
    ends: float
    part: float
    """Of the days between two reviews"""
    month: int
    """Counted from year 0"""
    allowed: Allowed


@dataclass(slots=True)
class Regime:
    """What is allowed, day by day, as far as reviews have asked."""

    network: Network
    clock: Clock
    """Ahead of the goods"""
    calendar: Calendar
    controls: Controls
    borders: Borders
    desks: LicenceDesks
    transport: Transport
    case_days: dict[str, float] = field(default_factory=dict)
    """Licence lever -> case-days pending up to the last review that has asked"""
    _allowed: Allowed | None = None
    _version: int = -1

    def look(self, day: float) -> list[Stretch]:
        """The stretches from a review to the next."""
        env, until = self.clock.env, day + self.clock.span
        while env.peek() < day:
            env.step()
        self.case_days = {lever: desk.advance(day) for lever, desk in self.desks.by_lever.items()}
        found, start, now = [], day, self.allowed()
        seen = day
        while (at := min(env.peek(), self._next_slice(seen))) < until:
            seen = at
            while env.peek() <= at:
                env.step()
            following = self.allowed()
            if following is not now or self._turns(at):
                found.append(self._stretch(start, at, now))
                start, now = at, following
        found.append(self._stretch(start, until, now))
        return found

    def _stretch(self, starts: float, ends: float, allowed: Allowed) -> Stretch:
        part = (ends - starts) / self.clock.span
        return Stretch(starts, ends, part, self._month(starts), allowed)

    # ---- slices of quotas

    def _month(self, day: float) -> int:
        today = self.calendar.date_of(day)
        return today.year * 12 + today.month - 1

    def _next_slice(self, day: float) -> float:
        """The next first day of a month, as a slice may turn on it; never where no quota is in sight."""
        if not self.controls.quota_periods:
            return np.inf
        today = self.calendar.date_of(day)
        first = date(today.year + today.month // 12, today.month % 12 + 1, 1)
        return float(self.calendar.day_of(first))

    def _turns(self, day: float) -> bool:
        """Whether a slice of some quota begins on a day."""
        if day != floor(day) or self.calendar.date_of(day).day != 1:
            return False
        month = self._month(day)
        return any(month % period == 0 for period in self.controls.quota_periods.values())

    # ---- what is allowed

    def allowed(self) -> Allowed:
        """What is allowed now; the same object as long as nothing changes."""
        if self._allowed is None or self._version != self.controls.version:
            self._version, self._allowed = self.controls.version, self._read()
        return self._allowed

    def _read(self) -> Allowed:
        controls = self.controls
        routes = self.transport.routes_under(controls.of_type(Closure), controls.of_type(LegTerms))
        shut, held = routes.closed.copy(), np.zeros(len(routes.closed), dtype=np.bool_)
        for entry in controls.at_border(Border.BAN):
            shut |= self.borders.covered(entry.scope)
        for entry in controls.at_border(Border.LICENCE):
            pending, refused = self.desks.standing(entry.by)
            held |= pending
            shut |= refused
        held &= ~shut
        return Allowed(
            shut=shut,
            held=held,
            open=~(shut | held),
            stoppers=tuple(self._stoppers(routes)),
            quotas={entry.by: entry for entry in controls.at_border(Border.QUOTA)},
            releases={release.by: release for release in controls.of_type(Release)},
            routes=routes,
        )

    def _stoppers(self, routes: Routes) -> list[tuple[str, BoolArray]]:
        """What refuses goods comes before what lets them wait, a missing licence before a quota."""
        controls, covered = self.controls, self.borders.covered
        stoppers = [(e.by, covered(e.scope)) for e in controls.at_border(Border.BAN)]
        for closure in controls.of_type(Closure):
            stoppers.append((closure.by, routes.closed & self.transport.goes_by(closure.corridor)))
        for entry in controls.at_border(Border.LICENCE):
            pending, refused = self.desks.standing(entry.by)
            stoppers.append((entry.by, pending | refused))
        return stoppers + [(e.by, covered(e.scope)) for e in controls.at_border(Border.QUOTA)]


def parts_by(stretches: Sequence[Stretch], masks: Sequence[BoolArray]) -> FloatArray:
    """[line] part of a review's days on which a mask [line] of each stretch is set; exact for all and none."""
    if len(stretches) == 1:
        return masks[0].astype(float)
    part = np.zeros(len(masks[0]))
    every = np.ones(len(masks[0]), dtype=np.bool_)
    for stretch, mask in zip(stretches, masks, strict=True):
        part += np.where(mask, stretch.part, 0.0)
        every &= mask
    part[every] = 1.0
    return part
