"""Tonnes at places: the engine's only mutable masses, never negative, and the only ways they move."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.engine.network import Network

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]


@dataclass(slots=True)
class Stocks:
    """What every seller and user has, t. The last entry of `sold` and `held` is an empty dummy.

    Index arrays may point at the dummy (position -1) where a site lacks a product; it stays at zero.
    """

    sold: FloatArray
    """[output + 1] producer stock"""
    sold_content: FloatArray
    """[output blend + 1, element] the same tonnes by element, for blends"""
    held: FloatArray
    """[holder + 1] user stock"""
    held_content: FloatArray
    """[input blend + 1, element] tonnes by element of a blend input, all its holders together"""
    inbound: FloatArray
    """[holder] on the way"""
    waiting: FloatArray
    """[line] ordered, and held by a restriction; the goods are still the seller's"""

    @classmethod
    def empty(cls, network: Network) -> Stocks:
        """All zero."""
        n_elements = len(network.elements)
        return cls(
            sold=np.zeros(len(network.outputs) + 1),
            sold_content=np.zeros((network.number_of_output_blends + 1, n_elements)),
            held=np.zeros(len(network.holder_input) + 1),
            held_content=np.zeros((network.number_of_input_blends + 1, n_elements)),
            inbound=np.zeros(len(network.holder_input)),
            waiting=np.zeros(len(network.line_lane)),
        )

    def composition(self) -> FloatArray:
        """[output blend + 1, element] share of each element in a seller's blend; 0 where it has none."""
        total = self.sold_content.sum(axis=1, keepdims=True)
        return _shares(self.sold_content, total)

    def input_composition(self) -> FloatArray:
        """[input blend + 1, element] the same for what users hold."""
        total = self.held_content.sum(axis=1, keepdims=True)
        return _shares(self.held_content, total)


def _shares(content: FloatArray, total: FloatArray) -> FloatArray:
    shares: FloatArray = np.divide(content, total, out=np.zeros_like(content), where=total > 0)
    return shares


def take(stock: FloatArray, index: IntArray, amount: FloatArray) -> None:
    """Remove tonnes at distinct places; what rounding leaves below zero is set to zero."""
    stock[index] = np.maximum(0.0, stock[index] - amount)
