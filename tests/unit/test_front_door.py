"""The front door from Python: the same values and bytes as the command line, in memory and from the folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

import critmin
import sim
from sim.front_door.sources import FromMemory
from sim.pipeline import pipeline
from sim.run_folder import run_folder
from sim.system.files import UNFINISHED
from sim.tables import RECORDS, TABLES
from tests.page.runs import HEAD, PACKS, TEXTS, toy_pack
from tests.unit.test_nothing_lost import contents

ROOT = Path(__file__).parents[2]
TEXT = f"{HEAD}{TEXTS['busy']}"
CALM = {"pack": "toy_mineral", "starts": "2021-01-01", "ends": "2021-04-01"}
"""The smallest scenario that can be run"""


@pytest.fixture(autouse=True)
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """In an empty folder; the toy mineral comes with the program."""
    monkeypatch.chdir(tmp_path)
    with toy_pack():
        yield


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[sim.Result, Path]:
    """A run in memory, and the folder that the command line makes of the same."""
    home = tmp_path_factory.mktemp("door")
    (home / "busy.yaml").write_text(TEXT, encoding="utf-8")
    with toy_pack():
        folder = pipeline.run(str(home / "busy.yaml"), home / "results").folder
        return sim.run(sim.load_scenario(TEXT, name="busy")), folder


def test_a_run_saved_from_python_is_the_folder_of_the_command_line(
    both: tuple[sim.Result, Path], tmp_path: Path
) -> None:
    result, folder = both
    saved = result.save("of python")
    assert saved == Path("of python", "busy", result.run_id)
    ours, theirs = contents(tmp_path / saved), contents(folder)
    about = yaml.safe_load(ours.pop("run.yaml")), yaml.safe_load(theirs.pop("run.yaml"))
    assert ours == theirs
    for each in about:
        del each["wall_time_s"], each["seal"]
    assert about[0] == about[1]
    # What stands there is left as it is, and an opened run becomes a copy.
    before = contents(tmp_path / saved)
    assert result.save("of python") == saved
    copy = sim.open_run(saved).save("copies")
    assert contents(tmp_path / copy) == contents(tmp_path / saved) == before
    assert not list(tmp_path.rglob(f"{UNFINISHED}*"))


def test_tables_are_the_same_from_memory_and_from_the_folder(
    both: tuple[sim.Result, Path],
) -> None:
    result, folder = both
    opened = sim.open_run(folder)
    files = {path.stem for path in (*folder.glob("*.csv"), folder / "headline.json")}
    files.remove("gaps")  # words of the page, made of `worst`
    assert set(result.tables) == files
    assert {f"{name}.csv.gz" for name in result.records} == {
        path.name for path in (folder / "records").iterdir()
    }
    for name in files:
        one, other = (getattr(each, name) for each in (result, opened))
        pd.testing.assert_frame_equal(one, other, check_exact=True)
        assert one.attrs == other.attrs != {}, name
    for name, table in result.records.items():
        pd.testing.assert_frame_equal(table, opened.records[name], check_exact=True)
        assert table.attrs == opened.records[name].attrs
    said = {each: (each.name, each.run_id, each.seed, each.warnings) for each in (result, opened)}
    assert said[result] == said[opened]
    assert result.scenario == opened.scenario


def test_every_column_of_numbers_says_its_unit(both: tuple[sim.Result, Path]) -> None:
    source = both[0]._source
    assert isinstance(source, FromMemory)
    for declared in (*TABLES.values(), *RECORDS.values()):
        raw = source.table(declared.name)
        assert [*raw.columns] == declared.names
        if len(raw):
            # A column of numbers that all are missing may be of anything.
            known = [c for c in declared.columns if not raw[c.name].isna().all()]
            numbers = {c.name for c in known if pd.api.types.is_numeric_dtype(raw[c.name].dtype)}
            assert numbers == {c.name for c in known if c.kind != "text"}, declared.name
        assert all(bool(c.unit) == (c.kind == "number") for c in declared.columns)
    assert both[0].worst.attrs["units"]["caused_t"] == "t content"
    assert both[0].worst.attrs["units"]["recover_days"] == "days"


def test_figures_have_the_bytes_of_the_folder_whatever_a_notebook_set(
    both: tuple[sim.Result, Path],
) -> None:
    import matplotlib

    result, folder = both
    opened = sim.open_run(folder)
    with matplotlib.rc_context({"axes.grid": True, "font.size": 20, "axes.facecolor": "red"}):
        figures = [result.figure(name) for name in result.figure_names]
    for figure in figures:
        home = run_folder.figures_folder(folder)
        assert figure.svg == figure._repr_svg_() == read(home / f"{figure.name}.svg")
        assert figure.png == figure._repr_png_() == (home / f"{figure.name}.png").read_bytes()
        assert f"{figure.words}\n" == read(home / f"{figure.name}.txt")
        assert list(figure.table) == list(pd.read_csv(home / f"{figure.name}.csv", nrows=0))
        assert figure.title in opened.figure(figure.name).title
    bare = result.figure("heat_map", size="half", bare=True)
    assert bare.png == opened.figure("heat_map", "half", True).png != figures[1].png
    assert bare.words.startswith(bare.title.replace("\xa0", " "))
    assert result.figure("heat_map", "half", True) is bare


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def test_a_script_without_a_guard_prints_nothing_writes_nothing_and_may_use_two_processes(
    tmp_path: Path,
) -> None:
    script = tmp_path / "script" / "mine.py"
    work, temporary = tmp_path / "work", tmp_path / "temporary"
    for folder in (script.parent, work, temporary):
        folder.mkdir()
    lines = (
        "import importlib",
        "from pathlib import Path",
        "import sim",
        f"packs = Path({str(PACKS)!r})",
        "importlib.import_module('sim.world.load').PACKS = packs",
        f"result = sim.run({TEXT!r}, jobs=2)",
        "assert len(result.worst) and len(result.records['use']) and result.folder is None",
    )
    script.write_text("\n".join(lines), encoding="utf-8")
    paths = {"PYTHONPATH": str(ROOT), "TMPDIR": str(temporary), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, str(script)], cwd=work, env={**os.environ, **paths}, capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert [*work.iterdir(), *temporary.iterdir()] == []


def test_a_path_a_text_and_a_dict_are_the_same_scenario(tmp_path: Path) -> None:
    Path("unnamed.yaml").write_text(TEXT, encoding="utf-8")
    given: dict[str, Any] = yaml.safe_load(TEXT)
    assert isinstance(given["starts"], date)
    written = [
        sim.load_scenario(each) for each in ("unnamed.yaml", tmp_path / "unnamed.yaml", TEXT, given)
    ]
    for scenario in written[1:]:
        assert scenario.resolved == written[0].resolved
    assert sim.load_scenario(written[0]) is written[0]
    # The file that a run of a dict keeps gives the same again.
    kept = written[-1].files["unnamed.yaml"]
    assert sim.load_scenario(kept).resolved == written[0].resolved
    assert sim.load_scenario("title: a/b.yaml\n" + HEAD, name="own").title == "a/b.yaml"
    assert sim.load_scenario({**CALM, "extends": "unnamed.yaml"}, name="own").levers
    with pytest.raises(ValueError, match="has the file's name"):
        sim.load_scenario("unnamed.yaml", name="own")
    with pytest.raises(sim.BadInputError, match="not a path"):
        sim.load_scenario(CALM, name="a/b")


def test_a_dict_keeps_its_texts_and_numbers() -> None:
    title = "1e5"
    ban = {"id": "ban", "kind": "export_ban", "exporter": "AAA", "starts": date(2021, 2, 1),
           "reason": "two\nlines: of - text"}  # fmt: skip
    shared = ["Mav"]
    given = {**CALM, "title": title, "seed": np.int64(7), "review": "14 d",
             "restrictions": [{**ban, "id": id, "elements": shared} for id in ("ban", "no")],
             "changes": [{"table": "sectors", "id": "drives", "parameter": "growth", "value": np.float64(3.125),
                          "unit": "%/yr", "reason": "as a number"}]}  # fmt: skip
    scenario = sim.load_scenario(given)
    assert scenario.world.sectors["drives"].growth_per_year == pytest.approx(0.03125)
    assert (scenario.title, scenario.seed, scenario.review_days) == (title, 7, 14.0)
    assert [lever.id for lever in scenario.levers] == ["ban", "no"]
    assert scenario.levers[0].reason == "two\nlines: of - text"


def test_faults_are_those_of_the_command_line_with_their_place() -> None:
    text = f"{HEAD}title: Bad\nrestrictions:\n- id: a\n  kind: export_bann\n  starts: 2021-02-30\nseed: x\n"
    Path("bad.yaml").write_text(text, encoding="utf-8")
    faults = {}
    for given in ("bad.yaml", text, yaml.safe_load(text.replace("2021-02-30", "'2021-02-30'"))):
        with pytest.raises(sim.BadInputError) as refused:
            sim.load_scenario(given)
        faults[refused.value.problems[0].place.file] = refused.value
    assert list(faults) == ["bad.yaml", "<text>", "<dict>"]
    for name, fault in faults.items():
        assert [(p.message, p.help, p.place.line) for p in fault.problems] == [
            (p.message, p.help, p.place.line) for p in faults["bad.yaml"].problems
        ]
        assert f"{name}:7:9: error: unknown kind `export_bann`\n" in str(fault)
        assert "= help: did you mean `export_ban`?" in str(fault)
    endless: dict[str, Any] = dict(CALM)
    endless["notes"] = endless
    for odd, message in (
        ({**CALM, "notes": {1, 2}}, "`notes` is of the type `set`"),
        (endless, "has too many levels"),
        ({**CALM, "notes": ["x"] * 30_000}, "has too many entries"),
        ("nothing-like-it", "there is no such shipped scenario"),
        ("title: half a letter \ud800", "is not UTF-8"),
    ):
        with pytest.raises(sim.BadInputError, match=message):
            sim.load_scenario(odd)


def test_what_else_is_asked_for_wrongly_is_said() -> None:
    result = sim.run(CALM, figures=False)
    assert not (result.save("results") / "report.html").exists()
    with pytest.raises(ValueError, match="no figure 'heatmap'; did you mean `heat_map`"):
        result.figure("heatmap")
    with pytest.raises(ValueError, match="no size 'a4'; one of: full, half, slide"):
        result.figure("heat_map", "a4")
    with pytest.raises(sim.NoFigureError, match="no figure of the queue of licence cases: "):
        result.figure("licence_queue")
    with pytest.raises(KeyError, match="there is no table 'user'"):
        result.records["user"]
    for wrong in ({"seed": -1}, {"seed": 1.5}, {"jobs": 0}):
        with pytest.raises(ValueError, match="is a whole number from"):
            sim.run(CALM, **wrong)  # type: ignore[arg-type]
    with pytest.raises(sim.RunFolderError, match="not the folder of a finished run"):
        sim.open_run("results")


def test_one_world_alone_is_the_one_of_the_run(both: tuple[sim.Result, Path]) -> None:
    phases = set[str]()
    alone = sim.simulate(TEXT, progress=lambda phase, done: phases.add(phase))
    assert phases == {"scenario"}
    use, kept = alone.use, both[0].records["use"]
    assert use["consumed_t"].round(9).tolist() == pytest.approx(kept["consumed_t"].tolist())
    calm = sim.simulate(TEXT, reference=True).use
    anyway = calm["demand_t"].sum() - calm["consumed_t"].sum()
    headline = both[0].headline.set_index("id")["value"]
    assert anyway == pytest.approx(headline["world_reference"], abs=1e-6)
    assert use["demand_t"].sum() - use["consumed_t"].sum() == pytest.approx(
        headline["world_shortfall"]
    )


def loaded_by(code: str) -> str:
    """What a fresh Python has loaded of what is heavy, after some code."""
    heavy = ("numpy", "pandas", "matplotlib", "simpy", "pydantic", "yaml", "sim.scenario")
    report = f"\nimport sys; print(*(m for m in {heavy!r} if m in sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code + report], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_what_is_offered_is_loaded_when_it_is_asked_for_under_both_names() -> None:
    assert loaded_by("import sim, critmin; dir(sim); sim.__all__; critmin.BadInputError") == ""
    assert (
        loaded_by("import critmin; critmin.load_scenario('baseline')")
        == "pydantic yaml sim.scenario"
    )
    assert set(sim.__all__) <= set(dir(sim)) & set(dir(critmin))
    for name in sim.__all__:
        assert getattr(sim, name) is getattr(critmin, name)
    for module in (sim, critmin):
        with pytest.raises(AttributeError, match="no attribute 'runn'"):
            _ = module.runn


def test_the_notebook_runs_from_its_first_cell_to_its_last(tmp_path: Path) -> None:
    notebook = json.loads(read(ROOT / "docs" / "notebook.ipynb"))
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in cells)
    code = "\n".join("".join(cell["source"]) for cell in cells)
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert list(tmp_path.glob("results/*/*/report.html"))
