"""Works: producers of one kind, and the batches that they start and finish."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]


class Works(Protocol):
    """Producers of one kind that take ingredients and put out products, and a by-product aside."""

    @property
    def name(self) -> str:
        """Of the kind."""

    @property
    def site(self) -> tuple[str, ...]:
        """Their ids."""

    @property
    def output(self) -> IntArray:
        """[site, product] output; the dummy where the site does not sell it."""

    @property
    def output_blend(self) -> IntArray:
        """[site, product] blend of the output, -1 where it is a single element."""

    @property
    def side_output(self) -> IntArray:
        """[site] output of the by-product; the dummy where there is none."""

    @property
    def side_blend(self) -> IntArray:
        """[site]."""

    @property
    def site_of(self) -> IntArray:
        """[site or unit that takes ingredients] -> site."""

    def counted_t(self, batch: Batch) -> FloatArray:
        """[site] t of a batch in the basis of the pack's output."""

    @property
    def days(self) -> FloatArray:
        """[site] whole days in process."""


@dataclass(frozen=True, slots=True)
class Taken:
    """Ingredients that leave the stocks when a batch starts, t."""

    holder: IntArray
    """[site or unit, ingredient]; the dummy where nothing is held"""
    t: FloatArray
    """[site or unit, ingredient]"""
    blend: IntArray | None = None
    """[site, ingredient] where ingredients are blends"""
    content_t: FloatArray | None = None
    """[site, ingredient, element]"""

    def scaled(self, part: FloatArray) -> Taken:
        """Only a part [site or unit] of it."""
        content_t = None if self.content_t is None else self.content_t * part[:, None, None]
        return replace(self, t=self.t * part[:, None], content_t=content_t)


@dataclass(frozen=True, slots=True)
class Batch:
    """What leaves the works when what a review started is done, t."""

    product_t: FloatArray
    """[site, product]"""
    content_t: FloatArray | None
    """[site, product, element] of graded products; None where products are single elements"""
    side_t: FloatArray
    """[site, element] by-product"""
    lost_t: FloatArray
    """[site, element]"""
    inside_t: FloatArray
    """[site, element] all that is in process"""

    def scaled(self, part: FloatArray) -> Batch:
        """Only a part [site] of it."""
        content_t = None if self.content_t is None else self.content_t * part[:, None, None]
        by_element = (self.side_t, self.lost_t, self.inside_t)
        return Batch(
            self.product_t * part[:, None], content_t, *(t * part[:, None] for t in by_element)
        )


def by_days(days: FloatArray) -> list[tuple[float, IntArray]]:
    """Sites that take equally long, by their days."""
    return [(float(each), np.flatnonzero(days == each)) for each in np.unique(days)]
