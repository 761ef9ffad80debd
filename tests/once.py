"""What takes long and is always the same, done once in a process: a shipped pack, and what its guide says."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

import pytest

from sim.guide.lists import LISTS
from sim.guide.schema import scenario_schema, schema_text
from sim.world import Change, World, load_pack, pack_ids

Answer = TypeVar("Answer")


def of_a_world(work: Callable[[World], Answer]) -> Callable[[World], Answer]:
    """The same work, done once for each world."""
    done: dict[tuple[str, str], Answer] = {}

    @functools.wraps(work)
    def answer(world: World) -> Answer:
        about = world.id, world.content_hash
        if about not in done:
            done[about] = work(world)
        return done[about]

    return answer


def packs_kept(patch: pytest.MonkeyPatch, *modules: str) -> None:
    """In these modules the world of a shipped pack and of changes in it is built once: it is frozen.

    What does not fit together is looked at each time, for where a change stands is said then, and only then.
    """
    worlds: dict[object, World] = {}

    def read(pack: str | Path, changes: Sequence[Change] = ()) -> World:
        if pack not in pack_ids():
            return load_pack(pack, changes)
        about = pack, *(
            (c.table, *c.key.items(), c.parameter, c.value, c.unit, c.source, c.reason)
            for c in changes
        )  # fmt: skip
        if about not in worlds:
            worlds[about] = load_pack(pack, changes)
        return worlds[about]

    for module in modules:
        # `sim.scenario.load` is the function; the module of that name is found by import.
        patch.setattr(importlib.import_module(module), "load_pack", read)


READS_SCENARIOS = ("sim.scenario.load", "sim.scenario.change_entries")
schema_text_of = of_a_world(schema_text)
schema_of = of_a_world(scenario_schema)


def lines_kept(patch: pytest.MonkeyPatch) -> None:
    """Each list of a pack is made once, however often a command prints it or a part of it."""
    for what, lines in list(LISTS.items()):
        patch.setitem(LISTS, what, _kept(lines))


def _kept(lines: Callable[[str], Iterator[str]]) -> Callable[[str], Iterator[str]]:
    @functools.cache
    def made(pack: str) -> tuple[str, ...]:
        return tuple(lines(pack))

    return lambda pack: iter(made(pack))
