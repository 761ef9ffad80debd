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
from sim.engine.works import Batch, Made, Taken, Works
from sim.equations.sums import Groups, total
from sim.words.problems import BalanceError
from sim.world.names import RECYCLING
from sim.world.places import PILE

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]

TOLERANCE = 1e-9
"""Of the larger of a site's throughput of the element and 1 t."""


@dataclass(slots=True)
class Ledger(Book):
    """Sums since the first day, t. What comes and goes is summed by stock, and by place when it is asked for.

    Places are sites, demand nodes and piles.
    """

    network: Network
    columns: int
    places: tuple[str, ...] = field(init=False)
    row_of: dict[str, int] = field(init=False)
    """Place -> its row"""
    mined: FloatArray = field(init=False)
    """[place, element, column], as `lost`, `in_process` and `opening`"""
    lost: FloatArray = field(init=False)
    in_process: FloatArray = field(init=False)
    opening: FloatArray = field(init=False)
    recycled: FloatArray = field(init=False)
    """[element, column] oxide won back from scrap; inside the balance, shown beside it"""
    sent_t: FloatArray = field(init=False)
    """[output + 1, column], and of blends [output blend + 1, element, column]"""
    sent_content_t: FloatArray = field(init=False)
    discarded_t: FloatArray = field(init=False)
    """As `sent_t`, and of blends as `sent_content_t`"""
    discarded_content_t: FloatArray = field(init=False)
    arrived_t: FloatArray = field(init=False)
    """[input, column], and of blends [input blend + 1, element, column], as what was used"""
    arrived_content_t: FloatArray = field(init=False)
    used_t: FloatArray = field(init=False)
    used_content_t: FloatArray = field(init=False)
    _rows: dict[tuple[str, ...], IntArray] = field(init=False, default_factory=dict)
    """Sites -> their rows"""
    _recycles: BoolArray = field(init=False)
    """[place]"""
    _blends: IntArray = field(init=False)
    """Outputs that are blends, in the order of their rows"""

    def __post_init__(self) -> None:
        network, n = self.network, self.columns
        names = [p for p, _, _ in network.outputs] + [p for p, _, _ in network.inputs]
        self.places = tuple(sorted(set(names)))
        self.row_of = {p: i for i, p in enumerate(self.places)}
        elements = len(network.elements)
        for name in ("mined", "lost", "in_process", "opening"):
            setattr(self, name, np.zeros((len(self.places), elements, n)))
        self.recycled = np.zeros((elements, n))
        self._blends = np.flatnonzero(network.output_blend >= 0)
        for name in ("sent", "discarded"):
            setattr(self, f"{name}_t", np.zeros((len(network.outputs) + 1, n)))
            content = np.zeros((network.number_of_output_blends + 1, elements, n))
            setattr(self, f"{name}_content_t", content)
        for name in ("arrived", "used"):
            setattr(self, f"{name}_t", np.zeros((len(network.inputs), n)))
            content = np.zeros((network.number_of_input_blends + 1, elements, n))
            setattr(self, f"{name}_content_t", content)
        stages = [network.places.get(p, PILE).stage for p in self.places]
        self._recycles = np.array([stage == RECYCLING for stage in stages], dtype=np.bool_)

    # ---- what it hears

    def dug(self, mines: Mines, mined_t: FloatArray) -> None:
        """Ore comes in."""
        self.mined[self._rows_of(mines.site)] += mined_t[:, None] * mines.basket[..., None]

    def started(self, works: Works, taken: Taken, batch: Batch, review: int) -> None:
        """More is in process."""
        self.in_process[self._rows_of(works.site)] += batch.inside_t

    def was_under_way(self, made: Made) -> None:
        """Some of what there is at first is in process."""
        outlet, inside_t = made.outlet, made.batch.inside_t[made.outlet.which]
        rows = self._rows_of(outlet.works.site)[outlet.which]
        self.in_process[rows] += inside_t
        self.opening[rows] += inside_t

    def finished(self, made: Made) -> None:
        """Less is in process, and part of it is lost."""
        outlet, batch = made.outlet, made.batch
        rows = self._rows_of(outlet.works.site)[outlet.which]
        self.in_process[rows] -= batch.inside_t[outlet.which]
        self.lost[rows] += batch.lost_t[outlet.which]
        again = outlet.which[self._recycles[rows]]
        if len(again):
            self.recycled += total(batch.product_t[again], axis=0)

    def leaving(self, by_output_t: FloatArray, composition: FloatArray, review: int) -> None:
        """Goods go out."""
        self.sent_t += by_output_t
        self.sent_content_t[:-1] += by_output_t[self._blends][:, None] * composition[:-1]

    def discarded(self, by_output_t: FloatArray, composition: FloatArray) -> None:
        """Goods are thrown away."""
        self.discarded_t += by_output_t
        self.discarded_content_t[:-1] += by_output_t[self._blends][:, None] * composition[:-1]

    def landed(self, landing: Landing) -> None:
        """Goods come in."""
        self.arrived_t += landing.by_input_t
        self.arrived_content_t += landing.content_t

    def consumed(self, by_input_t: FloatArray, content_t: FloatArray) -> None:
        """Goods are used up."""
        self.used_t += by_input_t
        self.used_content_t += content_t

    def _rows_of(self, sites: tuple[str, ...]) -> IntArray:
        if sites not in self._rows:
            self._rows[sites] = np.array([self.row_of[s] for s in sites], dtype=np.intp)
        return self._rows[sites]

    # ---- what it says

    def _at_sellers(self, tonnes: FloatArray, content: FloatArray) -> FloatArray:
        """[place, element, column] from [output + 1, column] and [output blend + 1, element, column]."""
        network = self.network
        return self._by_place(
            network.outputs, network.output_element, network.output_blend, tonnes[:-1], content
        )

    def at_users(self, tonnes: FloatArray, content: FloatArray) -> FloatArray:
        """[place, element, column] from [input, column] and [input blend + 1, element, column]."""
        network = self.network
        return self._by_place(
            network.inputs, network.input_element, network.input_blend, tonnes, content
        )

    def _by_place(
        self, keys: tuple[tuple[str, str, str], ...], element: IntArray, blend: IntArray,
        tonnes: FloatArray, content: FloatArray,
    ) -> FloatArray:  # fmt: skip
        """[place, element, column] of items: tonnes of single elements, content of blends."""
        place = np.array([self.row_of[p] for p, _, _ in keys], dtype=np.intp)
        single, (n_places, n_elements, n) = element >= 0, self.mined.shape
        cell = place[single] * n_elements + element[single]
        out = Groups(cell, n_places * n_elements).total(tonnes[single])
        blended = Groups(place[~single], n_places).total(content[blend[~single]])
        return out.reshape(n_places, n_elements, n) + blended

    def stock_now(self, stocks: Stocks) -> FloatArray:
        """[place, element, column] what is on hand and in process."""
        network = self.network
        held = Groups(network.holder_input, len(network.inputs)).total(stocks.held[:-1])
        return (
            self.in_process
            + self._at_sellers(stocks.sold, stocks.sold_content)
            + self.at_users(held, stocks.held_content)
        )

    def _came(self) -> FloatArray:
        arrived = self.at_users(self.arrived_t, self.arrived_content_t)
        return self.opening + self.mined + arrived

    def residual(self, stocks: Stocks) -> FloatArray:
        """[place, element, column] tonnes that appeared (above 0) or vanished (below)."""
        went = self._at_sellers(self.sent_t, self.sent_content_t) + self._used() + self.lost
        went += self._discarded()
        return self.stock_now(stocks) - (self._came() - went)

    def _discarded(self) -> FloatArray:
        return self._at_sellers(self.discarded_t, self.discarded_content_t)

    def _used(self) -> FloatArray:
        return self.at_users(self.used_t, self.used_content_t)

    def faults(self, stocks: Stocks) -> list[BalanceError | None]:
        """Of each column the error that names the site and element whose tonnes do not add up."""
        residual, throughput = self.residual(stocks), self._came()
        allowed = TOLERANCE * np.maximum(throughput, 1.0)
        return [
            self._fault(residual[..., c], throughput[..., c], allowed[..., c])
            for c in range(self.columns)
        ]

    def _fault(
        self, residual: FloatArray, throughput: FloatArray, allowed: FloatArray
    ) -> BalanceError | None:
        worst = np.unravel_index(np.argmax(np.abs(residual) / allowed), residual.shape)
        if abs(residual[worst]) <= allowed[worst]:  # not so where it is not a number
            return None
        place, element = self.places[worst[0]], self.network.elements[worst[1]]
        return BalanceError(
            f"mass balance fails at {place} for {element}: {residual[worst]:+.6g} t of "
            f"{throughput[worst]:.6g} t unaccounted for"
        )

    def tables(self, stocks: Stocks) -> list[pd.DataFrame]:
        """Of each column, see `Records.balance`."""
        values = {
            "mined_t": total(self.mined, axis=0),
            "recycled_t": self.recycled,
            "opening_t": total(self.opening, axis=0),
            "closing_t": total(self.stock_now(stocks), axis=0),
            "consumed_t": total(self._used(), axis=0),
            "lost_t": total(self.lost, axis=0),
            "discarded_t": total(self._discarded(), axis=0),
            "residual_t": total(self.residual(stocks), axis=0),
        }
        return [
            pd.DataFrame(
                {"element": self.network.elements, **{k: v[:, c] for k, v in values.items()}}
            )
            for c in range(self.columns)
        ]
