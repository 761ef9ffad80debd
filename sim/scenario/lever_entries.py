"""The entries under `restrictions`, `shocks` and `measures` become levers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from sim.lever import Lever, keys_of
from sim.levers import KINDS
from sim.problems import Problem, list_names, quote, suggest
from sim.scenario.locate import check, key_of, place_of
from sim.scenario.schema import MOST_ENTRIES, ChangeText, ScenarioText
from sim.scenario.tree import Node
from sim.world import World

_ORIGIN = ("source", "reason", "locator", "note")
"""Keys beside `value` where a single number says where it comes from."""


@dataclass(frozen=True, slots=True)
class ReadLever:
    """A lever with what was written for it."""

    heading: str
    lever: Lever
    node: Node
    """Settings as written, without the origins of single numbers."""
    origins: Mapping[str, Mapping[str, str]]
    """Setting -> its own source or reason, where it has one."""


@cache
def every_key() -> frozenset[str]:
    """Keys of a scenario and of all kinds of lever."""
    models = [ScenarioText, ChangeText, *(kind for kinds in KINDS.values() for kind in kinds.values())]
    return frozenset(key for model in models for key in keys_of(model))


def read_levers(
    heading: str, entries: Node, world: World | None, found: list[Problem]
) -> list[ReadLever]:
    """Every lever of a heading that can be used; faults are added to `found`."""
    levers = [
        _read_lever(heading, entry, world, found) for entry in entries.elements()[:MOST_ENTRIES]
    ]
    return [lever for lever in levers if lever is not None]


def _read_lever(
    heading: str, entry: Node, world: World | None, found: list[Problem]
) -> ReadLever | None:
    if not isinstance(entry.value, dict):
        message = "a lever is made of `key: value` lines"
        found.append(Problem(entry.place, message, "begin with `id: ...` and `kind: ...`"))
        return None
    model = _model(heading, entry, found)
    if model is None:
        return None
    origins: dict[str, Mapping[str, str]] = {}
    node = _without_origins(entry, origins, found)
    known = keys_of(model)
    if not {"source", "reason"} & {*entry.entries(), *(k for o in origins.values() for k in o)}:
        found.append(
            Problem(
                place_of(entry),
                f"{quote(entry.entries()['id'].plain()) if 'id' in entry.entries() else 'the lever'} "
                "says neither `source` nor `reason`",
                "add one: where the dates and numbers come from, or why they are assumed",
            )
        )
    lever = check(model, node, node.plain(), world, found)
    settings = {key: origin for key, origin in origins.items() if key in known}
    return ReadLever(heading, lever, node, settings) if lever else None


def _model(heading: str, entry: Node, found: list[Problem]) -> type[Lever] | None:
    """The model of an entry's kind; says so where there is none."""
    here = KINDS[heading]
    given = entry.entries().get("kind")
    if given is None:
        problem = Problem(place_of(entry), "`kind` is missing", list_names(here))
    elif isinstance(given.value, str) and given.value in here:
        return here[given.value]
    else:
        problem = Problem(given.place, *_no_such_kind(heading, given))
    found.append(problem)
    return None


def _no_such_kind(heading: str, given: Node) -> tuple[str, str]:
    kind = given.value
    if not isinstance(kind, str):
        return f"a kind is needed here, not {quote(given.plain())}", list_names(KINDS[heading])
    everywhere = {name: where for where, kinds in KINDS.items() for name in kinds}
    if kind in everywhere:
        return f"`{kind}` does not belong here", f"move it to `{everywhere[kind]}`"
    return f"unknown kind {quote(kind)}", suggest(kind, list(KINDS[heading]))


def _without_origins(
    entry: Node, origins: dict[str, Mapping[str, str]], found: list[Problem]
) -> Node:
    """Replace `{value: ..., source: ...}` by the value and keep its origin."""
    settings = {}
    for key, node in entry.entries().items():
        below = node.entries()
        if "value" not in below:
            settings[key] = node
            continue
        for name, said in below.items():
            if name not in ("value", *_ORIGIN):
                help = suggest(name, ("value", *_ORIGIN))
                found.append(Problem(key_of(node, name), f"unknown key {quote(name)}", help))
            elif name != "value" and not (isinstance(said.value, str) and said.value.strip()):
                message = f"a text is needed here, not {quote(said.plain())}"
                found.append(Problem(said.place, message, "write it out, or delete this line"))
        origins[key] = {
            name: str(said.value).strip() for name, said in below.items() if name in _ORIGIN
        }
        settings[key] = Node(below["value"].value, below["value"].place, node.key_place)
    return Node(settings, entry.place, entry.key_place)
