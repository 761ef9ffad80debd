"""The run folder: the only place that knows file names inside `results/`.

A folder is filled under a staging name beside its goal and renamed when it is complete, so that whatever
stands under a run's own name is finished.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import platform
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
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
RECORD_TABLES = (
    "use", "production", "shipments", "stocks", "limits", "licences", "licences_pending", "levers",
    "provenance", "balance",
)  # fmt: skip
FORMULA_STARTS = ("=", "+", "-", "@")
NOT_HASHED = (RUN_FILE, "report.html")


class RunFolderError(CritminError):
    """The results cannot be written where they were asked for."""


def run_id(resolved: Mapping[str, Any], pack_hash: str, seed: int) -> str:
    """Twelve digits of what decides the result: scenario, pack, the program's own source, seed."""
    digest = hashlib.sha256()
    digest.update(_yaml(resolved).encode("utf-8"))
    digest.update(pack_hash.encode())
    digest.update(source_hash().encode())
    digest.update(str(seed).encode())
    return digest.hexdigest()[:12]


def source_hash() -> str:
    """Hash of the package's own code, so that another version never claims an older one's folder."""
    root = Path(sim.__file__).parent
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        digest.update(path.relative_to(root).as_posix().encode("utf-8"))
        digest.update(path.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()


def check_writable(out: Path) -> None:
    """Raise `RunFolderError` before anything is simulated if results could not be written."""
    existing = out
    while not existing.exists():
        existing = existing.parent
    if not existing.is_dir():
        raise RunFolderError(f"{existing} is a file, not a folder: choose another place with --out")
    if not os.access(existing, os.W_OK | os.X_OK):
        raise RunFolderError(f"{existing} is not writable: choose another place with --out")


def finished(folder: Path) -> bool:
    """Whether a finished run with all its files stands there; raises if a foreign folder does."""
    if not folder.exists():
        return False
    if not (folder / RUN_FILE).is_file():
        raise RunFolderError(
            f"{folder} exists and is not a finished run: move it away or choose another --out"
        )
    known = yaml.safe_load((folder / RUN_FILE).read_text(encoding="utf-8")).get("files", {})
    for name, expected in known.items():
        path = folder / name
        if not path.is_file() or _file_hash(path) != expected:
            raise RunFolderError(
                f"{folder}: `{name}` is missing or was changed since the run: move the folder away "
                "to run again"
            )
    return True


@contextmanager
def staged(folder: Path) -> Iterator[Path]:
    """A staging folder beside `folder`, renamed to it at the end, removed if anything goes wrong."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix=".partial-", dir=folder.parent))
    try:
        yield staging
        if folder.exists():
            raise RunFolderError(f"{folder} appeared while this run was going on; nothing written")
        staging.chmod(0o755)  # a temporary folder is its maker's alone; results are for colleagues
        staging.rename(folder)
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        raise


def write_tables(
    folder: Path, summary: Summary, records: Records, resolved: Mapping[str, Any]
) -> None:
    """Everything but figures, report and `run.yaml`."""
    write_csv(folder / "summary.csv", summary.summary)
    write_csv(folder / "monthly.csv", summary.monthly)
    write_csv(folder / "worst.csv", summary.worst)
    _write(
        folder / "headline.json", json.dumps(summary.headline, indent=1, ensure_ascii=False) + "\n"
    )
    _write(folder / "scenario.resolved.yaml", _yaml(resolved))
    (folder / "records").mkdir()
    for name in RECORD_TABLES:
        text = _csv_text(getattr(records, name))
        path = folder / "records" / f"{name}.csv.gz"
        # No time and no name inside, so that two runs give the same bytes.
        with path.open("wb") as raw, gzip.GzipFile("", "wb", 6, raw, mtime=0) as packed:
            packed.write(text.encode("utf-8"))


def write_run_file(folder: Path, facts: Mapping[str, Any]) -> None:
    """`run.yaml`, last: with the hash of every file that must stay as it is."""
    names = sorted(
        p.relative_to(folder).as_posix()
        for p in folder.rglob("*")
        if p.is_file() and p.name not in NOT_HASHED and p.parent.name != "figures"
    )
    files = {name: _file_hash(folder / name) for name in names}
    _write(folder / RUN_FILE, _yaml({**facts, "files": files}))


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


def _csv_text(table: pd.DataFrame) -> str:
    safe = table.copy()
    for column in safe.columns:
        if not pd.api.types.is_numeric_dtype(safe[column].dtype):
            risky = [v for v in safe[column].unique() if str(v).startswith(FORMULA_STARTS)]
            if risky:
                safe[column] = safe[column].replace({v: f"'{v}" for v in risky})
    buffer = io.StringIO()
    safe.to_csv(buffer, index=False, float_format="%.12g", lineterminator="\n")
    return buffer.getvalue()


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
