"""Sold: what came of one review of selling, before anything leaves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.rules.allocating import Cells

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Sold:
    """The outcome of one review, t."""

    shipped_t: FloatArray
    """[line, column]"""
    unmet_t: FloatArray
    """[output + 1, column] open orders a seller could not fill from stock"""
    stopped_t: FloatArray
    """[line, column] refused, or held at the border; 0 for cells"""
    cells: Cells | None
    """Lines on which something changes before the next review"""
    cells_shipped_t: FloatArray
    """[stretch, cell]"""
    cells_stopped_t: FloatArray
    """[stretch, cell]"""
    redirected_t: FloatArray | None = None
    """[column] that went to others than in proportion, or stayed; None where all share in proportion"""
