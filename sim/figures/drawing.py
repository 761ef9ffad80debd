"""What a figure is before and after it is drawn: picture, message, numbers, words for who cannot see it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from sim.figures.canvas import Pictures, pictures
from sim.figures.figure_info import FigureInfo
from sim.figures.style import Page
from sim.figures.wording import NO_BREAK, joined
from sim.run_folder import csv_text
from sim.system import files


@dataclass(frozen=True, slots=True)
class Drawing:
    """A figure with everything that goes beside it."""

    figure: Figure
    title: str
    measure: str
    alt: str
    table: pd.DataFrame
    """The numbers it was drawn from."""
    needed: str = ""
    """What else has to be known to read it; see `Heading.needed`."""


@dataclass(frozen=True, slots=True)
class NothingToShow:
    """Why a figure is left out."""

    reason: str


@dataclass(frozen=True, slots=True)
class DrawnFigure:
    """A figure that only has to be written."""

    info: FigureInfo
    pictures: Pictures | None = None
    """None where there is no figure, as `info` says."""
    table: pd.DataFrame = field(default_factory=pd.DataFrame)
    words: str = ""
    """What stands beside it: the alt text, and before it what a bare figure does not say itself."""

    def write(self, folder: Path) -> None:
        """As SVG and PNG with its numbers and its words; nothing where there is no figure."""
        if self.pictures is None:
            return
        stem = folder / self.info.id
        files.write_text(stem.with_suffix(".svg"), self.pictures.svg)
        files.write_bytes(stem.with_suffix(".png"), self.pictures.png)
        csv_text.write_csv(stem.with_suffix(".csv"), self.table)
        files.write_text(stem.with_suffix(".txt"), self.words + "\n")


def as_drawn(
    drawing: Drawing | NothingToShow, figure_id: str, subject: str, page: Page, source: str
) -> DrawnFigure:
    """The drawing as it looks on its page; each picture is laid out and drawn once.

    `source` is the line that says where the figure comes from.
    """
    if isinstance(drawing, NothingToShow):
        return DrawnFigure(FigureInfo(figure_id, subject, reason=drawing.reason))
    drawn = pictures(drawing.figure, drawing.title, page)
    # Plain spaces: the text is pasted into dialogs and read aloud.
    alt = drawing.alt.replace(NO_BREAK, " ")
    warnings = tuple(f"figure {figure_id}: {found}" for found in drawn.missing_letters)
    measure = joined(drawing.measure, drawing.needed)
    info = FigureInfo(figure_id, subject, drawing.title, measure, alt, "", warnings)
    caption = [drawing.title, measure, source] if page.is_bare else []
    words = "\n".join([*(line.replace(NO_BREAK, " ") for line in caption), alt])
    return DrawnFigure(info, drawn, drawing.table, words)
