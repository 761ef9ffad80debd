"""Which scenario a run with measures is to be compared with: the same without them, where there is one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from sim.run_folder.run_folder import YAML_LOADER
from sim.scenario import Scenario, shipped_folder, shipped_names
from sim.scenario.schema import DEFAULT_PACK

Plain = Mapping[str, Any]
MERGED = ("restrictions", "shocks")
"""Headings whose levers are merged one by one where a scenario extends another"""
DECISIVE = ("pack", "starts", "ends", "review", "seed", "behaviour", "changes", *MERGED)
"""Keys that measures apart have to agree for a difference to be the measures'"""
NOT_DECISIVE = ("source", "reason")


def compare_with(scenario: Scenario) -> Mapping[str, str]:
    """What is typed after `critmin compare`: `base` (empty where there is none) and `this`.

    Nothing for a scenario without measures. The base is the scenario that this one extends, or else a shipped
    one. Told from the texts: no world is built for it.
    """
    if not scenario.measures:
        return {}
    *others, own = scenario.files.items()
    written = _read(own[1])
    extended = _read(others[0][1]) if others else {}
    found = ""
    # Levers of both files are merged one by one; whose is whose a text alone does not tell.
    if not any(heading in written and heading in extended for heading in MERGED):
        whole = {**extended, **written}
        found = next((name for name, its in _candidates(others, own) if _agree(its, whole)), "")
    return {"base": found, "this": _typed(*own)}


def _candidates(others: list[tuple[str, str]], own: tuple[str, str]) -> Iterator[tuple[str, Plain]]:
    """Name and content of each scenario that may be the base."""
    for name, text in others:
        yield _typed(name, text), _read(text)
    for name in shipped_names():
        text = _shipped(name)
        if text != own[1]:
            yield name, _read(text)


def _agree(other: Plain, own: Plain) -> bool:
    """Whether another scenario is this one without measures."""
    if other.get("measures") or "extends" in other:
        return False
    one, two = ({"pack": DEFAULT_PACK, **its} for its in (other, own))
    return all(_bare(one.get(key)) == _bare(two.get(key)) for key in DECISIVE)


def _bare(written: object) -> object:
    """Without what is said of a value: `{value: 5, reason: ...}` is 5."""
    if isinstance(written, Mapping):
        kept = {key: _bare(value) for key, value in written.items() if key not in NOT_DECISIVE}
        return kept["value"] if kept.keys() == {"value"} else kept
    if isinstance(written, list):
        return [_bare(each) for each in written] or None
    return written


def _typed(file: str, text: str) -> str:
    """How a scenario is named on the command line: a shipped one by its name, another by its file."""
    stem = file.rpartition(".")[0]
    return stem if stem in shipped_names() and _shipped(stem) == text else file


def _shipped(name: str) -> str:
    return (shipped_folder() / f"{name}.yaml").read_text(encoding="utf-8")


def _read(text: str) -> Plain:
    written = yaml.load(text, YAML_LOADER)
    return written if isinstance(written, Mapping) else {}
