"""The run folder: the only place that knows file names inside `results/`.

A folder is filled under a staging name beside its goal and renamed when it is complete, so that whatever
stands under a run's own name is finished.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import platform
import secrets
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

import sim
from sim.engine.records import Records
from sim.problems import CritminError
from sim.summary import Summary

RUN_FILE = "run.yaml"
WORST = "worst.csv"
RECORD_TABLES = (
    "use", "production", "shipments", "stocks", "limits", "licences", "licences_pending", "corridors",
    "levers", "provenance", "balance",
)  # fmt: skip
REPORT = "report.html"
FIGURES = "figures"
FIGURE_INDEX = "index.json"
FIGURE_FILES = (".svg", ".png", ".csv", ".txt")
FORMULA_STARTS = ("=", "+", "-", "@")
"""First letters of a text that a spreadsheet would take for a formula."""
NOT_SOURCE = ("packs", "shipped_scenarios", "__pycache__")
"""Folders of the package that hold no code; packs have a hash of their own."""


class RunFolderError(CritminError):
    """The results cannot be written where they were asked for."""


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


def check_writable(out: Path) -> None:
    """Raise `RunFolderError` before anything is simulated if results could not be written."""
    try:
        existing = next(p for p in (out, *out.parents) if p.exists())
        if not existing.is_dir():
            raise RunFolderError(
                f"{existing} is a file, not a folder: choose another place with --out"
            )
        # Trying is the only test that holds on every system and file share.
        tempfile.TemporaryFile(dir=existing).close()
    except OSError as error:
        raise RunFolderError(
            f"{out} is not writable ({error.strerror}): choose another place with --out"
        ) from error


def finished(folder: Path) -> bool:
    """Whether a finished run with all its files stands there; raises if a foreign folder does."""
    if not folder.exists():
        return False
    files = facts(folder).get("files")
    if not isinstance(files, Mapping):
        raise RunFolderError(
            f"{folder} exists and is not a finished run: move it away or choose another --out"
        )
    for name, expected in files.items():
        path = folder / name
        if not path.is_file() or _file_hash(path) != expected:
            raise RunFolderError(
                f"{folder}: `{name}` is missing or was changed since the run: move the folder away "
                "to run again"
            )
    return True


def facts(folder: Path) -> Mapping[str, Any]:
    """What `run.yaml` says; nothing where there is none that can be read."""
    try:
        written = yaml.safe_load((folder / RUN_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError):
        return {}
    return written if isinstance(written, Mapping) else {}


def worst(folder: Path) -> pd.DataFrame:
    """The table of a finished run that the terminal prints; texts such as `NA` stay texts."""
    numbers = ("peak", "shortfall_t", "recover_days")
    table = pd.read_csv(
        folder / WORST, dtype=str, keep_default_na=False, na_values={name: [""] for name in numbers}
    )
    return table.astype(dict.fromkeys(numbers, float))


def is_drawn(folder: Path) -> bool:
    """Whether the page and every figure that is not left out stand in the folder."""
    try:
        index = json.loads((folder / FIGURES / FIGURE_INDEX).read_text(encoding="utf-8"))
        wanted = [
            f"{each['id']}{end}" for each in index if not each["reason"] for end in FIGURE_FILES
        ]
    except (OSError, ValueError, TypeError, KeyError):
        return False
    drawn = all((folder / FIGURES / name).is_file() for name in wanted)
    return drawn and (folder / REPORT).is_file()


@contextmanager
def staged(folder: Path) -> Iterator[Path]:
    """A staging folder beside `folder`, renamed to it at the end, removed if anything goes wrong."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    # Not a temporary folder of the system's: results are for colleagues, who may not read those.
    staging = folder.parent / f".partial-{folder.name}-{secrets.token_hex(4)}"
    staging.mkdir()
    try:
        yield staging
        if folder.exists():
            raise RunFolderError(f"{folder} appeared while this run was going on; nothing written")
        staging.rename(folder)
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        with suppress(OSError):  # other runs of the scenario stand there
            folder.parent.rmdir()
        raise


def write_tables(
    folder: Path, summary: Summary, records: Records, resolved: Mapping[str, Any]
) -> None:
    """Everything but figures, report and `run.yaml`."""
    write_csv(folder / "summary.csv", summary.summary)
    write_csv(folder / "monthly.csv", summary.monthly)
    write_csv(folder / WORST, summary.worst)
    _write(
        folder / "headline.json", json.dumps(summary.headline, indent=1, ensure_ascii=False) + "\n"
    )
    _write(folder / "scenario.resolved.yaml", _yaml(resolved))
    (folder / "records").mkdir()
    for name in RECORD_TABLES:
        write_packed(folder / "records" / f"{name}.csv.gz", getattr(records, name))


def write_run_file(folder: Path, about: Mapping[str, Any]) -> None:
    """`run.yaml`: what there is to know, with the hash of every table; figures may be drawn again."""
    tables = sorted(p for p in folder.rglob("*") if p.is_file())
    files = {p.relative_to(folder).as_posix(): _file_hash(p) for p in tables}
    _write(folder / RUN_FILE, _yaml({**about, "files": files}))


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


def write_csv(path: Path, table: pd.DataFrame) -> None:
    """UTF-8, comma and point, twelve digits; text that a spreadsheet would take for a formula is quoted."""
    _write(path, _csv_text(table))


def write_packed(path: Path, table: pd.DataFrame) -> None:
    """The same, packed; no time and no name inside, so that two runs give the same bytes."""
    with path.open("wb") as raw, gzip.GzipFile("", "wb", 6, raw, mtime=0) as packed:
        packed.write(_csv_text(table).encode("utf-8"))


def _csv_text(table: pd.DataFrame) -> str:
    # Twice as quick as pandas' own writer, because a text is looked at once, not once a row.
    columns = [_cells(table[name]) for name in table.columns]
    lines = map(",".join, zip(*columns, strict=True))
    return "\n".join([",".join(map(_text_cell, table.columns)), *lines]) + "\n"


def _cells(column: pd.Series) -> list[str]:
    if pd.api.types.is_float_dtype(column.dtype):
        return ["" if v != v else f"{v + 0.0:.12g}" for v in column.tolist()]
    if pd.api.types.is_numeric_dtype(column.dtype):
        return [str(number) for number in column.tolist()]
    codes, texts = pd.factorize(column)
    written = [*(_text_cell(str(text)) for text in texts), ""]  # code -1, the last: no value
    return [written[code] for code in codes.tolist()]


def _text_cell(text: str) -> str:
    safe = f"'{text}" if text.startswith(FORMULA_STARTS) else text
    if any(mark in safe for mark in ',"\r\n'):
        return '"' + safe.replace('"', '""') + '"'
    return safe


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def _file_hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _plain(value: Any) -> Any:
    """Only what YAML writes plainly: tuples as lists, dates as dates."""
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(v) for v in value]
    if isinstance(value, str | int | float | bool | date) or value is None:
        return value
    return str(value)


def _yaml(value: Mapping[str, Any]) -> str:
    text: str = yaml.safe_dump(
        _plain(value), allow_unicode=True, sort_keys=False, width=100, default_flow_style=False
    )
    return text
