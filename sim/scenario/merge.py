"""A scenario that extends another: one level, levers merged by id, the child's other keys win."""

from __future__ import annotations

from pathlib import Path

from sim.scenario.find import find_extended, shown_name
from sim.scenario.lever_entries import every_key
from sim.scenario.locate import key_of, place_of
from sim.scenario.reader import Document, read_document
from sim.scenario.schema import HEADINGS
from sim.scenario.tree import Node
from sim.words.problems import BadInputError, Problem, nearest, quote
from sim.words.texts import SourceText, read_text


def open_document(path: Path) -> Document:
    """Read a scenario file; raises `BadInputError` where it is not `key: value` lines."""
    return document_of(read_text(path, shown_name(path), what="a scenario"))


def document_of(source: SourceText) -> Document:
    """The document of a text that was read; raises as `open_document` does."""
    document = read_document(source, every_key())
    if not isinstance(document.root.value, dict):
        raise BadInputError(
            [
                *document.problems,
                Problem(
                    document.root.place,
                    "a scenario is made of `key: value` lines",
                    "begin with `title: ...`",
                ),
            ]
        )
    return document


def extended_document(child: Document) -> Document | None:
    """The document a child extends, if any."""
    target = child.root.entries().get("extends")
    if target is None or not isinstance(target.value, str):
        return None
    path = find_extended(target.value, child.source.path, target.place)
    if path.name == child.source.path.name and path.parent == child.source.path.parent:
        message = "a scenario cannot extend itself"
        raise BadInputError(
            [Problem(target.place, message, "name another one, or delete this line")]
        )
    parent = open_document(path)
    grandparent = parent.root.entries().get("extends")
    if grandparent is not None:
        raise BadInputError([_too_deep(child, target, grandparent)])
    return parent


def _too_deep(child: Document, target: Node, grandparent: Node) -> Problem:
    own, named = child.source.path, grandparent.value
    if named in (own.name, own.stem):
        message = f"{quote(target.value)} extends this scenario in turn"
        return Problem(target.place, message, "only one of the two can extend the other")
    message = f"{quote(target.value)} itself extends another scenario ({quote(named)})"
    return Problem(
        target.place, message, "one level only; extend that one, or write out what is needed"
    )


def merge(child: Node, parent: Node | None, found: list[Problem]) -> Node:
    """The merged scenario; faults in ids and removals are added to `found`."""
    below = dict(parent.entries()) if parent else {}
    # Notes speak of the file they stand in.
    below.pop("notes", None)
    merged = below | child.entries()
    for heading in HEADINGS:
        if heading in merged:
            merged[heading] = _merged_levers(
                below.get(heading), child.entries().get(heading), found
            )
    root = Node(merged, child.place)
    for node in (child, parent, root):
        if node is not None:
            _check_ids(node, found)
    return root


def _merged_levers(above: Node | None, own: Node | None, found: list[Problem]) -> Node:
    """The levers of one heading; what is not a list is returned as it is, to be refused later."""
    for given in (own, above):
        if given is not None and not isinstance(given.value, list):
            return given
    levers: dict[str | int, Node] = {}
    for number, lever in enumerate(above.elements() if above else []):
        levers[_id(lever) or number] = lever
    own_ids: set[str] = set()
    for number, lever in enumerate(own.elements() if own else [], start=len(levers)):
        name = _id(lever)
        if "remove" in lever.entries():
            _remove(lever, levers, found)
        elif name in levers and name not in own_ids and "kind" not in lever.entries():
            found.append(_only_a_part(lever, levers[name]))
        else:
            # A second lever of the same name is a fault, but is checked like any other.
            levers[number if name is None or name in own_ids else name] = lever
        own_ids |= {name} if name else set()
    whole = own or above
    assert whole is not None, "a heading is merged only where one of the files has it"
    return Node(list(levers.values()), whole.place, whole.key_place)


def _only_a_part(lever: Node, whole: Node) -> Problem:
    """A lever is replaced as a whole; who writes one setting of it means to change that one."""
    place = place_of(whole)
    message = f"this would replace the lever {quote(_id(lever))} as a whole, and has no `kind`"
    help = f"copy all its settings from line {place.line} of {place.file}, and change what differs"
    return Problem(place_of(lever), message, help)


def _remove(lever: Node, levers: dict[str | int, Node], found: list[Problem]) -> None:
    entries = lever.entries()
    if entries["remove"].value is not True:
        found.append(
            Problem(entries["remove"].place, "`remove` can only be true", "or delete this line")
        )
    extra = next((key for key in entries if key not in ("id", "remove")), None)
    if extra:
        help = "`remove: true` stands with `id` alone; without it the lever is replaced"
        found.append(Problem(key_of(lever, extra), "a removed lever has no settings", help))
    name, known = _id(lever) or "", [key for key in levers if isinstance(key, str)]
    if levers.pop(name, None) is None:
        meant = nearest(name, known)
        there = f"there are: {', '.join(known) or 'none'}"
        place = entries["id"].place if "id" in entries else place_of(lever)
        help = f"did you mean `{meant}`? {there}" if meant else there
        found.append(Problem(place, f"there is no lever {quote(name)} to remove", help))


def _check_ids(root: Node, found: list[Problem]) -> None:
    """An id names one lever of a file, whatever the heading."""
    seen: dict[str, Node] = {}
    for heading in HEADINGS:
        levers = root.entries().get(heading)
        for lever in levers.elements() if levers else []:
            name = _id(lever)
            if name is None:
                continue
            first = seen.setdefault(name, lever)
            if first is not lever:
                before, place = first.entries()["id"].place, lever.entries()["id"].place
                where = f"in {before.file} " if before.file != place.file else ""
                message = f"the id {quote(name)} is used twice (first {where}on line {before.line})"
                found.append(Problem(place, message, "give each lever its own id"))


def _id(lever: Node) -> str | None:
    name = lever.entries().get("id")
    return name.value if name and isinstance(name.value, str) else None
