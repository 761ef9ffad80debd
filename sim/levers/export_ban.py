"""Export ban: nothing in scope leaves the exporter while it holds.

What has left before sails on. Goods stay with the seller, and the order goes back to the buyer, who
can turn only to other suppliers it has.

Limits: nothing is smuggled, relabelled or sent round by another country, and there are no exceptions;
for a ban with exceptions take an export licence.
"""

from __future__ import annotations

from typing import Literal

from sim.channels.effects import Effect, Passage, Verdict
from sim.lever import ExportRestriction
from sim.world.world import World


class ExportBan(ExportRestriction):
    """What people write under `kind: export_ban`."""

    kind: Literal["export_ban"]

    def sentence(self, world: World) -> str:
        """The ban in plain words."""
        exporter = world.countries[self.exporter].name
        return f"{exporter} bans the export of {self.scope_words(world)}: {self.date_words(world)}."

    def effects(self, world: World) -> tuple[Effect, ...]:
        """Every lot in scope is refused; its order goes back to the buyer."""
        return (Passage(self.scope(world), Verdict.REFUSE),)
