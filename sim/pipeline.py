"""The whole flow of a run, from a scenario's name to a finished folder. Read this first."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from sim import run_folder
from sim.engine import simulate
from sim.engine.records import Records
from sim.resolved import resolved_scenario
from sim.scenario import Scenario, load
from sim.summary import summarise

Progress = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class RunResult:
    """Where a run stands and what the command line prints of it."""

    folder: Path
    worst: pd.DataFrame
    restricted: bool
    """Whether there is a restriction or shock from which days to recovery count."""
    was_there: bool
    warnings: tuple[str, ...]


def run(
    name: str, out: Path, *, seed: int | None = None, figures: bool = True,
    progress: Progress | None = None,
) -> RunResult:  # fmt: skip
    """Simulate a scenario and its reference, and write the run folder.

    Raises `BadInputError` for what the user wrote, `RunFolderError` where the folder cannot be written,
    `BalanceError` if a tonne is unaccounted for. The same run again finds its finished folder.
    """
    began = time.monotonic()
    run_folder.check_writable(out)
    scenario = load(name)
    seed = scenario.seed if seed is None else seed
    resolved = resolved_scenario(scenario, seed)
    run_id = run_folder.run_id(resolved, scenario.world.content_hash, seed)
    folder = out / scenario.name / run_id
    restricted = bool(scenario.restrictions or scenario.shocks)
    if run_folder.finished(folder):
        drawn = show(folder) if figures and not run_folder.is_drawn(folder) else ()
        warnings = (*run_folder.facts(folder).get("warnings", ()), *drawn)
        return RunResult(folder, run_folder.worst(folder), restricted, True, warnings)
    records, reference = simulate_both(scenario, seed, progress)
    summary = summarise(
        records,
        reference,
        scenario.world,
        starts=scenario.starts,
        ends=scenario.ends,
        exporters=exporters(scenario),
    )
    warnings = _warnings(scenario, records)
    with run_folder.staged(folder) as staging:
        run_folder.write_tables(staging, summary, records, resolved)
        run_folder.write_run_file(staging, _facts(scenario, run_id, seed, warnings, began))
        drawn = show(staging) if figures else ()
    return RunResult(folder, summary.worst, restricted, False, (*warnings, *drawn))


def show(folder: Path) -> tuple[str, ...]:
    """Draw the figures and write the page of a finished run, from its folder alone; returns warnings."""
    # Here, because a run of tables only should not wait for the drawing library.
    from sim.figures import draw
    from sim.report import render

    drawn = draw(folder)
    render(folder)
    return tuple(warning for figure in drawn for warning in figure.warnings)


def simulate_both(
    scenario: Scenario, seed: int, progress: Progress | None = None
) -> tuple[Records, Records]:
    """The scenario and its reference: the same world without restrictions, shocks and measures."""
    levers = scenario.levers
    halves = 2 if levers else 1

    def one(levers: Any, done: int) -> Records:
        part = (lambda x: progress((done + x) / halves)) if progress else None
        return simulate(
            scenario.world,
            levers,
            starts=scenario.starts,
            ends=scenario.ends,
            review_days=scenario.review_days,
            seed=seed,
            watched=exporters(scenario),
            progress=part,
        )

    records = one(levers, 0)
    return records, (one((), 1) if levers else records)


def _warnings(scenario: Scenario, records: Records) -> tuple[str, ...]:
    """Of scenario and engine; what the scenario's own check said of a lever is not said again."""
    said = [warning.message for warning in scenario.warnings]
    news = [
        warning
        for warning in records.warnings
        if not any(message.startswith(f"`{warning.partition(':')[0]}` ") for message in said)
    ]
    return (*said, *news)


def exporters(scenario: Scenario) -> list[str]:
    """Countries that restrict their exports in this scenario."""
    return sorted({lever.exporter for lever in scenario.restrictions})


def _facts(
    scenario: Scenario, run_id: str, seed: int, warnings: tuple[str, ...], began: float
) -> dict[str, Any]:
    return {
        "run_id": run_id,
        "scenario": scenario.name,
        "versions": run_folder.versions(),
        "source_hash": run_folder.source_hash(),
        "pack": {"id": scenario.world.id, "hash": scenario.world.content_hash},
        "seed": seed,
        "replications": 0,
        "label": "central values, no spread",
        "warnings": list(warnings),
        "wall_time_s": round(time.monotonic() - began, 2),
    }
