"""What there is to know of a figure of a run folder without drawing it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sim.run_folder import run_folder


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


def drawn_figures(run_dir: Path, page: str = "full") -> list[FigureInfo]:
    """The figures of a run for one kind of page; nothing where none were drawn for it."""
    path = run_folder.figures_folder(run_dir, page) / run_folder.FIGURE_INDEX
    if not path.is_file():
        return []
    return [FigureInfo.from_plain(each) for each in json.loads(path.read_text(encoding="utf-8"))]
