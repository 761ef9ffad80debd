"""Export quota: goods in scope leave until the tonnage of the calendar slice is used up.

First come, first served; what finds no tonnage left waits with the seller for the next slice. Unused
tonnage lapses at the end of its slice, and the count goes on through a pause.

Limits: no trader holds a part of the quota of its own, nobody auctions or resells it, and nobody
ships early because it may run out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from sim.channels.effects import Effect, Room
from sim.lever import Caution, ExportRestriction, Period, QuotaAmount, Reach, months_of
from sim.world.world import Row, World

_EACH_WORDS = {
    "form": "counted for each form by itself",
    "element": "counted for each element of each form by itself",
    "all": "counted over everything together",
}


class ExportQuota(ExportRestriction):
    """What people write under `kind: export_quota`."""

    kind: Literal["export_quota"]
    amount: QuotaAmount = Field(examples=["50 %", "30 kt/yr"])
    """Tonnage a year, or share of the exports planned in the pack's base year; each slice of the
    calendar gets its part."""
    period: Period = "quarter"
    """Slice of the calendar; a yearly one lets exports run as usual and then stop."""
    each: Literal["form", "element", "all"] = "form"
    """What has a tonnage of its own; with `all`, cheap elements can crowd out dear ones."""

    def sentence(self, world: World) -> str:
        """The quota in plain words."""
        exporter = world.countries[self.exporter].name
        *scope, amount, period, each = self.clauses(world)
        return (
            f"{exporter} limits its exports of {', '.join(scope)}, {amount}, {period} and {each}: "
            f"{self.date_words(world)}."
        )

    def clauses(self, world: World) -> list[str]:
        """What, where to, how much, in which slices, and what has a tonnage of its own."""
        return [
            *super().clauses(world),
            f"to {self.amount.in_words(world, what='those')}",
            f"shared out by {self.period}",
            _EACH_WORDS[self.each],
        ]

    def cautions(self, reach: Reach) -> Iterator[Caution]:
        """A scope that meets no trade; a tonnage that shuts the border, or that nobody feels."""
        where = self.scope(reach.world)
        yield from super().cautions(reach)
        if not reach.meets(where):
            return
        yield from self.amount.cautions(
            self.id,
            reach.exports_t(where),
            reach.world,
            verb="lets nothing leave; goods then wait at the seller until it ends",
            help="a ban on exports says the same, and lets nothing wait",
        )

    def reads(self, row: Row, reach: Reach) -> bool:
        """Also what left in the base year, of which it allows a share or by which it is split."""
        if row.table != "flows":
            return super().reads(row, reach)
        is_share = self.amount.share_of_base_year is not None or self.each != "all"
        buyer = row.key[1]
        return is_share and reach.meets(self.scope(reach.world), buyer=buyer)

    def effects(self, world: World) -> tuple[Effect, ...]:
        """Lots in scope draw on a tonnage; what finds none waits for the next slice."""
        room = Room(
            self.scope(world),
            of_sites=False,
            share_of_base_year=self.amount.share_of_base_year,
            t_per_year=self.amount.t_per_year,
            months=months_of(self.period),
            each=self.each,
        )
        return (room,)
