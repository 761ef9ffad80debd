"""What a figure is before and after it is written: picture, message, numbers, words for who cannot see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from sim import files, run_folder
from sim.figures.canvas import save
from sim.figures.style import Page
from sim.figures.wording import NO_BREAK


@dataclass(frozen=True, slots=True)
class Drawing:
    """A figure with everything that goes beside it."""

    figure: Figure
    title: str
    measure: str
    alt: str
    table: pd.DataFrame
    """The numbers it was drawn from."""


@dataclass(frozen=True, slots=True)
class NothingToShow:
    """Why a figure is left out."""

    reason: str


@dataclass(frozen=True, slots=True)
class FigureInfo:
    """A figure of the run folder, or the reason why it is left out."""

    id: str
    """Stem of its files in `figures/`: .svg, .png, .csv, .txt."""
    subject: str
    """What it is about, for the sentence that says why it is missing."""
    title: str = ""
    measure: str = ""
    alt: str = ""
    reason: str = ""
    """Why there is no figure; empty where there is one."""
    warnings: tuple[str, ...] = ()

    @property
    def is_drawn(self) -> bool:
        """Whether there is a picture."""
        return not self.reason

    def as_plain(self) -> dict[str, Any]:
        """For the index of the figures folder."""
        return {**asdict(self), "warnings": list(self.warnings)}

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> FigureInfo:
        """Read back what `as_plain` wrote."""
        return cls(**{**plain, "warnings": tuple(plain["warnings"])})


def write_drawing(
    drawing: Drawing | NothingToShow, folder: Path, figure_id: str, subject: str, page: Page
) -> FigureInfo:
    """Write a figure as SVG and PNG with its numbers and its alt text."""
    if isinstance(drawing, NothingToShow):
        return FigureInfo(figure_id, subject, reason=drawing.reason)
    stem = folder / figure_id
    missing_letters = save(drawing.figure, stem, drawing.title, page)
    run_folder.write_csv(stem.with_suffix(".csv"), drawing.table)
    # Plain spaces: the text is pasted into dialogs and read aloud.
    alt = drawing.alt.replace(NO_BREAK, " ")
    files.write_text(stem.with_suffix(".txt"), alt + "\n")
    warnings = tuple(f"figure {figure_id}: {found}" for found in missing_letters)
    return FigureInfo(figure_id, subject, drawing.title, drawing.measure, alt, "", warnings)
