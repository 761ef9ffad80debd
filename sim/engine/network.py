"""The world as index arrays: outputs, holders, lines and needs, in an order that depends on names only.

* output: a stock of one product at the site that sells it.
* input: a stock of one product at the place that uses it, split over end users into holders.
* holder: one end user's part of an input; one holder an input where no licence tells users apart.
* lane: one output to one input; line: one output to one holder. Both are sorted by name.
* need: holders of one user that stand in for one another (members of a group), else a single holder.

Elements travel inside: an output or input of an `elements` form is one element; a blend carries a vector.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import nan

import numpy as np
import numpy.typing as npt

from sim.engine.plan import ChainShape, LineKey, Plan
from sim.equations.sums import Groups, ratio
from sim.rules.behaviour import RIGID, Behaviour
from sim.world.places import STOCKPILE, Place, places_in
from sim.world.world import World

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]

ItemKey = tuple[str, str, str]
"""place, form, product"""


@dataclass(frozen=True, slots=True)
class SplitBuyer:
    """End users told apart at one place, for the named inputs."""

    place: str
    inputs: frozenset[tuple[str, str]]
    """form, product"""


@dataclass(frozen=True, slots=True)
class PolicyStock:
    """A stockpile that a lever releases: another seller, and where it refills another buyer."""

    lever: str
    place: str
    region: str
    form: str
    sales: frozenset[LineKey]
    buys: Mapping[LineKey, LineKey]
    """What it refills from -> the largest line of that seller to its region, whose way the goods take"""


@dataclass(frozen=True, slots=True)
class Network:
    """Everything the engine knows about who holds what and who sells to whom. Axes in brackets."""

    world: World
    plan: Plan
    behaviour: Behaviour
    shape: ChainShape
    elements: tuple[str, ...]
    outputs: tuple[ItemKey, ...]
    inputs: tuple[ItemKey, ...]
    output_blend: IntArray
    """[output] row among blend vectors, -1 for outputs of an `elements` form."""
    output_element: IntArray
    """[output] element index, -1 for blends."""
    input_blend: IntArray
    input_element: IntArray
    number_of_output_blends: int
    number_of_input_blends: int
    holder_input: IntArray
    holder_user: IntArray
    """[holder] number of the end user at its place; 0 where users are not told apart."""
    holder_share: FloatArray
    """[holder] part of the place's use."""
    holder_military: BoolArray
    holder_cover_days: FloatArray
    holder_need: IntArray
    number_of_needs: int
    holder_is_sink: BoolArray
    """[holder] a pile that takes its planned tonnes and uses none."""
    lane_output: IntArray
    lane_input: IntArray
    lane_transit_days: FloatArray
    lane_corridor: tuple[str, ...]
    lane_next_corridor: tuple[str, ...]
    """[lane] corridor that is taken while the first is closed; empty: there is none."""
    lane_next_days: FloatArray
    """[lane] days by that corridor, nan where there is none."""
    lane_qualified: BoolArray
    """[lane] the buyer may take more than planned from this seller."""
    lane_pushed: BoolArray
    """[lane] by-products the seller sends on as they come (mixed concentrate, scrap)."""
    lane_closed_until: FloatArray
    """[lane] last day on which the buyer has no capacity; minus infinity for who always runs."""
    lane_plan: FloatArray
    """[time, lane] t/day."""
    lane_displaced: FloatArray
    """[time, lane] t/day that new sellers take over of a lane; nothing where that is not looked at."""
    line_lane: IntArray
    line_holder: IntArray
    line_output: IntArray
    line_share: FloatArray
    """[line] the holder's part of the lane."""
    line_need: IntArray
    policy_stocks: tuple[PolicyStock, ...]
    sites: tuple[str, ...]
    """[site] those that run at some time, in the order of their ids"""
    output_site: IntArray
    """[output] its site, -1 where a policy stock sells it"""
    places: Mapping[str, Place]
    """Sites, end uses and policy stocks by their id."""

    def lane_keys(self) -> list[LineKey]:
        """[lane] seller, buyer, form, product."""
        return [
            (self.outputs[o][0], self.inputs[i][0], self.outputs[o][1], self.outputs[o][2])
            for o, i in zip(self.lane_output, self.lane_input, strict=True)
        ]

    def sellers_by_product(self) -> Mapping[tuple[str, str], Sequence[int]]:
        """Form and product -> outputs of sites, in their order.

        Ore and other blends of no grade are no product: one does not replace another.
        """
        sellers: dict[tuple[str, str], list[int]] = {}
        for o, (place, form, product) in enumerate(self.outputs):
            if place in self.world.sites and product:
                sellers.setdefault((form, product), []).append(o)
        return sellers

    def products(self) -> Sequence[tuple[str, str]]:
        """Forms and products that some site sells, in the order of the tables."""
        return sorted(self.sellers_by_product())

    def output_index(self, key: ItemKey) -> int:
        """Position of an output, -1 where the site does not sell it."""
        return self._position(self.outputs, key)

    def input_index(self, key: ItemKey) -> int:
        """Position of an input, -1 where the place does not use it."""
        return self._position(self.inputs, key)

    @staticmethod
    def _position(keys: tuple[ItemKey, ...], key: ItemKey) -> int:
        try:
            return keys.index(key)
        except ValueError:
            return -1

    def plan_at(self, day: float) -> FloatArray:
        """[lane] planned rate on a day, t/day."""
        return rows_at(self.plan.days, self.lane_plan, day)

    def takes_on(self, day: float) -> BoolArray:
        """[lane] whether the buyer runs by the time arrives what is sent on a day."""
        runs: BoolArray = day + self.lane_transit_days > self.lane_closed_until
        return runs


def rows_at(days: FloatArray, table: FloatArray, day: float) -> FloatArray:
    """Straight line between the rows of a table [time, ...] over an evenly spaced time grid."""
    first, second = float(days[0]), float(days[1])
    position = min(max((day - first) / (second - first), 0.0), len(days) - 1.0)
    low = min(int(position), len(days) - 2)
    part = position - low
    result: FloatArray = table[low] * (1 - part)
    result += table[low + 1] * part
    return result


def build_network(
    world: World,
    plan: Plan,
    *,
    split: Sequence[SplitBuyer] = (),
    policy_stocks: Sequence[PolicyStock] = (),
    behaviour: Behaviour = RIGID,
    todays: Plan | None = None,
) -> Network:
    """Compile world and plan; `split` names the buyers whose end users a licence tells apart.

    `todays` is the plan of the same world if nothing new came to run, where that makes a difference.
    """
    covers = {(c.place, c.form, c.element): c.days for c in world.covers}
    by_place = {s.place: s for s in split}
    return _Compiler(
        world, plan, behaviour, todays, by_place, tuple(policy_stocks), covers
    ).compile()


@dataclass(slots=True)
class _Compiler:
    world: World
    plan: Plan
    behaviour: Behaviour
    todays: Plan | None
    split: Mapping[str, SplitBuyer]
    policy_stocks: tuple[PolicyStock, ...]
    covers: Mapping[tuple[str, str, str], float]

    def compile(self) -> Network:
        world, shape = self.world, ChainShape.of(self.world)
        lanes = self._lanes(shape)
        for stock in self.policy_stocks:
            lanes |= stock.sales | stock.buys.keys()
        outputs = sorted(self._outputs(shape) | {(s, f, p) for s, _, f, p in lanes})
        inputs = sorted({(b, f, p) for _, b, f, p in lanes} | self._demand_inputs())
        out_blend, out_element = self._kinds(outputs)
        in_blend, in_element = self._kinds(inputs)
        holders = self._holders(inputs)
        need = self._needs(inputs, holders)
        lane_keys = sorted(lanes)
        out_of = {key: i for i, key in enumerate(outputs)}
        in_of = {key: i for i, key in enumerate(inputs)}
        lane_output = np.array([out_of[s, f, p] for s, _, f, p in lane_keys], dtype=np.intp)
        lane_input = np.array([in_of[b, f, p] for _, b, f, p in lane_keys], dtype=np.intp)
        line_lane, line_holder = _lines(lane_input, [i for i, _, _, _ in holders])
        share = np.array([s for _, _, s, _ in holders])
        like = {key: way for stock in self.policy_stocks for key, way in stock.buys.items()}
        ways = [like.get(key, key) for key in lane_keys]
        links = [self.world.links.get((s, b, f)) for s, b, f, _ in ways]
        transit = np.array([link.transit_days if link else 1.0 for link in links])
        aside = (world.mixed_form, world.scrap_form)
        zero = np.zeros_like(self.plan.days)
        users = places_in(world)
        plan_table = [self.plan.lines.get(k, zero) for k in lane_keys]
        sites = tuple(sorted(self.plan.active))
        number = {site: n for n, site in enumerate(sites)}
        return Network(
            world=world,
            plan=self.plan,
            behaviour=self.behaviour,
            shape=shape,
            elements=tuple(e.symbol for e in world.elements),
            outputs=tuple(outputs),
            inputs=tuple(inputs),
            output_blend=out_blend,
            output_element=out_element,
            input_blend=in_blend,
            input_element=in_element,
            number_of_output_blends=int(out_blend.max(initial=-1)) + 1,
            number_of_input_blends=int(in_blend.max(initial=-1)) + 1,
            holder_input=np.array([i for i, _, _, _ in holders], dtype=np.intp),
            holder_user=np.array([u for _, u, _, _ in holders], dtype=np.intp),
            holder_share=share,
            holder_military=np.array([m for _, _, _, m in holders], dtype=np.bool_),
            holder_cover_days=np.array([self._cover(inputs[i]) for i, _, _, _ in holders]),
            holder_need=need,
            number_of_needs=int(need.max(initial=-1)) + 1,
            holder_is_sink=np.array(
                [inputs[i][0] not in users for i, _, _, _ in holders], dtype=np.bool_
            ),
            lane_output=lane_output,
            lane_input=lane_input,
            lane_transit_days=np.ceil(transit),
            lane_corridor=tuple(link.corridor if link else "" for link in links),
            lane_next_corridor=tuple(link.next_corridor if link else "" for link in links),
            lane_next_days=np.ceil([link.next_transit_days if link else nan for link in links]),
            lane_qualified=np.array([self._qualified(key) for key in lane_keys], dtype=np.bool_),
            lane_pushed=np.array([f in aside for _, _, f, _ in lane_keys], dtype=np.bool_),
            lane_closed_until=np.array([self._closed_until(buyer) for _, buyer, _, _ in lane_keys]),
            lane_plan=np.array(plan_table).T.copy(),
            lane_displaced=self._displaced(lane_keys, lane_input),
            line_lane=line_lane,
            line_holder=line_holder,
            line_output=lane_output[line_lane],
            line_share=share[line_holder],
            line_need=need[line_holder],
            policy_stocks=self.policy_stocks,
            sites=sites,
            output_site=np.array([number.get(place, -1) for place, _, _ in outputs], dtype=np.intp),
            places={
                **users,
                **{s.place: Place("", s.region, STOCKPILE) for s in self.policy_stocks},
            },
        )

    # ---- what is stocked

    def _outputs(self, shape: ChainShape) -> set[ItemKey]:
        keys: set[ItemKey] = set()
        for site_id in self.plan.active:
            site = self.world.sites[site_id]
            form = shape.makes[site_id]
            if site.stage == "mine":
                keys.add((site_id, form, ""))
            elif site.stage in ("separation", "recycling"):
                keys |= {(site_id, form, e) for e in self.plan.can_separate[site_id]}
                if site.stage == "separation":
                    keys.add((site_id, self.world.mixed_form, ""))
            elif site.products:
                keys |= {(site_id, form, p) for p in site.products}
        return keys

    def _demand_inputs(self) -> set[ItemKey]:
        form = {d.node: self.world.sectors[d.sector].form for d in self.world.demand}
        return {(node, form[node], product) for node, product in self.plan.demand}

    def _kinds(self, keys: Sequence[ItemKey]) -> tuple[IntArray, IntArray]:
        """Number among the blends, or of the element; -1 where it is the other kind."""
        kind = {form.id: form.kind for form in self.world.forms}
        element = {e.symbol: i for i, e in enumerate(self.world.elements)}
        blend, single, count = [], [], 0
        for _, form, product in keys:
            is_blend = kind[form] == "blend"
            blend.append(count if is_blend else -1)
            single.append(-1 if is_blend else element[product])
            count += is_blend
        return np.array(blend, dtype=np.intp), np.array(single, dtype=np.intp)

    # ---- who sells to whom

    def _lanes(self, shape: ChainShape) -> set[LineKey]:
        """Planned lines, and pairs that trade a form today for whatever both can make and use."""
        plans = [self.plan, *([self.todays] if self.todays else [])]
        lanes = {key for plan in plans for key, rate in plan.lines.items() if np.any(rate > 0)}
        used: dict[tuple[str, str], set[str]] = defaultdict(set)
        made: dict[tuple[str, str], set[str]] = defaultdict(set)
        for seller, buyer, form, product in lanes:
            used[buyer, form].add(product)
            made[seller, form].add(product)
        for place, form, product in self._outputs(shape):
            made[place, form].add(product)
        pairs = {(s, b, f) for s, b, f, _ in lanes}
        for seller, buyer, form in pairs:
            link = self.world.links.get((seller, buyer, form))
            if link is not None and link.qualified:
                both = made[seller, form] & used[buyer, form]
                lanes |= {(seller, buyer, form, product) for product in both}
        return lanes

    def _displaced(self, lanes: Sequence[LineKey], lane_input: IntArray) -> FloatArray:
        """[time, lane] what a lane would carry, at the same need of its buyer, if nothing new came to run.

        Less what it carries as planned.
        """
        if self.todays is None:
            return np.zeros((2, len(lanes)))
        zero = np.zeros_like(self.plan.days)
        planned, todays = (
            np.array([plan.lines.get(key, zero) for key in lanes])
            for plan in (self.plan, self.todays)
        )
        purchase = Groups(lane_input, int(lane_input.max(initial=-1)) + 1)
        same_need = ratio(purchase.total(planned), purchase.total(todays))
        displaced = np.maximum(0.0, todays * purchase.spread(same_need) - planned)
        return np.ascontiguousarray(displaced.T)

    def _qualified(self, key: LineKey) -> bool:
        seller, buyer, form, _ = key
        link = self.world.links.get((seller, buyer, form))
        if link is None:
            return key in self.plan.lines and bool(np.any(self.plan.lines[key] > 0))
        new_seller = self.world.sites[seller].status != "operating"
        return link.qualified or (new_seller and key in self.plan.lines)

    def _closed_until(self, buyer: str) -> float:
        """Last day of the plan on which a site has no capacity."""
        path = self.plan.capacity.get(buyer)
        closed = np.zeros(0) if path is None else self.plan.days[path <= 0]
        return float(closed.max(initial=-np.inf))

    # ---- who holds

    def _cover(self, key: ItemKey) -> float:
        place, form, product = key
        own = self.covers.get((place, form, product))
        return own if own is not None else self.covers.get((place, form, ""), 0.0)

    def _holders(self, inputs: Sequence[ItemKey]) -> list[tuple[int, int, float, bool]]:
        """(input, user, share, military) in the order of inputs and users."""
        holders: list[tuple[int, int, float, bool]] = []
        for i, (place, form, product) in enumerate(inputs):
            buyer = self.split.get(place)
            users = self.world.end_users.get(place)
            if buyer is None or users is None or (form, product) not in buyer.inputs:
                holders.append((i, 0, 1.0, False))
                continue
            for u, (share, military) in enumerate(zip(users.shares, users.military, strict=True)):
                holders.append((i, u, share, military))
        return holders

    def _needs(
        self, inputs: Sequence[ItemKey], holders: Sequence[tuple[int, int, float, bool]]
    ) -> IntArray:
        """Members of a group at a maker form one need; consumers order each product for itself."""
        group_of = {m: name for name, members in self.world.groups.items() for m in members}
        numbers: dict[tuple[str, str, str, int], int] = {}
        need = []
        for i, user, _, _ in holders:
            place, form, product = inputs[i]
            is_maker = place in self.world.sites
            name = group_of.get(product, product) if is_maker else product
            need.append(numbers.setdefault((place, form, name, user), len(numbers)))
        return np.array(need, dtype=np.intp)


def _lines(lane_input: IntArray, holder_input: Sequence[int]) -> tuple[IntArray, IntArray]:
    """[line] lane and holder: each lane leads to all holders of its input."""
    holders: dict[int, list[int]] = defaultdict(list)
    for h, i in enumerate(holder_input):
        holders[i].append(h)
    rows = [(lane, h) for lane, i in enumerate(lane_input) for h in holders[int(i)]]
    lanes = np.array([lane for lane, _ in rows], dtype=np.intp)
    return lanes, np.array([h for _, h in rows], dtype=np.intp)
