"""Where a result has its tables from: a run in memory, or a run folder. Both give the same values."""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import pandas as pd

from sim.engine.records import Records
from sim.figures import FinishedRun, read_run
from sim.pipeline import pipeline
from sim.pipeline.in_memory import InMemory
from sim.run_folder import run_folder, run_state
from sim.system import staging
from sim.tables import RECORDS


class Source(Protocol):
    """What a result is made from."""

    @property
    def folder(self) -> Path | None:
        """Where it stands on disk; None while it is in memory alone."""

    @property
    def scenario(self) -> Mapping[str, Any]:
        """`scenario.resolved.yaml`."""

    @property
    def facts(self) -> Mapping[str, Any]:
        """`run.yaml`, of a run in memory without its time and hashes."""

    @property
    def headline(self) -> list[Mapping[str, Any]]:
        """`headline.json`."""

    @property
    def finished(self) -> FinishedRun:
        """The run as figures see it."""

    def table(self, name: str) -> pd.DataFrame:
        """One of `TABLES` or of `RECORDS`, as it was made or read."""

    def save(self, out: Path) -> Path:
        """Write the run folder below `out`; returns it."""


class FromMemory:
    """A run that was just simulated."""

    folder = None

    def __init__(self, made: InMemory, *, figures: bool, jobs: int | None, took_s: float) -> None:
        self._made, self._figures, self._jobs, self._took_s = made, figures, jobs, took_s

    @cached_property
    def scenario(self) -> Mapping[str, Any]:
        """See `Source`."""
        return dict(run_folder.plain(self._made.order.resolved))

    @property
    def facts(self) -> Mapping[str, Any]:
        """See `Source`."""
        return self._made.facts

    @property
    def headline(self) -> list[Mapping[str, Any]]:
        """See `Source`."""
        return list(self._made.summary.headline)

    @cached_property
    def finished(self) -> FinishedRun:
        """See `Source`."""
        return self._made.finished()

    def table(self, name: str) -> pd.DataFrame:
        """See `Source`."""
        made = self._made
        if name in RECORDS:
            return record_of(made.records, name)
        match name:
            case "unknowns":
                return made.unknowns()
            case "assumptions":
                return made.assumptions
            case "sources":
                return made.sources
        return made.summary.table(name)

    def save(self, out: Path) -> Path:
        """See `Source`."""
        saved = pipeline.save(
            self._made.order, lambda _: self._made, out, began=time.monotonic() - self._took_s,
            figures=self._figures, jobs=self._jobs,
        )  # fmt: skip
        return saved.folder


class FromFolder:
    """A finished run on disk."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @cached_property
    def scenario(self) -> Mapping[str, Any]:
        """See `Source`."""
        return run_folder.scenario(self.folder)

    @cached_property
    def facts(self) -> Mapping[str, Any]:
        """See `Source`."""
        return run_folder.facts(self.folder)

    @property
    def headline(self) -> list[Mapping[str, Any]]:
        """See `Source`."""
        return list(run_folder.headline(self.folder))

    @cached_property
    def finished(self) -> FinishedRun:
        """See `Source`."""
        return read_run(self.folder)

    def table(self, name: str) -> pd.DataFrame:
        """See `Source`."""
        return run_folder.table(self.folder, name)

    def save(self, out: Path) -> Path:
        """Copy the folder, unless it stands there already."""
        copy = out / str(self.facts["scenario"]) / str(self.facts["run_id"])
        run_state.finished(copy)
        with staging.only_writer(copy):
            if not run_state.finished(copy):
                run_state.check_finished(self.folder)
                with staging.staged(copy) as unfinished:
                    run_folder.copy(self.folder, unfinished)
        return copy


def record_of(records: Records, name: str) -> pd.DataFrame:
    """A table of the records, without keeping its long form."""
    panel = getattr(records, f"{name}_by_month", None)
    found: pd.DataFrame = getattr(records, name) if panel is None else panel.long()
    return found
