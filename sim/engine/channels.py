"""How the values that levers give to a channel combine, and what is in force now.

A channel has an axis, a neutral value and a rule that is free of order. Its array is made anew from the
neutral value and the values in force whenever something changes, so what is lifted leaves no trace.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar, cast

import numpy as np
import numpy.typing as npt

from sim.channels.effects import (
    Addition,
    Capacity,
    Effect,
    Passage,
    Rank,
    Reserve,
    Room,
    Route,
    Verdict,
)

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

E = TypeVar("E", Passage, Room, Capacity, Rank, Route, Reserve, Addition)


@dataclass(frozen=True, slots=True)
class Channel:
    """One decision of a review."""

    axis: str
    """What its array has a value for"""
    neutral: float
    combine: np.ufunc
    """Of two values; free of order"""

    def array(
        self, size: int, values: Iterable[tuple[BoolArray | None, FloatArray | float]]
    ) -> FloatArray:
        """[axis] from the values in force, each with the positions that it is about; None: all."""
        combined = np.full(size, self.neutral, dtype=np.float64)
        for where, value in values:
            self.combine(combined, value, out=combined, where=True if where is None else where)
        return combined

    def of(self, values: Iterable[float]) -> float:
        """One value from those in force."""
        combined = self.neutral
        for value in values:
            combined = float(self.combine(combined, value))
        return combined


PASSAGE = Channel("line", Verdict.FREE, np.maximum)
RANK = Channel("line", 0.0, np.maximum)
CAPACITY = Channel("site", 1.0, np.multiply)
ROOM = Channel("line or site", 1.0, np.minimum)
"""The part that passes: every room must have it."""
LEG_CLOSED = Channel("leg", 0.0, np.maximum)
LEG_CAPACITY = Channel("leg", -np.inf, np.maximum)
"""Of several new terms the better one counts; the neutral value stands for the pack's own."""
LEG_DAYS = Channel("leg", np.inf, np.minimum)
OWN_STOCK = Channel("stock", 0.0, np.add)
"""Each reserve is a stock of its own, and capacities add up."""
CHANNELS: Mapping[type, tuple[Channel, ...]] = {
    Passage: (PASSAGE,),
    Rank: (RANK,),
    Capacity: (CAPACITY,),
    Room: (ROOM,),
    Route: (LEG_CLOSED, LEG_CAPACITY, LEG_DAYS),
    Reserve: (OWN_STOCK,),
    Addition: (OWN_STOCK,),
}


@dataclass(slots=True)
class InForce:
    """Effects by the lever that owns them; `version` grows with each change."""

    ranks: Mapping[str, int]
    """Lever -> its place among all by what it says; nothing depends on when a phase began"""
    effects: dict[str, tuple[Effect, ...]] = field(default_factory=dict)
    version: int = 0
    _of: dict[type, list[tuple[str, Effect]]] = field(default_factory=dict)
    """Kind of effect -> what is in force of it, worked out once"""

    def put(self, lever: str, effects: Sequence[Effect]) -> None:
        """Put a lever's effects in force, in place of any it had; none: it has none any more."""
        for effect in effects:
            if type(effect) not in CHANNELS:
                raise TypeError(f"{lever}: no channel takes {effect!r}")
        self._of.clear()
        had = self.effects.pop(lever, ())
        if effects:
            self.effects[lever] = tuple(effects)
        if had or effects:
            self.version += 1

    def has_changed(self) -> None:
        """Say that what an effect allows is another thing now, such as when a licence was decided."""
        self.version += 1

    def of(self, kind: type[E]) -> list[tuple[str, E]]:
        """(lever, effect) of one channel."""
        if kind not in self._of:
            self._of[kind] = [
                (lever, effect)
                for lever in sorted(self.effects, key=lambda lever: (self.ranks[lever], lever))
                for effect in self.effects[lever]
                if isinstance(effect, kind)
            ]
        return cast(list[tuple[str, E]], self._of[kind])
