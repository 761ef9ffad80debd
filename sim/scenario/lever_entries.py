"""The entries under `restrictions`, `shocks` and `measures` become levers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from sim.lever import Lever, StrictModel, keys_of, listed
from sim.lever.strict import MOST_KEYS, meant_key, no_such_key
from sim.levers import KINDS
from sim.rules.behaviour import RULES
from sim.scenario.locate import MOST_EXPLAINED, check, key_of, place_of
from sim.scenario.schema import MOST_ENTRIES, ChangeText, ScenarioText
from sim.scenario.tree import Node
from sim.words.absent import what_is_said_of
from sim.words.problems import Problem, is_part_of, list_names, nearest, quote, suggest
from sim.world import World

MOST_KINDS = 4
"""Kinds of lever that are told to have a key."""
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
    kinds = [kind for kinds in KINDS.values() for kind in kinds.values()]
    models: list[type[StrictModel]] = [ScenarioText, ChangeText, *kinds]
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
    entry = with_known_keys(entry, model, found)
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
    given = _kind(entry)
    if given is None:
        problem = Problem(place_of(entry), "`kind` is missing", list_names(here))
    elif isinstance(given.value, str) and given.value in here:
        return here[given.value]
    else:
        problem = Problem(given.place, *_no_such_kind(heading, given))
    found.append(problem)
    return None


def _kind(entry: Node) -> Node | None:
    """What was written for its kind, be it under another key; that key is refused later."""
    entries = entry.entries()
    if "kind" in entries:
        return entries["kind"]
    return next(
        (node for key, node in entries.items() if meant_key(key, ("id", "kind")) == "kind"), None
    )


def _no_such_kind(heading: str, given: Node) -> tuple[str, str]:
    kind = given.value
    if not isinstance(kind, str):
        return f"a kind is needed here, not {quote(given.plain())}", list_names(KINDS[heading])
    everywhere = {name: where for where, kinds in KINDS.items() for name in kinds}
    if kind in everywhere:
        return f"`{kind}` does not belong here", f"move it to `{everywhere[kind]}`"
    absent = what_is_said_of(kind)
    if absent is not None:
        return absent
    here = list(KINDS[heading])
    meant = nearest(kind, here, _other_words(here))
    elsewhere = nearest(kind, everywhere, _other_words(everywhere)) if meant is None else None
    if elsewhere is not None and not is_part_of(kind, here):
        help = f"did you mean `{elsewhere}`? it stands under `{everywhere[elsewhere]}`"
        return f"unknown kind {quote(kind)}", help
    return f"unknown kind {quote(kind)}", suggest(kind, here, _other_words(here))


def _other_words(kinds: Iterable[str]) -> dict[str, str]:
    """Other words for kinds of lever -> the kind."""
    return {
        word: kind for kind in kinds for last, words in _ALSO_CALLED.items()
        if kind.endswith(f"_{last}") for word in words.split()
    }  # fmt: skip


_ALSO_CALLED = {
    "ban": "embargo sanction sanctions prohibition",
    "licence": "license licensing permit permits",
    "outage": "strike accident shutdown breakdown failure disaster",
    "closure": "blockade route_closure port_closure",
    "ramp_up": "new_mine new_plant expansion capacity_expansion new_capacity recycling",
    "release": "strategic_reserve reserve",
}
"""How the name of a kind of lever ends -> other words for it."""


def with_known_keys(
    entry: Node, model: type[StrictModel], found: list[Problem], *, elsewhere: bool = True
) -> Node:
    """What an entry says under keys that there are; an unknown key is refused and read as what was meant by it.

    So the value behind it is looked at too, and the right key is not also called missing. `elsewhere` says that
    keys of other kinds of lever are told.
    """
    known, given = list(keys_of(model)), entry.entries()
    if len(given) > MOST_KEYS or all(key in known for key in given):
        return entry
    settings: dict[str, Node] = {}
    for key, node in given.items():
        if key in known:
            settings[key] = node
            continue
        if len(found) > MOST_EXPLAINED:
            found.append(Problem(key_of(entry, key), f"unknown key {quote(key)}"))
            continue
        is_rule = not elsewhere and key in RULES
        meant = None if is_rule else meant_key(key, known, node.plain(), given=given)
        message, help = no_such_key(key, known, meant)
        if is_rule:
            message = f"unknown key {quote(key)}"
            help = f"a rule belongs below `behaviour`: `behaviour: {{{key}: ...}}`"
        if meant is not None and meant in given:
            help = f"`{meant}` is there already; delete this one"
        elif meant is not None:
            settings.setdefault(meant, Node(node.value, node.place, node.key_place))
        elif not is_rule and what_is_said_of(key) is None:
            help = _where_it_stands(key, node.plain(), in_a_lever=elsewhere) or help
        found.append(Problem(key_of(entry, key), message, help))
    return Node(settings, entry.place, entry.key_place)


def _where_it_stands(key: str, written: object, *, in_a_lever: bool) -> str:
    """Where a key would be right: in other kinds of lever, or in a lever at all."""
    heading = next((heading for heading, kinds in KINDS.items() if key in kinds), "")
    if heading:
        return f"write `kind: {key}` in an entry under `{heading}`"
    meant = meant_key(key, every_key(), written) or key
    kinds = [
        name for here in KINDS.values() for name, model in here.items() if meant in keys_of(model)
    ]
    if not kinds:
        return ""
    called = "it belongs" if meant == key else f"it is called `{meant}`, and belongs"
    if not in_a_lever:
        return f"{called} in a lever, below its `- id: ...` and further right"
    few = len(kinds) <= MOST_KINDS
    return f"{called} to {listed([f'`{kind}`' for kind in kinds]) if few else 'most other kinds of lever'}"


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
