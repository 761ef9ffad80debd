"""Whether two commits give the same results: every table of every run folder, row by row.

    python benchmarks/compare_runs.py OLD NEW [--scenarios NAME ...] [--jobs 1]

OLD and NEW are git revisions, whose shipped scenarios are run for the occasion, or folders that hold
`<scenario>/<run-id>/` already. A line for each scenario and table: its rows, how many differ, and the
largest difference with its row. The exit code is 1 when anything differs.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from math import inf
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

ALIKE = 1e-9
"""Numbers agree when they differ by no more than this part of the larger one,"""
ALIKE_T = 1e-6
"""or by no more than this; a row of smaller numbers may also be missing."""

KINDS = {".csv", ".gz", ".json", ".yaml"}
ABOUT_THE_RUN = {
    "run_id", "versions", "source_hash", "hash", "content_hash", "wall_time_s", "files", "shown", "seal",
}  # fmt: skip
"""Keys of YAML files that say how and where results were made, and nothing about them."""

STOPPED = 130
"""Exit code after Ctrl-C."""

COUNTER, SIDE = "(of equal rows)", "(side)"


@dataclass(frozen=True)
class Finding:
    """What came out for one table."""

    rows: int
    differ: int
    worst: str = ""


def compare_folders(old: Path, new: Path) -> Iterator[tuple[str, Finding]]:
    """Each table of two run folders."""
    files_old, files_new = _files(old), _files(new)
    for name in sorted({*files_old, *files_new}):
        if name not in files_old or name not in files_new:
            yield name, Finding(0, 1, f"file only in {'old' if name in files_old else 'new'}")
        else:
            yield name, compare_tables(read_table(old / name), read_table(new / name))


def _files(run: Path) -> set[str]:
    return {path.relative_to(run).as_posix() for path in run.rglob("*") if path.suffix in KINDS}


def read_table(path: Path) -> pd.DataFrame:
    """Cells as text; what is no table becomes one with a row for each value."""
    if path.suffix not in (".json", ".yaml"):
        return pd.read_csv(path, dtype=str, keep_default_na=False)
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".yaml":
        content = yaml.load(text, Loader=yaml.BaseLoader)
    else:
        content = json.loads(text, parse_float=str, parse_int=str)
        if isinstance(content, list) and all(isinstance(row, dict) for row in content):
            return pd.DataFrame(content).fillna("").astype(str)
    return pd.DataFrame(_values(content), columns=["key", "value"])


def _values(content: Any, at: str = "") -> Iterator[tuple[str, str]]:
    if not isinstance(content, dict | list):
        yield at, str(content)
        return
    below = content.items() if isinstance(content, dict) else enumerate(content)
    for key, value in below:
        if key not in ABOUT_THE_RUN:
            yield from _values(value, f"{at}.{key}".lstrip("."))


def compare_tables(old: pd.DataFrame, new: pd.DataFrame) -> Finding:
    """Rows by their keys, which are the columns that measure nothing."""
    if list(old) != list(new):
        return Finding(
            len(new), len(new) or 1, f"columns {' '.join(sorted({*old} ^ {*new})) or 'moved'}"
        )
    if old.equals(new):
        return Finding(len(new), 0)
    measured = [name for name in old if _is_measured(name, pd.concat([old[name], new[name]]))]
    keys = [name for name in old if name not in measured]
    both = _beside(old, new, keys, measured)
    sizes = pd.DataFrame({name: _difference(both, name) for name in measured}, index=both.index)
    # A row without numbers is either there or not.
    one_sided = (both[SIDE] != "both") & ~_has_numbers(both, measured)
    size = sizes.max(axis=1).fillna(0.0).mask(one_sided, inf)
    differ = int((size > 0).sum())
    return Finding(len(both), differ, _words(both, keys, sizes, size.idxmax()) if differ else "")


def _is_measured(name: str, cells: pd.Series) -> bool:
    """Counts, days, lines and years are matched exactly; what has a fraction somewhere is measured."""
    numbers = pd.to_numeric(cells, errors="coerce")
    return name in ("t", "value") or name.endswith("_t") or bool((numbers % 1 > 0).any())


def _beside(
    old: pd.DataFrame, new: pd.DataFrame, keys: list[str], measured: list[str]
) -> pd.DataFrame:
    """Both in one table; what only one of them has is compared with zeros."""
    on = [*keys, COUNTER]
    numbered = [
        table.assign(**{COUNTER: table.groupby(keys).cumcount() if keys else range(len(table))})
        for table in (old, new)
    ]
    both = numbered[0].merge(
        numbered[1], how="outer", on=on, suffixes=(" old", " new"), indicator=SIDE
    )
    for name in measured:
        before, after = both[f"{name} old"], both[f"{name} new"]
        both[f"{name} old"] = before.fillna(after.where(after == "", "0"))
        both[f"{name} new"] = after.fillna(before.where(before == "", "0"))
    return both


def _difference(both: pd.DataFrame, name: str) -> pd.Series:
    """0 where they agree, infinite where they are no numbers."""
    old, new = both[f"{name} old"], both[f"{name} new"]
    before, after = (pd.to_numeric(cells, errors="coerce") for cells in (old, new))
    gap = (before - after).abs()
    largest = before.abs().where(before.abs() > after.abs(), after.abs())
    agree = (old == new) | (gap <= (ALIKE * largest).clip(lower=ALIKE_T))
    return gap.fillna(inf).mask(agree, 0.0)


def _has_numbers(both: pd.DataFrame, measured: list[str]) -> pd.Series:
    cells = both[[f"{name} {side}" for name in measured for side in ("old", "new")]]
    return (cells != "").any(axis=1)


def _words(both: pd.DataFrame, keys: list[str], sizes: pd.DataFrame, row: Any) -> str:
    """The difference of one row, and where it is."""
    at = " ".join(cell for cell in both.loc[row, keys] if cell)
    if both.loc[row, SIDE] != "both":
        where = "old" if both.loc[row, SIDE] == "left_only" else "new"
        return f"only in {where}: {at}"
    name = sizes.loc[row].idxmax()
    return f"{name} {both.loc[row, f'{name} old']} -> {both.loc[row, f'{name} new']} at {at}"


@contextmanager
def results(of: str, scenarios: Sequence[str], jobs: int) -> Iterator[Path]:
    """The folder itself, or one with the runs of that revision for as long as it is needed."""
    if Path(of).is_dir():
        yield Path(of)
        return
    with tempfile.TemporaryDirectory() as home, worktree(of, Path(home) / "source") as source:
        names = scenarios or sorted(path.stem for path in (source / "scenarios").glob("*.yaml"))
        _run_all(source, names, Path(home) / "results", jobs)
        yield Path(home) / "results"


@contextmanager
def worktree(revision: str, folder: Path) -> Iterator[Path]:
    """The files of a revision in a folder, gone afterwards."""
    try:
        _git("worktree", "add", "--quiet", "--detach", str(folder), revision)
        yield folder
    finally:
        # A second Ctrl-C would leave the folder behind; git inherits that it is ignored.
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
        if folder.exists():
            _git("worktree", "remove", "--force", str(folder))
        signal.signal(signal.SIGINT, before)


def _git(*arguments: str) -> None:
    if subprocess.run(["git", *arguments], check=False).returncode:
        raise SystemExit(f"git {' '.join(arguments)} failed")


def _run_all(source: Path, names: Iterable[str], out: Path, jobs: int) -> None:
    running: list[subprocess.Popen[str]] = []
    with ThreadPoolExecutor(jobs) as pool:
        try:
            for failed in pool.map(partial(_run, source, out, running), names):
                if failed:
                    raise SystemExit(failed)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for process in running:
                process.terminate()
            raise


def _run(source: Path, out: Path, running: list[subprocess.Popen[str]], name: str) -> str:
    """Run a scenario with the program of `source`; what it said if it failed."""
    command = [sys.executable, "-m", "sim", "run", name, "--no-figures", "--out", str(out)]
    process = subprocess.Popen(
        command, cwd=source, env={**os.environ, "PYTHONPATH": str(source)}, text=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )  # fmt: skip
    running.append(process)
    _, said = process.communicate()
    return f"{name} of {source}: {said}" if process.returncode else ""


def run_folder(results: Path, scenario: str) -> Path | None:
    """The only run of a scenario; None where there is none."""
    runs = [path.parent for path in (results / scenario).glob("*/run.yaml")]
    if len(runs) > 1:
        raise SystemExit(f"{results / scenario} holds {len(runs)} runs, and one can be compared")
    return runs[0] if runs else None


def compare_results(
    old: Path, new: Path, scenarios: Sequence[str]
) -> Iterator[tuple[str, str, Finding]]:
    """Scenario, table and what came out."""
    found = {path.parents[1].name for each in (old, new) for path in each.glob("*/*/run.yaml")}
    for scenario in scenarios or sorted(found):
        before, after = run_folder(old, scenario), run_folder(new, scenario)
        if before and after:
            for table, finding in compare_folders(before, after):
                yield scenario, table, finding
        else:
            where = "only in old" if before else "only in new" if after else "in neither"
            yield scenario, "(run folder)", Finding(0, 1, where)


def main() -> int:
    """Print the lines; 1 when anything differs."""
    parser = argparse.ArgumentParser(description="Compare the results of two commits.")
    parser.add_argument("old", help="a git revision, or a folder of results")
    parser.add_argument("new", help="a git revision, or a folder of results")
    parser.add_argument("--scenarios", nargs="+", default=[], metavar="NAME")
    parser.add_argument("--jobs", type=int, default=1, help="scenarios run at once")
    given = parser.parse_args()
    differ = tables = 0
    with (
        results(given.old, given.scenarios, given.jobs) as old,
        results(given.new, given.scenarios, given.jobs) as new,
    ):
        print(f"{'scenario':26}{'table':34}{'rows':>8}{'differ':>8}  largest difference")
        for scenario, table, finding in compare_results(old, new, given.scenarios):
            counts = f"{finding.rows:8}{finding.differ:8}"
            print(f"{scenario:26}{table:34}{counts}  {finding.worst}".rstrip(), flush=True)
            tables, differ = tables + 1, differ + bool(finding.differ)
    print(f"{differ} of {tables} tables differ")
    return 1 if differ else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        sys.exit(STOPPED)
