"""How far a run is: the phases it goes through, who is told, and what a user sees of it meanwhile."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from enum import StrEnum


class Phase(StrEnum):
    """What a run is at; in this order, those left out that it has no need of."""

    PREPARING = "preparing"
    BOTH = "scenario and reference"
    """Side by side: in one pass, or in two processes"""
    SCENARIO = "scenario"
    REFERENCE = "reference"
    TABLES = "tables"
    FIGURES = "figures"
    UNKNOWNS = "further runs"
    """Of what nobody knows, and of other draws"""
    PAGE = "page"


Progress = Callable[[Phase, float], None]
"""Is told the phase, and the part of it that is done, 0 to 1, which never falls within a phase."""
Part = Callable[[float], None]
"""The same within one phase."""
LEAST_OF_NAME, BESIDE_NAME = 12, 50
"""Columns of a terminal, for a scenario's name and for the rest"""


def quiet(phase: Phase, done: float) -> None:
    """Say nothing."""


def counted(part: Part, count: int) -> Callable[[], None]:
    """To be called after each of so many things: tells the part of them that is done."""
    done = 0

    def one_more() -> None:
        nonlocal done
        done += 1
        part(min(done / count, 1.0))

    return one_more


@contextmanager
def on_standard_error(name: str) -> Iterator[tuple[Progress, Callable[[str], None]]]:
    """Show the progress of what is called `name`: a bar on a terminal, elsewhere a line for each phase.

    The second thing says some words at once, and leaves the bar whole.
    """
    with _bar(name) if _can_move() else _lines(name) as shown:
        yield shown


def _can_move() -> bool:
    """Whether a line can be written over; with FORCE_COLOR the library would take any file for a terminal."""
    plain = os.environ.get("TERM", "").lower() in ("dumb", "unknown")
    return sys.stderr is not None and sys.stderr.isatty() and not plain


@contextmanager
def _lines(name: str) -> Iterator[tuple[Progress, Callable[[str], None]]]:
    said = set[Phase]()

    def tell(words: str) -> None:
        if sys.stderr is None:  # closed; `print` would take standard output
            return
        # A run is not lost because nobody reads how far it is.
        with suppress(OSError):
            print(words, file=sys.stderr, flush=True)

    def progress(phase: Phase, done: float) -> None:
        if phase not in said:
            said.add(phase)
            tell(f"{name}: {phase}")

    yield progress, tell


@contextmanager
def _bar(name: str) -> Iterator[tuple[Progress, Callable[[str], None]]]:
    from rich.console import Console
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar
    from rich.table import Column

    console = Console(stderr=True)
    # Where there is little room, what it is at is worth more than a long name.
    short = Column(no_wrap=True, max_width=max(LEAST_OF_NAME, console.width - BESIDE_NAME))
    columns = (
        TextColumn("{task.description}", markup=False, table_column=short),
        TextColumn("{task.fields[phase]}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
    )
    with Bar(*columns, console=console, transient=True) as bar:
        # A little more than all: a bar that is full stops its clock, and other phases follow.
        task = bar.add_task(f"{name}:", total=1.0 + 1e-9, phase=Phase.PREPARING)

        def progress(phase: Phase, done: float) -> None:
            bar.update(task, phase=phase, completed=done)

        def tell(words: str) -> None:
            console.print(words, markup=False, highlight=False, soft_wrap=True)

        yield progress, tell
