"""The run folder: the only place that knows file names inside `results/`.

`run.yaml` has the hash of every table, and of the figures and the page as they were drawn last, and seals
itself: what somebody changed afterwards is known (`sim.run_folder.run_state`).
"""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, Future
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

import sim
from sim.engine.records import BY_MONTH, Records
from sim.run_folder import table_files
from sim.summary import OF_SUMMARY, Summary
from sim.summary.scope import Scope, read_scope
from sim.system import files
from sim.tables import RECORDS, TABLES

RUN_FILE = "run.yaml"
CENTRAL, HARDEST, EASIEST, DRAWN = "central", "hardest", "easiest", "other draw"
"""Runs of `unknowns.csv`"""
HEADLINE = "headline.json"
SCENARIO = "scenario.resolved.yaml"
WRITTEN = "scenario"
"""Folder of the scenario's files as somebody wrote them; an own pack lies where they look for it."""
FORMAT = 10
"""Of the run folder; larger whenever this program could not draw or continue what the one before wrote."""
SEAL = "seal: "
"""How the last line of `run.yaml` begins; the hash of all that stands above it follows."""
REPORT = "report.html"
GAPS, GAPS_HTML = "gaps.csv", "gaps.html"
"""The table of the page, to paste"""
VIEWS = "regions"
"""Folder of what is shown for the readers of single regions, each laid out as the run's folder is"""
EXCEL = "excel"
"""Folder of the tables once more, for spreadsheets that split cells at semicolons"""
FIGURES = "figures"
FIGURE_INDEX = "index.json"
YAML_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The parser in C where there is one: ten times as quick, and as careful."""
NOT_SOURCE = ("packs", "shipped_scenarios", "__pycache__")
"""Folders of the package that hold no code; packs have a hash of their own."""


def run_id(resolved: Mapping[str, Any], pack_hash: str, seed: int, replications: int = 0) -> str:
    """Twelve digits of what decides the result: scenario, pack, own source, seed, replications."""
    decisive = (_yaml(resolved), pack_hash, source_hash(), str(seed), str(replications))
    return hashlib.sha256("\0".join(decisive).encode("utf-8")).hexdigest()[:12]


def source_hash() -> str:
    """Hash of the package's code and templates: another version never claims an older one's folder."""
    root = Path(sim.__file__).parent
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*")):
        inside = path.relative_to(root)
        if path.is_file() and not set(NOT_SOURCE) & set(inside.parts):
            digest.update(inside.as_posix().encode("utf-8"))
            # A checkout on Windows may have other line ends; the program is the same.
            digest.update(path.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()


def facts(folder: Path, name: str = RUN_FILE) -> Mapping[str, Any]:
    """What `run.yaml` says, or another sealed file; nothing where there is none that can be read."""
    try:
        written = yaml.load((folder / name).read_text(encoding="utf-8"), YAML_LOADER)
    except (OSError, ValueError, RecursionError, yaml.YAMLError):
        return {}
    return written if isinstance(written, Mapping) else {}


def is_sealed(folder: Path, name: str = RUN_FILE) -> bool:
    """Whether `run.yaml`, or another sealed file, says what the program wrote last, to the byte."""
    try:
        written = (folder / name).read_bytes()
    except OSError:
        return False
    content, _, seal = written.rpartition(SEAL.encode("ascii"))
    return seal.decode("ascii", "replace") == f"{hashlib.sha256(content).hexdigest()}\n"


def table(folder: Path, name: str, columns: Sequence[str] = ()) -> pd.DataFrame:
    """One of `TABLES` or `RECORDS`, as it was written; or these columns of it."""
    return table_files.read(folder, TABLES.get(name) or RECORDS[name], columns)


def headline(folder: Path) -> Sequence[Mapping[str, Any]]:
    """The numbers a reader quotes."""
    numbers: list[Mapping[str, Any]] = json.loads((folder / HEADLINE).read_text(encoding="utf-8"))
    return numbers


def scenario(folder: Path) -> Mapping[str, Any]:
    """The scenario as it was run, read."""
    text = (folder / SCENARIO).read_text(encoding="utf-8")
    return dict(yaml.load(text, YAML_LOADER) or {})


def scenario_files(folder: Path) -> Mapping[str, str]:
    """The scenario's file as it was written, then the one it extends: name -> text."""
    names = facts(folder).get("scenario_files") or ()
    return {name: (folder / WRITTEN / name).read_text(encoding="utf-8") for name in names}


def scope(folder: Path) -> Scope:
    """What the run is counted against."""
    return read_scope(table(folder, "scope"))


def view(folder: Path, regions: Sequence[str] = ()) -> Path:
    """Where figures and page stand: in the run's folder, or below it for the readers of these regions."""
    return folder / VIEWS / "+".join(sorted(regions)) if regions else folder


def figures_folder(folder: Path, page: str = "full") -> Path:
    """Where the figures for one kind of page stand: those of full width on top, others below."""
    return folder / FIGURES if page == "full" else folder / FIGURES / page


def write_tables(
    folder: Path,
    summary: Summary,
    resolved: Mapping[str, Any],
    one_more: Callable[[], None] = lambda: None,
) -> None:
    """The summary and the scenario as it was run; `one_more` is called after each table."""
    for name in OF_SUMMARY:
        table_files.write(folder, TABLES[name], summary.table(name))
        one_more()
    headline = json.dumps(summary.headline, indent=1, ensure_ascii=False)
    files.write_text(folder / HEADLINE, headline + "\n")
    files.write_text(folder / SCENARIO, _yaml(resolved))


def write_records(folder: Path, records: Records, executor: Executor) -> list[Future[None]]:
    """Let an executor write everything the simulation remembers, packed; the results say when it is there."""
    files.make_folder(folder / "records")
    # Table by table: what crosses to another process is in memory three times until it is there.
    return [
        executor.submit(
            table_files.write,
            folder,
            its,
            getattr(records, f"{name}_by_month" if name in BY_MONTH else name),
        )
        for name, its in RECORDS.items()
    ]


def write_unknowns(folder: Path, unknowns: pd.DataFrame) -> None:
    """How far the result hangs on what nobody knows, and on luck."""
    table_files.write(folder, TABLES["unknowns"], unknowns)


def write_origins(
    folder: Path, written: Mapping[str, str], assumptions: pd.DataFrame, sources: pd.DataFrame
) -> None:
    """What the run was made from (file name -> text), and what of the pack the answer hangs on."""
    for name, text in written.items():
        files.make_folder((folder / WRITTEN / name).parent)
        files.write_text(folder / WRITTEN / name, text)
    table_files.write(folder, TABLES["assumptions"], assumptions)
    table_files.write(folder, TABLES["sources"], sources)


def write_run_file(folder: Path, about: Mapping[str, Any]) -> None:
    """`run.yaml`, once all else is there: what there is to know, and the hash of every file in the folder."""
    hashes = {name: file_hash(folder / name) for name in files_below(folder) if name != RUN_FILE}
    shown = {name: its for name, its in hashes.items() if _is_shown(name)}
    tables = {name: its for name, its in hashes.items() if name not in shown}
    write_sealed(folder / RUN_FILE, {"format": FORMAT, **about, "files": tables, "shown": shown})


def _is_shown(name: str) -> bool:
    """Whether a file of the folder is a page or a figure, or made for one: it can be drawn again."""
    return name in (REPORT, GAPS, GAPS_HTML) or name.startswith(
        (f"{FIGURES}/", f"{VIEWS}/", f"{EXCEL}/")
    )


def write_shown(folder: Path, shown: Mapping[str, str], to: Path | None = None) -> None:
    """Say in `run.yaml` which figures and pages stand in the folder: name -> hash of what was drawn.

    With `to`, that file is written instead, to take the place of `run.yaml` later.
    """
    about = {key: value for key, value in facts(folder).items() if key != SEAL.strip(": ")}
    write_sealed(to or folder / RUN_FILE, {**about, "shown": dict(sorted(shown.items()))})


def shown(folder: Path) -> dict[str, str]:
    """Figures and pages that were drawn for this run, by name, and the hash of each."""
    return dict(facts(folder).get("shown") or {})


def write_sealed(path: Path, content: Mapping[str, Any]) -> None:
    """A YAML file whose last line is a hash of all that stands above it."""
    text = _yaml(content)
    seal = hashlib.sha256(text.encode("utf-8")).hexdigest()
    files.write_text(path, f"{text}{SEAL}{seal}\n")


def files_below(folder: Path) -> list[str]:
    """Every file in the folder and the folders in it, by its name from there, in order."""
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def copy(folder: Path, to: Path) -> None:
    """Write every file of a run into another folder, as it is."""
    for name in files_below(folder):
        files.make_folder((to / name).parent)
        files.write_bytes(to / name, (folder / name).read_bytes())


def versions() -> dict[str, str]:
    """Of critmin, Python and the libraries that decide the bytes."""
    out = {
        "critmin": sim.__version__,
        "python": platform.python_version(),
        "platform": platform.system(),
    }
    for name in ("simpy", "numpy", "pandas", "matplotlib"):
        try:
            out[name] = version(name)
        except PackageNotFoundError:  # pragma: no cover - a broken installation
            out[name] = "unknown"
    return out


def file_hash(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def plain(value: Any) -> Any:
    """Only what YAML writes plainly: tuples as lists, dates as dates."""
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [plain(v) for v in value]
    if isinstance(value, str | int | float | bool | date) or value is None:
        return value
    return str(value)


def _yaml(value: Mapping[str, Any]) -> str:
    text: str = yaml.safe_dump(
        plain(value), allow_unicode=True, sort_keys=False, width=100, default_flow_style=False
    )
    return text
