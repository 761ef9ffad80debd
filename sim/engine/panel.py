"""What a simulation remembers of many things by month: numbers [month, item], and texts of each item.

An array has one cell for each month and item, also where there is nothing. The long form, a row for each cell
that holds something, takes many times the room: it is made where somebody asks for it, and when it is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Texts:
    """A text for each of many items, by number."""

    names: tuple[str, ...]
    """The different ones, in alphabetical order, so that numbers sort as texts do; one may occur nowhere"""
    codes: IntArray
    """[item] number of its name"""

    @classmethod
    def of(cls, texts: Iterable[str]) -> Texts:
        """Of the texts of the items, in their order."""
        given = list(texts)
        names = tuple(sorted(set(given)))
        number = {name: code for code, name in enumerate(names)}
        return cls(names, np.array([number[text] for text in given], dtype=np.intp))

    def take(self, items: IntArray | BoolArray) -> Texts:
        """Those of the items chosen, by position or by flag [item]."""
        return Texts(self.names, self.codes[items])

    def renamed(self, rename: Callable[[str], str]) -> Texts:
        """What each text stands for; asked once for each different one."""
        new = Texts.of(map(rename, self.names))
        return Texts(new.names, new.codes[self.codes])

    def equal(self, text: str) -> BoolArray:
        """[item] whether it has this text."""
        return self.among((text,))

    def among(self, texts: Iterable[str]) -> BoolArray:
        """[item] whether its text is one of these."""
        wanted = set(texts)
        return np.array([name in wanted for name in self.names], dtype=np.bool_)[self.codes]

    def words(self) -> list[str]:
        """The text of each item."""
        return np.array(self.names, dtype=object)[self.codes].tolist()

    def categorical(self) -> pd.Categorical:
        """The same as a column of a table."""
        return categorical(self.names, self.codes)


def categorical(
    names: Sequence[str], codes: npt.NDArray[np.signedinteger], *, ordered: bool = False
) -> pd.Categorical:
    """Codes [row] of texts as a column of a table.

    The texts are plain objects: what pandas would make of them hangs on what else is installed.
    """
    return pd.Categorical.from_codes(codes, pd.Index(list(names), dtype=object), ordered=ordered)


@dataclass(frozen=True, slots=True)
class Panel:
    """Values by month and item; `texts` and `values` are the columns of the long form after the month."""

    months: tuple[str, ...]
    texts: Mapping[str, Texts]
    """Column -> [item]"""
    values: Mapping[str, FloatArray]
    """Column -> [month, item], not a number where there is none"""
    present: BoolArray
    """[month, item] whether the cell is a row of the long form; elsewhere values are a trace or nothing"""

    @classmethod
    def of(
        cls, months: Sequence[str], texts: Mapping[str, Iterable[str]], values: Mapping[str, FloatArray],
        present: BoolArray,
    ) -> Panel:  # fmt: skip
        """Of texts [item] and arrays [month, item]; an array that is no part of another is not copied."""
        columns = {name: Texts.of(column) for name, column in texts.items()}
        # A part would keep the whole in memory, and cross to another process as something else.
        own = {name: np.ascontiguousarray(value) for name, value in values.items()}
        return cls(tuple(months), columns, own, present)

    @property
    def items(self) -> int:
        """How many there are."""
        return self.present.shape[1]

    def total(self, column: str) -> FloatArray:
        """[item] sum over all months; what is not a number counts as nothing."""
        return np.nansum(self.values[column], axis=0)

    def index(self) -> pd.DataFrame:
        """The texts, a row for each item."""
        return pd.DataFrame({name: texts.categorical() for name, texts in self.texts.items()})

    def long(self, first: int = 0, after: int | None = None) -> pd.DataFrame:
        """A row for each cell that holds something, month by month; of these months only, by number."""
        months = slice(first, after)
        month, item = np.nonzero(self.present[months])
        columns: dict[str, object] = {
            "month": categorical(self.months, month + first, ordered=True)
        }
        for name, texts in self.texts.items():
            columns[name] = texts.take(item).categorical()
        for name, values in self.values.items():
            columns[name] = values[months][month, item]
        return pd.DataFrame(columns)
