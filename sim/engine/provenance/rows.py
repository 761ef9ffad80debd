"""Rows of the tracer's tables: one element of one stock.

A single-element stock has one row, a blend one for each element that it can hold.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.engine.contents import Contents
from sim.engine.network import Network
from sim.world.places import PILE, USE

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Rows:
    """Where each stock's elements stand in the tables of class tonnes."""

    output: IntArray
    """[output, element] row, -1 (the dummy) where the stock cannot hold the element"""
    input: IntArray
    """[input, element] row of makers' and plants' inputs; the dummy at demand nodes"""
    element: IntArray
    """[output row] element"""
    country: tuple[str, ...]
    """[output row] country of the seller, empty where it is no site"""
    output_of: IntArray
    """[output row] output"""
    inputs: int
    """Number of input rows"""

    @classmethod
    def of(cls, network: Network) -> Rows:
        """All rows; nothing is traced in the stocks of end users."""
        places = network.places
        holds = Contents.of(network.world)
        output, elements, sellers = _numbered(
            network.outputs, network.output_element, len(network.elements), holds
        )
        used = [None if places.get(key[0], PILE).stage == USE else key for key in network.inputs]
        input_, held, _ = _numbered(used, network.input_element, len(network.elements), holds)
        return cls(
            output=output,
            input=input_,
            element=np.array(elements, dtype=np.intp),
            country=tuple(places.get(s, PILE).country for s in sellers),
            output_of=np.nonzero(output >= 0)[0],
            inputs=len(held),
        )

    def of_outputs(self, outputs: IntArray) -> IntArray:
        """[..., element] rows of outputs [...]; -1 where there is no output or it cannot hold the element."""
        return np.where(outputs[..., None] >= 0, self.output[np.maximum(outputs, 0)], -1)

    def of_sales(self, outputs: IntArray) -> IntArray:
        """[place, element] row of the element that each output [place, element] sells, -1 without one."""
        element = np.arange(outputs.shape[1])
        return np.where(outputs >= 0, self.output[np.maximum(outputs, 0), element], -1)


def _numbered(
    keys: Sequence[tuple[str, str, str] | None], element: IntArray, elements: int, holds: Contents
) -> tuple[IntArray, list[int], list[str]]:
    """([key, element] row or -1, [row] element, [row] place)."""
    table = np.full((len(keys), elements), -1, dtype=np.intp)
    found: list[int] = []
    places: list[str] = []
    for k, key in enumerate(keys):
        if key is None:
            continue
        inside = holds.elements(key) if element[k] < 0 else [int(element[k])]
        for e in inside:
            table[k, e] = len(found)
            found.append(e)
            places.append(key[0])
    return table, found, places


@dataclass(frozen=True, slots=True)
class Cells:
    """Rows of a table [place, ..., element] that exist, with their positions in it."""

    row: IntArray
    position: tuple[IntArray, ...]
    places: int

    @classmethod
    def of(cls, rows: IntArray) -> Cells:
        """All but the dummies."""
        position = np.nonzero(rows >= 0)
        return cls(rows[position], position, len(rows))

    def at(self, places: IntArray) -> tuple[IntArray, ...]:
        """Row and positions of those that lie at one of the places."""
        wanted = np.zeros(self.places, dtype=np.bool_)
        wanted[places] = True
        inside = wanted[self.position[0]]
        return (self.row[inside], *(axis[inside] for axis in self.position))
