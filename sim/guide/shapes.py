"""What a field of a scenario accepts, as JSON Schema and in words.

A field's own validator is asked: it is given a sample of each kind of thing (a duration, a date, every
name of the pack, ...), and what it takes is what the schema allows. So a new field needs no entry here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, count
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    TypeAdapter,
    ValidationError,
    create_model,
)
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from sim.guide.names import SINGULAR, THINGS, all_names, kinds_of
from sim.guide.texts import field_texts
from sim.quantities import DIMENSIONS, MASS, PRICE, Dimension, Duration, plain_number
from sim.world.world import World

Schema = dict[str, Any]

FREE_TEXTS = ("Any words, 7 of them", "any_name_of_7")
"""Only a field that takes every text, or every name, takes one of these."""
DATE = "2026-04-01"
WORKING_DAYS = "45 working days"
ALL = "all"

_LEFT_OUT = re.compile(r"[;.] (?:left out|empty): ([^.;]*)", re.IGNORECASE)
"""How the descriptions say what holds when a setting is left out."""
_NUMBER = r"\+?(?=\.?[0-9])([0-9]{1,3}( [0-9]{3})+|[0-9]+)?(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?"
_PER = r"(\s*/\s*|\s+(a|per)\s+)"


@dataclass(frozen=True, slots=True)
class Shape:
    """What may be written in one place."""

    schema: Schema
    words: str
    """With its article: a duration."""
    units: str = ""
    """In words; empty where there is none."""
    examples: tuple[Any, ...] = ()
    """As people write it."""
    dimension: Dimension | None = None
    many: str = ""
    """Words for a list of them: a list of sites."""
    names: tuple[str, ...] = ()
    """Names of the world that it takes."""
    things: tuple[str, ...] = ()
    """Kinds of thing that these names are of, as `sim.guide.names.THINGS` calls them."""
    holds: Literal["one", "list", "lines"] = "one"
    """One value, a list of values, or `name: value` lines."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A key that may be written under a lever, or at the top of a scenario."""

    key: str
    name: str
    """Field of the model."""
    shape: Shape
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

    def schema(self, value: Schema | None = None, *, said: str = "") -> Schema:
        """Title, description (or what is `said` instead), default, examples, what the value may be."""
        labels: Schema = {"title": self.key.replace("_", " ").capitalize()}
        units = f"Units: {self.shape.units}." if self.shape.units else ""
        said = " ".join(filter(None, (said or self.description, units)))
        if said:
            labels["description"] = said
        if self.default is not None:
            labels["default"] = self.default
        if self.examples:
            labels["examples"] = list(self.examples)
        value = self.shape.schema if value is None else value
        # Older readers of JSON Schema see nothing that stands beside `$ref`.
        return labels | ({"anyOf": [value]} if "$ref" in value else value)


class Shapes:
    """Shapes of fields in one world; what many fields share is collected under `definitions`."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.definitions: dict[str, Schema] = {}
        self._names = all_names(world)
        self._taken: dict[int, tuple[Any, Mapping[str, str]]] = {}
        """Identity of a type (few can be compared) -> the type, and the names it takes."""

    def settings(self, model: type[BaseModel]) -> list[Setting]:
        """The keys of a model in its own order."""
        hints = get_type_hints(model, include_extras=True)
        texts = field_texts(model)
        return [
            self._setting(name, field, hints[name], texts.get(name, ""))
            for name, field in model.model_fields.items()
        ]

    def accepts(self, hint: Any, sample: object) -> bool:
        """Whether a field of this type takes what somebody has written."""
        return self._probe(hint)(sample)

    def _setting(self, name: str, field: FieldInfo, hint: Any, text: str) -> Setting:
        key = field.alias or name
        shape = self.of(_with_bounds(hint, field), key)
        extra = field.json_schema_extra
        if isinstance(extra, Mapping):
            # Not by `$ref`, beside which nothing else counts.
            plain = self.definitions.get(_referred(shape.schema), shape.schema)
            shape = replace(shape, schema={**plain, **extra})
        default = _as_written(field.default, shape)
        return Setting(
            key=key,
            name=name,
            shape=shape,
            description=" ".join((field.description or text).split()),
            required=field.is_required(),
            default=default,
            examples=tuple(
                field.examples or ([default] if default is not None else shape.examples)
            ),
        )

    def of(self, hint: Any, key: str = "") -> Shape:
        """The shape of a type; `key` names what is defined for it."""
        base, *metadata = get_args(hint) if get_origin(hint) is Annotated else (hint,)
        origin = get_origin(base)
        if origin in (Union, UnionType):
            return self._union(hint, get_args(base), key)
        if origin in (tuple, list, Sequence):
            return self._list(hint, get_args(base)[0], key)
        if origin in (Mapping, dict) or (isinstance(origin, type) and issubclass(origin, Mapping)):
            of_key, of_value = get_args(base)
            return self._mapping(of_key, of_value, key)
        if origin is Literal:
            return self._choice({str(choice): "" for choice in get_args(base)}, "")
        if isinstance(base, type) and issubclass(base, BaseModel):
            return self._model(base)
        if any(isinstance(each, BeforeValidator | AfterValidator) for each in metadata):
            return self._probed(hint, key)
        return _plain(hint)

    def _probe(self, hint: Any) -> Callable[[object], bool]:
        # As a field: some validators look at the fields before theirs.
        model = create_model("Probe", value=(hint, ...))
        strict = _is_read_first(hint)  # a bare `tuple[...]` field is given its list as a tuple

        def accepts(sample: object) -> bool:
            context = {"world": self.world}
            try:
                model.model_validate({"value": sample}, strict=strict, context=context)
            except ValidationError:
                return False
            return True

        return accepts

    def _probed(self, hint: Any, key: str) -> Shape:
        """What a field with a validator of its own takes: text, quantities, dates, names, numbers."""
        accepts = self._probe(hint)
        number = [Shape({"type": "number"}, "a number")] if accepts(12) else []
        if any(accepts(text) for text in FREE_TEXTS):
            return self._any_of([self._text(key), *number])
        shapes = [self._quantity(d) for d in (*DIMENSIONS, PRICE) if accepts(d.example)]
        if accepts(WORKING_DAYS):
            shapes.append(self._working_days())
        if accepts(DATE):
            shapes.append(self._date())
        names = self._names_for(hint, accepts)
        if names:
            shapes.append(self._choice(names, key))
        return self._any_of([*shapes, *number])

    def _names_for(self, hint: Any, accepts: Callable[[object], bool]) -> Mapping[str, str]:
        """The names of the world that a type takes; asked once, as each refusal looks for likely names."""
        if id(hint) not in self._taken:
            names = {name: what for name, what in self._names.items() if accepts(name)}
            self._taken[id(hint)] = (hint, names)
        return self._taken[id(hint)][1]

    def _union(self, hint: Any, parts: Iterable[Any], key: str) -> Shape:
        given = [part for part in parts if part is not NoneType]
        shapes = [self.of(part, key) for part in given if not _is_bare(part)]
        if any(_is_bare(part) for part in given):
            shapes.append(self._probed(hint, key) if _is_read_first(hint) else _plain(hint))
        texts = ["one text", "another text"]
        if _is_read_first(hint) and self._probe(hint)(texts):
            text = self._text(key).schema
            shapes.append(Shape({"type": "array", "items": text}, "a list of texts"))
        return self._any_of(shapes)

    def _list(self, hint: Any, item: Any, key: str) -> Shape:
        if item is Any:
            return Shape({"type": "array"}, "a list")
        each = self.of(item, key)
        accepts = self._probe(hint)
        sample = list(each.examples[:1])
        schema: Schema = {"type": "array", "items": each.schema}
        if not accepts([]):
            schema["minItems"] = 1
        if sample and not accepts([*sample, *sample]):
            schema["uniqueItems"] = True
        choices, words = [schema], [each.many or f"a list, each {each.words}"]
        if sample and accepts(sample[0]):
            choices.append(each.schema)
            words.append("one alone")
        if not accepts(FREE_TEXTS[0]) and accepts(ALL):
            choices.append({"const": ALL})
            words.append(f"`{ALL}`")
        schema = schema if len(choices) == 1 else {"anyOf": choices}
        examples = (list(each.examples),) if sample else ()
        return replace(each, schema=schema, words=_either(words), examples=examples, holds="list")

    def _mapping(self, key_hint: Any, value_hint: Any, key: str) -> Shape:
        keys, value = self.of(key_hint, key), self.of(value_hint, key)
        names = self.definitions.get(_referred(keys.schema), keys.schema).get("enum")
        schema: Schema = {"type": "object", "minProperties": 1}
        if names is None:
            schema |= {"additionalProperties": value.schema}
        else:
            schema |= {
                "properties": dict.fromkeys(names, value.schema),
                "additionalProperties": False,
            }
        sample = {str(name): value.examples[0] for name in keys.examples[:1] if value.examples}
        words = f"`{keys.words}: {value.words}` lines".replace(": a ", ": ").replace("`a ", "`")
        if "`" in value.words:
            words = f"lines for {keys.words}, each with {value.words}"
        return Shape(
            schema, words, value.units, (sample,) if sample else (), names=keys.names,
            things=keys.things, holds="lines",
        )  # fmt: skip

    def _model(self, model: type[BaseModel]) -> Shape:
        settings = self.settings(model)
        schema: Schema = {
            "type": "object",
            "description": " ".join((model.__doc__ or "").split()),
            "properties": {setting.key: setting.schema() for setting in settings},
            "required": [setting.key for setting in settings if setting.required],
            "additionalProperties": model.model_config.get("extra") == "allow",
        }
        example = {s.key: s.examples[0] for s in settings if s.required and s.examples}
        keys = ", ".join(f"`{setting.key}`" for setting in settings)
        return Shape(schema, f"settings of its own ({keys})", "", (example,) if example else ())

    def _any_of(self, shapes: Sequence[Shape]) -> Shape:
        if not shapes:
            return Shape({}, "see the description")
        if len(shapes) == 1:
            return shapes[0]
        return Shape(
            {"anyOf": [shape.schema for shape in shapes]},
            _either([shape.words for shape in shapes]),
            "; or ".join(shape.units for shape in shapes if shape.units),
            tuple(example for shape in shapes for example in shape.examples[:1]),
            next((shape.dimension for shape in shapes if shape.dimension), None),
            names=tuple(dict.fromkeys(name for shape in shapes for name in shape.names)),
            things=tuple(dict.fromkeys(things for shape in shapes for things in shape.things)),
            holds=shapes[0].holds,
        )

    def define(self, name: str, schema: Schema) -> Schema:
        """A reference to a definition: one that says the same, or a new one."""
        same = next((known for known, is_ in self.definitions.items() if is_ == schema), None)
        if same is None:
            numbers = (f"{name}_{number}" for number in count(2))
            same = next(free for free in chain([name], numbers) if free not in self.definitions)
            self.definitions[same] = schema
        return {"$ref": f"#/$defs/{same}"}

    def _choice(self, names: Mapping[str, str], key: str) -> Shape:
        """One of some names."""
        schema: Schema = {"type": "string", "enum": list(names)}
        if any(names.values()):
            schema["enumDescriptions"] = list(names.values())
        kinds = kinds_of(names, self.world) if key else []
        kind = " or ".join(SINGULAR[things] for things in kinds)
        words = _either([f"`{name}`" for name in names])
        if kind:
            words = f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}"
        if key:
            schema = self.define(key, schema)
        many = f"a list of {' or '.join(kinds)}" if kinds else ""
        return Shape(schema, words, "", tuple(list(names)[:2]), many=many, names=tuple(names),
                     things=tuple(kinds))  # fmt: skip

    def _quantity(self, dimension: Dimension) -> Shape:
        schema: Schema = {
            "type": "string",
            "pattern": rf"^\s*{_NUMBER}\s*({units_pattern(dimension, self.world.basis)})\s*$",
            "patternErrorMessage": f"{dimension.name} is needed here, for example {dimension.example}",
        }
        name = dimension.name.removeprefix("a ").replace(" ", "_")
        return Shape(
            self.define(name, schema),
            dimension.name,
            units_in_words(dimension),
            (dimension.example,),
            dimension,
        )

    def _working_days(self) -> Shape:
        schema: Schema = {
            "type": "string",
            "pattern": rf"^\s*{_NUMBER}\s*([Ww]orking|[Bb]usiness)\s+[Dd]ays?\s*$",
            "patternErrorMessage": f"working days are needed here, for example {WORKING_DAYS}",
        }
        reference = self.define("working_days", schema)
        return Shape(reference, "working days", "working days", (WORKING_DAYS,))

    def _date(self) -> Shape:
        schema: Schema = {
            "type": "string",
            "pattern": r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$",
            "patternErrorMessage": f"a date is needed here, year-month-day, for example {DATE}",
        }
        return Shape(self.define("date", schema), "a date", "", (DATE,))

    def _text(self, key: str) -> Shape:
        """Free text; where a key is called like a kind of thing, its names are the examples."""
        named = [things for things in THINGS if key in (things, SINGULAR[things])]
        names = [name for things in named for name in THINGS[things](self.world)]
        schema = self.define("text", {"type": "string", "pattern": r"\S"})
        words = f"a {SINGULAR[named.pop()]}" if named else "a text"
        return Shape(schema, words, "", tuple(names))


def units_pattern(dimension: Dimension, basis: str) -> str:
    """Regular expression of a dimension's units, with the pack's word behind its tonnes if written."""
    word = basis.split()[-1] if basis.split() else ""
    behind = rf"(\s+{re.escape(word)})?" if word and word not in MASS.units else ""
    plain = [unit for unit in dimension.units if "/" not in unit]
    patterns = [_unit_pattern(plain, behind)] if plain else []
    above, below = _rates(dimension.units)
    if above:
        patterns.append(f"{_unit_pattern(above, behind)}{_PER}{_unit_pattern(below, '')}")
    return "|".join(patterns)


def _unit_pattern(units: Sequence[str], behind: str) -> str:
    masses = "|".join(re.escape(unit) for unit in units if unit in MASS.units)
    others = "|".join(
        re.escape(unit).replace(r"\ ", r"\s+") for unit in units if unit not in MASS.units
    )
    return "(" + "|".join(filter(None, (f"({masses}){behind}" if masses else "", others))) + ")"


def _rates(units: Iterable[str]) -> tuple[list[str], list[str]]:
    """What stands above and below the line of units such as `t/yr`."""
    pairs = [unit.split("/") for unit in units if "/" in unit]
    return list(dict.fromkeys(p[0] for p in pairs)), list(dict.fromkeys(p[1] for p in pairs))


def units_in_words(dimension: Dimension) -> str:
    """The units one may write, one name for each: d, wk, month, yr."""
    first: dict[float, str] = {}
    for unit, factor in dimension.units.items():
        if "/" not in unit:
            first.setdefault(factor, unit)
    above, below = _rates(dimension.units)
    if not above:
        return ", ".join(first.values())
    sizes = {dimension.units[f"{unit}/{below[0]}"]: unit for unit in reversed(above)}
    times = {dimension.units[f"{above[0]}/{unit}"]: unit for unit in reversed(below)}
    each = f"{', '.join(reversed(sizes.values()))} per {', '.join(reversed(times.values()))}"
    return each.strip()  # how many a year have no unit of their own


def _as_written(default: object, shape: Shape) -> str | int | None:
    """A default as people would write it."""
    if default is PydanticUndefined or default is None:
        return None
    if isinstance(default, Duration):
        return default.in_words()
    if isinstance(default, float) and shape.dimension is not None:
        return f"{plain_number(default)} {shape.dimension.base}"
    return default if isinstance(default, str | int) else None


def _plain(hint: Any) -> Shape:
    """Numbers and flags without a validator of ours: as pydantic describes them."""
    schema = TypeAdapter(hint).json_schema()
    words = {"integer": "a whole number", "boolean": "`true` or `false`", "number": "a number"}
    return Shape(schema, words.get(schema.get("type", ""), "a value"), "", _plain_example(schema))


def _plain_example(schema: Mapping[str, Any]) -> tuple[Any, ...]:
    return (max(1, int(schema.get("minimum", 1))),) if schema.get("type") == "integer" else ()


def _with_bounds(hint: Any, field: FieldInfo) -> Any:
    """The type with the bounds that a field gives beside it."""
    bounds = [
        each for each in field.metadata if not isinstance(each, BeforeValidator | AfterValidator)
    ]
    return Annotated[(hint, *bounds)] if bounds and hint in (int, float) else hint


def _is_bare(part: Any) -> bool:
    """A type that says nothing about how it is written."""
    if get_origin(part) is not None:
        return False
    return not (isinstance(part, type) and issubclass(part, BaseModel))


def _is_read_first(hint: Any) -> bool:
    """Whether a validator of ours sees what was written before pydantic does."""
    metadata = get_args(hint)[1:] if get_origin(hint) is Annotated else ()
    return any(isinstance(each, BeforeValidator) for each in metadata)


def _either(words: Sequence[str]) -> str:
    """a, b or c."""
    return " or ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def _referred(schema: Mapping[str, Any]) -> str:
    return str(schema.get("$ref", "")).rpartition("/")[2]
