"""Arrivals: what is on the way, by the review that will take it in.

Nobody looks at stocks between two reviews, so what lands in between needs no event of its own: it is put
where the review that follows will find it, with the days that it then has waited.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from sim.engine.incidence import Incidence
from sim.engine.network import Network
from sim.equations.sums import Groups

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]


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

    def clear(self) -> None:
        """Nothing arrives."""
        for table in (self.by_lane_t, self.tonne_days, self.by_holder_t, self.content_t):
            table.fill(0.0)


@dataclass(frozen=True, slots=True)
class Haul:
    """Lines that are taken in at the same review when they leave at the same time, and what belongs to them."""

    reviews: int
    """From the one that sends them to the one that takes them in"""
    lines: IntArray
    lanes: IntArray
    waited_days: FloatArray
    """[lane, 1] from landing to the review that takes them in"""
    goals: IntArray
    """Holders"""
    holder: Groups
    """[line] position among the goals"""
    mixed: IntArray
    """Positions among the lanes of those that carry blends"""
    source: IntArray
    """[blend lane] the seller's blend"""
    inputs: IntArray
    """Rows of the buyers' blends"""
    input: Groups
    """[blend lane] position among them"""


def hauls_of(
    network: Network,
    incidence: Incidence,
    *,
    landing_days: FloatArray,
    which: BoolArray,
    span: float,
) -> tuple[Haul, ...]:
    """Lines `which` [line], whose goods land `landing_days` [line] after the review; all of a lane alike."""
    reviews = np.ceil(landing_days / span).astype(np.intp)
    hauls = []
    for number in np.unique(reviews[which]):
        lines = np.flatnonzero(which & (reviews == number))
        lanes, first = np.unique(network.line_lane[lines], return_index=True)
        goals, holder = np.unique(network.line_holder[lines], return_inverse=True)
        mixed = np.flatnonzero(network.output_blend[network.lane_output[lanes]] >= 0)
        into = network.input_blend[network.lane_input[lanes[mixed]]]
        inputs, at = np.unique(into, return_inverse=True)
        waited = number * span - landing_days[lines[first]]
        hauls.append(
            Haul(
                reviews=int(number),
                lines=lines,
                lanes=lanes,
                waited_days=waited[:, None],
                goals=goals,
                holder=Groups(holder.astype(np.intp), len(goals)),
                mixed=mixed,
                source=network.output_blend[network.lane_output[lanes[mixed]]],
                inputs=inputs,
                input=Groups(at.astype(np.intp), len(inputs)),
            )
        )
    return tuple(hauls)


@dataclass(slots=True)
class OnTheWay:
    """All that has been sent and is not yet taken in."""

    network: Network
    incidence: Incidence
    columns: int
    traced: frozenset[int]
    """Columns of which it must be known which review sent what"""
    due: dict[int, Arrivals] = field(default_factory=dict)
    """Review -> what it takes in"""
    sent: dict[int, dict[int, dict[int, FloatArray]]] = field(default_factory=dict)
    """Review -> column that is traced -> review that sent it -> [lane] t"""
    _open: dict[tuple[int, int], int] = field(default_factory=dict)
    """Column that is traced and review -> parts of what it sent that are yet to be taken in"""
    _spare: list[Arrivals] = field(default_factory=list)

    def at(self, review: int) -> Arrivals:
        """What a review will take in, to be added to."""
        if review not in self.due:
            self.due[review] = self._spare.pop() if self._spare else self._empty()
        return self.due[review]

    def _empty(self) -> Arrivals:
        network, n = self.network, self.columns
        content = (network.number_of_input_blends + 1, len(network.elements), n)
        lanes = (len(network.lane_output), n)
        return Arrivals(
            np.zeros(lanes), np.zeros(lanes), np.zeros((len(network.holder_input), n)),
            np.zeros(content),
        )  # fmt: skip

    def take_in(
        self, review: int
    ) -> tuple[Arrivals | None, Mapping[int, Mapping[int, FloatArray]]]:
        """What a review takes in, and of traced columns who sent it; `put_back` when it is booked."""
        sent = self.sent.pop(review, {})
        for column, by_sender in sent.items():
            for sender in by_sender:
                self.count(column, sender, -1)
        return self.due.pop(review, None), sent

    def count(self, column: int, review: int, parts: int) -> None:
        """So many parts more, or less, of what a review sent are under way."""
        if column in self.traced:
            left = self._open.get((column, review), 0) + parts
            self._open[column, review] = left
            if not left:
                del self._open[column, review]

    def is_under_way(self, column: int, review: int) -> bool:
        """Whether something that a review sent in a traced column is yet to be taken in."""
        return (column, review) in self._open

    def put_back(self, arrivals: Arrivals | None) -> None:
        """The arrays are free for other arrivals."""
        if arrivals is not None:
            arrivals.clear()
            self._spare.append(arrivals)

    # ---- putting in

    def send(
        self,
        hauls: tuple[Haul, ...],
        shipped_t: FloatArray,
        composition: FloatArray,
        review: int,
        columns: IntArray | None = None,
    ) -> None:
        """Send what leaves right after a review, [line, column] t of these `columns` (all where None).

        `composition` is [output blend + 1, element, column] of all columns.
        """
        everywhere = slice(None) if columns is None else columns
        for haul in hauls:
            goods = shipped_t.take(haul.lines, axis=0)
            if not goods.any():
                continue
            into = self.at(review + haul.reviews)
            by_lane = self._by_lane(haul, goods)
            holder = haul.holder.total(goods)
            content = None
            if len(haul.mixed):
                mix = composition.take(haul.source, axis=0)[..., everywhere]
                content = haul.input.total(by_lane.take(haul.mixed, axis=0)[:, None] * mix)
            if columns is None:
                into.by_lane_t[haul.lanes] += by_lane
                into.tonne_days[haul.lanes] += by_lane * haul.waited_days
                into.by_holder_t[haul.goals] += holder
                if content is not None:
                    into.content_t[haul.inputs] += content
            else:
                lanes, goals = haul.lanes[:, None], haul.goals[:, None]
                into.by_lane_t[lanes, columns] += by_lane
                into.tonne_days[lanes, columns] += by_lane * haul.waited_days
                into.by_holder_t[goals, columns] += holder
                if content is not None:
                    into.content_t[haul.inputs[:, None], :, columns] += np.moveaxis(content, 1, 2)
            self._note(haul, by_lane, review, columns)

    def _by_lane(self, haul: Haul, goods: FloatArray) -> FloatArray:
        if len(haul.lines) == len(haul.lanes):
            return goods
        number = np.searchsorted(haul.lanes, self.network.line_lane[haul.lines])
        return Groups(number.astype(np.intp), len(haul.lanes)).total(goods)

    def _note(self, haul: Haul, by_lane: FloatArray, review: int, columns: IntArray | None) -> None:
        for column in sorted(self.traced):
            at = column if columns is None else int(np.searchsorted(columns, column))
            if columns is not None and (at >= len(columns) or columns[at] != column):
                continue
            if by_lane[:, at].any():
                self._of(review + haul.reviews, column, review)[haul.lanes] += by_lane[:, at]

    def _of(self, taken_in: int, column: int, sent: int) -> FloatArray:
        """[lane] t that a review takes in of what another sent, to be added to."""
        by_sender = self.sent.setdefault(taken_in, {}).setdefault(column, {})
        if sent not in by_sender:
            by_sender[sent] = np.zeros(len(self.network.lane_output))
            self.count(column, sent, +1)
        return by_sender[sent]

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
            into, at, t = self.at(review), columns[now], tonnes[now]
            np.add.at(into.by_lane_t, (lanes[now], at), t)
            np.add.at(into.tonne_days, (lanes[now], at), t * waited_days[now])
            np.add.at(into.by_holder_t, (holders[now], at), t)
            source = network.output_blend[network.lane_output[lanes[now]]]
            mixed = np.flatnonzero(source >= 0)
            if len(mixed):
                goal = network.input_blend[network.lane_input[lanes[now][mixed]]]
                content = t[mixed, None] * composition[source[mixed], :, at[mixed]]
                np.add.at(into.content_t, (goal, slice(None), at[mixed]), content)
            for column in sorted(self.traced & set(at.tolist())):
                mine = at == column
                np.add.at(self._of(review, column, sent), lanes[now][mine], t[mine])
