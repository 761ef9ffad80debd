"""What is allowed but probably not meant: warnings, each with the place that it is about."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise
from typing import TypeGuard

from sim.channels.effects import Effect, Passage, Room, Verdict
from sim.lever import Lever, Measure, Phase, Reach
from sim.scenario.behaviour import (
    FREE_WORD,
    RIGID_WORD,
    BehaviourText,
    numbers_of_pack,
)
from sim.scenario.change_entries import ReadChange
from sim.scenario.idle_rules import has_lenders, in_vain
from sim.scenario.lever_entries import ReadLever
from sim.scenario.locate import place_of
from sim.scenario.priority import PriorityText, odd_priority
from sim.scenario.proportions import (
    is_decided,
    is_within,
    of_changes,
    of_lever,
    own_range,
    rows_by_table,
)
from sim.scenario.schema import DEFAULT_REVIEW_DAYS, HEADINGS
from sim.scenario.tree import Node
from sim.scenario.unread import HARDLY_ANYTHING, unread
from sim.words.problems import Place, Problem, quote
from sim.world import World
from sim.world.numbers import as_number
from sim.world.where import Where


def cautions(
    levers: Sequence[ReadLever], reach: Reach | None, world: World, *, starts: date, ends: date
) -> Iterator[Problem]:
    """What the levers of a scenario say that has no effect, or another than it seems."""
    rows_of = rows_by_table(world) if levers else {}
    for read in levers:
        yield from _dates(read, world, starts, ends)
        for node, setting, odd in of_lever(read, world, rows_of):
            help = f"if it is meant, say why: `{setting}: {{value: ..., reason: ...}}`"
            yield _caution(node.place, odd, help)
        if reach is not None:
            for caution in read.lever.cautions(reach):
                if caution.unless_said and caution.settings[0] in read.origins:
                    continue
                yield _caution(_at(read, *caution.settings), caution.message, caution.help)
    yield from _twice(levers, world)
    yield from _behind_a_ban(levers, world, ends)


def long_reviews(root: Node, review_days: float) -> Iterator[Problem]:
    """Reviews that are further apart than all shipped figures have them."""
    if review_days > DEFAULT_REVIEW_DAYS:
        yield _caution(
            root.entries()["review"].place,
            f"with a review every {review_days:.0f} days sellers and buyers see a shortage later, and short "
            "gaps fall between two of them: the figures are not those of a review a week",
            f"leave it out: {DEFAULT_REVIEW_DAYS:.0f} days",
        )


def about_behaviour(
    root: Node,
    behaviour: BehaviourText | str,
    world: World,
    levers: Sequence[Lever],
    reach: Reach | None,
) -> Iterator[Problem]:
    """Numbers of rules outside the range that the pack has for them, or with which a rule does nothing."""
    entry = root.entries().get("behaviour")
    if entry is None or not isinstance(behaviour, BehaviourText):
        return
    for rule, setting, rows in numbers_of_pack(behaviour, world.rows):
        ranges = [each for each in map(own_range, rows) if each is not None]
        value, unit = getattr(getattr(behaviour, rule), setting), rows[0].unit
        # One number for all sectors is odd where none of them has it in its range.
        if ranges and not any(is_within(value, each) for each in ranges):
            below, above = min(low for low, _ in ranges), max(high for _, high in ranges)
            yield _caution(
                entry.entries()[rule].entries()[setting].place,
                f"{_with_unit(value, unit)} {'are' if unit == 'days' else 'is'} outside the pack's own range "
                f"of `{rows[0].parameter}`, {_without_unit(below, unit)} to {_with_unit(above, unit)}",
                "check the number and its unit",
            )
    if isinstance(behaviour.priority, PriorityText):
        node = entry.entries()["priority"]
        for setting, message, help in odd_priority(behaviour.priority, world):
            yield _caution(place_of(node.entries().get(setting, node)), message, help)
    lends = reach is not None and has_lenders(world, levers, reach)
    for idle in in_vain(behaviour, entry.entries(), world, lends):
        node = entry.entries()[idle.rule]
        yield _caution(place_of(node.entries().get(idle.setting, node)), idle.why, idle.help)


def _with_unit(value: float, unit: str) -> str:
    return f"{100 * value:g} %" if unit == "fraction" else f"{value:g} {unit}"


def _without_unit(value: float, unit: str) -> str:
    return _with_unit(value, unit).removesuffix("%").removesuffix(unit).rstrip()


def replaced_rules(child: Node, parent: Node | None) -> Iterator[Problem]:
    """Rules that the extended scenario sets: a `behaviour` of its own takes their place as a whole."""
    own = child.entries().get("behaviour")
    theirs = parent.entries().get("behaviour") if parent else None
    if own is None or theirs is None:
        return
    lost = [rule for rule in theirs.entries() if rule not in own.entries()]
    if own.plain() in (RIGID_WORD, FREE_WORD) or not (lost or theirs.plain() == RIGID_WORD):
        return
    what = ", ".join(map(quote, lost)) or quote(RIGID_WORD)
    yield _caution(
        place_of(own, key=True),
        f"this `behaviour` replaces that of the extended scenario as a whole, {what} too",
        "write here what should stay",
    )


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


def about_changes(
    changes: Sequence[ReadChange],
    base: World,
    world: World,
    levers: Sequence[ReadLever],
    ends: date,
    behaviour: BehaviourText | str,
) -> Iterator[Problem]:
    """Changes of the pack that are out of proportion, or that nothing in the scenario reads."""
    found = unread(world.changes, base, world, [read.lever for read in levers], ends, behaviour)
    for change, rows in zip(changes, world.changes, strict=True):
        if rows.before.value == rows.after.value:
            message = f"{quote(change.change.value)} is what the pack says already"
            yield _caution(change.change.at("value"), message, "give another value, or delete it")
    for change, odd in zip(changes, of_changes(world.changes), strict=True):
        if odd:
            message = f"{quote(change.change.value)} {odd}"
            yield _caution(change.change.at("value"), message, "check the number and its unit")
    for change, rows, reason in zip(changes, world.changes, found, strict=True):
        # A project that is decided upon may start after this scenario ends, and in those that extend it.
        is_late = reason is not None and reason.hangs == HARDLY_ANYTHING
        if is_late and is_decided(rows.after.parameter, as_number(rows.after.value)):
            continue
        if reason is not None:
            what = " ".join(filter(None, (*change.change.key.values(), change.change.parameter)))
            message = f"{reason.hangs} {quote(what)} of {change.change.table}.csv"
            yield _caution(change.change.at("value"), f"{message}: {reason.why}", reason.help)


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
            _at_phase(read, -1, read.lever.first_day_key),
            f"`{id}` never comes into force; it changes nothing",
            "add a phase `in_force`, or delete the lever",
        )
    elif acting[0] >= ends:
        yield _caution(
            _at_phase(read, _number(timeline, acting[0]), read.lever.first_day_key),
            f"`{id}` begins on {acting[0]}, when the scenario has ended ({ends}); it changes nothing",
            "let the scenario end later, or the lever begin earlier",
        )
    for number, (before, after) in enumerate(pairwise(read.lever.stated(world)), start=1):
        if after[0].kind == "eased" and before[0].acts and before[1] == after[1]:
            yield _caution(
                _at_phase(read, number, "phases"),
                f"`{id}` is eased on {after[0].date} to what held before",
                "restate a setting in this phase, or delete it",
            )
        elif after[0].kind == "eased" and before[0].acts and _is_wider(before[1], after[1]):
            yield _caution(
                _at_phase(read, number, "phases"),
                f"`{id}` is eased on {after[0].date} to a wider scope than before",
                "name less than before; what is new from a date on is a lever of its own",
            )
    if acting and acting[0] < ends and last.kind == "ended" and last.date <= starts:
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


def _twice(levers: Sequence[ReadLever], world: World) -> Iterator[Problem]:
    """Levers that say the same on the same days under two names, or that go badly together."""
    seen: list[tuple[object, ReadLever]] = []
    for read in levers:
        meaning = _meaning(read.lever, world)
        alike = [(said, other) for said, other in seen if other.lever.kind == read.lever.kind]
        first = next((other for said, other in alike if said == meaning), None)
        seen.append((meaning, read))
        if first is not None:
            line = place_of(first.node).line
            counts = isinstance(read.lever, Measure)
            yield _caution(
                place_of(read.node),
                f"`{read.lever.id}` says the same as `{first.lever.id}` (line {line}), on the same days"
                f"{', and counts a second time' if counts else ''}",
                "delete one of them",
            )
            continue
        for _, other in alike:
            for caution in read.lever.beside(other.lever, world):
                yield _caution(_at(read, *caution.settings), caution.message, caution.help)


def _behind_a_ban(levers: Sequence[ReadLever], world: World, ends: date) -> Iterator[Problem]:
    """Restrictions of what another one refuses on all their days: nothing is left for them to stop."""
    refused = [(read, _acting(read.lever, world, ends, refuses=True)) for read in levers]
    for read in levers:
        own = _acting(read.lever, world, ends, refuses=False)
        for other, shut in refused:
            if other is read or not own or not all(_is_inside(each, shut) for each in own):
                continue
            if _meaning(other.lever, world) == _meaning(read.lever, world):
                continue  # said already
            line = place_of(other.node).line
            yield _caution(
                place_of(read.node),
                f"all that `{read.lever.id}` is about is refused by `{other.lever.id}` (line {line}) on the "
                "same days, so it changes no tonne",
                "let the two differ in days or scope, or delete one",
            )
            break


def _is_wider(before: Sequence[Effect], after: Sequence[Effect]) -> bool:
    """Whether the same terms hold for more than before, and for nothing less."""
    pairs = [
        (old, new)
        for old, new in zip(before, after, strict=False)
        if isinstance(old, Passage | Room) and isinstance(new, Passage | Room)
    ]
    return bool(pairs) and all(
        new.where != old.where
        and new.where.includes(old.where)
        and replace(new, where=old.where) == old
        for old, new in pairs
    )


_Stretch = tuple[date, date, Where]
"""First day, first day after, and what is covered"""


def _acting(lever: Lever, world: World, ends: date, *, refuses: bool) -> list[_Stretch]:
    """When a lever holds lines back, and which; only where it refuses them, or in any way."""
    stated = lever.stated(world)
    days = [*(phase.date for phase, _ in stated[1:]), ends]
    return [
        (phase.date, until, effect.where)
        for (phase, effects), until in zip(stated, days, strict=True)
        for effect in effects
        if phase.date < until and _holds_lines(effect, refuses=refuses)
    ]


def _holds_lines(effect: Effect, *, refuses: bool) -> TypeGuard[Passage | Room]:
    if isinstance(effect, Passage):
        return not refuses or effect.verdict is Verdict.REFUSE
    return isinstance(effect, Room) and not (refuses or effect.of_sites)


def _is_inside(stretch: _Stretch, shut: Sequence[_Stretch]) -> bool:
    first, until, where = stretch
    return any(a <= first and until <= b and wide.includes(where) for a, b, wide in shut)


def _meaning(lever: Lever, world: World) -> object:
    """Everything that decides what a lever does."""
    return [(phase.kind, phase.date, effects) for phase, effects in lever.stated(world)]
