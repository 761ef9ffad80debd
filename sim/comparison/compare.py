"""Runs side by side, from what somebody named to tables, sentences and a folder. Read this first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd

from sim.comparison import answer
from sim.comparison.cautions import how_counted, no_spread, not_comparable, ranges, same
from sim.comparison.counted import Numbers, numbers_of, table_of
from sim.comparison.differences import Differences, differences
from sim.comparison.inputs import Show, finished_runs
from sim.comparison.side import Side, common_months, days_of, sides_of
from sim.figures.counting import users
from sim.figures.finished_run import FinishedRun
from sim.figures.opening import read_run
from sim.summary.long import SLICES
from sim.system import files
from sim.system.progress import Progress, quiet
from sim.system.staging import Tell
from sim.words.problems import ComparisonError

OUT = Path("results")
MONTHLY = {
    "demand": "demand_t", "shortfall": "missing_t", "reference": "reference_t", "caused": "caused_t",
}  # fmt: skip
"""Columns of `Numbers.needs` and what they are called in `Comparison.monthly`"""


@dataclass(frozen=True)
class Comparison:
    """Runs side by side; the first is the base, and all are counted against its demand."""

    sides: Sequence[Side]
    table: pd.DataFrame
    """What is missing and more, a row for each level, place and measure, a column for each run, then
    differences to the base; see `docs/results.md`."""
    monthly: pd.DataFrame
    """By run and month: letter, run, month, demand_t, missing_t, reference_t, caused_t, share, reference_share,
    less_than_base_t"""
    title: str
    answer: Sequence[str]
    """Paragraphs: what each run changes, what is missing in the base, where and when the difference is"""
    differences: Sequence[Differences]
    """Of each but the base"""
    counted: Sequence[str]
    """Which demand counts"""
    cautions: Sequence[str]
    """What cannot be set against each other; nothing where the worlds are the same"""
    spread: Sequence[str]
    """That there are no intervals, and the range of unknowns of each run that has one"""
    base: FinishedRun = field(repr=False)
    """Over the months that are compared"""
    numbers: Sequence[Numbers] = field(repr=False)
    same_reference: bool
    slice: str
    """What peaks are told by"""

    def save(self, out: Path = OUT, tell: Tell = lambda _: None) -> Path:
        """Write the comparison folder below `out`, or find it there; returns its path.

        Raises `RunFolderError` if something else stands there, `WriteError` where it cannot be written.
        """
        # Here, because tables alone need neither the drawing library nor that of templates.
        from sim.comparison.folder import save

        return save(self, out, tell)


@contextmanager
def _silent(name: str) -> Iterator[tuple[Progress, Tell]]:
    yield quiet, lambda _: None


def compare(
    runs: Sequence[str | Path], out: Path = OUT, *, jobs: int | None = None, show: Show = _silent
) -> Comparison:
    """Set two to six runs side by side: scenarios by name or path, or run folders; the first is the base.

    Scenarios without a finished run below `out` are run first, without figures; `jobs` as in `pipeline.run`,
    and `show` is given the name of each. Writes nothing else; see `Comparison.save`.

    Raises `ComparisonError` for what cannot stand side by side, `RunFolderError` for a folder that is no
    finished run, `BadInputError` for a scenario with faults, `TypeError` for one run instead of a list.
    """
    if isinstance(runs, str | Path):
        raise TypeError(f'compare takes a list of runs, such as ["baseline", {str(runs)!r}]')
    files.check_writable(out)
    sides = sides_of(finished_runs(runs, out, show, jobs))
    months = common_months(sides)
    _check(sides, months)
    base, first = _over(read_run(sides[0].folder), sides[0], months), sides[0]
    longest = max(side.slice_months for side in sides)
    numbers = numbers_of(sides, first.scope, months, longest)
    _check_needs(numbers)
    found = [differences(first, other) for other in sides[1:]]
    slice = SLICES[longest]
    return Comparison(
        sides=sides,
        table=table_of(numbers, slice),
        monthly=_monthly(numbers, months),
        title=answer.title(numbers, users(base)),
        answer=answer.paragraphs(base, numbers, found, months, slice),
        differences=found,
        counted=how_counted(base, numbers, months),
        cautions=not_comparable(numbers, found, months),
        spread=[no_spread(sides), *ranges(numbers, base)],
        base=base,
        numbers=numbers,
        same_reference=all(same(numbers[0], each, "reference") for each in numbers[1:]),
        slice=slice,
    )


def _over(run: FinishedRun, side: Side, months: Sequence[str]) -> FinishedRun:
    """The base as if it had these months alone: what its figure and words say of its period."""
    starts, ends = days_of(side, months)
    period = {"starts": starts.isoformat(), "ends": ends.isoformat()}
    return replace(run, scenario={**run.scenario, **period})


def _check(sides: Sequence[Side], months: Sequence[str]) -> None:
    if len({side.unit for side in sides}) > 1:
        units = ", ".join(f"{side.letter} {side.unit}" for side in sides)
        raise ComparisonError(
            f"these runs count in different units: {units}", "compare runs of one mineral"
        )
    if not months:
        periods = ", ".join(f"{side.letter} {side.starts} to {side.ends}" for side in sides)
        raise ComparisonError(
            f"these runs have no whole month in common: {periods}",
            "compare runs whose periods overlap",
        )


def _check_needs(numbers: Sequence[Numbers]) -> None:
    for each in numbers:
        if not each.total("demand") > 0:
            base = numbers[0].side.letter
            raise ComparisonError(
                f"{each.side.letter} ({each.side.label}) has no demand for what {base} is about",
                "compare runs of one pack, or give as the base a run of which all others have the demand",
            )


def _monthly(numbers: Sequence[Numbers], months: Sequence[str]) -> pd.DataFrame:
    parts, base = [], None
    for each in numbers:
        sums = each.needs.groupby("period")[[*MONTHLY]].sum().reindex(months, fill_value=0.0)
        base = sums["shortfall"] if base is None else base
        need = sums["demand"].to_numpy(dtype=float)
        share, anyway = (
            np.divide(
                sums[name].to_numpy(dtype=float), need, out=np.zeros(len(need)), where=need > 0
            )
            for name in ("shortfall", "reference")
        )
        found = sums.rename(columns=MONTHLY)
        found = found.assign(
            share=share, reference_share=anyway, less_than_base_t=base - sums["shortfall"]
        )
        found.insert(0, "letter", each.side.letter)
        found.insert(1, "run", each.side.label)
        parts.append(found.rename_axis("month").reset_index())
    table = pd.concat(parts, ignore_index=True)
    order = ["letter", "run", "month"]
    return table[[*order, *(name for name in table.columns if name not in order)]]
