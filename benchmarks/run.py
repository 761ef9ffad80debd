"""Speed of the engine on the shipped world and against a naive model, beside the goals of its page.

    python benchmarks/run.py [--rounds 5] [--years 10] [--quick] [--naive]

Everything is timed in one process, the cases in turn, round after round; the first round is dropped and
the median of the others is shown. A unit is the time of 100,000 bare generator timeouts at 60 pending,
timed in the same round. Seconds are those of the processor, so that a busy machine disturbs little.
Nothing here fails because something is slow.
"""

from __future__ import annotations

import argparse
import cProfile
import io
import os
import platform
import pstats
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date
from importlib.metadata import version
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any
from unittest.mock import patch

import numpy as np
import simpy

from benchmarks.naive import NaiveModel
from sim.engine import clock
from sim.engine.calendar import Calendar
from sim.engine.clock import Clock
from sim.engine.draws import keyed_uniform
from sim.engine.goods import Goods
from sim.engine.recording import Recorder
from sim.engine.simulation import Simulation
from sim.engine.transport import Transport
from sim.lever import Lever
from sim.levers import ExportBan
from sim.quantities import DAYS_PER_CALENDAR_YEAR, DAYS_PER_WEEK
from sim.scenario import load
from sim.world import World
from tests.trade_world import trade_world

UNIT_EVENTS = 100_000
PENDING = 60
STARTS = date(2025, 1, 1)
BAN_STARTS = date(2026, 1, 1)
EXPORTER = "CHN"
SEED = 1
LAYER_REPEATS = 3
SHOWN = 12

MOST_LAYER = 1.75
MOST_PLAIN = 8.0
MOST_TRACED = 16.0
MOST_RECORDING = 0.15
LEAST_NAIVE = 15.0

NAIVE_YEARS = 2
NAIVE_COPIES = (1, 4, 16)
"""How many small trading worlds stand side by side."""
NAIVE_BAN = {
    "id": "ban", "kind": "export_ban", "exporter": "AAA",
    "starts": date(2025, 3, 1), "ends": date(2026, 3, 1),
}  # fmt: skip

Schedule = dict[int, list[Callable[[Simulation], None]]]
"""review number (-1: before the first) -> what it schedules"""


@dataclass(frozen=True, slots=True)
class Case:
    """What is simulated."""

    world: World
    levers: tuple[Any, ...]
    years: int

    def compiled(self, *, provenance: bool) -> Simulation:
        """Ready to run."""
        calendar = Calendar(STARTS, STARTS.replace(year=STARTS.year + self.years))
        return Simulation.of(
            self.world, self.levers, calendar, 7.0, SEED, provenance=provenance, watched=[EXPORTER]
        )


@dataclass(slots=True)
class Counted:
    """What one untimed run with counters showed."""

    simulation: Simulation
    events: int
    warm_up_reviews: int
    warm_up_seconds: float
    seconds: float
    schedule: Schedule
    most_pending: int


class CountingEnvironment(clock.CountingEnvironment):
    """Counts its events."""

    steps = 0
    most_pending = 0

    def step(self) -> None:
        """One event."""
        self.steps += 1
        self.most_pending = max(self.most_pending, len(self._queue))
        super().step()


@contextmanager
def replaced(*changes: tuple[type | Any, str, Any]) -> Iterator[None]:
    """Put other attributes in place of (owner, name, ...) for a while."""
    with ExitStack() as stack:
        for owner, name, value in changes:
            stack.enter_context(patch.object(owner, name, value))
        yield


def nothing(*_: Any, **__: Any) -> None:
    """Stand in for work that is left out."""


# ---- the bare kernel


def ticking(env: simpy.Environment, delay: float, times: int) -> Generator[simpy.Event, Any, None]:
    """A process that only waits."""
    for _ in range(times):
        yield env.timeout(delay)


def bare_kernel(events: int) -> float:
    """Seconds for so many generator timeouts with 60 of them pending."""
    env = simpy.Environment()
    for k in range(PENDING):
        env.process(ticking(env, 1.0 + k * 7 % 30, events // PENDING + (k < events % PENDING)))
    began = process_time()
    env.run()
    return process_time() - began


# ---- replications


def compiling(case: Case) -> float:
    """Seconds to plan and lay out the arrays."""
    began = process_time()
    case.compiled(provenance=False)
    return process_time() - began


def replication(case: Case, *, provenance: bool) -> float:
    """Seconds of one replication, from the world to its tables."""
    began = process_time()
    case.compiled(provenance=provenance).run()
    return process_time() - began


def without_recording(case: Case) -> float:
    """Seconds of a replication that remembers nothing and writes no table."""
    with replaced((Recorder, "record", nothing), (Simulation, "_records", nothing)):
        return replication(case, provenance=False)


def without_tables(case: Case) -> float:
    """Seconds of a replication that adds up by month but builds no table."""
    with replaced((Simulation, "_records", nothing)):
        return replication(case, provenance=False)


def counted(case: Case, *, provenance: bool) -> Counted:
    """Run once with counters on, and keep what each review scheduled."""
    schedule: Schedule = {}
    moments: list[tuple[float, float]] = []
    after, send, travel = Clock.after, Transport._send_direct, Transport._travel
    review, prime = Simulation._review, Simulation._prime
    now = -1

    def keep(call: Callable[[Simulation], None]) -> None:
        schedule.setdefault(now, []).append(call)

    def kept_after(self: Clock, delay: float, then: Any, *about: object) -> None:
        keep(lambda other: after(other.clock, delay, nothing, *about))
        after(self, delay, then, *about)

    def kept_send(self: Transport, lot: Any, lands: float) -> None:
        keep(lambda other: send(other.transport, lot, lands))
        send(self, lot, lands)

    def kept_travel(self: Transport, *about: Any) -> Generator[simpy.Event, Any, None]:
        keep(lambda other: start(other.clock.env, travel(other.transport, *about)))
        return travel(self, *about)

    def timed_review(self: Simulation, day: float) -> None:
        nonlocal now
        now = self.clock.review_number
        moments.append((day, process_time()))
        review(self, day)

    def start(env: simpy.Environment, work: Generator[simpy.Event, Any, None]) -> None:
        env.process(work)

    def timed_prime(self: Simulation) -> None:
        nonlocal now
        now = -1
        prime(self)

    with replaced(
        (clock, "CountingEnvironment", CountingEnvironment),
        (Clock, "after", kept_after),
        (Simulation, "_review", timed_review),
        (Simulation, "_prime", timed_prime),
        (Transport, "_send_direct", kept_send),
        (Transport, "_travel", kept_travel),
    ):
        simulation = case.compiled(provenance=provenance)
        began = process_time()
        simulation.run()
        ended = process_time()
        env: Any = simulation.clock.env
    before = sum(day < 0 for day, _ in moments)
    return Counted(
        simulation=simulation,
        events=env.steps,
        warm_up_reviews=before,
        warm_up_seconds=moments[before][1] - began,
        seconds=ended - began,
        schedule=schedule,
        most_pending=env.most_pending,
    )


def event_layer(case: Case, schedule: Schedule) -> float:
    """Seconds for the same events at the same times with the arithmetic left out."""

    def replay(self: Simulation, _: float) -> None:
        for call in schedule.get(self.clock.review_number, ()):
            call(self)

    def replay_start(self: Simulation) -> None:
        for call in schedule.get(-1, ()):
            call(self)

    with replaced(
        (Simulation, "_review", replay),
        (Simulation, "_prime", replay_start),
        (Goods, "land", nothing),
        (Simulation, "_records", nothing),
    ):
        simulation = case.compiled(provenance=False)
        with replaced((type(simulation.ledger), "check", nothing)):
            began = process_time()
            simulation.run()
            return process_time() - began


def events_of_layer(case: Case, schedule: Schedule) -> int:
    """Count the events of the stubbed run, to know that it is the same run."""
    made: list[CountingEnvironment] = []

    class Kept(CountingEnvironment):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            made.append(self)

    with replaced((simpy, "Environment", Kept), (clock, "CountingEnvironment", Kept)):
        event_layer(case, schedule)
    return made[-1].steps


# ---- rounds


@dataclass(slots=True)
class Timings:
    """Seconds by case and round."""

    rounds: dict[str, list[float]] = field(default_factory=dict)

    def add(self, name: str, seconds: float) -> None:
        """One more."""
        self.rounds.setdefault(name, []).append(seconds)

    def ratio(self, name: str, base: str) -> list[float]:
        """Round by round, the first one dropped."""
        pairs = zip(self.rounds[name], self.rounds[base], strict=True)
        return [a / b for a, b in pairs][1:]

    def seconds(self, name: str) -> float:
        """Median, the first round dropped."""
        return median(self.rounds[name][1:])


def measured(calm: Case, ban: Case, calm_run: Counted, rounds: int) -> Timings:
    """Time the cases in turn, one round more than asked for."""
    timings = Timings()
    for number in range(rounds + 1):
        print(f"round {number} of {rounds}{' (dropped)' if number == 0 else ''}", flush=True)
        timings.add("unit", bare_kernel(UNIT_EVENTS))
        layer = [event_layer(calm, calm_run.schedule) for _ in range(LAYER_REPEATS)]
        timings.add("event layer", sum(layer) / LAYER_REPEATS)
        bare = [bare_kernel(calm_run.events) for _ in range(LAYER_REPEATS)]
        timings.add("bare, same events", sum(bare) / LAYER_REPEATS)
        timings.add("compile", compiling(calm))
        timings.add("calm", replication(calm, provenance=False))
        timings.add("calm, no tables", without_tables(calm))
        timings.add("calm, no recording", without_recording(calm))
        timings.add("ban", replication(ban, provenance=False))
        timings.add("calm, provenance", replication(calm, provenance=True))
        timings.add("ban, provenance", replication(ban, provenance=True))
    return timings


# ---- the naive model


@dataclass(slots=True)
class Race:
    """The engine and the naive model on the same network under the same ban."""

    copies: int
    case: Case
    engine_s: list[float] = field(default_factory=list)
    naive_s: list[float] = field(default_factory=list)
    lines: int = 0
    differ_t: float = 0.0
    """Largest difference of any weekly shortfall, t"""

    @classmethod
    def of(cls, copies: int) -> Race:
        """A race that has not begun."""
        ban = ExportBan.model_validate(NAIVE_BAN)
        return cls(copies, Case(trade_world(copies), (ban,), NAIVE_YEARS))

    def run(self) -> None:
        """Once each, in turn, from the loaded world on."""
        began = process_time()
        simulation = self.case.compiled(provenance=False)
        first_day = float(simulation.clock.env.now)
        records = simulation.run()
        between = process_time()
        naive = NaiveModel(
            self.case.world, self.case.levers, starts=STARTS,
            ends=STARTS.replace(year=STARTS.year + NAIVE_YEARS), first_day=first_day,
            draw=keyed_uniform, seed=SEED,
        )  # fmt: skip
        short = naive.run()
        self.naive_s.append(process_time() - between)
        self.engine_s.append(between - began)
        self.lines = len(naive.lines)
        keys = records.use_index[["sector", "region", "product"]].itertuples(index=False)
        columns = [(f"use_{sector}_{region}".lower(), product) for sector, region, product in keys]
        other = np.array([[short[day][column] for column in columns] for day in records.review_day])
        gap = records.review_demand_t - records.review_consumed_t
        self.differ_t = float(np.abs(gap - other).max())

    def row(self) -> str:
        """Medians, the first round dropped."""
        ratios = [a / b for a, b in zip(self.naive_s, self.engine_s, strict=True)][1:]
        verdict = "met" if median(ratios) >= LEAST_NAIVE else "MISSED"
        sites = len(self.case.world.sites) + len(self.case.world.demand)
        return (
            f"  {sites:>6}{self.lines:>7}{median(self.engine_s[1:]):>10.2f}"
            f"{median(self.naive_s[1:]):>10.2f}{median(ratios):>9.1f}   "
            f"{min(ratios):.1f} .. {max(ratios):.1f}".ljust(64)
            + f"{verdict:10}{self.differ_t:.0e}"
        )


def naive_lines(copies: Sequence[int], rounds: int) -> list[str]:
    """The engine against the naive model, network by network."""
    races = [Race.of(k) for k in copies]
    for number in range(rounds + 1):
        print(f"round {number} of {rounds}, naive model", flush=True)
        for race in races:
            race.run()
    heads = f"  {'places':>6}{'lines':>7}{'engine s':>10}{'naive s':>10}{'ratio':>9}   range"
    return [heads.ljust(64) + "wanted 15 largest difference, t", *(race.row() for race in races)]


# ---- what is printed


def spread(values: Sequence[float]) -> str:
    """Median and range."""
    return f"{median(values):8.2f}   {min(values):.2f} .. {max(values):.2f}"


def size_lines(run: Counted, ban: Counted) -> list[str]:
    """The world it was measured on."""
    simulation = run.simulation
    network = simulation.network
    world = network.world
    tracer, ban_tracer = simulation.tracer, ban.simulation.tracer
    products = {(form, product) for _, form, product in (*network.outputs, *network.inputs)}
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
        ("provenance classes calm / ban", f"{classes(tracer)} / {classes(ban_tracer)}"),
        ("reviews, of them warm-up", f"{simulation.clock.review_number}, {run.warm_up_reviews}"),
        ("kernel events calm / ban", f"{run.events:,} / {ban.events:,}"),
        ("most events pending at once", run.most_pending),
    ]
    return [f"  {name:34}{value!s:>18}" for name, value in rows]


def classes(tracer: Any) -> int:
    """Number of provenance classes met."""
    return len(tracer.classes.names) if tracer is not None else 0


def goal_lines(timings: Timings, years: int) -> list[str]:
    """Goal by goal, met or missed."""
    recording = [x - 1 for x in timings.ratio("calm", "calm, no recording")]
    rows = [
        (
            "event layer / bare kernel",
            timings.ratio("event layer", "bare, same events"),
            MOST_LAYER,
        ),
        ("calm, units", timings.ratio("calm", "unit"), MOST_PLAIN),
        ("ban, units", timings.ratio("ban", "unit"), MOST_PLAIN),
        ("calm with provenance, units", timings.ratio("calm, provenance", "unit"), MOST_TRACED),
        ("ban with provenance, units", timings.ratio("ban, provenance", "unit"), MOST_TRACED),
        ("recording, added share", recording, MOST_RECORDING),
    ]
    lines = [f"  {'goal':30}{'wanted':>8}{'median':>10}   {'range':22}verdict"]
    for name, values, most in rows:
        verdict = "met" if median(values) <= most else "MISSED"
        if years != 10 and "units" in name:
            verdict = f"(for 10 years, not {years})"
        lines.append(f"  {name:30}{'<= ' + format(most, 'g'):>8}  {spread(values):33}{verdict}")
    return lines


def second_lines(timings: Timings, run: Counted) -> list[str]:
    """Seconds, and what stands beside the goals."""
    lines = [f"  {name:30}{timings.seconds(name):10.3f} s" for name in timings.rounds]
    tables = timings.seconds("calm") - timings.seconds("calm, no tables")
    extra = median(timings.ratio("calm, provenance", "calm"))
    extra_ban = median(timings.ratio("ban, provenance", "ban"))
    reviews = run.warm_up_reviews / run.simulation.clock.review_number
    warm_up_years = run.warm_up_reviews * DAYS_PER_WEEK / DAYS_PER_CALENDAR_YEAR
    return [
        *lines,
        "",
        f"  tables at the end: {tables:.2f} s of the calm replication",
        f"  provenance makes a replication {extra:.1f} times (ban: {extra_ban:.1f}) as long",
        f"  warm-up: {warm_up_years:.1f} years, {reviews:.0%} of the reviews, "
        f"{run.warm_up_seconds / run.seconds:.0%} of the time with provenance (one counting run)",
    ]


def profile_lines(case: Case, *, provenance: bool) -> list[str]:
    """Where one replication spends its own time."""
    profile = cProfile.Profile()
    profile.runcall(replication, case, provenance=provenance)
    stats: Any = pstats.Stats(profile, stream=io.StringIO())
    total = stats.total_tt
    ranked = sorted(stats.stats.items(), key=lambda item: -item[1][2])[:SHOWN]
    lines = [f"  {'own':>5}{'own s':>8}{'with callees s':>16}{'calls':>10}  function"]
    for (file, line, name), (_, calls, own, whole, _) in ranked:
        place = name if file == "~" else f"{short(file)}:{line} {name}"
        lines.append(f"  {own / total:5.0%}{own:8.2f}{whole:16.2f}{calls:10,}  {place[:58]}")
    return lines


def short(file: str) -> str:
    """Last folder and name of a file."""
    return "/".join(Path(file).parts[-2:])


def heading(text: str) -> str:
    """Title of a block."""
    return f"\n{text}\n{'-' * len(text)}"


def machine() -> str:
    """What it ran on, and how busy that was."""
    load_now = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    packages = ", ".join(f"{name} {version(name)}" for name in ("simpy", "numpy", "pandas"))
    return f"{os.cpu_count()} cores{load_now}, Python {platform.python_version()}, {packages}"


def full_ban(years: int) -> tuple[Lever, ...]:
    """The shipped ban of all exports, without an end before the horizon's."""
    ends = STARTS.replace(year=STARTS.year + years)
    (ban,) = load("china-full-ban-12-months").restrictions
    return (ban.model_copy(update={"starts": BAN_STARTS, "ends": ends}),)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Time the engine on the shipped world.")
    parser.add_argument("--rounds", type=int, default=5, help="rounds shown, one more is run")
    parser.add_argument("--years", type=int, default=10, help="reported horizon (at least 2)")
    parser.add_argument("--quick", action="store_true", help="1 round of 2 years, to try it out")
    parser.add_argument(
        "--naive", action="store_true", help="only the engine against the naive model"
    )
    given = parser.parse_args()
    rounds, years = (1, 2) if given.quick else (max(1, given.rounds), max(2, given.years))
    copies = NAIVE_COPIES[:2] if given.quick else NAIVE_COPIES
    if given.naive:
        print(machine())
        print_naive(copies, rounds)
        return
    world = load("baseline").world
    calm, ban = Case(world, (), years), Case(world, full_ban(years), years)
    print(machine())
    calm_run, ban_run = counted(calm, provenance=True), counted(ban, provenance=True)
    same = events_of_layer(calm, calm_run.schedule)
    timings = measured(calm, ban, calm_run, rounds)
    print(heading(f"Size of the shipped world, {years} years reported, weekly reviews"))
    print("\n".join(size_lines(calm_run, ban_run)))
    print(f"  {'kernel events of the stubbed run':34}{same:>18,}")
    print(heading(f"Goals, median of {rounds} rounds (unit = {UNIT_EVENTS:,} generator timeouts)"))
    print("\n".join(goal_lines(timings, years)))
    print(heading("Seconds, medians"))
    print("\n".join(second_lines(timings, calm_run)))
    for provenance in (False, True):
        what = "with" if provenance else "without"
        print(heading(f"Where the time goes: calm, {what} provenance (profiled, so slower)"))
        print("\n".join(profile_lines(calm, provenance=provenance)))
    print_naive(copies, rounds)
    print(f"\n{machine()}")


def print_naive(copies: Sequence[int], rounds: int) -> None:
    """Measure and print the engine against the naive model."""
    lines = naive_lines(copies, rounds)
    title = f"Against the naive model, {NAIVE_YEARS} years under a ban, median of {rounds} rounds"
    print(heading(title))
    print("\n".join(lines))


if __name__ == "__main__":
    main()
