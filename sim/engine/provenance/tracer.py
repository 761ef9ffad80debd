"""Provenance: where the tonnes were mined, separated and made, as a passive tracer on the same flows.

A class is (mine country, country of separation, country of metal making), known only as far as a tonne has
come; who made the magnet is the seller itself. Only classes that occur exist. Stocks are well mixed, so a
withdrawal takes every class in proportion. The tracer reads what the engine did and changes nothing of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from sim.engine.books import Book, Landing
from sim.engine.calendar import Calendar
from sim.engine.making import Makers
from sim.engine.mining import Mines
from sim.engine.network import Network
from sim.engine.panel import Panel
from sim.engine.provenance.cells import MakerCells, MineCells, PlantCells
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
from sim.engine.provenance.rows import Cells, Rows
from sim.engine.provenance.snapshots import Shares, Snapshot, Snapshots
from sim.engine.separation import Plants
from sim.engine.stocks import Stocks, shares_by_element
from sim.engine.works import Batch, Made, Outlet, Taken, Works
from sim.equations.sums import sum_by
from sim.world.places import PILE, USE

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

COLUMNS = 16
"""Classes for which room is made at a time."""


@dataclass(slots=True)
class Tracer(Book):
    """Class tonnes of every stock on the way to the users, and what was delivered to them."""

    network: Network
    stocks: Stocks
    calendar: Calendar
    watched: tuple[str, ...]
    rows: Rows
    parcels: Parcels
    region: IntArray
    """[input] region of the demand node, -1 elsewhere"""
    deliveries: Deliveries
    longest_batch: int
    """Reviews after which nothing of a batch is in a plant any more"""
    is_under_way: Callable[[int], bool]
    """Whether something that a review sent is yet to be taken in"""
    sold: FloatArray
    """[output row + 1, class] t"""
    held: FloatArray
    """[input row + 1, class] t"""
    classes: Classes = field(default_factory=Classes)
    snapshots: Snapshots = field(init=False)
    """From the first day on"""
    landed_now: tuple[list[int], FloatArray] | None = None
    """Reviews that sent what was taken in at this review, and of each [region, output row] t for end users"""
    batches: dict[tuple[str, int], Shares] = field(default_factory=dict)
    """(who, review started) -> what is in process, by place and element as one number"""
    following: dict[Change, IntArray] = field(default_factory=dict)
    """Change -> [country, class] its next class, -1 where not yet met"""
    _cells_at: dict[tuple[int, int], tuple[IntArray, ...]] = field(default_factory=dict)
    _mines: MineCells | None = None
    _plants: PlantCells | None = None
    _makers: dict[str, MakerCells] = field(default_factory=dict)

    @classmethod
    def of(
        cls, network: Network, stocks: Stocks, calendar: Calendar, watched: Sequence[str],
        review_days: float, is_under_way: Callable[[int], bool],
    ) -> Tracer:  # fmt: skip
        """Nothing traced yet."""
        longest = max((site.processing_days for site in network.world.sites.values()), default=0.0)
        regions = tuple(sorted({p.region for p in network.places.values() if p.stage == USE}))
        buyers = [network.places.get(place, PILE) for place, _, _ in network.inputs]
        final = np.array(
            [regions.index(b.region) if b.stage == USE else -1 for b in buyers], dtype=np.intp
        )
        rows = Rows.of(network)
        parcels = Parcels.of(
            network, rows.output, rows.input, final, network.lane_output, network.lane_input
        )
        return cls(
            network=network,
            stocks=stocks,
            calendar=calendar,
            watched=tuple(watched),
            rows=rows,
            parcels=parcels,
            region=final,
            deliveries=Deliveries(rows, regions),
            longest_batch=int(np.ceil(longest / review_days)) + 2,
            is_under_way=is_under_way,
            sold=np.zeros((len(rows.element) + 1, COLUMNS)),
            held=np.zeros((rows.inputs + 1, COLUMNS)),
        )

    def carry_over(self, other: Tracer) -> None:
        """Know what the tracer of another column knows, after a review."""
        self.sold, self.held = other.sold.copy(), other.held.copy()
        self.classes = Classes(list(other.classes.names), dict(other.classes.number))
        self.snapshots = Snapshots(other.snapshots.unnoted, dict(other.snapshots.noted))
        self.batches = dict(other.batches)
        self.following = {change: table.copy() for change, table in other.following.items()}
        self.deliveries.carry_over(other.deliveries)

    def know_pairs(self, outputs: IntArray, holders: IntArray) -> None:
        """Goods also go from these outputs to these holders, numbered behind the lanes."""
        network = self.network
        if len(self.parcels.number) == len(network.lane_output) + len(outputs):
            return
        self.parcels = Parcels.of(
            network, self.rows.output, self.rows.input, self.region,
            np.concatenate([network.lane_output, outputs]),
            np.concatenate([network.lane_input, network.holder_input[holders]]),
        )  # fmt: skip

    # ---- classes

    def _columns(self, needed: int) -> None:
        """Room for more classes."""
        more = -(-(needed - self.sold.shape[1]) // COLUMNS) * COLUMNS
        if more > 0:
            self.sold = np.pad(self.sold, ((0, 0), (0, more)))
            self.held = np.pad(self.held, ((0, 0), (0, more)))

    def _next(
        self, change: Change, countries: Sequence[str], country: IntArray, source: IntArray
    ) -> IntArray:
        """[cell] next class of each `source` class in a `country`, by the number that these have."""
        known = len(self.classes.names)
        table = self.following.get(change)
        if table is None or table.shape[1] < known:
            wider = np.full((len(countries), known + COLUMNS), -1, dtype=np.intp)
            if table is not None:
                wider[:, : table.shape[1]] = table
            table = self.following[change] = wider
        found = table[country, source]
        for at in np.unique(np.flatnonzero(found < 0)).tolist():
            where = int(country[at]), int(source[at])
            if table[where] < 0:
                path = change(self.classes.names[where[1]], countries[where[0]])
                table[where] = self.classes.intern(path)
        self._columns(len(self.classes.names))
        return table[country, source]

    # ---- what the engine reports

    def prime(self, composition: FloatArray) -> None:
        """Stocks before the first day have no known past: they carry the empty class.

        What is under way then was of this composition [output blend + 1, element].
        """
        stocks, unknown = self.stocks, self.classes.intern(UNKNOWN)
        unnoted = Shares.all_of(unknown, len(self.rows.element))
        self.snapshots = Snapshots(Snapshot.of(unnoted, composition))
        network = self.network
        mix = _shares_by_element(stocks.sold_content)
        for o in range(len(network.outputs)):
            self._set(
                self.sold,
                self.rows.output[o],
                unknown,
                stocks.sold[o],
                mix[network.output_blend[o]],
                int(network.output_element[o]),
            )
        held = sum_by(network.holder_input, weights=stocks.held[:-1], minlength=len(network.inputs))
        mix = _shares_by_element(stocks.held_content)
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

    def released(self, item: int, output: int, column: int) -> None:
        """What a stockpile bought is for sale there."""
        bought, sold = self.rows.input[item], self.rows.output[output]
        inside = (bought >= 0) & (sold >= 0)
        self.sold[sold[inside]] += self.held[bought[inside]]
        self.held[bought[inside]] = 0.0

    def dug(self, mines: Mines, mined_t: FloatArray) -> None:
        """New ore of each mine's country."""
        if self._mines is None:
            self._mines = MineCells.of(self.network, self.rows, mines)
        cells = self._mines
        class_ = np.array(
            [self.classes.intern((c, "", "")) for c in cells.countries], dtype=np.intp
        )
        self._columns(len(self.classes.names))
        ore_t = mined_t[cells.mine] * mines.basket[cells.mine, cells.element]
        np.add.at(self.sold, (cells.row, class_[cells.country]), ore_t)

    def started(self, works: Works, taken: Taken, batch: Batch, review: int) -> None:
        """The classes of what was taken wait in the batch."""
        if isinstance(works, Plants):
            self._fed(works, taken, review)
        elif isinstance(works, Makers):
            self._making(works, batch, review)

    def finished(self, made: Made) -> None:
        """Products get the classes of what they were made of, and the country of the step."""
        works = made.outlet.works
        if isinstance(works, Plants):
            self._separated(works, made)
        elif isinstance(works, Makers):
            self._made(works, made)

    def _fed(self, plants: Plants, taken: Taken, review: int) -> None:
        cells = self._plant_cells(plants)
        before = self.held[cells.fed_row]
        before_t = before.sum(axis=1)
        left_t = self.stocks.held_content[cells.fed_blend, cells.fed_element]
        runs = taken.t[cells.fed_plant, cells.fed_form] > 0
        gone_t = np.where(runs, np.maximum(0.0, before_t - left_t), 0.0)
        part = np.divide(gone_t, before_t, out=np.zeros_like(before_t), where=before_t > 0)
        moved = before * part[:, None]
        self.held[cells.fed_row] = before - moved
        recovery = plants.recovery[cells.fed_plant, cells.fed_form, cells.fed_element]
        # A plant may take several feeds, and an element comes with each of them.
        inside = cells.fed.total(moved * recovery[:, None])
        self.batches[plants.name, review] = Shares.of(shares_of(inside))

    def _separated(self, plants: Plants, made: Made) -> None:
        """Elements for sale get the plant's country; mixed concentrate stays unseparated."""
        cells, batch, inside = self._plant_cells(plants), made.batch, self._inside(plants, made)
        elements = len(self.network.elements)
        row, place, element = self._at(cells.sold, made.outlet)
        item, source, t = inside.split(place * elements + element, batch.product_t[place, element])
        country = cells.country_of[place[item]]
        class_ = self._next(separated_in, cells.countries, country, source)
        np.add.at(self.sold, (row[item], class_), t)
        row, place, element = self._at(cells.mixed, made.outlet)
        item, class_, t = inside.split(place * elements + element, batch.side_t[place, element])
        np.add.at(self.sold, (row[item], class_), t)

    def _inside(self, works: Works, made: Made) -> Shares:
        """What a batch is of, by place and element as one number; all unknown where nobody noted it."""
        noted = self.batches.get((works.name, made.started))
        if noted is not None:
            return noted
        unknown = self.classes.intern(UNKNOWN)
        return Shares.all_of(unknown, len(works.site) * len(self.network.elements))

    def _at(self, cells: Cells, outlet: Outlet) -> tuple[IntArray, ...]:
        """Row and positions of the cells of an outlet's places; looked up once."""
        key = id(cells), id(outlet)
        if key not in self._cells_at:
            self._cells_at[key] = cells.at(outlet.which)
        return self._cells_at[key]

    def _making(self, makers: Makers, batch: Batch, review: int) -> None:
        rows, elements = self._maker_cells(makers).used, len(self.network.elements)
        place, element = np.nonzero((batch.inside_t > 0) & (rows >= 0))
        row = rows[place, element]
        before_t = self.held[row]
        total_t = before_t.sum(axis=1)
        used_t = batch.inside_t[place, element]
        gone_t = np.minimum(used_t, total_t)
        part = np.divide(gone_t, total_t, out=np.zeros_like(total_t), where=total_t > 0)
        cell, size = place * elements + element, rows.size
        self.batches[makers.name, review] = Shares.of(shares_of(before_t), cell, size)
        self.held[row] = before_t * (1 - part)[:, None]

    def _made(self, makers: Makers, made: Made) -> None:
        """Products and scrap get the classes of the ingredients; metal also its country."""
        cells, batch, inside = self._maker_cells(makers), made.batch, self._inside(makers, made)
        row, place, product, element = self._at(cells.sold, made.outlet)
        content_t = (
            batch.product_t[place, product]
            if batch.content_t is None
            else batch.content_t[place, product, element]
        )
        self._put(makers, inside, row, place, element, content_t)
        row, place, element = self._at(cells.swarf, made.outlet)
        self._put(makers, inside, row, place, element, batch.side_t[place, element])

    def _put(
        self, makers: Makers, inside: Shares, row: IntArray, place: IntArray, element: IntArray,
        content_t: FloatArray,
    ) -> None:  # fmt: skip
        """Put what makers made of what was inside into their stores."""
        cell = place * len(self.network.elements) + element
        item, class_, t = inside.split(cell, content_t)
        # Where metal was made is asked only of the watched countries: fewer classes to carry.
        if not makers.by_recipe and self.watched:
            told = self._maker_cells(makers).told(self.watched)[place[item]]
            some = np.flatnonzero(told >= 0)
            class_[some] = self._next(metal_made_in, self.watched, told[some], class_[some])
        np.add.at(self.sold, (row[item], class_), t)

    def _plant_cells(self, plants: Plants) -> PlantCells:
        if self._plants is None:
            self._plants = PlantCells.of(self.network, self.rows, plants)
        return self._plants

    def _maker_cells(self, makers: Makers) -> MakerCells:
        if makers.name not in self._makers:
            self._makers[makers.name] = MakerCells.of(self.network, self.rows, makers)
        return self._makers[makers.name]

    def leaving(self, by_output_t: FloatArray, composition: FloatArray, review: int) -> None:
        """Before the goods leave: remember what sellers have, take their part out."""
        known = len(self.classes.names)
        shares = Shares.of(shares_of(self.sold[:-1, :known]))
        self.snapshots.noted[review] = Snapshot.of(shares, composition)
        self._take_out(by_output_t)
        self._forget(review)

    def discarded(self, by_output_t: FloatArray, composition: FloatArray) -> None:
        """Every class loses the same part of its tonnes."""
        self._take_out(by_output_t)

    def _take_out(self, by_output_t: FloatArray) -> None:
        """Out of what sellers have, before their stocks know of it."""
        sold = self.stocks.sold[:-1]
        part = np.divide(by_output_t[:-1], sold, out=np.zeros_like(sold), where=sold > 0)
        keep = 1 - np.minimum(1.0, part)
        self.sold[:-1, : len(self.classes.names)] *= keep[self.rows.output_of, None]

    def landed(self, landing: Landing) -> None:
        """Put what has landed since the last review into the stocks of makers and plants.

        Lots sent at the same review share the sellers' composition, so their tonnes are added up.
        """
        ((_, parcels),) = landing.senders.items()
        if not parcels:
            return
        reviews = sorted({review for review, _, _ in parcels})
        number = {review: n for n, review in enumerate(reviews)}
        sizes = [len(lanes) for _, lanes, _ in parcels]
        sent = np.repeat([number[review] for review, _, _ in parcels], sizes)
        lane = np.concatenate([lanes for _, lanes, _ in parcels])
        tonnes = np.concatenate([t for _, _, t in parcels])
        parcel, position = self.parcels.of_lanes(lane)
        sender, sellers = sent[position], [self.snapshots.of(review) for review in reviews]
        compositions = np.array([each.composition for each in sellers])
        cell = sender * compositions[0].size + self.parcels.cell[parcel]
        content = tonnes[position] * compositions.reshape(-1).take(cell)
        self._take_in(parcel, sender, content, [each.shares for each in sellers])
        region = self.parcels.region[parcel]
        final = np.flatnonzero((region >= 0) & (content > 0))
        rows, regions = len(self.rows.element), len(self.deliveries.regions)
        at = (sender[final] * regions + region[final]) * rows + self.parcels.row[parcel[final]]
        size = len(reviews) * regions * rows
        delivered = sum_by(at, weights=content[final], minlength=size)
        self.landed_now = reviews, delivered.reshape(-1, regions, rows)

    def _take_in(
        self, parcel: IntArray, sender: IntArray, content: FloatArray, sellers: Sequence[Shares]
    ) -> None:
        """Put parcels with their classes, as the sellers had them, into the stocks of makers and plants."""
        goal, rows = self.parcels.goal[parcel], len(self.rows.element)
        some = np.flatnonzero((goal >= 0) & (content > 0))
        shares = Shares.one_after_the_other(sellers)
        row = sender[some] * rows + self.parcels.row[parcel[some]]
        item, class_, t = shares.split(row, content[some])
        np.add.at(self.held, (goal[some][item], class_), t)

    def close_span(self, months: list[tuple[int, float]]) -> None:
        """Spread what landed at demand nodes since the last review over its months, by days covered."""
        if self.landed_now is not None:
            for review, content in zip(*self.landed_now, strict=True):
                self.deliveries.land(review, content, months)
            self.landed_now = None
        if months:
            self.deliveries.close(months[0][0])

    def _forget(self, review: int) -> None:
        """Drop what can no longer arrive or come out, after adding it to the sums."""
        waits = set(self.landed_now[0]) if self.landed_now is not None else set()
        over = {
            sent
            for sent in self.snapshots.noted
            if sent != review and sent not in waits and not self.is_under_way(sent)
        }
        self.deliveries.settle(lambda sent: sent in over, self.snapshots.of)
        for sent in over:
            del self.snapshots.noted[sent]
        old = review - self.longest_batch
        for batch in [k for k in self.batches if k[1] < old]:
            del self.batches[batch]

    def table(self) -> Panel:
        """See `Records.provenance`."""
        months = self.calendar.months()
        self.deliveries.settle(lambda _: True, self.snapshots.of)
        self.deliveries.close(len(months))
        return self.deliveries.table(
            self.classes.names, self.network.elements, months, self.watched
        )


def _shares_by_element(content_t: FloatArray) -> FloatArray:
    """[blend, element] part of each element in a content, in t."""
    return shares_by_element(content_t[..., None])[..., 0]
