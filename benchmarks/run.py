"""Speed of the engine on the shipped world and against a naive model, beside the goals of its page.

    python benchmarks/run.py [--rounds 5] [--only GROUP ...] [--quick]

The cases run in turn, round after round; the first round is dropped and the median of the others is shown.
A unit is the time of 100,000 bare generator timeouts at 60 pending, timed right before each case; ratios
are taken within a round. Seconds are those of the processor, so that a busy machine disturbs little; only
the many runs, which two processes share, are timed by the clock. All count from the loaded world on, plan
included, tables not. Nothing here fails because something is slow.
"""

from __future__ import annotations

import argparse
import os
import platform
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import version
from statistics import median
from typing import Any, Protocol

from benchmarks.cases import (
    KINDS,
    NAIVE_YEARS,
    Case,
    Race,
    many_seconds,
    rules,
    trading,
    without_tables,
)
from benchmarks.measuring import (
    Goal,
    Steps,
    Timings,
    heads,
    measured,
    profile_lines,
    step_lines,
    steps_of,
)
from sim.engine.batches import WIDTH
from sim.engine.simulation import Simulation

YEARS, QUICK_YEARS = 10, 2
MOST_ALONE, MOST_TRACED = 14.0, 24.0
MOST_IN_BATCH = {"bans and quotas": 2.0, "licences": 6.0}
MOST_WITH_RULES = {"no market": 1.3, "supply": 1.6}
"""Rules of supply without and with the market -> times as long as the rigid world"""
RULES_YEARS = 4
MANY, QUICK_MANY = 64, 16
RUNS_WANTED = 1_000
MOST_MANY_S = {"bans and quotas": 120.0, "licences": 350.0}
WIDTHS = (1, 2, 4)
LEAST_NAIVE = {1: 10.0, 4: 40.0, 16: 100.0}
"""How many small trading worlds stand side by side -> how many times as fast as the naive model"""
SAME_T = 1e-9
SMALL, LARGE = 4, 40
MOST_LARGE = 10.5
MOST_TWICE = 2.1

Measure = Callable[[], float]


class Group(Protocol):
    """Cases that belong together."""

    def cases(self) -> dict[str, Measure]:
        """What is timed in each round."""

    def goals(self, timings: Timings) -> list[Goal]:
        """What was wanted of it."""

    def beside(self, timings: Timings) -> list[str]:
        """What stands beside the goals."""


@dataclass(slots=True)
class Alone:
    """One run of the shipped world at a time."""

    quick: bool
    runs: dict[str, Case] = field(init=False)

    def __post_init__(self) -> None:
        self.runs = {
            f"{name}{', provenance' if provenance else ''}": Case.alone(
                years_of(self.quick), banned=banned, provenance=provenance
            )
            for provenance in (False, True)
            for name, banned in (("calm", False), ("full ban", True))
        }

    def cases(self) -> dict[str, Measure]:
        """Calm and banned, without and with provenance; what comes before the first day by itself."""
        timed = {name: case.seconds for name, case in self.runs.items()}
        return timed | {"plan and arrays": self.runs["calm"].compile_seconds}

    def goals(self, timings: Timings) -> list[Goal]:
        """Units of each."""
        most = {False: MOST_ALONE, True: MOST_TRACED}
        return [
            Goal(
                f"alone, {name}", timings.units(name), most[case.variants[0].provenance], "units",
                holds=not self.quick,
            )
            for name, case in self.runs.items()
        ]  # fmt: skip

    def beside(self, timings: Timings) -> list[str]:
        """Seconds, the size of the world, and where the time goes."""
        lines = [f"  {name:34}{timings.median(name):10.3f} s" for name in self.cases()]
        for name in ("calm", "full ban"):
            more = median(timings.ratio(f"{name}, provenance", name))
            lines.append(f"  {name}: provenance makes it {more:.1f} times as long")
        found = {name: watched(case) for name, case in self.runs.items()}
        lines += [heading("Size of the shipped world"), *size_lines(*found["calm, provenance"])]
        lines.append(heading("Where the time of a run alone goes (one run, with stopwatches)"))
        lines += step_lines({name: steps for name, (_, steps) in found.items()})
        lines.append(heading("Functions of a run alone, calm, with provenance (slowed down)"))
        return lines + profiled(self.runs["calm, provenance"])


@dataclass(slots=True)
class Batch:
    """Runs of the shipped world side by side."""

    quick: bool
    runs: dict[str, Case] = field(init=False)
    traced: dict[str, Case] = field(init=False)
    narrow: dict[int, Case] = field(init=False)

    def __post_init__(self) -> None:
        years = years_of(self.quick)
        self.runs = {f"batch, {kind}": Case.batch(kind, years) for kind in KINDS}
        self.traced = {
            f"batch, {kind}, provenance": Case.batch(kind, years, provenance=True) for kind in KINDS
        }
        self.narrow = {width: Case.batch("bans and quotas", years, width) for width in WIDTHS}

    def cases(self) -> dict[str, Measure]:
        """Each kind, with provenance too; bans and quotas also with fewer columns."""
        timed = {name: case.seconds for name, case in (self.runs | self.traced).items()}
        return timed | {f"{width} columns": case.seconds for width, case in self.narrow.items()}

    def goals(self, timings: Timings) -> list[Goal]:
        """Units of each column."""
        return [
            Goal(
                f"in a batch of {WIDTH}, {kind}", timings.units(f"batch, {kind}", WIDTH), most,
                "units", holds=not self.quick,
            )
            for kind, most in MOST_IN_BATCH.items()
        ]  # fmt: skip

    def beside(self, timings: Timings) -> list[str]:
        """Width, provenance, and where the time goes."""
        lines = ["  bans and quotas by width:"]
        widths = [(width, f"{width} columns") for width in WIDTHS]
        for width, name in [*widths, (WIDTH, "batch, bans and quotas")]:
            units, seconds = median(timings.units(name, width)), timings.median(name) / width
            lines.append(f"    {width:>2} side by side: each {units:6.2f} units, {seconds:.3f} s")
        for name in self.traced:
            lines.append(f"  {name}: each {median(timings.units(name, WIDTH)):.2f} units")
        lines.append(heading(f"Where the time of a batch of {WIDTH} goes (one, with stopwatches)"))
        with without_tables():
            lines += step_lines({name: steps_of(case.run) for name, case in self.runs.items()})
        lines.append(heading("Functions of a batch, bans and quotas (profiled, so slower)"))
        return lines + profiled(self.runs["batch, bans and quotas"])


@dataclass(slots=True)
class Rules:
    """The rules of behaviour, in a batch."""

    quick: bool
    runs: dict[str, Case] = field(init=False)

    def __post_init__(self) -> None:
        years = QUICK_YEARS if self.quick else RULES_YEARS
        self.runs = {
            f"{name}, {kind}": Case.batch(kind, years, behaviour=behaviour)
            for kind in KINDS
            for name, behaviour in rules().items()
        }

    def cases(self) -> dict[str, Measure]:
        """Each kind with none, with those of supply (market last), and with those of users too."""
        return {name: case.seconds for name, case in self.runs.items()}

    def goals(self, timings: Timings) -> list[Goal]:
        """How many times as long a batch takes with them."""
        return [
            Goal(
                f"{name} instead of rigid, {kind}",
                timings.ratio(f"{name}, {kind}", f"rigid, {kind}"), most, "times",
                holds=not self.quick,
            )
            for kind in KINDS
            for name, most in MOST_WITH_RULES.items()
        ]  # fmt: skip

    def beside(self, timings: Timings) -> list[str]:
        """Seconds of each, and where the time goes."""
        lines = [f"  {name:34}{timings.median(name):10.3f} s" for name in self.runs]
        for kind in KINDS:
            for rigid in ("rigid", "supply"):
                ratios = timings.ratio(f"users too, {kind}", f"{rigid}, {kind}")
                lines.append(
                    f"  users too instead of {rigid}, {kind}: {median(ratios):.2f} times"
                    f" ({min(ratios):.2f} to {max(ratios):.2f})"
                )
        lines.append(heading("Functions of a batch with all rules (profiled, so slower)"))
        return lines + profiled(self.runs["users too, bans and quotas"])


@dataclass(slots=True)
class Many:
    """As many runs as two cores do in parallel."""

    quick: bool

    @property
    def runs(self) -> int:
        """How many are timed."""
        return QUICK_MANY if self.quick else MANY

    def cases(self) -> dict[str, Measure]:
        """Each kind."""
        return {
            f"many, {kind}": partial(many_seconds, kind, years_of(self.quick), self.runs)
            for kind in KINDS
        }

    def goals(self, timings: Timings) -> list[Goal]:
        """Seconds of the clock for a thousand."""
        return [
            Goal(
                f"{RUNS_WANTED:,} runs on 2 cores, {kind} (from {self.runs})",
                timings.seconds(f"many, {kind}", RUNS_WANTED / self.runs), most, "s",
                holds=not self.quick,
            )
            for kind, most in MOST_MANY_S.items()
        ]  # fmt: skip

    def beside(self, timings: Timings) -> list[str]:
        """What was timed."""
        return [
            f"  {self.runs} runs, {kind}: {timings.median(f'many, {kind}'):.2f} s of the clock"
            for kind in KINDS
        ]


@dataclass(slots=True)
class Naive:
    """The engine against the naive model."""

    quick: bool
    races: list[Race] = field(init=False)

    def __post_init__(self) -> None:
        self.races = [Race(copies) for copies in list(LEAST_NAIVE)[: 2 if self.quick else None]]

    def cases(self) -> dict[str, Measure]:
        """Both on each network."""
        found: dict[str, Measure] = {}
        for race in self.races:
            found[f"engine, {race.lines} lines"] = race.case.seconds
            found[f"naive, {race.lines} lines"] = race.naive_seconds
        return found

    def goals(self, timings: Timings) -> list[Goal]:
        """How many times as fast, and whether it is the same that both say."""
        faster = [
            Goal(
                f"faster than the naive model, {race.lines} lines, batch",
                timings.ratio(f"naive, {race.lines} lines", f"engine, {race.lines} lines", WIDTH),
                LEAST_NAIVE[race.copies], "times", at_least=True,
            )
            for race in self.races
        ]  # fmt: skip
        differ = [race.difference() for race in self.races]
        return [*faster, Goal("largest difference from the naive model", differ, SAME_T, "t")]

    def beside(self, timings: Timings) -> list[str]:
        """Seconds of both."""
        lines = [f"  {'places':>8}{'lines':>8}{'engine s, each':>16}{'naive s':>10}"]
        for race in self.races:
            engine = timings.median(f"engine, {race.lines} lines") / WIDTH
            naive = timings.median(f"naive, {race.lines} lines")
            lines.append(f"  {race.places:>8}{race.lines:>8}{engine:>16.3f}{naive:>10.2f}")
        return [*lines, f"  {NAIVE_YEARS} years, each column with a ban of a year"]


@dataclass(slots=True)
class Scaling:
    """Larger worlds and more years."""

    quick: bool
    runs: dict[str, Case] = field(init=False)

    def __post_init__(self) -> None:
        years = years_of(self.quick)
        self.runs = {
            "small world": trading(SMALL, alone=True),
            "large world": trading(LARGE, alone=True),
            "horizon": Case.alone(years, banned=False, provenance=False),
            "twice the horizon": Case.alone(2 * years, banned=False, provenance=False),
        }

    def cases(self) -> dict[str, Measure]:
        """Each of them alone."""
        return {name: case.seconds for name, case in self.runs.items()}

    def goals(self, timings: Timings) -> list[Goal]:
        """How many times as long it takes."""
        larger = timings.ratio("large world", "small world")
        twice = timings.ratio("twice the horizon", "horizon")
        years, copies = years_of(self.quick), LARGE // SMALL
        return [
            Goal(f"a world {copies} times as large", larger, MOST_LARGE, "times"),
            Goal(
                f"{2 * years} years in place of {years}", twice, MOST_TWICE, "times",
                holds=not self.quick,
            ),
        ]  # fmt: skip

    def beside(self, timings: Timings) -> list[str]:
        """Seconds of each."""
        return [f"  {name:34}{timings.median(name):10.3f} s" for name in self.runs]


GROUPS: dict[str, Callable[[bool], Group]] = {
    "alone": Alone,
    "batch": Batch,
    "rules": Rules,
    "many": Many,
    "naive": Naive,
    "scaling": Scaling,
}


# ---- what is printed


def years_of(quick: bool) -> int:
    """Reported years of the shipped world."""
    return QUICK_YEARS if quick else YEARS


def watched(case: Case) -> tuple[Simulation, Steps]:
    """One run with stopwatches at its steps, and what it ran on."""
    found: list[Simulation] = []

    def run() -> None:
        found.append(case.put_together())
        found[0].run()

    with without_tables():
        steps = steps_of(run)
    return found[0], steps


def profiled(case: Case) -> list[str]:
    """The functions in which a case spends its time."""
    with without_tables():
        return profile_lines(case.run)


def size_lines(simulation: Simulation, steps: Steps) -> list[str]:
    """The world it was measured on."""
    network = simulation.network
    world = network.world
    products = {(form, product) for _, form, product in (*network.outputs, *network.inputs)}
    tracer: Any = simulation.recorder.watches[0].tracer
    rows = [
        ("elements", len(world.elements)),
        ("sites / of them in the plan", f"{len(world.sites)} / {len(network.plan.active)}"),
        ("demand nodes", len(world.demand)),
        ("links (seller, buyer, form)", len(world.links)),
        ("lanes (one product of a link)", len(network.lane_output)),
        ("lines (one holder of a lane)", len(network.line_lane)),
        ("outputs / inputs", f"{len(network.outputs)} / {len(network.inputs)}"),
        ("holders", len(network.holder_input)),
        ("products (form and product)", len(products)),
        ("provenance classes", len(tracer.classes.names)),
        ("reviews, of them warm-up", f"{steps.reviews}, {steps.warm_up_reviews}"),
    ]
    return [f"  {name:34}{value!s:>18}" for name, value in rows]


def heading(text: str) -> str:
    """Title of a block."""
    return f"\n{text}\n{'-' * len(text)}"


def machine() -> str:
    """What it ran on, and how busy that was."""
    load_now = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    packages = ", ".join(f"{name} {version(name)}" for name in ("simpy", "numpy", "pandas"))
    return f"{os.cpu_count()} cores{load_now}, Python {platform.python_version()}, {packages}"


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Time the engine, beside the goals of its page.")
    parser.add_argument("--rounds", type=int, default=5, help="rounds shown, one more is run")
    parser.add_argument("--quick", action="store_true", help="1 round of 2 years, to try it out")
    parser.add_argument(
        "--only", nargs="+", choices=GROUPS, default=[*GROUPS], metavar="GROUP",
        help=f"some of {', '.join(GROUPS)}",
    )  # fmt: skip
    given = parser.parse_args(arguments)
    rounds = 1 if given.quick else max(1, given.rounds)
    print(machine())
    groups = {name: make(given.quick) for name, make in GROUPS.items() if name in given.only}
    cases: dict[str, Measure] = {}
    for group in groups.values():
        cases |= group.cases()
    timings = measured(cases, rounds, first_dropped=not given.quick)
    print(heading(f"Goals, median of {rounds} rounds (unit = 100,000 generator timeouts)"))
    print(heads())
    for group in groups.values():
        for goal in group.goals(timings):
            print(goal.line(), flush=True)
    for name, group in groups.items():
        print(heading(f"Beside the goals: {name}"))
        print("\n".join(group.beside(timings)), flush=True)
    print(f"\n{machine()}")


if __name__ == "__main__":
    main()
