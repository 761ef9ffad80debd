"""Help before the mistake: lists to copy from, a scenario to start with, the schema for editors."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from sim.commands.cli import critmin, folded, main
from sim.guide import starter
from sim.guide.lists import LISTS, REMARK
from sim.guide.schema import FILE_NAME
from sim.guide.starter import MODELINE, start_scenario
from sim.lever import StrictModel
from sim.levers import KINDS
from sim.scenario import load, shipped_folder, shipped_names
from sim.scenario.behaviour import MODELS
from sim.system.files import WriteError
from sim.words.problems import BadInputError
from sim.world import load_pack
from tests.once import READS_SCENARIOS, lines_kept, packs_kept, schema_text_of

TOY = str(Path(__file__).parents[1] / "packs" / "toy_mineral")
HEAD = "starts: 2025-01-01\nends: 2040-01-01\n"


@pytest.fixture(autouse=True, scope="module")
def one_pack() -> Iterator[None]:
    """Reading a pack once is enough, and so is making its lists and its schema: it is frozen."""
    with pytest.MonkeyPatch.context() as patch:
        packs_kept(patch, *READS_SCENARIOS, "sim.guide.lists", "sim.guide.starter")
        lines_kept(patch)
        for module in ("sim.guide.schema", "sim.guide.starter"):
            patch.setattr(f"{module}.schema_text", schema_text_of)
        yield


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def said(*arguments: str) -> str:
    done = CliRunner().invoke(critmin, list(arguments), catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "Traceback" not in captured.err
    return captured.err


# --- critmin list


@pytest.mark.parametrize("pack", ["rare_earths_2024", TOY])
@pytest.mark.parametrize("what", LISTS)
def test_every_list_is_plain_lines_that_can_be_searched(what: str, pack: str) -> None:
    lines = said("list", what, "--pack", pack).splitlines()
    assert any(line and not line.startswith(REMARK) for line in lines)
    if what != "levers":
        assert all(re.match(r"# |[\w.-]+: .", line) for line in lines)


def test_lists_hold_every_name_of_the_pack() -> None:
    world = load_pack("rare_earths_2024")
    for what, names in (
        ("sites", world.sites), ("countries", world.countries), ("forms", [f.id for f in world.forms]),
        ("elements", [*(e.symbol for e in world.elements), *world.groups]),
        ("scenarios", shipped_names()),
    ):  # fmt: skip
        listed = [line.split(":")[0] for line in said("list", what).splitlines()]
        assert listed[: len(names)] == list(names)


def test_what_a_list_says_to_write_is_accepted(folder: Path) -> None:
    bans, changes = [], []
    for what in (what for what in LISTS if what != "levers"):
        text = said("list", what)
        changes += re.findall(r"^# under `changes`: (\{.*\}) \(in .*\)$", text, re.MULTILINE)
        ban = r"^# in `export_ban`.*: ((?:elements|forms|destinations): .*)$"
        bans += re.findall(ban, text, re.MULTILINE)
    text = HEAD + "restrictions:\n"
    for number, setting in enumerate(bans):
        text += f"  - id: b{number}\n    kind: export_ban\n    exporter: CHN\n    {setting}\n"
        text += "    starts: 2026-01-01\n    reason: x\n"
    text += "changes:\n" + "".join(f"  - {change}\n" for change in changes)
    Path("copied.yaml").write_text(text, encoding="utf-8")
    scenario = load("copied.yaml")
    assert len(scenario.restrictions) == len(bans) >= 3
    assert len(scenario.changes) == len(changes) >= 5


def test_rules_are_listed_with_all_their_settings_and_what_to_write_is_accepted(
    folder: Path,
) -> None:
    text = said("list", "rules")
    settings = {key for rule, model in MODELS.items() for key in [rule, *_keys(rule, model)]}
    assert {line.split(":")[0] for line in text.splitlines() if line[0] != "#"} == settings
    written = re.findall(r"behaviour: .*$", text, re.MULTILINE)
    assert len(written) == 2
    for block in written:
        Path("copied.yaml").write_text(f"{HEAD}{block}\n", encoding="utf-8")
        assert load("copied.yaml").behaviour.market is None


def _keys(rule: str, model: type[StrictModel]) -> list[str]:
    return [f"{rule}.{key}" for key in model.model_fields]


@pytest.mark.parametrize("kind", [kind for kinds in KINDS.values() for kind in kinds])
def test_the_block_that_a_lever_shows_can_be_copied_and_checked(folder: Path, kind: str) -> None:
    lines = said("list", "levers", kind).splitlines()
    assert lines[0].startswith(f"{kind} (")
    settings = {line.split(": ")[0] for line in lines if line.startswith(f"{kind}.")}
    heading = next(heading for heading, kinds in KINDS.items() if kind in kinds)
    model = KINDS[heading][kind]
    keys = {field.alias or name for name, field in model.model_fields.items()} - {"kind"}
    assert settings == {f"{kind}.{key}" for key in keys}
    block = lines[lines.index(f"# {kind} in a scenario:") + 1 :]
    Path("copied.yaml").write_text(HEAD + "\n".join(block) + "\n", encoding="utf-8")
    scenario = load("copied.yaml")
    assert [lever.kind for lever in scenario.levers] == [kind]
    # By itself a plant of Central Asia has no feed and their corridor no goods; the warnings say so.
    known = ("makes nothing, since its feed", "nothing in this scenario goes by `trans_caspian`")
    assert not [w for w in scenario.warnings if not any(words in w.message for words in known)]


def test_settings_show_units_defaults_and_what_is_needed() -> None:
    lines = said("list", "levers", "export_quota").splitlines()
    (amount,) = [line for line in lines if line.startswith("export_quota.amount:")]
    assert "t, kt, Mt per d, wk, month, yr" in amount
    assert "; needed." in amount
    (period,) = [line for line in lines if line.startswith("export_quota.period:")]
    assert "if left out: `quarter`" in period


def test_a_list_can_be_narrowed(capsys: pytest.CaptureFixture[str]) -> None:
    assert said("list", "sites", "KAZ").splitlines() == [
        line for line in said("list", "sites").splitlines()
        if "kaz" in line.casefold() and not line.startswith(REMARK)
    ]  # fmt: skip
    assert "`nowhere` is not among the sites" in refused(capsys, "list", "sites", "nowhere")
    assert "did you mean `export_ban`?" in refused(capsys, "list", "levers", "export_bann")


def test_a_narrow_terminal_cuts_no_name() -> None:
    for what in ("sites", "levers"):
        for line in said("list", what).splitlines():
            shown = folded(line, 60)
            assert shown.split() == line.split()
            assert all(len(row) <= 60 or " " not in row.strip() for row in shown.splitlines())
    assert folded("a long line " * 20, 0) == "a long line " * 20


# --- critmin new


@pytest.mark.parametrize("source", shipped_names())
def test_a_start_validates_as_it_is_and_keeps_every_line_of_its_source(
    folder: Path, source: str
) -> None:
    assert said("new", "mine", "--from", source).splitlines() == ["mine.yaml"]
    mine, other = load("mine.yaml"), load(source)
    assert mine.title != other.title
    assert other.title in mine.title
    assert mine.levers == other.levers
    assert (mine.starts, mine.ends, mine.notes) == (other.starts, other.ends, other.notes)
    text = Path("mine.yaml").read_text(encoding="utf-8")
    lines = (shipped_folder() / f"{source}.yaml").read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if not line.startswith("title:")]
    assert [line for line in kept if line not in text.splitlines()] == []
    assert text.startswith(f"{MODELINE}\n")
    assert text.count("yaml-language-server") == 1
    assert json.loads(Path(FILE_NAME).read_text(encoding="utf-8"))["title"] == "critmin scenario"


@pytest.mark.parametrize(
    "title",
    ["title: >\n  A title\n  over lines\n", "title: 'quoted: \"x\"'  # a remark\n", "", "title: A: b\n",
     "title: |\n  A title\n\n"],
)  # fmt: skip
def test_a_source_of_ones_own_may_write_its_title_in_any_way(folder: Path, title: str) -> None:
    title = title.replace("A: b", '"A: b"')
    Path("own.yml").write_text(f"# mine\n{title}starts: 2025-01-01\nends: 2026-01-01\n", "utf-8")
    path, _ = start_scenario("copy", "own.yml", folder)
    old, new = load("own.yml"), load(str(path))
    assert new.title == f"copy, begun from: {' '.join(old.title.split())}"
    text = path.read_text(encoding="utf-8")
    assert text.endswith("starts: 2025-01-01\nends: 2026-01-01\n")
    assert "# mine\n" in text
    assert ("# a remark" in text) == ("# a remark" in title)


def test_a_start_in_braces_stays_one(folder: Path) -> None:
    Path("own.yaml").write_text("{starts: 2025-01-01, ends: 2026-01-01}\n", encoding="utf-8")
    path, _ = start_scenario("copy", "own.yaml", folder)
    assert load(str(path)).title == "copy, begun from: own"


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_line_breaks_are_those_of_the_system(
    folder: Path, monkeypatch: pytest.MonkeyPatch, ends: str
) -> None:
    source = "title: x\r\nstarts: 2025-01-01\r\nends: 2026-01-01\r\n"
    Path("own.yaml").write_bytes(source.encode("utf-16"))
    monkeypatch.setattr(os, "linesep", ends)
    path, _ = start_scenario("copy", "own.yaml", folder)
    content = path.read_bytes()
    assert content.count(b"\n") == content.count(ends.encode())
    assert b"\r\r" not in content
    assert load(str(path)).ends.year == 2026


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("con", "Windows keeps"), ("NUL.yaml", "Windows keeps"), ("com1.draft", "Windows keeps"),
        ("lpt9", "Windows keeps"), ("a/b", "`/`"), ("a\\b", "`/`"), ("..\\b", "`/`"), (" a", "space"),
        ("a ", "space"), ("", "empty"), (".yaml", "empty"), ("a:b", "one of"), ("a?", "one of"),
        (".hidden", "begins with `.`"), ("a.", "ends with `.`"), ("x" * 200, "200 letters"),
        ("baseline", "shipped scenario"), ("a\nb", "one of"), ("a\udcff", "one of"),
    ],
)  # fmt: skip
def test_a_bad_name_is_refused_and_nothing_is_written(
    folder: Path, capsys: pytest.CaptureFixture[str], name: str, message: str
) -> None:
    assert message in refused(capsys, "new", name, "--from", "baseline")
    assert list(folder.iterdir()) == []


def test_names_that_are_fine(folder: Path) -> None:
    for name in ("my ban", "Übung", "con-trol", "v1.2", "nullification"):
        path, _ = start_scenario(name, "baseline", folder)
        assert path.name == f"{name}.yaml"


def test_nothing_is_overwritten(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("mine.yaml").write_text("precious", encoding="utf-8")
    assert "already a file `mine.yaml`" in refused(capsys, "new", "mine", "--from", "baseline")
    assert Path("mine.yaml").read_text(encoding="utf-8") == "precious"
    Path(FILE_NAME).write_text("{}", encoding="utf-8")
    _, remarks = start_scenario("other", "baseline", folder)
    assert "another version" in remarks[0]
    assert Path(FILE_NAME).read_text(encoding="utf-8") == "{}"


def test_an_unknown_or_faulty_source_writes_nothing(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "did you mean `baseline`" in refused(capsys, "new", "mine", "--from", "basline")
    assert "--from" in refused(capsys, "new", "mine")
    Path("bad.yaml").write_text("starts: 2025-01-01\nends: 2024-01-01\n", encoding="utf-8")
    assert "bad.yaml:2:7:" in refused(capsys, "new", "mine", "--from", "bad.yaml")
    assert [path.name for path in folder.iterdir()] == ["bad.yaml"]


def test_a_folder_that_cannot_be_written_to_is_one_message(folder: Path) -> None:
    with pytest.raises(WriteError, match="the folder it belongs into is not there") as stopped:
        start_scenario("mine", "baseline", folder / "gone")
    assert stopped.value.exit_code == 2


def test_what_was_written_is_taken_back_when_the_rest_fails(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(starter, "schema_text", full)
    with pytest.raises(OSError, match="No space"):
        start_scenario("mine", "baseline", folder)
    assert list(folder.iterdir()) == []


def test_a_copy_that_would_lose_the_file_it_extends_is_refused(folder: Path) -> None:
    Path("sub").mkdir()
    Path("sub", "parent.yaml").write_text(HEAD, encoding="utf-8")
    Path("sub", "child.yaml").write_text("extends: parent.yaml\n", encoding="utf-8")
    with pytest.raises(BadInputError):
        start_scenario("mine", "sub/child.yaml", folder)
    assert [path.name for path in folder.iterdir()] == ["sub"]
    path, _ = start_scenario("mine", "sub/child.yaml", Path("sub"))
    assert load(str(path)).ends.year == 2040


# --- critmin schema


def test_the_schema_goes_to_standard_output_or_into_a_file(folder: Path) -> None:
    printed = said("schema")
    assert printed == (shipped_folder() / FILE_NAME).read_text(encoding="utf-8")
    assert said("schema", "--out", "s.json").splitlines() == ["s.json"]
    assert Path("s.json").read_bytes() == printed.encode()
    assert "toy_mineral" in said("schema", "--pack", TOY)
