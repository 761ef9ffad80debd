"""Faults of a checked value become problems at the line and column where it was written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

from pydantic import ValidationError

from sim.lever import StrictModel
from sim.scenario.tree import Location, Node
from sim.words.problems import Place, Problem
from sim.world import World

MOST_EXPLAINED = 200
"""Faults of a file for which likely names are sought; the first twenty are shown."""

Model = TypeVar("Model", bound=StrictModel)


def check(
    model: type[Model], node: Node, written: object, world: World | None, found: list[Problem]
) -> Model | None:
    """Validate what a node says; faults are added to `found` and nothing is returned."""
    context = {"world": world, "brief": len(found) > MOST_EXPLAINED}
    try:
        return model.model_validate(written, context=context)
    except ValidationError as error:
        found += _located(error, node)
        return None


def place_of(node: Node, location: Location = (), *, key: bool = False) -> Place:
    """Where a value stands, or its key; a mapping stands where its first key does."""
    found = node.at(location)
    if key:
        return found.key_place or found.place
    first = next(iter(found.entries().values()), None)
    return (first.key_place if first else None) or found.place


def key_of(node: Node, key: str) -> Place:
    """Where a key of a mapping stands, or the mapping where the key is missing."""
    below = node.entries().get(key)
    return place_of(below, key=True) if below else place_of(node)


def in_order(problems: Iterable[Problem], unreadable: Iterable[Problem] = ()) -> list[Problem]:
    """Each fault once, by file and line; what could not be read is not also called wrong."""
    spots = {_spot(problem.place) for problem in unreadable}
    kept: dict[tuple[object, ...], Problem] = {}
    for problem in unreadable:
        kept.setdefault((*_spot(problem.place), problem.message), problem)
    for problem in problems:
        if _spot(problem.place) not in spots:
            kept.setdefault((*_spot(problem.place), problem.message), problem)
    files = list(dict.fromkeys(problem.place.file for problem in kept.values()))
    return sorted(
        kept.values(), key=lambda p: (files.index(p.place.file), p.place.line, p.place.column)
    )


def _spot(place: Place) -> tuple[str, int, int]:
    return place.file, place.line, place.column


def _located(error: ValidationError, node: Node) -> list[Problem]:
    found = []
    for detail in error.errors(include_url=False):
        said: Mapping[str, object] = detail.get("ctx", {})
        location = detail["loc"]
        at_key = bool(said.get("at_key")) or "[key]" in location
        found.append(
            Problem(
                place_of(node, location, key=at_key),
                str(said.get("message", "this cannot be used")),
                str(said.get("help", "")),
            )
        )
    return found
