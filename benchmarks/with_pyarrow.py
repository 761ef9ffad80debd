"""Whether a run gives the same bytes, and takes no longer, whatever pandas makes of texts.

    python benchmarks/with_pyarrow.py [SCENARIO] [--rounds 3] [--figures]

pandas keeps texts as plain objects, in a type of its own, or, where pyarrow is installed, in pyarrow's. The
scenario is run in fresh processes, once each way that is possible here, round after round; a line for each
says the median processor seconds and how many files differ from the first. Nothing is installed; where pyarrow
stands in another folder, `PYTHONPATH` can name it. The exit code is 1 when a file differs.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

RUN = """\
import sys
import warnings
import pandas
warnings.simplefilter("ignore")  # of an option that pandas will have no longer
name, value = sys.argv.pop(1), sys.argv.pop(1)
if name:
    pandas.set_option(name, {"False": False}.get(value, value))
from sim.__main__ import main
main()
"""
PLAIN = ("future.infer_string", "False")
OWN = ("mode.string_storage", "python")
ARROW = ("mode.string_storage", "pyarrow")
ABOUT_THE_RUN = "run.yaml"


def ways() -> dict[str, tuple[str, str]]:
    """What can be tried here: words -> option and value."""
    found = {"as installed": ("", ""), "plain objects": PLAIN, "pandas' own type": OWN}
    if importlib.util.find_spec("pyarrow"):
        found["pyarrow's type"] = ARROW
    return found


def run(scenario: str, option: tuple[str, str], more: list[str]) -> tuple[float, dict[str, str]]:
    """Processor seconds, and the hash of each file but the one about the run."""
    with tempfile.TemporaryDirectory() as out:
        # One process, because another would not know of the option.
        command = ["run", scenario, "--jobs", "1", "--out", out, *more]
        process = subprocess.Popen(
            [sys.executable, "-c", RUN, *option, *command],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        )  # fmt: skip
        assert process.stderr is not None
        said = process.stderr.read().decode()
        _, status, used = os.wait4(process.pid, 0)
        if status:
            raise SystemExit(said)
        paths = [path for path in Path(out).rglob("*") if path.is_file()]
        return used.ru_utime + used.ru_stime, {
            path.relative_to(out).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in paths
            if path.name != ABOUT_THE_RUN
        }


def main() -> int:
    """Print a line for each way; 1 when a file differs."""
    parser = argparse.ArgumentParser(description="Compare runs with and without pyarrow.")
    parser.add_argument("scenario", nargs="?", default="china-heavy-licences")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--figures", action="store_true", help="draw them as well")
    given = parser.parse_args()
    more = [] if given.figures else ["--no-figures"]
    took: dict[str, list[float]] = {}
    bytes_of: dict[str, dict[str, str]] = {}
    for _ in range(given.rounds):
        for words, option in ways().items():
            seconds, bytes_of[words] = run(given.scenario, option, more)
            took.setdefault(words, []).append(seconds)
    first = next(iter(bytes_of.values()))
    differ = 0
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, median of {given.rounds}")
    for words, found in bytes_of.items():
        others = sorted(name for name in {*first, *found} if first.get(name) != found.get(name))
        differ += len(others)
        said = f"{len(others)} files differ: {', '.join(others)}" if others else "the same bytes"
        print(f"  {words:20}{median(took[words]):8.2f} s  {len(found)} files, {said}")
    if "pyarrow's type" not in bytes_of:
        print("  pyarrow is not installed here")
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
