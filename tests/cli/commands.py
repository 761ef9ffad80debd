"""Commands in this process: what they print and leave behind, without the second that a process takes to start.

What only a process can show (signals, a closed output, two at once) is tried on real ones.
"""

from __future__ import annotations

import io
import os
from contextlib import ExitStack, chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

from sim.commands.cli import main
from tests.page.runs import toy_pack

PLAIN = {"NO_COLOR": "1", "COLUMNS": "80"}
"""As where no terminal is."""


@dataclass(frozen=True)
class Done:
    """What is left of a command."""

    returncode: int
    stdout: str
    stderr: str


def critmin(*arguments: str, cwd: Path, toy: bool = False) -> Done:
    """A command typed in a folder; `toy` has the toy mineral come with the program, and nothing else."""
    out, err, code = io.StringIO(), io.StringIO(), 0
    with ExitStack() as stack:
        for each in (chdir(cwd), redirect_stdout(out), redirect_stderr(err)):
            stack.enter_context(each)
        stack.enter_context(patch.dict(os.environ, PLAIN))
        if toy:
            stack.enter_context(toy_pack())
        try:
            main(arguments)
        except SystemExit as stopped:
            code = stopped.code if isinstance(stopped.code, int) else 1
    return Done(code, out.getvalue(), err.getvalue())
