"""Classes of provenance: what is known of the way of a tonne, and what the next step makes of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

PathClass = tuple[str, str, str]
"""mine country, separation country, metal country; empty where the tonne has not got there."""
UNKNOWN: PathClass = ("", "", "")
"""What is in stock before the first day has no known past."""
Change = Callable[[PathClass, str], PathClass]
"""What a step in a country makes of a class."""


@dataclass(slots=True)
class Classes:
    """Classes that occur, numbered as they are met; the meeting order depends on names only."""

    names: list[PathClass] = field(default_factory=list)
    number: dict[PathClass, int] = field(default_factory=dict)

    def intern(self, path: PathClass) -> int:
        """Number of a class."""
        if path not in self.number:
            self.number[path] = len(self.names)
            self.names.append(path)
        return self.number[path]


def separated_in(path: PathClass, country: str) -> PathClass:
    """The next class of a tonne that a plant of that country splits out."""
    return path[0], country, ""


def metal_made_in(path: PathClass, country: str) -> PathClass:
    """The next class of a tonne that becomes metal in that country."""
    return path[0], path[1], country


def shares_of(table: FloatArray) -> FloatArray:
    """[row, class] parts of each row's total; zero where a row is empty."""
    total = table.sum(axis=1)
    # Not by 1 / total: the inverse of the last trace of a stock can be too large for a number.
    shares: FloatArray = table / np.where(total > 0, total, 1.0)[:, None]
    return shares
