"""The comparison folder: what lies in it, and how it gets its name whole."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from sim.comparison.answer import part_of_base
from sim.comparison.compare import Comparison
from sim.comparison.page import page, plain_tables
from sim.figures.comparison import Compared, ComparedRun, drawn_comparison
from sim.figures.counting import counted
from sim.figures.style import PAGES
from sim.report.outside import SAME_TONNES
from sim.run_folder import csv_text, run_folder
from sim.system import files, staging
from sim.system.staging import Tell
from sim.words.problems import RunFolderError

HOME = "compare"
"""Below `results/`, beside the folders of the scenarios"""
FACTS, TABLE, PLAIN, PAGE, TEXT = (
    "compare.yaml", "comparison.csv", "comparison.html", "compare.html", "differences.txt",
)  # fmt: skip
FORMAT = 1


def comparison_id(comparison: Comparison) -> str:
    """Twelve digits of what decides the bytes: the runs in their order, their tables, and this program."""
    decisive = [run_folder.source_hash()]
    for side in comparison.sides:
        tables: Mapping[str, str] = side.facts.get("files") or {}
        decisive += [side.run_id, *(f"{name} {its}" for name, its in sorted(tables.items()))]
    return hashlib.sha256("\0".join(decisive).encode("utf-8")).hexdigest()[:12]


def save(comparison: Comparison, out: Path, tell: Tell) -> Path:
    """See `Comparison.save`."""
    folder = out / HOME / comparison_id(comparison)
    if _stands(folder):
        return folder
    with staging.only_writer(folder, tell):
        if not _stands(folder):
            with staging.staged(folder) as unfinished:
                _fill(unfinished, comparison)
    return folder


def _stands(folder: Path) -> bool:
    """Whether the finished comparison is there; raises `RunFolderError` if anything else is."""
    if not folder.exists() and not folder.is_symlink():
        return False
    facts = run_folder.facts(folder, FACTS)
    written = facts.get("files")
    if not isinstance(written, Mapping) or facts.get("format") != FORMAT:
        matter = f"{folder} is not a folder that `critmin compare` wrote"
    elif not run_folder.is_sealed(folder, FACTS):
        matter = f"{folder}: `{FACTS}` was changed"
    else:
        touched = [name for name, its in written.items() if not _is(folder / name, its)]
        if not touched:
            return True
        matter = f"{folder}: `{touched[0]}` is missing or was changed"
    raise RunFolderError(
        f"{matter}; it was left as it is",
        "move it away and compare again, or choose another place with --out",
    )


def _is(path: Path, hash: str) -> bool:
    try:
        return run_folder.file_hash(path) == hash
    except OSError:
        return False


def _fill(folder: Path, comparison: Comparison) -> None:
    csv_text.write_csv(folder / TABLE, _as_text(comparison.table))
    files.write_text(folder / TEXT, _in_words(comparison))
    _draw(folder, comparison)
    # After the figure, which the page holds.
    files.write_text(folder / PLAIN, plain_tables(comparison))
    files.write_text(folder / PAGE, page(comparison, folder))
    hashes = {name: run_folder.file_hash(folder / name) for name in run_folder.files_below(folder)}
    run_folder.write_sealed(
        folder / FACTS, {"format": FORMAT, **_facts(comparison), "files": hashes}
    )


def _facts(comparison: Comparison) -> dict[str, object]:
    return {
        "comparison_id": comparison_id(comparison),
        "versions": run_folder.versions(),
        "source_hash": run_folder.source_hash(),
        "runs": [
            {
                "letter": side.letter,
                "scenario": str(side.scenario["name"]),
                "run_id": side.run_id,
                "seed": side.facts.get("seed"),
                "source_hash": side.facts.get("source_hash"),
                "pack": side.facts.get("pack"),
            }
            for side in comparison.sides
        ],
        "label": "central values, no spread",
    }


def _as_text(table: pd.DataFrame) -> pd.DataFrame:
    """With the columns of runs as text: they hold numbers and dates."""
    mixed = [name for name in table.columns if table[name].dtype == object and name[1:2] == "_"]
    return table.assign(
        **{name: pd.Series([_cell(value) for value in table[name]], dtype=str) for name in mixed}
    )


def _cell(value: object) -> str:
    if not isinstance(value, float):
        return str(value)
    return f"{value + 0.0:.12g}" if value == value else ""


def _in_words(comparison: Comparison) -> str:
    base, lines = comparison.sides[0], [comparison.title, "", *comparison.answer]
    for other, its in zip(comparison.sides[1:], comparison.differences, strict=True):
        lines += ["", f"{other.letter} ({other.label}) against {base.letter} ({base.label})"]
        lines += [f"- {line}" for line in its.lines(base.letter, other.letter)]
    lines += ["", "How it is counted", *(f"- {x}" for x in comparison.counted)]
    if comparison.cautions:
        lines += ["", "What cannot be compared", *(f"- {x}" for x in comparison.cautions)]
    lines += ["", "Spread", *(f"- {x}" for x in comparison.spread)]
    # Plain spaces: the text is pasted.
    return "\n".join(lines).replace("\u00a0", " ") + "\n"


def _draw(folder: Path, comparison: Comparison) -> None:
    base = comparison.numbers[0].total("missing")
    runs = [
        ComparedRun(
            each.side.letter,
            each.side.label,
            each.total("missing"),
            each.total("share") / 100,
            each.total("missing") - each.total("caused"),
            "" if each is comparison.numbers[0] else change(base, each.total("missing")),
        )
        for each in comparison.numbers
    ]
    compared = Compared(
        comparison.base, runs, comparison.monthly, comparison.same_reference, comparison.title,
        counted(comparison.base),
    )  # fmt: skip
    for kind in PAGES.values():
        home = run_folder.figures_folder(folder, kind.id)
        files.make_folder(home)
        drawn = drawn_comparison(compared, kind)
        drawn.write(home)
        index = json.dumps([drawn.info.as_plain()], indent=1, ensure_ascii=False)
        files.write_text(home / run_folder.FIGURE_INDEX, index + "\n")


def change(base: float, own: float) -> str:
    """`51 % less`, `35 times as much`, `no change`; that there is none in the base."""
    if abs(own - base) < SAME_TONNES:
        return "no change"
    if base < SAME_TONNES:
        return "none in the base"
    said = part_of_base(base, own)
    return f"{said} {'less' if own < base else 'more'}" if said.endswith("%") else said
