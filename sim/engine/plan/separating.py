"""Separation and recycling in the plan: what comes out of planned feed, and where the mixed rest goes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.engine.plan.base_year import BaseYear
from sim.engine.plan.chain import is_residual, recovery_of
from sim.engine.plan.horizon import Horizon
from sim.engine.plan.lead_times import LeadTimes
from sim.engine.plan.outlets import Outlets
from sim.engine.plan.rates import Draft
from sim.engine.plan.sites import Sites
from sim.world.world import Link, Site, World

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Separating:
    """Runs plants in the draft."""

    world: World
    horizon: Horizon
    sites: Sites
    base: BaseYear
    outlets: Outlets
    lead_times: LeadTimes
    draft: Draft

    def plants(self, *, residual: bool) -> list[Site]:
        """Separation plants in the order in which mixed concentrate travels between them."""
        waiting = [
            site.id
            for site in self.sites.running()
            if site.stage == "separation" and is_residual(site) is residual
        ]
        ordered: list[Site] = []
        while waiting:
            ready = [p for p in waiting if not self._fed_by_one_of(p, set(waiting) - {p})]
            ordered += [self.world.sites[p] for p in ready or waiting]
            waiting = [p for p in waiting if p not in (ready or waiting)]
        return ordered

    def _fed_by_one_of(self, plant: str, others: Iterable[str]) -> bool:
        mixed, outlets = self.world.mixed_form, self.outlets
        sellers = {
            link.seller
            for link in outlets.by_buyer[plant]
            if link.form == mixed and outlets.is_open(link)
        }
        return bool(sellers & set(others))

    def run(self, plant: Site) -> None:
        """Let a plant split what is planned to reach it."""
        self._put_out(plant, self.recovered(plant, self.feed(plant.id)))

    def recycle(self, form: str) -> None:
        """Win back what comes out of the scrap of makers, once those of `form` are planned."""
        scrap, horizon = self.world.scrap_form, self.horizon
        for site in self.sites.running():
            if site.stage != "recycling":
                continue
            content: dict[str, dict[str, FloatArray]] = defaultdict(dict)
            for seller, buyer, f, _ in sorted(self.draft.lines):
                if buyer == site.id and f == scrap:
                    lag = self._lag(seller, buyer, scrap)
                    for element, path in self.draft.mixed[seller, buyer].items():
                        got = horizon.earlier(path, lag)
                        held = content[scrap].get(element)
                        content[scrap][element] = got if held is None else held + got
            self._put_out(site, self.recovered(site, content))

    def feed(
        self, plant: str, skip_residual_mines: bool = False
    ) -> dict[str, dict[str, FloatArray]]:
        """Planned feed by input form and element, as it arrives, t/day."""
        content: dict[str, dict[str, FloatArray]] = defaultdict(dict)
        for (seller, buyer, form, _), rate in sorted(self.draft.lines.items()):
            if buyer != plant:
                continue
            site = self.world.sites.get(seller)
            if form == self.world.mixed_form:
                parts = self.draft.mixed[seller, plant]
            elif site is not None and site.stage == "mine":
                if skip_residual_mines and is_residual(site):
                    continue
                parts = {e: rate * share for e, share in site.basket.items() if share > 0}
            else:
                continue
            lag = self._lag(seller, plant, form)
            for element, path in parts.items():
                arrived = self.horizon.earlier(path, lag)
                held = content[form].get(element)
                content[form][element] = arrived if held is None else held + arrived
        return content

    def is_taken(self, seller: str, buyer: str, form: str) -> FloatArray:
        """1 where the buyer runs when what is sent then arrives, else 0; piles always take."""
        site = self.world.sites.get(buyer)
        if site is None:
            return self.horizon.ones()
        transit = self.lead_times.transit(seller, buyer, form)
        return self.horizon.later(self.sites.runs(site), transit)

    def _lag(self, seller: str, buyer: str, form: str) -> float:
        """Days from dispatch until feed is used."""
        return self.lead_times.transit(seller, buyer, form) + self.lead_times.cover_days(
            buyer, form, ""
        )

    def recovered(
        self, plant: Site, content: Mapping[str, Mapping[str, FloatArray]]
    ) -> dict[str, FloatArray]:
        """Elements won from feed, t/day."""
        out: dict[str, FloatArray] = {}
        for form, parts in content.items():
            for element, path in parts.items():
                passed = self.horizon.earlier(path, plant.processing_days)
                got = passed * recovery_of(plant, form, element)
                out[element] = out[element] + got if element in out else got
        return out

    def _put_out(self, plant: Site, recovered: Mapping[str, FloatArray]) -> None:
        """Split what was recovered into elements for sale and the mixed rest that travels on."""
        can = self.sites.capability[plant.id]
        rest: dict[str, FloatArray] = {}
        nothing = self.horizon.zeros()
        for element, path in sorted(recovered.items()):
            share = can.get(element, nothing)
            self.draft.supply[plant.id, element] = path * share
            rest[element] = path * (1 - share)
        self._send_mixed_on(plant, rest)

    def _send_mixed_on(self, plant: Site, rest: Mapping[str, FloatArray]) -> None:
        total = np.sum(list(rest.values()), axis=0) if rest else self.horizon.zeros()
        if not np.any(total > 0):
            return
        form = self.world.mixed_form
        left, planned = self.horizon.ones(), self.outlets.planned(plant.id, form)
        base = self.base.shares(plant.id, form)
        shares = self._shares_by_size(planned) if base else self._shares_of_running(planned)
        for buyer_id, taken in shares.items():
            left = left - taken
            self._send_mixed(plant.id, buyer_id, rest, taken)
        for buyer_id, share in base.items():
            self._send_mixed(plant.id, buyer_id, rest, np.maximum(left, 0.0) * share)

    def _shares_by_size(self, planned: Sequence[Link]) -> dict[str, FloatArray]:
        """What new buyers take as they grow from a plant that has others for the rest."""
        full = sum(link.planned_full_t_per_year for link in planned)
        shares = {}
        for link in planned:
            buyer = self.world.sites.get(link.buyer)
            reached = self.sites.risked(buyer) if buyer else self.horizon.ones()
            shares[link.buyer] = link.planned_full_t_per_year / full * reached
        return shares

    def _shares_of_running(self, planned: Sequence[Link]) -> dict[str, FloatArray]:
        """All goes to the buyers that run; while none does, it stays with the plant."""
        wanted = {
            link.buyer: link.planned_full_t_per_year
            * self.is_taken(link.seller, link.buyer, link.form)
            for link in planned
        }
        total = sum(wanted.values(), self.horizon.zeros())
        running = np.divide(1.0, total, out=np.zeros_like(total), where=total > 0)
        return {buyer: path * running for buyer, path in wanted.items()}

    def _send_mixed(
        self, seller: str, buyer: str, rest: Mapping[str, FloatArray], share: FloatArray
    ) -> None:
        parts = {e: path * share for e, path in rest.items()}
        self.draft.mixed[seller, buyer] = parts
        total = np.sum(list(parts.values()), axis=0)
        self.draft.add_line((seller, buyer, self.world.mixed_form, ""), total)
