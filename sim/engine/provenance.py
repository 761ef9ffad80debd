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
from sim.equations.sums import sum_by

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
PathClass = tuple[str, str, str]
"""mine country, separation country, metal country; empty where the tonne has not got there."""


@dataclass(slots=True)
class Classes:
    """Classes that occur, numbered as they are met; the meeting order depends on names only."""

    names: list[PathClass] = field(default_factory=list)
    number: dict[PathClass, int] = field(default_factory=dict)
    capacity: int = 32

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
    longest_days: float
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
    by_group: IntArray = field(init=False)
    """[output row] rows in the order of their groups"""
    group: IntArray = field(init=False)
    """[output row] group"""
    group_names: list[tuple[int, str]] = field(init=False)
    _input_numbers: dict[tuple[str, str, str], int] = field(default_factory=dict)

    @classmethod
    def of(cls, network: Network, calendar: Calendar, watched: Sequence[str]) -> Tracer:
        """Nothing traced yet."""
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
            sold=np.zeros((len(elements) + 1, 32)),
            held=np.zeros((int(input_row.max(initial=-1)) + 2, 32)),
            row_element=np.array(elements, dtype=np.intp),
            row_country=tuple(
                network.world.sites[s].country if s in network.world.sites else "" for s in sellers
            ),
            row_output=row_output,
            parcels=Parcels.of(network, output_row, input_row, final),
            regions=regions,
            months=calendar.months(),
            longest_days=float(network.lane_transit_days.max(initial=0.0)) + 400.0,
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
        for k, key in enumerate(keys):
            if key is None:
                continue
            inside = range(len(network.elements)) if element[k] < 0 else [int(element[k])]
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
        while needed > self.sold.shape[1]:
            self.sold = np.hstack([self.sold, np.zeros_like(self.sold)])
            self.held = np.hstack([self.held, np.zeros_like(self.held)])

    def _mapped(self, table: FloatArray, change: Callable[[PathClass], PathClass]) -> FloatArray:
        """[row, class] the same tonnes under their next class."""
        known = len(self.classes.names)
        present = np.flatnonzero(table[:, :known].any(axis=0))
        target = {int(c): self.classes.intern(change(self.classes.names[int(c)])) for c in present}
        self._columns(len(self.classes.names))
        out = np.zeros((len(table), self.sold.shape[1]))
        for source, goal in target.items():
            out[:, goal] += table[:, source]
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
        item = np.where(plants.holder >= 0, network.holder_input[np.maximum(plants.holder, 0)], -1)
        inside = np.zeros((*batch.elements_t.shape, self.sold.shape[1]))
        left_t = stocks.held_content[plants.feed_blend]
        for p in range(len(plants.site)):
            for f in range(plants.holder.shape[1]):
                if item[p, f] < 0 or batch.feed_t[p, f] <= 0:
                    continue
                rows = self.input_row[item[p, f]]
                before_t = self.held[rows].sum(axis=1)
                gone_t = np.maximum(0.0, before_t - left_t[p, f])
                part = np.divide(gone_t, before_t, out=np.zeros_like(before_t), where=before_t > 0)
                taken = self.held[rows] * part[:, None]
                self.held[rows] -= taken
                inside[p] += taken * plants.recovery[p, f][:, None]
        self.batches["plants", review] = inside

    def separated(
        self, plants: Plants, batch: SeparationBatch, which: IntArray, review: int
    ) -> None:
        """Elements for sale get the plant's country; mixed concentrate stays unseparated."""
        stored = self.batches.get(("plants", review))
        for p in which:
            country = self.network.world.sites[plants.site[p]].country
            out_t = batch.elements_t[p]
            known = None if stored is None else _shares(self._wide(stored[p]))
            shares = self._unknown(len(out_t)) if known is None else known
            sells = plants.output[p] >= 0
            rows = self.output_row[plants.output[p][sells], np.flatnonzero(sells)]
            gained = self._mapped(shares[sells] * out_t[sells, None], separated_in(country))
            self.sold[rows] += gained
            if plants.mixed_output[p] >= 0:
                mixed = self._wide(shares * batch.mixed_t[p][:, None])
                self.sold[self.output_row[plants.mixed_output[p]]] += mixed

    def _unknown(self, rows: int) -> FloatArray:
        shares = np.zeros((rows, self.sold.shape[1]))
        shares[:, self.classes.intern(("", "", ""))] = 1.0
        return shares

    def started(self, k: int, makers: Makers, batch: MakingBatch, review: int) -> None:
        """Ingredients taken by the makers: the classes of each element wait in the batch."""
        network = self.network
        inside = np.zeros((*batch.used_t.shape, self.sold.shape[1]))
        for m, site in enumerate(makers.site):
            form = network.shape.takes.get(site, "")
            for e in np.flatnonzero(batch.used_t[m] > 0):
                item = self._input(site, form, int(e))
                row = self.input_row[item, e]
                total = self.held[row].sum()
                if total > 0:
                    part = min(1.0, batch.used_t[m, e] / total)
                    inside[m, e] = self.held[row] / total
                    self.held[row] *= 1 - part
        self.batches[f"makers {k}", review] = inside

    def _input(self, site: str, form: str, element: int) -> int:
        key = (site, form, self.network.elements[element])
        if key not in self._input_numbers:
            self._input_numbers[key] = self.network.input_index(key)
        return self._input_numbers[key]

    def made(
        self, k: int, makers: Makers, batch: MakingBatch, which: IntArray, review: int
    ) -> None:
        """Products and scrap get the classes of the ingredients; metal also its country."""
        stored = self.batches.get((f"makers {k}", review))
        for m in which:
            country = self.network.world.sites[makers.site[m]].country
            n = batch.used_t.shape[1]
            shares = self._unknown(n) if stored is None else self._wide(stored[m])
            if not makers.by_recipe:
                shares = self._mapped(shares, metal_made_in(country))
            for g in np.flatnonzero(makers.output[m] >= 0):
                content = batch.content_t[m, g]
                some = np.flatnonzero(content > 0)
                rows = self.output_row[makers.output[m, g], some]
                self.sold[rows] += content[some, None] * shares[some]
            if makers.swarf_output[m] >= 0:
                rows = self.output_row[makers.swarf_output[m]]
                self.sold[rows] += batch.swarf_t[m][:, None] * shares

    def dispatched(self, review: int, by_output: FloatArray, stocks: Stocks) -> None:
        """Before the goods leave: remember what sellers have, take their part out."""
        known = len(self.classes.names)
        self.snapshots[review] = _shares(self.sold[:-1, :known])
        sold = stocks.sold[:-1]
        part = np.divide(by_output[:-1], sold, out=np.zeros_like(sold), where=sold > 0)
        keep = 1 - np.minimum(1.0, part)
        self.sold[:-1, :known] *= keep[self.row_output, None]
        self._forget(review)

    def landed(self, lot: Consignment) -> None:
        """Goods arrive; they are booked before stocks are next drawn on.

        Lots sent at the same review share the sellers' composition, so their tonnes can be added up.
        """
        waiting = self.on_arrival.get(lot.review)
        if waiting is None:
            waiting = np.zeros(self.parcels.lanes), lot.composition
            self.on_arrival[lot.review] = waiting
        np.add.at(waiting[0], self.network.line_lane[lot.lines], lot.tonnes)

    def take_in(self) -> None:
        """Put what has landed since the last review into the stocks of makers and plants."""
        parcels = self.parcels
        for review in sorted(self.on_arrival):
            content = parcels.content(*self.on_arrival[review])
            self.arrived[review] = content
            some = np.flatnonzero((content > 0) & (parcels.goal >= 0))
            rows, goal, t = parcels.row[some], parcels.goal[some], content[some]
            shares = self.snapshots.get(review)
            if shares is None:
                np.add.at(self.held[:, self.classes.intern(("", "", ""))], goal, t)
            else:
                np.add.at(self.held[:, : shares.shape[1]], goal, t[:, None] * shares[rows])
        self.on_arrival.clear()

    def close_span(self, months: list[tuple[int, float]]) -> None:
        """Spread what landed at demand nodes since the last review over its months, by days covered."""
        parcels = self.parcels
        for review, content in self.arrived.items():
            some = np.flatnonzero((content > 0) & (parcels.region >= 0))
            if not months or not len(some):
                continue
            table = np.zeros((len(self.regions), len(self.row_element)))
            np.add.at(table, (parcels.region[some], parcels.row[some]), content[some])
            for month, part in months:
                key = (review, month)
                before = self.landed_rows.get(key)
                self.landed_rows[key] = table * part if before is None else before + table * part
        self.arrived.clear()

    # ---- sums and table

    def _forget(self, review: int) -> None:
        """Drop what can no longer arrive or come out, after adding it to the sums."""
        old = review - int(np.ceil(self.longest_days / 7)) - 60
        self._settle(lambda sent: sent < old)
        for key in [k for k in self.snapshots if k < old]:
            del self.snapshots[key]
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
                first = np.flatnonzero(np.diff(group, prepend=-1))
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
        parts = []
        for (month, region), sums in sorted(self.delivered.items()):
            t = sum_by(
                number[:, : sums.shape[1]].ravel(), weights=sums.ravel(), minlength=len(keys)
            )
            for k in np.flatnonzero(t > 1e-12):
                parts.append((self.months[month], self.regions[region], *keys[k], float(t[k])))
        return pd.DataFrame(parts, columns=TRACE_COLUMNS)

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
        )

    def content(self, by_lane: FloatArray, composition: FloatArray) -> FloatArray:
        """[parcel] t of each element in lane tonnes [lane]."""
        content = by_lane[self.lane]
        mixed = self.blend >= 0
        content[mixed] *= composition[self.blend[mixed], self.element[mixed]]
        return content


def separated_in(country: str) -> Callable[[PathClass], PathClass]:
    """The next class of a tonne that a plant of that country splits out."""
    return lambda path: (path[0], country, "")


def metal_made_in(country: str) -> Callable[[PathClass], PathClass]:
    """The next class of a tonne that becomes metal in that country."""
    return lambda path: (path[0], path[1], country)


def _shares(table: FloatArray) -> FloatArray:
    total = table.sum(axis=1)
    per_t = np.divide(1.0, total, out=np.zeros_like(total), where=total > 0)
    shares: FloatArray = table * per_t[:, None]
    return shares
