"""A pack of one's own: which folder a scenario means, and what critmin new makes."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from sim.commands.cli import main
from sim.scenario import load
from sim.words.problems import BadInputError, Problem
from tests.packs_read import TOY, edit

SCENARIO = "pack: {}\nstarts: 2021-01-01\nends: 2022-01-01\n"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(TOY, "my_mineral")
    shutil.copytree(TOY, "packs/deeper")
    return tmp_path


def loaded(pack: str, file: str = "own.yaml") -> dict[str, object]:
    """What the resolved scenario says of the pack."""
    Path(file).write_text(SCENARIO.format(pack), encoding="utf-8")
    return dict(load(file).resolved["pack"])


def refused(pack: str) -> Problem:
    Path("own.yaml").write_text(SCENARIO.format(pack), encoding="utf-8")
    with pytest.raises(BadInputError) as caught:
        load("own.yaml")
    assert len(caught.value.problems) == 1
    return caught.value.problems[0]


def test_a_folder_beside_the_scenario_is_found_from_wherever_one_stands(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for written in ("./my_mineral", "./my_mineral/", ".\\my_mineral", "./my_mineral/pack.csv"):
        said = loaded(written)
        assert (said["id"], said["folder"]) == ("my_mineral", "./my_mineral"), written
    assert loaded("packs\\deeper")["folder"] == "./packs/deeper"
    Path("child.yaml").write_text("extends: own.yaml\ntitle: Child\n", encoding="utf-8")
    child = load("child.yaml")
    (home / "elsewhere").mkdir()
    monkeypatch.chdir(home / "elsewhere")
    again = load(str(home / "child.yaml"))
    assert again.resolved == child.resolved
    assert again.pack_files == child.pack_files
    assert set(again.pack_files) == {f"packs/deeper/{path.name}" for path in TOY.glob("*.csv")}


@pytest.mark.parametrize(
    ("written", "message", "help"),
    [
        ("./my_minerals", "no folder `my_minerals` beside this file", "did you mean `./my_mineral`?"),
        ("./lost", "no folder `lost` beside this file", "critmin new my_mineral --pack toy_mineral"),
        ("./packs", "the folder `packs` beside this file is not a pack", "`./packs/deeper`"),
        ("./own.yaml", "is a file, not the folder of a pack", "`./my_mineral`"),
        ("my_mineral", "unknown pack `my_mineral`", "write `./my_mineral`"),
        ("rare_earth_2024", "unknown pack", "did you mean `rare_earths_2024`?"),
        ("../my_mineral", "leads out of the folder of this file", "copy the folder"),
        ("/somewhere/my_mineral", "a path of this machine alone", "write `./my_mineral`"),
        ("C:\\data\\my_mineral", "a path of this machine alone", "write `./my_mineral`"),
        (".", "the folder of this file itself", "into a folder beside it"),
        ("''", "this text is empty", "write something"),
    ],
)  # fmt: skip
def test_a_folder_that_cannot_be_the_pack_is_named_with_what_could_be(
    home: Path, written: str, message: str, help: str
) -> None:
    problem = refused(written)
    assert message in problem.message
    assert help in problem.help
    assert (problem.place.line, problem.place.column) == (1, 7)


def test_a_link_leads_to_no_pack_elsewhere(
    home: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    try:
        Path("linked").symlink_to(tmp_path_factory.getbasetemp(), target_is_directory=True)
    except OSError:
        pytest.skip("this system makes no links")
    shutil.copytree(TOY, tmp_path_factory.getbasetemp() / "outside")
    assert "a link that leads out" in refused("./linked/outside").message


def test_a_copy_does_not_pass_for_the_pack_that_comes_with_the_program(home: Path) -> None:
    shutil.move("my_mineral", "rare_earths_2024")
    assert "comes with the program" in refused("./rare_earths_2024").message


def test_faults_of_pack_and_scenario_are_said_together(home: Path) -> None:
    edit(home / "my_mineral", "stockpiles", "stock,25,", "stock,~25,")
    text = SCENARIO.format("./my_mineral").replace("starts: 2021-01-01", "starts: tomorrow")
    Path("own.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(BadInputError) as caught:
        load("own.yaml")
    places = [problem.place.file for problem in caught.value.problems]
    assert places == [str(Path("my_mineral", "stockpiles.csv")), "own.yaml"]


def test_what_a_pack_leaves_out_is_said_once_by_check(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    covers = Path("my_mineral", "covers.csv")
    lines = covers.read_text(encoding="utf-8").splitlines(keepends=True)
    covers.write_text(
        "".join(line for line in lines if not line.startswith("coil_b,ingot,,")), encoding="utf-8"
    )
    loaded("./my_mineral", "one.yaml")
    loaded("./my_mineral", "other.yaml")
    main_of("check", "one.yaml", "other.yaml")
    said = capsys.readouterr()
    assert said.out == "one.yaml: ok\nother.yaml: ok\n"
    place = Path("my_mineral", "flows.csv")
    assert said.err.startswith(
        f"{place}:16:11: warning: no cover for ingot at `coil_b` in covers.csv"
    )
    assert said.err.count("warning") == 1


def test_new_copies_a_pack_whole_or_not_at_all(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main_of("new", "mine", "--pack", "toy_mineral")
    assert capsys.readouterr().out == "mine\n"
    for path in TOY.glob("*.csv"):
        assert (home / "mine" / path.name).read_bytes() == path.read_bytes()
    main_of("new", "again", "--pack", "./my_mineral")
    for words, message in (
        (("mine", "--pack", "toy_mineral"), "already something called `mine`"),
        (("rare_earths_2024", "--pack", "toy_mineral"), "comes with the program"),
        (("a/b", "--pack", "toy_mineral"), "cannot be the name of a pack"),
        (("x", "--pack", "toy_minerals"), "did you mean `toy_mineral`?"),
        (("x", "--pack", "./nowhere"), "no pack `./nowhere`"),
        (("x", "--pack", "toy_mineral", "--from", "baseline"), "one of --from SCENARIO and --pack"),
        (("x",), "one of --from SCENARIO and --pack"),
    ):
        assert main_of("new", *words) == 2, words
        assert message in capsys.readouterr().err, words
    edit(home / "my_mineral", "stockpiles", "stock,25,", "stock,~25,")
    assert main_of("new", "x", "--pack", "./my_mineral") == 2
    assert not list(home.glob("x*")) + list(home.glob(".partial*"))


def main_of(*words: str) -> int:
    try:
        main(words)
    except SystemExit as stopped:
        return int(stopped.code or 0)
    return 0
