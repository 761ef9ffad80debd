"""Marks on the types of settings: how a value is written, of which pydantic sees only what becomes of it.

A mark stands in the JSON schema of its type as `{"$mark": mark}`; the guide puts there what it says of a world.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container
from dataclasses import dataclass
from functools import partial
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationInfo
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from sim.lever.strict import explained_by, fault, is_brief, world_of
from sim.words.problems import quote
from sim.words.quantities import MASS, RATE, TIME, Dimension, QuantityError, read_quantity
from sim.world.world import World

Schema = dict[str, Any]
"""JSON Schema, or a part of one."""

NUMBER = r"\+?(?=\.?[0-9])([0-9]{1,3}( [0-9]{3})+|[0-9]+)?(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?"
"""Regular expression of the number before a unit."""
_PER = r"(\s*/\s*|\s+(a|per)\s+)"


class Mark:
    """How one kind of value is written."""

    units = ""
    """In words, one name for each: d, wk, month, yr."""

    def __init__(self, id: str, words: str, written: Schema, example: str = "") -> None:
        """`id` is its name among the definitions of the schema; `words` begin with an article: a date."""
        self.id, self.words, self.written, self.example = id, words, written, example

    def schema(self, world: World) -> Schema:
        """As JSON Schema, in a world."""
        return self.written

    def __get_pydantic_json_schema__(self, _: CoreSchema, handler: GetJsonSchemaHandler) -> Schema:
        return {"$mark": self}


def pattern(expression: str, words: str, example: str) -> Schema:
    """A text that looks like this."""
    message = f"{words} is needed here, for example {example}"
    return {"type": "string", "pattern": expression, "patternErrorMessage": message}


class Quantity(Mark):
    """A number with its unit, read into the base unit of its dimension."""

    def __init__(self, id: str, dimension: Dimension) -> None:
        super().__init__(id, dimension.name, {}, dimension.example)
        self.dimension, self.units = dimension, _units_in_words(dimension)

    def schema(self, world: World) -> Schema:
        """With the pack's word behind its tonnes, if it is written."""
        units = _units_pattern(self.dimension, world.basis)
        return pattern(rf"^\s*{NUMBER}\s*({units})\s*$", self.words, self.example)

    def _read(self, written: object, info: ValidationInfo) -> float:
        world = world_of(info)
        try:
            return read_quantity(written, self.dimension, basis=world.basis if world else "")
        except QuantityError as error:
            raise fault(error.message, error.help) from None

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.with_info_before_validator_function(self._read, handler(source))


def _units_in_words(dimension: Dimension) -> str:
    if dimension is RATE:
        return f"{_units_in_words(MASS)} per {_units_in_words(TIME)}"
    first: dict[float, str] = {}
    for unit, factor in dimension.units.items():
        first.setdefault(factor, unit)
    return ", ".join(first.values())


def _units_pattern(dimension: Dimension, basis: str) -> str:
    """Regular expression of a dimension's units, one after another."""
    word = basis.split()[-1] if basis.split() else ""
    behind = rf"(\s+{re.escape(word)})?" if word and word not in MASS.units else ""
    parted = (re.escape(unit).replace(r"\ ", r"\s+").partition("/") for unit in dimension.units)
    return "|".join(
        above + behind * (above in MASS.units) + _PER * bool(line) + below
        for above, line, below in parted
    )


class Names(Mark):
    """A name of the world, which must know it where one is given."""

    def __init__(
        self,
        id: str,
        things: str,
        known: Callable[[World], Container[str]],
        explain: Callable[[str, World], PydanticCustomError] | None = None,
    ) -> None:
        """`things` are the kinds of thing that are named so, as `sim.guide.names.THINGS` calls them.

        `explain` is the fault of a name that is not `known`; None where the type looks itself.
        """
        super().__init__(id, "", {})
        self.things, self.known, self.explain = things.split(", "), known, explain

    def _check(self, name: str, info: ValidationInfo) -> str:
        world = world_of(info)
        if world is not None and self.explain is not None and name not in self.known(world):
            if is_brief(info):
                raise fault(f"unknown name {quote(name)}")
            raise explained_by(partial(self.explain, name, world))
        return name

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.with_info_after_validator_function(self._check, handler(source))


@dataclass(frozen=True)
class Written:
    """What may be written, where a type does not say it, from what pydantic says."""

    as_json: Callable[[Schema], Schema]

    def __get_pydantic_json_schema__(
        self, core: CoreSchema, handler: GetJsonSchemaHandler
    ) -> Schema:
        return self.as_json(handler(core))


def either(*parts: Mark | Schema) -> Written:
    """One of these, whatever pydantic says."""
    found = [{"$mark": part} if isinstance(part, Mark) else part for part in parts]
    return Written(lambda _: {"anyOf": found})


def also(word: str) -> Written:
    """A further word beside what pydantic says."""
    return Written(lambda said: {"anyOf": [*said.get("anyOf", [said]), {"const": word}]})


def one_or_more(*words: str, **few: Any) -> Written:
    """A list, of which `few` may say more; one entry alone; or one of the words."""
    alone = [{"const": word} for word in words]
    return Written(lambda said: {"anyOf": [said | few, said["items"], *alone]})
