"""The plan: a rate for every line and mine over time, worked out once before the run.

From the mines down, sites with a path of their own (`own`, announced projects, levers that add capacity)
say what they can supply. From final use up, every buyer says what it will need when the goods are used,
so each stage looks ahead by its transit, cover, processing and producer stock. What own sites cannot
supply comes from `residual` sites. With no growth and no project it is the balanced base year.

All rates are t a day over `Plan.days`; before day 0 everything is flat, as the warm-up wants it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import numpy.typing as npt

from sim.controls import CapacityAddition
from sim.equations.growth import growth_factor
from sim.equations.ramp_up import ramp_share
from sim.world.world import Link, Site, World

FloatArray = npt.NDArray[np.float64]
LineKey = tuple[str, str, str, str]
"""seller, buyer, form, product (an element, a grade, or empty for an ungraded blend)."""

GRID_DAYS = 7.0
"""Step of the plan's time grid: a first output is blurred by no more than a week."""
TAIL_DAYS = 1100.0
"""How far beyond the end the plan looks, longer than any chain lead time."""
DAYS_PER_YEAR = 365.0
JOINT_PASSES = 4
"""Passes in which residual plants settle who sells what they make jointly."""
MOST_TAKEN_OVER = 0.9
"""Part of the sales of a group that others may take over in a pass."""
SPARE_SHARE = 0.02
"""Output beyond planned sales from which a plant is said to make too much of a group."""
LATER_GROWTH_YEAR = 2030
"""Middle of this year: outlooks give one path to 2030 and another beyond."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Planned rates over time, t/day."""

    days: FloatArray
    lines: Mapping[LineKey, FloatArray]
    mines: Mapping[str, FloatArray]
    """Planned output of each mine that runs."""
    capacity: Mapping[str, FloatArray]
    """Capacity of each site that runs, in the basis of `Site.capacity_t_per_year`."""
    can_separate: Mapping[str, Mapping[str, FloatArray]]
    """Site -> element -> 1 where the site can split it out at that time, else 0."""
    demand: Mapping[tuple[str, str], FloatArray]
    """Demand node, product -> rate."""
    active: frozenset[str]
    """Sites that run at some time."""


@dataclass(frozen=True, slots=True)
class ChainShape:
    """Forms in and out of each site; the engine's only knowledge of what a stage is."""

    makes: Mapping[str, str]
    """Site -> form of its main product."""
    takes: Mapping[str, str]
    """Maker -> form of its ingredients."""

    @classmethod
    def of(cls, world: World) -> ChainShape:
        """Read the forms from products, flows and links of the pack."""
        product_form = {product.id: product.form for product in world.products}
        aside = {world.mixed_form, world.scrap_form}
        sold: dict[str, set[str]] = defaultdict(set)
        bought: dict[str, set[str]] = defaultdict(set)
        pairs = [(f.seller, f.buyer, f.form) for f in world.flows]
        for seller, buyer, form in [*pairs, *world.links]:
            if form not in aside:
                sold[seller].add(form)
                bought[buyer].add(form)
        makes, takes = {}, {}
        for site in world.sites.values():
            if site.products:
                makes[site.id] = product_form[site.products[0]]
            elif sold[site.id]:
                makes[site.id] = sorted(sold[site.id])[0]
            if bought[site.id]:
                takes[site.id] = sorted(bought[site.id])[0]
        return cls(makes, takes)


def build_plan(
    world: World,
    additions: Sequence[CapacityAddition],
    *,
    starts: date,
    first_day: float,
    last_day: float,
) -> Plan:
    """Plan for a world and the levers that add capacity; days count from `starts`."""
    days = np.arange(first_day, last_day + TAIL_DAYS + GRID_DAYS, GRID_DAYS)
    return _Planner(world, additions, days, starts).build()


@dataclass(slots=True)
class _Planner:
    world: World
    additions: Sequence[CapacityAddition]
    days: FloatArray
    starts: date
    years: FloatArray = field(init=False)
    calendar: FloatArray = field(init=False)
    shape: ChainShape = field(init=False)
    lines: dict[LineKey, FloatArray] = field(init=False, default_factory=dict)
    mines: dict[str, FloatArray] = field(init=False, default_factory=dict)
    base: dict[LineKey, float] = field(init=False, default_factory=dict)
    mixed: dict[tuple[str, str], dict[str, FloatArray]] = field(init=False, default_factory=dict)
    supply: dict[tuple[str, str], FloatArray] = field(init=False, default_factory=dict)
    links_by_seller: dict[str, list[Link]] = field(init=False)
    links_by_buyer: dict[str, list[Link]] = field(init=False)
    flows_by_buyer: dict[tuple[str, str, str], list[tuple[str, float]]] = field(init=False)
    sales0: dict[tuple[str, str], float] = field(init=False)
    cover: dict[tuple[str, str, str], float] = field(init=False)
    keep: dict[tuple[str, str], float] = field(init=False, default_factory=dict)
    """Residual plant, driver -> output per planned sale in the base year, unsold included."""
    node_region: dict[str, str] = field(init=False)
    node_form: dict[str, str] = field(init=False)
    _active: set[str] = field(init=False, default_factory=set)
    _capability: dict[str, dict[str, FloatArray]] = field(init=False, default_factory=dict)
    _capacity: dict[str, FloatArray] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        flat = np.maximum(self.days, 0.0)
        middle_of_base_year = date(self.world.base_year, 7, 1)
        self.years = (flat + (self.starts - middle_of_base_year).days) / 365.25
        self.calendar = (
            self.starts.year + ((self.starts - date(self.starts.year, 1, 1)).days + flat) / 365.25
        )
        self.shape = ChainShape.of(self.world)
        self._index()

    def _index(self) -> None:
        self.links_by_seller, self.links_by_buyer = defaultdict(list), defaultdict(list)
        for pair in sorted(self.world.links):
            link = self.world.links[pair]
            self.links_by_seller[link.seller].append(link)
            self.links_by_buyer[link.buyer].append(link)
        self.flows_by_buyer = defaultdict(list)
        self.sales0 = defaultdict(float)
        merged: dict[LineKey, float] = defaultdict(float)
        for flow in self.world.flows:
            merged[flow.seller, flow.buyer, flow.form, flow.product] += (
                flow.t_per_year / DAYS_PER_YEAR
            )
        for key in sorted(merged):
            seller, buyer, form, product = key
            if merged[key] <= 0:
                continue
            self.base[key] = merged[key]
            self.flows_by_buyer[buyer, form, product].append((seller, merged[key]))
            self.sales0[seller, product] += merged[key]
        self.node_region = {d.node: d.region for d in self.world.demand}
        self.node_form = {d.node: self.world.sectors[d.sector].form for d in self.world.demand}
        self.cover = {(c.place, c.form, c.element): c.days for c in self.world.covers}

    # ---- what runs, and how large

    def build(self) -> Plan:
        active = {s.id for s in self.world.sites.values() if self._runs(s)}
        self._active = active
        self._capability = {s: self._can_separate(self.world.sites[s]) for s in sorted(active)}
        self._capacity = {s: self._capacity_path(self.world.sites[s]) for s in sorted(active)}
        demand = self._demand()
        self._mines_with_own_path()
        self._plants_with_own_feed()
        self._pull(demand)
        return Plan(
            self.days,
            dict(sorted(self.lines.items())),
            dict(sorted(self.mines.items())),
            self._capacity_with_growth(),
            self._capability,
            demand,
            frozenset(active),
        )

    def _added(self, site: Site) -> list[CapacityAddition]:
        return sorted((a for a in self.additions if a.site == site.id), key=lambda a: a.lever)

    def _runs(self, site: Site) -> bool:
        if site.id not in self.shape.makes:
            return False
        return site.status == "operating" or bool(self._added(site)) or self._ramps_by_itself(site)

    @staticmethod
    def _ramps_by_itself(site: Site) -> bool:
        return site.status == "project" and site.planned_capacity_t_per_year > 0

    def risked(self, site: Site) -> FloatArray:
        """Risked share of the planned size reached over time; 1 for what ran in the base year."""
        if site.status == "operating":
            return np.ones_like(self.days)
        added = self._added(site)
        if added:
            size = site.planned_capacity_t_per_year
            paths = [self._addition_path(a, site) / size for a in added if size > 0]
            return np.sum(paths, axis=0) if paths else np.zeros_like(self.days)
        return self._own_ramp(site)

    def _own_ramp(self, site: Site) -> FloatArray:
        since = (self.calendar - site.earliest_start) * 365.25
        ramp = ramp_share(since, ramp_days=site.ramp_years * 365.25)
        return site.success * site.ramp_cap * ramp

    def _addition_path(self, addition: CapacityAddition, site: Site) -> FloatArray:
        size = addition.capacity_t_per_year
        size = site.planned_capacity_t_per_year if size is None else size
        since = self.days - addition.first_output_day
        return size * addition.risked_share * ramp_share(since, ramp_days=addition.ramp_days)

    def _capacity_path(self, site: Site) -> FloatArray:
        """t/day; what stands today plus what is added."""
        if site.status != "operating":
            return site.planned_capacity_t_per_year * self.risked(site) / DAYS_PER_YEAR
        added = [self._addition_path(a, site) for a in self._added(site)]
        total = (
            site.capacity_t_per_year + np.sum(added, axis=0)
            if added
            else (np.full_like(self.days, site.capacity_t_per_year))
        )
        return np.maximum(total, self._expansion(site)) / DAYS_PER_YEAR

    def _expansion(self, site: Site) -> FloatArray:
        """Path of an operating site that the pack lets grow to a planned size, t/yr; else 0."""
        bigger = site.planned_capacity_t_per_year > site.output_t_per_year
        if site.status != "operating" or not bigger or np.isnan(site.earliest_start):
            return np.zeros_like(self.days)
        extra = site.planned_capacity_t_per_year - site.output_t_per_year
        return site.output_t_per_year + extra * self._own_ramp(site)

    def _can_separate(self, site: Site) -> dict[str, FloatArray]:
        always = {e: np.ones_like(self.days) for e in site.can_separate}
        for addition in self._added(site):
            from_then = (self.days >= addition.first_output_day).astype(float)
            for element in addition.can_separate:
                now = always.get(element, np.zeros_like(self.days))
                always[element] = np.maximum(now, from_then)
        return always

    def _capacity_with_growth(self) -> dict[str, FloatArray]:
        """Residual sites keep the base year's headroom over their plan, others their own capacity.

        That what is still needed gets built where the pack says `residual` is the pack's assumption.
        """
        planned, base = self._throughput(self.lines), self._throughput(self.base)
        capacity = {}
        for site_id, path in self._capacity.items():
            site = self.world.sites[site_id]
            now, then = planned.get(site_id), base.get(site_id)
            if (
                site.plan == "residual"
                and now is not None
                and then is not None
                and np.all(then > 0)
            ):
                path = path * np.maximum(1.0, now / then)
            capacity[site_id] = path
        return capacity

    def _throughput(self, lines: Mapping[LineKey, FloatArray | float]) -> dict[str, FloatArray]:
        """Site -> what its capacity is measured in: feed of a separation plant, sales of others."""
        aside = (self.world.mixed_form, self.world.scrap_form)
        out: dict[str, FloatArray] = defaultdict(lambda: np.zeros_like(self.days))
        for (seller, buyer, form, _), rate in lines.items():
            by_feed = buyer in self.world.sites and self.world.sites[buyer].stage == "separation"
            if by_feed:
                out[buyer] = out[buyer] + rate
            if form not in aside and self.world.sites[seller].stage != "separation":
                out[seller] = out[seller] + rate
        return dict(out)

    # ---- demand

    def _demand(self) -> dict[tuple[str, str], FloatArray]:
        demand: dict[tuple[str, str], FloatArray] = {}
        for need in self.world.demand:
            rate = self.world.sectors[need.sector].growth_per_year
            later = self.world.sectors[need.sector].later_growth_per_year
            path = need.t_per_year / DAYS_PER_YEAR * self._grown(rate, later)
            key = (need.node, need.product)
            demand[key] = demand[key] + path if key in demand else path
        return dict(sorted(demand.items()))

    def _grown(self, rate: float, later: float | None) -> FloatArray:
        """Size relative to the base year, with another rate from `LATER_GROWTH_YEAR` where the pack has one."""
        if later is None:
            return growth_factor(self.years, rate_per_year=rate)
        turn = max(0.0, LATER_GROWTH_YEAR - self.world.base_year)
        first = growth_factor(np.minimum(self.years, turn), rate_per_year=rate)
        return first * growth_factor(np.maximum(self.years - turn, 0.0), rate_per_year=later)

    # ---- from the mines down: what own sites can supply

    def _mines_with_own_path(self) -> None:
        for site_id in sorted(self._active):
            site = self.world.sites[site_id]
            if site.stage == "mine" and not (
                site.plan == "residual" and site.status == "operating"
            ):
                self.mines[site_id] = self._own_output(site)
                self._spread_concentrate(site, self.mines[site_id])

    def _own_output(self, mine: Site) -> FloatArray:
        if mine.status != "operating":
            return self._capacity[mine.id].copy()
        grown = mine.output_t_per_year * growth_factor(
            self.years, rate_per_year=mine.growth_per_year
        )
        path = np.maximum(grown, self._expansion(mine))
        for addition in self._added(mine):
            path = path + self._addition_path(addition, mine)
        return path / DAYS_PER_YEAR

    def _spread_concentrate(self, mine: Site, output: FloatArray) -> None:
        """A mine's planned output over its buyers: planned new plants first, then today's shares."""
        form = self.shape.makes[mine.id]
        left = output
        if mine.status == "operating":
            for link in self._planned_links(mine.id, form):
                wanted = (
                    link.planned_full_t_per_year
                    / DAYS_PER_YEAR
                    * self.risked(self.world.sites[link.buyer])
                )
                given = np.minimum(wanted, left)
                left = left - given
                self._add_line((mine.id, link.buyer, form, ""), given)
            shares = self._base_shares(mine.id, form)
        else:
            shares = self._sales_shares(mine, form)
        for buyer, share in shares.items():
            self._add_line((mine.id, buyer, form, ""), left * share)

    def _base_shares(self, seller: str, form: str) -> dict[str, float]:
        out = {
            buyer: rate for (s, buyer, f, _), rate in self.base.items() if (s, f) == (seller, form)
        }
        total = sum(out.values())
        return {buyer: rate / total for buyer, rate in out.items()} if total > 0 else {}

    def _planned_links(self, seller: str, form: str) -> list[Link]:
        return [
            link
            for link in self.links_by_seller[seller]
            if link.form == form and link.planned_full_t_per_year > 0 and self._open(link)
        ]

    def _open(self, link: Link) -> bool:
        """The buyer exists in this world, and nobody has named other buyers or feeders instead."""
        buyer = self.world.sites.get(link.buyer)
        if buyer is None:
            return True
        if buyer.id not in self._active:
            return False
        named = [feeder for a in self._added(buyer) for feeder in a.fed_by]
        return not named or link.seller in named

    def _sales_shares(self, seller: Site, form: str) -> dict[str, float]:
        """Buyers of a new seller and their shares: as its lever says, else as planned in the pack."""
        weights = {
            link.buyer: link.planned_full_t_per_year
            for link in self._planned_links(seller.id, form)
        }
        named = self._named_buyers(seller)
        if named:
            weights = self._weights_by_name(seller, form, weights, named)
        total = sum(weights.values())
        return {b: w / total for b, w in sorted(weights.items())} if total > 0 else {}

    def _named_buyers(self, seller: Site) -> dict[str, float]:
        for addition in self._added(seller):
            if addition.sells_to:
                return dict(addition.sells_to)
        return {}

    def _weights_by_name(
        self, seller: Site, form: str, planned: Mapping[str, float], named: Mapping[str, float]
    ) -> dict[str, float]:
        """Shares by site or region -> weights by buyer; inside a region by planned size."""
        weights: dict[str, float] = {}
        for name, share in sorted(named.items()):
            if name in self.world.sites:
                weights[name] = weights.get(name, 0.0) + share
                continue
            inside = {b: w for b, w in planned.items() if self.region_of(b) == name}
            if not inside:
                inside = {
                    link.buyer: 1.0
                    for link in self.links_by_seller[seller.id]
                    if link.form == form
                    and self.region_of(link.buyer) == name
                    and (link.buyer not in self.world.sites or link.buyer in self._active)
                }
            total = sum(inside.values())
            for buyer, weight in inside.items():
                weights[buyer] = weights.get(buyer, 0.0) + share * weight / total
        return weights

    def region_of(self, place: str) -> str:
        """Region of a site or a demand node."""
        site = self.world.sites.get(place)
        return site.region if site else self.node_region.get(place, "")

    def _add_line(self, key: LineKey, rate: FloatArray) -> None:
        self.lines[key] = self.lines[key] + rate if key in self.lines else rate

    def _plants_with_own_feed(self) -> None:
        for plant in self._along_the_mixed_chain(residual=False):
            self._run_plant(plant)

    def _along_the_mixed_chain(self, *, residual: bool) -> list[Site]:
        """Separation plants in the order in which mixed concentrate travels between them."""
        waiting = [
            s
            for s in sorted(self._active)
            if self.world.sites[s].stage == "separation"
            and self._is_residual(self.world.sites[s]) is residual
        ]
        ordered: list[Site] = []
        while waiting:
            ready = [p for p in waiting if not self._fed_by_one_of(p, set(waiting) - {p})]
            ordered += [self.world.sites[p] for p in ready or waiting]
            waiting = [p for p in waiting if p not in (ready or waiting)]
        return ordered

    def _is_residual(self, site: Site) -> bool:
        return site.plan == "residual" and site.status == "operating"

    def _fed_by_one_of(self, plant: str, others: Iterable[str]) -> bool:
        mixed = self.world.mixed_form
        sellers = {
            link.seller
            for link in self.links_by_buyer[plant]
            if link.form == mixed and self._open(link)
        }
        return bool(sellers & set(others))

    def feed_content(
        self, plant: str, skip_residual_mines: bool = False
    ) -> dict[str, dict[str, FloatArray]]:
        """Planned feed by input form and element, as it arrives, t/day."""
        content: dict[str, dict[str, FloatArray]] = defaultdict(dict)
        for (seller, buyer, form, _), rate in sorted(self.lines.items()):
            if buyer != plant:
                continue
            site = self.world.sites.get(seller)
            if form == self.world.mixed_form:
                parts = self.mixed[seller, plant]
            elif site is not None and site.stage == "mine":
                if skip_residual_mines and self._is_residual(site):
                    continue
                parts = {e: rate * share for e, share in site.basket.items() if share > 0}
            else:
                continue
            lag = self.transit(seller, plant, form) + self.cover_days(plant, form, "")
            for element, path in parts.items():
                arrived = self.earlier(path, lag)
                held = content[form].get(element)
                content[form][element] = arrived if held is None else held + arrived
        return content

    def _recovered(
        self, plant: Site, content: Mapping[str, Mapping[str, FloatArray]]
    ) -> dict[str, FloatArray]:
        out: dict[str, FloatArray] = {}
        for form, parts in content.items():
            for element, path in parts.items():
                got = self.earlier(path, plant.processing_days) * recovery_of(plant, form, element)
                out[element] = out[element] + got if element in out else got
        return out

    def _run_plant(self, plant: Site) -> None:
        self._set_output(plant, self._recovered(plant, self.feed_content(plant.id)))

    def _set_output(self, plant: Site, recovered: Mapping[str, FloatArray]) -> None:
        """Split what was recovered into elements for sale and the mixed rest that travels on."""
        can = self._capability[plant.id]
        rest: dict[str, FloatArray] = {}
        nothing = np.zeros_like(self.days)
        for element, path in sorted(recovered.items()):
            share = can.get(element, nothing)
            self.supply[plant.id, element] = path * share
            rest[element] = path * (1 - share)
        self._send_mixed_on(plant, rest)

    def _send_mixed_on(self, plant: Site, rest: Mapping[str, FloatArray]) -> None:
        total = np.sum(list(rest.values()), axis=0) if rest else np.zeros_like(self.days)
        if not np.any(total > 0):
            return
        form = self.world.mixed_form
        left, planned = np.ones_like(self.days), self._planned_links(plant.id, form)
        base = self._base_shares(plant.id, form)
        full = sum(link.planned_full_t_per_year for link in planned) or 1.0
        for link in planned:
            buyer = self.world.sites.get(link.buyer)
            share = link.planned_full_t_per_year / full
            taken = (
                share * (self.risked(buyer) if buyer and base else 1.0) * np.ones_like(self.days)
            )
            left = left - taken
            self._send_mixed(plant.id, link.buyer, rest, taken)
        for buyer_id, share in base.items():
            self._send_mixed(plant.id, buyer_id, rest, np.maximum(left, 0.0) * share)

    def _send_mixed(
        self, seller: str, buyer: str, rest: Mapping[str, FloatArray], share: FloatArray
    ) -> None:
        parts = {e: path * share for e, path in rest.items()}
        self.mixed[seller, buyer] = parts
        self._add_line(
            (seller, buyer, self.world.mixed_form, ""), np.sum(list(parts.values()), axis=0)
        )

    # ---- from final use up: what buyers will need

    def _pull(self, demand: Mapping[tuple[str, str], FloatArray]) -> None:
        order = {form.id: form.order for form in self.world.forms}
        needs: dict[str, dict[tuple[str, str], FloatArray]] = defaultdict(dict)
        for (node, product), rate in demand.items():
            needs[self.node_form[node]][node, product] = rate
        forms = sorted(
            set(self.shape.makes.values()) - {self._mine_form()},
            key=lambda f: -order[f],
        )
        for form in forms:
            for (buyer, product), need in sorted(needs[form].items()):
                self._supply_need(buyer, form, product, need)
            for site_id in sorted(self._active):
                site = self.world.sites[site_id]
                if self.shape.makes[site_id] != form:
                    continue
                if site.stage == "recycling":
                    continue
                if self._is_maker(site):
                    for element, need in self._ingredient_needs(site, form).items():
                        needs[self.shape.takes[site_id]][site_id, element] = need
            self._recyclers(form)
        plants = self._along_the_mixed_chain(residual=True)
        for number in range(JOINT_PASSES):
            if number:
                self._share_joint_output(plants)
                self._forget_residual_feed(plants)
            for plant in plants:
                self._feed_residual_plant(plant)
                self._run_plant(plant)

    def _mine_form(self) -> str:
        for site in self.world.sites.values():
            if site.stage == "mine" and site.id in self.shape.makes:
                return self.shape.makes[site.id]
        return ""

    def _is_maker(self, site: Site) -> bool:
        return site.stage not in ("mine", "separation", "recycling")

    def _supply_need(self, buyer: str, form: str, product: str, need: FloatArray) -> None:
        """Planned purchases of one product: new plants, then today's suppliers, then residual ones."""
        base = [
            (seller, rate)
            for seller, rate in self.flows_by_buyer.get((buyer, form, product), [])
            if seller in self._active
        ]
        base_total = sum(rate for _, rate in base)
        lag = self._mean_transit(buyer, form, product) + self.cover_days(buyer, form, product)
        need = self.later(need, lag)
        if base_total <= 0:
            self._supply_new_buyer(buyer, form, product, need)
            return
        left = self._supply_from_projects(buyer, form, product, need)
        ratio = np.divide(left, base_total)
        own = [(s, r) for s, r in base if not self._is_residual(self.world.sites[s])]
        residual = [(s, r) for s, r in base if self._is_residual(self.world.sites[s])]
        residual = residual or self._residual_links(buyer, form, product)
        given = {s: r * np.minimum(ratio, self._supply_ratio(s, form, product)) for s, r in own}
        left = np.maximum(0.0, left - sum(given.values(), np.zeros_like(left)))
        if not residual and given:
            total = sum(given.values(), np.zeros_like(left))
            scale = np.divide(left + total, total, out=np.ones_like(total), where=total > 0)
            given = {s: path * scale for s, path in given.items()}
        for seller, path in given.items():
            self._add_line((seller, buyer, form, product), path)
        weight = sum(r for _, r in residual)
        for seller, rate in residual:
            self._add_line((seller, buyer, form, product), left * rate / weight)

    def _residual_links(self, buyer: str, form: str, product: str) -> list[tuple[str, float]]:
        """Residual suppliers of the same form to the same buyer, for a product they did not send before."""
        out: dict[str, float] = defaultdict(float)
        for (seller, to, f, _), rate in self.base.items():
            site = self.world.sites.get(seller)
            able = site is not None and seller in self._active and self._is_residual(site)
            if able and (to, f) == (buyer, form) and self._can_make(site, product):
                out[seller] += rate
        return sorted(out.items())

    def _can_make(self, site: Site | None, product: str) -> bool:
        if site is None:
            return False
        if site.stage in ("separation", "recycling"):
            return product in self._capability[site.id]
        return not site.products or product in site.products

    def _supply_ratio(self, seller: str, form: str, product: str) -> FloatArray:
        """How far an own supplier can grow its base-year sales of a product."""
        site = self.world.sites[seller]
        if self._is_maker(site):
            output = site.output_t_per_year / DAYS_PER_YEAR
            return self._capacity[seller] / output if output > 0 else np.ones_like(self.days)
        sold = self.sales0[seller, product]
        supply = self.supply.get((seller, product))
        if supply is None or sold <= 0:
            return np.ones_like(self.days)
        return supply / sold

    def _supply_from_projects(
        self, buyer: str, form: str, product: str, need: FloatArray
    ) -> FloatArray:
        """Lines from new suppliers, capped at the need; returns what is left of it."""
        wanted = {}
        for link in self.links_by_buyer[buyer]:
            if link.form != form or link.seller not in self._active:
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
            self._add_line((seller_id, buyer, form, product), path * scale)
        return need - total * scale

    def _project_offer(self, seller: Site, link: Link, product: str) -> FloatArray | None:
        share = self._offer_share(seller, link.form, product).get(link.buyer, 0.0)
        if share <= 0:
            return None
        if seller.stage in ("separation", "recycling"):
            supply = self.supply.get((seller.id, product))
            return None if supply is None else supply * share
        if not self._can_make(seller, product):
            return None
        return self._capacity[seller.id] * share

    def _offer_share(self, seller: Site, form: str, product: str) -> dict[str, float]:
        """Shares of a new plant's output of one product by buyer: planned links, weighed by the buyers' use.

        For a maker of several grades the shares run over buyers and grades together.
        """
        weights = self._sales_shares(seller, form)
        by_grade = bool(seller.products)
        use = {b: self._base_use(b, form, product) for b in weights}
        if by_grade:
            all_use = {b: sum(self._base_use(b, form, p) for p in seller.products) for b in weights}
            return {b: w * use[b] / all_use[b] for b, w in weights.items() if all_use[b] > 0}
        by_region: dict[str, float] = defaultdict(float)
        for buyer, weight in weights.items():
            by_region[self.region_of(buyer)] += weight
        in_region: dict[str, float] = defaultdict(float)
        for buyer in weights:
            in_region[self.region_of(buyer)] += use[buyer]
        return {
            b: by_region[self.region_of(b)] * use[b] / in_region[self.region_of(b)]
            for b in weights
            if use[b] > 0
        }

    def _base_use(self, buyer: str, form: str, product: str) -> float:
        return sum(rate for _, rate in self.flows_by_buyer.get((buyer, form, product), []))

    def _supply_new_buyer(self, buyer: str, form: str, product: str, need: FloatArray) -> None:
        """A maker without a past buys where the pack's planned links say."""
        weights = {
            link.seller: link.planned_full_t_per_year
            for link in self.links_by_buyer[buyer]
            if link.form == form
            and link.planned_full_t_per_year > 0
            and link.seller in self._active
            and self._can_make(self.world.sites[link.seller], product)
        }
        total = sum(weights.values())
        for seller, weight in sorted(weights.items()):
            self._add_line((seller, buyer, form, product), need * weight / total)

    def _ingredient_needs(self, maker: Site, form: str) -> dict[str, FloatArray]:
        """What a maker will use of each element, from what it plans to sell, t/day."""
        lag = maker.processing_days + self.world.defaults.producer_stock_days
        sales: dict[str, FloatArray] = {}
        for (seller, _, f, product), rate in sorted(self.lines.items()):
            if seller == maker.id and f == form:
                sales[product] = sales[product] + rate if product in sales else rate
        needs: dict[str, FloatArray] = {}
        for product, rate in sales.items():
            start = self.later(rate, lag) / recovery_of(maker, self.shape.takes[maker.id], product)
            recipe = self.world.recipes.get(product)
            parts = {i.element: i.share for i in recipe.ingredients} if recipe else {product: 1.0}
            for element, share in parts.items():
                used = start * share
                needs[element] = needs[element] + used if element in needs else used
        self._scrap(maker, needs)
        return dict(sorted(needs.items()))

    def _scrap(self, maker: Site, needs: Mapping[str, FloatArray]) -> None:
        if maker.swarf_share <= 0:
            return
        parts = {
            e: self.earlier(p, maker.processing_days) * maker.swarf_share for e, p in needs.items()
        }
        for buyer, share in self._base_shares(maker.id, self.world.scrap_form).items():
            mine = {e: path * share for e, path in parts.items()}
            self.mixed[maker.id, buyer] = mine
            self._add_line(
                (maker.id, buyer, self.world.scrap_form, ""), np.sum(list(mine.values()), axis=0)
            )

    def _recyclers(self, form: str) -> None:
        """Once the makers of this form are planned, what comes back from their scrap."""
        scrap = self.world.scrap_form
        for site_id in sorted(self._active):
            site = self.world.sites[site_id]
            if site.stage != "recycling":
                continue
            content: dict[str, dict[str, FloatArray]] = defaultdict(dict)
            for seller, buyer, f, _ in sorted(self.lines):
                if buyer == site_id and f == scrap:
                    lag = self.transit(seller, buyer, scrap) + self.cover_days(buyer, scrap, "")
                    for element, path in self.mixed[seller, buyer].items():
                        got = self.earlier(path, lag)
                        held = content[scrap].get(element)
                        content[scrap][element] = got if held is None else held + got
            self._set_output(site, self._recovered(site, content))

    # ---- residual plants and mines: what is still needed

    def _share_joint_output(self, plants: Sequence[Site]) -> None:
        """Let a plant that makes more of a shared driver than it sells take sales over from the others.

        Ore dug for a scarce heavy element brings light ones with it; without this the plan would dig
        light ore for them a second time and pile both up.
        """
        for members in self.world.groups.values():
            sold = {p.id: self._planned_sales(p.id, members) for p in plants}
            spare = {p.id: self._spare(p.id, members, sold[p.id]) for p in plants}
            takers = [p for p in sorted(spare) if np.any(spare[p] > SPARE_SHARE * sold[p])]
            givers = [p for p in sorted(spare) if p not in takers]
            given = sum((sold[p] for p in givers), np.zeros_like(self.days))
            for taker in takers:
                part = np.divide(spare[taker], given, out=np.zeros_like(given), where=given > 0)
                part = np.minimum(part, MOST_TAKEN_OVER / len(takers))
                for giver in givers:
                    self._move_sales(giver, taker, members, part)

    def _planned_sales(self, seller: str, products: Sequence[str]) -> FloatArray:
        rates = [r for (s, _, _, p), r in self.lines.items() if s == seller and p in products]
        return sum(rates, np.zeros_like(self.days))

    def _spare(self, plant: str, members: Sequence[str], sold: FloatArray) -> FloatArray:
        """Output of a group beyond planned sales and beyond the base year's unsold share."""
        supply = [
            self.supply[plant, e] / self.keep[plant, e]
            for e in members
            if (plant, e) in self.supply and (plant, e) in self.keep
        ]
        return np.maximum(0.0, sum(supply, np.zeros_like(self.days)) - sold)

    def _move_sales(
        self, giver: str, taker: str, products: Sequence[str], part: FloatArray
    ) -> None:
        for key in [k for k in sorted(self.lines) if k[0] == giver and k[3] in products]:
            _, buyer, form, product = key
            if (taker, buyer, form) in self.world.links:
                moved = self.lines[key] * part
                self.lines[key] = self.lines[key] - moved
                self._add_line((taker, buyer, form, product), moved)

    def _forget_residual_feed(self, plants: Sequence[Site]) -> None:
        """Take back what the pass before planned for residual mines and mixed concentrate."""
        ids = {p.id for p in plants}
        form, mixed = self._mine_form(), self.world.mixed_form
        for key in list(self.lines):
            seller, _, key_form, _ = key
            site = self.world.sites.get(seller)
            mined = key_form == form and site is not None and self._is_residual(site)
            if mined or (seller in ids and key_form == mixed):
                del self.lines[key]
                if mined:
                    self.mines.pop(seller, None)

    def _feed_residual_plant(self, plant: Site) -> None:
        """Feed so that the scarcest driver element comes out as planned; the rest follows jointly."""
        mines = {
            seller: rate
            for (seller, buyer, form, _), rate in self.base.items()
            if buyer == plant.id
            and seller in self._active
            and form == self._mine_form()
            and self._is_residual(self.world.sites[seller])
        }
        total0 = sum(mines.values())
        if total0 <= 0:
            return
        form = self._mine_form()
        pushed = self._recovered(plant, self.feed_content(plant.id, skip_residual_mines=True))
        basket = {
            e: sum(rate * self.world.sites[m].basket.get(e, 0.0) for m, rate in mines.items())
            / total0
            for e in plant.can_separate
        }
        needed = np.zeros_like(self.days)
        for members in self._driver_groups(plant):
            want = self._driver_output(plant, members, basket, total0, form)
            have = sum(
                (pushed.get(e, np.zeros_like(self.days)) for e in members), np.zeros_like(self.days)
            )
            per_t = sum(basket.get(e, 0.0) * recovery_of(plant, form, e) for e in members)
            if per_t > 0:
                needed = np.maximum(needed, (want - have) / per_t)
        lead = plant.processing_days
        for mine, rate in sorted(mines.items()):
            lag = lead + self.transit(mine, plant.id, form) + self.cover_days(plant.id, form, "")
            path = self.later(needed, lag) * rate / total0
            self._add_line((mine, plant.id, form, ""), path)
            self.mines[mine] = self.mines.get(mine, np.zeros_like(path)) + path

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
        self,
        plant: Site,
        members: tuple[str, ...],
        basket: Mapping[str, float],
        total0: float,
        form: str,
    ) -> FloatArray:
        """Planned output of a driver: planned sales, with the base year's unsold share kept on top."""
        sales = np.zeros_like(self.days)
        for (seller, _, _, product), rate in self.lines.items():
            if seller == plant.id and product in members:
                sales = sales + rate
        sales0 = sum(self.sales0[plant.id, e] for e in members)
        pushed0 = self._base_push(plant, members)
        output0 = pushed0 + total0 * sum(
            basket.get(e, 0.0) * recovery_of(plant, form, e) for e in members
        )
        keep = output0 / sales0 if sales0 > 0 else 1.0
        for element in members:
            self.keep[plant.id, element] = keep
        return self.later(sales, self.world.defaults.producer_stock_days) * keep

    def _base_push(self, plant: Site, members: tuple[str, ...]) -> float:
        """Base-year output of the drivers from feed that residual mines do not supply, t/day."""
        total = 0.0
        for (seller, buyer, form, _), rate in self.base.items():
            if buyer != plant.id or seller not in self._active:
                continue
            site = self.world.sites[seller]
            if form == self.world.mixed_form:
                shares = self._base_mixed_basket(site)
            elif site.stage == "mine" and not self._is_residual(site):
                shares = site.basket
            else:
                continue
            total += sum(rate * shares.get(e, 0.0) * recovery_of(plant, form, e) for e in members)
        return total

    def _base_mixed_basket(self, seller: Site) -> Mapping[str, float]:
        """Composition of the mixed concentrate a plant sent on in the base year."""
        parts: dict[str, float] = defaultdict(float)
        for (mine, buyer, form, _), rate in self.base.items():
            site = self.world.sites.get(mine)
            if buyer == seller.id and site is not None and site.stage == "mine":
                for element, share in site.basket.items():
                    if element not in seller.can_separate:
                        parts[element] += rate * share * recovery_of(seller, form, element)
        total = sum(parts.values())
        return {e: t / total for e, t in parts.items()} if total > 0 else {}

    # ---- time

    def later(self, path: FloatArray, lag_days: float) -> FloatArray:
        """The value the path will have `lag_days` later."""
        return np.interp(self.days + lag_days, self.days, path)

    def earlier(self, path: FloatArray, lag_days: float) -> FloatArray:
        """The value the path had `lag_days` earlier."""
        return np.interp(self.days - lag_days, self.days, path)

    def transit(self, seller: str, buyer: str, form: str) -> float:
        """Days on the way; on-site and unlisted pairs take one day."""
        link = self.world.links.get((seller, buyer, form))
        return link.transit_days if link else 1.0

    def cover_days(self, place: str, form: str, element: str) -> float:
        """Days of use the place wants to hold."""
        specific = self.cover.get((place, form, element))
        return specific if specific is not None else self.cover.get((place, form, ""), 0.0)

    def _mean_transit(self, buyer: str, form: str, product: str) -> float:
        flows = self.flows_by_buyer.get((buyer, form, product), [])
        total = sum(rate for _, rate in flows)
        if total <= 0:
            return 30.0
        return sum(rate * self.transit(s, buyer, form) for s, rate in flows) / total


def recovery_of(site: Site, form: str, element: str) -> float:
    """Recovery of an element from an input form: its own, the form's, or the site's default."""
    for key in (f"{form}:{element}", form, "*"):
        if key in site.recovery:
            return site.recovery[key]
    return 1.0
