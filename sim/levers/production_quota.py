"""Production quota: the sites of one stage in a country make no more than a tonnage in a slice of the calendar.

Sites share what is left in proportion to what they would make. What they do make goes to buyers at home first:
their orders are filled before any export. Unused tonnage lapses, and the count goes on through a pause.

Limits: the tonnage is not split by company, nothing is made beside the books, and no stock is built up ahead of
a tighter slice. Ore counts as mined, separation by its feed, metal and magnets as they are started.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from sim.channels.effects import Effect, Rank, Room
from sim.lever import Caution, Period, QuotaAmount, Reach, Restriction, Stage, months_of
from sim.world.where import Where
from sim.world.world import Row, World


class ProductionQuota(Restriction):
    """What people write under `kind: production_quota`; `exporter` is the country that it limits."""

    fixed = frozenset({"exporter", "stage"})

    kind: Literal["production_quota"]
    stage: Stage
    """Stage of the chain that is limited."""
    amount: QuotaAmount = Field(examples=["60 %", "150 kt/yr"])
    """Tonnage a year, or share of what these sites made in the pack's base year; each slice of the calendar
    gets its part."""
    period: Period = "quarter"
    """Slice of the calendar; sites run as usual until its tonnage is used up, and then stand still."""

    def sentence(self, world: World) -> str:
        """The quota in plain words."""
        country = world.countries[self.exporter].name
        return (
            f"{country} limits its {self.stage} output {', '.join(self.clauses(world))}, and serves buyers "
            f"at home first: {self.date_words(world)}."
        )

    def clauses(self, world: World) -> list[str]:
        """How much, and in which slices."""
        return [f"to {self.amount.in_words(world, what='that')}", f"shared out by {self.period}"]

    def about(self, world: World) -> str:
        """What is limited, and where."""
        return f"{self.stage} output in {world.countries[self.exporter].name}"

    def meets(self, reach: Reach) -> bool:
        """Whether the country has a site of the stage."""
        return bool(reach.sites(self._where()))

    def cautions(self, reach: Reach) -> Iterator[Caution]:
        """A stage of which the country has no site; a tonnage that stops all of them, or that nobody feels."""
        if self.meets(reach):
            base_t = reach.output_t(self._where())
            yield from self.amount.cautions(
                self.id, base_t, reach.world, verb="lets nobody make anything"
            )
        else:
            yield Caution(
                ("stage",),
                f"`{self.id}` limits no site: {self.exporter} has none of the stage `{self.stage}`",
                "name another stage, or start a site by a measure",
            )

    def reads(self, row: Row, reach: Reach) -> bool:
        """Also what its sites made in the base year, where it allows a share of that."""
        if (row.table, row.parameter) != ("sites", "output"):
            return super().reads(row, reach)
        covered = any(site.id == row.key[0] for site in reach.sites(self._where()))
        return covered and self.amount.share_of_base_year is not None

    def effects(self, world: World) -> tuple[Effect, ...]:
        """A tonnage for all these sites together, and home before abroad."""
        room = Room(
            self._where(),
            of_sites=True,
            share_of_base_year=self.amount.share_of_base_year,
            t_per_year=self.amount.t_per_year,
            months=months_of(self.period),
        )
        return (room, Rank(self._where(), tier=1))

    def scopes(self, world: World) -> list[Where]:
        """All that the stage makes."""
        return [self._where()]

    def _where(self) -> Where:
        return Where(self.exporter, stages=frozenset({self.stage}))
