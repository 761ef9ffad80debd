"""Figures and page of a run: drawn into a new folder, or again for a finished one, entering it together."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor, Future
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

from sim.figures import ON_THE_PAGE, FigureInfo, Figures, FinishedRun, Page, read_run
from sim.run_folder import for_excel, run_folder, run_state
from sim.run_folder.run_folder import GAPS, GAPS_HTML, REPORT, RUN_FILE
from sim.summary.regions import ALL
from sim.system import files, staging, workers
from sim.system.progress import Phase, Progress, quiet
from sim.system.staging import Tell
from sim.words.problems import RunFolderError, quote, suggest


class Showing:
    """Figures and page of a run that is being written: an executor's processes begin to draw at once."""

    def __init__(
        self, run: FinishedRun, executor: Executor, busy: Future[Any] | None = None
    ) -> None:
        self._run = run
        self._figures = Figures(run, ON_THE_PAGE, executor, busy)

    def write_figures(self, folder: Path, progress: Progress = quiet) -> tuple[str, ...]:
        """Write them into the folder of the run; returns warnings."""
        progress(Phase.FIGURES, 0.0)
        return warnings_of(self._figures.write(folder, partial(progress, Phase.FIGURES))[0])

    def write_page(self, folder: Path, progress: Progress = quiet) -> None:
        """Write the page into the folder, which has the figures."""
        # Here, because a run of tables only should not wait for the template library.
        from sim.report import render

        progress(Phase.PAGE, 0.0)
        render(folder, run=self._run)
        progress(Phase.PAGE, 1.0)


def load_drawing() -> None:
    """Load the drawing library, for a process that has nothing else to do before it draws."""
    import sim.figures.every_figure  # noqa: F401


def complete(folder: Path, jobs: int, progress: Progress = quiet) -> tuple[str, ...]:
    """Draw what a finished run lacks, unless somebody worked on its figures; returns warnings.

    `jobs` processes share the work. To be used by the folder's `staging.only_writer`.
    """
    if run_state.is_drawn(folder):
        return _edited_in_words(folder)
    touched = _edited_in_words(folder)
    if touched:
        return (*touched, "figures are missing and were not drawn for that reason")
    drawn = _draw_again(folder, ON_THE_PAGE, jobs, page_too=True, progress=progress)
    return warnings_of(drawn[0])


def check_regions(folder: Path, regions: Sequence[str]) -> None:
    """Raise `RunFolderError` unless users of each region need something of what the run counts."""
    known = [region for region in run_folder.table(folder, "by_region")["region"] if region != ALL]
    for region in regions:
        if region not in known:
            every = (run_folder.scenario(folder).get("names") or {}).get("regions") or {}
            if region in every:
                why = f"users in {quote(region)} need nothing of what this run is about"
            else:
                why = f"there is no region {quote(region)}"
            raise RunFolderError(f"{folder}: {why}", suggest(region, known))


def draw_again(
    folder: Path, pages: Sequence[Page], tell: Tell, regions: Sequence[str] = ()
) -> list[list[FigureInfo]]:
    """Draw the figures of a finished run for these kinds of page; returns them page by page.

    With `regions` those for their readers.

    Raises `RunFolderError` if the run or one of these figures was changed since; then nothing is written.
    """
    with staging.only_writer(folder, tell):
        run_state.check_finished(folder)
        check_regions(folder, regions)
        report = _name(REPORT, regions)
        _refuse_edited(folder, _drawn_for(folder, pages, regions))
        # The page and the figures it holds change together, or neither.
        embedded = any(page in pages for page in ON_THE_PAGE) and report in run_folder.shown(folder)
        others = _drawn_for(folder, [page for page in ON_THE_PAGE if page not in pages], regions)
        whole = all((folder / name).is_file() for name in others)
        untouched = not run_state.edited(folder, [*_of_page(regions), *others])
        jobs = min(len(pages), workers.cores())  # for one page a second process comes too late
        page_too = embedded and whole and untouched
        return _draw_again(folder, pages, jobs, regions, page_too=page_too)


def write_page_again(
    folder: Path, tell: Tell, regions: Sequence[str] = (), *, excel: bool = False
) -> Path:
    """Write the page of a finished run again; returns its path.

    With `regions` that of their readers, whose figures are drawn if they are not there. With `excel` all tables
    once more, for spreadsheets that split cells at semicolons.

    Raises `RunFolderError` if the run, its page or a figure in it was changed since; then nothing is written.
    """
    from sim.report import render

    with staging.only_writer(folder, tell):
        run_state.check_finished(folder)
        check_regions(folder, regions)
        embedded = _drawn_for(folder, ON_THE_PAGE, regions)
        _refuse_edited(folder, [*_of_page(regions), *embedded])
        missing = [name for name in embedded if not (folder / name).is_file()]
        if missing:
            raise RunFolderError(
                f"{folder}: the figure `{missing[0]}` is missing",
                f"`critmin figures {folder} --size all` draws it again",
            )
        if regions and not embedded:
            jobs = min(2, workers.cores())
            _draw_again(folder, ON_THE_PAGE, jobs, regions, page_too=True)
        else:
            with staging.beside(folder) as fresh:
                render(folder, fresh, read_run(folder, regions))
                _take_over(folder, fresh)
        if excel:
            with staging.beside(folder) as fresh:
                for_excel.write(folder, fresh)
                _take_over(folder, fresh)
    return folder / _name(REPORT, regions)


def _name(name: str, regions: Sequence[str]) -> str:
    """What a file of the view for these regions is called in the run's folder."""
    return (run_folder.view(Path(), regions) / name).as_posix()


def _of_page(regions: Sequence[str]) -> list[str]:
    return [_name(name, regions) for name in (REPORT, GAPS, GAPS_HTML)]


def warnings_of(drawn: Sequence[FigureInfo]) -> tuple[str, ...]:
    """Of all figures."""
    return tuple(warning for figure in drawn for warning in figure.warnings)


def _drawn_for(folder: Path, pages: Sequence[Page], regions: Sequence[str] = ()) -> list[str]:
    """What was drawn for these kinds of page, by name in the run's folder."""
    return [name for page in pages for name in run_state.shown_for(folder, page.id, regions)]


def _draw_again(
    folder: Path, pages: Sequence[Page], jobs: int, regions: Sequence[str] = (), *, page_too: bool,
    progress: Progress = quiet,
) -> list[list[FigureInfo]]:  # fmt: skip
    progress(Phase.FIGURES, 0.0)
    run = read_run(folder, regions)
    with staging.beside(folder) as fresh:
        with workers.beside(jobs - 1) as executor:
            drawn = Figures(run, pages, executor).write(fresh, partial(progress, Phase.FIGURES))
        if page_too:
            from sim.report import render

            progress(Phase.PAGE, 0.0)
            render(folder, fresh, run=run)
            progress(Phase.PAGE, 1.0)
        _take_over(folder, fresh)
    return drawn


def _take_over(folder: Path, fresh: Path) -> None:
    """Move what was drawn into the run's folder; what is the same there already stays.

    A kill in between leaves a run whose `run.yaml` does not know these figures: they are drawn again.
    """
    names = run_folder.files_below(fresh)
    shown = run_folder.shown(folder)
    homes = {PurePosixPath(name).parent for name in names}
    kept = {name: its for name, its in shown.items() if PurePosixPath(name).parent not in homes}
    wanted = kept | _hashes(fresh, names)
    there = _hashes(folder, [name for name in wanted if (folder / name).is_file()])
    if shown == wanted == there:
        return
    for home in homes:
        files.make_folder(folder / home)
    without, with_new = fresh / "without", fresh / "with new"
    run_folder.write_shown(folder, kept, to=without)
    run_folder.write_shown(folder, wanted, to=with_new)
    # From here on only names change, which takes milliseconds and no room on the disk.
    with staging.in_one_go():
        files.rename(without, folder / RUN_FILE)
        for name in names:
            if there.get(name) != wanted[name]:
                files.rename(fresh / name, folder / name)
        for name in set(shown) - set(wanted):  # a figure that is left out now
            files.remove(folder / name)
        files.rename(with_new, folder / RUN_FILE)


def _refuse_edited(folder: Path, names: Sequence[str]) -> None:
    touched = run_state.edited(folder, names)
    if touched:
        raise RunFolderError(
            f"{folder}: `{touched[0]}` was changed since it was drawn, and is left as it is",
            "to keep your changes, move or rename the file; else delete it; then give the command again",
        )


def _edited_in_words(folder: Path) -> tuple[str, ...]:
    return tuple(
        f"{folder}: `{name}` was changed since it was drawn; it was left as it is"
        for name in run_state.edited(folder, run_folder.shown(folder))
    )


def _hashes(folder: Path, names: Sequence[str]) -> dict[str, str]:
    return {name: run_folder.file_hash(folder / name) for name in names}
