"""Phases of levers: what begins, pauses, eases and ends at its date, by turning controls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

from sim.controls import (
    Border,
    CapacityAddition,
    Closure,
    Controls,
    Entry,
    LegTerms,
    Restriction,
    Scope,
)
from sim.engine.border import Borders
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

    @property
    def acts(self) -> bool:
        """Whether the lever is in force."""


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

    def entries(self, world: World) -> list[Entry]:
        """What it puts in force, phase by phase."""

    def addition(self, world: World, starts: date) -> CapacityAddition | None:
        """Capacity it adds; None for levers that add none."""

    def content(self) -> str:
        """What it says, whatever it is called."""


@dataclass(slots=True)
class Phases:
    """The phases of all levers."""

    levers: Sequence[LeverLike]
    """In the order of what they say"""
    world: World
    calendar: Calendar
    ahead: Clock
    """Of what is allowed"""
    clock: Clock
    """Of the goods"""
    controls: Controls
    borders: Borders
    desks: LicenceDesks
    transport: Transport
    reported: list[tuple[str, str, str, str, float]] = field(default_factory=list)
    """(lever, heading, kind, phase, day) of phases that begin before the horizon"""

    def schedule(self) -> None:
        """Begin what is due by now, and let the rest begin on its day."""
        for lever in self.levers:
            for phase in lever.timeline():
                day = self.calendar.day_of(phase.date)
                for clock, begin in ((self.ahead, self._begin), (self.clock, self._turn)):
                    if day <= clock.now:
                        begin(lever, phase)
                    else:
                        clock.after(day - clock.now, begin, lever, phase)
                if day <= self.calendar.horizon_days:
                    what = (lever.id, lever.heading, lever.kind, phase.kind, float(day))
                    self.reported.append(what)

    def _begin(self, lever: LeverLike, phase: PhaseLike) -> None:
        """What is allowed from this day on."""
        if phase.kind == "announced":
            return
        entry = self._entry(lever, phase)
        if entry is None:
            self.desks.close(lever.id)
            self.controls.lift(by=lever.id)
            return
        self.controls.put(entry)
        if isinstance(entry, Restriction) and entry.kind is Border.LICENCE:
            self.desks.open(entry, self.borders.covered(entry.scope))

    def _turn(self, lever: LeverLike, phase: PhaseLike) -> None:
        """What becomes of goods under way from this day on."""
        if phase.kind == "announced":
            return
        entry = self._entry(lever, phase)
        self.transport.turn(lever.id, entry if isinstance(entry, Closure | LegTerms) else None)

    def _entry(self, lever: LeverLike, phase: PhaseLike) -> Entry | None:
        return lever.restated(phase).entry(self.world) if phase.acts else None

    def warnings(self) -> tuple[str, ...]:
        """Restrictions nobody can feel."""
        return tuple(
            f"{lever.id}: its scope matches no lane of this world, so it has no effect"
            for lever in self.levers
            if (scopes := self._scopes(lever))
            and not any(self.borders.covered(scope).any() for scope in scopes)
        )

    def _scopes(self, lever: LeverLike) -> list[Scope]:
        """Of a restriction, phase by phase."""
        entries = lever.entries(self.world)
        return [entry.scope for entry in entries if isinstance(entry, Restriction)]
