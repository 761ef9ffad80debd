"""YAML text becomes a tree that knows its places: scalars, lists and mappings, nothing else.

The parser's events are a flat stream: nothing is built by tag and nothing recurses, so no file can
run code, multiply itself by aliases or exhaust the stack. Scalars follow the core schema of YAML
1.2: `No`, `on`, `Y` and dates stay text.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import yaml

from sim.scenario.characters import CLOSING, COLONS, PLAIN, name_of
from sim.scenario.slips import MendedText, Slip, missing_space, odd_characters, slips_in
from sim.scenario.syntax import explain, lines_of, odd_indents
from sim.scenario.tree import Node, Scalar
from sim.words.problems import BadInputError, Place, Problem, quote
from sim.words.quantities import is_ambiguous
from sim.words.texts import SourceText, odd_character

MOST_ENTRIES = 20_000
DEEPEST_LEVEL = 40
MOST_DIGITS = 30
MOST_MENDINGS = 10
"""Times that a text is mended; who needs more has the first faults to look at."""
MANY_LINES = 5_000
"""A text of so many is mended once: no scenario is as long."""
_TO_THE_END = 1_000_000_000
"""Length of what goes on over several lines; the line's end cuts it."""

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DIGITS = re.compile(r"[0-9]")
_STUCK = re.compile(rf"(?P<key>[A-Za-z_][\w-]*)\s*(?P<sign>[:={COLONS}])\s*(?P<value>[^\s/].*)")
_INTEGER = re.compile(r"[-+]?[0-9]+")
_DECIMAL = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")


@dataclass(frozen=True, slots=True)
class Document:
    """A file's tree and the faults that left it readable."""

    source: SourceText
    root: Node
    problems: tuple[Problem, ...]


def read_document(source: SourceText, keys: Collection[str] = ()) -> Document:
    """Read a file's text; raises `BadInputError` where no tree can be made of it.

    `keys` are those that people may write anywhere in it.
    """
    text, slips = _mended(source, keys)
    builder = _Builder(text, problems=[slip.problem for slip in slips])
    try:
        for event in yaml.parse(text.text, _LOADER):
            builder.take(event)
    except yaml.YAMLError as error:
        raise BadInputError([*builder.problems, *_named(builder, explain(text, error))]) from None
    except _StopReading:
        raise BadInputError(builder.problems) from None
    odd = list(
        odd_indents(text, last_line=len(text.lines), inside_text=builder.inside_text, tabs=False)
    )
    if odd:
        raise BadInputError([*builder.problems, *odd])
    if builder.root is None or builder.root.value is None:
        raise BadInputError(
            [Problem(source.place(1, 1), "the file is empty", "begin with `title: ...`")]
        )
    return Document(source, builder.root, tuple(builder.problems))


def _mended(source: SourceText, keys: Collection[str]) -> tuple[MendedText, list[Slip]]:
    """The text without the slips over which the parser trips, so that what else is wrong shows too."""
    text, slips = MendedText(source, source.lines), list[Slip]()
    failed = _failure(text)
    if failed is None and not _has_entries(text):
        # Where no line has a space behind its colon, the whole file is one long text.
        found = list(slips_in(text, keys))
        better = text.without(found)
        if found and _failure(better) is None and _has_entries(better):
            return better, found
    for _ in range(MOST_MENDINGS if len(text.lines) < MANY_LINES else 1):
        if failed is None:
            break
        for found in _attempts(text, failed, keys):
            better = text.without(found)
            fails_then = _failure(better)
            if fails_then is None or _line(fails_then) > _line(failed):
                text, failed, slips = better, fails_then, [*slips, *found]
                break
        else:
            break
    return text, slips


def _attempts(
    text: MendedText, failed: yaml.MarkedYAMLError, keys: Collection[str]
) -> Iterator[list[Slip]]:
    """Slips that may have made the parser fail, the likeliest first."""
    found = list(slips_in(text, keys))
    if found:
        yield found
        yield [slip for slip in found if slip.line <= _line(failed)]
    mark = failed.problem_mark
    if mark is not None and mark.line < len(text.lines):
        slip = missing_space(text, mark.line + 1, mark.column + 1)
        if slip is not None:
            yield [slip]
    yield from odd_characters(text, lines_of(text, failed))


def _failure(text: MendedText) -> yaml.MarkedYAMLError | None:
    """Where the parser gives up."""
    try:
        for _ in yaml.parse(text.text, _LOADER):
            pass
    except yaml.MarkedYAMLError as error:
        return error
    except yaml.YAMLError:
        pass
    return None


def _has_entries(text: MendedText) -> bool:
    """Whether a text is a mapping or a list, as far as it can be read."""
    try:
        events = (
            event for event in yaml.parse(text.text, _LOADER) if isinstance(event, yaml.NodeEvent)
        )
        return not isinstance(next(events, None), yaml.ScalarEvent)
    except yaml.YAMLError:
        return True


def _line(error: yaml.MarkedYAMLError) -> int:
    return error.problem_mark.line + 1 if error.problem_mark else 1


def core_1_2(text: str) -> Scalar:
    """A plain scalar as YAML 1.2's core schema reads it, without octal and infinity.

    1.234 stays text: whoever needs a number there asks whether thousands or decimals are meant.
    """
    if text in ("", "~", "null", "Null", "NULL"):
        return None
    if text in ("true", "True", "TRUE"):
        return True
    if text in ("false", "False", "FALSE"):
        return False
    if len(text) > MOST_DIGITS:
        return text
    if _INTEGER.fullmatch(text):
        return int(text)
    if _DECIMAL.fullmatch(text) and not is_ambiguous(text):
        number = float(text)
        return number if abs(number) < float("inf") else text
    return text


def _named(builder: _Builder, syntax: Problem) -> list[Problem]:
    """Odd spaces up to a syntax fault are its cause and are named in its place."""
    odd = list(
        odd_indents(
            builder.source, last_line=syntax.place.line, inside_text=builder.inside_text, tabs=True
        )
    )
    rest = (
        syntax.place.text[syntax.place.column - 1 :],
        *builder.source.lines[syntax.place.line :],
    )
    unclosed = next((each for each in builder.open if each.is_flow), None)
    if not odd and unclosed is not None and not any(line.strip() for line in rest):
        sign = "]" if isinstance(unclosed.value, list) else "}"
        message = f"the `{unclosed.place.text[unclosed.place.column - 1]}` here is not closed"
        return [Problem(unclosed.place, message, f"close it with `{sign}`")]
    return odd or [syntax]


class _StopReading(Exception):  # noqa: N818 - not an error: the fault is noted already
    """The rest of the file cannot be understood."""


@dataclass(slots=True)
class _Open:
    """A list or mapping that is being read."""

    value: dict[str, Node] | list[Node]
    place: Place
    key_place: Place | None
    is_flow: bool
    """Written as [..] or {..}."""
    key: Node | None = None
    """A mapping's key whose value comes next."""


@dataclass(slots=True)
class _Builder:
    """Turns events into nodes."""

    source: MendedText
    root: Node | None = None
    problems: list[Problem] = field(default_factory=list)
    inside_text: set[int] = field(default_factory=set)
    open: list[_Open] = field(default_factory=list)
    entries: int = 0
    documents: int = 0

    def take(self, event: yaml.Event) -> None:
        """Take in the next event."""
        if isinstance(event, yaml.DocumentStartEvent):
            self._begin_document(event)
        elif isinstance(event, yaml.NodeEvent):
            self._refuse_anchors_and_tags(event)
            self._count(event)
        if isinstance(event, yaml.AliasEvent):
            self._put(Node(None, self._place(event), self._key_place()))
        elif isinstance(event, yaml.ScalarEvent):
            self._scalar(event)
        elif isinstance(event, yaml.CollectionStartEvent):
            self._begin(event)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._close(event)

    def _begin_document(self, event: yaml.DocumentStartEvent) -> None:
        self.documents += 1
        if event.version or event.tags:
            self._stop(
                event, "YAML directives (lines with `%`) are not allowed", "delete this line"
            )
        if self.documents > 1:
            self._stop(event, "a second document begins here", "keep one scenario in a file")

    def _refuse_anchors_and_tags(self, event: yaml.NodeEvent) -> None:
        if isinstance(event, yaml.AliasEvent):
            self._note(event, f"the alias {quote('*' + str(event.anchor))} is not allowed",
                       "write the value out, or put the text in quotes")  # fmt: skip
            return
        if event.anchor is not None:
            self._note(event, f"the anchor {quote('&' + str(event.anchor))} is not allowed",
                       "write the value out where it is needed")  # fmt: skip
        elif getattr(event, "tag", None) is not None:
            place = self._place(event)
            written = place.text[place.column - 1 :].split()
            self._note(event, f"the tag {quote(written[0] if written else '!')} is not allowed",
                       "delete it, or put the text in quotes")  # fmt: skip

    def _count(self, event: yaml.NodeEvent) -> None:
        self.entries += 1
        if self.entries > MOST_ENTRIES:
            self._stop(event, "the file has too many entries", f"at most {MOST_ENTRIES}")

    def _begin(self, event: yaml.CollectionStartEvent) -> None:
        if self._needs_key():
            self._stop(event, "a key must be a plain text", "put it in quotes if it is one")
        if len(self.open) >= DEEPEST_LEVEL:
            self._stop(event, "too many levels inside one another", f"at most {DEEPEST_LEVEL}")
        value: dict[str, Node] | list[Node] = (
            [] if isinstance(event, yaml.SequenceStartEvent) else {}
        )
        flow = bool(event.flow_style)
        self.open.append(_Open(value, self._place(event), self._key_place(), flow))

    def _close(self, event: yaml.CollectionEndEvent) -> None:
        closed = self.open.pop()
        place, (_, end) = closed.place, _marks(event)
        if closed.is_flow and end.line + 1 == place.line:
            place = replace(place, length=end.column + 1 - place.column)
        self._put(Node(closed.value, place, closed.key_place))

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        plain = event.style in (None, "")
        if event.style == '"' and (odd := odd_character(event.value)):
            self._note(event, f"{odd} is written in this text", "leave it out")
        if not plain:
            start, end = _marks(event)
            self.inside_text.update(range(start.line + 2, end.line + 2))
        # A no-break space at the end is no part of a name, a date or a number.
        text = event.value.strip() if plain else event.value
        if self._needs_key():
            self._key(Node(text, self._place(event)))
            return
        if plain:
            self._quoted_by_curls(event)
        value = core_1_2(text) if plain else text
        self._put(Node(value, self._place(event), self._key_place()))

    def _key(self, key: Node) -> None:
        mapping = self.open[-1]
        mapping.key = key
        first = mapping.value.get(str(key.value)) if isinstance(mapping.value, dict) else None
        if first is not None and first.key_place is not None:
            line = first.key_place.line
            self.problems.append(
                Problem(
                    key.place,
                    f"{quote(key.value)} is given twice (first on line {line})",
                    "keep one of them",
                )
            )

    def _put(self, node: Node) -> None:
        if not self.open:
            self.root = node
            return
        parent = self.open[-1]
        if isinstance(parent.value, list):
            parent.value.append(node)
        elif parent.key is None:
            raise _StopReading
        else:
            if parent.is_flow and node.value is None:
                if _DIGITS.match(str(parent.key.value)):
                    self._decimal_comma(parent.key, list(parent.value.values())[-1:])
                    parent.key = None
                    return
                if (apart := self._stuck(parent.key)) is not None:
                    parent.key, node = apart[0], replace(apart[1], key_place=apart[0].place)
            parent.value.setdefault(str(parent.key.value), node)
            parent.key = None

    def _quoted_by_curls(self, event: yaml.ScalarEvent) -> None:
        """Note a text that ends where its quotes were meant to keep it together."""
        begins, place = event.value[:1], self._place(event)
        closing = CLOSING.get(begins)
        if closing is None or closing in event.value[1:]:
            return
        rest = place.text[place.column - 1 + place.length :]
        if rest.lstrip().startswith("#") and closing in rest:
            what = f"{name_of(begins)} is no quote in YAML, so that the text ends before `#`"
            problem = Problem(replace(place, length=1), what, f"write `{PLAIN[begins]}` instead")
            self.problems.append(problem)

    def _stuck(self, key: Node) -> tuple[Node, Node] | None:
        """Key and value that stand together without a space inside { }."""
        match = _STUCK.match(str(key.value))
        if match is None:
            return None
        place = key.place
        at = place.column + match.start("sign")
        sign = match["sign"]
        what = "a space is missing after this colon" if sign == ":" else (
            f"`{sign}` stands in place of `:`" if sign.isascii() else f"{name_of(sign)} stands in place of `:`"
        )  # fmt: skip
        help = "write `: ` (a colon and a space)"
        self.problems.append(Problem(replace(place, column=at, length=1), what, help))
        value = match["value"].strip()
        start = place.column + match.start("value")
        return (
            Node(match["key"], replace(place, length=len(match["key"]))),
            Node(core_1_2(value), replace(place, column=start, length=max(1, len(value)))),
        )

    def _decimal_comma(self, key: Node, before: Sequence[Node]) -> None:
        """Note a number with a comma where that parts entries, so that its halves are not called wrong too."""
        message = f"inside {{ }} a comma begins the next entry, here {quote(key.value)}"
        place = key.place
        if before and before[0].place.line == place.line and _DIGITS.match(str(before[0].value)):
            first = before[0].place
            place = replace(first, length=place.column + place.length - first.column)
        self.problems.append(Problem(place, message, "if it is a decimal, write it with a point"))

    def _needs_key(self) -> bool:
        return bool(self.open) and isinstance(self.open[-1].value, dict) and not self.open[-1].key

    def _key_place(self) -> Place | None:
        key = self.open[-1].key if self.open else None
        return key.place if key else None

    def _place(self, event: yaml.Event) -> Place:
        start, end = _marks(event)
        length = end.column - start.column if end.line == start.line else _TO_THE_END
        return self.source.place(start.line + 1, start.column + 1, length)

    def _note(self, event: yaml.Event, message: str, help: str) -> None:
        self.problems.append(Problem(self._place(event), message, help))

    def _stop(self, event: yaml.Event, message: str, help: str) -> None:
        self._note(event, message, help)
        raise _StopReading


def _marks(event: yaml.Event) -> tuple[Any, Any]:
    """Where an event begins and ends; the parsers in use give both for every event."""
    return event.start_mark, event.end_mark
