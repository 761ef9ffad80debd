"""What is allowed but probably not meant: warnings, each with the place that it is about."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from sim.controls import Closure, Scope
from sim.controls import Restriction as BorderEntry
from sim.lever import Phase, Restriction, percent
from sim.levers import CapacityRampUp, ExportQuota
from sim.problems import Place, Problem, quote
from sim.scenario.lever_entries import ReadLever
from sim.scenario.locate import place_of
from sim.scenario.reach import Reach
from sim.scenario.schema import HEADINGS
from sim.scenario.tree import Node
from sim.world import World


def cautions(
    levers: Sequence[ReadLever], world: World, *, starts: date, ends: date
) -> Iterator[Problem]:
    """What the levers of a scenario say that has no effect, or another than it seems."""
    for read in levers:
        yield from _dates(read, world, starts, ends)
        if isinstance(read.lever, CapacityRampUp):
            yield from _early(read, read.lever, world)
    yield from _not_felt(levers, world)
    yield from _twice(levers, world)


def emptied(child: Node, parent: Node | None) -> Iterator[Problem]:
    """Empty lists in a scenario that extends another: they take nothing away."""
    above = parent.entries() if parent else {}
    for heading in HEADINGS:
        own, theirs = child.entries().get(heading), above.get(heading)
        if own is None or theirs is None or own.value != [] or not theirs.elements():
            continue
        ids = [
            lever.entries()["id"].plain() for lever in theirs.elements() if "id" in lever.entries()
        ]
        yield _caution(
            place_of(own, key=True),
            f"an empty list changes nothing: {', '.join(map(quote, ids))} of the extended scenario "
            f"{'stays' if len(ids) == 1 else 'stay'}",
            f"to drop one: `{heading}: [{{id: {ids[0] if ids else '...'}, remove: true}}]`",
        )


def _caution(place: Place, message: str, help: str = "") -> Problem:
    return Problem(place, message, help, severity="warning")


def _at(read: ReadLever, *keys: str) -> Place:
    """Where the first of these settings stands that was written, or else the lever."""
    for key in keys:
        if key in read.node.entries():
            return read.node.entries()[key].place
    return place_of(read.node)


def _at_phase(read: ReadLever, number: int, key: str) -> Place:
    """Where the date of a phase stands."""
    given = read.node.entries().get("phases")
    phases = given.elements() if given else []
    return place_of(phases[number].at(["from"])) if phases else _at(read, key)


def _dates(read: ReadLever, world: World, starts: date, ends: date) -> Iterator[Problem]:
    id, timeline = read.lever.id, read.lever.timeline()
    acting = [phase.date for phase in timeline if phase.kind not in ("announced", "ended")]
    last = timeline[-1]
    if not acting:
        yield _caution(
            _at_phase(read, -1, "starts"),
            f"`{id}` never comes into force; it changes nothing",
            "add a phase `in_force`, or delete the lever",
        )
    elif acting[0] >= ends:
        yield _caution(
            _at_phase(read, _number(timeline, acting[0]), "starts")
            if "first_output" not in read.node.entries()
            else _at(read, "first_output"),
            f"`{id}` begins on {acting[0]}, when the scenario has ended ({ends}); it changes nothing",
            "let the scenario end later, or the lever begin earlier",
        )
    elif last.kind == "ended" and last.date <= starts:
        yield _caution(
            _at_phase(read, -1, "ends"),
            f"`{id}` ended on {last.date}, before the scenario starts ({starts}); shortages that it "
            "left behind may still show in the results, which do not show the lever",
            f"let the scenario start before {acting[0]}, or delete the lever"
            if acting[0].year >= world.base_year
            else "delete the lever",
        )


def _number(timeline: Sequence[Phase], begins: date) -> int:
    return next(i for i, phase in enumerate(timeline) if phase.date == begins)


def _early(read: ReadLever, lever: CapacityRampUp, world: World) -> Iterator[Problem]:
    earliest = world.sites[lever.site].earliest_start
    if lever.first_output.year < earliest // 1:  # never true of nan: the pack names no year
        yield _caution(
            _at(read, "first_output"),
            f"first output in {lever.first_output.year} is earlier than the pack thinks possible "
            f"({earliest:.0f})",
            "say in `reason` why it can be",
        )


def _not_felt(levers: Sequence[ReadLever], world: World) -> Iterator[Problem]:
    """Restrictions that no trade of this world meets, or that ask less of it than it does anyway."""
    sites = {read.lever.site for read in levers if isinstance(read.lever, CapacityRampUp)}
    reach: Reach | None = None
    for read in levers:
        entry = read.lever.entry(world)
        if isinstance(entry, Closure):
            yield from _unused(read, entry, world)
        if not isinstance(entry, BorderEntry):
            continue
        reach = reach or Reach(world, sites)
        stated = [e for e in read.lever.entries(world) if isinstance(e, BorderEntry)]
        if not any(reach.meets(each.scope) for each in stated or [entry]):
            yield _out_of_reach(read, entry.scope, reach)
        elif isinstance(read.lever, ExportQuota):
            yield from _loose_or_shut(read, read.lever, reach.exports_t(entry.scope), world)


def _unused(read: ReadLever, closure: Closure, world: World) -> Iterator[Problem]:
    used = sorted({link.corridor for link in world.links.values() if link.corridor})
    if closure.corridor not in used:
        yield _caution(
            _at(read, "corridor"),
            f"nothing in this world goes by `{closure.corridor}`, so closing it has no effect",
            f"corridors in use: {', '.join(used) or 'none'}",
        )


def _out_of_reach(read: ReadLever, scope: Scope, reach: Reach) -> Problem:
    forms, regions = reach.forms_and_regions(scope.exporter)
    traded = (
        f"sells {', '.join(forms)} to {', '.join(regions)}"
        if forms
        else "sells nothing abroad, unless a measure starts one of its sites"
    )
    return _caution(
        _at(read, _too_narrow(scope, reach)),
        f"`{read.lever.id}` meets no trade of this world, so it has no effect",
        f"{scope.exporter} {traded}",
    )


def _too_narrow(scope: Scope, reach: Reach) -> str:
    """The setting without which the restriction would meet something, or else the exporter."""
    anything: frozenset[str] = frozenset()
    wider = {
        "destinations": replace(scope, destinations=anything),
        "forms": replace(scope, forms=anything),
        "elements": replace(scope, elements=anything),
    }
    return next((setting for setting in wider if reach.meets(wider[setting])), "exporter")


def _loose_or_shut(
    read: ReadLever, quota: ExportQuota, exports_t: float, world: World
) -> Iterator[Problem]:
    share = quota.amount.share_of_base_year
    if share is None:
        t_per_year = quota.amount.t_per_year or 0.0
        share = t_per_year / exports_t if exports_t > 0 else min(t_per_year, 0.5)
    if share <= 0:
        yield _caution(
            _at(read, "amount"),
            f"`{quota.id}` lets nothing leave; goods then wait at the seller until it ends",
            "an `export_ban` gives the orders back to the buyers, who can look elsewhere",
        )
    elif share >= 1.0 - 1e-9:
        yield _caution(
            _at(read, "amount"),
            f"`{quota.id}` allows {percent(share)} of what left in {world.base_year}, so it holds "
            "back growth at most",
            "give less than 100 % to restrict",
        )


def _twice(levers: Sequence[ReadLever], world: World) -> Iterator[Problem]:
    """Restrictions that say the same on the same days under two names."""
    seen: dict[str, ReadLever] = {}
    for read in levers:
        if not isinstance(read.lever, Restriction):
            continue
        first = seen.setdefault(_meaning(read.lever, world), read)
        if first is not read:
            line = place_of(first.node).line
            yield _caution(
                place_of(read.node),
                f"`{read.lever.id}` restricts the same as `{first.lever.id}` (line {line}), on the "
                "same days",
                "delete one of them",
            )


def _meaning(lever: Restriction, world: World) -> str:
    """Everything that decides what a restriction does."""
    unimportant = {"id", "source", "reason", "phases", "starts", "ends", "elements"}
    settings = lever.model_dump(exclude=unimportant)
    scope = lever.scope(world)
    days = [(phase.kind, phase.date, sorted(phase.settings.items())) for phase in lever.timeline()]
    named = (sorted(scope.destinations), sorted(scope.elements), sorted(scope.forms))
    return repr((named, days, {**settings, "destinations": (), "forms": ()}))
