"""JSON Schema of a scenario: what `critmin check` would accept, for editors, with the pack's names."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from sim.guide.shapes import DATE, Schema, Setting, Shapes
from sim.guide.texts import texts_of
from sim.lever import Date, Lever, PhaseEntry, keys_of, settings_of
from sim.levers import KINDS
from sim.scenario.schema import DEFAULT_PACK, HEADINGS, KEY_COLUMNS, ChangeText, ScenarioText
from sim.world.schema import TABLES
from sim.world.world import Row, World

FILE_NAME = "scenario.schema.json"
DIALECT = "http://json-schema.org/draft-07/schema#"
"""The newest one that the YAML extensions of editors know in full."""

LONGEST_LINE = 120

_SAID = {
    "title": "Title of the report; left out: the file's name.",
    "pack": "The data that the scenario stands on.",
    "seed": "Whole number that fixes what is drawn; the same seed gives the same run.",
    "notes": "What a reader should know: assumptions, what is left out.",
    "restrictions": "Levers that hold goods back at a border: bans, quotas, licences.",
    "shocks": "Levers that disturb transport or plants without being anybody's policy.",
    "measures": "Levers that answer: new mines and plants, stocks, routes.",
    "changes": "Differences from the pack, each naming one of its rows, with its source or reason.",
}
"""Keys of a scenario about which its model says nothing, or too little for an editor."""
_NEVER_WRAPPED = ("id", "kind", "source", "reason", "phases")
"""Keys of a lever that cannot be given as `{value: ..., source: ...}`."""
_ORIGIN = {
    "source": "Publication behind this number.",
    "reason": "Why this number is assumed.",
    "locator": "Page, table or cell in the source.",
    "note": "Anything a reader should know about it.",
}


def schema_text(world: World) -> str:
    """The schema as a file: letters of ASCII only, so that no console garbles them."""
    return _laid_out(scenario_schema(world)) + "\n"


def scenario_schema(world: World) -> Schema:
    """JSON Schema (draft 7) of a scenario that uses this world."""
    shapes = Shapes(world)
    properties = {
        setting.key: setting.schema(said=_SAID.get(setting.key, ""))
        for setting in shapes.settings(ScenarioText)
    }
    for heading in HEADINGS:
        properties[heading] |= _levers(heading, shapes)
    properties["changes"] |= {"items": _changes(shapes)}
    properties["pack"] = {"title": "Pack", "description": _SAID["pack"], **_pack(world)}
    required = [key for key, field in ScenarioText.model_fields.items() if field.is_required()]
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
        "then": {"required": [*required, *only_here]},
        "$defs": shapes.definitions,
    }


def _pack(world: World) -> Schema:
    """How a scenario names the pack: by its id, or as a folder beside the scenario or deeper."""
    if not world.is_own:
        return {"enum": [world.id], "enumDescriptions": [world.title]}
    folder = re.escape(world.id)
    return {
        "type": "string", "default": f"./{world.id}",
        "pattern": rf"^(\.[/\\])?([^/\\]+[/\\])*{folder}[/\\]?$",
    }  # fmt: skip


def _levers(heading: str, shapes: Shapes) -> Schema:
    """The list under a heading."""
    kinds = KINDS[heading]
    if not kinds:
        return {"maxItems": 0}
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
                "allOf": [_of_kind(kind, model, shapes) for kind, model in kinds.items()],
            },
        }
    }


def _of_kind(kind: str, model: type[Lever], shapes: Shapes) -> Schema:
    is_it = {"properties": {"kind": {"const": kind}}, "required": ["kind"]}
    return {"if": is_it, "then": _lever(kind, model, shapes)}


def _lever(kind: str, model: type[Lever], shapes: Shapes) -> Schema:
    settings = shapes.settings(model)
    properties = {
        setting.key: shapes.define(f"setting_{setting.key}", _lever_setting(setting, shapes))
        for setting in settings
        if setting.key not in ("kind", "phases")
    }
    properties["kind"] = {"title": "Kind", "const": kind, "description": texts_of(model).summary}
    schema: Schema = {
        "title": kind,
        "description": texts_of(model).summary,
        "properties": properties,
        "required": [setting.key for setting in settings if setting.required],
        "additionalProperties": False,
        "allOf": [_says_its_origin(shapes)],
    }
    for setting in settings:
        if setting.key != "phases":
            continue
        properties["phases"] = setting.schema() | {"items": _phase(model, settings, shapes)}
        schema["allOf"].append(_has_dates(settings, shapes))
        schema["dependencies"] = {"phases": {"properties": {"starts": False, "ends": False}}}
    return schema


def _lever_setting(setting: Setting, shapes: Shapes) -> Schema:
    """A setting; single numbers may say their own origin."""
    value = setting.shape.schema
    if setting.key in _NEVER_WRAPPED:
        return setting.schema()
    origin = {
        key: shapes.define(f"{key}_of_value", {"type": "string", "description": said})
        for key, said in _ORIGIN.items()
    }
    with_origin: Schema = {
        "type": "object",
        "description": "The value with where it comes from.",
        "properties": {"value": value, **origin},
        "required": ["value"],
        "additionalProperties": False,
    }
    if value.get("type") == "object":  # a misspelt key is one of the settings, not of the origin
        choose = {"if": {"required": ["value"]}, "then": with_origin, "else": value}
        return setting.schema(choose)
    alternatives = value["anyOf"] if set(value) == {"anyOf"} else [value]
    return setting.schema({"anyOf": [*alternatives, with_origin]})


def _has_dates(settings: Iterable[Setting], shapes: Shapes) -> Schema:
    """`starts`, `phases`, or a date in a setting that can be one (a stockpile's trigger)."""
    dated = {"anyOf": [{"required": ["starts"]}, {"required": ["phases"]}]}
    a_date = shapes.of(Date).schema
    with_origin = {"type": "object", "required": ["value"], "properties": {"value": a_date}}
    says_it = [
        {
            "required": [setting.key],
            "properties": {setting.key: {"anyOf": [a_date, with_origin]}},
        }
        for setting in settings
        if setting.key not in ("starts", "ends") and DATE in setting.shape.examples
    ]
    return {"if": {"not": {"anyOf": says_it}}, "then": dated} if says_it else dated


def _says_its_origin(shapes: Shapes) -> Schema:
    """`source` or `reason`, for the lever or for one of its values."""
    says = {"anyOf": [{"required": ["source"]}, {"required": ["reason"]}]}
    in_a_value = {"type": "object", "required": ["value"], **says}
    return {"if": {"additionalProperties": {"not": in_a_value}}, "then": says}


def _phase(model: type[Lever], settings: Iterable[Setting], shapes: Shapes) -> Schema:
    """An entry under `phases`: `eased` may restate what the lever says."""
    own = {
        setting.key: shapes.define(f"phase_{setting.key}", setting.schema())
        for setting in shapes.settings(PhaseEntry)
    }
    restated = {
        setting.key: shapes.define(f"eased_{setting.key}", setting.schema())
        for setting in settings
        if setting.key not in own and setting.key in settings_of(model)
    }
    required = [key for key, name in keys_of(PhaseEntry).items()
                if PhaseEntry.model_fields[name].is_required()]  # fmt: skip
    return {
        "type": "object",
        "required": required,
        "if": {"properties": {"phase": {"const": "eased"}}, "required": ["phase"]},
        "then": {"properties": own | restated, "additionalProperties": False},
        "else": {"properties": own, "additionalProperties": False},
    }


def _changes(shapes: Shapes) -> Schema:
    """One entry under `changes`: the keys and parameters that the pack has rows for, table by table."""
    rows: dict[str, list[Row]] = {}
    for row in shapes.world.rows:
        rows.setdefault(row.table, []).append(row)
    own = {
        setting.key: shapes.define(f"change_{setting.key}", setting.schema())
        for setting in shapes.settings(ChangeText)
        if setting.key not in KEY_COLUMNS
    }
    tables = {name: rows[name] for name in TABLES if name in rows}
    return {
        "type": "object",
        "properties": {"table": {"description": "Table of the pack.", "enum": list(tables)}},
        "required": ["table", "parameter", "value"],
        "allOf": [
            {"anyOf": [{"required": ["source"]}, {"required": ["reason"]}]},
            *(_change(name, found, own) for name, found in tables.items()),
        ],
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
        parts = [inner + _laid_out(each, inner) for each in value]
        return "[\n" + ",\n".join(parts) + f"\n{indent}]"
    parts = [f"{inner}{json.dumps(k)}: {_laid_out(each, inner)}" for k, each in value.items()]
    return "{\n" + ",\n".join(parts) + f"\n{indent}}}"
