"""Legs of a corridor as people name them: by number along the way, or by name."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BeforeValidator, ValidationInfo

from sim.lever.marks import Names, either
from sim.lever.strict import fault, world_of
from sim.words.problems import list_names, quote
from sim.world.world import Corridor, World

_NUMBER = r"\s*[0-9]{1,4}\s*"


def known_leg(leg: int, corridor: Corridor) -> str:
    """Name of a leg, counted from 1."""
    return corridor.legs[leg - 1].name


def _leg(written: object, info: ValidationInfo) -> int:
    """Number of the leg, counted from 1; names need a world and a corridor that is right."""
    world = world_of(info)
    corridor = world.corridors.get(info.data.get("corridor", "")) if world else None
    names = {leg.name: number for number, leg in enumerate(corridor.legs, 1)} if corridor else {}
    if isinstance(written, str) and not re.fullmatch(_NUMBER, written):
        if corridor is not None and written not in names:
            numbered = [f"{number} ({name})" for name, number in names.items()]
            like = [name for name in names if written.casefold() in name.casefold()]
            meant = f"did you mean `{like[0]}`? " if len(like) == 1 else ""
            raise fault(f"unknown leg {quote(written)}", f"{meant}{list_names(numbered)}")
        return names.get(written, 1)
    if isinstance(written, bool) or not isinstance(written, int | str):
        raise fault(
            f"{quote(written)} is not a leg", "give its number along the corridor, or its name"
        )
    number = int(written)
    if corridor is not None and not 1 <= number <= len(corridor.legs):
        numbered = [f"{n} ({leg.name})" for n, leg in enumerate(corridor.legs, 1)]
        raise fault(f"{corridor.name} has no leg {number}", list_names(numbered))
    return number


def _legs(world: World) -> set[str]:
    return {leg.name for corridor in world.corridors.values() for leg in corridor.legs}


Leg = Annotated[
    int,
    BeforeValidator(_leg),
    either(
        Names("leg", "legs", _legs),
        {"type": "integer", "minimum": 1},
        {"type": "string", "pattern": rf"^{_NUMBER}$"},
    ),
]
"""Counted from 1; stands after `corridor` in its model."""
