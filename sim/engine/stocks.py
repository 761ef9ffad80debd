"""Tonnes at places: the engine's only mutable masses, never negative, and the only ways they move.

The last axis of every array is the column: each column is a run of its own, with its own levers.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from sim.engine.network import Network
from sim.equations.sums import ratio, total

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]


@dataclass(slots=True)
class Stocks:
    """What every seller and user has, t. The last entry of `sold` and `held` is an empty dummy.

    Index arrays may point at the dummy (position -1) where a site lacks a product; it stays at zero.
    """

    sold: FloatArray
    """[output + 1, column] producer stock"""
    sold_content: FloatArray
    """[output blend + 1, element, column] the same tonnes by element, for blends"""
    held: FloatArray
    """[holder + 1, column] user stock"""
    held_content: FloatArray
    """[input blend + 1, element, column] tonnes by element of a blend input, all its holders together"""
    inbound: FloatArray
    """[holder, column] on the way"""
    waiting: FloatArray
    """[line, column] ordered, and held by a restriction; the goods are still the seller's"""

    @classmethod
    def empty(cls, network: Network, columns: int) -> Stocks:
        """All zero."""
        n_elements, n = len(network.elements), columns
        return cls(
            sold=np.zeros((len(network.outputs) + 1, n)),
            sold_content=np.zeros((network.number_of_output_blends + 1, n_elements, n)),
            held=np.zeros((len(network.holder_input) + 1, n)),
            held_content=np.zeros((network.number_of_input_blends + 1, n_elements, n)),
            inbound=np.zeros((len(network.holder_input), n)),
            waiting=np.zeros((len(network.line_lane), n)),
        )

    def column(self, column: int) -> Stocks:
        """The stocks of one column, without their last axis; writing to them writes here."""
        return Stocks(*(getattr(self, each.name)[..., column] for each in fields(self)))

    def composition(self) -> FloatArray:
        """[output blend + 1, element, column] part of each element in a seller's blend; 0 where it has none."""
        return shares_by_element(self.sold_content)


def shares_by_element(content_t: FloatArray) -> FloatArray:
    """[blend, element, column] part of each element in a content, in t; 0 where there is none."""
    return ratio(content_t, total(content_t, axis=1)[:, None])
