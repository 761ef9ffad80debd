"""Mass balance: every tonne of every element is somewhere, checked site by site in every run."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from sim.engine.books import Book, Landing
from sim.engine.mining import Mines
from sim.engine.network import Network
from sim.engine.stocks import Stocks
from sim.engine.works import Batch, Taken, Works
from sim.equations.sums import sum_by, sum_rows_by
from sim.problems import BalanceError
from sim.world.names import RECYCLING
from sim.world.places import PILE

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]

TOLERANCE = 1e-9
"""Of the larger of a site's throughput of the element and 1 t."""


@dataclass(slots=True)
class Ledger(Book):
    """Sums since the first day, t [place, element]; places are sites, demand nodes and piles."""

    network: Network
    places: tuple[str, ...] = field(init=False)
    row_of: dict[str, int] = field(init=False)
    """Place -> its row"""
    mined: FloatArray = field(init=False)
    arrived: FloatArray = field(init=False)
    sent: FloatArray = field(init=False)
    used: FloatArray = field(init=False)
    lost: FloatArray = field(init=False)
    in_process: FloatArray = field(init=False)
    opening: FloatArray = field(init=False)
    recycled: FloatArray = field(init=False)
    """[element] oxide won back from scrap; inside the balance, shown beside it"""
    output_place: IntArray = field(init=False)
    input_place: IntArray = field(init=False)
    _rows: dict[tuple[str, ...], IntArray] = field(init=False, default_factory=dict)
    """Sites -> their rows"""
    _recycles: BoolArray = field(init=False)
    """[place]"""

    def __post_init__(self) -> None:
        names = [p for p, _, _ in self.network.outputs] + [p for p, _, _ in self.network.inputs]
        self.places = tuple(sorted(set(names)))
        index = self.row_of = {p: i for i, p in enumerate(self.places)}
        self.output_place = np.array([index[p] for p, _, _ in self.network.outputs], dtype=np.intp)
        self.input_place = np.array([index[p] for p, _, _ in self.network.inputs], dtype=np.intp)
        shape = (len(self.places), len(self.network.elements))
        for name in ("mined", "arrived", "sent", "used", "lost", "in_process", "opening"):
            setattr(self, name, np.zeros(shape))
        self.recycled = np.zeros(shape[1])
        stages = [self.network.places.get(p, PILE).stage for p in self.places]
        self._recycles = np.array([stage == RECYCLING for stage in stages], dtype=np.bool_)

    # ---- what it hears

    def dug(self, mines: Mines, mined_t: FloatArray) -> None:
        """Ore comes in."""
        self.mined[self._rows_of(mines.site)] += mined_t[:, None] * mines.basket

    def started(self, works: Works, taken: Taken, batch: Batch, review: int) -> None:
        """More is in process."""
        self.in_process[self._rows_of(works.site)] += batch.inside_t

    def was_under_way(self, works: Works, batch: Batch, which: IntArray) -> None:
        """Some of what there is at first is in process."""
        rows = self._rows_of(works.site)[which]
        self.in_process[rows] += batch.inside_t[which]
        self.opening[rows] += batch.inside_t[which]

    def finished(
        self, works: Works, batch: Batch, which: IntArray, review: int, gained_t: FloatArray
    ) -> None:
        """Less is in process, and part of it is lost."""
        rows = self._rows_of(works.site)[which]
        self.in_process[rows] -= batch.inside_t[which]
        self.lost[rows] += batch.lost_t[which]
        again = which[self._recycles[rows]]
        if len(again):
            self.recycled += batch.product_t[again].sum(axis=0)

    def left(self, by_output_t: FloatArray, composition: FloatArray) -> None:
        """Goods go out."""
        self.sent += self._by_output(by_output_t[:-1], composition)

    def landed(self, landing: Landing) -> None:
        """Goods come in."""
        self.arrived += self.by_input(landing.by_input_t, landing.content_t)

    def consumed(self, by_input_t: FloatArray, content_t: FloatArray) -> None:
        """Goods are used up."""
        self.used += self.by_input(by_input_t, content_t)

    def _rows_of(self, sites: tuple[str, ...]) -> IntArray:
        if sites not in self._rows:
            self._rows[sites] = np.array([self.row_of[s] for s in sites], dtype=np.intp)
        return self._rows[sites]

    # ---- what it says

    def _by_output(self, tonnes: FloatArray, composition: FloatArray) -> FloatArray:
        """[output] tonnes -> [place, element]."""
        element = self.network.output_element
        blend = self.network.output_blend[element < 0]
        rows = tonnes[element < 0, None] * composition[blend]
        return self._by_place(self.output_place, element, tonnes, rows)

    def by_input(self, tonnes: FloatArray, content: FloatArray) -> FloatArray:
        """[input] tonnes of single elements, plus blends' content [input blend + 1, element]."""
        element = self.network.input_element
        rows = content[self.network.input_blend[element < 0]]
        return self._by_place(self.input_place, element, tonnes, rows)

    def _by_place(
        self, place: IntArray, element: IntArray, tonnes: FloatArray, blends: FloatArray
    ) -> FloatArray:
        """[place, element] from [item] tonnes of single elements and [blend among them, element] content."""
        single, (n_places, n_elements) = element >= 0, self.mined.shape
        cell = place[single] * n_elements + element[single]
        out = sum_by(cell, weights=tonnes[single], minlength=self.mined.size)
        blended = sum_rows_by(place[~single], rows=blends, minlength=n_places)
        return out.reshape(self.mined.shape) + blended

    def stock_now(self, stocks: Stocks) -> FloatArray:
        """[place, element] what is on hand and in process."""
        network, element = self.network, self.network.output_element
        rows = stocks.sold_content[network.output_blend[element < 0]]
        sold = self._by_place(self.output_place, element, stocks.sold[:-1], rows)
        held = sum_by(network.holder_input, weights=stocks.held[:-1], minlength=len(network.inputs))
        return self.in_process + sold + self.by_input(held, stocks.held_content)

    def residual(self, stocks: Stocks) -> FloatArray:
        """[place, element] tonnes that appeared (above 0) or vanished (below)."""
        came = self.opening + self.mined + self.arrived
        went = self.sent + self.used + self.lost
        return self.stock_now(stocks) - (came - went)

    def check(self, stocks: Stocks) -> None:
        """Raise `BalanceError` naming the site and element whose tonnes do not add up."""
        residual = self.residual(stocks)
        throughput = self.opening + self.mined + self.arrived
        allowed = TOLERANCE * np.maximum(throughput, 1.0)
        worst = np.unravel_index(np.argmax(np.abs(residual) / allowed), residual.shape)
        if not abs(residual[worst]) <= allowed[worst]:  # also when it is not a number
            place, element = self.places[worst[0]], self.network.elements[worst[1]]
            raise BalanceError(
                f"mass balance fails at {place} for {element}: {residual[worst]:+.6g} t of "
                f"{throughput[worst]:.6g} t unaccounted for"
            )

    def table(self, stocks: Stocks) -> pd.DataFrame:
        """See `Records.balance`."""
        residual = self.residual(stocks).sum(axis=0)
        return pd.DataFrame(
            {
                "element": self.network.elements,
                "mined_t": self.mined.sum(axis=0),
                "recycled_t": self.recycled,
                "opening_t": self.opening.sum(axis=0),
                "closing_t": self.stock_now(stocks).sum(axis=0),
                "consumed_t": self.used.sum(axis=0),
                "lost_t": self.lost.sum(axis=0),
                "residual_t": residual,
            }
        )
