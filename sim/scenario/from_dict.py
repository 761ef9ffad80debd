"""A scenario given as a dict becomes the text that somebody would have written for it.

So all that is said of a file holds for it: its faults have a line and a caret, and the run folder keeps a file
that gives the same run.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import yaml

from sim.scenario.reader import DEEPEST_LEVEL, MOST_ENTRIES, core_1_2
from sim.words.problems import BadInputError, Place, Problem
from sim.words.quantities import is_ambiguous

WIDEST = 100_000
"""Columns; no line is broken."""


def as_text(given: Mapping[Any, Any], shown: str) -> str:
    """The YAML text of a dict of what YAML has: texts, numbers, yes or no, dates, lists and dicts.

    Raises `BadInputError`, in which the dict is called `shown`, for anything else, and for what holds itself.
    """
    text: str = yaml.dump(
        _plain(given, shown, ()), Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=WIDEST,
        default_flow_style=False,
    )  # fmt: skip
    return text


class _Dumper(yaml.SafeDumper):
    """Writes what `sim.scenario.reader` reads as the same."""

    def ignore_aliases(self, data: Any) -> bool:
        """A list that stands in two places is written twice."""
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    # Some texts that this library takes for plain ones are numbers to the reader, such as 1e5.
    style = "|" if "\n" in text else None if isinstance(core_1_2(text), str) else "'"
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _number(dumper: yaml.SafeDumper, number: float) -> yaml.ScalarNode:
    node = dumper.represent_float(number)
    if is_ambiguous(node.value):  # to who reads it as text; a number has no thousands
        node.value += "0"
    return node


_Dumper.add_representer(str, _text)
_Dumper.add_representer(float, _number)


def _plain(value: object, shown: str, where: tuple[str, ...]) -> object:
    """The same of plain types: numbers of arrays and tables as numbers, dates as texts."""
    if len(where) > DEEPEST_LEVEL:
        raise _refused(shown, where[:3], "has too many levels", f"at most {DEEPEST_LEVEL}")
    if isinstance(value, Mapping | list | tuple) and len(value) > MOST_ENTRIES:
        raise _refused(shown, where, "has too many entries", f"at most {MOST_ENTRIES}")
    if isinstance(value, Mapping):
        return {str(k): _plain(its, shown, (*where, str(k))) for k, its in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(its, shown, (*where, str(n))) for n, its in enumerate(value)]
    if isinstance(value, date):  # a point in time is one too
        return date(value.year, value.month, value.day).isoformat()
    # Numbers of numpy and pandas know the one of Python that they are.
    item = getattr(value, "item", None)
    plain = item() if callable(item) else value
    if plain is None or isinstance(plain, str | bool | int | float):
        return str(plain) if isinstance(plain, str) else plain
    what = f"is of the type `{type(value).__name__}`"
    raise _refused(shown, where, what, "write a text, a number, a date, a list or a dict")


def _refused(shown: str, where: tuple[str, ...], what: str, help: str) -> BadInputError:
    at = ".".join(where) or "the scenario"
    return BadInputError([Problem(Place(shown), f"`{at}` {what}", help)])
