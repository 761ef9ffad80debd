"""Exports under the rule as parts of those before it, and how far a line lies from what was observed.

A path says month -> exports as a part of those before the rule, 1 as before; paths, metal -> path.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import fsum, log1p

from benchmarks.precedents import tables

Path = Mapping[str, float]
Paths = Mapping[str, Path]
FITTED = ("gallium", "germanium")
"""Metals whose exports X and c are fitted on"""


@dataclass(frozen=True, slots=True)
class Seen:
    """One observation: the mean of one or more months."""

    metal: str
    months: tuple[str, ...]
    name: str
    flow: float
    """As a part of the exports before"""

    def in_path(self, path: Path) -> float:
        """What a path says of the same months."""
        return fsum(path[month] for month in self.months) / len(self.months)

    def error(self, path: Path) -> float:
        """Distance of a path."""
        return distance(self.in_path(path), self.flow)


def distance(flow: float, other: float) -> float:
    """|log(1 + a) - log(1 + b)| of two flows, as parts of those before; nothing is log 2 from as before."""
    return abs(log1p(flow) - log1p(other))


def observed(metal: str, before: float | None = None) -> tuple[Seen, ...]:
    """The observations of a metal in the order of time, as parts of its base or of other exports before."""
    before = tables.base(metal).a_month if before is None else before
    return tuple(
        Seen(metal, span.months, span.name, span.a_month / before)
        for span in tables.outcomes(metal)
    )


def mean_error(paths: Paths, before: Mapping[str, float] | None = None) -> float:
    """Mean absolute error: the mean distance over all observations of the metals, each counted once.

    `before` has, by metal, exports a month to put in place of the base.
    """
    errors = list(_errors(paths, before or {}))
    return fsum(errors) / len(errors)


def _errors(paths: Paths, before: Mapping[str, float]) -> Iterator[float]:
    for metal, path in paths.items():
        yield from (seen.error(path) for seen in observed(metal, before.get(metal)))
