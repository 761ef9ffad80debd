"""Provenance: where the tonnes were mined, separated and made, as a passive tracer on the same flows.

A class is (mine country, country of separation, country of metal making), known only as far as a tonne has
come; who made the magnet is the seller itself. Only classes that occur exist. Stocks are well mixed, so a
withdrawal takes every class in proportion. The tracer reads what the engine did and changes nothing of it.

A row is one element of one stock: a single-element stock has one row, a blend one for each element.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from sim.engine.calendar import Calendar
from sim.engine.making import Makers, MakingBatch
from sim.engine.mining import Mines
from sim.engine.network import Network
from sim.engine.separation import Plants, SeparationBatch
from sim.engine.stocks import Stocks
from sim.engine.transport import Consignment
from sim.equations.sums import starts_of_runs, sum_by
from sim.world.world import World

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

TRACE_COLUMNS = [
    "month",
    "region",
    "element",
    "mine_country",
    "separation_country",
    "touched",
    "t",
]
COLUMNS = 16
"""Classes for which room is made at a time."""
PathClass = tuple[str, str, str]
"""mine country, separation country, metal country; empty where the tonne has not got there."""
Change = Callable[[PathClass, str], PathClass]
"""What a step in a country makes of a class."""


NOBODY = np.zeros(0, dtype=np.intp)


@dataclass(frozen=True, slots=True)
class _Cells:
    """Rows of a table [place, ..., element] that exist, with their positions in it."""

    row: IntArray
    position: tuple[IntArray, ...]
    places: int

    @classmethod
    def of(cls, rows: IntArray) -> _Cells:
        """All but the dummies."""
        position = np.nonzero(rows >= 0)
        return cls(rows[position], position, len(rows))

    def at(self, places: IntArray) -> tuple[IntArray, ...]:
        """Row and positions of those that lie at one of the places."""
        wanted = np.zeros(self.places, dtype=np.bool_)
        wanted[places] = True
        inside = wanted[self.position[0]]
        return (self.row[inside], *(axis[inside] for axis in self.position))


@dataclass(frozen=True, slots=True)
class _PlantCells:
    """Where separation plants put what they make."""

    by_country: dict[str, IntArray]
    sold: _Cells
    """[plant, element]"""
    mixed: _Cells
    """[plant, element]"""


@dataclass(frozen=True, slots=True)
class _MakerCells:
    """Where makers take their ingredients and put what they make."""

    by_country: dict[str, IntArray]
    used: IntArray
    """[maker, element] row of the ingredient, -1 where there is none"""
    sold: _Cells
    """[maker, product, element]"""
    swarf: _Cells
    """[maker, element]"""


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


@dataclass(slots=True)
class Tracer:
    """Class tonnes of every stock on the way to the users, and what was delivered to them."""

    network: Network
    calendar: Calendar
    watched: tuple[str, ...]
    classes: Classes
    output_row: IntArray
    """[output, element] row, the dummy where the stock cannot hold the element"""
    input_row: IntArray
    """[input, element] row of makers' and plants' inputs; the dummy at demand nodes"""
    sold: FloatArray
    """[output row + 1, class] t"""
    held: FloatArray
    """[input row + 1, class] t"""
    row_element: IntArray
    """[output row] element"""
    row_country: tuple[str, ...]
    """[output row] country of the seller"""
    row_output: IntArray
    """[output row] output"""
    parcels: Parcels
    regions: tuple[str, ...]
    months: list[str]
    longest_batch: int
    """Reviews after which nothing of a batch is in a plant any more"""
    under_way: dict[int, int] = field(default_factory=dict)
    """Review -> lots it sent that have not landed"""
    snapshots: dict[int, FloatArray] = field(default_factory=dict)
    batches: dict[tuple[str, int], FloatArray] = field(default_factory=dict)
    on_arrival: dict[int, tuple[FloatArray, FloatArray]] = field(default_factory=dict)
    """review sent -> ([lane] t landed since the last review, sellers' composition when it was sent)"""
    arrived: dict[int, FloatArray] = field(default_factory=dict)
    """review sent -> [parcel] t taken in at this review"""
    landed_rows: dict[tuple[int, int], FloatArray] = field(default_factory=dict)
    """(review sent, month) -> [region, output row] t landed at demand nodes"""
    delivered: dict[tuple[int, int], FloatArray] = field(default_factory=dict)
    """(month, region) -> [group, class] t; a group is an element from one seller country"""
    following: dict[tuple[Change, str], dict[int, int]] = field(default_factory=dict)
    """(change, country) -> class -> its next class, as far as met"""
    by_group: IntArray = field(init=False)
    """[output row] rows in the order of their groups"""
    group: IntArray = field(init=False)
    """[output row] group"""
    group_names: list[tuple[int, str]] = field(init=False)
    _plants: _PlantCells | None = None
    _makers: dict[int, _MakerCells] = field(default_factory=dict)

    @classmethod
    def of(
        cls, network: Network, calendar: Calendar, watched: Sequence[str], review_days: float
    ) -> Tracer:
        """Nothing traced yet."""
        longest = max((site.processing_days for site in network.world.sites.values()), default=0.0)
        nodes = {d.node: d.region for d in network.world.demand}
        regions = tuple(sorted(set(nodes.values())))
        output_row, elements, sellers = cls._rows(network.outputs, network.output_element, network)
        row_output = np.nonzero(output_row >= 0)[0]
        used = [
            (network.inputs[i] if network.inputs[i][0] not in nodes else None)
            for i in range(len(network.inputs))
        ]
        input_row, _, _ = cls._rows(used, network.input_element, network)
        number = {r: k for k, r in enumerate(regions)}
        final = np.array(
            [number.get(nodes.get(network.inputs[i][0], ""), -1) for i in network.lane_input],
            dtype=np.intp,
        )
        tracer = cls(
            network=network,
            calendar=calendar,
            watched=tuple(watched),
            classes=Classes(),
            output_row=output_row,
            input_row=input_row,
            sold=np.zeros((len(elements) + 1, COLUMNS)),
            held=np.zeros((int(input_row.max(initial=-1)) + 2, COLUMNS)),
            row_element=np.array(elements, dtype=np.intp),
            row_country=tuple(
                network.world.sites[s].country if s in network.world.sites else "" for s in sellers
            ),
            row_output=row_output,
            parcels=Parcels.of(network, output_row, input_row, final),
            regions=regions,
            months=calendar.months(),
            longest_batch=int(np.ceil(longest / review_days)) + 2,
        )
        tracer._make_groups()
        return tracer

    @staticmethod
    def _rows(
        keys: Sequence[tuple[str, str, str] | None], element: IntArray, network: Network
    ) -> tuple[IntArray, list[int], list[str]]:
        table = np.full((len(keys), len(network.elements)), -1, dtype=np.intp)
        elements: list[int] = []
        places: list[str] = []
        holds = _Contents.of(network.world)
        for k, key in enumerate(keys):
            if key is None:
                continue
            inside = holds.elements(key) if element[k] < 0 else [int(element[k])]
            for e in inside:
                table[k, e] = len(elements)
                elements.append(e)
                places.append(key[0])
        return table, elements, places

    def _make_groups(self) -> None:
        names: dict[tuple[int, str], int] = {}
        group = np.array(
            [
                names.setdefault((int(e), c), len(names))
                for e, c in zip(self.row_element, self.row_country, strict=True)
            ],
            dtype=np.intp,
        )
        self.group, self.by_group = group, np.argsort(group, kind="stable")
        self.group_names = list(names)

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

    def prime(self, stocks: Stocks) -> None:
        """Stocks before the first day have no known past: they carry the empty class."""
        unknown = self.classes.intern(("", "", ""))
        network = self.network
        composition = stocks.composition()
        for o in range(len(network.outputs)):
            self._set(
                self.sold,
                self.output_row[o],
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
                self.input_row[i],
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

    def stored(self, item: int, output: int) -> None:
        """What a stockpile bought is for sale there."""
        bought, sold = self.input_row[item], self.output_row[output]
        inside = (bought >= 0) & (sold >= 0)
        self.sold[sold[inside]] += self.held[bought[inside]]
        self.held[bought[inside]] = 0.0

    def mined(self, mines: Mines, mined_t: FloatArray) -> None:
        """New ore of each mine's country."""
        for m, site in enumerate(mines.site):
            if mined_t[m] > 0:
                country = self.network.world.sites[site].country
                column = self.classes.intern((country, "", ""))
                self._columns(len(self.classes.names))
                self.sold[self.output_row[mines.output[m]], column] += mined_t[m] * mines.basket[m]

    def fed(self, plants: Plants, batch: SeparationBatch, stocks: Stocks, review: int) -> None:
        """Feed taken by the plants: its classes wait in the batch."""
        network = self.network
        inside = np.zeros((*batch.elements_t.shape, self.sold.shape[1]))
        plant, feed = np.nonzero((plants.holder >= 0) & (batch.feed_t > 0))
        rows = self.input_row[network.holder_input[plants.holder[plant, feed]]]
        k, element = np.nonzero(rows >= 0)
        row, plant, feed = rows[k, element], plant[k], feed[k]
        before = self.held[row]
        before_t = before.sum(axis=1)
        left_t = stocks.held_content[plants.feed_blend[plant, feed], element]
        gone_t = np.maximum(0.0, before_t - left_t)
        part = np.divide(gone_t, before_t, out=np.zeros_like(before_t), where=before_t > 0)
        taken = before * part[:, None]
        self.held[row] = before - taken
        # A plant may take several feeds, and an element comes with each of them.
        cell = plant * inside.shape[1] + element
        order = np.argsort(cell, kind="stable")
        first = starts_of_runs(cell[order])
        if len(first):
            recovered = taken * plants.recovery[plant, feed, element][:, None]
            sums = np.add.reduceat(recovered[order], first, axis=0)
            inside[plant[order][first], element[order][first]] = sums
        self.batches["plants", review] = inside

    def separated(
        self, plants: Plants, batch: SeparationBatch, which: IntArray, review: int
    ) -> None:
        """Elements for sale get the plant's country; mixed concentrate stays unseparated."""
        cells = self._plant_cells(plants)
        shares = self._shares_of(("plants", review), batch.elements_t.shape, which)
        out_now = np.zeros(len(plants.site), dtype=np.bool_)
        out_now[which] = True
        for country, here in cells.by_country.items():
            mine = here[out_now[here]]
            if not len(mine):
                continue
            sold, place, element = cells.sold.at(mine)
            gained = shares[place, element, :] * batch.elements_t[place, element][:, None]
            moved = self._mapped(gained, separated_in, country)
            self.sold[sold] += moved
        row, place, element = cells.mixed.at(which)
        self.sold[row, : shares.shape[2]] += (
            shares[place, element] * batch.mixed_t[place, element][:, None]
        )

    def _shares_of(
        self, batch: tuple[str, int], shape: tuple[int, ...], which: IntArray
    ) -> FloatArray:
        """[place, element, class] shares of what waits in a batch; all unknown where nobody noted it."""
        stored = self.batches.get(batch)
        if stored is None:
            return self._unknown(*shape[:2])
        out = np.zeros_like(stored)
        out[which] = _shares(stored[which].reshape(-1, stored.shape[2])).reshape(out[which].shape)
        return out

    def _unknown(self, *shape: int) -> FloatArray:
        """[..., class] shares of what has no known past."""
        shares = np.zeros((*shape, self.sold.shape[1]))
        shares[..., self.classes.intern(("", "", ""))] = 1.0
        return shares

    def started(self, k: int, makers: Makers, batch: MakingBatch, review: int) -> None:
        """Ingredients taken by the makers: the classes of each element wait in the batch."""
        rows = self._maker_cells(k, makers).used
        inside = np.zeros((*batch.used_t.shape, self.sold.shape[1]))
        place, element = np.nonzero((batch.used_t > 0) & (rows >= 0))
        row = rows[place, element]
        before_t = self.held[row]
        total_t = before_t.sum(axis=1)
        used_t = batch.used_t[place, element]
        part = np.divide(used_t, total_t, out=np.zeros_like(total_t), where=total_t > 0)
        inside[place, element] = _shares(before_t)
        self.held[row] = before_t * (1 - np.minimum(1.0, part))[:, None]
        self.batches[f"makers {k}", review] = inside

    def made(
        self, k: int, makers: Makers, batch: MakingBatch, which: IntArray, review: int
    ) -> None:
        """Products and scrap get the classes of the ingredients; metal also its country."""
        cells = self._maker_cells(k, makers)
        shares = self._shares_of((f"makers {k}", review), batch.used_t.shape, which)
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
        content_t = batch.content_t[place, product, element]
        self.sold[row, :width] += content_t[:, None] * shares[place, element]
        row, place, element = cells.swarf.at(which)
        self.sold[row, :width] += batch.swarf_t[place, element][:, None] * shares[place, element]

    def _plant_cells(self, plants: Plants) -> _PlantCells:
        if self._plants is None:
            self._plants = _PlantCells(
                self._by_country(plants.site),
                _Cells.of(_rows_at(self.output_row, plants.output)),
                _Cells.of(self._rows_of(plants.mixed_output)),
            )
        return self._plants

    def _maker_cells(self, k: int, makers: Makers) -> _MakerCells:
        if k not in self._makers:
            network = self.network
            used = np.full((len(makers.site), len(network.elements)), -1, dtype=np.intp)
            for m, site in enumerate(makers.site):
                for e, name in enumerate(network.elements):
                    item = network.input_index((site, network.shape.takes.get(site, ""), name))
                    used[m, e] = self.input_row[item, e] if item >= 0 else -1
            self._makers[k] = _MakerCells(
                self._by_country(makers.site),
                used,
                _Cells.of(self._rows_of(makers.output)),
                _Cells.of(self._rows_of(makers.swarf_output)),
            )
        return self._makers[k]

    def _rows_of(self, outputs: IntArray) -> IntArray:
        """[..., element] rows of outputs [...]; -1 where there is no output or it cannot hold the element."""
        return np.where(outputs[..., None] >= 0, self.output_row[np.maximum(outputs, 0)], -1)

    def _by_country(self, sites: Sequence[str]) -> dict[str, IntArray]:
        """Country -> positions of its sites."""
        found: dict[str, list[int]] = {}
        for position, site in enumerate(sites):
            found.setdefault(self.network.world.sites[site].country, []).append(position)
        return {country: np.array(at, dtype=np.intp) for country, at in sorted(found.items())}

    def dispatched(self, review: int, by_output: FloatArray, stocks: Stocks) -> None:
        """Before the goods leave: remember what sellers have, take their part out."""
        known = len(self.classes.names)
        self.snapshots[review] = _shares(self.sold[:-1, :known])
        sold = stocks.sold[:-1]
        part = np.divide(by_output[:-1], sold, out=np.zeros_like(sold), where=sold > 0)
        keep = 1 - np.minimum(1.0, part)
        self.sold[:-1, :known] *= keep[self.row_output, None]
        self._forget(review)

    def sent(self, review: int, lots: int) -> None:
        """So many lots are under way."""
        if lots:
            self.under_way[review] = lots

    def landed(self, lots: Sequence[Consignment]) -> None:
        """Goods have arrived; they are booked before stocks are next drawn on.

        Lots sent at the same review share the sellers' composition, so their tonnes can be added up.
        """
        by_review: dict[int, list[Consignment]] = {}
        for lot in lots:
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

    def take_in(self) -> None:
        """Put what has landed since the last review into the stocks of makers and plants."""
        parcels = self.parcels
        for review in sorted(self.on_arrival):
            content = parcels.content(*self.on_arrival[review])
            self.arrived[review] = content
            some = parcels.by_goal[content[parcels.by_goal] > 0]
            if not len(some):
                continue
            rows, goal, t = parcels.row[some], parcels.goal[some], content[some]
            shares = self.snapshots.get(review)
            if shares is None:
                shares = self._unknown(len(self.row_element))
            first = starts_of_runs(goal)
            moved = np.add.reduceat(t[:, None] * shares[rows], first, axis=0)
            self.held[goal[first], : moved.shape[1]] += moved
        self.on_arrival.clear()

    def close_span(self, months: list[tuple[int, float]]) -> None:
        """Spread what landed at demand nodes since the last review over its months, by days covered."""
        parcels = self.parcels
        for review, content in self.arrived.items():
            some = np.flatnonzero((content > 0) & (parcels.region >= 0))
            if not months or not len(some):
                continue
            width = len(self.row_element)
            table = sum_by(
                parcels.region[some] * width + parcels.row[some],
                weights=content[some],
                minlength=len(self.regions) * width,
            ).reshape(-1, width)
            for month, part in months:
                key = (review, month)
                before = self.landed_rows.get(key)
                self.landed_rows[key] = table * part if before is None else before + table * part
        self.arrived.clear()

    # ---- sums and table

    def _forget(self, review: int) -> None:
        """Drop what can no longer arrive or come out, after adding it to the sums."""
        over = {
            sent
            for sent in self.snapshots
            if sent != review and sent not in self.under_way and sent not in self.arrived
        }
        self._settle(lambda sent: sent in over)
        for sent in over:
            del self.snapshots[sent]
        old = review - self.longest_batch
        for batch in [k for k in self.batches if k[1] < old]:
            del self.batches[batch]

    def _settle(self, ready: Callable[[int], bool]) -> None:
        for key in sorted(k for k in self.landed_rows if ready(k[0])):
            content = self.landed_rows.pop(key)
            review, month = key
            shares = self.snapshots.get(review)
            table = self._unknown(content.shape[1]) if shares is None else shares
            for region in np.flatnonzero(content.any(axis=1)):
                rows = self.by_group[content[region, self.by_group] > 0]
                group = self.group[rows]
                first = starts_of_runs(group)
                moved = content[region, rows, None] * table[rows]
                where = (month, int(region))
                sums = self._sums(where, table.shape[1])
                sums[group[first], : table.shape[1]] += np.add.reduceat(moved, first, axis=0)

    def _sums(self, where: tuple[int, int], width: int) -> FloatArray:
        """[group, class] of a month and region, wide enough."""
        sums = self.delivered.get(where)
        if sums is None:
            sums = np.zeros((len(self.group_names), width))
        elif sums.shape[1] < width:
            sums = np.pad(sums, ((0, 0), (0, width - sums.shape[1])))
        self.delivered[where] = sums
        return sums

    def table(self) -> pd.DataFrame:
        """See `Records.provenance`."""
        self._settle(lambda _: True)
        keys, number = self._final_keys()
        cells = sorted(self.delivered.items())
        rows, tonnes = [], []
        for (month, region), sums in cells:
            t = sum_by(
                number[:, : sums.shape[1]].ravel(), weights=sums.ravel(), minlength=len(keys)
            )
            key = np.flatnonzero(t > 1e-12)
            rows.append(np.column_stack([np.full_like(key, month), np.full_like(key, region), key]))
            tonnes.append(t[key])
        if not rows:
            return pd.DataFrame(columns=TRACE_COLUMNS)
        month, region, key = np.concatenate(rows).T
        index = pd.DataFrame(keys, columns=TRACE_COLUMNS[2:-1]).astype("category")
        table = index.take(key).reset_index(drop=True)
        table.insert(0, "month", pd.Categorical.from_codes(month, self.months))
        table.insert(1, "region", pd.Categorical.from_codes(region, list(self.regions)))
        table["t"] = np.concatenate(tonnes)
        return table

    def _final_keys(self) -> tuple[list[tuple[str, str, str, str]], IntArray]:
        """(element, mine, separation, touched) sorted, and [group, class] the number of its key."""
        found = []
        for element, maker in self.group_names:
            row = []
            for mine, separation, metal in self.classes.names:
                steps = {mine, separation, metal, maker}
                touched = ",".join(w for w in self.watched if w in steps)
                row.append((self.network.elements[element], mine, separation, touched))
            found.append(row)
        keys = sorted({key for row in found for key in row})
        index = {key: i for i, key in enumerate(keys)}
        return keys, np.array([[index[key] for key in row] for row in found], dtype=np.intp)


@dataclass(frozen=True, slots=True)
class Parcels:
    """The elements that each lane can carry, one parcel each."""

    lanes: int
    lane: IntArray
    element: IntArray
    blend: IntArray
    """[parcel] seller's blend, -1 where the lane carries a single element"""
    row: IntArray
    """[parcel] seller's row"""
    goal: IntArray
    """[parcel] row of the maker's or plant's input, -1 at demand nodes and piles"""
    region: IntArray
    """[parcel] region of the demand node, -1 elsewhere"""
    by_goal: IntArray
    """Parcels with a goal, in the order of their goals"""

    @classmethod
    def of(
        cls, network: Network, output_row: IntArray, input_row: IntArray, final: IntArray
    ) -> Parcels:
        """All parcels in the order of lanes."""
        rows = output_row[network.lane_output]
        lane, element = np.nonzero(rows >= 0)
        at_node = final[lane] >= 0
        goal = np.where(at_node, -1, input_row[network.lane_input[lane], element])
        return cls(
            lanes=len(network.lane_output),
            lane=lane,
            element=element,
            blend=network.output_blend[network.lane_output[lane]],
            row=rows[lane, element],
            goal=goal,
            region=final[lane],
            by_goal=np.argsort(goal, kind="stable")[np.count_nonzero(goal < 0) :],
        )

    def content(self, by_lane: FloatArray, composition: FloatArray) -> FloatArray:
        """[parcel] t of each element in lane tonnes [lane]."""
        content = by_lane[self.lane]
        mixed = self.blend >= 0
        content[mixed] *= composition[self.blend[mixed], self.element[mixed]]
        return content


@dataclass(frozen=True, slots=True)
class _Contents:
    """Which elements a blend can hold, so that no row is kept for what never occurs."""

    mined: list[int]
    of_grade: dict[str, list[int]]
    of_mine: dict[str, list[int]]

    @classmethod
    def of(cls, world: World) -> _Contents:
        """Read from ores and recipes."""
        index = {element.symbol: i for i, element in enumerate(world.elements)}
        mines = {
            site.id: sorted(index[e] for e, share in site.basket.items() if share > 0)
            for site in world.sites.values()
            if site.basket
        }
        grades = {}
        for recipe in world.recipes.values():
            found = {part.element for part in recipe.ingredients}
            for part in recipe.ingredients:
                found |= set(world.groups.get(part.replaced_by, (part.replaced_by,))) - {""}
            grades[recipe.product] = sorted(index[e] for e in found)
        every = {e for inside in (*mines.values(), *grades.values()) for e in inside}
        return cls(sorted(every), grades, mines)

    def elements(self, key: tuple[str, str, str]) -> list[int]:
        """Of a blend by place, form and product; what is not a grade or an ore can hold all that is mined."""
        place, _, product = key
        return self.of_grade.get(product) or self.of_mine.get(place) or self.mined


def separated_in(path: PathClass, country: str) -> PathClass:
    """The next class of a tonne that a plant of that country splits out."""
    return path[0], country, ""


def metal_made_in(path: PathClass, country: str) -> PathClass:
    """The next class of a tonne that becomes metal in that country."""
    return path[0], path[1], country


def _rows_at(output_row: IntArray, outputs: IntArray) -> IntArray:
    """[place, element] row of the element that each output [place, element] sells, -1 where there is none."""
    element = np.arange(outputs.shape[1])
    return np.where(outputs >= 0, output_row[np.maximum(outputs, 0), element], -1)


def _shares(table: FloatArray) -> FloatArray:
    total = table.sum(axis=1)
    per_t = np.divide(1.0, total, out=np.zeros_like(total), where=total > 0)
    shares: FloatArray = table * per_t[:, None]
    return shares
