"""A scenario from whatever holds it: a path, a shipped name, YAML text, a dict."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any

from sim.scenario import Scenario, as_text, load, load_text

Given = str | os.PathLike[str] | Mapping[str, Any] | Scenario
"""What a scenario may be given as."""
UNNAMED = "unnamed"
"""What a scenario of no file is called where nobody says how."""
TEXT, DICT = "<text>", "<dict>"
"""What messages call them in place of a file."""
_SUFFIXED = re.compile(r"\.ya?ml$", re.IGNORECASE)
_ENTRY = re.compile(r":(\s|$)")


def load_scenario(given: Given, *, name: str | None = None) -> Scenario:
    """Read and check a scenario; simulate nothing.

    `given` is one of
    * a path: a `Path`, or a text that ends in `.yaml` or `.yml` or has a separator of folders;
    * the name of a scenario that comes with the program, such as `baseline`;
    * YAML text: several lines, or a line with a colon and a space behind it;
    * a dict with the keys of such a file; dates may be texts or `datetime.date`, quantities texts with a unit.

    `name` is what a text or a dict is called, as a file is by its name: in the title where there is none, and
    in the folder of its results. What they name beside them (`extends`, `pack`) is looked for in the folder
    one works in.

    Raises `BadInputError` with every fault, as `critmin check` says them, the file shown as `<text>` or
    `<dict>`; the lines of a dict are those of the YAML text that it would be. What is allowed but probably not
    meant stands in `Scenario.warnings`.

    >>> ban = load_scenario({"extends": "china-full-ban-12-months", "ends": "2027-01-01"})
    >>> ban.title, ban.starts, [lever.id for lever in ban.levers]
    """
    if isinstance(given, Scenario):
        return given
    if isinstance(given, Mapping):
        return load_text(as_text(given, DICT), DICT, name or UNNAMED)
    written = os.fspath(given)
    if isinstance(given, str) and _is_text(given):
        return load_text(given, TEXT, name or UNNAMED)
    if name is not None:
        raise ValueError("a scenario of a file has the file's name; `name` is for a text or a dict")
    return load(written)


def _is_text(given: str) -> bool:
    if "\n" in given or _ENTRY.search(given):
        return True
    return ":" in given and not _SUFFIXED.search(given) and not {"/", "\\"} & set(given)
