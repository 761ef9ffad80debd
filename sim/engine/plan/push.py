"""From the mines down: what mines and plants with a path of their own can supply."""

from __future__ import annotations

import numpy as np

from sim.engine.plan.outlets import buyers_of_new, is_taken, planned_buyers
from sim.engine.plan.planning import Planning
from sim.engine.plan.rates import FloatArray
from sim.engine.plan.separating import plants_in_order, run_plant
from sim.words.quantities import DAYS_PER_YEAR
from sim.world.world import Site


def push(planning: Planning) -> None:
    """First the mines, then the plants that they feed."""
    for mine in planning.sites.running("mine"):
        if mine.id not in planning.sites.residual:
            planning.draft.mines[mine.id] = planning.sites.own_output(mine)
            _send_ore(planning, mine)
    for plant in plants_in_order(planning, residual=False):
        run_plant(planning, plant)


def _send_ore(planning: Planning, mine: Site) -> None:
    """A mine's planned output over its buyers: planned new plants first, then today's shares."""
    form, left = planning.shape.makes[mine.id], planning.draft.mines[mine.id]
    if mine.status == "operating":
        left = _send_to_new_plants(planning, mine, left)
        shares = planning.base.shares(mine.id, form)
    else:
        shares = dict(buyers_of_new(planning, mine, form))
    for buyer, share in shares.items():
        # A plant that does not run yet has no use for ore: it stays at the mine.
        sent = left * share * is_taken(planning, mine.id, buyer, form)
        planning.draft.lines.add((mine.id, buyer, form, ""), sent)


def _send_to_new_plants(planning: Planning, mine: Site, output: FloatArray) -> FloatArray:
    """New plants take what is planned for them as they grow; returns what is left of the output."""
    form, left = planning.shape.makes[mine.id], output
    for plant, planned in planned_buyers(planning, mine.id, form).items():
        wanted = planned / DAYS_PER_YEAR * planning.sites.risked(plant)
        given = np.minimum(wanted, left)
        left = left - given
        planning.draft.lines.add((mine.id, plant, form, ""), given)
    return left
