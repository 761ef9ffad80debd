"""`critmin new`: a scenario of one's own, copied word by word from another, with remarks on what to do."""

from __future__ import annotations

import json
import os
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from sim.guide.schema import FILE_NAME, schema_text
from sim.lever import keys_of
from sim.levers import KINDS
from sim.scenario import Scenario, load, shipped_names
from sim.scenario.find import SUFFIXES, find_scenario
from sim.system import files
from sim.words.problems import BadInputError, Place, Problem, quote
from sim.world import load_pack

MODELINE = f"# yaml-language-server: $schema={FILE_NAME}"
"""Tells an editor's YAML extension where the schema is; others take it for a remark."""
LONGEST_NAME = 80
_NAMES = ("id", "kind", "source", "reason")
"""Keys of a lever that are no settings."""

_MODELINE = re.compile(r"^#\s*yaml-language-server:.*\n?", re.MULTILINE)
_RESERVED = re.compile(
    r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])(\..*)?", re.IGNORECASE
)
"""Names that Windows keeps for devices, with any ending."""
_FORBIDDEN = re.compile(r'[<>:"|?*]')


def start_scenario(name: str, source: str, folder: Path) -> tuple[Path, list[str]]:
    """Write the scenario, and the schema beside it where there is none; returns its path and remarks.

    Raises `BadInputError` or `WriteError`, before anything is written or after taking back what was.
    """
    stem = _stem(name)
    path = folder / f"{stem}.yaml"
    original = load(source)
    text = _composed(stem, source, original)
    remarks = []
    _write_new(path, text)
    try:
        load(str(path))
        schema = folder / FILE_NAME
        wanted = schema_text(load_pack(original.pack))
        if not schema.exists():
            _write_new(schema, wanted)
            remarks.append(f"{FILE_NAME} beside it helps editors that read schemas")
        elif schema.read_text(encoding="utf-8", errors="replace") != wanted:
            remarks.append(
                f"{FILE_NAME} here is of another version or pack; "
                f"`critmin schema --out {FILE_NAME}` replaces it"
            )
    except BaseException:
        files.remove(path)
        raise
    return path, remarks


def _stem(name: str) -> str:
    """The file's name without its ending; refuses what Windows, or critmin, would take for another."""
    stem = name
    for suffix in SUFFIXES:
        if name.lower().endswith(suffix):
            stem = name[: -len(suffix)]
    fault = name_fault(stem)
    if fault:
        message, help = fault
        raise refused(f"{quote(name)} cannot be the name of a scenario: {message}", help)
    if stem in shipped_names():
        raise refused(
            f"{quote(stem)} is the name of a shipped scenario",
            f"choose another name, for example `my-{stem}`",
        )
    return stem


def name_fault(stem: str) -> tuple[str, str] | None:
    """Why a file or folder of this name would be trouble on some system, and what to do."""
    if re.search(r"[/\\]", stem):
        return "it has a `/` or `\\`", "go to the folder with `cd` and give a bare name"
    if not stem.strip():
        return "it is empty", "for example my-ban"
    if stem != stem.strip():
        return "it begins or ends with a space", f"write {quote(stem)}"
    if stem.startswith((".", "-")) or stem.endswith("."):
        return (
            "it begins with `.` or `-`, or ends with `.`",
            f"write `{stem.strip('.-') or 'my-ban'}`",
        )
    if _FORBIDDEN.search(stem) or not stem.isprintable():
        return (
            'it has one of < > : " | ? *, or a character that cannot be shown',
            "use letters, digits, `-` and `_`",
        )
    if _RESERVED.fullmatch(stem):
        return "Windows keeps this name for a device", f"for example `my-{stem}`"
    if len(stem) > LONGEST_NAME:
        return f"it has {len(stem)} letters", f"at most {LONGEST_NAME}"
    return None


def _composed(stem: str, source: str, original: Scenario) -> str:
    """The text of the source under a new title, below remarks for who opens it."""
    text = original.files[find_scenario(source).name]
    text = _with_title(_MODELINE.sub("", text), f"{stem}, begun from: {original.title}")
    names = (
        f" --pack {shlex.quote(original.resolved['pack']['folder'])}"
        if original.world.is_own
        else ""
    )
    remarks = [f"# {line}".rstrip() for line in _remarks(stem, source, text, names)]
    return "\n".join([MODELINE, *remarks, "", text.strip("\n"), ""])


def _with_title(text: str, title: str) -> str:
    """The same text with another title, character by character."""
    root: Any = yaml.compose(text, yaml.SafeLoader)
    written = json.dumps(title, ensure_ascii=False)
    for key, value in root.value:
        if key.value == "title":
            start, end = value.start_mark.index, value.end_mark.index
            # A text that is folded over lines ends behind its last line break.
            line_break = "\n" if text[start:end].endswith("\n") else ""
            return f"{text[:start]}{written}{line_break}{text[end:]}"
    first = root.value[0][0].start_mark
    behind = ", " if root.flow_style else "\n" + " " * first.column
    return f"{text[: first.index]}title: {written}{behind}{text[first.index :]}"


def _remarks(stem: str, source: str, text: str, pack: str) -> Iterator[str]:
    file = f'"{stem}.yaml"' if " " in stem else f"{stem}.yaml"
    yield f"{stem}: begun as a copy of {source}."
    yield "Lines that begin with # are remarks for people; critmin passes over them."
    yield ""
    for command, does in (
        (f"check {file}", "names every mistake with its line"),
        (f"run {file}", "simulates it; the last line printed is the folder of the results"),
        (f"list{pack}", "says what there is to write: levers, elements, sites, ..."),
    ):
        yield f"  critmin {command:<{max(len(file), len(pack)) + 8}}{does}"
    yield ""
    yield "What to change first:"
    yield "  title, question: what this scenario is about"
    yield "  starts, ends: the years of the results; fewer years run faster"
    for heading, entry in _own_levers(text):
        model = KINDS[heading].get(str(entry.get("kind")))
        if model is not None:
            settings = ", ".join(
                key for key in keys_of(model) if key in entry and key not in _NAMES
            )
            yield f"  {heading}, {entry.get('id')} ({entry['kind']}): {settings}"
    kinds = sorted({str(entry.get("kind")) for _, entry in _own_levers(text)} - {"None"})
    if kinds:
        commands = " and ".join(f"critmin list levers {kind}{pack}" for kind in kinds)
        yield f"What the settings mean, and what else can be set: {commands}"


def _own_levers(text: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Heading and entry of the levers that stand in the file itself."""
    written = yaml.load(text, yaml.BaseLoader)
    for heading in KINDS:
        for entry in written.get(heading) or ():
            if isinstance(entry, dict):
                yield heading, entry


def _write_new(path: Path, text: str) -> None:
    """Write a file that is not there yet, with the line breaks of this system; all of it or nothing."""
    if not files.write_new_text(path, text, line_end=os.linesep):
        message = f"there is already a file {quote(path.name)} here"
        raise refused(message, "choose another name, or delete the file first")


def refused(message: str, help: str) -> BadInputError:
    """What `critmin new` cannot do."""
    return BadInputError([Problem(Place("critmin new"), message, help)])
