"""The whole flow of a run, from a scenario to tables in memory or a finished folder. Read this first.

Both are made by the same functions. A folder is filled while its tables are being made, since two processes
share the work; see "Two processes" and "The front door" in `docs/design.md`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sim.figures.opening import brief_in_memory
from sim.pipeline import showing
from sim.pipeline.in_memory import InMemory, Order, simulate_both
from sim.report.gaps import write_gaps
from sim.run_folder import run_folder, run_state
from sim.scenario import Scenario, load
from sim.summary import OF_SUMMARY
from sim.system import files, staging, workers
from sim.system.progress import Phase, Progress, counted, quiet
from sim.system.staging import Tell
from sim.tables import RECORDS

WORTH_TWO_PROCESSES = 10_000
"""Links x weeks; where the shipped world is simulated for a quarter of a year."""
TABLES = 2 + len(OF_SUMMARY) + len(RECORDS)
"""Steps of that phase: the summary, what is behind it, and what is written of both."""


@dataclass(frozen=True, slots=True)
class RunResult:
    """Where a run stands, and how it went."""

    folder: Path
    was_there: bool
    warnings: tuple[str, ...]


def run(
    given: str | Scenario, out: Path, *, seed: int | None = None, figures: bool = True,
    jobs: int | None = None, progress: Progress = quiet, tell: Tell = lambda _: None,
) -> RunResult:  # fmt: skip
    """Simulate a scenario and its reference, and write the run folder.

    `given` is a scenario's name or path, or what `sim.scenario.load` made of it.
    `jobs` processes share the work (by default two, if there are two cores and the world is large enough to
    pay for it); the result is the same.
    `progress` is told the phase and the part of it that is done, see `sim.system.progress`.
    `tell` says at once what the user should know meanwhile: that another process is at work on this run.

    Raises `BadInputError` for what the user wrote, `RunFolderError` if something else stands where the
    folder should be, `WriteError` where it cannot be written, `BalanceError` if a tonne is unaccounted for.
    The same run again finds its finished folder; at the same time, it waits for it.
    """
    began = time.monotonic()
    progress(Phase.PREPARING, 0.0)
    files.check_writable(out)
    scenario = load(given) if isinstance(given, str) else given
    progress(Phase.PREPARING, 0.5)
    order = Order.of(scenario, seed)
    saved = save(
        order, partial(simulated, order, progress=progress), out, began=began, figures=figures, jobs=jobs,
        progress=progress, tell=tell,
    )  # fmt: skip
    return RunResult(saved.folder, was_there=saved.made is None, warnings=saved.warnings)


def in_memory(order: Order, *, jobs: int | None = None, progress: Progress = quiet) -> InMemory:
    """Simulate a scenario and its reference, and make every table but those of the records; write nothing.

    Takes `jobs` and `progress` as `run` does, and raises `BalanceError`.
    """
    with workers.beside(processes(order.scenario, jobs) - 1) as executor:
        made = simulated(order, executor, progress)
        made.begin_others(executor)
        progress(Phase.TABLES, 0.0)
        one_more = counted(partial(progress, Phase.TABLES), 2)
        _ = made.summary
        one_more()
        _ = made.facts, made.sources
        one_more()
        made.unknowns(progress)
    return made


def simulated(order: Order, executor: Executor, progress: Progress = quiet) -> InMemory:
    """Simulate a scenario and its reference; tables are made of them as they are asked for."""
    progress(Phase.PREPARING, 1.0)
    return InMemory(order, *simulate_both(order.scenario, order.seed, executor, progress))


@dataclass(frozen=True, slots=True)
class Saved:
    """A run on disk."""

    folder: Path
    made: InMemory | None
    """None where the finished folder was there already: nothing was simulated"""
    warnings: tuple[str, ...]
    """Of the run, and of its figures"""


def save(
    order: Order, make: Callable[[Executor], InMemory], out: Path, *, began: float, figures: bool = True,
    jobs: int | None = None, progress: Progress = quiet, tell: Tell = lambda _: None,
) -> Saved:  # fmt: skip
    """Write the folder of a run below `out`, or find it finished there.

    `make` is asked for the run only where its folder is not there, by whom nobody else can write it. `began` is
    when, by `time.monotonic`, the work for it began. The rest, and what is raised, as in `run`.
    """
    folder = out / order.scenario.name / order.run_id
    jobs = processes(order.scenario, jobs)
    run_state.finished(folder)  # refused before waiting for anybody
    with staging.only_writer(folder, tell):
        if run_state.finished(folder):
            drawn = showing.complete(folder, jobs, progress) if figures else ()
            return Saved(folder, None, (*run_folder.facts(folder).get("warnings", ()), *drawn))
        # In this order: nobody works for the run any more when its folder gets its name, or is removed.
        with staging.staged(folder) as unfinished, workers.beside(jobs - 1) as executor:
            made = make(executor)
            drawn = _write(made, unfinished, executor, figures=figures, progress=progress)
            took = round(time.monotonic() - began, 2)
            run_folder.write_run_file(unfinished, {**made.facts, "wall_time_s": took})
    return Saved(folder, made, (*made.facts["warnings"], *drawn))


def _write(
    made: InMemory, folder: Path, executor: Executor, *, figures: bool, progress: Progress
) -> tuple[str, ...]:
    """All files but `run.yaml`; tables that nobody asked for yet are made on the way. Returns warnings."""
    progress(Phase.TABLES, 0.0)
    one_more = counted(partial(progress, Phase.TABLES), TABLES)
    writing = run_folder.write_records(folder, made.records, executor)
    further = made.begin_others(executor)
    if (
        figures and further is None
    ):  # while the summary is made; nothing where this process works alone
        executor.submit(showing.load_drawing)
    summary = made.summary
    one_more()
    behind, cited = made.assumptions, made.sources
    one_more()
    shown = None
    if not figures:
        write_gaps(brief_in_memory(summary, made.order.resolved, made.facts), folder)
    if figures:  # now, so that a second process draws while this one writes the tables
        shown = showing.Showing(made.finished(progress), executor, further)
    run_folder.write_tables(folder, summary, made.order.resolved, one_more)
    scenario = made.order.scenario
    run_folder.write_origins(folder, {**scenario.files, **scenario.pack_files}, behind, cited)
    for table in writing:
        table.result()
        one_more()
    # Further runs take longest, if a second process is at them: this one draws before it waits.
    drawn = shown.write_figures(folder, progress) if shown else ()
    run_folder.write_unknowns(folder, made.unknowns(progress))
    if shown:
        shown.write_page(folder, progress)
    return drawn


def processes(scenario: Scenario, jobs: int | None = None) -> int:
    """How many share the work: so many, or by default two where that pays."""
    if jobs is not None:
        return jobs
    weeks = (scenario.ends - scenario.starts).days / 7
    # A second one takes about a second to start.
    return min(2, workers.cores()) if len(scenario.world.links) * weeks > WORTH_TWO_PROCESSES else 1
