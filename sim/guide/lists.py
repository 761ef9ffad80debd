"""What `critmin list` prints: everything that can be named, and how it is written in a scenario."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from sim.guide.example import Examples, as_yaml, on_one_line
from sim.guide.names import THINGS
from sim.guide.own_pack import examples
from sim.guide.settings import Setting, settings
from sim.guide.texts import texts_of
from sim.lever import listed
from sim.levers import KINDS
from sim.scenario.behaviour import MODELS
from sim.world import World, load_pack, pack_ids
from sim.world.numbers import as_number
from sim.world.schema import TABLES

RULES_WRITTEN = "behaviour: {piles: {days: 30 d}, market: off}"
_NO_MEASURE = ("text", "number", "flag", "year")
"""Units of rows that name or order things."""
REMARK = "# "
"""Begins lines that are no entry of a list; YAML takes them for comments."""


def picked(lines: Sequence[str], what: str, which: str) -> list[str]:
    """The entries that contain a text, in small or capital letters; for levers, the kind of that name."""
    if what != "levers":
        entries = (line for line in lines if not line.startswith(REMARK))
        return [line for line in entries if which.casefold() in line.casefold()]
    blocks = "\n".join(lines).split("\n\n")
    mine = [block for block in blocks if block.startswith(f"{which} (")]
    return [line for block in mine for line in block.splitlines()]


def _scenarios(_: str) -> Iterator[str]:
    from sim.scenario import load, shipped_names

    for name in shipped_names():
        yield f"{name}: {load(name).question}"
    yield f"{REMARK}run one: critmin run {shipped_names()[0]}"
    yield f"{REMARK}start your own from one: critmin new my-scenario --from {shipped_names()[0]}"
    yield f"{REMARK}or in a scenario of your own: extends: {shipped_names()[0]}"


def _packs(_: str) -> Iterator[str]:
    for pack in pack_ids():
        yield f"{pack}: {load_pack(pack).title}"
    yield f"{REMARK}in a scenario: pack: {pack_ids()[0]}"
    yield f"{REMARK}a folder beside the scenario can be a pack too: pack: ./my_mineral"
    for example in examples():
        yield f"{REMARK}to begin one: critmin new my_mineral --pack {example}"


def _levers(pack: str) -> Iterator[str]:
    """Each kind: what it does, its settings, an example."""
    examples = Examples(load_pack(pack))
    for heading, kinds in KINDS.items():
        for kind, model in kinds.items():
            yield f"{kind} ({heading}): {texts_of(model).summary}"
            for setting in settings(model):
                if setting.key != "kind":
                    yield f"{kind}.{setting.key}: {setting_in_words(setting)}"
            yield f"{REMARK}{kind} in a scenario:"
            yield from as_yaml(heading, examples.of(kind, model)).splitlines()
            yield ""


def _rules(pack: str) -> Iterator[str]:
    """Each rule of behaviour and its settings."""
    load_pack(pack)  # they are the same in every pack, but it must be there
    for rule, model in MODELS.items():
        yield f"{rule}: {(model.__doc__ or '').splitlines()[0]}"
        for setting in settings(model):
            yield f"{rule}.{setting.key}: {setting_in_words(setting)}"
    yield f"{REMARK}in a scenario: {RULES_WRITTEN}"
    yield f"{REMARK}a rule that is left out is followed, but for priority and designs, which must be named"
    yield f"{REMARK}none of them, so that everybody keeps to the plan: behaviour: rigid"


def _classes(pack: str) -> Iterator[str]:
    """Priority classes in the order in which they are served."""
    for name, sectors in THINGS["classes"](load_pack(pack)).items():
        yield f"{name}: {sectors}"
    yield f"{REMARK}served in this order where a scenario says so; military end users are of the first:"
    yield f"{REMARK}behaviour: {{priority: {{sellers: by_class}}}}"


def setting_in_words(setting: Setting) -> str:
    """How it is written, with units, whether it is needed, and what it means."""
    units = f" ({setting.units})" if setting.units else ""
    left_out = setting.left_out
    if not setting.required:
        left_out = f"if left out: {left_out}" if left_out else "may be left out"
    return f"{setting.words}{units}; {left_out}. {setting.meaning}"


def _things(things: str) -> Callable[[str], Iterator[str]]:
    def lines(pack: str) -> Iterator[str]:
        world = load_pack(pack)
        for also in _with_groups(things):
            for name, meaning in THINGS[also](world).items():
                yield f"{name}: {meaning}"
        yield from _how_to_write(things, world)

    return lines


def _with_groups(things: str) -> tuple[str, ...]:
    """Groups may be written wherever elements may."""
    return ("elements", "groups") if things == "elements" else (things,)


def _how_to_write(things: str, world: World) -> Iterator[str]:
    """A remark for each setting that takes these names, and one for a change of the pack."""
    kinds_by_key: dict[str, list[str]] = {}
    shown: dict[str, str] = {}
    for kind, setting in _settings_with(things, world):
        kinds_by_key.setdefault(setting.key, []).append(kind)
        shown[setting.key] = _as_setting(setting, things, world)
    for key, kinds in kinds_by_key.items():
        yield f"{REMARK}in {_an(kinds)}: {shown[key]}"
    change = _as_change(things, world)
    if change:
        yield f"{REMARK}under `changes`: {change}"


def _settings_with(things: str, world: World) -> Iterator[tuple[str, Setting]]:
    for kinds in KINDS.values():
        for kind, model in kinds.items():
            for setting in settings(model):
                if things in setting.things and setting.names(world, THINGS[things](world)):
                    yield kind, setting


def _as_setting(setting: Setting, things: str, world: World) -> str:
    """The setting with names of this kind, as YAML."""
    trading = {flow.seller for flow in world.flows} | {flow.buyer for flow in world.flows}
    names = setting.names(world, THINGS[things](world))
    if things == "sites":  # mines first where ore is meant; who trades today before those that wait
        ore = setting.key == "fed_by"
        names.sort(key=lambda n: (ore and not world.sites[n].basket, n not in trading))
    written: object = names[0]
    if setting.holds == "list":
        written = names[:2]
    elif setting.holds == "lines":
        written = {names[0]: "100 %"}
    return on_one_line({setting.key: written})[1:-1]


def _as_change(things: str, world: World) -> str:
    """A change of a number that the pack has about such a thing; empty where it has none."""
    table = TABLES.get(things)
    for row in world.rows:
        if table is None or row.table != things or row.unit in _NO_MEASURE:
            continue
        if (
            row.parameter == "output"
        ):  # what a site makes follows from its capacity, feed and buyers
            continue
        keys = {column: cell for column, cell in zip(table.keys, row.key, strict=True) if cell}
        value = float(f"{as_number(row.value) or 0.0:.6g}")
        value = int(value) if value.is_integer() else value
        entry = {"table": things, **keys, "parameter": row.parameter, "value": value,
                 "reason": "why"}  # fmt: skip
        return f"{on_one_line(entry)} (in {row.unit})"
    return ""


def _an(kinds: Sequence[str]) -> str:
    return listed([f"`{kind}`" for kind in kinds])


LISTS: dict[str, Callable[[str], Iterator[str]]] = {
    "scenarios": _scenarios,
    "levers": _levers,
    "rules": _rules,
    **{
        things.replace(" ", "-"): _things(things)
        for things in THINGS
        if things
        not in ("groups", "legs", "classes")  # the first stand with elements and corridors
    },
    "classes": _classes,
    "packs": _packs,
}
"""What there are lists of -> its lines in a pack."""
