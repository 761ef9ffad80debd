"""Corridor capacity: a leg of a corridor carries more, or takes fewer days, from a date.

Give `capacity`, `transit`, or both. A leg with a capacity loads first come, first served, and whoever comes
later waits for it. Where several levers name the same leg, the better value of each counts.

Limits: only goods of the pack use the leg, so its capacity must be the room that is left for them; a
faster corridor draws no goods from other routes, and enlarging it costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import inf
from typing import Any, Literal, Self

from pydantic import (
    Field,
    ModelWrapValidatorHandler,
    ValidationInfo,
    field_validator,
    model_validator,
)

from sim.channels.effects import Effect, Route
from sim.lever import (
    Caution,
    Corridor,
    DatedMeasure,
    Days,
    Leg,
    PackRows,
    Reach,
    TonnesPerYear,
    fault,
    known_leg,
    tonnage,
)
from sim.words.quantities import DAYS_PER_WEEK, DAYS_PER_YEAR, plain_number
from sim.world.world import Row, World


class CorridorCapacity(DatedMeasure):
    """What people write under `kind: corridor_capacity`; None stands for the pack's own value."""

    fixed = frozenset({"corridor", "leg"})
    pack_rows = PackRows(
        "corridors", {"days": "transit", "capacity": "capacity"}, named_by="corridor"
    )

    kind: Literal["corridor_capacity"]
    corridor: Corridor
    """Corridor of the pack that is enlarged or sped up."""
    leg: Leg = Field(examples=[1])
    """Leg that is enlarged or sped up, by number along the way or by name."""
    capacity: TonnesPerYear | None = Field(default=None, examples=["30 kt/yr", "50 kt/yr"])
    """What the leg can carry from then on, in all, not in addition; left out: as in the pack."""
    transit: Days | None = Field(default=None, examples=["5 d", "4 d"])
    """Time that the leg takes from then on, more than zero; left out: as in the pack."""

    @field_validator("transit")
    @classmethod
    def _takes_time(cls, transit: float | None) -> float | None:
        if transit == 0.0:
            raise fault("a leg takes some time", "give more than zero days")
        return transit

    @model_validator(mode="wrap")
    @classmethod
    def _changes_something(
        cls, written: Any, read: ModelWrapValidatorHandler[Self], info: ValidationInfo
    ) -> Self:
        lever = read(written)
        if lever.capacity is None and lever.transit is None:
            raise fault(
                "it changes nothing", "add `capacity` (for example 30 kt/yr), `transit`, or both"
            )
        return lever

    def sentence(self, world: World) -> str:
        """The improvement in plain words."""
        corridor = world.corridors[self.corridor]
        leg = known_leg(self.leg, corridor)
        words = " and ".join(self.clauses(world))
        return f"{corridor.name}, {leg}, {words}: {self.date_words(world)}."

    def clauses(self, world: World) -> list[str]:
        """How much the leg carries, and how long it takes."""
        words = []
        if self.capacity is not None:
            words.append(f"has room for {tonnage(self.capacity)} t of all goods a year")
        if self.transit is not None:
            words.append(f"takes {plain_number(self.transit)} days")
        return words

    def cautions(self, reach: Reach) -> Iterator[Caution]:
        """A corridor that nothing goes by; terms that are no better than the pack's."""
        used = reach.corridors()
        if self.corridor not in used:
            yield Caution(
                ("corridor",),
                f"nothing in this scenario goes by `{self.corridor}`, so a better leg has no effect",
                f"corridors in use: {', '.join(used) or 'none'}",
            )
            return
        leg = reach.world.corridors[self.corridor].legs[self.leg - 1]
        if self.capacity is not None:
            usual = leg.capacity_t_per_week * DAYS_PER_YEAR / DAYS_PER_WEEK
            if usual == inf or self.capacity < usual:
                room = "no limit" if usual == inf else f"room for {tonnage(usual)} t a year"
                yield Caution(
                    ("capacity",),
                    f"`{self.id}` gives {leg.name} less room than the pack, which has {room} there",
                    "a measure that narrows a corridor is probably not meant",
                )
        if self.transit is not None and self.transit >= leg.days:
            yield Caution(
                ("transit",),
                f"`{self.id}` makes {leg.name} no faster: the pack has {plain_number(leg.days)} days there",
                "give fewer days",
            )

    def about(self, world: World) -> str:
        """Name of the corridor."""
        return world.corridors[self.corridor].name

    def replaces(self, row: Row) -> str:
        """Of its own leg."""
        return super().replaces(row) if row.key[1:] == (str(self.leg),) else ""

    def reads(self, row: Row, reach: Reach) -> bool:
        """Also the days of all legs where one becomes faster: the whole way does so by its part of them."""
        if row.table != "corridors" or row.key[0] != self.corridor:
            return False
        if row.parameter == "days":
            return self.transit is not None
        return row.parameter == "capacity" and (
            self.capacity is None or row.key[1] != str(self.leg)
        )

    def effects(self, world: World) -> tuple[Effect, ...]:
        """The leg's terms; where several levers name a leg, the better of each counts."""
        week = None if self.capacity is None else self.capacity / DAYS_PER_YEAR * DAYS_PER_WEEK
        return (Route(self.corridor, self.leg - 1, t_per_week=week, days=self.transit),)
