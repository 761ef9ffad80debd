"""Qualifying: who cannot get what it ordered, and which new sellers it begins to try."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil, inf, isinf

import numpy as np
import numpy.typing as npt

from sim.engine.day_plan import DayPlan
from sim.engine.network import Network
from sim.engine.pairs import Pairs, requalification_days
from sim.engine.passable import Passable
from sim.engine.stocks import Stocks
from sim.engine.ways import Ways
from sim.equations.sums import NOISE
from sim.rules.behaviour import Market as Rule
from sim.world.where import Where

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Free:
    """Sellers that a holder may try."""

    candidates: Sequence[tuple[float, int, bool]]
    """Days on the way, output, and whether it is the last of all, those behind restrictions included"""
    others: bool
    """Whether there are such"""


@dataclass(slots=True)
class Qualifying:
    """Buyers in trouble look for others, the nearest first."""

    network: Network
    passable: Passable
    pairs: Pairs
    rule: Rule
    columns: int
    try_again: FloatArray = field(init=False)
    """[holder, column] day before which nobody new is looked for"""
    finds_nobody: BoolArray = field(init=False)
    """[holder, column] whether all that are left have no goods, or are behind restrictions; see `_wake`"""
    has: BoolArray = field(init=False)
    """[output, column] whether it had goods to sell when buyers looked around last"""
    under: IntArray = field(init=False)
    """[column] number of the restrictions that were in force when buyers looked around last"""
    _takes: FloatArray = field(init=False)
    """[input] days to qualify a seller"""
    _ways: Ways = field(init=False)
    _sellers: Mapping[tuple[str, str], Sequence[int]] = field(init=False)
    """Form and product -> outputs of sites"""
    _may_look: BoolArray = field(init=False)
    """[holder] whether it may ever buy from somebody new"""
    _candidates: dict[int, tuple[list[float], list[int]]] = field(default_factory=dict)
    """Input -> days on the way and outputs of sellers it never bought from, the nearest first"""
    _numbers: dict[tuple[Where, ...], int] = field(default_factory=dict)
    """Restrictions in force together -> their number"""
    _free: dict[tuple[int, int], Free] = field(default_factory=dict)
    """This number and input -> candidates that none of them is about"""

    def __post_init__(self) -> None:
        network = self.network
        self.try_again = np.full((len(network.holder_input), self.columns), -inf)
        self.finds_nobody = np.zeros(self.try_again.shape, dtype=np.bool_)
        self.has = np.zeros((len(network.outputs), self.columns), dtype=np.bool_)
        self.under = np.full(self.columns, -1)
        self._ways = Ways(network.world)
        self._sellers = network.sellers_by_product()
        self._takes = requalification_days(network)
        sold = [key[1:] in self._sellers for key in network.inputs]
        ever = np.array(sold, dtype=np.bool_) & np.isfinite(self._takes)
        self._may_look = ever[network.holder_input] & ~network.holder_is_sink

    def look_around(self, day: float, plan: DayPlan, stocks: Stocks, trouble: BoolArray) -> None:
        """Let holders in trouble [need, column] begin to qualify sellers."""
        # Also where nobody is in trouble: whether others are in some other column must make no difference.
        scopes = [self.passable.scopes(column) for column in range(self.columns)]
        self._wake(scopes, np.maximum(stocks.sold, plan.sales)[:-1] > NOISE)
        if not trouble.any():
            return
        wants = trouble[self.network.holder_need] & self._may_look[:, None]
        wants &= self.try_again <= day
        if not wants.any():
            return
        learning = self.pairs.learning(day)
        wants &= learning < self.rule.at_a_time
        # Whoever found nobody, and nothing has changed since, would find nobody again.
        in_vain = wants & self.finds_nobody
        self.try_again[in_vain] = day + self.rule.patience_days
        wants &= ~in_vain
        has = self.has.T.tolist()
        numbers = self.under.tolist()
        begun: list[tuple[int, int, float, int, float]] = []
        for holder, column in np.argwhere(wants).tolist():
            room = self.rule.at_a_time - int(learning[holder, column])
            item, under = int(self.network.holder_input[holder]), numbers[column]
            if (under, item) not in self._free:
                self._free[under, item] = self._free_under(scopes[column], item)
            free = self._free[under, item]
            begun += self._begin(holder, column, day, room, has[column], free)
        self.pairs.begin(begun)

    def _wake(self, scopes: Sequence[tuple[Where, ...]], has: BoolArray) -> None:
        """Forget who found nobody where restrictions [column] change or a seller gets goods.

        `has` [output, column] goods to sell now.
        """
        under = np.array([self._numbers.setdefault(each, len(self._numbers)) for each in scopes])
        changed = (under != self.under) | (has & ~self.has).any(axis=0)
        self.finds_nobody[:, changed] = False
        self.under, self.has = under, has

    def _begin(
        self, holder: int, column: int, day: float, room: int, has: Sequence[bool], free: Free
    ) -> list[tuple[int, int, float, int, float]]:  # fmt: skip
        """What `Pairs.begin` takes: the sellers that a holder begins to try, at most for the `room` it has.

        `has` [output] goods to sell.
        """
        qualified = day + float(self._takes[self.network.holder_input[holder]])
        begun: list[tuple[int, int, float, int, float]] = []
        tried, passed_over = self.pairs.begun[column].get(holder, ()), free.others
        for transit, output, is_last in free.candidates:
            if output in tried:
                continue
            if not has[output]:
                passed_over = True
                continue
            begun.append((output, holder, transit, column, qualified))
            if len(begun) >= room and not is_last:
                return begun
        # Who has begun with everybody there is need not look again.
        later = day + self.rule.patience_days if passed_over or begun else inf
        self.try_again[holder, column] = later
        self.finds_nobody[holder, column] = passed_over and not begun
        return begun

    def _candidates_of(self, item: int) -> tuple[list[float], list[int]]:
        """Sellers that an input has no qualified lane from, the nearest first, then by id."""
        if item not in self._candidates:
            network = self.network
            place, form, product = network.inputs[item]
            lanes = np.flatnonzero((network.lane_input == item) & network.lane_qualified)
            known = set(network.lane_output[lanes].tolist())
            found = []
            for output in self._sellers.get((form, product), ()):
                seller = network.outputs[output][0]
                days = self._ways.days(seller, place)
                if output not in known and seller != place and not isinf(days):
                    found.append((float(ceil(days)), seller, output))
            found.sort()
            self._candidates[item] = [days for days, _, _ in found], [o for _, _, o in found]
        return self._candidates[item]

    def _free_under(self, scopes: tuple[Where, ...], item: int) -> Free:
        """Candidates that none of these restrictions is about."""
        days, outputs = self._candidates_of(item)
        inputs, last = np.full(len(outputs), item), len(outputs) - 1
        is_free = self.passable.open_under(scopes, np.array(outputs, dtype=np.intp), inputs)
        free = np.flatnonzero(is_free).tolist()
        return Free([(days[n], outputs[n], n == last) for n in free], len(free) < len(outputs))

    def carry_over(self, other: Qualifying) -> None:
        """Know in every column what is known of the only one of another."""
        self.try_again = np.repeat(other.try_again, self.columns, axis=1)
        self.finds_nobody = np.repeat(other.finds_nobody, self.columns, axis=1)
        self.has = np.repeat(other.has, self.columns, axis=1)
        self.under, self._numbers = np.repeat(other.under, self.columns), dict(other._numbers)
