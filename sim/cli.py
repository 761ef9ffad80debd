"""The commands: arguments in, an exit code and a few lines out.

Heavy libraries are imported inside the commands that need them, so that help and checks stay quick.
"""

from __future__ import annotations

import gc
import math
import os
import shutil
import sys
import textwrap
from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import sim
from sim import stopping
from sim.problems import (
    BadInputError,
    CritminError,
    HelpfulError,
    Problem,
    rendered,
    suggest,
    visible,
)

if TYPE_CHECKING:
    import pandas as pd

    from sim.scenario import Scenario

FAILED, BAD_INPUT = 1, 2
ROWS_SHOWN = 20
LEAST_T = 1e-6


class _Commands(click.Group):
    """The commands, and what is said of one that is not there."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and not args[0].startswith("-") and self.get_command(ctx, args[0]) is None:
            from sim.asked import no_such_command

            raise click.UsageError(no_such_command(args[0], self.list_commands(ctx)), ctx)
        return super().resolve_command(ctx, args)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(sim.__version__, prog_name="critmin")
@click.option("--debug", is_flag=True, expose_value=False, help="Say where critmin failed.")
def critmin() -> None:
    """What is missing, where and for how long, if exports of critical minerals are restricted."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; every fault becomes a message and an exit code."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="replace")
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        critmin.main(given, prog_name="critmin", standalone_mode=False)
    except (click.exceptions.Abort, KeyboardInterrupt):
        stopping.end()
    except click.NoSuchOption as error:
        from sim.asked import no_such_option

        click.UsageError(no_such_option(error, critmin), error.ctx).show()
        sys.exit(BAD_INPUT)
    except click.ClickException as error:
        error.show()
        sys.exit(BAD_INPUT)
    except Exception as error:
        if "--debug" in given:
            raise
        if stopping.heard():
            stopping.end()
        sys.exit(_explain(error))


def _explain(error: Exception) -> int:
    """Say what went wrong on standard error; returns the exit code."""
    match error:
        case BadInputError():
            _say(error.problems)
        case HelpfulError():
            click.echo(f"error: {error}", err=True)
        case BrokenPipeError():  # whoever read our output has read enough
            _give_up_output()
        case CritminError():
            click.echo(f"error: {visible(str(error))}", err=True)
        case OSError():
            _give_up_output()
            where = f" ({error.filename})" if error.filename else ""
            click.echo(visible(f"error: {error.strerror or error}{where}"), err=True)
        case _:
            what = f"{type(error).__name__}: {error}"
            click.echo(f"error: critmin itself failed, with {what}", err=True)
            click.echo("please report it with what `critmin --debug ...` prints", err=True)
    return error.exit_code if isinstance(error, CritminError) else FAILED


def _say(problems: Sequence[Problem]) -> None:
    """The first faults or warnings on standard error, and how many more there are."""
    for text in rendered(problems):
        click.echo(text, err=True)


def _give_up_output() -> None:
    """Drop what waits to be printed, if nobody takes it: Python would try again at its end, and complain."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@critmin.command()
@click.argument("scenarios", nargs=-1, required=True, metavar="SCENARIO...")
@click.option("--out", type=click.Path(path_type=Path), default=Path("results"), show_default=True,
              help="Folder under which the run folder is made.")  # fmt: skip
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), help="Replaces the scenario's seed.")
@click.option("--no-figures", is_flag=True, help="Tables only.")
@click.option("--jobs", type=click.IntRange(1, 61), metavar="N",
              help="Processes that share the work, same results; by default 2 if it pays.")  # fmt: skip
def run(
    scenarios: Sequence[str], out: Path, seed: int | None, no_figures: bool, jobs: int | None
) -> None:
    """Simulate the central run and its reference, and write a run folder."""
    # First: nobody waits minutes to hear of a typo in the second.
    said: set[str] = set()
    first = None  # most give one; to keep more than one in memory would cost more than to read them again
    shown: set[Problem] = set()
    for _, scenario in _load_all(scenarios):
        _warn(scenario, shown)
        said |= {warning.message for warning in scenario.warnings}
        first = first or scenario
    for name in scenarios:
        given, first = first or name, None
        _run_one(name, given, out, seed, figures=not no_figures, jobs=jobs, said=said)


def _run_one(
    name: str, given: str | Scenario, out: Path, seed: int | None, *, figures: bool, jobs: int | None,
    said: Collection[str],
) -> None:  # fmt: skip
    from rich.console import Console
    from rich.progress import Progress

    from sim.pipeline import run as run_scenario

    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task(Path(name).stem, total=1.0)
        result = run_scenario(
            given, out, seed=seed, figures=figures, jobs=jobs,
            progress=lambda done: bar.update(task, completed=done),
            tell=lambda words: console.print(words, markup=False, highlight=False, soft_wrap=True),
        )  # fmt: skip
    for warning in result.warnings:
        if warning not in said:
            click.echo(f"warning: {warning}", err=True)
    if result.was_there:
        click.echo("this run was already there; nothing was simulated", err=True)
    for line in range_in_words(result.unknowns):
        click.echo(line)
    for line in anyway_in_words(result.reference):
        click.echo(line)
    own = result.has_levers and bool((result.reference["first_month"] != "").any())
    about = {"restricted": result.restricted, "beyond": own, "can_wait": result.can_wait}
    for line in worst_in_words(result.worst, **about):
        click.echo(line)
    click.echo(str(result.folder))


def range_in_words(unknowns: pd.DataFrame) -> Iterator[str]:
    """What the unknowns of a restriction leave open, before any single number."""
    if unknowns.empty:
        return
    least, most = unknowns["caused_t"].min(), unknowns["caused_t"].max()
    central = unknowns.loc[unknowns["run"] == "central", "caused_t"].sum()
    if f"{least:,.0f}" != f"{most:,.0f}":
        yield f"Between {least:,.0f} and {most:,.0f} t missing, by what nobody knows and by luck;"
        yield f"{central:,.0f} t in the central run, which what follows is about."


def anyway_in_words(reference: pd.DataFrame) -> Iterator[str]:
    """What is short without levers, in one line; nothing where nothing is."""
    short = reference[reference["first_month"] != ""]
    if short.empty:
        return
    first = short.sort_values(["first_month", "shortfall_t"], ascending=[True, False]).iloc[0]
    why = f" ({first['limited_by'][:10]})" if first["limited_by"] else ""
    yield (
        f"Without levers {short['shortfall_t'].sum():,.0f} t missing, first {first['material'][:8]} in "
        f"{first['region'][:3]}, {first['first_month']}{why}"
    )


def worst_in_words(
    worst: pd.DataFrame, *, restricted: bool, beyond: bool = False, can_wait: bool = False
) -> Iterator[str]:
    """The worst product x sector-region, at most 80 columns wide, and how to read them.

    `can_wait`: some use can be postponed, and what is missing beyond that is told apart. With `beyond` what is
    missing without levers as well is left out of the numbers.
    """
    if beyond:
        worst = worst[worst["caused_t"] > LEAST_T]
        worst = worst.assign(
            peak=worst["peak_caused"],
            shortfall_t=worst["caused_t"],
            first_short=worst["first_caused"],
        )
    if worst.empty and beyond:
        yield "Nothing more is missing in this scenario (central values, no spread)."
        return
    if worst.empty:
        yield "Nothing is missing in this scenario (central values, no spread)."
        return
    yield _columns("product", "sector", "reg", "peak %", "missing t", "short from", "recovers",
                   "limited by")  # fmt: skip
    for row in worst.head(ROWS_SHOWN).to_dict("records"):
        yield _columns(
            row["material"], row["sector"], row["region"], f"{row['peak']:.0f}",
            f"{row['shortfall_t']:,.0f}", row["first_short"] or "-",
            _recovers(row, restricted=restricted), row["limited_by"],
        )  # fmt: skip
    if len(worst) > ROWS_SHOWN:
        yield f"... and {len(worst) - ROWS_SHOWN} more in summary.csv"
    if can_wait:
        weeks = f"{worst['weeks_below_80'].iloc[0]:.0f} weeks"
        yield f"First row: {weeks} below 80 % of output, once what can wait has waited."
    if beyond:
        yield "Counted is what is missing beyond the same world without levers."
    yield "missing t: content over the run; recovers: days after the first restriction,"
    yield "or not within the horizon (not in run). Central values, no spread."


def _columns(
    product: str, sector: str, region: str, peak: str, missing: str, first: str, recovers: str,
    limit: str,
) -> str:  # fmt: skip
    return (
        f"{product[:8]:<9}{sector[:17]:<18}{region[:3]:<4}{peak:>6}{missing:>10} {first:<11}"
        f"{recovers:>10} {limit[:10]}"
    ).rstrip()


def _recovers(row: Mapping[Hashable, Any], *, restricted: bool) -> str:
    """Days; `-` where it was never short by more than 5 % or there is no day to count from."""
    if not restricted or not row["first_short"]:
        return "-"
    return "not in run" if math.isnan(row["recover_days"]) else f"{row['recover_days']:.0f} d"


@critmin.command()
@click.argument("scenarios", nargs=-1, required=True, metavar="SCENARIO...")
def check(scenarios: Sequence[str]) -> None:
    """Read and validate scenarios; simulate nothing."""
    # Nearly all that is made stays until the end; looking for garbage is a tenth of the time.
    gc.disable()
    shown: set[Problem] = set()
    for name, scenario in _load_all(scenarios):
        _warn(scenario, shown)
        click.echo(f"{name}: ok")


def _warn(scenario: Scenario, shown: set[Problem]) -> None:
    """Print warnings that were not shown before: scenarios of one pack share its own."""
    _say([warning for warning in scenario.warnings if warning not in shown])
    shown.update(scenario.warnings)


def _load_all(names: Sequence[str]) -> Iterator[tuple[str, Scenario]]:
    """Every scenario without faults; at the end the first faults of each of the others are said."""
    from sim.scenario import load

    refused: list[BadInputError] = []
    for name in names:
        try:
            yield name, load(name)
        except BadInputError as error:
            refused.append(error)
    for fault in refused[:-1]:
        _say(fault.problems)
    if refused:
        raise refused[-1]


@critmin.command()
@click.argument("folder", metavar="RUN", type=click.Path(path_type=Path))
@click.option("--size", type=click.Choice(["full", "half", "slide", "all"]), default="full",
              show_default=True, help="Page width in Word (16 cm), half of it, 16:9 slide.")  # fmt: skip
def figures(folder: Path, size: str) -> None:
    """Draw the figures of a finished run again, from its folder RUN; simulate nothing."""
    from sim.run_folder import figures_folder
    from sim.run_state import check_finished

    check_finished(folder)
    # Here, because a wrong folder is told without waiting for the drawing library.
    from sim.figures import PAGES
    from sim.showing import draw_again

    pages = list(PAGES.values()) if size == "all" else [PAGES[size]]
    for page, drawn in zip(pages, draw_again(folder, pages, _tell), strict=True):
        for figure in drawn:
            for warning in figure.warnings:
                click.echo(f"warning: {warning}", err=True)
            if not figure.is_drawn:
                click.echo(f"no figure of {figure.subject}: {figure.reason}", err=True)
        names = [figure.id for figure in drawn if figure.is_drawn]
        for name in names:
            click.echo(f"{name}: svg, png, csv, txt")
        click.echo(str(figures_folder(folder, page.id)))


@critmin.command()
@click.argument("folder", metavar="RUN", type=click.Path(path_type=Path))
def report(folder: Path) -> None:
    """Write the page of a finished run again, from its folder RUN; simulate nothing."""
    from sim.run_state import check_finished

    check_finished(folder)
    from sim.showing import write_page_again

    click.echo(str(write_page_again(folder, _tell)))


def _tell(words: str) -> None:
    click.echo(words, err=True)


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
@click.argument("which", default="", metavar="[WHICH]")
@click.option("--pack", default="rare_earths_2024", show_default=True, help="Pack id or folder.")
def list_(what: str, which: str, pack: str) -> None:
    """Print what there is, one line each: scenarios, levers, elements, products, sectors, ...

    Below the list stands how its names are written in a scenario. WHICH picks one kind of lever, or the
    lines that contain it: `critmin list levers KIND`, `critmin list sites kaz`.
    """
    from sim.guide.lists import LISTS, picked
    from sim.levers import KINDS

    if not what:
        for name in LISTS:
            click.echo(name)
        return
    if what not in LISTS:
        raise click.UsageError(f"there is no list of `{what}`; {suggest(what, LISTS)}")
    lines = list(LISTS[what](pack))
    if which:
        lines = picked(lines, what, which)
        if not lines:
            kinds = [kind for kinds in KINDS.values() for kind in kinds]
            help = suggest(which, kinds) if what == "levers" else f"see `critmin list {what}`"
            raise click.UsageError(f"`{which}` is not among the {what}; {help}")
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else 0
    for line in lines:
        click.echo(folded(line, width))


def folded(line: str, width: int) -> str:
    """A line on lines of a terminal's width, no word cut; width 0 leaves it in one piece."""
    if len(line) <= width or not width:
        return line
    indent = " " * (len(line) - len(line.lstrip()) + 4)
    return textwrap.fill(
        line, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )


@critmin.command()
@click.option("--pack", default="rare_earths_2024", show_default=True, help="Pack id or folder.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              help="Write this file instead; `>` of PowerShell writes what editors cannot read.")  # fmt: skip
def schema(pack: str, out: Path | None) -> None:
    """Print the JSON Schema of a scenario, with the names of the pack, for editors that read one."""
    from sim.files import write_text
    from sim.guide.schema import schema_text
    from sim.world import load_pack

    text = schema_text(load_pack(pack))
    if out is None:
        click.echo(text, nl=False)
        return
    write_text(out, text)
    click.echo(str(out))


@critmin.command()
@click.argument("name")
@click.option("--from", "source", metavar="SCENARIO",
              help="Shipped scenario, or a file, to begin a scenario from.")  # fmt: skip
@click.option("--pack", metavar="PACK",
              help="toy_mineral, a shipped pack or a folder, to begin a pack from.")  # fmt: skip
def new(name: str, source: str | None, pack: str | None) -> None:
    """Begin a scenario or a pack of your own in this folder, as a copy of another one.

    With --from it is NAME.yaml, with remarks on what to do with it; with --pack the folder NAME with the
    tables.
    """
    if (source is None) == (pack is None):
        raise click.UsageError("give one of --from SCENARIO and --pack PACK")
    if pack is not None:
        from sim.guide.own_pack import start_pack

        path, remarks = start_pack(name, pack, Path())
    else:
        from sim.guide.starter import start_scenario

        path, remarks = start_scenario(name, source or "", Path())
    for remark in remarks:
        click.echo(remark, err=True)
    click.echo(str(path))
