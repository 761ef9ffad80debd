"""The tables of a run once more, for spreadsheets whose language splits cells at semicolons."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

from sim.run_folder import run_folder
from sim.system import files

_POINT = re.compile(r"(-?[0-9]+)\.([0-9]+(?:e[-+]?[0-9]+)?)")


def write(folder: Path, into: Path) -> None:
    """Every table on top of a run's folder below `into`: semicolons, decimal commas, and marked as UTF-8."""
    home = into / run_folder.EXCEL
    files.make_folder(home)
    for path in sorted(folder.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            out = io.StringIO(newline="")
            writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
            for row in csv.reader(file):
                writer.writerow(
                    [_POINT.sub(r"\1,\2", c) if _POINT.fullmatch(c) else c for c in row]
                )
        files.write_bytes(home / path.name, out.getvalue().encode("utf-8-sig"))
