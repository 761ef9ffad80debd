"""What stands where a run's folder should be: nothing, a finished run, or what is better left alone."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path

import sim
from sim.run_folder import run_folder
from sim.run_folder.run_folder import FIGURE_INDEX, FIGURES, FORMAT, REPORT, RUN_FILE
from sim.system.files import UNFINISHED
from sim.words.problems import RunFolderError


class State(Enum):
    """Of a path at which a run's folder is looked for."""

    NOTHING = auto()
    FINISHED = auto()
    EDITED = auto()
    """A finished run of which a table, or `run.yaml`, is not what the program wrote."""
    OF_ANOTHER_VERSION = auto()
    UNFINISHED = auto()
    FOREIGN = auto()
    """Nothing of ours."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands at a path, and, unless it is nothing or a finished run, what is the matter with it."""

    state: State
    matter: str = ""
    hint: str = ""
    """What to do for who wants it drawn."""


_LAST_PRINTED = "give the path that `critmin run` printed last"
_PUT_BACK = "put the file back as it was, or move the folder away and run again"


def standing(folder: Path) -> Standing:
    """Look at a path; reads and compares every table of a run."""
    if not os.path.lexists(folder):
        return Standing(State.NOTHING, f"there is no folder {folder}", _LAST_PRINTED)
    if not folder.is_dir():
        hint = "give the folder of the run it lies in"
        return Standing(State.FOREIGN, f"{folder} is a file", hint)
    if folder.absolute().name.startswith(UNFINISHED):
        return Standing(
            State.UNFINISHED, f"{folder} is a run that is still going on, or was broken off",
            "wait until it is finished; if none is going on, run the scenario again, which clears up",
        )  # fmt: skip
    facts = run_folder.facts(folder)
    if not isinstance(facts.get("files"), Mapping):
        return _foreign(folder)
    if facts.get("format") != FORMAT:
        return _of_another_version(folder, facts)
    if not run_folder.is_sealed(folder):
        return Standing(
            State.EDITED, f"{folder}: `{RUN_FILE}` was changed since the run", _PUT_BACK
        )
    touched = _touched(folder, facts["files"])
    if touched:
        return Standing(
            State.EDITED, f"{folder}: `{touched[0]}` is missing or was changed since the run",
            _PUT_BACK,
        )  # fmt: skip
    return Standing(State.FINISHED)


def finished(folder: Path) -> bool:
    """Whether a finished run stands where one would be written; raises `RunFolderError` if else but nothing."""
    found = standing(folder)
    if found.state in (State.NOTHING, State.FINISHED):
        return found.state is State.FINISHED
    also = "put the file back as it was, " if found.state is State.EDITED else ""
    raise RunFolderError(
        f"{found.matter}; it was left as it is",
        f"{also}move it away to run again, or choose another place with --out",
    )


def check_finished(folder: Path) -> None:
    """Raise `RunFolderError` unless a finished run stands there with every table as the run wrote it."""
    found = standing(folder)
    if found.state is not State.FINISHED:
        raise RunFolderError(found.matter, found.hint)


def is_drawn(folder: Path) -> bool:
    """Whether the page and every figure stand in the folder of a finished run, whoever wrote them last."""
    shown = run_folder.shown(folder)
    complete = all((folder / name).is_file() for name in shown)
    indexes = {f"{FIGURES}/{FIGURE_INDEX}", f"{FIGURES}/half/{FIGURE_INDEX}"}
    return complete and {REPORT, *indexes} <= set(shown)


def edited(folder: Path, names: Iterable[str]) -> list[str]:
    """Those of these figures and pages that somebody changed since they were drawn."""
    shown = run_folder.shown(folder)
    return [
        name for name in sorted(names)
        if name in shown and (folder / name).is_file() and not _is_as_written(folder, name, shown)
    ]  # fmt: skip


def shown_for(folder: Path, page: str, regions: Sequence[str] = ()) -> list[str]:
    """Figures that were drawn for one kind of page, by name in the run's folder."""
    home = run_folder.figures_folder(run_folder.view(Path(), regions), page)
    return [name for name in run_folder.shown(folder) if Path(name).parent == home]


def _foreign(folder: Path) -> Standing:
    runs = sorted(p.parent for p in folder.glob(f"*/{RUN_FILE}") if p.parent.name[0] != ".")
    hint = f"did you mean {runs[0]}?" if runs else _LAST_PRINTED
    return Standing(State.FOREIGN, f"{folder} is not the folder of a finished run", hint)


def _of_another_version(folder: Path, facts: Mapping[str, object]) -> Standing:
    versions = facts.get("versions")
    version = versions.get("critmin") if isinstance(versions, Mapping) else None
    by = f"critmin {version}" if version else "another version of critmin"
    form = f"form {facts['format']}" if isinstance(facts.get("format"), int) else "an unknown form"
    again = "run the scenario again, which makes a folder of its own"
    return Standing(
        State.OF_ANOTHER_VERSION,
        f"{folder} was written by {by} in {form}, and this version reads form {FORMAT}",
        # Between two releases the form may change and the number not.
        again if version == sim.__version__ else f"{again}; or use {by} for this one",
    )


def _touched(folder: Path, written: Mapping[str, str]) -> list[str]:
    return [name for name in written if not _is_as_written(folder, name, written)]


def _is_as_written(folder: Path, name: str, written: Mapping[str, str]) -> bool:
    try:
        return run_folder.file_hash(folder / name) == written[name]
    except OSError:
        return False
