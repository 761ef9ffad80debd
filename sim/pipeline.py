"""The whole flow of a run, from a scenario's name to a finished folder. Read this first."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from sim import files, run_folder, run_state, showing, staging, workers
from sim.assumptions import assumptions, sources
from sim.engine import Variant, outcome_of, share_a_network, simulate_all, simulate_one
from sim.engine.records import Records
from sim.figures import run_in_memory
from sim.lever import Restriction
from sim.resolved import resolved_scenario
from sim.scenario import Scenario, load
from sim.summary import before_from, summarise
from sim.unknowns import others, rows_of_others, unknowns_table

Progress = Callable[[float], None]
WORTH_TWO_PROCESSES = 10_000
"""Links x weeks; where the shipped world is simulated for a quarter of a year."""


@dataclass(frozen=True, slots=True)
class RunResult:
    """Where a run stands and what the command line prints of it."""

    folder: Path
    worst: pd.DataFrame
    reference: pd.DataFrame
    """What the same world lacks without levers"""
    unknowns: pd.DataFrame
    """How far the result hangs on what nobody knows, and on luck; empty where it does not"""
    has_levers: bool
    restricted: bool
    """Whether there is a restriction or shock from which days to recovery count."""
    can_wait: bool
    """Whether some use can be postponed."""
    was_there: bool
    warnings: tuple[str, ...]


def run(
    given: str | Scenario, out: Path, *, seed: int | None = None, figures: bool = True,
    jobs: int | None = None, progress: Progress | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> RunResult:  # fmt: skip
    """Simulate a scenario and its reference, and write the run folder.

    `given` is a scenario's name or path, or what `sim.scenario.load` made of it.
    `jobs` processes share the work (by default two, if there are two cores and the world is large enough to
    pay for it); the result is the same.
    `tell` says at once what the user should know meanwhile: that another process is at work on this run.

    Raises `BadInputError` for what the user wrote, `RunFolderError` if something else stands where the
    folder should be, `WriteError` where it cannot be written, `BalanceError` if a tonne is unaccounted for.
    The same run again finds its finished folder; at the same time, it waits for it.
    """
    began = time.monotonic()
    files.check_writable(out)
    scenario = load(given) if isinstance(given, str) else given
    seed = scenario.seed if seed is None else seed
    resolved = resolved_scenario(scenario, seed)
    run_id = run_folder.run_id(resolved, scenario.world.content_hash, seed)
    folder = out / scenario.name / run_id
    disrupting = (*scenario.restrictions, *scenario.shocks)
    restricted = any(lever.id not in scenario.idle for lever in disrupting)
    can_wait = scenario.behaviour.postponable is not None
    if jobs is None:
        jobs = min(2, workers.cores()) if _is_large(scenario) else 1
    run_state.finished(folder)  # refused before waiting for anybody
    with staging.only_writer(folder, tell):
        if run_state.finished(folder):
            drawn = showing.complete(folder, jobs) if figures else ()
            warnings = (*run_folder.facts(folder).get("warnings", ()), *drawn)
            return RunResult(
                folder, run_folder.worst(folder), run_folder.reference(folder), run_folder.unknowns(folder),
                bool(scenario.levers), restricted, can_wait, True, warnings,
            )  # fmt: skip
        # In this order: nobody works for the run any more when its folder gets its name, or is removed.
        with staging.staged(folder) as unfinished, workers.beside(jobs - 1) as executor:
            records, reference = simulate_both(scenario, seed, executor, progress)
            runs = others(scenario, seed)
            besides = executor.submit(rows_of_others, scenario, runs) if runs else None
            writing = run_folder.write_records(unfinished, records, executor)
            if figures:  # while the summary is made; nothing where this process works alone
                executor.submit(showing.load_drawing)
            summary = summarise(
                records,
                reference,
                scenario.world,
                starts=scenario.starts,
                ends=scenario.ends,
                exporters=exporters(scenario),
                idle=scenario.idle,
                behaviour=scenario.behaviour,
                restricted=first_restricted(scenario),
            )
            facts = _facts(scenario, run_id, seed, _warnings(scenario, records))
            behind = assumptions(scenario, records, summary.worst, summary.reference)
            cited = sources(behind, scenario.world)

            @cache
            def unknown() -> pd.DataFrame:
                rows = besides.result() if besides else []
                return unknowns_table(scenario, seed, records, reference, rows)

            shown = None
            if figures:  # now, so that a second process draws while this one writes the tables
                finished = run_in_memory(
                    summary, records, resolved, facts, behind, cited, scenario.files, unknown
                )
                shown = showing.Showing(finished, executor)
            run_folder.write_tables(unfinished, summary, resolved)
            written = {**scenario.files, **scenario.pack_files}
            run_folder.write_origins(unfinished, written, behind, cited)
            run_folder.write_csv(unfinished / run_folder.UNKNOWNS, unknown())
            for table in writing:
                table.result()
            took = round(time.monotonic() - began, 2)
            run_folder.write_run_file(unfinished, {**facts, "wall_time_s": took})
            drawn = shown.write(unfinished) if shown else ()
    return RunResult(
        folder, summary.worst, summary.reference, unknown(), bool(scenario.levers), restricted, can_wait,
        False, (*facts["warnings"], *drawn),
    )  # fmt: skip


def simulate_both(
    scenario: Scenario, seed: int, executor: Executor, progress: Progress | None = None
) -> tuple[Records, Records]:
    """The scenario and its reference: the same world without restrictions, shocks and measures."""
    span, restricted = scenario.review_days, first_restricted(scenario)
    about: Any = {
        "starts": scenario.starts,
        "ends": scenario.ends,
        "review_days": span,
        "behaviour": scenario.behaviour,
        "sales_from": before_from(restricted) if restricted else None,
    }
    levers: Any = tuple(scenario.levers)
    own = Variant(levers, seed, watched=tuple(exporters(scenario)))
    if not levers:
        records = simulate_one(scenario.world, own, **about, progress=progress)
        return records, records
    reference = Variant((), seed, watched=own.watched)
    if share_a_network(scenario.world, [own, reference]):
        both = simulate_all(scenario.world, [own, reference], **about, progress=progress)
        return outcome_of(both[0]), outcome_of(both[1])
    # Handed over first: a second process then works while this one simulates the scenario.
    other = executor.submit(simulate_one, scenario.world, reference, **about)
    records = simulate_one(scenario.world, own, **about, progress=progress)
    return records, other.result()


def _is_large(scenario: Scenario) -> bool:
    """Whether two processes pay: a second one takes about a second to start."""
    weeks = (scenario.ends - scenario.starts).days / 7
    return len(scenario.world.links) * weeks > WORTH_TWO_PROCESSES


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
    """Countries that restrict their exports in this scenario, and have some to restrict."""
    return sorted({lever.exporter for lever in _felt(scenario)})


def first_restricted(scenario: Scenario) -> date | None:
    """First day on which such a restriction comes into force, be it before the scenario; None without any."""
    days = (p.date for lever in _felt(scenario) for p in lever.timeline() if p.acts)
    return min(days, default=None)


def _felt(scenario: Scenario) -> list[Restriction]:
    """Restrictions that meet some trade."""
    return [lever for lever in scenario.restrictions if lever.id not in scenario.idle]


def _facts(scenario: Scenario, run_id: str, seed: int, warnings: tuple[str, ...]) -> dict[str, Any]:
    return {
        "run_id": run_id,
        "scenario": scenario.name,
        "scenario_files": list(scenario.files)[::-1],
        "versions": run_folder.versions(),
        "source_hash": run_folder.source_hash(),
        "pack": {"id": scenario.world.id, "hash": scenario.world.content_hash},
        "seed": seed,
        "replications": 0,
        "label": "central values, no spread",
        "warnings": list(warnings),
    }
