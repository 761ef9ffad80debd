"""A second look at what was refused: often the fault is a character that nobody sees."""

from __future__ import annotations

import re
from dataclasses import replace

from sim.scenario.characters import name_of, odd_in
from sim.words.problems import Problem

LONGEST = 80
"""Characters of a name, a date or a number; what is longer is a text, where such characters do no harm."""
_STUCK = re.compile(r"[A-Za-z_][\w-]*\s*(?P<sign>[:=])\S")


def second_look(problem: Problem) -> Problem:
    """The fault with the character named that makes it one, where there is such."""
    place = problem.place
    start = place.column - 1
    marked = place.text[start : start + place.length]
    if not marked or len(marked) > LONGEST or marked[0] in "[{" or _is_explained(problem.message):
        return problem
    odd = odd_in(marked)
    if odd is not None:
        index, help = odd
        return Problem(
            replace(place, column=place.column + index, length=1),
            f"{problem.message}: it has {name_of(marked[index])} in it",
            _both(help, problem.help),
            problem.severity,
        )
    help = _help(marked, place.text[:start], problem)
    return replace(problem, help=_both(help, problem.help)) if help else problem


def _help(marked: str, before: str, problem: Problem) -> str:
    stuck = _STUCK.match(marked)
    if stuck is not None and problem.message.endswith("`key: value` lines"):
        return f"write a colon and a space where `{stuck['sign']}` stands"
    if re.match(r"-[A-Za-z]", marked) and not before.strip():
        return "put a space after each `-` that begins an entry"
    if marked[-1] in ",;" and len(marked) > 1:
        return f"delete the `{marked[-1]}` at its end"
    return ""


def _both(first: str, second: str) -> str:
    return f"{first}; {second}" if second else first


def _is_explained(message: str) -> bool:
    """Whether it names a character already, or is about something that is not there."""
    return "(U+" in message or message.endswith(" is missing")
