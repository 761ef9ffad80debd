"""Which file a scenario's name or path means."""

from __future__ import annotations

from pathlib import Path

from sim.words.problems import BadInputError, Place, Problem, quote, suggest

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
    if not _is_path(name_or_path):
        if name_or_path in shipped_names():
            return shipped_folder() / f"{name_or_path}.yaml"
        if not name_or_path.strip() or not _exists(Path(name_or_path)):
            raise BadInputError([_no_name(name_or_path)])
    path = Path(name_or_path)
    if not _exists(path):
        raise BadInputError([_no_file(path)])
    if path.is_file():
        check_name(path)
    return path


def check_name(path: Path) -> None:
    """Raise `BadInputError` where a scenario's file has a name that none can have."""
    if path.suffix.lower() not in SUFFIXES:
        ending = f"`{path.suffix}`" if path.suffix else "no ending"
        message = f"a scenario's file ends in `.yaml` or `.yml`, this one has {ending}"
        # Notepad adds `.txt` unless told otherwise.
        new = path.stem if _has_suffix(path.stem) else f"{path.stem}.yaml"
        help = f"rename it to {quote(new)} if it is a scenario"
        raise BadInputError([Problem(Place(str(path)), message, help)])
    if not path.stem.strip(". ") or not path.stem.isprintable():
        message = "the results could not be named after this file"
        raise BadInputError([Problem(Place(str(path)), message, "give it a name of letters")])


def find_extended(name: str, beside: Path, place: Place) -> Path:
    """The file that `extends` means: a shipped scenario or a file in the same folder."""
    if "/" in name or "\\" in name:
        raise BadInputError(
            [Problem(place, f"{quote(name)} is a path", "name a file in the same folder")]
        )
    in_folder, shipped = _scenario_files(beside.parent), shipped_names()
    wanted = (name,) if name in shipped else (name, *(name + suffix for suffix in SUFFIXES))
    file = next((file for file in wanted if file in in_folder), None)
    if file is not None:
        return _kept_inside(beside.parent / file, name, place)
    if name in shipped:
        return shipped_folder() / f"{name}.yaml"
    others = [file for file in in_folder if file != beside.name]
    what = "file" if _has_suffix(name) else "scenario"
    # A file may be named with its suffix or without.
    help = suggest(name, [*shipped, *others], {Path(file).stem: file for file in others})
    raise BadInputError([Problem(place, f"there is no {what} {quote(name)}", help)])


def _kept_inside(path: Path, name: str, place: Place) -> Path:
    """The path, unless it is a link that leads out of its folder."""
    try:
        target = path.resolve()
        if target.is_relative_to(path.parent.resolve()):
            return path
        if target.is_relative_to(shipped_folder().resolve()):
            return path
    except (OSError, RuntimeError):
        pass  # a link that leads to itself leads nowhere
    message = f"{quote(name)} is a link that leads out of this folder"
    raise BadInputError([Problem(place, message, "copy the file itself into the folder")])


def _scenario_files(folder: Path) -> list[str]:
    try:
        return sorted(path.name for path in folder.iterdir() if _has_suffix(path.name))
    except OSError:
        return []


def shown_name(path: Path) -> str:
    """As messages call a file: from the current folder where it lies below it."""
    try:
        return str(path.resolve().relative_to(Path.cwd())) if path.is_absolute() else str(path)
    except (ValueError, OSError, RuntimeError):
        return str(path)


def _is_path(name: str) -> bool:
    return _has_suffix(name) or "/" in name or "\\" in name


def _has_suffix(name: str) -> bool:
    return name.lower().endswith(SUFFIXES)


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def _no_file(path: Path) -> Problem:
    there = [file for file in _scenario_files(path.parent) if file != path.name]
    message = "this link leads nowhere" if _is_link(path) else "there is no such file"
    if not there:
        return Problem(Place(str(path)), message, f"shipped scenarios: {_shipped_list()}")
    return Problem(Place(str(path)), message, suggest(path.name, there))


def _is_link(path: Path) -> bool:
    try:
        return path.is_symlink()
    except (OSError, ValueError):
        return False


def _no_name(name: str) -> Problem:
    there = _scenario_files(Path())
    beside = next((name + suffix for suffix in SUFFIXES if name + suffix in there), None)
    if beside:
        help = f"write `{beside}` for the file in this folder"
    else:
        help = suggest(name, shipped_names(), {Path(file).stem: file for file in there})
    return Problem(Place(name.strip() or '""'), "there is no such shipped scenario", help)


def _shipped_list() -> str:
    return ", ".join(shipped_names()) or "none"
