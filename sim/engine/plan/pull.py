"""From final use up: what buyers will need, stage by stage, and who is to supply it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.engine.plan.base_year import BaseYear
from sim.engine.plan.chain import ChainShape, is_maker, is_residual, recovery_of
from sim.engine.plan.horizon import Horizon
from sim.engine.plan.lead_times import LeadTimes
from sim.engine.plan.outlets import Outlets
from sim.engine.plan.rates import Draft
from sim.engine.plan.separating import Separating
from sim.engine.plan.sites import Sites
from sim.quantities import DAYS_PER_YEAR
from sim.world.world import Link, Site, World

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Pull:
    """Adds to the draft what end uses and makers will buy."""

    world: World
    shape: ChainShape
    horizon: Horizon
    sites: Sites
    base: BaseYear
    outlets: Outlets
    lead_times: LeadTimes
    separating: Separating
    draft: Draft

    def plan(self, demand: Mapping[tuple[str, str], FloatArray]) -> None:
        """Form by form from the end of the chain; `demand` is (node, product) -> [time] t/day."""
        order = {form.id: form.order for form in self.world.forms}
        node_form = {d.node: self.world.sectors[d.sector].form for d in self.world.demand}
        needs: dict[str, dict[tuple[str, str], FloatArray]] = defaultdict(dict)
        for (node, product), rate in demand.items():
            needs[node_form[node]][node, product] = rate
        made = set(self.shape.makes.values()) - {self.shape.mine_form}
        for form in sorted(made, key=lambda f: -order[f]):
            for (buyer, product), need in sorted(needs[form].items()):
                self._supply(buyer, form, product, need)
            for site in self.sites.running():
                if self.shape.makes[site.id] == form and is_maker(site):
                    for element, need in self._ingredient_needs(site, form).items():
                        needs[self.shape.takes[site.id]][site.id, element] = need
            self.separating.recycle(form)

    # ---- who supplies a need

    def _supply(self, buyer: str, form: str, product: str, need: FloatArray) -> None:
        """Planned purchases of one product: new plants, then today's suppliers, then residual ones."""
        flows = self.base.sellers_to(buyer, form, product)
        base = [(seller, rate) for seller, rate in flows if seller in self.sites.active]
        base_total = sum(rate for _, rate in base)
        transit = self.lead_times.mean_transit(flows, buyer, form)
        lag = transit + self.lead_times.cover_days(buyer, form, product)
        need = self.horizon.later(need, lag)
        if base_total <= 0:
            self._supply_new_buyer(buyer, form, product, need)
            return
        left = self._supply_from_projects(buyer, form, product, need)
        ratio = np.divide(left, base_total)
        own = [(s, r) for s, r in base if not is_residual(self.world.sites[s])]
        residual = [(s, r) for s, r in base if is_residual(self.world.sites[s])]
        residual = residual or self._residual_links(buyer, form, product)
        given = {s: r * np.minimum(ratio, self._supply_ratio(s, product)) for s, r in own}
        left = np.maximum(0.0, left - sum(given.values(), np.zeros_like(left)))
        if not residual and given:
            total = sum(given.values(), np.zeros_like(left))
            scale = np.divide(left + total, total, out=np.ones_like(total), where=total > 0)
            given = {s: path * scale for s, path in given.items()}
        for seller, path in given.items():
            self.draft.add_line((seller, buyer, form, product), path)
        weight = sum(r for _, r in residual)
        for seller, rate in residual:
            self.draft.add_line((seller, buyer, form, product), left * rate / weight)

    def _residual_links(self, buyer: str, form: str, product: str) -> list[tuple[str, float]]:
        """Residual suppliers of the same form to the same buyer, for a product they did not send before."""
        out: dict[str, float] = defaultdict(float)
        for (seller, to, f, _), rate in self.base.lines.items():
            site = self.world.sites.get(seller)
            able = site is not None and seller in self.sites.active and is_residual(site)
            if able and (to, f) == (buyer, form) and self.sites.can_make(site, product):
                out[seller] += rate
        return sorted(out.items())

    def _supply_ratio(self, seller: str, product: str) -> FloatArray:
        """How far an own supplier can grow its base-year sales of a product."""
        site = self.world.sites[seller]
        if is_maker(site):
            output = site.output_t_per_year / DAYS_PER_YEAR
            return self.sites.capacity[seller] / output if output > 0 else self.horizon.ones()
        sold = self.base.sold(seller, product)
        supply = self.draft.supply.get((seller, product))
        if supply is None or sold <= 0:
            return self.horizon.ones()
        return supply / sold

    def _supply_from_projects(
        self, buyer: str, form: str, product: str, need: FloatArray
    ) -> FloatArray:
        """Lines from new suppliers, capped at the need; returns what is left of it."""
        wanted = {}
        for link in self.outlets.by_buyer[buyer]:
            if link.form != form or link.seller not in self.sites.active:
                continue
            seller = self.world.sites[link.seller]
            if seller.status == "operating":
                continue
            path = self._project_offer(seller, link, product)
            if path is not None:
                wanted[seller.id] = path
        total = sum(wanted.values(), np.zeros_like(need))
        scale = np.minimum(1.0, np.divide(need, total, out=np.ones_like(total), where=total > 0))
        for seller_id, path in wanted.items():
            self.draft.add_line((seller_id, buyer, form, product), path * scale)
        return need - total * scale

    def _project_offer(self, seller: Site, link: Link, product: str) -> FloatArray | None:
        share = self.outlets.shares_of_product(seller, link.form, product).get(link.buyer, 0.0)
        if share <= 0:
            return None
        if seller.stage in ("separation", "recycling"):
            supply = self.draft.supply.get((seller.id, product))
            return None if supply is None else supply * share
        if not self.sites.can_make(seller, product):
            return None
        return self.sites.capacity[seller.id] * share

    def _supply_new_buyer(self, buyer: str, form: str, product: str, need: FloatArray) -> None:
        """A maker without a past buys where the pack's planned links say."""
        weights = {
            link.seller: link.planned_full_t_per_year
            for link in self.outlets.by_buyer[buyer]
            if link.form == form
            and link.planned_full_t_per_year > 0
            and link.seller in self.sites.active
            and self.sites.can_make(self.world.sites[link.seller], product)
        }
        total = sum(weights.values())
        for seller, weight in sorted(weights.items()):
            self.draft.add_line((seller, buyer, form, product), need * weight / total)

    # ---- what makers need

    def _ingredient_needs(self, maker: Site, form: str) -> dict[str, FloatArray]:
        """What a maker will use of each element, from what it plans to sell, t/day."""
        lag = maker.processing_days + self.world.defaults.producer_stock_days
        sales: dict[str, FloatArray] = {}
        for (seller, _, f, product), rate in sorted(self.draft.lines.items()):
            if seller == maker.id and f == form:
                sales[product] = sales[product] + rate if product in sales else rate
        needs: dict[str, FloatArray] = {}
        for product, rate in sales.items():
            recovery = recovery_of(maker, self.shape.takes[maker.id], product)
            start = self.horizon.later(rate, lag) / recovery
            recipe = self.world.recipes.get(product)
            parts = {i.element: i.share for i in recipe.ingredients} if recipe else {product: 1.0}
            for element, share in parts.items():
                used = start * share
                needs[element] = needs[element] + used if element in needs else used
        self._send_scrap(maker, needs)
        return dict(sorted(needs.items()))

    def _send_scrap(self, maker: Site, needs: Mapping[str, FloatArray]) -> None:
        if maker.swarf_share <= 0:
            return
        earlier, form = self.horizon.earlier, self.world.scrap_form
        parts = {e: earlier(p, maker.processing_days) * maker.swarf_share for e, p in needs.items()}
        for buyer, share in self.base.shares(maker.id, form).items():
            mine = {e: path * share for e, path in parts.items()}
            self.draft.mixed[maker.id, buyer] = mine
            self.draft.add_line((maker.id, buyer, form, ""), np.sum(list(mine.values()), axis=0))
