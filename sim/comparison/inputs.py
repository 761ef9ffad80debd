"""What is compared: finished runs, and scenarios, whose runs are looked for or made first."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from sim.pipeline.pipeline import run
from sim.pipeline.resolved import resolved_scenario
from sim.run_folder import run_folder
from sim.run_folder.run_folder import RUN_FILE
from sim.run_folder.run_state import check_finished
from sim.scenario import Scenario, load, shipped_names
from sim.system.progress import Progress
from sim.system.staging import Tell
from sim.words.problems import BadInputError, ComparisonError, Problem, quote

FEWEST, MOST = 2, 6
Show = Callable[[str], AbstractContextManager[tuple[Progress, Tell]]]
"""Shows how far the run of a scenario is, as `progress.on_standard_error` does."""
_SCENARIO_ENDINGS = (".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class _Given:
    """What somebody named: a finished run, or a scenario."""

    words: str
    run_id: str
    folder: Path | None
    scenario: Scenario | None


def finished_runs(
    given: Sequence[str | Path], out: Path, show: Show, jobs: int | None
) -> list[Path]:
    """The folder of each run, in their order; what has none is simulated, after all else was looked at.

    Raises `ComparisonError` for too few, too many or the same twice, `RunFolderError` for a folder that is no
    finished run of this version, `BadInputError` with the faults of all scenarios.
    """
    if not FEWEST <= len(given) <= MOST:
        raise ComparisonError(
            f"{FEWEST} to {MOST} runs are compared, and {len(given)} {_are(len(given))} given",
            "give scenarios or run folders, the base first: critmin compare BASE OTHER",
        )
    known, faults = [], list[Problem]()
    for each in given:
        try:
            known.append(_looked_up(each))
        except BadInputError as error:
            faults += error.problems
    if faults:
        raise BadInputError(faults)
    _refuse_twice(known)
    return [each.folder or _made(each, out, show, jobs) for each in known]


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def _looked_up(given: str | Path) -> _Given:
    words, path = str(given), Path(given)
    if words in shipped_names() or not _is_folder(words, path):
        scenario = load(words)
        resolved = resolved_scenario(scenario, scenario.seed)
        id = run_folder.run_id(resolved, scenario.world.content_hash, scenario.seed)
        return _Given(words, id, None, scenario)
    folder = path.parent if path.name == RUN_FILE else path
    check_finished(folder)
    return _Given(words, str(run_folder.facts(folder).get("run_id", "")), folder, None)


def _is_folder(words: str, path: Path) -> bool:
    """Whether a run's folder is meant, be it there or not."""
    if path.is_dir() or path.name == RUN_FILE:
        return True
    is_path = "/" in words or os.sep in words
    return is_path and not path.exists() and not words.lower().endswith(_SCENARIO_ENDINGS)


def _refuse_twice(known: Sequence[_Given]) -> None:
    for id, count in Counter(each.run_id for each in known).items():
        if count > 1:
            names = " and ".join(quote(each.words) for each in known if each.run_id == id)
            raise ComparisonError(
                f"the same run is given {'twice' if count == 2 else f'{count} times'}: {names}",
                "name each run once; a run does not differ from itself",
            )


def _made(given: _Given, out: Path, show: Show, jobs: int | None) -> Path:
    assert given.scenario is not None
    with show(given.scenario.name) as (progress, tell):
        result = run(given.scenario, out, figures=False, jobs=jobs, progress=progress, tell=tell)
        for warning in result.warnings:
            tell(f"warning: {warning}")
    return result.folder
