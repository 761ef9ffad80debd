"""Phases of levers: what begins, pauses, eases and ends at its date, by turning controls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

from sim.controls import Border, CapacityAddition, Controls, Entry, Restriction
from sim.engine.border import BorderState
from sim.engine.calendar import Calendar
from sim.engine.clock import Clock
from sim.engine.licence_desks import LicenceDesks
from sim.engine.transport import Transport
from sim.world.world import World


class PhaseLike(Protocol):
    """A phase of a lever: what begins, when, and settings it restates."""

    @property
    def kind(self) -> str:
        """`announced`, `in_force`, `paused`, `resumed`, `eased` or `ended`."""

    @property
    def date(self) -> date:
        """First day of the phase."""

    @property
    def settings(self) -> Mapping[str, Any]:
        """Restated settings of an eased phase."""


class LeverLike(Protocol):
    """What the engine needs of a lever; it turns controls and never moves material."""

    @property
    def id(self) -> str:
        """Name in the scenario."""

    @property
    def heading(self) -> str:
        """`restrictions`, `shocks` or `measures`."""

    @property
    def kind(self) -> str:
        """Kind in the scenario."""

    def timeline(self) -> tuple[PhaseLike, ...]:
        """Phases in order of their dates."""

    def restated(self, phase: PhaseLike) -> LeverLike:
        """The lever with the settings that hold in a phase."""

    def entry(self, world: World) -> Entry | None:
        """What it puts in force while a phase lasts; None for levers that only add capacity."""

    def addition(self, world: World, starts: date) -> CapacityAddition | None:
        """Capacity it adds; None for levers that add none."""


@dataclass(slots=True)
class Phases:
    """The phases of all levers."""

    levers: Sequence[LeverLike]
    """In the order of their ids"""
    world: World
    calendar: Calendar
    clock: Clock
    controls: Controls
    border: BorderState
    desks: LicenceDesks
    transport: Transport
    reported: list[tuple[str, str, str, str, float]] = field(default_factory=list)
    """(lever, heading, kind, phase, day) of phases that begin before the horizon"""

    def schedule(self) -> None:
        """Begin what is due by now, and let the rest begin on its day."""
        for lever in self.levers:
            for phase in lever.timeline():
                day = self.calendar.day_of(phase.date)
                if day <= self.clock.now:
                    self._begin(lever, phase)
                else:
                    self.clock.after(day - self.clock.now, self._begin, lever, phase)
                if day <= self.calendar.horizon_days:
                    what = (lever.id, lever.heading, lever.kind, phase.kind, float(day))
                    self.reported.append(what)

    def _begin(self, lever: LeverLike, phase: PhaseLike) -> None:
        if phase.kind == "announced":
            return
        if phase.kind in ("paused", "ended"):
            self.desks.close(lever.id)
            self.controls.lift(by=lever.id)
        else:
            entry = lever.restated(phase).entry(self.world)
            if entry is None:
                return
            self.controls.put(entry)
            if isinstance(entry, Restriction) and entry.kind is Border.QUOTA:
                self.border.set_quota(entry)
            if isinstance(entry, Restriction) and entry.kind is Border.LICENCE:
                self.desks.open(entry, self.border.covered(entry.scope))
        self.transport.turn(self.controls)
        self.border.no_route = self.transport.closed

    def warnings(self) -> tuple[str, ...]:
        """Restrictions nobody can feel."""
        return tuple(
            f"{lever.id}: its scope matches no lane of this world, so it has no effect"
            for lever in self.levers
            if isinstance(entry := lever.entry(self.world), Restriction)
            and not self.border.covered(entry.scope).any()
        )
