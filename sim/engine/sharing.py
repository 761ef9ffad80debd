"""Sharing: users of one sector in one region lend to one another, but not to whom a licence was refused."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from sim.engine.goods import Goods
from sim.engine.network import Network
from sim.engine.regime import Allowed, Columns
from sim.equations.sums import Groups, total
from sim.rules.sharing import lent, lent_part

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]


@dataclass(slots=True)
class Sharing:
    """All who have somebody to lend to [user], of each product by itself."""

    network: Network
    holder: IntArray
    use: FloatArray
    """[user, 1] part of the place's use: all users of a place follow one path of demand"""
    group: Groups
    """Users of one input, military ones by themselves"""
    part: float
    """Of what is above the mean, lent at a review"""
    columns: int
    moved_t: FloatArray = field(init=False)
    """[column] t lent at the last review"""
    _may_receive: BoolArray = field(init=False)
    """[user, column]"""
    _shown: list[Allowed | None] = field(init=False)
    """[column] what the array says"""

    def __post_init__(self) -> None:
        self.moved_t = np.zeros(self.columns)
        self._may_receive = np.ones((len(self.holder), self.columns), dtype=np.bool_)
        self._shown = [None] * self.columns

    @classmethod
    def of(cls, network: Network, span: float, columns: int) -> Sharing | None:
        """Those of a network; None where the rule is off or no end users are told apart."""
        rule = network.behaviour.sharing
        if rule is None:
            return None
        groups: dict[tuple[int, bool], list[int]] = defaultdict(list)
        for h, i in enumerate(map(int, network.holder_input)):
            place, _, product = network.inputs[i]
            if (place, product) in network.plan.demand:
                groups[i, bool(network.holder_military[h])].append(h)
        several = [group for _, group in sorted(groups.items()) if len(group) > 1]
        if not several:
            return None
        holder = np.array([h for group in several for h in group], dtype=np.intp)
        number = np.repeat(np.arange(len(several)), [len(group) for group in several])
        return cls(
            network=network,
            holder=holder,
            use=network.holder_share[holder][:, None],
            group=Groups(number, len(several)),
            part=lent_part(rule.degree, span),
            columns=columns,
        )

    def lend(self, goods: Goods, coming: Columns) -> None:
        """Let everybody lend at a review, as licences stand on its day."""
        for column, stretches in enumerate(coming):
            self._look(column, stretches[0].allowed)
        held_t = goods.stocks.held[self.holder]
        given_t, received_t = lent(
            held_t, self.use, self._may_receive, group=self.group, part=self.part
        )
        goods.lend(self.holder, given_t, received_t)
        self.moved_t = total(given_t, axis=0)

    def _look(self, column: int, allowed: Allowed) -> None:
        """Who was refused a licence for any line of a product gets nothing of it from anybody."""
        if self._shown[column] is allowed:
            return
        self._shown[column] = allowed
        refused = np.zeros(len(self.network.holder_input), dtype=np.bool_)
        if allowed.unlicensed is not None:
            refused[self.network.line_holder[allowed.unlicensed]] = True
        self._may_receive[:, column] = ~refused[self.holder]
