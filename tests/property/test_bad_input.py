"""Whatever is done to a scenario or a pack, it is read or refused in plain words, in place and at once.

Each case follows from its number alone: a file is taken and a few edits are made to it. Of a case that
fails the edits that do not matter are dropped again, and what is left is shown.
"""

from __future__ import annotations

import random
import re
import shutil
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from sim.scenario import Scenario, load, shipped_folder, shipped_names
from sim.words.problems import BadInputError, Problem, render
from sim.world import load_pack
from tests.once import READS_SCENARIOS, packs_kept

SCENARIOS, PACKS = 5_000, 1_000
SECONDS = 5.0
"""Of computing that one file may take; a usual one takes a hundredth of a second."""
TOY = Path(__file__).parents[1] / "packs" / "toy_mineral"

OUR_OWN_WORDS = re.compile(
    r"\b(str|int|float|bool|dict|tuple|NoneType|None|True|False|pydantic|yaml\.|Traceback|\w+Error|"
    r"Errno|validat\w+|input should|instance|mapping|sequence|token|scalar|stream|parser|codec|"
    r"nan|inf|utf-8|__\w+|object has no|expected)\b|<class|Node\(|Place\(|at 0x"
)
"""Words of Python and its libraries that a message may not hold outside of a quotation."""

KEYS = (
    "title", "extends", "pack", "starts", "ends", "review", "seed", "restrictions", "measures",
    "shocks", "changes", "id", "kind", "exporter", "destinations", "elements", "forms", "phases",
    "from", "phase", "amount", "each", "period", "office", "approve", "refuse", "value", "source",
    "reason", "site", "capacity", "ramp", "success", "sells_to", "fed_by", "can_separate", "table",
    "parameter", "unit", "remove", "notes", "corridor", "leg", "transit", "stockpile", "trigger",
    "release", "floor", "refill", "size", "replications", "<<", "", "~", "1", "true",
)  # fmt: skip
VALUES = (
    "", "~", "true", "no", "0", "-1", "1e999", "12,5 t", "30.000 t/yr", "1 200 t", "1200 t/yr",
    "-3 %", "40 %", "130 %", "nan", ".inf", "[]", "{}", "[1, [2]]", "{a: {b: c}}", "2025-02-30",
    "2026-01-01", "9999-12-31", "China", "CHN", "Dy", "[Dy, Dy]", "magnet", "export_ban",
    "export_licence", "capacity_ramp_up", "china-quota-half", "../x.yaml", "in_force", "paused",
    "45 working days", "trans_caspian", "stockpile_jpn", "2", "\u00b2", "60 d",
    "0 d", "1e9 d", "clock", "all", "sep_sareco", "hub_turkmenbashi", "'", '"',
    '"a\\0b"', '"\\x1b[2J"', "\u4e2d\u6587", "e\u0301", "x" * 300, "&a x", "*a", "!!x y", "|", ">",
    "- - - a", "? a", "#", "%", "@", "`", "a: b: c",
)  # fmt: skip
SNIPPETS = (
    b"\t", b"\xc2\xa0", b"\xe2\x80\x8b", b"\xe2\x80\xae", b"\xe2\x80\xa8", b"\xc2\x85", b"\xef\xbb\xbf",
    b"\x00", b"\x1b[31m", b"\xff", b"\xe9", b"\r", b"\r\n", b"\n", b"---\n", b"...\n", b"%YAML 1.1\n",
    b"[", b"]", b"{", b"}", b"[" * 60, b"'", b'"', b": ", b"- ", b",", b";", b"#", b"&a ", b"*a ", b"!!x ",
    b"<<: ", b"\xf0\x9f\x91\xa9\xe2\x80\x8d", b"\xe4\xb8\xad", b"\\", b"|\n", b">\n",
)  # fmt: skip

OWN = b"""\
extends: china-quota-half
restrictions:
  - {id: half_quota, remove: true}
  - id: licence
    kind: export_licence
    exporter: CHN
    elements: [Dy, NdPr, Y]
    office: {reviewers: 12, cases_per_week: 2 each}
    approve: 80 %
    return: 15 %
    refuse: 5 %
    phases:
      - {phase: announced, from: 2026-01-01}
      - {phase: in_force, from: 2026-03-01, source: a paper}
      - {phase: eased, from: 2027-03-01, review: 30 working days}
      - {phase: ended, from: 2028-01-01}
    reason: An example.
measures:
  - {id: plant, kind: capacity_ramp_up, site: sep_sareco, first_output: 2027-01-01, reason: x,
     capacity: 1200 t/yr, success: 50 %, sells_to: {EU: 60 %, USA: 40 %}, can_separate: [Dy]}
  - {id: pile, kind: stockpile_release, stockpile: stockpile_jpn, trigger: 30 d, size: 60 d,
     floor: 20 %, release: 500 t/yr, starts: 2026-01-01, reason: x}
  - {id: port, kind: corridor_capacity, corridor: trans_caspian, leg: 1, transit: 5 d,
     capacity: 30 kt/yr, starts: 2026-01-01, reason: x}
shocks:
  - {id: sea, kind: corridor_closure, corridor: trans_caspian, leg: 2, in_transit: hold, reason: x,
     phases: [{phase: in_force, from: 2026-01-01}, {phase: ended, from: 2026-06-01}]}
changes:
  - {table: sites, id: sep_sareco, parameter: recovery, value: 92 %, reason: An example.}
"""
SHIPPED = [shipped_folder() / f"{name}.yaml" for name in shipped_names()]
TEXTS = [*(path.read_bytes() for path in SHIPPED), OWN]
A_KEY = re.compile(rb"[\w-]+(?=: |:$)", re.MULTILINE)
A_VALUE = re.compile(
    rb"(?<=: )[^\s,{}\[\]][^\n,{}\[\]]*|[\w.-]+(?=[,\]])|(?<=: )[\[{].*[\]}]$", re.MULTILINE
)
TAKEN = sorted(
    {word.decode() for text in TEXTS for word in A_VALUE.findall(text) if len(word) < 60}
)
"""Values that are right in some other place."""

Edit = Callable[[bytes], bytes]


@dataclass(frozen=True)
class Case:
    """A file before and the edits that are made to it."""

    text: bytes
    edits: Sequence[Edit]

    def edited(self) -> bytes:
        text = self.text
        for edit in self.edits:
            text = edit(text)
        return text

    def without(self, number: int) -> Case:
        return Case(self.text, [edit for i, edit in enumerate(self.edits) if i != number])


# ---- edits; each draws what it needs when it is made, so that it does the same on any text


def on_bytes(draw: random.Random) -> Edit:
    at, length, piece = draw.random(), draw.choice((0, 0, 1, 3, 30)), draw.choice(SNIPPETS)
    noise = bytes(draw.randrange(256) for _ in range(draw.randrange(4)))

    def edit(text: bytes) -> bytes:
        start = int(at * len(text))
        return text[:start] + (noise or piece) + text[start + length :]

    return edit


def on_lines(draw: random.Random) -> Edit:
    what, start, goal, count = draw.randrange(4), draw.random(), draw.random(), draw.randint(1, 12)
    steps, blank = draw.randint(-4, 4), draw.choice((b" ", b" ", b" ", b"\t", b"\xc2\xa0"))

    def edit(text: bytes) -> bytes:
        lines = text.split(b"\n")
        first, to = int(start * len(lines)), int(goal * len(lines))
        block = lines[first : first + count]
        if what == 0:
            del lines[first : first + count]
        elif what == 1:
            lines[to:to] = block
        elif what == 2:
            del lines[first : first + count]
            lines[to:to] = block
        else:
            moved = [blank * steps + line if steps > 0 else line[-steps:] for line in block]
            lines[first : first + count] = moved
        return b"\n".join(lines)

    return edit


def on_a_word(draw: random.Random) -> Edit:
    """Another key, a key with a letter missing, or another value; the file stays a YAML file."""
    at, another, letter = draw.random(), draw.random(), draw.random()
    key, value = draw.choice(KEYS).encode(), draw.choice((*VALUES, *TAKEN)).encode()
    of_keys = another < 0.3

    def edit(text: bytes) -> bytes:
        words = list((A_KEY if of_keys else A_VALUE).finditer(text))
        if not words:
            return text
        start, end = words[int(at * len(words))].span()
        cut = start + int(letter * (end - start))
        if of_keys and another < 0.15:
            return text[:cut] + text[cut + 1 :]
        return text[:start] + (key if of_keys else value) + text[end:]

    return edit


def on_cells(draw: random.Random) -> Edit:
    """Another cell of a table, or one too many, or one too few."""
    at, cell, what = draw.random(), draw.random(), draw.random()
    other_line, value = (
        draw.random(),
        draw.choice((*VALUES[:24], "0.5", "1e5", "zzz", "1;2", "=1+1")),
    )

    def edit(text: bytes) -> bytes:
        lines = text.split(b"\n")
        number = int(at * len(lines))
        cells = lines[number].split(b",")
        position = int(cell * len(cells))
        if what < 0.4:
            cells[position] = value.encode()
        elif what < 0.8:  # what stands elsewhere in the table, perhaps in another column
            others = lines[int(other_line * len(lines))].split(b",")
            cells[position] = others[min(position, len(others) - 1)]
        elif what < 0.9:
            cells.insert(position, value.encode())
        else:
            del cells[position]
        lines[number] = b",".join(cells)
        return b"\n".join(lines)

    return edit


def another_encoding(draw: random.Random) -> Edit:
    encoding = draw.choice(("utf-16", "utf-8-sig", "latin-1", "utf-16-le", "utf-32", "crlf"))

    def edit(text: bytes) -> bytes:
        if encoding == "crlf":
            return text.replace(b"\n", b"\r\n")
        return text.decode("utf-8", "replace").encode(encoding, "replace")

    return edit


def block_from(texts: Sequence[bytes]) -> Callable[[random.Random], Edit]:
    """A piece of another file."""

    def make(draw: random.Random) -> Edit:
        lines = draw.choice(texts).split(b"\n")
        start, goal = draw.randrange(len(lines)), draw.random()
        block = lines[start : start + draw.randint(1, 15)]

        def edit(text: bytes) -> bytes:
            own = text.split(b"\n")
            to = int(goal * len(own))
            own[to:to] = block
            return b"\n".join(own)

        return edit

    return make


def case_of(number: int, texts: Sequence[bytes], kinds: Sequence[Callable[..., Edit]]) -> Case:
    draw = random.Random(number)
    text = draw.choice(texts)
    return Case(text, [draw.choice(kinds)(draw) for _ in range(draw.choice((1, 1, 1, 2, 3, 5)))])


# ---- what must hold


def complaint(read: Callable[[], object], name: str, also: Iterable[Path] = ()) -> str:
    """What is wrong with how a file was read or refused; empty if nothing."""
    began = time.process_time()
    try:
        done = read()
        found = list(done.warnings) if isinstance(done, Scenario) else []
    except BadInputError as error:
        found = list(error.problems)
        if not found:
            return "refused without a word"
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    if time.process_time() - began > SECONDS:
        return f"took {time.process_time() - began:.0f} s"
    allowed = {name, *(str(path) for path in also)}
    said = next((text for problem in found if (text := wrong_with(problem, allowed))), "")
    spots = [(p.place.file, p.place.line, p.place.column, p.message) for p in found]
    return said or ("said twice" if len(set(spots)) < len(spots) else "")


def wrong_with(problem: Problem, files: set[str]) -> str:
    ours = re.sub(r"`[^`]*`|one of: .*", "", f"{problem.message} {problem.help}")
    if OUR_OWN_WORDS.search(ours):
        return f"speaks Python: {problem}"
    if not problem.message or not problem.help:
        return f"has no help: {problem}"
    place = problem.place
    if place.file not in files:
        return f"is in no file: {problem}"
    if place.line:
        lines = lines_of(Path(place.file))
        if not 1 <= place.line <= len(lines):
            return f"stands behind the file: {problem}"
        if place.text != lines[place.line - 1]:
            return f"shows another line: {problem}"
        if not 1 <= place.column <= len(place.text) + 1:
            return f"stands behind the line: {problem}"
    shown = render(problem)
    if any(letter < " " and letter not in "\n\t" for letter in shown):
        return f"sends control characters to the terminal: {problem}"
    return ""


def lines_of(path: Path) -> list[str]:
    content = path.read_bytes()
    wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    text = content.decode("utf-16" if wide else "utf-8-sig", "replace")
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def shrunk(case: Case, fails: Callable[[Case], str]) -> Case:
    """The same failure with as few edits as possible."""
    for number in reversed(range(len(case.edits))):
        smaller = case.without(number)
        if fails(smaller):
            case = smaller
    return case


def check(
    numbers: Iterable[int], make: Callable[[int], Case], fails: Callable[[Case], str]
) -> None:
    for number in numbers:
        case = make(number)
        if fails(case):
            case = shrunk(case, fails)
            pytest.fail(f"case {number}: {fails(case)}\n{case.edited().decode('utf-8', 'replace')}")


# ---- scenarios

ON_SCENARIOS = (
    on_bytes, on_bytes, on_lines, on_lines, block_from(TEXTS), another_encoding,
    *(on_a_word for _ in range(12)),
)  # fmt: skip


@pytest.fixture(scope="module")
def one_pack() -> Iterable[None]:
    with pytest.MonkeyPatch.context() as patch:
        packs_kept(patch, *READS_SCENARIOS)
        yield


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


BATCHES = 20


@pytest.mark.parametrize("batch", range(BATCHES))
def test_a_mutated_scenario_is_read_or_refused(one_pack: None, folder: Path, batch: int) -> None:
    def fails(case: Case) -> str:
        Path("case.yaml").write_bytes(case.edited())
        return complaint(lambda: load("case.yaml"), "case.yaml", SHIPPED)

    check(range(batch, SCENARIOS, BATCHES), lambda n: case_of(n, TEXTS, ON_SCENARIOS), fails)


# ---- packs

ON_PACKS = (on_bytes, on_lines, on_cells, on_cells, on_cells, on_cells, another_encoding)


@pytest.mark.parametrize("batch", range(4))
def test_a_mutated_pack_is_read_or_refused(tmp_path: Path, batch: int) -> None:
    toy = tmp_path / "toy_mineral"
    shutil.copytree(TOY, toy)
    tables = sorted(path.name for path in TOY.glob("*.csv"))

    def make(number: int) -> Case:
        table = tables[number % len(tables)]
        return case_of(number, [(TOY / table).read_bytes()], ON_PACKS)

    for number in range(batch, PACKS, 4):
        path = toy / tables[number % len(tables)]

        def fails(case: Case, path: Path = path) -> str:
            path.write_bytes(case.edited())
            return complaint(lambda: load_pack(toy), str(toy), toy.glob("*.csv"))

        check([number], make, fails)
        shutil.copy(TOY / path.name, path)
