"""Consistency of a world: shares add to 1, names exist, what flows in can flow out."""

from __future__ import annotations

from collections.abc import Iterable

from sim.problems import Place, Problem
from sim.world.tables import PackText, did_you_mean
from sim.world.world import Row, World

SHARE_TOLERANCE = 1e-6


def check_world(world: World, pack: PackText) -> None:
    """Add every inconsistency to the pack's problems."""
    places = {*world.sites, *(d.node for d in world.demand)}
    _check_names(world, pack, places)
    for grade, recipe in world.recipes.items():
        total = sum(i.share for i in recipe.ingredients)
        if abs(total - 1) > SHARE_TOLERANCE:
            _add(pack, "recipes.csv", f"the shares of `{grade}` add up to {total:.6g}, not 1")
    for corridor in world.corridors.values():
        if not corridor.legs:
            _add(pack, "corridors.csv", f"`{corridor.id}` has no legs")


def _add(pack: PackText, file: str, message: str) -> None:
    pack.problems.append(Problem(Place(file), message))


def _check_names(world: World, pack: PackText, places: set[str]) -> None:
    elements = {e.symbol for e in world.elements}
    products = {p.id for p in world.products}
    forms = {f.id for f in world.forms}
    known: dict[tuple[str, str], set[str]] = {
        ("ores", "id"): set(world.sites),
        ("ores", "element"): elements,
        ("recipes", "element"): elements | {""},
        ("demand", "sector"): set(world.sectors),
        ("demand", "region"): set(world.regions),
        ("demand", "product"): products,
        ("flows", "seller"): set(world.sites),
        ("flows", "form"): forms,
        ("flows", "product"): products | elements | {""},
        ("links", "seller"): set(world.sites),
        ("links", "form"): forms,
        ("covers", "place"): places,
        ("covers", "form"): forms,
        ("end_users", "node"): places,
    }
    for row, column, number in _key_cells(pack.rows, known):
        allowed = known[row.table, column]
        if row.key[number] not in allowed:
            help = did_you_mean(row.key[number], allowed)
            pack.fault(row, column, f"unknown {column} `{row.key[number]}`", help)
    values = {
        ("sites", "country"): set(world.countries),
        ("sites", "region"): set(world.regions),
        ("countries", "region"): set(world.regions),
        ("sectors", "form"): forms,
        ("links", "corridor"): set(world.corridors),
    }
    for row in pack.rows:
        allowed = values.get((row.table, row.parameter), set())
        if allowed and row.value not in allowed:
            pack.fault(row, "value", f"unknown {row.parameter} `{row.value}`",
                       did_you_mean(row.value, allowed))  # fmt: skip


def _key_cells(
    rows: Iterable[Row], known: dict[tuple[str, str], set[str]]
) -> Iterable[tuple[Row, str, int]]:
    from sim.world.tables import KEYS

    for row in rows:
        for number, column in enumerate(KEYS[row.table]):
            if (row.table, column) in known:
                yield row, column, number
