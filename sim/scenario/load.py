"""From a name or path to a checked scenario; every fault of all its files is raised at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sim.lever import Lever, Measure, Restriction, Shock
from sim.problems import BadInputError, Problem, quote, suggest
from sim.scenario.cautions import cautions, emptied
from sim.scenario.change_entries import ReadChange, changed_world, read_changes
from sim.scenario.find import find_scenario
from sim.scenario.hints import second_look
from sim.scenario.lever_entries import ReadLever, read_levers, with_known_keys
from sim.scenario.locate import check, in_order
from sim.scenario.merge import extended_document, merge, open_document
from sim.scenario.reader import Document
from sim.scenario.resolved import resolve
from sim.scenario.schema import DEFAULT_PACK, HEADINGS, ScenarioText
from sim.scenario.tree import Node
from sim.world import World, load_pack, pack_ids


@dataclass(frozen=True, slots=True)
class Scenario:
    """A scenario that can be run."""

    name: str
    """The file's name without its suffix."""
    title: str
    question: str
    pack: str
    world: World = field(repr=False)
    """The pack with the scenario's changes applied."""
    starts: date
    ends: date
    """First day after the results."""
    review_days: float
    seed: int
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
    files: Mapping[str, str] = field(repr=False)
    """Texts read, by file name, the scenario's own last."""

    @property
    def levers(self) -> tuple[Lever, ...]:
        """Restrictions, then shocks, then measures."""
        return (*self.restrictions, *self.shocks, *self.measures)


def load(name_or_path: str) -> Scenario:
    """Read and check a scenario; raises `BadInputError` with every fault found."""
    child = open_document(find_scenario(name_or_path))
    parent = _extended(child)
    documents = [child] if parent is None else [child, parent]
    unreadable = [problem for document in documents for problem in document.problems]
    found: list[Problem] = []
    root = merge(child.root, parent.root if parent else None, found)
    reading = _read(root, found)
    if found or unreadable or reading is None:
        raise _refused(found, unreadable)
    noted = [
        *emptied(child.root, parent.root if parent else None),
        *cautions(
            reading.levers, reading.world, starts=reading.header.starts, ends=reading.header.ends
        ),
    ]
    return _scenario(child, documents, root, reading, in_order(noted))


@dataclass(frozen=True, slots=True)
class _Reading:
    """The checked parts of a scenario."""

    header: ScenarioText
    world: World
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
    _read(merge(child.root, None, found), found)
    return (p for p in found if not p.message.endswith((" is missing", " to remove")))


def _read(root: Node, found: list[Problem]) -> _Reading | None:
    """Check all parts, so that one fault hides no other."""
    entries = with_known_keys(root, ScenarioText, found, elsewhere=False)
    pack, base = _base_world(entries, found)
    changes, world = _changes(entries, pack, base, found)
    header = check(ScenarioText, entries, entries.plain(), world, found)
    levers = []
    for heading in HEADINGS:
        given = entries.entries().get(heading)
        if given is not None:
            levers += read_levers(heading, given, world, found)
    if header is None or world is None:
        return None
    return _Reading(header, world, levers, changes)


def _base_world(entries: Node, found: list[Problem]) -> tuple[str, World | None]:
    """The pack as it is; without it, names cannot be checked."""
    given = entries.entries().get("pack")
    pack = DEFAULT_PACK if given is None else given.value
    if not isinstance(pack, str):
        return "", None
    if pack not in pack_ids():
        assert given is not None, "the default pack is shipped"
        found.append(Problem(given.place, f"unknown pack {quote(pack)}", suggest(pack, pack_ids())))
        return pack, None
    return pack, load_pack(pack)


def _changes(
    entries: Node, pack: str, base: World | None, found: list[Problem]
) -> tuple[list[ReadChange], World | None]:
    """The changes and the world they make; where they have faults, the pack as it is."""
    given = entries.entries().get("changes")
    if given is None or base is None:
        return [], base
    before = len(found)
    changes = read_changes(given, base, found)
    if len(found) > before or not changes:
        return changes, base
    return changes, changed_world(pack, changes, found) or base


def _scenario(
    child: Document,
    documents: list[Document],
    root: Node,
    reading: _Reading,
    warnings: list[Problem],
) -> Scenario:
    name = child.source.path.stem
    header, world = reading.header, reading.world
    levers = [each.lever for each in reading.levers]
    resolved = resolve(name, root, header, world, reading.levers, reading.changes)
    return Scenario(
        name=name,
        title=header.title or name,
        question=header.question or "",
        pack=header.pack,
        world=world,
        starts=header.starts,
        ends=header.ends,
        review_days=header.review,
        seed=header.seed,
        restrictions=tuple(lever for lever in levers if isinstance(lever, Restriction)),
        shocks=tuple(lever for lever in levers if isinstance(lever, Shock)),
        measures=tuple(lever for lever in levers if isinstance(lever, Measure)),
        changes=tuple(resolved["changes"]),
        notes=header.notes or "",
        resolved=resolved,
        warnings=tuple(warnings),
        # The file itself last: one that extends a shipped scenario of its own name hides that one's text.
        files={each.source.path.name: each.source.text for each in reversed(documents)},
    )
