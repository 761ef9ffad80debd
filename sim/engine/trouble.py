"""Trouble: who gets too little of what it ordered, for too long, or has its supply under a restriction."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from sim.engine.day_plan import DayPlan
from sim.engine.incidence import Incidence
from sim.engine.network import Network
from sim.engine.regime import Columns
from sim.equations.sums import NOISE, ratio
from sim.rules.behaviour import Market as Rule

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(slots=True)
class Trouble:
    """What makes a buyer look for other sellers, or other grades."""

    network: Network
    incidence: Incidence
    span: float
    rule: Rule
    """Its numbers: what counts as too little, for how long, and what part under a restriction"""
    columns: int
    low_days: FloatArray = field(init=False)
    """[need, column] for which a need has got less of its order than it can bear"""

    @classmethod
    def of(
        cls, network: Network, incidence: Incidence, span: float, columns: int
    ) -> Trouble | None:
        """Nobody has any yet; None where nobody would do anything about it."""
        rules = network.behaviour
        if rules.market is None and rules.grades is None:
            return None
        # Without a market buyers are as patient as those of the market are by default.
        return cls(network, incidence, span, rules.market or Rule(), columns)

    def __post_init__(self) -> None:
        self.low_days = np.zeros((self.network.number_of_needs, self.columns))

    def look(
        self, plan: DayPlan, coming: Columns, claims_t: FloatArray, sent_t: FloatArray
    ) -> BoolArray:
        """[need, column] whether it is in trouble; of what it claimed, `sent_t` was sent [need, column]."""
        low = sent_t < self.rule.filled * claims_t * (1 - NOISE)
        self.low_days = np.where(low, self.low_days + self.span, 0.0)
        trouble: BoolArray = self.low_days >= self.rule.patience_days
        trouble |= self._restricted(plan, coming) >= self.rule.restricted_share
        return trouble

    def _restricted(self, plan: DayPlan, coming: Columns) -> FloatArray:
        """[need, column] part of what is planned that levers stop, let wait, or limit on coming days."""
        if not any(s.allowed.has_stoppers for stretches in coming for s in stretches):
            return np.zeros((self.network.number_of_needs, self.columns))
        planned = self.incidence.need.total(plan.lines)
        share = np.zeros_like(planned)
        for column, stretches in enumerate(coming):
            if any(s.allowed.has_stoppers for s in stretches):
                stopped = np.logical_or.reduce([s.allowed.stopper >= 0 for s in stretches])
                lines = np.where(stopped, plan.lines[:, column], 0.0)[:, None]
                part = self.incidence.need.total(lines)[:, 0]
                share[:, column] = ratio(part, planned[:, column])
        return share

    def carry_over(self, other: Trouble) -> None:
        """Know in every column what is known of the only one of another."""
        self.low_days = np.repeat(other.low_days, self.columns, axis=1)
