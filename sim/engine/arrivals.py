"""Arrivals: what is on the way, by the review that will take it in.

Nobody looks at stocks between two reviews, so what lands in between needs no event of its own: the review that
follows finds it, with the days that it then has waited. What leaves right after a review by the usual routes is
kept whole, in the order of a timetable, and each later review takes its part of it; single goods (of trains,
and of lines on which something changes between two reviews) are put with the review that will take them in.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields

import numpy as np
import numpy.typing as npt

from sim.engine.contents import Contents
from sim.engine.network import Network
from sim.equations.sums import Groups, spread

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]

Parcels = list[tuple[int, IntArray, FloatArray]]
"""(review that sent them, lanes, t)"""
Senders = dict[int, Parcels]
"""Column that is traced -> what it is sent"""


@dataclass(frozen=True, slots=True)
class Arrivals:
    """What one review takes in."""

    by_lane_t: FloatArray
    """[lane, column]"""
    tonne_days: FloatArray
    """[lane, column] the same times the days from landing to the review"""
    by_holder_t: FloatArray
    """[holder, column]"""
    content_t: FloatArray
    """[input blend + 1, element, column] of blends"""

    @classmethod
    def none(cls, network: Network, columns: int) -> Arrivals:
        """Nothing arrives."""
        lanes = (len(network.lane_output), columns)
        content = (network.number_of_input_blends + 1, len(network.elements), columns)
        holders = (len(network.holder_input), columns)
        return cls(np.zeros(lanes), np.zeros(lanes), np.zeros(holders), np.zeros(content))

    def spread(self, columns: int) -> Arrivals:
        """The same in so many columns, from one."""
        return Arrivals(
            *(np.repeat(getattr(self, each.name), columns, axis=-1) for each in fields(self))
        )

    def add(self, other: Arrivals) -> None:
        """What arrives beside it."""
        np.add(self.by_lane_t, other.by_lane_t, out=self.by_lane_t)
        np.add(self.tonne_days, other.tonne_days, out=self.tonne_days)
        np.add(self.by_holder_t, other.by_holder_t, out=self.by_holder_t)
        np.add(self.content_t, other.content_t, out=self.content_t)


@dataclass(frozen=True, slots=True)
class Haul:
    """Lines that are taken in at the same review when they leave at the same time."""

    reviews: int
    """From the one that sends them to the one that takes them in"""
    lines: slice
    """Positions in the timetable"""
    cells: slice
    """Positions among its cells"""


@dataclass(frozen=True, slots=True, eq=False)
class Timetable:
    """Lines in the order in which they are taken in when all leave at once, by certain routes."""

    key: bytes
    """What it was made of; timetables are looked at in the order of these"""
    lines: IntArray
    """[position] line"""
    hauls: tuple[Haul, ...]
    lane: Groups
    """[position] lane"""
    holder: Groups
    """[position] holder"""
    waited_days: FloatArray
    """[lane, 1] from landing to the review that takes them in"""
    carries: IntArray
    """[cell] lane that carries a blend, for each element that it can hold"""
    source: IntArray
    """[cell] the seller's blend and the element, as one number"""
    goal: Groups
    """[cell] the buyer's blend and the element, as one number"""

    @classmethod
    def of(
        cls,
        network: Network,
        *,
        landing_days: FloatArray,
        which: BoolArray,
        span: float,
        key: bytes,
    ) -> Timetable:
        """Of lines `which` [line], whose goods land `landing_days` [line] after the review that sends them.

        All lines of a lane land at the same time.
        """
        reviews = np.ceil(landing_days / span).astype(np.intp)
        lines = np.flatnonzero(which)
        lines = lines[np.argsort(reviews[lines], kind="stable")]
        waited = np.zeros((len(network.lane_output), 1))
        waited[network.line_lane[lines], 0] = (reviews * span - landing_days)[lines]
        carries, source, goal = _cells(network, network.line_lane[lines])
        after = np.zeros(len(network.lane_output), dtype=np.intp)
        after[network.line_lane[lines]] = reviews[lines]
        hauls = [
            Haul(
                int(number),
                slice(*np.searchsorted(reviews[lines], [number, number + 1]).tolist()),
                slice(*np.searchsorted(after[carries], [number, number + 1]).tolist()),
            )
            for number in np.unique(reviews[lines])
        ]
        cells = (network.number_of_input_blends + 1) * len(network.elements)
        return cls(
            key=key,
            lines=lines,
            hauls=tuple(hauls),
            lane=Groups(network.line_lane[lines], len(network.lane_output)),
            holder=Groups(network.line_holder[lines], len(network.holder_input)),
            waited_days=waited,
            carries=carries,
            source=source,
            goal=Groups(goal, cells),
        )


def _cells(network: Network, lanes: IntArray) -> tuple[IntArray, IntArray, IntArray]:
    """[cell] lane, seller's and buyer's blend and element, of lanes with blends, in their order."""
    holds, elements = Contents.of(network.world), len(network.elements)
    found = []
    for lane in dict.fromkeys(lanes.tolist()):
        output, item = network.lane_output[lane], network.lane_input[lane]
        blend, into = int(network.output_blend[output]), int(network.input_blend[item])
        for element in holds.elements(network.outputs[output]) if blend >= 0 else ():
            found.append((lane, blend * elements + element, into * elements + element))
    lane, source, goal = np.array(found, dtype=np.intp).reshape(-1, 3).T
    return lane, source, goal


@dataclass(frozen=True, slots=True)
class Sent:
    """What left right after a review by one timetable."""

    goods: FloatArray
    """[position, column]"""
    composition: FloatArray
    """[cell, column] of the sellers' blends then"""

    def spread(self, columns: int) -> Sent:
        """The same in so many columns, from one; nobody writes to it."""
        return Sent(spread(self.goods, columns), spread(self.composition, columns))


@dataclass(slots=True)
class OnTheWay:
    """All that has been sent and is not yet taken in."""

    network: Network
    columns: int
    traced: frozenset[int]
    """Columns of which it must be known which review sent what"""
    sent: dict[Timetable, dict[int, Sent]] = field(default_factory=dict)
    """Timetable -> review that sent it -> goods"""
    due: dict[int, Arrivals] = field(default_factory=dict)
    """Review -> single goods that it takes in"""
    senders: dict[int, dict[int, Parcels]] = field(default_factory=dict)
    """Review -> column that is traced -> single goods that it takes in"""
    under_way: dict[tuple[int, int], int] = field(default_factory=dict)
    """Column that is traced and review -> parts of what it sent that are yet to be taken in"""

    # ---- putting in

    def send(
        self, timetable: Timetable, shipped_t: FloatArray, composition: FloatArray, review: int
    ) -> None:
        """Send what leaves right after a review, [line, column] t.

        `composition` is [output blend + 1, element, column] of the sellers' blends.
        """
        goods = shipped_t.take(timetable.lines, axis=0)
        mix = composition.reshape(-1, self.columns).take(timetable.source, axis=0)
        by_review = self.sent.setdefault(timetable, {})
        before = by_review.get(review)
        # Other columns may go by the same timetable for another reason.
        by_review[review] = Sent(goods if before is None else before.goods + goods, mix)
        for column in sorted(self.traced):
            parts = [haul for haul in timetable.hauls if (goods[haul.lines, column] > 0).any()]
            self.count(column, review, len(parts))

    def put(
        self,
        *,
        lines: IntArray,
        columns: IntArray,
        tonnes: FloatArray,
        composition: FloatArray,
        sent: int,
        taken_in: IntArray,
        waited_days: FloatArray,
    ) -> None:
        """Single goods [parcel]: of a line and column, sent at a review and taken in at another.

        `composition` is [output blend + 1, element, column].
        """
        network = self.network
        lanes, holders = network.line_lane[lines], network.line_holder[lines]
        for review in np.unique(taken_in).tolist():
            now = np.flatnonzero(taken_in == review)
            at, t = columns[now], tonnes[now]
            if review not in self.due:
                self.due[review] = Arrivals.none(network, self.columns)
            into = self.due[review]
            np.add.at(into.by_lane_t, (lanes[now], at), t)
            np.add.at(into.tonne_days, (lanes[now], at), t * waited_days[now])
            np.add.at(into.by_holder_t, (holders[now], at), t)
            source = network.output_blend[network.lane_output[lanes[now]]]
            mixed = np.flatnonzero(source >= 0)
            if len(mixed):
                goal = network.input_blend[network.lane_input[lanes[now][mixed]]]
                content = t[mixed, None] * composition[source[mixed], :, at[mixed]]
                np.add.at(into.content_t.swapaxes(1, 2), (goal, at[mixed]), content)
            for column in sorted(self.traced & set(at.tolist())):
                mine = at == column
                parcels = self.senders.setdefault(review, {}).setdefault(column, [])
                parcels.append((sent, lanes[now][mine], t[mine]))
                self.count(column, sent, +1)

    # ---- taking in

    def take_in(self, review: int) -> tuple[Arrivals, Senders]:
        """What a review takes in, and of traced columns who sent it."""
        arrivals = self.due.pop(review, None)
        senders = self.senders.pop(review, {})
        for column, parcels in senders.items():
            for sender, _, _ in parcels:
                self.count(column, sender, -1)
        # In an order of their own, whichever column has used one first.
        for timetable in sorted(self.sent, key=lambda timetable: timetable.key):
            now = self._by_timetable(timetable, review, senders)
            if arrivals is None:
                arrivals = now
            elif now is not None:
                arrivals.add(now)
        return arrivals or Arrivals.none(self.network, self.columns), senders

    def _by_timetable(
        self, timetable: Timetable, review: int, senders: dict[int, Parcels]
    ) -> Arrivals | None:
        by_review = self.sent[timetable]
        goods, mixes, empty = [], [], True
        for haul in timetable.hauls:
            sent = by_review.get(review - haul.reviews)
            if sent is None:
                goods.append(np.zeros((haul.lines.stop - haul.lines.start, self.columns)))
                mixes.append(np.zeros((haul.cells.stop - haul.cells.start, self.columns)))
                continue
            empty = False
            goods.append(sent.goods[haul.lines])
            mixes.append(sent.composition[haul.cells])
            self._note(timetable, haul, sent, review - haul.reviews, senders)
        longest = max((haul.reviews for haul in timetable.hauls), default=0)
        by_review.pop(review - longest, None)
        if not by_review:
            del self.sent[timetable]
        if empty:
            return None
        tonnes = np.concatenate(goods)
        by_lane = timetable.lane.total(tonnes)
        content = np.concatenate(mixes)
        content *= by_lane.take(timetable.carries, axis=0)
        shape = (self.network.number_of_input_blends + 1, len(self.network.elements), self.columns)
        return Arrivals(
            by_lane,
            by_lane * timetable.waited_days,
            timetable.holder.total(tonnes),
            timetable.goal.total(content).reshape(shape),
        )

    def _note(
        self, timetable: Timetable, haul: Haul, sent: Sent, sender: int, senders: dict[int, Parcels]
    ) -> None:
        """Of traced columns, that a review takes in what another sent."""
        for column in sorted(self.traced):
            goods, lanes = sent.goods[haul.lines, column], timetable.lane.number[haul.lines]
            some = np.flatnonzero(goods > 0)
            if len(some):
                senders.setdefault(column, []).append((sender, lanes[some], goods[some]))
                self.count(column, sender, -1)

    # ---- who waits for what

    def count(self, column: int, review: int, parts: int) -> None:
        """So many parts more, or less, of what a review sent are under way."""
        if column in self.traced and parts:
            left = self.under_way.get((column, review), 0) + parts
            self.under_way[column, review] = left
            if not left:
                del self.under_way[column, review]

    def is_under_way(self, column: int, review: int) -> bool:
        """Whether something that a review sent in a traced column is yet to be taken in."""
        return (column, review) in self.under_way
