"""How it is timed: a unit beside every case, rounds, the steps of a review, and profiles."""

from __future__ import annotations

import cProfile
import io
import pstats
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any
from unittest.mock import patch

import simpy

from sim.engine.column import Column
from sim.engine.consumption import Consumption
from sim.engine.planner import Planner
from sim.engine.production import Production
from sim.engine.recording import Recorder
from sim.engine.selling import Selling
from sim.engine.simulation import Simulation

UNIT_EVENTS = 100_000
PENDING = 60
SHOWN = 12
"""Functions of a profile"""

STEPS: dict[str, tuple[type, str]] = {
    "plan of the day": (Planner, "at"),
    "look ahead": (Column, "look"),
    "take in": (Simulation, "_take_in"),
    "produce": (Production, "produce"),
    "consume": (Consumption, "consume"),
    "sell": (Selling, "sell"),
    "record": (Recorder, "record"),
}
"""Steps of a review with the method that does it; none calls another"""


# ---- the unit


def ticking(env: simpy.Environment, delay: float, times: int) -> Generator[simpy.Event, Any, None]:
    """A process that only waits."""
    for _ in range(times):
        yield env.timeout(delay)


def unit_seconds() -> float:
    """Processor seconds for 100,000 bare generator timeouts with 60 of them pending."""
    env = simpy.Environment()
    for k in range(PENDING):
        times = UNIT_EVENTS // PENDING + (k < UNIT_EVENTS % PENDING)
        env.process(ticking(env, 1.0 + k * 7 % 30, times))
    began = process_time()
    env.run()
    return process_time() - began


# ---- rounds


@dataclass(slots=True)
class Timings:
    """Seconds by case and round, each with the unit timed right before it."""

    rounds: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    """Case -> (seconds, seconds of the unit) a round"""

    def add(self, name: str, seconds: float, unit: float) -> None:
        """One more."""
        self.rounds.setdefault(name, []).append((seconds, unit))

    def seconds(self, name: str, times: float = 1.0) -> list[float]:
        """Round by round."""
        return [seconds * times for seconds, _ in self.rounds[name]]

    def units(self, name: str, runs: int = 1) -> list[float]:
        """Units for each of so many runs, round by round."""
        return [seconds / unit / runs for seconds, unit in self.rounds[name]]

    def ratio(self, name: str, base: str, times: float = 1.0) -> list[float]:
        """How many times as long it took as another case of the same round."""
        pairs = zip(self.seconds(name), self.seconds(base), strict=True)
        return [times * a / b for a, b in pairs]

    def median(self, name: str) -> float:
        """Seconds."""
        return median(self.seconds(name))


def measured(
    cases: Mapping[str, Callable[[], float]], rounds: int, *, first_dropped: bool
) -> Timings:
    """Time the cases in turn, round after round; a first one may be run and forgotten."""
    timings = Timings()
    for number in range(0 if first_dropped else 1, rounds + 1):
        print(f"round {number} of {rounds}{' (dropped)' if number == 0 else ''}", flush=True)
        for name, case in cases.items():
            unit = unit_seconds()
            seconds = case()
            if number > 0:
                timings.add(name, seconds, unit)
    return timings


# ---- where the time goes


@dataclass(slots=True)
class Steps:
    """Processor seconds of the steps of all reviews of a run."""

    by_step: dict[str, float] = field(default_factory=lambda: dict.fromkeys(STEPS, 0.0))
    reviews: int = 0
    reviews_s: float = 0.0
    warm_up_reviews: int = 0
    warm_up_s: float = 0.0
    """In the reviews before the first reported day"""
    whole_s: float = 0.0

    def shares(self) -> dict[str, float]:
        """Part of the whole by step, and of what stands beside them; the last cuts across the others."""
        seconds = {
            **self.by_step,
            "rest of the review": self.reviews_s - sum(self.by_step.values()),
            "outside of reviews": self.whole_s - self.reviews_s,
            "reviews of the warm-up": self.warm_up_s,
        }
        return {name: part / self.whole_s for name, part in seconds.items()}


def step_lines(found: Mapping[str, Steps]) -> list[str]:
    """A line for each step, a column for each run."""
    width = max(map(len, found)) + 3
    shares = [steps.shares() for steps in found.values()]
    lines = [f"  {'':24}" + "".join(f"{name:>{width}}" for name in found)]
    for step in shares[0]:
        lines.append(f"  {step:24}" + "".join(f"{each[step]:>{width}.0%}" for each in shares))
    return lines


def steps_of(work: Callable[[], object]) -> Steps:
    """Run once with a stopwatch at every step."""
    steps = Steps()
    review = Simulation._review

    def timed_review(self: Simulation, day: float) -> None:
        began = process_time()
        review(self, day)
        took = process_time() - began
        steps.reviews += 1
        steps.reviews_s += took
        if day < 0:
            steps.warm_up_reviews += 1
            steps.warm_up_s += took

    with ExitStack() as stack:
        for name, (owner, method) in STEPS.items():
            stack.enter_context(_stopwatch(steps, name, owner, method))
        stack.enter_context(patch.object(Simulation, "_review", timed_review))
        began = process_time()
        work()
        steps.whole_s = process_time() - began
    return steps


@contextmanager
def _stopwatch(steps: Steps, name: str, owner: type, method: str) -> Iterator[None]:
    """Add up the time of a method for a while."""
    inner = getattr(owner, method)

    def timed(*args: Any, **kwargs: Any) -> Any:
        began = process_time()
        try:
            return inner(*args, **kwargs)
        finally:
            steps.by_step[name] += process_time() - began

    with patch.object(owner, method, timed):
        yield


def profile_lines(work: Callable[[], object]) -> list[str]:
    """The functions in which a run spends its own time; it is slower while it is watched."""
    profile = cProfile.Profile()
    profile.runcall(work)
    stats: Any = pstats.Stats(profile, stream=io.StringIO())
    total = stats.total_tt
    ranked = sorted(stats.stats.items(), key=lambda item: -item[1][2])[:SHOWN]
    lines = [f"  {'own':>5}{'own s':>8}{'with callees s':>16}{'calls':>10}  function"]
    for (file, line, name), (_, calls, own, whole, _) in ranked:
        place = name if file == "~" else f"{_short(file)}:{line} {name}"
        lines.append(f"  {own / total:5.0%}{own:8.2f}{whole:16.2f}{calls:10,}  {place[:58]}")
    return lines


def _short(file: str) -> str:
    """Last folder and name of a file."""
    return "/".join(Path(file).parts[-2:])


# ---- goals


@dataclass(frozen=True, slots=True)
class Goal:
    """What was wanted, and what each round showed."""

    name: str
    values: Sequence[float]
    wanted: float
    unit: str = ""
    at_least: bool = False
    holds: bool = True
    """Whether this was measured as the goal is meant"""

    def line(self) -> str:
        """Median and range, met or missed."""
        middle = median(self.values)
        met = middle >= self.wanted if self.at_least else middle <= self.wanted
        verdict = ("met" if met else "MISSED") if self.holds else "(tried out only)"
        wanted = f"{'>=' if self.at_least else '<='} {self.wanted:g} {self.unit}"
        spread = f"{min(self.values):{_digits(middle)}} .. {max(self.values):{_digits(middle)}}"
        return f"  {self.name:48}{wanted:>14}{middle:>10{_digits(middle)}}   {spread:22}{verdict}"


def heads() -> str:
    """What stands above goals."""
    return f"  {'goal':48}{'wanted':>14}{'median':>10}   {'range':22}verdict"


def _digits(number: float) -> str:
    return ".2f" if number >= 0.01 or number == 0 else ".0e"
