"""Stoppers: the levers of a scenario that can stop goods, or what makes them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sim.channels.effects import Capacity, Effect, Owned, Passage, Room, Route


@dataclass(frozen=True, slots=True)
class Stoppers:
    """Levers of a scenario that can stop goods, or what makes them."""

    levers: tuple[str, ...]
    """By their ids"""
    kinds: tuple[str, ...]
    """[lever] what it acts on: `corridor`, `site` or `border`"""
    closures: tuple[str, ...]
    """Corridors that some lever closes"""

    @property
    def number(self) -> dict[str, int]:
        """Lever -> its position."""
        return {lever: n for n, lever in enumerate(self.levers)}

    @classmethod
    def of(cls, effects: Sequence[Owned]) -> Stoppers:
        """What the effects of all levers can stop."""
        kinds = {
            lever: kind
            for lever, effect in effects
            if (kind := next((k for k, acts in ACTS_ON if acts(effect)), ""))
        }
        closed = {e.corridor for _, e in effects if isinstance(e, Route) and e.closed}
        levers = tuple(sorted(kinds))
        return cls(levers, tuple(kinds[lever] for lever in levers), tuple(sorted(closed)))


ACTS_ON: tuple[tuple[str, Callable[[Effect], bool]], ...] = (
    ("corridor", lambda effect: isinstance(effect, Route) and effect.closed),
    ("site", lambda e: isinstance(e, Capacity) or (isinstance(e, Room) and e.of_sites)),
    ("border", lambda effect: isinstance(effect, Passage | Room)),
)
