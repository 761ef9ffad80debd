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
    _steps: Mapping[int, Sequence[Step]] = field(init=False)
    """Input -> what may come instead"""
    _may_look: BoolArray = field(init=False)
    """[holder] whether anything may"""
    _makers: Mapping[tuple[str, str], Mapping[str, float]] = field(init=False)
    """Place and form -> makers that it buys of by plan, with the days on the way"""
    _known: int = 0
    """Pairs that `_turns` knows of"""
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
        found = {item: steps_of(network.world, key) for item, key in enumerate(network.inputs)}
        self._steps = {item: steps for item, steps in found.items() if steps}
        self._may_look = np.isin(network.holder_input, list(self._steps))
        self._makers = _makers(network)

    # ---- who may take what

    def look_around(self, day: float, trouble: BoolArray) -> None:
        """Let holders in trouble [need, column] take better grades from now on, and have others approved."""
        wants = trouble[self.network.holder_need] & self._may_look[:, None] & ~self.opened
        begun: list[tuple[int, int, float, int, float]] = []
        for holder, column in np.argwhere(wants).tolist():
            item = int(self.network.holder_input[holder])
            for output, transit, step in self._offers(item):
                takes = 0.0 if step.at_once else float(self._takes[item])
                begun.append((output, holder, transit, column, day + takes))
        self.opened |= wants
        self.pairs.begin(begun)

    def _offers(self, item: int) -> Iterator[tuple[int, float, Step]]:
        """Outputs of makers that the place buys of by plan, with the days on the way."""
        place, form, _ = self.network.inputs[item]
        for step in self._steps[item]:
            for seller, days in self._makers.get((place, form), {}).items():
                output = self.network.output_index((seller, form, step.by))
                if output >= 0:
                    yield output, days, step

    def _look_again(self) -> None:
        """Sort pairs that were opened since into turns."""
        pairs, network = self.pairs, self.network
        if self._known == len(pairs):
            return
        self._known = len(pairs)
        by_turn: dict[tuple[int, bool], list[tuple[int, float]]] = {}
        for pair in np.flatnonzero(~pairs.alike).tolist():
            number = pairs.order[pair]
            by = network.outputs[pairs.output[number]][2]
            step = next(s for s in self._steps[int(pairs.item[number])] if s.by == by)
            by_turn.setdefault((step.turn, step.to_order), []).append((pair, step.share))
        keys = sorted(by_turn)
        self._turns = [self._turn(by_turn[key]) for key in keys]
        self._to_order = [to_order for _, to_order in keys]

    def _turn(self, pairs: Sequence[tuple[int, float]]) -> Turn:
        which = np.array([pair for pair, _ in pairs], dtype=np.intp)
        seller, need = self.pairs.seller, self.pairs.need
        share = np.zeros((need.count, 1))
        share[need.number[which], 0] = [part for _, part in pairs]
        return Turn(
            which,
            Groups(seller.number[which], seller.count),
            Groups(need.number[which], need.count),
            share,
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
    found: dict[tuple[str, str], dict[str, float]] = {}
    for lane, (seller, buyer, form, _) in enumerate(network.lane_keys()):
        if network.lane_qualified[lane] and seller in network.world.sites:
            days = float(network.lane_transit_days[lane])
            found.setdefault((buyer, form), {})[seller] = days
    return found


def steps_of(world: World, key: tuple[str, str, str]) -> tuple[Step, ...]:
    """What may come instead of a product at an end use, in the order in which it is tried."""
    place, form, asked = key
    sector = next((need.sector for need in world.demand if need.node == place), None)
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
