"""Time and memory of whole commands, each in a fresh process, beside the goals of the performance page.

    python benchmarks/fresh.py [--rounds 3] [--years 10]

The commands run in turn, round after round; the median is shown. Seconds are those of the clock,
processor seconds are summed over the processes of a command, and memory is the most that one of its
processes held. Nothing here fails because something is slow.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from time import perf_counter

SCENARIO = """\
title: Heavy licences, {years} years
question: How long does a run of {years} years take?
extends: china-heavy-licences
ends: {last}-01-01
"""
FIRST_YEAR = 2025


@dataclass
class Command:
    """A command with its goals; None where there is none."""

    words: str
    arguments: Sequence[str]
    most_s: float | None = None
    most_mb: float | None = None
    took: list[tuple[float, float, float]] = field(default_factory=list)
    """(seconds, processor seconds, MB) a round"""

    def run(self, home: Path) -> None:
        """Once, in a folder of its own."""
        with tempfile.TemporaryDirectory(dir=home) as out:
            arguments = [sys.executable, "-m", "sim", *self.arguments]
            if self.arguments[0] == "run":
                arguments += ["--out", out]
            began = perf_counter()
            process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
            _, status, used = os.wait4(process.pid, 0)
            took = perf_counter() - began
            if status:
                assert process.stderr is not None
                raise SystemExit(process.stderr.read().decode())
            self.took.append((took, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024))

    def line(self) -> str:
        """Medians, and what was wanted."""
        seconds, processor, mb = (median(each) for each in zip(*self.took, strict=True))
        goals = [
            f"{'met' if value <= most else 'MISSED'} ({most:g} {unit})"
            for value, most, unit in ((seconds, self.most_s, "s"), (mb, self.most_mb, "MB"))
            if most is not None
        ]
        return f"  {self.words:44}{seconds:8.2f}{processor:8.2f}{mb:8.0f}  {', '.join(goals)}"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Time whole commands in fresh processes.")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--years", type=int, default=10)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        run, twice = (_scenario(home, years) for years in (given.years, 2 * given.years))
        tables, years = ("--no-figures",), f"{given.years} years"
        commands = [
            Command("--help", ["--help"], 0.15),
            Command("check", ["check", run], 0.3),
            Command(
                f"{years}, tables, one process", ["run", run, *tables, "--jobs", "1"], None, 150
            ),
            Command(f"{years}, tables, two processes", ["run", run, *tables, "--jobs", "2"], 2.0),
            Command(f"{years}, figures, one process", ["run", run, "--jobs", "1"], None, 250),
            Command(f"{years}, figures, two processes", ["run", run, "--jobs", "2"], 5.0),
            Command("twice the years, tables, one process", ["run", twice, *tables, "--jobs", "1"]),
        ]
        for _ in range(given.rounds):
            for command in commands:
                command.run(home)
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, median of {given.rounds}")
    print(f"  {'command':44}{'s':>8}{'cpu s':>8}{'MB':>8}  wanted")
    print("\n".join(command.line() for command in commands))
    ratio = median(c[1] for c in commands[-1].took) / median(c[1] for c in commands[2].took)
    print(f"  twice the years take {ratio:.2f} times the processor time (wanted: 2.2)")


def _scenario(home: Path, years: int) -> str:
    path = home / f"licences-{years}.yaml"
    text = SCENARIO.format(years=years, last=FIRST_YEAR + years)
    path.write_text(text, encoding="utf-8")
    return str(path)


if __name__ == "__main__":
    main()
