"""The border: what the levers of all columns allow on the days that a review sells for, laid out for the rules.

Most days nothing changes, and what was laid out for the last review still holds. Lines on which something
changes between two reviews, with all lines of their needs, become cells, looked at on each stretch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from sim.engine.network import Network
from sim.engine.permits import differ
from sim.engine.regime import Allowed, Columns, Stretch
from sim.equations.sums import Groups
from sim.rules.allocating import Cells, Days
from sim.rules.ordering import Lines

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]


@dataclass(slots=True)
class Border:
    """What is allowed, [line, column]."""

    network: Network
    lines: Lines
    columns: int
    open: FloatArray = field(init=False)
    shut: FloatArray = field(init=False)
    held: FloatArray = field(init=False)
    able: FloatArray = field(init=False)
    _able: BoolArray = field(init=False)
    """[line] whether its seller may be asked"""
    _shown: list[Allowed | None] = field(init=False)
    """[column] what the arrays say"""
    _changing: dict[int, IntArray] = field(default_factory=dict)
    """Column -> lines that were cells at the last review"""

    def __post_init__(self) -> None:
        shape = (len(self.network.line_lane), self.columns)
        for name in ("open", "shut", "held", "able"):
            setattr(self, name, np.zeros(shape))
        self._able = self.lines.may_be_asked
        self._shown = [None] * self.columns

    def look(self, coming: Columns) -> Days:
        """What holds on the days from a review to the next, in stretches."""
        parts = []
        for column, stretches in enumerate(coming):
            self._lay(column, stretches[0].allowed)
            cells = self._that_change(stretches)
            if cells is not None:
                parts.append((column, cells))
                self._changing[column] = cells
        found = self._cells(parts, coming) if parts else None
        if found is not None:
            for table in (self.shut, self.held, self.able):
                table.ravel()[found.flat] = 0.0
            self.open.ravel()[found.flat] = found.opens()
        return Days(self.open, self.shut, self.held, self.able, found)

    def _lay(self, column: int, allowed: Allowed) -> None:
        """Lay out what holds; only cells of the last review can have left something else."""
        before, lines = self._shown[column], self._changing.pop(column, None)
        if before is allowed and lines is None:
            return
        self._shown[column] = allowed
        if before is None:
            lines = np.arange(len(self.open))
        elif before is not allowed:
            differs = np.flatnonzero(before.state != allowed.state)
            lines = differs if lines is None else np.union1d(lines, differs)
        assert lines is not None
        now = allowed.open[lines]
        self.open[lines, column] = now
        self.shut[lines, column] = allowed.shut[lines]
        self.held[lines, column] = allowed.held[lines]
        self.able[lines, column] = now & self._able[lines]

    def _that_change(self, stretches: Sequence[Stretch]) -> IntArray | None:
        """Lines of needs on one of whose lines something changes; None where nothing does."""
        if len(stretches) == 1:
            return None
        first = stretches[0].allowed
        others = [s.allowed for s in stretches[1:] if s.allowed is not first]
        if any(s.allowed.rooms for s in stretches):
            return np.arange(len(self.open))
        if any(other.routes is not first.routes for other in others):
            return np.arange(len(self.open))
        changes = np.zeros(len(self.open), dtype=np.bool_)
        for other in others:
            changes |= other.state != first.state
        for before, after in pairwise(stretches):
            changes |= differ(before.allowed.licensed, after.allowed.licensed, len(changes))
        if not changes.any():
            return None
        need = self.lines.need
        concerned = np.zeros(need.count, dtype=np.bool_)
        concerned[need.number[changes]] = True
        return np.flatnonzero(concerned[need.number])

    def _cells(self, parts: Sequence[tuple[int, IntArray]], coming: Columns) -> Cells:
        """Cells of all columns, one column after the other."""
        size = sum(len(lines) for _, lines in parts)
        most = max(len(coming[column]) for column, _ in parts)
        part = np.zeros((most, size))
        open_, shut = np.zeros((2, most, size), dtype=np.bool_)
        groups, begin, known = [], 0, 0
        for column, lines in parts:
            here = slice(begin, begin + len(lines))
            for k, stretch in enumerate(coming[column]):
                part[k, here] = stretch.part
                open_[k, here] = stretch.allowed.open[lines]
                shut[k, here] = stretch.allowed.shut[lines]
            needs, number = np.unique(self.lines.need.number[lines], return_inverse=True)
            groups.append(known + number)
            begin, known = here.stop, known + len(needs)
        line = np.concatenate([lines for _, lines in parts])
        column_of = np.repeat([c for c, _ in parts], [len(lines) for _, lines in parts])
        return Cells(
            line=line,
            column=column_of,
            flat=line * self.columns + column_of,
            group=Groups(np.concatenate(groups).astype(np.intp), known),
            part=part,
            open=open_,
            shut=shut,
        )
