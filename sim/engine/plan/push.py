"""From the mines down: what mines and plants with a path of their own can supply."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.engine.plan.base_year import BaseYear
from sim.engine.plan.chain import ChainShape, is_residual
from sim.engine.plan.outlets import Outlets
from sim.engine.plan.rates import DAYS_PER_YEAR, Draft
from sim.engine.plan.separating import Separating
from sim.engine.plan.sites import Sites
from sim.world.world import Site, World

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Push:
    """Adds own mines and plants to the draft."""

    world: World
    shape: ChainShape
    sites: Sites
    base: BaseYear
    outlets: Outlets
    separating: Separating
    draft: Draft

    def plan(self) -> None:
        """First the mines, then the plants that they feed."""
        for site in self.sites.running():
            if site.stage == "mine" and not is_residual(site):
                self.draft.mines[site.id] = self.sites.own_output(site)
                self._spread_concentrate(site, self.draft.mines[site.id])
        for plant in self.separating.plants(residual=False):
            self.separating.run(plant)

    def _spread_concentrate(self, mine: Site, output: FloatArray) -> None:
        """A mine's planned output over its buyers: planned new plants first, then today's shares."""
        form = self.shape.makes[mine.id]
        left = output
        if mine.status == "operating":
            for link in self.outlets.planned(mine.id, form):
                reached = self.sites.risked(self.world.sites[link.buyer])
                wanted = link.planned_full_t_per_year / DAYS_PER_YEAR * reached
                given = np.minimum(wanted, left)
                left = left - given
                self.draft.add_line((mine.id, link.buyer, form, ""), given)
            shares = self.base.shares(mine.id, form)
        else:
            shares = self.outlets.shares(mine, form)
        for buyer, share in shares.items():
            # A plant that does not run yet has no use for ore: it stays at the mine.
            sent = left * share * self.separating.is_taken(mine.id, buyer, form)
            self.draft.add_line((mine.id, buyer, form, ""), sent)
