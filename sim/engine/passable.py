"""Passable: which goods the restrictions in force are about, by who sells and who buys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from sim.engine.network import Network
from sim.engine.regime import Regime
from sim.world.where import Where

BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.intp]

UNKNOWN = -1


@dataclass(frozen=True, slots=True)
class Passable:
    """Whether a seller's goods may go to a buyer without any restriction, whether or not they ever traded."""

    network: Network
    regimes: Sequence[Regime]
    """Of each column"""
    _known: dict[Where, npt.NDArray[np.int8]] = field(default_factory=dict)
    """What a restriction is about -> [output, input] 1 and 0, where it was asked for"""

    def scopes(self, column: int) -> tuple[Where, ...]:
        """What goods the restrictions of a column are about, on any of the days until the next review.

        Who trades for all of these days may not send what must not leave on some of them.
        """
        return self.regimes[column].about

    def open(self, outputs: IntArray, inputs: IntArray) -> BoolArray:
        """[pair, column] whether nothing in force is about what a seller's output sends to a buyer's input."""
        open_ = np.ones((len(outputs), len(self.regimes)), dtype=np.bool_)
        by_scopes: dict[tuple[Where, ...], BoolArray] = {}
        for column in range(len(self.regimes)):
            scopes = self.scopes(column)
            if not scopes:
                continue
            if scopes not in by_scopes:
                by_scopes[scopes] = self.open_under(scopes, outputs, inputs)
            open_[:, column] = by_scopes[scopes]
        return open_

    def open_under(self, scopes: Sequence[Where], outputs: IntArray, inputs: IntArray) -> BoolArray:
        """[pair] the same under given restrictions."""
        closed = np.zeros(len(outputs), dtype=np.bool_)
        for where in scopes:
            closed |= self._covered(where, outputs, inputs)
        return ~closed

    def _covered(self, where: Where, outputs: IntArray, inputs: IntArray) -> BoolArray:
        network = self.network
        known = self._known.get(where)
        if known is None:
            shape = len(network.outputs), len(network.inputs)
            known = self._known[where] = np.full(shape, UNKNOWN, dtype=np.int8)
        found = known[outputs, inputs]
        for pair in np.flatnonzero(found == UNKNOWN).tolist():
            output, item = int(outputs[pair]), int(inputs[pair])
            (seller, form, product), buyer = network.outputs[output], network.inputs[item][0]
            place = network.places.get(buyer)
            names = place.names if place is not None else None
            covers = where.covers_line(network.world, (seller, buyer, form, product), names)
            found[pair] = known[output, item] = covers
        covered: BoolArray = found > 0
        return covered
