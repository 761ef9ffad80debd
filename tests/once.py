"""What a world's guide says, worked out once in a process: it takes a second, and a world is frozen."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import TypeVar

import pytest

from sim.guide.lists import LISTS
from sim.guide.schema import scenario_schema, schema_text
from sim.guide.shapes import Shapes
from sim.world import World

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


schema_text_of = of_a_world(schema_text)
schema_of = of_a_world(scenario_schema)


def lines_kept(patch: pytest.MonkeyPatch) -> None:
    """Each list of a pack is made once, however often a command prints it or a part of it."""
    patch.setattr("sim.guide.lists.Shapes", of_a_world(Shapes))
    for what, lines in list(LISTS.items()):
        patch.setitem(LISTS, what, _kept(lines))


def _kept(lines: Callable[[str], Iterator[str]]) -> Callable[[str], Iterator[str]]:
    @functools.cache
    def made(pack: str) -> tuple[str, ...]:
        return tuple(lines(pack))

    return lambda pack: iter(made(pack))
