"""Grades: who lacks one takes another, a better one at once, another in part once it is approved.

The pack says what stands in for what: `serves` and `serves_in_part` of products, `other_grade` of sectors.
Goods come only from makers that the user buys of already, and stand in its stock as the grade it asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from sim.engine.beside import Beside, Trade
from sim.engine.day_plan import DayPlan
from sim.engine.incidence import Incidence
from sim.engine.network import Network
from sim.engine.pairs import Pairs, requalification_days
from sim.engine.passable import Passable
from sim.engine.stocks import Stocks
from sim.engine.to_order import ToOrder
from sim.equations.sums import NOISE, Groups, total
from sim.rules.allocating import told
from sim.rules.substituting import Turn, spare, substituted
from sim.world.world import World

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, order=True)
class Step:
    """From the grade that is asked to one that may come instead."""

    turn: int
    """Steps are taken in this order: better grades first, the nearest of them before the others"""
    by: str
    share: float
    """Part of a sector's use that may be served so"""
    at_once: bool
    """Whether it needs no approval"""
    to_order: bool
    """Whether makers make it for the purpose; else it comes only from what is unsold"""

    @property
    def kind(self) -> tuple[int, bool]:
        """Steps of one kind are taken together, in the order of this."""
        return self.turn, self.to_order


@dataclass(slots=True)
class Grades:
    """Trade from grade to grade."""

    network: Network
    incidence: Incidence
    span: float
    passable: Passable
    pairs: Pairs
    to_order: ToOrder | None
    columns: int
    opened: BoolArray = field(init=False)
    """[holder, column] whether it has begun to look at other grades"""
    admissible: BoolArray = field(init=False)
    """[pair by its key, column] whether it may trade at this review"""
    open_t: FloatArray = field(init=False)
    """[need, column] t that they lacked at the last review before anything came instead"""
    moved_t: FloatArray = field(init=False)
    """[column] that came instead of another grade at the last review"""
    _takes: FloatArray = field(init=False)
    """[input] days to approve another grade"""
    _may_look: BoolArray = field(init=False)
    """[holder] whether anything may"""
    _offered: Mapping[int, Sequence[tuple[int, float, Step]]] = field(init=False)
    """Input -> outputs of makers that the place buys of by plan, with the days on the way"""
    _step: Mapping[tuple[int, int], Step] = field(init=False)
    """Input and output -> what comes of it"""
    _kinds: Sequence[tuple[int, bool]] = field(init=False)
    """Kinds of steps, in the order in which they are taken"""
    _kind: IntArray = field(default_factory=lambda: np.zeros(0, dtype=np.intp))
    """[pair that `_turns` knows of] number of its kind, -1 where the grade is the one that is asked"""
    _share: FloatArray = field(default_factory=lambda: np.zeros(0))
    """[pair] that its step says"""
    _turns: Sequence[Turn] = ()
    _to_order: Sequence[bool] = ()
    """Whether the goods of each turn are made for the purpose"""

    @classmethod
    def of(
        cls, network: Network, incidence: Incidence, span: float, passable: Passable,
        beside: Beside | None, to_order: ToOrder | None,
    ) -> Grades | None:  # fmt: skip
        """None where everybody uses what it asked for."""
        if network.behaviour.grades is None or beside is None:
            return None
        about = network, incidence, span, passable, beside.pairs, to_order
        return cls(*about, beside.columns)

    def __post_init__(self) -> None:
        network = self.network
        self.opened = np.zeros((len(network.holder_input), self.columns), dtype=np.bool_)
        self.admissible = np.zeros((0, self.columns), dtype=np.bool_)
        self.moved_t = np.zeros(self.columns)
        self.open_t = np.zeros((network.number_of_needs, self.columns))
        self._takes = requalification_days(network)
        sector_of = {need.node: need.sector for need in reversed(network.world.demand)}
        steps = {
            item: steps_of(network.world, key, sector_of.get(key[0]))
            for item, key in enumerate(network.inputs)
        }
        self._may_look = np.isin(
            network.holder_input, [item for item, found in steps.items() if found]
        )
        makers = _makers(network)
        self._offered = {
            item: tuple(self._offers(item, found, makers)) for item, found in steps.items()
        }
        self._step = {
            (item, output): step
            for item, offers in self._offered.items()
            for output, _, step in offers
        }
        self._kinds = sorted({step.kind for step in self._step.values()})

    # ---- who may take what

    def look_around(self, day: float, trouble: BoolArray) -> None:
        """Let holders in trouble [need, column] take better grades from now on, and have others approved."""
        wants = trouble[self.network.holder_need] & self._may_look[:, None] & ~self.opened
        begun: list[tuple[int, int, float, int, float]] = []
        for holder, column in np.argwhere(wants).tolist():
            item = int(self.network.holder_input[holder])
            for output, transit, step in self._offered[item]:
                takes = 0.0 if step.at_once else float(self._takes[item])
                begun.append((output, holder, transit, column, day + takes))
        self.opened |= wants
        self.pairs.begin(begun)

    def _offers(
        self,
        item: int,
        steps: Sequence[Step],
        makers: Mapping[tuple[str, str], Mapping[str, float]],
    ) -> Iterator[tuple[int, float, Step]]:
        place, form, _ = self.network.inputs[item]
        for step in steps:
            for seller, days in makers.get((place, form), {}).items():
                output = self.network.output_index((seller, form, step.by))
                if output >= 0:
                    yield output, days, step

    def _look_again(self) -> None:
        """Sort pairs that were opened since into turns."""
        pairs = self.pairs
        known, count = len(self._kind), len(pairs)
        if known == count:
            return
        new = zip(pairs.item[known:].tolist(), pairs.output[known:].tolist(), strict=True)
        steps = [self._step.get(key) for key in new]
        kinds = [-1 if step is None else self._kinds.index(step.kind) for step in steps]
        shares = [0.0 if step is None else step.share for step in steps]
        self._kind, self._share = np.append(self._kind, kinds), np.append(self._share, shares)
        kind, share = self._kind[pairs.order], self._share[pairs.order]
        there = sorted(set(kind.tolist()) - {-1})
        self._turns = [self._turn(np.flatnonzero(kind == each), share) for each in there]
        self._to_order = [self._kinds[each][1] for each in there]

    def _turn(self, which: IntArray, share: FloatArray) -> Turn:
        seller, need = self.pairs.seller, self.pairs.need
        part = np.zeros((need.count, 1))
        part[need.number[which], 0] = share[which]
        return Turn(
            which,
            Groups(seller.number[which], seller.count),
            Groups(need.number[which], need.count),
            part,
        )

    # ---- trade

    def trade(
        self, day: float, plan: DayPlan, stocks: Stocks, *, open_t: FloatArray, taken_t: FloatArray
    ) -> Trade | None:
        """What comes instead of what needs lack [need, column].

        `taken_t` [output + 1, column] of the sellers' stock is sold already.
        """
        self._look_again()
        pairs, self.open_t = self.pairs, open_t
        self.moved_t = np.zeros(self.columns)
        left_t = stocks.sold - taken_t
        if self.to_order is not None:
            self.to_order.own_users_first(left_t)
        self.admissible = pairs.qualified(day) & ~pairs.alike[:, None]
        if not open_t.any() or not self.admissible.any():
            return None
        self.admissible &= self.passable.open(pairs.output, pairs.item)[pairs.order]
        spare_t = spare(stock_t=left_t, sales_t=plan.sales * self.span, target_t=plan.stock_target)
        if self.to_order is not None:
            spare_t = np.maximum(spare_t, self.to_order.kept_t)
        tonnes = substituted(
            self._turns, spare_t=spare_t, open_t=open_t, use_t=self._use_t(plan),
            admissible=self.admissible,
        )  # fmt: skip
        if not tonnes.any():
            return None
        self.moved_t = total(tonnes, axis=0)
        trade = Trade.of(pairs, tonnes)
        if self.to_order is not None:
            self.to_order.sell(trade.by_output_t)
        return trade

    def _use_t(self, plan: DayPlan) -> FloatArray:
        """[need, column] planned until the next review."""
        return self.incidence.need.total(plan.lines) * self.span

    def hear(self, plan: DayPlan, unmet_t: FloatArray) -> None:
        """Let makers hear of who would take another grade for what it lacks.

        A maker with unfilled orders of its own, `unmet_t` [output + 1, column], makes nothing for others.
        """
        if self.to_order is None:
            return
        asked_t = np.zeros_like(unmet_t)
        use_t, idle = self._use_t(plan), self._idle(plan, unmet_t)
        for turn, to_order in zip(self._turns, self._to_order, strict=True):
            if not to_order:
                continue
            weight = np.where(
                self.admissible[turn.pairs] & (turn.seller.spread(idle) > 0),
                turn.seller.spread(plan.sales),
                0.0,
            )
            lacks_t = np.minimum(self.open_t, turn.share * use_t)
            asked_t += told(lacks_t, [(turn.seller, turn.need, weight)])
        self.to_order.ask(asked_t)

    def _idle(self, plan: DayPlan, unmet_t: FloatArray) -> FloatArray:
        """[output + 1, column] 1 where nothing of its site is on order and unmet."""
        network = self.network
        pressed = (unmet_t > NOISE * plan.sales * self.span).astype(np.float64)[:-1]
        site = np.where(network.output_site < 0, len(network.sites), network.output_site)
        sites = Groups(site, len(network.sites) + 1)
        idle = (sites.spread(sites.total(pressed)) <= 0).astype(np.float64)
        return np.concatenate([idle, np.zeros((1, self.columns))])

    def carry_over(self, other: Grades) -> None:
        """Know in every column what is known of the only one of another; the pairs are carried over apart."""
        self.opened = np.repeat(other.opened, self.columns, axis=1)


def _makers(network: Network) -> Mapping[tuple[str, str], Mapping[str, float]]:
    """Place and form -> makers that it buys of by plan, with the days on the way."""
    found: dict[tuple[str, str], dict[str, float]] = {}
    for lane, (seller, buyer, form, _) in enumerate(network.lane_keys()):
        if network.lane_qualified[lane] and seller in network.world.sites:
            days = float(network.lane_transit_days[lane])
            found.setdefault((buyer, form), {})[seller] = days
    return found


def steps_of(world: World, key: tuple[str, str, str], sector: str | None) -> tuple[Step, ...]:
    """What may come instead of a product at an end use, in the order in which it is tried."""
    _, form, asked = key
    if sector is None:
        return ()
    part = world.sectors[sector].other_grade
    found = []
    for product in world.products:
        if product.form == form and asked in product.serves:
            near, made = product.serves.index(asked), not _needs_more(world, product.id, asked)
            found.append(Step(near, product.id, 1.0, True, made))
        elif product.form == form and asked in product.serves_in_part and part > 0:
            found.append(Step(LAST, product.id, part, False, True))
    return tuple(sorted(found))


LAST = 1_000
"""Turn of what comes in part: behind all better grades."""


def _needs_more(world: World, by: str, asked: str) -> bool:
    """Whether a grade cannot be made without something that the one which is asked does not need."""
    own, others = (
        {part.element for part in world.recipes[grade].ingredients if part.role == "essential"}
        for grade in (by, asked)
    )
    return not own <= others
