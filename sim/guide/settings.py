"""The settings of a scenario and its levers as their models declare them, with the marks on their types.

Pydantic's own JSON schema of a model says what each of its fields takes; from that come the words of the lists
and the page. What a mark stands for in a world, `sim.guide.schema` fills in.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import core_schema

from sim.guide.names import SINGULAR
from sim.guide.texts import field_texts
from sim.lever import keys_of
from sim.lever.marks import Mark, Names, Quantity, Schema
from sim.words.quantities import plain_number
from sim.world.world import World

_LEFT_OUT = re.compile(r"[;.] (?:left out|empty): ([^.;]*)", re.IGNORECASE)
"""How the descriptions say what holds when a setting is left out."""
_PLAIN_WORDS = {"integer": "a whole number", "number": "a number", "array": "a list"}


@dataclass(frozen=True, slots=True)
class Setting:
    """A key that may be written under a lever, or at the top of a scenario."""

    key: str
    value: Schema
    """What may be written, with marks, and `{"$model": ...}` for settings of its own."""
    description: str
    required: bool
    default: str | int | None
    """As people would write it; None where nothing is written."""
    examples: tuple[Any, ...]

    @property
    def meaning(self) -> str:
        """The description without what holds when the setting is left out."""
        return _LEFT_OUT.sub("", self.description).rstrip(";. ") + "."

    @property
    def left_out(self) -> str:
        """What holds when it is left out; empty where the description does not say."""
        if self.required:
            return "needed"
        if self.default is not None:
            return f"`{self.default}`"
        found = _LEFT_OUT.search(self.description)
        return found[1].rstrip(".") if found else ""

    @property
    def words(self) -> str:
        """How it is written, with its article: a duration."""
        return _words(self.value)

    @property
    def marks(self) -> list[Mark]:
        """Of all that may be written."""
        return list(_marks(self.value))

    @property
    def units(self) -> str:
        """In words; empty where there is none."""
        return "; or ".join(dict.fromkeys(mark.units for mark in self.marks if mark.units))

    @property
    def things(self) -> list[str]:
        """Kinds of thing of which it takes names, as `sim.guide.names.THINGS` calls them."""
        return [thing for mark in self.marks if isinstance(mark, Names) for thing in mark.things]

    def names(self, world: World, candidates: Iterable[str]) -> list[str]:
        """Those of the candidates that it takes in a world."""
        known = [mark.known(world) for mark in self.marks if isinstance(mark, Names)]
        return [name for name in candidates if any(name in each for each in known)]

    @property
    def holds(self) -> Literal["one", "list", "lines"]:
        """One value, a list of values, or `name: value` lines."""
        first = self.value.get("anyOf", [self.value])[0]
        return "list" if "items" in first else "lines" if "$keys" in first else "one"

    def labelled(self, value: Schema) -> Schema:
        """The schema of what may be written, with title, description, default and examples."""
        units = f"Units: {self.units}." if self.units else ""
        labels: Schema = {"title": self.key.replace("_", " ").capitalize()}
        if self.description:
            labels["description"] = f"{self.description} {units}".strip()
        if self.default is not None:
            labels["default"] = self.default
        if self.examples:
            labels["examples"] = list(self.examples)
        # Older readers of JSON Schema see nothing that stands beside `$ref`.
        return labels | ({"anyOf": [value]} if "$ref" in value else value)


class _OfWhatIsWritten(GenerateJsonSchema):
    """What people may write: an empty value is refused, and what is left out is in the description."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> Schema:
        return self.generate_inner(schema["schema"])

    def nullable_schema(self, schema: core_schema.NullableSchema) -> Schema:
        return self.generate_inner(schema["schema"])

    def tagged_union_schema(self, schema: core_schema.TaggedUnionSchema) -> Schema:
        return {"anyOf": [self.generate_inner(choice) for choice in schema["choices"].values()]}

    def dict_schema(self, schema: core_schema.DictSchema) -> Schema:
        values = self.generate_inner(schema["values_schema"])
        keys = {"$keys": self.generate_inner(schema["keys_schema"])}
        return {"type": "object", "minProperties": 1, "additionalProperties": values, **keys}

    def model_schema(self, schema: core_schema.ModelSchema) -> Schema:
        return super().model_schema(schema) | {"$model": schema["cls"]}


@cache
def settings(model: type[BaseModel]) -> tuple[Setting, ...]:
    """The keys of a model in its own order."""
    said = model.model_json_schema(schema_generator=_OfWhatIsWritten)
    models = {f"#/$defs/{name}": part["$model"] for name, part in said.get("$defs", {}).items()}
    texts, found = field_texts(model), []
    for key, name in keys_of(model).items():
        field, value = model.model_fields[name], _with_models(said["properties"][key], models)
        default = _as_written(field.default, value)
        examples = field.examples or ([default] if default is not None else _examples(value))
        text = " ".join(texts.get(name, "").split())
        found.append(Setting(key, value, text, field.is_required(), default, tuple(examples)))
    return tuple(found)


def _with_models(said: Any, models: Mapping[str, type[BaseModel]]) -> Any:
    """Models named by themselves, and without examples, which are the setting's."""
    match said:
        case {"$ref": ref}:
            return {"$model": models[ref]}
        case dict():
            return {
                key: _with_models(part, models) for key, part in said.items() if key != "examples"
            }
        case list():
            return [_with_models(part, models) for part in said]
    return said


def _as_written(default: object, value: Schema) -> str | int | None:
    """A default as people would write it."""
    bases = [mark.dimension.base for mark in _marks(value) if isinstance(mark, Quantity)]
    if isinstance(default, float) and bases:
        return f"{plain_number(default)} {bases[0]}"
    return default if isinstance(default, str | int) else None


def _marks(value: Schema) -> Iterator[Mark]:
    match value:
        case {"$mark": mark}:
            yield mark
        case {"anyOf": parts}:
            yield from (mark for part in parts for mark in _marks(part))
        case {"$keys": keys, "additionalProperties": values}:
            yield from (*_marks(keys), *_marks(values))
        case {"items": items}:
            yield from _marks(items)


def _examples(value: Schema) -> list[Any]:
    """One of each kind; names differ from world to world, and an editor proposes them all."""
    match value:
        case {"anyOf": parts}:
            return [example for part in parts for example in _examples(part)]
        case {"$mark": mark}:
            return [mark.example] if mark.example else []
        case {"enum": [first, *_]}:
            return [first]
        case {"type": "integer"}:
            return [max(1, value.get("minimum", 1))]
    return []


def _words(value: Schema) -> str:
    match value:
        case {"anyOf": [{"items": items} as several, *others]}:
            more = ("one alone" if other == items else _words(other) for other in others)
            return _either([_words(several), *more])
        case {"anyOf": parts}:
            return _either([_words(part) for part in parts])
        case {"$mark": Names(things=things)}:
            return _with_article(_either([SINGULAR[each] for each in things]))
        case {"$mark": mark}:
            return str(mark.words)
        case {"$model": model}:
            return f"settings of its own ({', '.join(f'`{key}`' for key in keys_of(model))})"
        case {"items": {"$mark": Names(things=things)}}:
            return f"a list of {_either(things)}"
        case {"items": items} if _words(items):
            return f"a list, each {_words(items)}"
        case {"$keys": keys, "additionalProperties": values}:
            if "`" in _words(values):
                return f"lines for {_words(keys)}, each with {_words(values)}"
            return f"`{_words(keys)[2:]}: {_words(values)[2:]}` lines"
        case {"enum": words}:
            return _either([f"`{word}`" for word in words])
        case {"const": word}:
            return f"`{word}`"
    return _PLAIN_WORDS.get(value.get("type", ""), "")


def _with_article(words: str) -> str:
    return f"{'an' if words[0] in 'aeiou' else 'a'} {words}"


def _either(words: Sequence[str]) -> str:
    """a, b or c."""
    *first, last = filter(None, words)
    return " or ".join(filter(None, (", ".join(first), last)))
