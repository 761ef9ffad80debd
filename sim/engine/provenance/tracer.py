"""Provenance: where the tonnes were mined, separated and made, as a passive tracer on the same flows.

A class is (mine country, country of separation, country of metal making), known only as far as a tonne has
come; who made the magnet is the seller itself. Only classes that occur exist. Stocks are well mixed, so a
withdrawal takes every class in proportion. The tracer reads what the engine did and changes nothing of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from sim.engine.books import Book, Landing
from sim.engine.calendar import Calendar
from sim.engine.making import Makers
from sim.engine.mining import Mines
from sim.engine.network import Network
from sim.engine.panel import Panel
from sim.engine.provenance.cells import MakerCells, PlantCells
from sim.engine.provenance.classes import (
    UNKNOWN,
    Change,
    Classes,
    metal_made_in,
    separated_in,
    shares_of,
)
from sim.engine.provenance.deliveries import Deliveries
from sim.engine.provenance.parcels import Parcels
from sim.engine.provenance.rows import Rows
from sim.engine.separation import Plants
from sim.engine.stocks import Stocks
from sim.engine.transport import Consignment
from sim.engine.works import Batch, Taken, Works
from sim.equations.sums import starts_of_runs, sum_by
from sim.world.places import PILE, USE

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

COLUMNS = 16
"""Classes for which room is made at a time."""
NOBODY = np.zeros(0, dtype=np.intp)


@dataclass(slots=True)
class Tracer(Book):
    """Class tonnes of every stock on the way to the users, and what was delivered to them."""

    network: Network
    stocks: Stocks
    calendar: Calendar
    watched: tuple[str, ...]
    rows: Rows
    parcels: Parcels
    deliveries: Deliveries
    longest_batch: int
    """Reviews after which nothing of a batch is in a plant any more"""
    sold: FloatArray
    """[output row + 1, class] t"""
    held: FloatArray
    """[input row + 1, class] t"""
    classes: Classes = field(default_factory=Classes)
    under_way: dict[int, int] = field(default_factory=dict)
    """Review -> lots it sent that have not landed"""
    snapshots: dict[int, FloatArray] = field(default_factory=dict)
    """Review -> [output row, class] shares at the sellers when it sent its lots"""
    batches: dict[tuple[str, int], FloatArray] = field(default_factory=dict)
    """(who, review started) -> [place, element, class] t in process"""
    on_arrival: dict[int, tuple[FloatArray, FloatArray]] = field(default_factory=dict)
    """review sent -> ([lane] t landed since the last review, sellers' composition when it was sent)"""
    arrived: dict[int, FloatArray] = field(default_factory=dict)
    """review sent -> [parcel] t taken in at this review"""
    following: dict[tuple[Change, str], dict[int, int]] = field(default_factory=dict)
    """(change, country) -> class -> its next class, as far as met"""
    _plants: PlantCells | None = None
    _makers: dict[str, MakerCells] = field(default_factory=dict)

    @classmethod
    def of(
        cls, network: Network, stocks: Stocks, calendar: Calendar, watched: Sequence[str],
        review_days: float,
    ) -> Tracer:  # fmt: skip
        """Nothing traced yet."""
        longest = max((site.processing_days for site in network.world.sites.values()), default=0.0)
        regions = tuple(sorted({p.region for p in network.places.values() if p.stage == USE}))
        buyers = [network.places.get(network.inputs[i][0], PILE) for i in network.lane_input]
        final = np.array(
            [regions.index(b.region) if b.stage == USE else -1 for b in buyers], dtype=np.intp
        )
        rows = Rows.of(network)
        parcels = Parcels.of(network, rows.output, rows.input, final)
        return cls(
            network=network,
            stocks=stocks,
            calendar=calendar,
            watched=tuple(watched),
            rows=rows,
            parcels=parcels,
            deliveries=Deliveries(rows, parcels, regions),
            longest_batch=int(np.ceil(longest / review_days)) + 2,
            sold=np.zeros((len(rows.element) + 1, COLUMNS)),
            held=np.zeros((rows.inputs + 1, COLUMNS)),
        )

    # ---- classes

    def _columns(self, needed: int) -> None:
        """Room for more classes."""
        more = -(-(needed - self.sold.shape[1]) // COLUMNS) * COLUMNS
        if more > 0:
            self.sold = np.pad(self.sold, ((0, 0), (0, more)))
            self.held = np.pad(self.held, ((0, 0), (0, more)))

    def _mapped(self, table: FloatArray, change: Change, country: str) -> FloatArray:
        """[row, class] the same tonnes under their next class."""
        known = len(self.classes.names)
        following = self.following.setdefault((change, country), {})
        present = np.flatnonzero(table[:, :known].any(axis=0)).tolist()
        for source in present:
            if source not in following:
                path = change(self.classes.names[source], country)
                following[source] = self.classes.intern(path)
        self._columns(len(self.classes.names))
        out = np.zeros((len(table), self.sold.shape[1]))
        for source in present:
            out[:, following[source]] += table[:, source]
        return out

    def _wide(self, table: FloatArray) -> FloatArray:
        """A stored table with as many classes as there are now."""
        missing = self.sold.shape[1] - table.shape[-1]
        if missing <= 0:
            return table
        return np.concatenate([table, np.zeros((*table.shape[:-1], missing))], axis=-1)

    # ---- what the engine reports

    def prime(self) -> None:
        """Stocks before the first day have no known past: they carry the empty class."""
        stocks = self.stocks
        unknown = self.classes.intern(UNKNOWN)
        network = self.network
        composition = stocks.composition()
        for o in range(len(network.outputs)):
            self._set(
                self.sold,
                self.rows.output[o],
                unknown,
                stocks.sold[o],
                composition[network.output_blend[o]],
                int(network.output_element[o]),
            )
        held = sum_by(network.holder_input, weights=stocks.held[:-1], minlength=len(network.inputs))
        mix = stocks.input_composition()
        for i in range(len(network.inputs)):
            self._set(
                self.held,
                self.rows.input[i],
                unknown,
                held[i],
                mix[network.input_blend[i]],
                int(network.input_element[i]),
            )

    @staticmethod
    def _set(
        table: FloatArray, rows: IntArray, column: int, t: float, mix: FloatArray, element: int
    ) -> None:
        if element >= 0:
            if rows[element] >= 0:
                table[rows[element], column] = t
            return
        inside = rows >= 0
        table[rows[inside], column] = t * mix[inside]

    def released(self, item: int, output: int) -> None:
        """What a stockpile bought is for sale there."""
        bought, sold = self.rows.input[item], self.rows.output[output]
        inside = (bought >= 0) & (sold >= 0)
        self.sold[sold[inside]] += self.held[bought[inside]]
        self.held[bought[inside]] = 0.0

    def dug(self, mines: Mines, mined_t: FloatArray) -> None:
        """New ore of each mine's country."""
        for m, site in enumerate(mines.site):
            if mined_t[m] > 0:
                country = self.network.world.sites[site].country
                column = self.classes.intern((country, "", ""))
                self._columns(len(self.classes.names))
                self.sold[self.rows.output[mines.output[m]], column] += mined_t[m] * mines.basket[m]

    def started(self, works: Works, taken: Taken, batch: Batch, review: int) -> None:
        """The classes of what was taken wait in the batch."""
        if isinstance(works, Plants):
            self._fed(works, taken, review)
        elif isinstance(works, Makers):
            self._making(works, batch, review)

    def finished(
        self, works: Works, batch: Batch, which: IntArray, review: int, gained_t: FloatArray
    ) -> None:
        """Products get the classes of what they were made of, and the country of the step."""
        if isinstance(works, Plants):
            self._separated(works, batch, which, review)
        elif isinstance(works, Makers):
            self._made(works, batch, which, review)

    def _fed(self, plants: Plants, taken: Taken, review: int) -> None:
        network = self.network
        inside = np.zeros((len(plants.site), len(network.elements), self.sold.shape[1]))
        plant, feed = np.nonzero((plants.holder >= 0) & (taken.t > 0))
        rows = self.rows.input[network.holder_input[plants.holder[plant, feed]]]
        k, element = np.nonzero(rows >= 0)
        row, plant, feed = rows[k, element], plant[k], feed[k]
        before = self.held[row]
        before_t = before.sum(axis=1)
        left_t = self.stocks.held_content[plants.feed_blend[plant, feed], element]
        gone_t = np.maximum(0.0, before_t - left_t)
        part = np.divide(gone_t, before_t, out=np.zeros_like(before_t), where=before_t > 0)
        moved = before * part[:, None]
        self.held[row] = before - moved
        # A plant may take several feeds, and an element comes with each of them.
        cell = plant * inside.shape[1] + element
        order = np.argsort(cell, kind="stable")
        first = starts_of_runs(cell[order])
        if len(first):
            recovered = moved * plants.recovery[plant, feed, element][:, None]
            sums = np.add.reduceat(recovered[order], first, axis=0)
            inside[plant[order][first], element[order][first]] = sums
        self.batches[plants.name, review] = inside

    def _separated(self, plants: Plants, batch: Batch, which: IntArray, review: int) -> None:
        """Elements for sale get the plant's country; mixed concentrate stays unseparated."""
        cells = self._plant_cells(plants)
        shares = self._shares_of((plants.name, review), batch.product_t.shape, which)
        out_now = np.zeros(len(plants.site), dtype=np.bool_)
        out_now[which] = True
        for country, here in cells.by_country.items():
            mine = here[out_now[here]]
            if not len(mine):
                continue
            sold, place, element = cells.sold.at(mine)
            gained = shares[place, element, :] * batch.product_t[place, element][:, None]
            moved = self._mapped(gained, separated_in, country)
            self.sold[sold] += moved
        row, place, element = cells.mixed.at(which)
        self.sold[row, : shares.shape[2]] += (
            shares[place, element] * batch.side_t[place, element][:, None]
        )

    def _shares_of(
        self, batch: tuple[str, int], shape: tuple[int, ...], which: IntArray
    ) -> FloatArray:
        """[place, element, class] shares of what waits in a batch; all unknown where nobody noted it."""
        stored = self.batches.get(batch)
        if stored is None:
            return self._unknown(*shape[:2])
        out = np.zeros_like(stored)
        out[which] = shares_of(stored[which].reshape(-1, stored.shape[2])).reshape(out[which].shape)
        return out

    def _unknown(self, *shape: int) -> FloatArray:
        """[..., class] shares of what has no known past."""
        shares = np.zeros((*shape, self.sold.shape[1]))
        shares[..., self.classes.intern(UNKNOWN)] = 1.0
        return shares

    def _making(self, makers: Makers, batch: Batch, review: int) -> None:
        rows = self._maker_cells(makers).used
        inside = np.zeros((*batch.inside_t.shape, self.sold.shape[1]))
        place, element = np.nonzero((batch.inside_t > 0) & (rows >= 0))
        row = rows[place, element]
        before_t = self.held[row]
        total_t = before_t.sum(axis=1)
        used_t = batch.inside_t[place, element]
        gone_t = np.minimum(used_t, total_t)
        part = np.divide(gone_t, total_t, out=np.zeros_like(total_t), where=total_t > 0)
        inside[place, element] = shares_of(before_t)
        self.held[row] = before_t * (1 - part)[:, None]
        self.batches[makers.name, review] = inside

    def _made(self, makers: Makers, batch: Batch, which: IntArray, review: int) -> None:
        """Products and scrap get the classes of the ingredients; metal also its country."""
        cells = self._maker_cells(makers)
        shares = self._shares_of((makers.name, review), batch.inside_t.shape, which)
        out_now = np.zeros(len(makers.site), dtype=np.bool_)
        out_now[which] = True
        # Where metal was made is asked only of the watched countries: fewer classes to carry.
        for country in [] if makers.by_recipe else self.watched:
            here = cells.by_country.get(country, NOBODY)
            here = here[out_now[here]]
            if not len(here):
                continue
            flat = shares[here].reshape(-1, shares.shape[2])
            moved = self._mapped(flat, metal_made_in, country)
            shares = self._wide(shares)
            shares[here] = moved.reshape(len(here), -1, moved.shape[1])
        width = shares.shape[2]
        row, place, product, element = cells.sold.at(which)
        content_t = (
            batch.product_t[place, product]
            if batch.content_t is None
            else batch.content_t[place, product, element]
        )
        self.sold[row, :width] += content_t[:, None] * shares[place, element]
        row, place, element = cells.swarf.at(which)
        self.sold[row, :width] += batch.side_t[place, element][:, None] * shares[place, element]

    def _plant_cells(self, plants: Plants) -> PlantCells:
        if self._plants is None:
            self._plants = PlantCells.of(self.network, self.rows, plants)
        return self._plants

    def _maker_cells(self, makers: Makers) -> MakerCells:
        if makers.name not in self._makers:
            self._makers[makers.name] = MakerCells.of(self.network, self.rows, makers)
        return self._makers[makers.name]

    def leaving(self, by_output_t: FloatArray, review: int) -> None:
        """Before the goods leave: remember what sellers have, take their part out."""
        known = len(self.classes.names)
        self.snapshots[review] = shares_of(self.sold[:-1, :known])
        sold, by_output = self.stocks.sold[:-1], by_output_t
        part = np.divide(by_output[:-1], sold, out=np.zeros_like(sold), where=sold > 0)
        keep = 1 - np.minimum(1.0, part)
        self.sold[:-1, :known] *= keep[self.rows.output_of, None]
        self._forget(review)

    def sent(self, review: int, lots: int) -> None:
        """So many lots are under way."""
        if lots:
            self.under_way[review] = lots

    def landed(self, landing: Landing) -> None:
        """Goods have arrived; they are booked before stocks are next drawn on.

        Lots sent at the same review share the sellers' composition, so their tonnes can be added up.
        """
        by_review: dict[int, list[Consignment]] = {}
        for lot in landing.lots:
            by_review.setdefault(lot.review, []).append(lot)
        for review, arrived in by_review.items():
            lanes = self.network.line_lane[np.concatenate([lot.lines for lot in arrived])]
            tonnes = np.concatenate([lot.tonnes for lot in arrived])
            by_lane = sum_by(lanes, weights=tonnes, minlength=self.parcels.lanes)
            self.on_arrival[review] = by_lane, arrived[0].composition
            if review in self.under_way:
                self.under_way[review] -= len(arrived)
                if not self.under_way[review]:
                    del self.under_way[review]
        self._take_in()

    def _take_in(self) -> None:
        """Put what has landed since the last review into the stocks of makers and plants."""
        parcels = self.parcels
        for review in sorted(self.on_arrival):
            content = parcels.content(*self.on_arrival[review])
            self.arrived[review] = content
            some = parcels.by_goal[content[parcels.by_goal] > 0]
            if not len(some):
                continue
            rows, goal, t = parcels.row[some], parcels.goal[some], content[some]
            shares = self._sellers_shares(review)
            first = starts_of_runs(goal)
            moved = np.add.reduceat(t[:, None] * shares[rows], first, axis=0)
            self.held[goal[first], : moved.shape[1]] += moved
        self.on_arrival.clear()

    def close_span(self, months: list[tuple[int, float]]) -> None:
        """Spread what landed at demand nodes since the last review over its months, by days covered."""
        for review, content in self.arrived.items():
            self.deliveries.land(review, content, months)
        self.arrived.clear()
        if months:
            self.deliveries.close(months[0][0])

    def _forget(self, review: int) -> None:
        """Drop what can no longer arrive or come out, after adding it to the sums."""
        over = {
            sent
            for sent in self.snapshots
            if sent != review and sent not in self.under_way and sent not in self.arrived
        }
        self.deliveries.settle(lambda sent: sent in over, self._sellers_shares)
        for sent in over:
            del self.snapshots[sent]
        old = review - self.longest_batch
        for batch in [k for k in self.batches if k[1] < old]:
            del self.batches[batch]

    def _sellers_shares(self, review: int) -> FloatArray:
        """[output row, class] when the review sent its lots; all unknown where nobody noted it."""
        shares = self.snapshots.get(review)
        return self._unknown(len(self.rows.element)) if shares is None else shares

    def table(self) -> Panel:
        """See `Records.provenance`."""
        months = self.calendar.months()
        self.deliveries.settle(lambda _: True, self._sellers_shares)
        self.deliveries.close(len(months))
        return self.deliveries.table(
            self.classes.names, self.network.elements, months, self.watched
        )
