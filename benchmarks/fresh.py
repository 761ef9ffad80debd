"""Time and memory of whole commands, each in a fresh process, beside the goals of the performance page.

    python benchmarks/fresh.py [--rounds 3] [--years 10] [--against FOLDER]

The commands run in turn, round after round; the median is shown. Seconds are those of the clock,
processor seconds are summed over the processes of a command, and memory is the most that one of its
processes held. `--against` names another checkout, whose run of the same scenario takes turns with ours.
Nothing here fails because something is slow.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from time import perf_counter

ROOT = Path(__file__).resolve().parents[1]
SHIPPED = "china-heavy-licences"
SHIPPED_YEARS = 4
SCENARIO = """\
title: Heavy licences, {years} years
question: How long does a run of {years} years take?
extends: china-heavy-licences
ends: {last}-01-01
"""
FIRST_YEAR = 2025

MOST_HELP_S, MOST_CHECK_S = 0.15, 0.3
YEARS = 10
MOST_TABLES_S, MOST_FIGURES_S = 2.0, 5.0
"""For ten years"""
MOST_TABLES_MB, MOST_FIGURES_MB = 220.0, 320.0
MOST_MB_PER_YEAR = 8.0
MOST_TWICE = 2.2
LEAST_TABLES, LEAST_FIGURES = 2.5, 2.0
"""How many times as fast as the other checkout"""


@dataclass(frozen=True)
class Took:
    """What one run of a command took."""

    seconds: float
    processor_s: float
    mb: float


@dataclass
class Command:
    """A command with its goals; None where there is none."""

    words: str
    arguments: Sequence[str]
    most_s: float | None = None
    most_mb: float | None = None
    checkout: Path = ROOT
    took: list[Took] = field(default_factory=list)
    """Round by round"""

    def run(self, home: Path) -> None:
        """Once, in a folder of its own."""
        with tempfile.TemporaryDirectory(dir=home) as out:
            arguments = [sys.executable, "-m", "sim", *self.arguments]
            if self.arguments[0] == "run":
                arguments += ["--out", out]
            began = perf_counter()
            process = subprocess.Popen(
                arguments, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=self.checkout,
                env={**os.environ, "PYTHONPATH": str(self.checkout)},
            )  # fmt: skip
            assert process.stderr is not None
            said = process.stderr.read()
            _, status, used = os.wait4(process.pid, 0)
            took = perf_counter() - began
            if status:
                raise SystemExit(said.decode())
            self.took.append(Took(took, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024))

    def line(self) -> str:
        """Medians, and what was wanted."""
        seconds, processor, mb = (self.median(of) for of in (_seconds, _processor_s, _mb))
        goals = [
            verdict(value, most, unit)
            for value, most, unit in ((seconds, self.most_s, "s"), (mb, self.most_mb, "MB"))
            if most is not None
        ]
        return f"  {self.words:44}{seconds:8.2f}{processor:8.2f}{mb:8.0f}  {', '.join(goals)}"

    def median(self, of: Callable[[Took], float]) -> float:
        """Over the rounds."""
        return median(map(of, self.took))

    def times(self, base: Command, of: Callable[[Took], float]) -> float:
        """How many times as much as another command takes, round by round."""
        return median(of(a) / of(b) for a, b in zip(self.took, base.took, strict=True))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Time whole commands in fresh processes.")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--years", type=int, default=YEARS, help=f"more than {SHIPPED_YEARS}")
    parser.add_argument("--against", type=Path, metavar="FOLDER", help="another checkout")
    given = parser.parse_args()
    if given.years <= SHIPPED_YEARS:
        parser.error(f"--years must be more than {SHIPPED_YEARS}")
    other: Path | None = given.against and given.against.resolve()
    if other is not None and not (other / "sim" / "__main__.py").is_file():
        parser.error(f"{given.against} is no checkout: there is no sim/__main__.py")
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        run, twice = (_scenario(home, years) for years in (given.years, 2 * given.years))
        tables, one, two = ("--no-figures",), ("--jobs", "1"), ("--jobs", "2")
        years, few = f"{given.years} years", f"{SHIPPED_YEARS} years"
        as_meant = given.years == YEARS
        tables_s, figures_s = (MOST_TABLES_S, MOST_FIGURES_S) if as_meant else (None, None)
        helped = Command("--help", ["--help"], MOST_HELP_S)
        check = Command("check", ["check", run], MOST_CHECK_S)
        short = Command(
            f"{few}, tables, one process", ["run", SHIPPED, *tables, *one], None, MOST_TABLES_MB
        )
        short_figures = Command(
            f"{few}, figures, one process", ["run", SHIPPED, *one], None, MOST_FIGURES_MB
        )
        long = Command(f"{years}, tables, one process", ["run", run, *tables, *one])
        longer = Command("twice the years, tables, one process", ["run", twice, *tables, *one])
        commands = [
            helped, check, short, short_figures, long,
            Command(f"{years}, tables, two processes", ["run", run, *tables, *two], tables_s),
            Command(f"{years}, figures, one process", ["run", run, *one]),
            Command(f"{years}, figures, two processes", ["run", run, *two], figures_s),
            longer,
        ]  # fmt: skip
        pairs = _pairs(other) if other else []
        commands += [command for pair in pairs for command in pair[:2]]
        for _ in range(given.rounds):
            for command in commands:
                command.run(home)
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, median of {given.rounds}")
    print(f"  {'command':44}{'s':>8}{'cpu s':>8}{'MB':>8}  wanted")
    print("\n".join(command.line() for command in commands))
    further = given.years - SHIPPED_YEARS
    per_year = (long.median(_mb) - short.median(_mb)) / further
    print(f"  each further year: {per_year:.1f} MB, {verdict(per_year, MOST_MB_PER_YEAR, 'MB')}")
    ratio = longer.times(long, _processor_s)
    print(
        f"  twice the years: {ratio:.2f} times the processor time, "
        f"{verdict(ratio, MOST_TWICE, 'times')}"
    )
    for ours, theirs, least in pairs:
        faster = theirs.times(ours, _seconds)
        met = "met" if faster >= least else "MISSED"
        print(f"  {ours.words}: {faster:.2f} times as fast as theirs, {met} ({least:g} times)")


def verdict(value: float, most: float, unit: str) -> str:
    """Met or missed, and what was wanted."""
    return f"{'met' if value <= most else 'MISSED'} ({most:g} {unit})"


def _pairs(other: Path) -> list[tuple[Command, Command, float]]:
    """The shipped scenario here and in the other checkout, and how many times as fast is wanted."""
    found = []
    for what, more, least in (
        ("tables", ["--no-figures"], LEAST_TABLES),
        ("figures", [], LEAST_FIGURES),
    ):
        arguments = ["run", SHIPPED, *more]
        ours = Command(f"{SHIPPED}, {what}", arguments)
        theirs = Command(f"{SHIPPED}, {what}, theirs", arguments, checkout=other)
        found.append((ours, theirs, least))
    return found


def _seconds(took: Took) -> float:
    return took.seconds


def _processor_s(took: Took) -> float:
    return took.processor_s


def _mb(took: Took) -> float:
    return took.mb


def _scenario(home: Path, years: int) -> str:
    path = home / f"licences-{years}.yaml"
    text = SCENARIO.format(years=years, last=FIRST_YEAR + years)
    path.write_text(text, encoding="utf-8")
    return str(path)


if __name__ == "__main__":
    main()
