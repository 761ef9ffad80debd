"""A run in Python: its tables, its figures, and its way to the disk."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from sim.figures import ORDER
from sim.front_door.figure import Figure, drawn
from sim.front_door.sources import Source
from sim.front_door.tables import Tables, as_table, headline_table
from sim.tables import RECORDS, TABLES

HEADLINE = "headline"


class Result:
    """A scenario beside the same world without its levers, as `sim.run` and `sim.open_run` return it.

    Tables are data frames under the names of the files of the run folder, made or read when they are asked for
    first; `docs/results.md` explains their columns. `table.attrs["units"]` has the unit of each column, empty
    where it holds text. Numbers have twelve digits, as in the files. `run` is `scenario` or `reference`.

    >>> result = sim.run("china-full-ban-12-months")
    >>> result.worst[["product", "sector_name", "region_name", "shortfall_t"]].head()
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._tables = Tables((*TABLES, HEADLINE), self._table)
        self._records = Tables(tuple(RECORDS), self._record)
        self._figures: dict[tuple[str, str, bool], Figure] = {}

    @property
    def tables(self) -> Mapping[str, pd.DataFrame]:
        """All tables but the records, by name; the same frames as `result.summary` and so on."""
        return self._tables

    @property
    def summary(self) -> pd.DataFrame:
        """All measures by year and over the run: a row each with `value` in `unit`; texts are categories."""
        return self._tables["summary"]

    @property
    def monthly(self) -> pd.DataFrame:
        """By month what changes from month to month and is plotted, in the columns of `summary`."""
        return self._tables["monthly"]

    @property
    def headline(self) -> pd.DataFrame:
        """The numbers one quotes: `id`, `label`, `value` in `unit`; a value may be a date as text."""
        return self._tables[HEADLINE]

    @property
    def worst(self) -> pd.DataFrame:
        """A row for each product x sector x region that is short, the most beyond the reference first."""
        return self._tables["worst"]

    @property
    def reference(self) -> pd.DataFrame:
        """The same of the world without levers, the most tonnes first."""
        return self._tables["reference"]

    @property
    def by_region(self) -> pd.DataFrame:
        """A row for all regions with demand that counts together (`all`), then one for each of them."""
        return self._tables["by_region"]

    @property
    def weekly(self) -> pd.DataFrame:
        """What end users needed and lacked, a row for each review and product x sector x region."""
        return self._tables["weekly"]

    @property
    def exports_monthly(self) -> pd.DataFrame:
        """What left the restricting countries by month, in the tonnes of customs (`unit`)."""
        return self._tables["exports_monthly"]

    @property
    def chain(self) -> pd.DataFrame:
        """Who supplied whom, by run, year, element and step: tonnes that arrived."""
        return self._tables["chain"]

    @property
    def scope(self) -> pd.DataFrame:
        """What the run is counted against: a row for each product or element and region."""
        return self._tables["scope"]

    @property
    def unknowns(self) -> pd.DataFrame:
        """A row for each further run of what nobody knows, and of other draws; none where all is known."""
        return self._tables["unknowns"]

    @property
    def assumptions(self) -> pd.DataFrame:
        """Values of the pack that the answer hangs on, the most important first."""
        return self._tables["assumptions"]

    @property
    def sources(self) -> pd.DataFrame:
        """The publications that they cite."""
        return self._tables["sources"]

    @property
    def records(self) -> Mapping[str, pd.DataFrame]:
        """What the simulation remembered of the scenario, by name: `use`, `shipments`, `stocks` ...

        Each is made when it is asked for; of long runs they are large. Texts are categories.
        """
        return self._records

    @property
    def scenario(self) -> Mapping[str, Any]:
        """The scenario in full and in words, with display names: `scenario.resolved.yaml`."""
        return self._source.scenario

    @property
    def name(self) -> str:
        """The scenario's name."""
        return str(self._source.facts["scenario"])

    @property
    def run_id(self) -> str:
        """Twelve digits of what decides the result: the same for equal scenario, data, program and seed."""
        return str(self._source.facts["run_id"])

    @property
    def seed(self) -> int:
        """What draws were made from."""
        return int(self._source.facts["seed"])

    @property
    def warnings(self) -> tuple[str, ...]:
        """Of the scenario and the simulation: what is allowed but probably not meant."""
        return tuple(self._source.facts["warnings"])

    @property
    def folder(self) -> Path | None:
        """The run folder that was opened; None of a run that was simulated in memory."""
        return self._source.folder

    @property
    def figure_names(self) -> tuple[str, ...]:
        """Figures that `figure` draws, in the order of the page; a run may have nothing to show in some."""
        return ORDER

    def figure(self, name: str, size: str = "full", bare: bool = False) -> Figure:
        """Draw a figure, or hand out the one drawn before; in a notebook it shows itself.

        `name` is one of `figure_names`. `size` is `full` (a page in Word, 16 cm wide), `half` (8 cm) or `slide`
        (16:9); `bare` leaves out title, measure and source, which stand in `Figure.words`.

        Raises `ValueError` for a name or a size there is not, and `NoFigureError` where this run has nothing to
        show in it.

        >>> picture = result.figure("heat_map", size="half")
        >>> Path("heat_map.svg").write_text(picture.svg, encoding="utf-8")
        """
        key = (name, size, bool(bare))
        if key not in self._figures:
            self._figures[key] = drawn(self._source.finished, *key)
        return self._figures[key]

    def save(self, folder: str | os.PathLike[str] = "results") -> Path:
        """Write the run folder `<folder>/<scenario>/<run-id>`, as `critmin run --out <folder>` does.

        Returns its path. The bytes are the same but for the time in `run.yaml`. A run that stands there
        finished is left as it is; a run that was opened from a folder is copied.

        Raises `RunFolderError` if something else stands there, `WriteError` if it cannot be written.

        >>> path = result.save("results")
        >>> sim.open_run(path).run_id == result.run_id
        """
        return self._source.save(Path(folder))

    def __repr__(self) -> str:
        scenario = self.scenario
        return f"<Result {self.name} {self.run_id}, {scenario['starts']} to {scenario['ends']}>"

    @cached_property
    def _basis(self) -> str:
        return str(self.scenario["pack"]["basis"])

    def _table(self, name: str) -> pd.DataFrame:
        if name == HEADLINE:
            return headline_table(self._source.headline)
        return as_table(TABLES[name], self._source.table(name), self._basis)

    def _record(self, name: str) -> pd.DataFrame:
        return as_table(RECORDS[name], self._source.table(name), self._basis)
