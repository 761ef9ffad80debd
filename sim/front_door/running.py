"""Simulating from Python, and opening what was simulated before."""

from __future__ import annotations

import os
import time
from pathlib import Path

from sim.engine.records import Records
from sim.front_door.result import Result
from sim.front_door.scenarios import Given, load_scenario
from sim.front_door.sources import FromFolder, FromMemory
from sim.pipeline import pipeline
from sim.pipeline.in_memory import Order, simulate_alone
from sim.run_folder import run_state
from sim.system.progress import Progress, quiet

LARGEST_SEED = 2**63 - 1
MOST_JOBS = 61
"""What Windows allows"""


def run(
    scenario: Given, *, seed: int | None = None, jobs: int | None = None, figures: bool = True,
    progress: Progress | None = None,
) -> Result:  # fmt: skip
    """Simulate a scenario and the same world without its levers, in memory: nothing is printed or written.

    `scenario` is whatever `load_scenario` takes, or what it returned. `seed` (0 to 2**63 - 1) replaces the
    scenario's. `jobs` processes (1 to 61) share the work, by default two where that pays; the result is the
    same. `figures`: whether `Result.save` writes figures and page too; `Result.figure` draws either way.
    `progress` is called with the phase (a text such as `tables`) and the part of it that is done, 0 to 1.

    Raises `BadInputError` for what the scenario says, `ValueError` for another argument, `BalanceError` if a
    tonne is unaccounted for.

    >>> result = sim.run("china-full-ban-12-months")
    >>> result.headline.set_index("id").loc["shortfall_caused", ["value", "unit"]]
    """
    _check("seed", seed, 0, LARGEST_SEED)
    _check("jobs", jobs, 1, MOST_JOBS)
    began = time.monotonic()
    order = Order.of(load_scenario(scenario), seed)
    made = pipeline.in_memory(order, jobs=jobs, progress=progress or quiet)
    took_s = time.monotonic() - began
    return Result(FromMemory(made, figures=figures, jobs=jobs, took_s=took_s))


def open_run(folder: str | os.PathLike[str]) -> Result:
    """Open the folder of a finished run; a table is read when it is asked for.

    `folder` is the path that `critmin run` printed last, or that `Result.save` returned. Values and figures
    are those that the run had in memory.

    Raises `RunFolderError` unless a finished run of this form stands there, each table as the run wrote it.

    >>> result = sim.open_run("results/baseline/0123456789ab")
    >>> result.monthly.query("metric == 'shortfall' and run == 'reference'")
    """
    path = Path(folder)
    run_state.check_finished(path)
    # Tables are read later, when one may work in another folder.
    return Result(FromFolder(path.absolute()))


def simulate(
    scenario: Given, *, reference: bool = False, seed: int | None = None,
    progress: Progress | None = None,
) -> Records:  # fmt: skip
    """Simulate one world alone, the scenario or with `reference` the same without levers; in memory.

    Returns what the simulation remembers, before any measure is made of it: tables by month (`use`,
    `production`, `shipments`, `stocks` ..., in tonnes of the pack's basis) and arrays by review
    (`review_demand_t`, `review_consumed_t`: [review, item of `use_index`]). They are those from which `run`
    makes its tables.

    Takes `scenario`, `seed` and `progress` as `run` does, and raises what it raises.

    >>> records = sim.simulate("baseline")
    >>> records.use.groupby("month")["consumed_t"].sum()
    """
    _check("seed", seed, 0, LARGEST_SEED)
    order = Order.of(load_scenario(scenario), seed)
    return simulate_alone(
        order.scenario, order.seed, reference=reference, progress=progress or quiet
    )


def _check(name: str, given: int | None, least: int, most: int) -> None:
    if given is None:
        return
    if isinstance(given, bool) or not isinstance(given, int) or not least <= given <= most:
        raise ValueError(f"`{name}` is a whole number from {least} to {most}, not {given!r}")
