"""The commands: arguments in, an exit code and a few lines out.

Heavy libraries are imported inside the commands that need them, so that help and checks stay quick.
"""

from __future__ import annotations

import gc
import os
import shutil
import sys
import textwrap
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

import sim
from sim.system import stopping
from sim.words.problems import (
    BadInputError,
    CritminError,
    HelpfulError,
    Problem,
    quote,
    rendered,
    suggest,
    visible,
)

if TYPE_CHECKING:
    from sim.scenario import Scenario

FAILED, BAD_INPUT = 1, 2


_REGION = click.option(
    "--region", "regions", multiple=True, metavar="REGION",
    callback=lambda _, __, given: tuple(dict.fromkeys(given)),
    help="Page and figures for the reader of this region (several: give it again); `critmin list regions`.",
)  # fmt: skip


class _Commands(click.Group):
    """The commands, and what is said of one that is not there."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and not args[0].startswith("-") and self.get_command(ctx, args[0]) is None:
            from sim.commands.asked import no_such_command

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
        from sim.commands.asked import no_such_option

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
@_REGION
def run(
    scenarios: Sequence[str], out: Path, seed: int | None, no_figures: bool, jobs: int | None,
    regions: Sequence[str],
) -> None:  # fmt: skip
    """Simulate the central run and its reference, and write a run folder."""
    # First: nobody waits minutes to hear of a typo in the second.
    said: set[str] = set()
    first = None  # most give one; to keep more than one in memory would cost more than to read them again
    shown: set[Problem] = set()
    for _, scenario in _load_all(scenarios):
        _check_regions(regions, scenario.world.regions)
        _warn(scenario, shown)
        said |= {warning.message for warning in scenario.warnings}
        first = first or scenario
    for name in scenarios:
        given, first = first or name, None
        folder = _run_one(name, given, out, seed, figures=not no_figures, jobs=jobs, said=said)
        if regions:
            from sim.pipeline.showing import write_page_again

            click.echo(str(write_page_again(folder, _tell, regions)))


def _check_regions(given: Sequence[str], known: Iterable[str]) -> None:
    """Said at once, not after the simulation."""
    known = list(known)
    for region in given:
        if region not in known:
            raise click.UsageError(f"there is no region {quote(region)}; {suggest(region, known)}")


def _run_one(
    name: str, given: str | Scenario, out: Path, seed: int | None, *, figures: bool, jobs: int | None,
    said: Collection[str],
) -> Path:  # fmt: skip
    """Run it and say what came out; returns its folder."""
    from sim.system.progress import Phase, on_standard_error

    with on_standard_error(Path(name).stem) as (progress, tell):
        progress(Phase.PREPARING, 0.0)
        # Here, because it takes a second to load.
        from sim.pipeline.pipeline import run as run_scenario

        result = run_scenario(
            given, out, seed=seed, figures=figures, jobs=jobs, progress=progress, tell=tell
        )
    for warning in result.warnings:
        if warning not in said:
            click.echo(f"warning: {warning}", err=True)
    if result.was_there:
        click.echo("this run was already there; nothing was simulated", err=True)
    from sim.figures.opening import brief_run
    from sim.report.terminal import in_words

    for line in in_words(brief_run(result.folder)):
        click.echo(folded(line, shutil.get_terminal_size().columns, indent=0))
    click.echo(str(result.folder))
    return result.folder


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
@click.argument("runs", nargs=-1, required=True, metavar="BASE OTHER...")
@click.option("--out", type=click.Path(path_type=Path), default=Path("results"), show_default=True,
              help="Folder under which the comparison is made, and runs that are not there yet.")  # fmt: skip
@click.option("--jobs", type=click.IntRange(1, 61), metavar="N", help="As of `critmin run`.")
def compare(runs: Sequence[str], out: Path, jobs: int | None) -> None:
    """Set two to six runs side by side, and write a comparison folder.

    Each is a scenario or the folder of a finished run; the first is the base, against whose demand all are
    counted. Scenarios that have no finished run are run first, without figures.
    """
    # Here, because it takes a second to load.
    from sim.comparison import compare as set_beside
    from sim.system.progress import on_standard_error

    found = set_beside(runs, out, jobs=jobs, show=on_standard_error)
    click.echo(found.title)
    for caution in found.cautions:
        click.echo(f"warning: {caution}", err=True)
    click.echo(str(found.save(out, _tell)))


@critmin.command()
@click.argument("folder", metavar="RUN", type=click.Path(path_type=Path))
@click.option("--size", type=click.Choice(["full", "half", "slide", "all"]), default="full",
              show_default=True, help="Page width in Word (16 cm), half of it, 16:9 slide.")  # fmt: skip
@click.option("--bare", is_flag=True,
              help="Without title, measure and source, for a caption of your own: they stand in the .txt file "
              "beside the picture, which is at most 10 cm high (15 cm for a slide).")  # fmt: skip
@_REGION
def figures(folder: Path, size: str, bare: bool, regions: Sequence[str]) -> None:
    """Draw the figures of a finished run again, from its folder RUN; simulate nothing."""
    from sim.run_folder.run_folder import figures_folder, view
    from sim.run_folder.run_state import check_finished

    check_finished(folder)
    # Here, because a wrong folder is told without waiting for the drawing library.
    from sim.figures import BARE, PAGES
    from sim.pipeline.showing import draw_again

    sizes = BARE if bare else PAGES
    pages = list(sizes.values()) if size == "all" else [sizes[size]]
    for page, drawn in zip(pages, draw_again(folder, pages, _tell, regions), strict=True):
        for figure in drawn:
            for warning in figure.warnings:
                click.echo(f"warning: {warning}", err=True)
            if not figure.is_drawn:
                click.echo(f"no figure of {figure.subject}: {figure.reason}", err=True)
        names = [figure.id for figure in drawn if figure.is_drawn]
        for name in names:
            click.echo(f"{name}: svg, png, csv, txt")
        click.echo(str(figures_folder(view(folder, regions), page.id)))


@critmin.command()
@click.argument("folder", metavar="RUN", type=click.Path(path_type=Path))
@_REGION
@click.option("--excel", is_flag=True,
              help="Also all tables in excel/, for an Excel that splits cells at semicolons.")  # fmt: skip
def report(folder: Path, regions: Sequence[str], excel: bool) -> None:
    """Write the page of a finished run again, from its folder RUN; simulate nothing."""
    from sim.run_folder.run_state import check_finished

    check_finished(folder)
    from sim.pipeline.showing import write_page_again

    click.echo(str(write_page_again(folder, _tell, regions, excel=excel)))


def _tell(words: str) -> None:
    click.echo(words, err=True)


@critmin.command()
@click.option("--pack", default="rare_earths_2024", show_default=True, help="Pack id or folder.")
def calibration(pack: str) -> None:
    """Compare the model with the statistics of its base year; exit 1 when outside tolerance."""
    from sim.credibility.calibration import calibrate, lines_in_words

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


def folded(line: str, width: int, indent: int = 4) -> str:
    """A line on lines of a terminal's width, no word cut; width 0 leaves it in one piece."""
    if len(line) <= width or not width:
        return line
    further = " " * (len(line) - len(line.lstrip()) + indent)
    return textwrap.fill(
        line, width, subsequent_indent=further, break_long_words=False, break_on_hyphens=False
    )


@critmin.command()
@click.option("--pack", default="rare_earths_2024", show_default=True, help="Pack id or folder.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              help="Write this file instead; `>` of PowerShell writes what editors cannot read.")  # fmt: skip
def schema(pack: str, out: Path | None) -> None:
    """Print the JSON Schema of a scenario, with the names of the pack, for editors that read one."""
    from sim.guide.schema import schema_text
    from sim.system.files import write_text
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
