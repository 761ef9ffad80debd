"""Figures and page of a run: drawn into a new folder, or again for a finished one, entering it together."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from pathlib import Path, PurePosixPath

from sim import files, run_folder, run_state, staging, workers
from sim.figures import FULL, FigureInfo, Figures, FinishedRun, Page, read_run
from sim.problems import RunFolderError
from sim.run_folder import REPORT, RUN_FILE
from sim.staging import Tell


class Showing:
    """Figures and page of a run that is being written: an executor's processes begin to draw at once."""

    def __init__(self, run: FinishedRun, executor: Executor) -> None:
        self._run = run
        self._figures = Figures(run, FULL, executor)

    def write(self, folder: Path) -> tuple[str, ...]:
        """Write them into the folder of the run, which has its `run.yaml`; returns warnings."""
        # Here, because a run of tables only should not wait for the template library.
        from sim.report import render

        drawn = self._figures.write(folder)
        render(folder, run=self._run)
        run_folder.write_shown(folder, _hashes(folder, _not_tables(folder)))
        return warnings_of(drawn)


def load_drawing() -> None:
    """Load the drawing library, for a process that has nothing else to do before it draws."""
    import sim.figures.every_figure  # noqa: F401


def complete(folder: Path, jobs: int) -> tuple[str, ...]:
    """Draw what a finished run lacks, unless somebody worked on its figures; returns warnings.

    `jobs` processes share the work. To be used by the folder's `staging.only_writer`.
    """
    if run_state.is_drawn(folder):
        return _edited_in_words(folder)
    touched = _edited_in_words(folder)
    if touched:
        return (*touched, "figures are missing and were not drawn for that reason")
    return warnings_of(_draw_again(folder, [FULL], jobs, page_too=True)[0])


def draw_again(folder: Path, pages: Sequence[Page], tell: Tell) -> list[list[FigureInfo]]:
    """Draw the figures of a finished run for these kinds of page; returns them page by page.

    Raises `RunFolderError` if the run or one of these figures was changed since; then nothing is written.
    """
    with staging.only_writer(folder, tell):
        run_state.check_finished(folder)
        names = [name for page in pages for name in run_state.shown_for(folder, page.id)]
        _refuse_edited(folder, names)
        # The page holds the figures of full width: both change together, or neither.
        embedded = any(page.id == "full" for page in pages) and REPORT in run_folder.shown(folder)
        untouched = not run_state.edited(folder, [REPORT])
        jobs = min(len(pages), workers.cores())  # for one page a second process comes too late
        return _draw_again(folder, pages, jobs, page_too=embedded and untouched)


def write_page_again(folder: Path, tell: Tell) -> Path:
    """Write the page of a finished run again; returns its path.

    Raises `RunFolderError` if the run, its page or a figure in it was changed since; then nothing is written.
    """
    from sim.report import render

    with staging.only_writer(folder, tell):
        run_state.check_finished(folder)
        embedded = run_state.shown_for(folder, "full")
        _refuse_edited(folder, [REPORT, *embedded])
        missing = [name for name in embedded if not (folder / name).is_file()]
        if missing:
            raise RunFolderError(
                f"{folder}: the figure `{missing[0]}` is missing",
                f"`critmin figures {folder}` draws it again",
            )
        with staging.beside(folder) as fresh:
            render(folder, fresh)
            _take_over(folder, fresh)
    return folder / REPORT


def warnings_of(drawn: Sequence[FigureInfo]) -> tuple[str, ...]:
    """Of all figures."""
    return tuple(warning for figure in drawn for warning in figure.warnings)


def _draw_again(
    folder: Path, pages: Sequence[Page], jobs: int, *, page_too: bool
) -> list[list[FigureInfo]]:
    run = read_run(folder)
    with staging.beside(folder) as fresh:
        with workers.beside(jobs - 1) as executor:
            begun = [Figures(run, page, executor) for page in pages]
            drawn = [figures.write(fresh) for figures in begun]
        if page_too:
            from sim.report import render

            render(folder, fresh, run=run)
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


def _not_tables(folder: Path) -> list[str]:
    facts = run_folder.facts(folder)
    known = {*facts["files"], run_folder.RUN_FILE}
    return [name for name in run_folder.files_below(folder) if name not in known]


def _hashes(folder: Path, names: Sequence[str]) -> dict[str, str]:
    return {name: run_folder.file_hash(folder / name) for name in names}
