"""The scenario after merging, ready to be written down: each value with unit, source and file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import PurePath
from typing import Any

from sim.lever import keys_of
from sim.scenario.behaviour import described as described_rules
from sim.scenario.change_entries import ReadChange, described
from sim.scenario.lever_entries import ReadLever
from sim.scenario.schema import HEADINGS, ScenarioText
from sim.scenario.tree import Node
from sim.words.quantities import as_written
from sim.world import World

_NOT_A_SETTING = ("id", "kind", "source", "reason", "phases")
_SEPARATE = ("extends", "pack", "behaviour", *HEADINGS, "changes")

Plain = dict[str, Any]


def resolve(
    name: str,
    root: Node,
    header: ScenarioText,
    world: World,
    pack: str,
    levers: Iterable[ReadLever],
    changes: Sequence[ReadChange],
) -> Plain:
    """Plain dicts, lists, texts and numbers; files without folders: the same on any machine."""
    resolved: Plain = {"scenario": name}
    for key in keys_of(ScenarioText):
        if key not in _SEPARATE:
            resolved[key] = _header_value(key, root, header)
    set_by = _file(root.entries().get("behaviour"))
    resolved["behaviour"] = {"value": described_rules(header.behaviour, world), "set_by": set_by}
    resolved["pack"] = {
        "id": world.id,
        **({"folder": pack} if world.is_own else {}),
        "title": world.title,
        "content_hash": world.content_hash,
        "set_by": _file(root.entries().get("pack")),
    }
    for heading in HEADINGS:
        resolved[heading] = [_lever(each, world) for each in levers if each.heading == heading]
    rows = described(changes, world.changes)
    resolved["changes"] = [
        {**row, "set_by": _file(each.node)} for each, row in zip(changes, rows, strict=True)
    ]
    return resolved


def _header_value(key: str, root: Node, header: ScenarioText) -> Plain:
    value = getattr(header, key)
    unit = {"unit": "d"} if key == "review" else {}
    plain = value.isoformat() if isinstance(value, date) else value
    return {"value": plain, **unit, "set_by": _file(root.entries().get(key))}


def _file(node: Node | None) -> str:
    return PurePath(node.file).name if node else "default"


def with_name(resolved: Any, shown: str, name: str) -> Any:
    """The same with the file `name` for what messages call `shown`: a text has a file once it is run."""
    if isinstance(resolved, Mapping):
        return {
            key: name if key == "set_by" and value == shown else with_name(value, shown, name)
            for key, value in resolved.items()
        }
    if isinstance(resolved, list | tuple):
        return [with_name(value, shown, name) for value in resolved]
    return resolved


def _lever(read: ReadLever, world: World) -> Plain:
    lever = read.lever
    said = {"source": lever.source, "reason": lever.reason}
    return {
        "id": lever.id,
        "kind": lever.kind,
        "sentence": lever.sentence(world),
        **{key: text for key, text in said.items() if text},
        "phases": _phases(read, world),
        "settings": _settings(read, world),
        "from_pack": _left_to_pack(read),
        "set_by": _file(read.node),
    }


def _settings(read: ReadLever, world: World) -> Plain:
    """What was written, value by value."""
    return {
        key: {
            **_written(node, world.basis),
            **read.origins.get(key, {}),
            "set_by": _file(node),
        }
        for key, node in read.node.entries().items()
        if key not in _NOT_A_SETTING
    }


def _phases(read: ReadLever, world: World) -> list[Plain]:
    """The lever's dates, each with its own origin and what is in force otherwise than the lever itself says."""
    given = read.node.entries().get("phases")
    entries = given.elements() if given else []
    phases = []
    restated: Plain = {}
    for index, phase in enumerate(read.lever.timeline()):
        plain: Plain = {"phase": phase.kind, "from": phase.date.isoformat()}
        for key, node in entries[index].entries().items() if entries else ():
            if key in ("source", "reason"):
                plain[key] = str(node.value).strip()
            elif key not in plain:
                restated = {**restated, key: {**_written(node, world.basis), "set_by": _file(node)}}
        phases.append({**plain, "settings": restated} if restated else plain)
    return phases


def _written(node: Node, basis: str) -> Plain:
    """A value with its unit apart, as it was written."""
    if isinstance(node.value, str):
        quantity = as_written(node.value, basis=basis)
        if quantity is not None:
            number, unit = quantity
            return {"value": int(number) if number == int(number) else number, "unit": unit}
    return {"value": node.plain()}


def _left_to_pack(read: ReadLever) -> list[str]:
    """Settings that the pack decides because the scenario is silent."""
    names = keys_of(type(read.lever))
    return [
        key
        for key, field in names.items()
        if key not in read.node.entries()
        and getattr(read.lever, field) is None
        and key not in ("source", "reason", "starts", "ends", *read.lever.may_be_absent)
    ]
