"""Arrivals: lots that have landed wait for the next review, which books them together.

Nothing looks at stocks between two reviews, so this is the same as booking each lot on its day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from sim.engine.balance import Ledger
from sim.engine.clock import Clock
from sim.engine.network import Network
from sim.engine.provenance import Tracer
from sim.engine.stocks import Stocks
from sim.engine.tally import Tally
from sim.engine.transport import Consignment
from sim.equations.sums import sum_by, sum_rows_by

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]


@dataclass(slots=True)
class Arrivals:
    """What has landed and is not yet in the users' stocks."""

    network: Network
    clock: Clock
    stocks: Stocks
    ledger: Ledger
    tally: Tally
    tracer: Tracer | None
    landed: list[tuple[float, Consignment]] = field(default_factory=list)
    """(day, lots) since the last review"""

    def land(self, lot: Consignment) -> None:
        """Goods arrive now."""
        self.landed.append((self.clock.now, lot))

    def book(self, day: float) -> None:
        """What has landed since the last review is in the users' stocks."""
        if not self.landed:
            return
        network, stocks, tally = self.network, self.stocks, self.tally
        lots = [lot for _, lot in self.landed]
        lines = np.concatenate([lot.lines for lot in lots])
        tonnes = np.concatenate([lot.tonnes for lot in lots])
        waited = np.repeat([day - when for when, _ in self.landed], [len(x.lines) for x in lots])
        holder, lane = network.line_holder[lines], network.line_lane[lines]
        item = network.lane_input[lane]
        n_lanes, n_inputs = len(network.lane_output), len(network.inputs)
        here = sum_by(holder, weights=tonnes, minlength=len(stocks.inbound))
        stocks.held[:-1] += here
        stocks.inbound -= here
        tonne_days = tonnes * waited
        tally.arrived_t += sum_by(lane, weights=tonnes, minlength=n_lanes)
        tally.transit_tonne_days += sum_by(lane, weights=tonne_days, minlength=n_lanes)
        tally.held_tonne_days += sum_by(item, weights=tonne_days, minlength=n_inputs)
        content = self._content(lots, lane, tonnes)
        stocks.held_content += content
        by_input = sum_by(item, weights=tonnes, minlength=n_inputs)
        self.ledger.arrived += self.ledger.by_input(by_input, content)
        if self.tracer is not None:
            self.tracer.landed(lots)
        self.landed.clear()

    def _content(
        self, lots: Sequence[Consignment], lane: IntArray, tonnes: FloatArray
    ) -> FloatArray:
        """[input blend + 1, element] tonnes of blends in lots, mixed as at the sellers when they were sent.

        `lane` and `tonnes` are those of the lots' lines, one lot after the other.
        """
        network = self.network
        # Lots that left at the same review share the composition of the sellers.
        sent = {lot.review: lot.composition for lot in lots}
        number = {review: n for n, review in enumerate(sent)}
        review = np.repeat([number[lot.review] for lot in lots], [len(lot.lines) for lot in lots])
        goal = network.input_blend[network.lane_input[lane]]
        mixed = np.flatnonzero(goal >= 0)
        source = network.output_blend[network.lane_output[lane[mixed]]]
        composition = np.stack(list(sent.values()))[review[mixed], source]
        return sum_rows_by(
            goal[mixed],
            rows=tonnes[mixed, None] * composition,
            minlength=len(self.stocks.held_content),
        )
