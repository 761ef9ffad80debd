"""From a name or path to a checked scenario; every fault of all its files is raised at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path, PurePath, PurePosixPath
from typing import Any

from sim.lever import Lever, Measure, Restriction, Shock, reach_of
from sim.lever.reach import Reach
from sim.rules.behaviour import Behaviour
from sim.scenario.behaviour import behaviour_of
from sim.scenario.cautions import (
    about_behaviour,
    about_changes,
    cautions,
    emptied,
    long_reviews,
    replaced_rules,
)
from sim.scenario.change_entries import ReadChange, changed_world, read_changes
from sim.scenario.find import check_name, find_scenario, shown_name
from sim.scenario.hints import second_look
from sim.scenario.lever_entries import ReadLever, read_levers, with_known_keys
from sim.scenario.locate import check, in_order
from sim.scenario.merge import document_of, extended_document, merge, open_document
from sim.scenario.own_pack import PackName, find_pack
from sim.scenario.reader import Document
from sim.scenario.resolved import resolve, with_name
from sim.scenario.schema import DEFAULT_PACK, HEADINGS, ScenarioText
from sim.scenario.tree import Node
from sim.words.problems import BadInputError, Place, Problem
from sim.words.texts import decode_text
from sim.world import World, load_pack
from sim.world.ruled import as_ruled
from sim.world.where import Where


@dataclass(frozen=True, slots=True)
class Scenario:
    """A scenario that can be run."""

    name: str
    """The file's name without its suffix."""
    title: str
    question: str
    pack: str | Path
    """Id of a shipped pack or folder of an own one, as `sim.world.load_pack` takes it."""
    world: World = field(repr=False)
    """The pack with the scenario's changes applied."""
    starts: date
    ends: date
    """First day after the results."""
    review_days: float
    seed: int
    behaviour: Behaviour
    restrictions: tuple[Restriction, ...]
    shocks: tuple[Shock, ...]
    measures: tuple[Measure, ...]
    changes: tuple[Mapping[str, Any], ...]
    """Changed rows of the pack, before and after."""
    notes: str
    resolved: Mapping[str, Any] = field(repr=False)
    """For `scenario.resolved.yaml`; the same on every machine."""
    warnings: tuple[Problem, ...]
    """What is allowed but probably not meant."""
    idle: frozenset[str]
    """Levers that meet nothing in this scenario, or too late to be missed: no day is counted from them."""
    about: Mapping[str, Sequence[Where]] = field(repr=False)
    """What each restriction that meets some trade is about, by its id: in the phases that come early enough for
    somebody to miss the goods before the scenario ends; in all, where none does."""
    files: Mapping[str, str] = field(repr=False)
    """Texts read, by file name, the scenario's own last."""
    pack_files: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Texts of the tables of an own pack, by the path from the scenario's folder; of a shipped one none."""

    @property
    def levers(self) -> tuple[Lever, ...]:
        """Restrictions, then shocks, then measures."""
        return (*self.restrictions, *self.shocks, *self.measures)

    @property
    def felt(self) -> tuple[Restriction, ...]:
        """Restrictions that meet some trade."""
        return tuple(lever for lever in self.restrictions if lever.id not in self.idle)


def load(name_or_path: str) -> Scenario:
    """Read and check a scenario; raises `BadInputError` with every fault found."""
    return _loaded(open_document(find_scenario(name_or_path)))


def load_text(text: str, shown: str, name: str) -> Scenario:
    """The same of a text that stands in no file; messages call it `shown`.

    `name` stands for the file's name without its suffix. What the text names beside it is looked for in the
    folder that one works in.
    """
    path = Path(f"{name}.yaml")
    check_name(path)
    if {"/", "\\"} & set(name):
        help = "give it a name without strokes"
        raise BadInputError([Problem(Place(name), "the name of a scenario is not a path", help)])
    # A half of a letter is no text, which is said where bytes are read.
    content = text.encode("utf-8", "surrogatepass")
    return _loaded(document_of(decode_text(content, path, shown, what="a scenario")))


def _loaded(child: Document) -> Scenario:
    parent = _extended(child)
    documents = [child] if parent is None else [child, parent]
    unreadable = [problem for document in documents for problem in document.problems]
    found: list[Problem] = []
    root = merge(child.root, parent.root if parent else None, found)
    reading = _read(root, child, found)
    if found or unreadable or reading is None:
        raise _refused(found, unreadable)
    starts, ends = reading.header.starts, reading.header.ends
    levers = [read.lever for read in reading.levers]
    reach = reach_of(levers, reading.world, ends) if levers else None
    noted = [
        *reading.world.cautions,
        *emptied(child.root, parent.root if parent else None),
        *replaced_rules(child.root, parent.root if parent else None),
        *long_reviews(root, reading.header.review),
        *cautions(reading.levers, reach, reading.world, starts=starts, ends=ends),
        *about_behaviour(root, reading.header.behaviour, reading.world, levers, reach),
        *about_changes(
            reading.changes,
            reading.base,
            reading.world,
            reading.levers,
            ends,
            reading.header.behaviour,
        ),
    ]
    idle = frozenset(x.id for x in levers if reach is not None and not x.meets(reach))
    about = _about(levers, idle, reach) if reach else {}
    idle |= {id for id, its in about.items() if not its}
    return _scenario(child, documents, root, reading, in_order(noted), idle, about)


def _about(
    levers: Iterable[Lever], idle: Collection[str], reach: Reach
) -> Mapping[str, Sequence[Where]]:
    felt = [x for x in levers if isinstance(x, Restriction) and x.id not in idle]
    in_time = {x.id: x.scopes_in_time(reach) for x in felt}
    if any(in_time.values()):
        return in_time
    return {x.id: x.scopes(reach.world) for x in felt}


@dataclass(frozen=True, slots=True)
class _Reading:
    """The checked parts of a scenario."""

    header: ScenarioText
    pack: PackName
    base: World
    """The pack as it is"""
    world: World
    """With the changes"""
    levers: list[ReadLever]
    changes: list[ReadChange]


def _extended(child: Document) -> Document | None:
    """The extended document; where it has faults, the child's own are said with them."""
    try:
        return extended_document(child)
    except BadInputError as error:
        found = list(error.problems)
        if not any(problem.place.file != child.source.name for problem in found):
            found = [*found, *_own_faults(child)]
        raise _refused(found, child.problems) from None


def _refused(found: Iterable[Problem], unreadable: Iterable[Problem]) -> BadInputError:
    return BadInputError([second_look(problem) for problem in in_order(found, unreadable)])


def _own_faults(child: Document) -> Iterator[Problem]:
    """Faults of a child whose parent is not there, as far as they can be told without it."""
    found: list[Problem] = []
    _read(merge(child.root, None, found), child, found)
    return (p for p in found if not p.message.endswith((" is missing", " to remove")))


def _read(root: Node, child: Document, found: list[Problem]) -> _Reading | None:
    """Check all parts, so that one fault hides no other."""
    entries = with_known_keys(root, ScenarioText, found, elsewhere=False)
    pack, base = _base_world(entries, child, found)
    changes, world = _changes(entries, pack, base, found)
    header = check(ScenarioText, entries, entries.plain(), world, found)
    levers = []
    for heading in HEADINGS:
        given = entries.entries().get(heading)
        if given is not None:
            levers += read_levers(heading, given, world, found)
    if header is None or pack is None or base is None or world is None:
        return None
    behaviour = behaviour_of(header.behaviour, world)
    return _Reading(
        header, pack, as_ruled(base, behaviour), as_ruled(world, behaviour), levers, changes
    )


def _base_world(
    entries: Node, child: Document, found: list[Problem]
) -> tuple[PackName | None, World | None]:
    """The pack as it is; without it, names cannot be checked."""
    given = entries.entries().get("pack")
    written = DEFAULT_PACK if given is None else given.value
    if not isinstance(written, str) or not written.strip():
        return None, None  # which the shape of a scenario does not allow
    try:
        # A scenario that is extended lies in the same folder, or names a pack of the program.
        beside, place = child.source.path.parent, (given or entries).place
        pack = find_pack(written, Path(shown_name(beside)), place)
        return pack, load_pack(pack.to_load)
    except BadInputError as error:
        found += error.problems
        return None, None


def _changes(
    entries: Node, pack: PackName | None, base: World | None, found: list[Problem]
) -> tuple[list[ReadChange], World | None]:
    """The changes and the world they make; where they have faults, the pack as it is."""
    given = entries.entries().get("changes")
    if given is None or base is None or pack is None:
        return [], base
    before = len(found)
    changes = read_changes(given, base, found)
    if len(found) > before or not changes:
        return changes, base
    return changes, changed_world(pack.to_load, changes, found) or base


def _scenario(
    child: Document,
    documents: list[Document],
    root: Node,
    reading: _Reading,
    warnings: list[Problem],
    idle: frozenset[str],
    about: Mapping[str, Sequence[Where]],
) -> Scenario:
    name = child.source.path.stem
    header, world = reading.header, reading.world
    levers = [each.lever for each in reading.levers]
    resolved = resolve(
        name, root, header, world, reading.pack.written, reading.levers, reading.changes
    )
    if PurePath(child.source.name).name != child.source.path.name:
        resolved = with_name(resolved, child.source.name, child.source.path.name)
    return Scenario(
        name=name,
        title=header.title or name,
        question=header.question or "",
        pack=reading.pack.to_load,
        world=world,
        starts=header.starts,
        ends=header.ends,
        review_days=header.review,
        seed=header.seed,
        behaviour=behaviour_of(header.behaviour, world),
        restrictions=tuple(lever for lever in levers if isinstance(lever, Restriction)),
        shocks=tuple(lever for lever in levers if isinstance(lever, Shock)),
        measures=tuple(lever for lever in levers if isinstance(lever, Measure)),
        changes=tuple(resolved["changes"]),
        notes=header.notes or "",
        resolved=resolved,
        warnings=tuple(warnings),
        idle=idle,
        about=about,
        # The file itself last: one that extends a shipped scenario of its own name hides that one's text.
        files={each.source.path.name: each.source.text for each in reversed(documents)},
        pack_files={
            str(PurePosixPath(reading.pack.written, name)): text
            for name, text in world.tables.items()
        },
    )
