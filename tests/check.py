"""Every check of the project in the order of what is quick to fail: `python -m tests.check`.

Format, lint, types, import contract, tests. The first that fails ends it, with its own exit code.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
IMPORT_CONTRACT = "from importlinter.cli import lint_imports_command; lint_imports_command()"
CHECKS: dict[str, Sequence[str]] = {
    "ruff format --check .": ("-m", "ruff", "format", "--check", "."),
    "ruff check .": ("-m", "ruff", "check", "."),
    "mypy sim critmin": ("-m", "mypy", "sim", "critmin"),
    "lint-imports": ("-c", IMPORT_CONTRACT),
    "pytest": ("-m", "pytest", "-n", "auto", "--dist", "loadgroup"),
}


def main() -> int:
    """Run the checks with this Python; return the exit code of the first that fails, else 0."""
    for name, arguments in CHECKS.items():
        print(f"== {name}", flush=True)
        done = subprocess.run([sys.executable, *arguments], cwd=ROOT, check=False)
        if done.returncode:
            print(f"== {name} failed", file=sys.stderr, flush=True)
            return done.returncode
    print("== all checks passed", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
