"""Corridor closure: nothing enters a corridor, or one leg of it; goods take the next route or wait.

A closed corridor is not entered at all, whichever leg is shut. Goods go by the next route that the pack
gives for their lane; where it gives none, they stay with the seller. Several closures of one corridor
hold until the last of them ends.

Limits: there is one next route at most and nobody finds a third; nothing turns back on the way, and other
routes do not become slower or dearer because goods move there, unless a leg has a capacity.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from sim.channels.effects import Effect, Route
from sim.lever import Caution, Corridor, Leg, Outcome, PackRows, Reach, Shock, known_leg
from sim.world.world import Row, World


class CorridorClosure(Shock):
    """What people write under `kind: corridor_closure`."""

    fixed = frozenset({"corridor"})
    may_be_absent = frozenset({"leg"})
    pack_rows = PackRows("corridors", {"days": "", "capacity": ""}, named_by="corridor")
    left_out = "The next route while a corridor is closed ignores sanctions and the permits of transit states."
    outcome = Outcome(
        "headline",
        "Of what was meant for a closed corridor, {parts}.",
        parts=(
            "{detoured} would go by the next route and arrive {detoured_days} "
            "{detoured_days:later|earlier} than they usually do",
            "{no_route} would stay with the seller for want of a route",
            "{held_on_way} would wait on the way for {held_on_way_days}",
        ),
        none="The closing of the corridor would hold up nothing that was planned or on the way.",
    )

    kind: Literal["corridor_closure"]
    corridor: Corridor
    """Corridor of the pack that is closed."""
    leg: Leg | None = Field(default=None, examples=[2])
    """The only leg that is shut, by number along the way or by name; left out: all of them."""
    in_transit: Literal["hold", "continue"] = "hold"
    """Goods under way: `hold` keeps them before the closed leg, `continue` lets them sail on."""

    def sentence(self, world: World) -> str:
        """The closure in plain words."""
        name = world.corridors[self.corridor].name
        closed, way = self.clauses(world)
        return (
            f"{name} is {closed}: goods take the next route or stay with the seller, {way}; "
            f"{self.date_words(world)}."
        )

    def clauses(self, world: World) -> list[str]:
        """Which part is closed, and what goods under way do."""
        corridor = world.corridors[self.corridor]
        where = "" if self.leg is None else f" between {known_leg(self.leg, corridor)}"
        way = "wait where they are" if self.in_transit == "hold" else "sail on"
        return [f"closed{where}", f"those under way {way}"]

    def about(self, world: World) -> str:
        """Name of the corridor."""
        return world.corridors[self.corridor].name

    def meets(self, reach: Reach) -> bool:
        """Whether anything goes by the corridor."""
        return self.corridor in reach.corridors()

    def cautions(self, reach: Reach) -> Iterator[Caution]:
        """A corridor that nothing goes by."""
        if not self.meets(reach):
            used = reach.corridors()
            yield Caution(
                ("corridor",),
                f"nothing in this scenario goes by `{self.corridor}`, so closing it has no effect",
                f"corridors in use: {', '.join(used) or 'none'}",
            )

    def reads(self, row: Row, reach: Reach) -> bool:
        """Also the next route of the lanes that go by the corridor."""
        if row.parameter not in ("next_corridor", "next_transit_days"):
            return super().reads(row, reach)
        return self.corridor in {
            each.value
            for each in reach.world.rows
            if each.table == "lanes" and each.key == row.key and each.parameter == "corridor"
        }

    def effects(self, world: World) -> tuple[Effect, ...]:
        """The corridor cannot be entered while any lever closes it."""
        position = None if self.leg is None else self.leg - 1
        holds = self.in_transit == "hold"
        return (Route(self.corridor, position, closed=True, holds=holds),)
