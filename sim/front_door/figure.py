"""A figure in Python, which shows itself in a notebook."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from sim.figures import BARE, ORDER, PAGES, FinishedRun
from sim.words.problems import CritminError, suggest


class NoFigureError(CritminError):
    """A run has nothing to show in a figure; the message says why."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of a run, drawn for one size; the bytes are those of the files in the run folder."""

    name: str
    """Stem of its files, such as `heat_map`"""
    size: str
    """`full`, `half` or `slide`; see the table in `docs/results.md`"""
    bare: bool
    """Without title, measure and source, for a caption of one's own"""
    title: str
    """What it shows of this run, as a sentence"""
    measure: str = field(repr=False)
    """What is drawn, its unit, and what else one has to know to read it"""
    alt: str = field(repr=False)
    """What it shows, for who cannot see it"""
    words: str = field(repr=False)
    """What stands beside the picture: `alt`, and of a bare figure title, measure and source before it"""
    svg: str = field(repr=False)
    png: bytes = field(repr=False)
    """300 dots per inch; of a slide 1920 x 1080"""
    table: pd.DataFrame = field(repr=False)
    """The numbers that it was drawn from"""
    warnings: tuple[str, ...] = ()
    """Letters that the font lacks"""

    def _repr_svg_(self) -> str:
        return self.svg

    def _repr_png_(self) -> bytes:
        return self.png


def drawn(run: FinishedRun, name: str, size: str, bare: bool) -> Figure:
    """Draw a figure; raises `ValueError` for a name or size there is not, `NoFigureError` as it says."""
    for what, given, known in (("figure", name, ORDER), ("size", size, tuple(PAGES))):
        if given not in known:
            raise ValueError(f"there is no {what} {given!r}; {suggest(str(given), known)}")
    # Here, because tables alone should not wait for the drawing library.
    from sim.figures.every_figure import drawn_figure

    found = drawn_figure(run, name, (BARE if bare else PAGES)[size])
    info = found.info
    if found.pictures is None:
        raise NoFigureError(f"no figure of {info.subject}: {info.reason}")
    return Figure(
        name, size, bare, info.title, info.measure, info.alt, found.words, found.pictures.svg,
        found.pictures.png, found.table, info.warnings,
    )  # fmt: skip
