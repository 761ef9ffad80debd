"""What a YAML file says, as a tree in which every key and value knows its place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sim.words.problems import Place

Scalar = str | int | float | bool | None
Location = Sequence[str | int]


@dataclass(frozen=True, slots=True)
class Node:
    """A value with its place, and that of its key where it has one."""

    value: Scalar | dict[str, Node] | list[Node]
    place: Place
    key_place: Place | None = None

    @property
    def file(self) -> str:
        """The file that set it."""
        return self.place.file

    def entries(self) -> dict[str, Node]:
        """Key -> node of a mapping; nothing for any other value."""
        return self.value if isinstance(self.value, dict) else {}

    def elements(self) -> list[Node]:
        """The nodes of a list; nothing for any other value."""
        return self.value if isinstance(self.value, list) else []

    def plain(self) -> object:
        """Nested dicts, lists and scalars without places."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value

    def at(self, location: Location) -> Node:
        """The node at a location, or the nearest one above it."""
        node = self
        for part in location:
            below = node._below(part)
            if below is None:
                return node
            node = below
        return node

    def _below(self, part: str | int) -> Node | None:
        if isinstance(self.value, dict) and isinstance(part, str):
            return self.value.get(part)
        if isinstance(self.value, list) and isinstance(part, int) and part < len(self.value):
            return self.value[part]
        return None

    def walk(self) -> Iterator[Node]:
        """The node and all below it; never deeper than the reader allows."""
        yield self
        for node in self.entries().values():
            yield from node.walk()
        for node in self.elements():
            yield from node.walk()
