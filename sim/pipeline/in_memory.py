"""A run in memory: what is asked, both worlds, and the tables made of them. Nothing here touches the disk."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from datetime import date
from functools import cached_property, partial
from typing import Any

import pandas as pd

from sim.engine import Variant, outcome_of, share_a_network, simulate_all, simulate_one
from sim.engine.records import Records
from sim.figures import FinishedRun, run_in_memory
from sim.pipeline.assumptions import assumptions, sources
from sim.pipeline.resolved import lever_names, resolved_scenario, slice_months
from sim.pipeline.unknowns import Row, others, rows_of_others, unknowns_table
from sim.run_folder import run_folder
from sim.scenario import Scenario
from sim.summary import Summary, before_from, summarise
from sim.system.progress import Phase, Progress, quiet
from sim.system.workers import HandedOver, InThisProcess


@dataclass(frozen=True)
class Order:
    """What is to be run, and what the run will be called."""

    scenario: Scenario
    seed: int

    @classmethod
    def of(cls, scenario: Scenario, seed: int | None = None) -> Order:
        """With the scenario's own seed, unless another one is given."""
        return cls(scenario, scenario.seed if seed is None else seed)

    @cached_property
    def resolved(self) -> dict[str, Any]:
        """What becomes `scenario.resolved.yaml`."""
        return resolved_scenario(self.scenario, self.seed)

    @cached_property
    def run_id(self) -> str:
        """Twelve digits of what decides the result."""
        return run_folder.run_id(self.resolved, self.scenario.world.content_hash, self.seed)


class InMemory:
    """Both worlds of a run, simulated; each table is made when somebody asks for it first, and then kept."""

    def __init__(self, order: Order, records: Records, reference: Records) -> None:
        self.order, self.records, self.reference = order, records, reference
        self._others: HandedOver[list[Row]] | None = None
        self._unknowns: pd.DataFrame | None = None

    @cached_property
    def summary(self) -> Summary:
        """The tables people read."""
        scenario = self.order.scenario
        return summarise(
            self.records,
            self.reference,
            scenario.world,
            starts=scenario.starts,
            ends=scenario.ends,
            exporters=exporters(scenario),
            restrictions=scenario.about,
            lever_names=lever_names(scenario),
            slice_months=slice_months(scenario),
            idle=scenario.idle,
            behaviour=scenario.behaviour,
            restricted=first_restricted(scenario),
        )

    @cached_property
    def assumptions(self) -> pd.DataFrame:
        """Values of the pack that the answer hangs on."""
        tables = self.summary.worst, self.summary.reference
        return assumptions(self.order.scenario, self.records, *tables)

    @cached_property
    def sources(self) -> pd.DataFrame:
        """The publications that they cite."""
        return sources(self.assumptions, self.order.scenario.world)

    @cached_property
    def facts(self) -> dict[str, Any]:
        """What becomes `run.yaml`, but for the time and the hashes."""
        order, scenario = self.order, self.order.scenario
        return {
            "run_id": order.run_id,
            "scenario": scenario.name,
            "scenario_files": list(scenario.files)[::-1],
            "versions": run_folder.versions(),
            "source_hash": run_folder.source_hash(),
            "pack": {"id": scenario.world.id, "hash": scenario.world.content_hash},
            "seed": order.seed,
            "replications": 0,
            "label": "central values, no spread",
            "warnings": list(_warnings(scenario, self.records)),
        }

    def begin_others(self, executor: Executor) -> Future[Any] | None:
        """Let another process begin the further runs of what nobody knows.

        Returns its work; None where there is none, or where the executor has no process: then they are
        simulated when `unknowns` is asked for.
        """
        if self._others is None and self._unknowns is None:
            scenario, seed = self.order.scenario, self.order.seed
            runs = others(scenario, seed)
            if runs:
                self._others = HandedOver(executor, partial(rows_of_others, scenario, runs))
            else:
                self._unknowns = self._of_others([])
        return self._others.future if self._others else None

    def unknowns(self, progress: Progress = quiet) -> pd.DataFrame:
        """How far the result hangs on what nobody knows, and on luck; waits for the further runs."""
        self.begin_others(InThisProcess())
        if self._others is not None:
            progress(Phase.UNKNOWNS, 0.0)
            rows = self._others.result(partial(progress, Phase.UNKNOWNS))
            self._unknowns, self._others = self._of_others(rows), None
        assert self._unknowns is not None, (
            "made when the further runs are over, or where there are none"
        )
        return self._unknowns

    def _of_others(self, rows: list[Row]) -> pd.DataFrame:
        order = self.order
        return unknowns_table(order.scenario, order.seed, self.records, self.reference, rows)

    def finished(self, progress: Progress = quiet) -> FinishedRun:
        """The run as figures and page see it; further runs, of which `progress` is told, when the page asks."""
        return run_in_memory(
            self.summary, self.records, self.order.resolved, self.facts, self.assumptions, self.sources,
            self.order.scenario.files, partial(self.unknowns, progress),
        )  # fmt: skip


def simulate_both(
    scenario: Scenario, seed: int, executor: Executor, progress: Progress = quiet
) -> tuple[Records, Records]:
    """The scenario and its reference: the same world without restrictions, shocks and measures."""
    about = _about(scenario)
    own, reference = _variant(scenario, seed), _variant(scenario, seed, reference=True)
    simulated: Callable[..., Records] = partial(simulate_one, scenario.world, **about)
    if not scenario.levers:
        progress(Phase.SCENARIO, 0.0)
        records = simulated(own, progress=partial(progress, Phase.SCENARIO))
        return records, records
    if share_a_network(scenario.world, [own, reference]):
        progress(Phase.BOTH, 0.0)
        part = partial(progress, Phase.BOTH)
        both = simulate_all(scenario.world, [own, reference], **about, progress=part)
        return outcome_of(both[0]), outcome_of(both[1])
    # Handed over first: a second process then works while this one simulates the scenario.
    other = HandedOver(executor, partial(simulated, reference))
    if other.future is None:
        progress(Phase.SCENARIO, 0.0)
        records = simulated(own, progress=partial(progress, Phase.SCENARIO))
        progress(Phase.REFERENCE, 0.0)
        return records, other.result(partial(progress, Phase.REFERENCE))
    progress(Phase.BOTH, 0.0)
    records = simulated(own, progress=lambda done: progress(Phase.BOTH, (done + other.far()) / 2))
    return records, other.result(lambda done: progress(Phase.BOTH, (1 + done) / 2))


def simulate_alone(
    scenario: Scenario, seed: int, *, reference: bool = False, progress: Progress = quiet
) -> Records:
    """One of the two worlds, as `simulate_both` gives it."""
    phase = Phase.REFERENCE if reference else Phase.SCENARIO
    progress(phase, 0.0)
    variant = _variant(scenario, seed, reference=reference)
    part = partial(progress, phase)
    return simulate_one(scenario.world, variant, **_about(scenario), progress=part)


def _about(scenario: Scenario) -> dict[str, Any]:
    """What both worlds have in common."""
    restricted = first_restricted(scenario)
    return {
        "starts": scenario.starts,
        "ends": scenario.ends,
        "review_days": scenario.review_days,
        "behaviour": scenario.behaviour,
        "sales_from": before_from(restricted) if restricted else None,
    }


def _variant(scenario: Scenario, seed: int, *, reference: bool = False) -> Variant:
    levers: Any = () if reference else tuple(scenario.levers)
    return Variant(levers, seed, watched=tuple(exporters(scenario)))


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
    return sorted({lever.exporter for lever in scenario.felt})


def first_restricted(scenario: Scenario) -> date | None:
    """First day on which such a restriction comes into force, be it before the scenario; None without any."""
    days = (p.date for lever in scenario.felt for p in lever.timeline() if p.acts)
    return min(days, default=None)
