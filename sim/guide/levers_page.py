"""The page `docs/levers.md`: every kind of lever with its settings, an example and its limits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any, get_args

from sim.guide.example import Entry, Examples, as_yaml, on_one_line
from sim.guide.settings import Setting, settings
from sim.guide.texts import texts_of
from sim.lever import Lever, PhaseKind, settings_of
from sim.levers import KINDS
from sim.world.world import World

FILE_NAME = "levers.md"

_HEAD = """\
# Levers

<!-- Written by `python -m sim.guide` from the levers themselves; do not edit. -->

A scenario changes the world by *levers*: restrictions, shocks and measures. This page says for each kind what
it does, what can be set, how that is written, and what it does not cover. `critmin list levers KIND` prints
most of it; the names used here are those of the pack `{pack}`.

Every lever has an `id` of your choice and a `kind`, and says where its dates and numbers come from: `source`
(a publication) or `reason` (why they are assumed). Any single value can say so by itself, for example
`capacity: {{value: 1500 t/yr, source: ...}}`.

Numbers carry their unit: `45 d`, `45 working days`, `1200 t/yr`, `40 %`. A number without one is refused.
Dates are written year, month, day: `2026-04-01`.
"""

_SAID_ABOVE = ("id", "kind", "source", "reason")
"""Settings that the head of the page explains for all levers."""
_PHASES = """\
## Phases

A lever with a setting `phases` has either `starts` (and `ends`), or a list of phases by date:
{kinds}.
It acts from `in_force` on; `announced` changes nothing yet, `paused` lets everything pass until `resumed`,
`eased` may restate settings, which then hold until they are restated, and `ended` is the end. Each phase may
have its own `source` or `reason`.
"""


def levers_page(world: World) -> str:
    """The page as Markdown."""
    return "\n".join(_lines(world))


def _lines(world: World) -> Iterator[str]:
    examples = Examples(world)
    yield _HEAD.format(pack=world.id)
    yield "| kind | under | what it does |\n| --- | --- | --- |"
    for heading, kinds in KINDS.items():
        for kind, model in kinds.items():
            yield f"| [`{kind}`](#{kind}) | `{heading}` | {texts_of(model).summary} |"
    yield ""
    yield _PHASES.format(kinds=", ".join(f"`{phase}`" for phase in get_args(PhaseKind)))
    for heading, kinds in KINDS.items():
        for kind, model in kinds.items():
            yield from _kind(heading, kind, model, examples)


def _kind(heading: str, kind: str, model: type[Lever], examples: Examples) -> Iterator[str]:
    texts, example = texts_of(model), examples.of(kind, model)
    explained = [s for s in settings(model) if s.key not in _SAID_ABOVE]
    yield f"## {kind}\n"
    yield "\n\n".join((texts.summary, *texts.body)) + "\n"
    yield f"Under `{heading}`:\n\n```yaml\n{as_yaml(heading, example)}```\n"
    yield f"In the report: {_sentence(model, example, examples.world)}\n"
    yield "| setting | written as | units | if left out | example | what it is |"
    yield "| --- | --- | --- | --- | --- | --- |"
    yield from (_row(setting, example, examples) for setting in explained)
    yield ""
    if any(setting.key == "phases" for setting in explained):
        yield from _phases(kind, model, example, examples)
    if texts.limits:
        yield f"Limits: {texts.limits}\n"


def _row(setting: Setting, example: Entry, examples: Examples) -> str:
    value = next(chain(setting.examples, examples.named(setting)), "")
    value = example.get(setting.key, value)
    shown = "" if setting.key == "phases" or value == "" else f"`{on_one_line(value)}`"
    cells = (
        f"`{setting.key}`", setting.words, setting.units, setting.left_out, shown,
        setting.meaning,
    )  # fmt: skip
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def _phases(kind: str, model: type[Lever], example: Entry, examples: Examples) -> Iterator[str]:
    entry = examples.with_phases(kind, model, example)
    lines = as_yaml("", {"phases": entry["phases"]}).splitlines()[1:]
    block = "\n".join(line[4:] for line in lines)
    yield f"With phases in place of dates:\n\n```yaml\n{block}\n```\n"
    yield f"`eased` may restate {', '.join(f'`{key}`' for key in settings_of(model))}.\n"


def _sentence(model: type[Lever], entry: Mapping[str, Any], world: World) -> str:
    return model.model_validate(entry, context={"world": world}).sentence(world)
