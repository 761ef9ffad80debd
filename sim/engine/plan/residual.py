"""Residual plants and mines: they supply what is still needed once everybody else is planned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from sim.engine.plan.base_year import BaseYear
from sim.engine.plan.chain import ChainShape, is_residual, recovery_of
from sim.engine.plan.horizon import Horizon
from sim.engine.plan.lead_times import LeadTimes
from sim.engine.plan.rates import Draft
from sim.engine.plan.separating import Separating
from sim.engine.plan.sites import Sites
from sim.world.world import Site, World

FloatArray = npt.NDArray[np.float64]

JOINT_PASSES = 4
"""Passes in which residual plants settle who sells what they make jointly."""
MOST_TAKEN_OVER = 0.9
"""Part of the sales of a group that others may take over in a pass."""
SPARE_SHARE = 0.02
"""Output beyond planned sales from which a plant is said to make too much of a group."""


@dataclass(slots=True)
class Residual:
    """Adds the feed of residual plants to the draft."""

    world: World
    shape: ChainShape
    horizon: Horizon
    sites: Sites
    base: BaseYear
    lead_times: LeadTimes
    separating: Separating
    draft: Draft
    keep: dict[tuple[str, str], float] = field(default_factory=dict)
    """Plant, driver -> output per planned sale in the base year, unsold included"""

    def plan(self) -> None:
        """Feed all residual plants, in passes, since what they make jointly they can sell for each other."""
        plants = self.separating.plants(residual=True)
        for number in range(JOINT_PASSES):
            if number:
                self._share_joint_output(plants)
                self._forget_feed(plants)
            for plant in plants:
                self._feed(plant)
                self.separating.run(plant)

    # ---- joint output

    def _share_joint_output(self, plants: Sequence[Site]) -> None:
        """Let a plant that makes more of a shared driver than it sells take sales over from the others.

        Ore dug for a scarce heavy element brings light ones with it; without this the plan would dig
        light ore for them a second time and pile both up.
        """
        zeros = self.horizon.zeros()
        for members in self.world.groups.values():
            sold = {p.id: sum(self.draft.sold_by(p.id, members), zeros) for p in plants}
            spare = {p.id: self._spare(p.id, members, sold[p.id]) for p in plants}
            takers = [p for p in sorted(spare) if np.any(spare[p] > SPARE_SHARE * sold[p])]
            givers = [p for p in sorted(spare) if p not in takers]
            given = sum((sold[p] for p in givers), zeros)
            for taker in takers:
                part = np.divide(spare[taker], given, out=np.zeros_like(given), where=given > 0)
                part = np.minimum(part, MOST_TAKEN_OVER / len(takers))
                for giver in givers:
                    self._move_sales(giver, taker, members, part)

    def _spare(self, plant: str, members: Sequence[str], sold: FloatArray) -> FloatArray:
        """Output of a group beyond planned sales and beyond the base year's unsold share."""
        supply = [
            self.draft.supply[plant, e] / self.keep[plant, e]
            for e in members
            if (plant, e) in self.draft.supply and (plant, e) in self.keep
        ]
        return np.maximum(0.0, sum(supply, self.horizon.zeros()) - sold)

    def _move_sales(
        self, giver: str, taker: str, products: Sequence[str], part: FloatArray
    ) -> None:
        lines = self.draft.lines
        for key in [k for k in sorted(lines) if k[0] == giver and k[3] in products]:
            _, buyer, form, product = key
            if (taker, buyer, form) in self.world.links:
                moved = lines[key] * part
                lines[key] = lines[key] - moved
                self.draft.add_line((taker, buyer, form, product), moved)

    def _forget_feed(self, plants: Sequence[Site]) -> None:
        """Take back what the pass before planned for residual mines and mixed concentrate."""
        ids = {p.id for p in plants}
        form, mixed = self.shape.mine_form, self.world.mixed_form
        for key in list(self.draft.lines):
            seller, _, key_form, _ = key
            site = self.world.sites.get(seller)
            mined = key_form == form and site is not None and is_residual(site)
            if mined or (seller in ids and key_form == mixed):
                del self.draft.lines[key]
                if mined:
                    self.draft.mines.pop(seller, None)

    # ---- feed

    def _feed(self, plant: Site) -> None:
        """Feed so that the scarcest driver element comes out as planned; the rest follows jointly."""
        form, mines = self.shape.mine_form, self._residual_mines(plant)
        total0 = sum(mines.values())
        if total0 <= 0:
            return
        feed = self.separating.feed(plant.id, skip_residual_mines=True)
        pushed, zeros = self.separating.recovered(plant, feed), self.horizon.zeros()
        basket = {
            e: sum(rate * self.world.sites[m].basket.get(e, 0.0) for m, rate in mines.items())
            / total0
            for e in plant.can_separate
        }
        needed = zeros
        for members in self._driver_groups(plant):
            per_t = sum(basket.get(e, 0.0) * recovery_of(plant, form, e) for e in members)
            want = self._driver_output(plant, members, total0 * per_t)
            have = sum((pushed.get(e, zeros) for e in members), zeros)
            if per_t > 0:
                needed = np.maximum(needed, (want - have) / per_t)
        for mine, rate in sorted(mines.items()):
            transit = self.lead_times.transit(mine, plant.id, form)
            lag = plant.processing_days + transit + self.lead_times.cover_days(plant.id, form, "")
            path = self.horizon.later(needed, lag) * rate / total0
            self.draft.add_line((mine, plant.id, form, ""), path)
            self.draft.mines[mine] = self.draft.mines.get(mine, np.zeros_like(path)) + path

    def _residual_mines(self, plant: Site) -> dict[str, float]:
        """Residual mine -> what it sent to a plant in the base year, t/day."""
        return {
            seller: rate
            for (seller, buyer, form, _), rate in self.base.lines.items()
            if buyer == plant.id
            and seller in self.sites.active
            and form == self.shape.mine_form
            and is_residual(self.world.sites[seller])
        }

    def _driver_groups(self, plant: Site) -> list[tuple[str, ...]]:
        grouped: list[tuple[str, ...]] = []
        left = set(plant.drivers)
        for members in self.world.groups.values():
            inside = tuple(m for m in members if m in left)
            if inside:
                grouped.append(inside)
                left -= set(inside)
        return grouped + [(e,) for e in sorted(left)]

    def _driver_output(
        self, plant: Site, members: tuple[str, ...], from_residual0: float
    ) -> FloatArray:
        """Planned output of a driver: planned sales, with the base year's unsold share kept on top.

        `from_residual0` is what came out of the feed of residual mines in the base year, t/day.
        """
        sales = sum(self.draft.sold_by(plant.id, members), self.horizon.zeros())
        sales0 = sum(self.base.sold(plant.id, e) for e in members)
        output0 = self._base_push(plant, members) + from_residual0
        keep = output0 / sales0 if sales0 > 0 else 1.0
        for element in members:
            self.keep[plant.id, element] = keep
        return self.horizon.later(sales, self.world.defaults.producer_stock_days) * keep

    def _base_push(self, plant: Site, members: tuple[str, ...]) -> float:
        """Base-year output of the drivers from feed that residual mines do not supply, t/day."""
        total = 0.0
        for (seller, buyer, form, _), rate in self.base.lines.items():
            if buyer != plant.id or seller not in self.sites.active:
                continue
            site = self.world.sites[seller]
            shares: Mapping[str, float]
            if form == self.world.mixed_form:
                shares = self.base.mixed_basket(site)
            elif site.stage == "mine" and not is_residual(site):
                shares = site.basket
            else:
                continue
            total += sum(rate * shares.get(e, 0.0) * recovery_of(plant, form, e) for e in members)
        return total
