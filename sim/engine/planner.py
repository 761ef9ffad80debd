"""The planner: what the plan asks for on a day, laid out for all columns."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from sim.engine.day_plan import DayPlan
from sim.engine.incidence import Incidence
from sim.engine.network import Network
from sim.engine.new_supply import NewSupply
from sim.engine.separation import Plants, planned_feed

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Planner:
    """The plan of a network, worked out once for a day and laid out for all columns."""

    network: Network
    incidence: Incidence
    plants: Plants
    columns: int
    new_supply: NewSupply | None
    _stock_days: FloatArray = field(init=False)
    """[output + 1, 1] days of planned sales that producers aim to have in stock"""
    _ordered: FloatArray = field(init=False)
    """[line, 1] 1 for what is ordered"""

    def __post_init__(self) -> None:
        network = self.network
        days = np.full((len(network.outputs) + 1, 1), network.world.defaults.producer_stock_days)
        days[network.lane_output[network.lane_pushed]] = 0.0
        ordered = (~network.lane_pushed[network.line_lane]).astype(np.float64)[:, None]
        object.__setattr__(self, "_stock_days", days)
        object.__setattr__(self, "_ordered", ordered)

    def at(self, day: float) -> DayPlan:
        """The plan on a day."""
        network, incidence = self.network, self.incidence
        lanes = network.plan_at(day)[:, None]
        if self.new_supply is not None:
            planned = np.repeat(lanes, self.columns, axis=1)
            asked = self.new_supply.asked(day, planned)
            if asked is not planned:
                return self._asked(planned, asked)
        lines = incidence.by_line(lanes) * network.line_share[:, None]
        sales = incidence.output_of_lane.total(lanes)
        each = (
            lanes, lines, lines * self._ordered, sales, sales * self._stock_days,
            planned_feed(self.plants, lanes),
        )  # fmt: skip
        return DayPlan(*(np.repeat(table, self.columns, axis=-1) for table in each))

    def _asked(self, planned: FloatArray, asked: FloatArray) -> DayPlan:
        """The plan where others are asked for what new sellers do not deliver, both [lane, column]."""
        network, incidence = self.network, self.incidence
        lines = incidence.by_line(asked) * network.line_share[:, None]
        # A new seller goes on to make what is planned of it, else it could never catch up.
        made = asked.copy()
        if self.new_supply is not None:
            made[self.new_supply.new] = planned[self.new_supply.new]
        sales = incidence.output_of_lane.total(made)
        return DayPlan(
            asked, lines, lines * self._ordered, sales, sales * self._stock_days,
            planned_feed(self.plants, asked),
        )  # fmt: skip
