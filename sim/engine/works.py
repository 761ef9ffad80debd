"""Works: producers of one kind, and the batches that they start and finish."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import numpy.typing as npt

from sim.equations.sums import spread, total

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
        """[site, column] t of a batch in the basis of the pack's output."""

    @property
    def days(self) -> FloatArray:
        """[site] whole days in process."""


@dataclass(frozen=True, slots=True)
class Taken:
    """Ingredients that leave the stocks when a batch starts, t."""

    holder: IntArray
    """[site or unit, ingredient]; the dummy where nothing is held"""
    t: FloatArray
    """[site or unit, ingredient, column]"""
    blend: IntArray | None = None
    """[site, ingredient] where ingredients are blends"""
    content_t: FloatArray | None = None
    """[site, ingredient, element, column]"""

    def scaled(self, part: FloatArray) -> Taken:
        """Only a part [site or unit, column] of it."""
        content_t = None if self.content_t is None else self.content_t * part[:, None, None]
        return replace(self, t=self.t * part[:, None], content_t=content_t)

    def column(self, column: int) -> Taken:
        """Of one column, without the last axis."""
        content_t = None if self.content_t is None else self.content_t[..., column]
        return replace(self, t=self.t[..., column], content_t=content_t)


@dataclass(frozen=True, slots=True)
class Batch:
    """What leaves the works when what a review started is done, t."""

    product_t: FloatArray
    """[site, product, column]"""
    content_t: FloatArray | None
    """[site, product, element, column] of graded products; None where products are single elements"""
    side_t: FloatArray
    """[site, element, column] by-product"""
    lost_t: FloatArray
    """[site, element, column]"""
    inside_t: FloatArray
    """[site, element, column] all that is in process"""

    def scaled(self, part: FloatArray) -> Batch:
        """Only a part [site, column] of it."""
        content_t = None if self.content_t is None else self.content_t * part[:, None, None]
        by_element = (self.side_t, self.lost_t, self.inside_t)
        return Batch(
            self.product_t * part[:, None], content_t, *(t * part[:, None] for t in by_element)
        )

    def spread(self, columns: int) -> Batch:
        """The same in so many columns, from one; nobody writes to it."""
        content_t = None if self.content_t is None else spread(self.content_t, columns)
        by_element = (self.side_t, self.lost_t, self.inside_t)
        tables = (spread(t, columns) for t in by_element)
        return Batch(spread(self.product_t, columns), content_t, *tables)

    def column(self, column: int) -> Batch:
        """Of one column, without the last axis."""
        content_t = None if self.content_t is None else self.content_t[..., column]
        by_element = (self.side_t, self.lost_t, self.inside_t)
        return Batch(self.product_t[..., column], content_t, *(t[..., column] for t in by_element))


@dataclass(frozen=True, slots=True)
class Outlet:
    """Works of one kind that take equally long, and the stores that what they make goes into."""

    works: Works
    days: float
    which: IntArray
    """Positions of the sites"""
    site: IntArray
    """[store] site"""
    product: IntArray
    """[store] product"""
    output: IntArray
    """[store] output; no two producers and no two products share one"""
    graded_site: IntArray
    """[store of a blend] site, product and blend"""
    graded_product: IntArray
    graded_blend: IntArray
    side_site: IntArray
    """[store of a by-product] site, output and blend"""
    side_output: IntArray
    side_blend: IntArray

    @classmethod
    def of(cls, works: Works, days: float, which: IntArray) -> Outlet:
        """Of the sites `which` of the works."""
        row, product = np.nonzero(works.output[which] >= 0)
        graded_row, graded_product = np.nonzero(works.output_blend[which] >= 0)
        site, graded = which[row], which[graded_row]
        side = which[works.side_output[which] >= 0]
        return cls(
            works=works,
            days=days,
            which=which,
            site=site,
            product=product,
            output=works.output[site, product],
            graded_site=graded,
            graded_product=graded_product,
            graded_blend=works.output_blend[graded, graded_product],
            side_site=side,
            side_output=works.side_output[side],
            side_blend=works.side_blend[side],
        )


def outlets_of(works: Works) -> list[Outlet]:
    """Of all sites, those that take equally long together, the quickest first."""
    every = np.unique(works.days)
    return [Outlet.of(works, float(each), np.flatnonzero(works.days == each)) for each in every]


@dataclass(frozen=True, slots=True)
class Made:
    """What comes out of some works when a batch is done, by the stores that it goes into, t."""

    outlet: Outlet
    batch: Batch
    started: int
    """Number of the review that started it"""
    waited_days: float
    """From when it is done until the review that takes it in"""
    product_t: FloatArray
    """[store, column]"""
    graded_t: FloatArray | None
    """[store of a blend, element, column]"""
    side_t: FloatArray
    """[store of a by-product, element, column]"""
    side_total_t: FloatArray
    """[store of a by-product, column]"""

    @classmethod
    def of(cls, outlet: Outlet, batch: Batch, started: int, waited_days: float) -> Made:
        """Of a batch of all sites of the works."""
        graded_t = None
        if batch.content_t is not None:
            graded_t = batch.content_t[outlet.graded_site, outlet.graded_product]
        side_t = batch.side_t[outlet.side_site]
        product_t = batch.product_t[outlet.site, outlet.product]
        return cls(
            outlet, batch, started, waited_days, product_t, graded_t, side_t, total(side_t, axis=1)
        )

    def column(self, column: int) -> Made:
        """Of one column, without the last axis."""
        graded_t = None if self.graded_t is None else self.graded_t[..., column]
        return replace(
            self,
            batch=self.batch.column(column),
            product_t=self.product_t[..., column],
            graded_t=graded_t,
            side_t=self.side_t[..., column],
            side_total_t=self.side_total_t[..., column],
        )

    def spread(self, columns: int) -> Made:
        """The same in so many columns, from one; nobody writes to it."""
        graded_t = None if self.graded_t is None else spread(self.graded_t, columns)
        return replace(
            self,
            batch=self.batch.spread(columns),
            product_t=spread(self.product_t, columns),
            graded_t=graded_t,
            side_t=spread(self.side_t, columns),
            side_total_t=spread(self.side_total_t, columns),
        )
