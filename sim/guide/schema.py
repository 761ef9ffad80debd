"""JSON Schema of a scenario: what `critmin check` would accept, for editors, with the pack's names."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from itertools import chain, count
from textwrap import wrap
from typing import Any

from pydantic import BaseModel

from sim.guide.names import all_names
from sim.guide.settings import Setting, settings
from sim.guide.texts import texts_of
from sim.lever import Lever, PhaseEntry, settings_of
from sim.lever.fields import DATE
from sim.lever.marks import Mark, Names, Schema
from sim.levers import KINDS
from sim.scenario.schema import DEFAULT_PACK, HEADINGS, KEY_COLUMNS, ChangeText, ScenarioText
from sim.world.schema import TABLES
from sim.world.world import Row, World

FILE_NAME = "scenario.schema.json"
DIALECT = "http://json-schema.org/draft-07/schema#"
"""The newest one that the YAML extensions of editors know in full."""

LONGEST_LINE = 120

_NEVER_WRAPPED = ("id", "kind", "source", "reason", "phases")
"""Keys of a lever that cannot be given as `{value: ..., source: ...}`."""
_WITH_ORIGIN: Schema = {
    "type": "object",
    "description": "The value with where it comes from.",
    "properties": {
        "value": {},
        "source": {"type": "string", "description": "Publication behind this number."},
        "reason": {"type": "string", "description": "Why this number is assumed."},
        "locator": {"type": "string", "description": "Page, table or cell in the source."},
        "note": {"type": "string", "description": "Anything a reader should know about it."},
    },
    "required": ["value"],
    "additionalProperties": False,
}


def schema_text(world: World) -> str:
    """The schema as a file: letters of ASCII only, so that no console garbles them."""
    return _laid_out(scenario_schema(world)) + "\n"


def scenario_schema(world: World) -> Schema:
    """JSON Schema (draft 7) of a scenario that uses this world."""
    filled = Filled(world)
    whole = filled.model(ScenarioText)
    properties = whole["properties"]
    for heading in HEADINGS:
        properties[heading] |= _levers(heading, filled)
    properties["changes"] |= {"items": _changes(filled)}
    said = properties["pack"]["description"]
    properties["pack"] = {"title": "Pack", "description": said, **_pack(world)}
    only_here = [] if world.id == DEFAULT_PACK else ["pack"]
    return {
        "$schema": DIALECT,
        "title": "critmin scenario",
        "description": f"A scenario for the pack {world.id} ({world.title}).",
        "$comment": "Written by `critmin schema`; do not edit.",
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
        "if": {"not": {"required": ["extends"]}},
        "then": {"required": [*whole["required"], *only_here]},
        "$defs": filled.definitions,
    }


class Filled:
    """Schemas with the names of a world where the marks were; what many share stands under `definitions`."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.definitions: dict[str, Schema] = {}
        self._names = all_names(world)

    def of(self, value: Any) -> Any:
        """The schema of what may be written."""
        match value:
            case {"$mark": mark}:
                return self.define(mark.id, self._marked(mark))
            case {"$model": model}:
                return self.define(model.__name__, self.model(model))
            case {"$keys": {"$mark": mark}, "additionalProperties": of_each}:
                each = self.of(of_each)
                named = dict.fromkeys(self._marked(mark)["enum"], each)
                return {"type": "object", "properties": named, "minProperties": 1,
                        "additionalProperties": False}  # fmt: skip
            case dict():
                return {key: self.of(part) for key, part in value.items()}
            case list():
                return [self.of(part) for part in value]
        return value

    def setting(self, setting: Setting) -> Schema:
        """A setting with what an editor shows about it."""
        return setting.labelled(self.of(setting.value))

    def model(self, model: type[BaseModel]) -> Schema:
        """The settings of a model, and no other keys."""
        found = settings(model)
        return {
            "type": "object",
            "description": " ".join((model.__doc__ or "").split()),
            "properties": {setting.key: self.setting(setting) for setting in found},
            "required": [setting.key for setting in found if setting.required],
            "additionalProperties": False,
        }

    def define(self, name: str, schema: Schema) -> Schema:
        """A reference to a definition: one that says the same, or a new one."""
        same = next((known for known, is_ in self.definitions.items() if is_ == schema), None)
        if same is None:
            numbers = (f"{name}_{number}" for number in count(2))
            same = next(free for free in chain([name], numbers) if free not in self.definitions)
            self.definitions[same] = schema
        return {"$ref": f"#/$defs/{same}"}

    def _marked(self, mark: Mark) -> Schema:
        if not isinstance(mark, Names):
            return mark.schema(self.world)
        known = mark.known(self.world)
        said = {name: what for name, what in self._names.items() if name in known}
        return {"type": "string", "enum": list(said), "enumDescriptions": list(said.values())}


def _pack(world: World) -> Schema:
    """How a scenario names the pack: by its id, or as a folder beside the scenario or deeper."""
    if not world.is_own:
        return {"enum": [world.id], "enumDescriptions": [world.title]}
    folder = re.escape(world.id)
    return {
        "type": "string", "default": f"./{world.id}",
        "pattern": rf"^(\.[/\\])?([^/\\]+[/\\])*{folder}[/\\]?$",
    }  # fmt: skip


def _levers(heading: str, filled: Filled) -> Schema:
    """The list under a heading."""
    kinds = KINDS[heading]
    removed = {
        "type": "object",
        "title": "remove",
        "description": "Drops a lever of the scenario that this one extends.",
        "properties": {"id": {"type": "string"}, "remove": {"const": True}},
        "required": ["id", "remove"],
        "additionalProperties": False,
    }
    # By conditions, not by alternatives: then an editor complains about the chosen kind alone.
    return {
        "items": {
            "type": "object",
            "if": {"required": ["remove"]},
            "then": removed,
            "else": {
                "properties": {
                    "kind": {
                        "title": "Kind",
                        "enum": list(kinds),
                        "enumDescriptions": [texts_of(model).summary for model in kinds.values()],
                    }
                },
                "required": ["kind"],
                "allOf": [_of_kind(kind, model, filled) for kind, model in kinds.items()],
            },
        }
    }


def _of_kind(kind: str, model: type[Lever], filled: Filled) -> Schema:
    is_it = {"properties": {"kind": {"const": kind}}, "required": ["kind"]}
    return {"if": is_it, "then": _lever(kind, model, filled)}


def _lever(kind: str, model: type[Lever], filled: Filled) -> Schema:
    found = {setting.key: setting for setting in settings(model)}
    properties = {
        key: filled.define(f"setting_{key}", _lever_setting(setting, filled))
        for key, setting in found.items()
        if key not in ("kind", "phases")
    }
    summary = texts_of(model).summary
    properties["kind"] = {"title": "Kind", "const": kind, "description": summary}
    schema: Schema = {
        "title": kind,
        "description": summary,
        "properties": properties,
        "required": [key for key, setting in found.items() if setting.required],
        "additionalProperties": False,
        "allOf": [_SAYS_ITS_ORIGIN],
    }
    if "phases" in found:
        phase = _phase([found[key] for key in settings_of(model)], filled)
        properties["phases"] = found["phases"].labelled({"type": "array", "items": phase})
        dateless = {"properties": {"starts": False, "ends": False}}
        schema["allOf"] += [_has_dates(found.values(), filled), {"if": _PHASED, "then": dateless}]
    return schema


def _lever_setting(setting: Setting, filled: Filled) -> Schema:
    """A setting; single numbers may say their own origin."""
    if setting.key in _NEVER_WRAPPED:
        return filled.setting(setting)
    value = _value(setting, filled)
    origin = filled.define("with_origin", _WITH_ORIGIN)
    with_origin = {"allOf": [origin, {"properties": {"value": value}}]}
    if setting.holds == "lines":  # a misspelt key is one of the lines, not of the origin
        return setting.labelled({"if": {"required": ["value"]}, "then": with_origin, "else": value})
    return setting.labelled({"anyOf": [value, with_origin]})


def _value(setting: Setting, filled: Filled) -> Schema:
    """What may be written, by reference."""
    value: Schema = filled.of(setting.value)
    return value if "$ref" in value else filled.define(setting.key, value)


def _has_dates(found: Iterable[Setting], filled: Filled) -> Schema:
    """`starts`, `phases`, or a date in a setting that can be one (a stockpile's trigger)."""
    dated = {"anyOf": [{"required": ["starts"]}, _PHASED]}
    a_date = filled.of({"$mark": DATE})
    with_origin = {"type": "object", "required": ["value"], "properties": {"value": a_date}}
    says_it = [
        {
            "required": [setting.key],
            "properties": {setting.key: {"anyOf": [a_date, with_origin]}},
        }
        for setting in found
        if setting.key not in ("starts", "ends") and DATE in setting.marks
    ]
    return {"if": {"not": {"anyOf": says_it}}, "then": dated} if says_it else dated


_PHASED = {"required": ["phases"], "properties": {"phases": {"minItems": 1}}}
_SAYS_SO = {"anyOf": [{"required": ["source"]}, {"required": ["reason"]}]}
_SAYS_ITS_ORIGIN = {
    "if": {"additionalProperties": {"not": {"type": "object", "required": ["value"], **_SAYS_SO}}},
    "then": _SAYS_SO,
}
"""`source` or `reason`, for the lever or for one of its values."""


def _phase(restatable: Iterable[Setting], filled: Filled) -> Schema:
    """An entry under `phases`: `eased` may restate what the lever says."""
    entry = filled.model(PhaseEntry)
    restated = {
        setting.key: filled.define(
            f"eased_{setting.key}", setting.labelled(_value(setting, filled))
        )
        for setting in restatable
    }
    own = entry["properties"]
    return {
        "type": "object",
        "required": entry["required"],
        "if": {"properties": {"phase": {"const": "eased"}}, "required": ["phase"]},
        "then": {"properties": own | restated, "additionalProperties": False},
        "else": {"properties": own, "additionalProperties": False},
    }


def _changes(filled: Filled) -> Schema:
    """One entry under `changes`: the keys and parameters that the pack has rows for, table by table."""
    rows: dict[str, list[Row]] = {}
    for row in filled.world.rows:
        rows.setdefault(row.table, []).append(row)
    own = {
        setting.key: filled.define(f"change_{setting.key}", filled.setting(setting))
        for setting in settings(ChangeText)
        if setting.key not in KEY_COLUMNS
    }
    tables = {name: rows[name] for name in TABLES if name in rows}
    return {
        "type": "object",
        "properties": {"table": {"description": "Table of the pack.", "enum": list(tables)}},
        "required": ["table", "parameter", "value"],
        "allOf": [_SAYS_SO, *(_change(name, found, own) for name, found in tables.items())],
    }


def _change(table: str, rows: Iterable[Row], own: Mapping[str, Any]) -> Schema:
    properties = dict(own)
    found = list(rows)
    for index, column in enumerate(TABLES[table].keys):
        cells = list(dict.fromkeys(row.key[index] for row in found if row.key[index]))
        if column in KEY_COLUMNS and cells:
            cells_read = [each for cell in cells for each in _as_read(cell)]
            properties[column] = {"title": column.capitalize(), "enum": cells_read}
    units: dict[str, dict[str, None]] = {}
    for row in found:
        units.setdefault(row.parameter, {})[row.unit] = None
    properties["parameter"] = {
        "title": "Parameter",
        "enum": list(units),
        "enumDescriptions": [", ".join(given) for given in units.values()],
    }
    return {
        "if": {"properties": {"table": {"const": table}}, "required": ["table"]},
        "then": {"properties": properties, "additionalProperties": False},
    }


def _as_read(cell: str) -> list[str | int]:
    """A cell as YAML reads it: digits without quotes are a number."""
    return [cell, int(cell)] if cell.isdecimal() and str(int(cell)) == cell else [cell]


def _laid_out(value: Any, indent: str = "") -> str:
    """JSON with what fits on one line on one line; otherwise such a schema has ten thousand lines."""
    line = json.dumps(value)
    if len(indent) + len(line) <= LONGEST_LINE or not isinstance(value, dict | list):
        return line
    inner = indent + " "
    if isinstance(value, list):
        parts = [_laid_out(each, inner) for each in value]
        if any(isinstance(each, dict | list) for each in value):
            return "[\n" + ",\n".join(inner + part for part in parts) + f"\n{indent}]"
        whole = ", ".join(part.replace(" ", "\0") for part in parts)  # lines end between the names
        names = wrap(whole, LONGEST_LINE, break_long_words=False, break_on_hyphens=False,
                     initial_indent=inner, subsequent_indent=inner)  # fmt: skip
        return "[\n" + "\n".join(names).replace("\0", " ") + f"\n{indent}]"
    parts = [f"{inner}{json.dumps(k)}: {_laid_out(each, inner)}" for k, each in value.items()]
    return "{\n" + ",\n".join(parts) + f"\n{indent}}}"
