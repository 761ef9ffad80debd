"""Rooms: tonnages per slice of the calendar, and what has been used of them.

A tonnage is counted at lines (what leaves) or at sites (what is made): positions. What was used is
remembered by position and month, so an easing may restate anything, and what was used in scope before counts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from sim.channels.effects import Room
from sim.engine.channels import ROOM
from sim.engine.network import Network
from sim.engine.permits import Licensed, Permit
from sim.engine.scopes import Scopes
from sim.equations.sums import sum_by

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

MONTHS_REMEMBERED = 24
"""The longest slice, and one more: mines look back to the review before, plants ahead to the next."""


@dataclass(slots=True)
class Count:
    """One lever's tonnages; the count goes on while it is paused."""

    room: Room
    key: IntArray
    """[position] which tonnage it draws on, -1 outside the scope"""
    allowance_t: FloatArray
    """[key] per slice"""
    used: dict[int, FloatArray] = field(default_factory=dict)
    """Month, counted from year 0 -> [position] t used in scope"""
    used_t: FloatArray = field(init=False)
    """[key] of the slice"""
    slice_number: int = -1

    def turn_to(self, month: int) -> None:
        """Go on to the slice in which a month lies; unused tonnage lapses."""
        length = self.room.months
        if month // length == self.slice_number:
            return
        self.slice_number = month // length
        self.used = {m: t for m, t in self.used.items() if m > month - MONTHS_REMEMBERED}
        self.used_t = np.zeros_like(self.allowance_t)
        for earlier in sorted(self.used):
            if earlier // length == self.slice_number:
                self.used_t += self._by_key(self.used[earlier])

    def share(self, wanted_t: FloatArray) -> FloatArray:
        """[position] part that there is room for, pro rata for each key."""
        inside = self.key >= 0
        left_t = np.maximum(0.0, self.allowance_t - self.used_t)
        total_t = self._by_key(wanted_t)
        able_t = np.minimum(left_t, total_t)
        part = np.divide(able_t, total_t, out=np.ones_like(total_t), where=total_t > 0)
        out = np.ones_like(wanted_t)
        out[inside] = part[self.key[inside]]
        return out

    def draw_down(self, taken_t: FloatArray, month: int) -> None:
        """Count what was taken [position]."""
        self.turn_to(month)
        self.used_t += self._by_key(taken_t)
        before_t = self.used.setdefault(month, np.zeros_like(taken_t))
        before_t += np.where(self.key >= 0, taken_t, 0.0)

    def _by_key(self, tonnes: FloatArray) -> FloatArray:
        """Sum [position] over [key]."""
        inside = self.key >= 0
        n = len(self.allowance_t)
        return sum_by(self.key[inside], weights=tonnes[inside], minlength=n)


@dataclass(slots=True)
class Rooms:
    """The tonnages of one axis that have come into force."""

    start: Callable[[Room], Count]
    """Positions and allowances of a room, nothing used"""
    counts: dict[str, Count] = field(default_factory=dict)
    """Lever -> its count, from the first day in force on"""
    permits: dict[str, Permit] = field(default_factory=dict)
    """Lever -> what has left under its licences"""

    def take(
        self,
        wanted_t: FloatArray,
        in_force: Sequence[tuple[str, Room]],
        month: int,
        licensed: Sequence[tuple[str, Licensed]] = (),
    ) -> FloatArray:
        """[position] what there is room for: the least part that any gives; every one counts it.

        Licences are such rooms too, one for each case.
        """
        permits = [(self.permits.setdefault(lever, Permit()), what) for lever, what in licensed]
        part = None
        if in_force:
            everywhere = np.ones(len(wanted_t), dtype=np.bool_)
            counts = [self._as_stated(lever, room) for lever, room in in_force]
            for count in counts:
                count.turn_to(month)
            part = ROOM.array(
                len(wanted_t), [(everywhere, count.share(wanted_t)) for count in counts]
            )
        taken_t = wanted_t.copy() if part is None else wanted_t * part
        for permit, what in permits:
            least = permit.share(wanted_t, what)
            if part is not None:
                least = ROOM.combine(least, part[what.lines])
            taken_t[what.lines] = np.minimum(taken_t[what.lines], wanted_t[what.lines] * least)
        for lever in sorted(self.counts):
            self.counts[lever].draw_down(taken_t, month)
        for permit, what in permits:
            permit.draw_down(taken_t, what)
        return taken_t

    def _as_stated(self, lever: str, room: Room) -> Count:
        """The count under the terms in force, with what was used before."""
        old = self.counts.get(lever)
        if old is None or old.room != room:
            count = self.start(room)
            count.used = old.used if old else {}
            self.counts[lever] = count
        return self.counts[lever]


def border_rooms(network: Network, scopes: Scopes) -> Rooms:
    """Tonnages of what leaves [line]: by form, by element (or grade), or one for all."""
    exports = _exports_of_base_year(network, scopes)

    def start(room: Room) -> Count:
        covered = scopes.lanes(room.where)
        names: dict[str, int] = {}
        key = np.full(len(covered), -1, dtype=np.intp)
        for lane in np.flatnonzero(covered):
            _, _, form, product = scopes.names[lane]
            name = {"form": form, "element": f"{form} {product}", "all": "all"}[room.each]
            key[lane] = names.setdefault(name, len(names))
        per_year = _per_year(room, key, len(names), exports)
        return Count(room, key[network.line_lane], per_year * room.months / 12)

    return Rooms(start)


def site_rooms(network: Network, scopes: Scopes) -> Rooms:
    """Tonnages of what is made [site], one for all sites of a room."""
    output = np.array([network.world.sites[s].output_t_per_year for s in network.sites])

    def start(room: Room) -> Count:
        key = np.where(scopes.sites(room.where), 0, -1).astype(np.intp)
        return Count(room, key, _per_year(room, key, 1, output) * room.months / 12)

    return Rooms(start)


def _exports_of_base_year(network: Network, scopes: Scopes) -> FloatArray:
    """[lane] t/yr."""
    flows: dict[tuple[str, str, str, str], float] = {}
    for flow in network.world.flows:
        key = (flow.seller, flow.buyer, flow.form, flow.product)
        flows[key] = flows.get(key, 0.0) + flow.t_per_year
    return np.array([flows.get(lane, 0.0) for lane in scopes.names])


def _per_year(room: Room, key: IntArray, n: int, base_year: FloatArray) -> FloatArray:
    """[key] t a year: a share of the base year's, or a rate split over keys by the base year's."""
    inside = key >= 0
    before = sum_by(key[inside], weights=base_year[inside], minlength=n)
    if room.share_of_base_year is not None:
        return before * room.share_of_base_year
    assert room.t_per_year is not None
    total = before.sum()
    return (
        np.full(n, room.t_per_year / max(n, 1)) if total <= 0 else before / total * room.t_per_year
    )
