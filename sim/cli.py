"""The commands: arguments in, an exit code and a few lines out.

Heavy libraries are imported inside the commands that need them, so that help and checks stay quick.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import sim
from sim.problems import BadInputError, CritminError, render

if TYPE_CHECKING:
    import pandas as pd

    from sim.world.world import World

DONE, FAILED, BAD_INPUT, STOPPED = 0, 1, 2, 130
ROWS_SHOWN = 20


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(sim.__version__, prog_name="critmin")
def critmin() -> None:
    """What is missing, where and for how long, if exports of critical minerals are restricted."""


def main() -> None:
    """Run the command line; every fault of ours becomes a message and an exit code."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="replace")
    try:
        critmin.main(standalone_mode=False)
    except BadInputError as error:
        for problem in error.problems:
            click.echo(render(problem), err=True)
        sys.exit(BAD_INPUT)
    except CritminError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(FAILED)
    except click.exceptions.Abort:
        click.echo("stopped", err=True)
        sys.exit(STOPPED)
    except KeyboardInterrupt:
        click.echo("stopped", err=True)
        sys.exit(STOPPED)
    except click.ClickException as error:
        error.show()
        sys.exit(BAD_INPUT)
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        click.echo(f"error: {error.strerror or error}{where}", err=True)
        sys.exit(FAILED)


@critmin.command()
@click.argument("scenarios", nargs=-1, required=True, metavar="SCENARIO...")
@click.option("--out", type=click.Path(path_type=Path), default=Path("results"), show_default=True,
              help="Folder under which the run folder is made.")  # fmt: skip
@click.option("--seed", type=click.IntRange(0), help="Replaces the scenario's seed.")
@click.option("--no-figures", is_flag=True, help="Tables only.")
def run(scenarios: Sequence[str], out: Path, seed: int | None, no_figures: bool) -> None:
    """Simulate the central run and its reference, and write a run folder."""
    from sim.scenario import load

    for name in scenarios:  # all of them first: nobody waits minutes for a typo in the second
        load(name)
    for name in scenarios:
        _run_one(name, out, seed, figures=not no_figures)


def _run_one(name: str, out: Path, seed: int | None, *, figures: bool) -> None:
    from rich.console import Console
    from rich.progress import Progress

    from sim.pipeline import run as run_scenario

    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task(Path(name).stem, total=1.0)
        result = run_scenario(
            name, out, seed=seed, figures=figures,
            progress=lambda done: bar.update(task, completed=done),
        )  # fmt: skip
    for warning in result.warnings:
        click.echo(f"warning: {warning}", err=True)
    if result.was_there:
        click.echo("this run was already there; nothing was simulated", err=True)
    _print_worst(result.worst)
    click.echo(str(result.folder))


def _print_worst(worst: pd.DataFrame) -> None:
    """The worst product x sector-region, at most 80 columns wide."""
    if worst.empty:
        click.echo("Nothing is missing in this scenario (central values, no spread).")
        return
    click.echo(f"{'product':<9}{'sector':<19}{'reg':<4}{'peak %':>6}{'missing t':>10}"
               f" {'short from':<11}{'recovers':>9} {'limited by'}".rstrip())  # fmt: skip
    for row in worst.head(ROWS_SHOWN).itertuples():
        days = str(row.recover_days)
        recovers = "not in run" if days in ("nan", "") else f"{float(days):.0f} d"
        click.echo(
            f"{str(row.material)[:8]:<9}{str(row.sector)[:18]:<19}{str(row.region)[:3]:<4}"
            f"{float(str(row.peak)):>6.0f}{float(str(row.shortfall_t)):>10,.0f} "
            f"{str(row.first_short)!s:<11}{recovers:>9} {str(row.limited_by)[:10]}".rstrip()
        )
    if len(worst) > ROWS_SHOWN:
        click.echo(f"... and {len(worst) - ROWS_SHOWN} more in summary.csv")
    click.echo("missing t: content over the run; recovers: days after the first restriction,")
    click.echo("or not within the horizon (not in run). Central values, no spread.")


@critmin.command()
@click.argument("scenarios", nargs=-1, required=True, metavar="SCENARIO...")
def check(scenarios: Sequence[str]) -> None:
    """Read and validate scenarios; simulate nothing."""
    from sim.scenario import load

    problems = []
    for name in scenarios:
        try:
            scenario = load(name)
        except BadInputError as error:
            problems += list(error.problems)
            continue
        for warning in scenario.warnings:
            click.echo(f"{name}: warning: {warning}", err=True)
        click.echo(f"{name}: ok")
    if problems:
        raise BadInputError(problems)


@critmin.command()
@click.option("--pack", default="rare_earths_2024", show_default=True, help="Pack id or folder.")
def calibration(pack: str) -> None:
    """Compare the model with the statistics of its base year; exit 1 when outside tolerance."""
    from sim.calibration import calibrate, lines_in_words

    lines = calibrate(pack)
    for text in lines_in_words(lines):
        click.echo(text)
    failed = sum(line.failed for line in lines)
    passed = sum(line.counted and not line.failed for line in lines)
    click.echo(f"{passed} passed, {failed} failed")
    if failed:
        sys.exit(FAILED)


@critmin.command(name="list")
@click.argument("what", default="", metavar="[WHAT]")
@click.option("--pack", default="rare_earths_2024", show_default=True, help="Pack id or folder.")
def list_(what: str, pack: str) -> None:
    """Print what there is, one line each: scenarios, levers, elements, products, sectors, ..."""
    if not what:
        for name in LISTS:
            click.echo(name)
        return
    if what not in LISTS:
        raise click.UsageError(f"no list of `{what}`; one of: {', '.join(LISTS)}")
    for line in LISTS[what](pack):
        click.echo(line)


def _world(pack: str) -> World:
    from sim.world import load_pack

    return load_pack(pack)


def _scenarios(_: str) -> list[str]:
    from sim.scenario import load, shipped_names

    return [f"{name}: {load(name).question}" for name in shipped_names()]


def _levers(_: str) -> list[str]:
    from sim.levers import KINDS

    return [
        f"{kind} ({heading}): {(sys.modules[model.__module__].__doc__ or '').splitlines()[0]}"
        for heading, kinds in KINDS.items()
        for kind, model in kinds.items()
    ]


def _packs(_: str) -> list[str]:
    from sim.world import pack_ids

    return [f"{pack}: {_world(pack).title}" for pack in pack_ids()]


def _sites(pack: str) -> list[str]:
    world = _world(pack)
    return [f"{s.id}: {s.name}, {s.country}, {s.stage}, {s.status}" for s in world.sites.values()]


LISTS: dict[str, Callable[[str], list[Any]]] = {
    "scenarios": _scenarios,
    "levers": _levers,
    "elements": lambda p: [f"{e.symbol}: {e.name} ({e.family})" for e in _world(p).elements],
    "products": lambda p: [f"{x.id}: {x.name} ({x.form})" for x in _world(p).products],
    "sectors": lambda p: [f"{s.id}: {s.name} ({s.form})" for s in _world(p).sectors.values()],
    "regions": lambda p: [f"{r.id}: {r.name}" for r in _world(p).regions.values()],
    "sites": _sites,
    "corridors": lambda p: [
        f"{c.id}: {c.name}, {len(c.legs)} legs" for c in _world(p).corridors.values()
    ],
    "stockpiles": lambda p: [
        f"{s.id}: {s.region}, {s.t:,.0f} t" for s in _world(p).stockpiles.values()
    ],
    "packs": _packs,
}
"""What `critmin list` knows."""
