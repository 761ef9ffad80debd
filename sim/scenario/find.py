"""Which file a scenario's name or path means."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from sim.problems import BadInputError, Place, Problem, nearest, quote

SUFFIXES = (".yaml", ".yml")


def shipped_folder() -> Path:
    """Where the scenarios are that come with the program: in a wheel, or beside the package."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "shipped_scenarios"
    return inside if inside.is_dir() else package.parent / "scenarios"


def shipped_names() -> list[str]:
    """Names of the shipped scenarios."""
    folder = shipped_folder()
    return sorted(path.stem for path in folder.glob("*.yaml")) if folder.is_dir() else []


def find_scenario(name_or_path: str) -> Path:
    """The file of a path (with a suffix or a separator) or of a shipped name."""
    if _is_path(name_or_path):
        path = Path(name_or_path)
        if not _exists(path):
            raise BadInputError([_no_file(path)])
        return path
    if name_or_path not in shipped_names():
        raise BadInputError([_no_name(name_or_path)])
    return shipped_folder() / f"{name_or_path}.yaml"


def find_extended(name: str, beside: Path, place: Place) -> Path:
    """The file that `extends` means: a shipped scenario or a file in the same folder."""
    in_folder = sorted(
        path.name for path in beside.parent.glob("*") if path.suffix.lower() in SUFFIXES
    )
    if "/" in name or "\\" in name:
        raise BadInputError(
            [Problem(place, f"{quote(name)} is a path", "name a file in the same folder")]
        )
    if name in in_folder:
        return beside.parent / name
    if name in shipped_names():
        return shipped_folder() / f"{name}.yaml"
    for suffix in SUFFIXES:
        if name + suffix in in_folder:
            return beside.parent / (name + suffix)
    known = [*shipped_names(), *(file for file in in_folder if file != beside.name)]
    what = "file" if name.lower().endswith(SUFFIXES) else "scenario"
    raise BadInputError([Problem(place, f"there is no {what} {quote(name)}", _all_of(name, known))])


def shown_name(path: Path) -> str:
    """As messages call a file: from the current folder where it lies below it."""
    try:
        return str(path.resolve().relative_to(Path.cwd())) if path.is_absolute() else str(path)
    except (ValueError, OSError):
        return str(path)


def _is_path(name: str) -> bool:
    return name.lower().endswith(SUFFIXES) or "/" in name or "\\" in name


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def _no_file(path: Path) -> Problem:
    folder = path.parent
    there = sorted(p.name for p in folder.glob("*.y*ml")) if _exists(folder) else []
    if not there:
        return Problem(Place(str(path)), "there is no such file", f"shipped scenarios: {_names()}")
    return Problem(Place(str(path)), "there is no such file", _all_of(path.name, there))


def _no_name(name: str) -> Problem:
    beside = next((name + suffix for suffix in SUFFIXES if _exists(Path(name + suffix))), None)
    help = f"write `{beside}` for the file in this folder" if beside else ""
    known = shipped_names()
    return Problem(Place(name), "there is no such shipped scenario", help or _all_of(name, known))


def _names() -> str:
    return ", ".join(shipped_names()) or "none"


def _all_of(name: str, known: Iterable[str]) -> str:
    names = list(known)
    meant = nearest(name, names)
    return (
        f"did you mean `{meant}`? " if meant else ""
    ) + f"there are: {', '.join(names) or 'none'}"
