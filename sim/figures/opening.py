"""A run for figures and page: made of the tables in memory, or read back from its folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from sim.engine.records import Records
from sim.figures.as_written import as_written, coded
from sim.figures.finished_run import (
    MONTHLY_METRICS,
    SOME_COLUMNS,
    SUMMARY_METRICS,
    UNKNOWNS,
    FinishedRun,
    home_regions,
    left_behind,
)
from sim.run_folder import run_folder
from sim.summary import OF_SUMMARY, Summary
from sim.summary.headline import About, headline
from sim.summary.long import COLUMNS
from sim.summary.scope import Scope


def run_in_memory(
    summary: Summary, records: Records, scenario: Mapping[str, Any], facts: Mapping[str, Any],
    assumptions: pd.DataFrame, sources: pd.DataFrame, files: Mapping[str, str],
    unknowns: Callable[[], pd.DataFrame] = pd.DataFrame, regions: Sequence[str] = (),
) -> FinishedRun:  # fmt: skip
    """A run that was just simulated: the same values that `read_run` finds when it is written.

    `scenario` is what becomes `scenario.resolved.yaml`, `facts` what becomes `run.yaml`, `files` the texts of
    its `scenario_files`. `unknowns` is asked for its table when the page is made. `regions` as in `read_run`.
    """
    written = {name: files[name] for name in facts["scenario_files"]}

    def table(name: str) -> pd.DataFrame:
        match name:
            case "assumptions":
                return as_written(assumptions)
            case "sources":
                return as_written(sources.astype(str))
            case "unknowns":
                return as_written(unknowns())
        made = summary.table(name) if name in OF_SUMMARY else getattr(records, name)
        return as_written(made[[*SOME_COLUMNS.get(name, made.columns)]])

    tables = _made(summary, summary.summary, summary.monthly)
    return _shown(tables, regions, scenario, facts, table, lambda: written)


def read_run(folder: Path, regions: Sequence[str] = ()) -> FinishedRun:
    """Read a run folder back from disk; for the reader of these regions, if any are named."""

    def table(name: str) -> pd.DataFrame:
        return run_folder.table(folder, name, SOME_COLUMNS.get(name, ()))

    long = (run_folder.table(folder, name) for name in ("summary", "monthly"))
    tables = _read(folder, *long)
    return _shown(
        tables, regions, run_folder.scenario(folder), run_folder.facts(folder), table,
        lambda: run_folder.scenario_files(folder),
    )  # fmt: skip


def brief_run(folder: Path) -> FinishedRun:
    """The same without the long tables, for which nobody asks who only says what is in the short ones."""
    return _shown(
        _read(folder, _NO_ROWS, _NO_ROWS), (), run_folder.scenario(folder), run_folder.facts(folder),
        lambda name: run_folder.table(folder, name) if name == UNKNOWNS else left_behind(name), dict,
    )  # fmt: skip


def brief_in_memory(
    summary: Summary, scenario: Mapping[str, Any], facts: Mapping[str, Any]
) -> FinishedRun:
    """The same of a run that was just simulated; without its further runs."""
    return _shown(_made(summary, _NO_ROWS, _NO_ROWS), (), scenario, facts, left_behind, dict)


_NO_ROWS = pd.DataFrame(columns=COLUMNS)
SHORT = ("worst", "reference", "by_region")
"""Short tables, as `_Tables` has them"""


@dataclass(frozen=True, slots=True)
class _Tables:
    """What a run is shown from, whole."""

    summary: pd.DataFrame
    monthly: pd.DataFrame
    worst: pd.DataFrame
    reference: pd.DataFrame
    by_region: pd.DataFrame
    headline: Sequence[Mapping[str, Any]]
    scope: Scope


def _made(summary: Summary, yearly: pd.DataFrame, monthly: pd.DataFrame) -> _Tables:
    """Short tables of a run in memory beside these long ones."""
    short = {name: as_written(summary.table(name)) for name in SHORT}
    return _Tables(
        summary=yearly, monthly=monthly, **short, headline=summary.headline, scope=summary.scope
    )


def _read(folder: Path, yearly: pd.DataFrame, monthly: pd.DataFrame) -> _Tables:
    """The same of a run on disk."""
    short = {name: run_folder.table(folder, name) for name in SHORT}
    numbers, scope = run_folder.headline(folder), run_folder.scope(folder)
    return _Tables(summary=yearly, monthly=monthly, **short, headline=numbers, scope=scope)


def _shown(
    tables: _Tables, regions: Sequence[str], scenario: Mapping[str, Any], facts: Mapping[str, Any],
    table: Callable[[str], pd.DataFrame], files: Callable[[], Mapping[str, str]],
) -> FinishedRun:  # fmt: skip
    """The run as its reader sees it: what the question is about, in these regions if any are named."""
    scope, counted = tables.scope, tables.worst["in_scope"] == "yes"
    anyway = tables.reference["in_scope"] == "yes"
    here, theirs, by_region = (
        t["region"].isin(regions) | (not regions)
        for t in (tables.worst, tables.reference, tables.by_region)
    )
    numbers = tables.headline
    if regions:
        made_without = any(number["id"] == "worst_weeks_below_80" for number in numbers)
        numbers = headline(
            tables.summary, tables.worst, tables.by_region, scope, _about(scenario, tables.summary),
            made_without=made_without, regions=regions,
        )  # fmt: skip
    return FinishedRun(
        summary=_long(scope.rows(tables.summary, regions), SUMMARY_METRICS),
        monthly=_long(scope.rows(tables.monthly, regions), MONTHLY_METRICS),
        worst=tables.worst[counted & here].reset_index(drop=True),
        reference=tables.reference[anyway & theirs].reset_index(drop=True),
        outside=(tables.worst[~counted], tables.reference[~anyway]),
        by_region=tables.by_region[by_region].reset_index(drop=True),
        scope=scope,
        regions=tuple(regions),
        headline=numbers,
        scenario=scenario,
        facts=facts,
        table=table,
        files=files,
    )


def _about(scenario: Mapping[str, Any], summary: pd.DataFrame) -> About:
    """What a headline needs of the pack, from the scenario in words and the units of the table."""
    names, pack = scenario.get("names") or {}, scenario.get("pack") or {}
    prices = summary.loc[summary["metric"] == "value_at_risk", "unit"]
    exporters = {str(lever.get("exporter") or "") for lever in scenario.get("levers") or []}
    return About(
        unit=str(pack.get("basis") or "t"),
        price_unit=str(prices.iloc[0]) if len(prices) else "",
        elements=names.get("elements", {}),
        graded=frozenset(names.get("graded", ())),
        home=home_regions(scenario, exporters),
        slice=str(scenario.get("peaks_by", "month")),
    )


def _long(table: pd.DataFrame, metrics: Sequence[str]) -> pd.DataFrame:
    kept = coded(as_written(table[table["metric"].isin(metrics)]))
    # So that who asks for another metric hears of it, and does not find it empty.
    return kept.assign(metric=kept["metric"].cat.set_categories(metrics))
