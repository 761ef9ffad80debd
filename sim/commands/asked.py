"""What is said of a command or an option that is not there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from sim.words.absent import what_is_said_of
from sim.words.problems import list_names, nearest, quote

_COMMANDS = {
    "run": "simulate simulation execute start go",
    "check": "validate validation lint verify test",
    "figures": "figure plot plots draw chart charts graph graphs redraw",
    "report": "page html reports",
    "compare": "comparison diff difference versus vs side-by-side",
    "list": "ls show names help-list packs scenarios levers elements sites",
    "new": "init create copy template",
    "calibration": "calibrate",
    "schema": "jsonschema json-schema",
}
"""Command -> other words for it."""
_OPTIONS = {
    "--jobs": "--workers --worker --threads --processes --parallel --cores --cpus --procs -j -w",
    "--out": "--output --out-dir --outdir --output-dir --dir --folder --results --to -o",
    "--no-figures": "--no-plots --no-plot --nofigures --no-figure --tables-only",
    "--seed": "--random-seed --rng -s",
    "--size": "--pagesize --page-size",
    "--bare": "--no-title --no-titles --no-caption --no-heading --no-source --untitled --caption",
    "--pack": "--world --data --dataset",
    "--help": "--usage -?",
    "--version": "-V -v",
}
"""Option -> other words for it."""
_IN_THE_SCENARIO = ("pack", "starts", "start", "ends", "end", "review", "title", "extends", "seed")
"""Options for what a scenario says itself."""
_ITS_KEY = {"start": "starts", "end": "ends"}


def no_such_command(given: str, commands: Sequence[str]) -> str:
    """What is said of a command that is not there."""
    absent = what_is_said_of(given, command=True)
    if absent is not None:
        return "; ".join(absent)
    said = f"there is no command {quote(given)}"
    meant = nearest(given, commands, _spellings(_COMMANDS))
    if meant is not None:
        return f"{said}; did you mean `{meant}`? {list_names(commands)}"
    if _is_scenario(given):
        return f"{said}; to run the scenario of this name: critmin run {given}"
    return f"{said}; {list_names(commands)}"


def no_such_option(error: click.NoSuchOption, group: click.Group) -> str:
    """What is said of an option that its command does not have."""
    given, command = error.option_name, error.ctx.command if error.ctx else group
    known = [name for name in _options(command) if name.startswith("--")]
    if error.ctx is not None:
        known += error.ctx.help_option_names
    absent = what_is_said_of(given, command=True)
    if absent is not None:
        return "; ".join(absent)
    said = f"`critmin {command.name}` has" if command is not group else "`critmin` alone has"
    said, key = f"{said} no option {quote(given)}", given.lstrip("-")
    if key in _IN_THE_SCENARIO and command.name in ("run", "check", "new"):
        return f"{said}; the scenario says it: `{_ITS_KEY.get(key, key)}: ...`"
    if key in ("dry-run", "check", "validate"):
        return f"{said}; `critmin check` reads a scenario and simulates nothing"
    others = [name for name, other in group.commands.items() if given in _options(other)]
    if others:
        return f"{said}; {list_names([f'critmin {name} {given}' for name in others])}"
    # The dashes are alike in all options, and would count as likeness.
    plain = {name.lstrip("-"): name for name in known}
    also = {word.lstrip("-"): name for word, name in _spellings(_OPTIONS).items() if name in known}
    meant = nearest(key, plain, {word: name.lstrip("-") for word, name in also.items()})
    return f"{said}; " + (f"did you mean `{plain[meant]}`? " if meant else "") + list_names(known)


def _options(command: click.Command) -> Iterator[str]:
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            yield from (*parameter.opts, *parameter.secondary_opts)


def _is_scenario(given: str) -> bool:
    if given.lower().endswith((".yaml", ".yml")) or Path(given).is_file():
        return True
    from sim.scenario import shipped_names

    return given in shipped_names()


def _spellings(words: dict[str, str]) -> dict[str, str]:
    return {word: name for name, others in words.items() for word in others.split()}
